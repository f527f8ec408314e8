// The boundary to Python: check shapes, release the interpreter lock, call.
#include "binding_results.hpp"
#include "pixels.hpp"

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace nb = nanobind;
using lookalike::binding::hand_over;
using lookalike::binding::Made;

namespace {

using PlaneArray = nb::ndarray<const std::uint8_t, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
using NumbersArray = nb::ndarray<const std::int32_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using WeightsArray = nb::ndarray<const std::int32_t, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
lookalike::Plane view(const PlaneArray& array) { return {array.data(), array.shape(0), array.shape(1)}; }

// *lines* are the rows or columns that outputs read.
void check(std::size_t lines, const lookalike::Mix& mix) {
    for (std::size_t output = 0; output < mix.outputs; ++output) {
        const std::int64_t start = mix.starts[output];
        const std::int64_t count = mix.counts[output];
        if (start < 0 || count < 0 || static_cast<std::size_t>(count) > mix.most ||
            static_cast<std::size_t>(start + count) > lines) {
            throw std::invalid_argument("output " + std::to_string(output) + " reads " + std::to_string(count) +
                                        " lines from " + std::to_string(start) + "; the plane has " +
                                        std::to_string(lines) + ", the weights " + std::to_string(mix.most));
        }
        std::int64_t most = 0;
        for (std::int64_t tap = 0; tap < count; ++tap) {
            const std::int64_t weight = mix.weights[output * mix.most + static_cast<std::size_t>(tap)];
            most += weight < 0 ? -weight : weight;
        }
        if (most * 255 + (1 << lookalike::weight_bits) >= (std::int64_t{1} << 31)) {
            throw std::invalid_argument("the weights of output " + std::to_string(output) + " can exceed 32 bits");
        }
    }
}

lookalike::Mix view(const NumbersArray& starts, const NumbersArray& counts, const WeightsArray& weights) {
    const lookalike::Mix mix{starts.data(), counts.data(), weights.data(), weights.shape(0), weights.shape(1)};
    if (starts.shape(0) != mix.outputs || counts.shape(0) != mix.outputs) {
        throw std::invalid_argument("each of " + std::to_string(mix.outputs) + " outputs needs a start and a count; " +
                                    std::to_string(starts.shape(0)) + " and " + std::to_string(counts.shape(0)) +
                                    " came");
    }
    return mix;
}

Made<std::uint8_t> mix_rows(const PlaneArray& array, const NumbersArray& starts, const NumbersArray& counts,
                            const WeightsArray& weights) {
    const lookalike::Plane plane = view(array);
    const lookalike::Mix mix = view(starts, counts, weights);
    auto result = std::make_unique_for_overwrite<std::uint8_t[]>(mix.outputs * plane.columns);
    {
        const nb::gil_scoped_release released;
        check(plane.rows, mix);
        lookalike::mix_rows(plane, mix, result.get());
    }
    return hand_over(std::move(result), {mix.outputs, plane.columns});
}

Made<std::uint8_t> mix_columns(const PlaneArray& array, const NumbersArray& starts, const NumbersArray& counts,
                               const WeightsArray& weights) {
    const lookalike::Plane plane = view(array);
    const lookalike::Mix mix = view(starts, counts, weights);
    auto result = std::make_unique_for_overwrite<std::uint8_t[]>(plane.rows * mix.outputs);
    {
        const nb::gil_scoped_release released;
        check(plane.columns, mix);
        lookalike::mix_columns(plane, mix, result.get());
    }
    return hand_over(std::move(result), {plane.rows, mix.outputs});
}

Made<std::uint8_t> average_boxes(const PlaneArray& array, std::size_t box_rows, std::size_t box_columns) {
    const lookalike::Plane plane = view(array);
    if (box_rows < 1 || box_columns < 1 || box_rows > plane.rows || box_columns > plane.columns ||
        box_rows * box_columns >= std::size_t{1} << 24) {
        throw std::invalid_argument("boxes of " + std::to_string(box_rows) + " x " + std::to_string(box_columns) +
                                    " pixels came; they must lie in the plane and hold 1 to 16,777,215 pixels");
    }
    const std::size_t rows = (plane.rows + box_rows - 1) / box_rows;
    const std::size_t columns = (plane.columns + box_columns - 1) / box_columns;
    auto result = std::make_unique_for_overwrite<std::uint8_t[]>(rows * columns);
    {
        const nb::gil_scoped_release released;
        lookalike::average_boxes(plane, box_rows, box_columns, result.get());
    }
    return hand_over(std::move(result), {rows, columns});
}

std::uint64_t count_bends(const PlaneArray& array) { return lookalike::count_bends(view(array)); }

Made<std::uint64_t> sample_levels(const PlaneArray& array, std::size_t side) {
    const lookalike::Plane plane = view(array);
    if (side < 1 || plane.rows < 1 || plane.columns < 1) {
        throw std::invalid_argument("a plane and a side of at least one pixel are needed");
    }
    auto counts = std::make_unique<std::uint64_t[]>(256);
    lookalike::sample_levels(plane, side, counts.get());
    return hand_over(std::move(counts), {256});
}

Made<std::uint64_t> count_colors(const PlaneArray& grey, const PlaneArray& red, const PlaneArray& green,
                                 const PlaneArray& blue, bool stored) {
    for (const PlaneArray* channel : {&red, &green, &blue}) {
        if (channel->shape(0) != grey.shape(0) || channel->shape(1) != grey.shape(1)) {
            throw std::invalid_argument("grey, red, green and blue must be planes of one size");
        }
    }
    auto counts = std::make_unique<std::uint64_t[]>(lookalike::color_bins);
    {
        const nb::gil_scoped_release released;
        lookalike::count_colors(
            {grey.data(), red.data(), green.data(), blue.data(), grey.shape(0) * grey.shape(1), stored},
            counts.get());
    }
    return hand_over(std::move(counts), {lookalike::color_bins});
}

}  // namespace

NB_MODULE(_pixels, module) {
    using namespace nb::literals;
    module.doc() = "Pillow's resampling arithmetic and imagehash's colour classes. See native/pixels.hpp.";
    module.def("mix_rows", &mix_rows, "plane"_a.noconvert(), "starts"_a.noconvert(), "counts"_a.noconvert(),
               "weights"_a.noconvert());
    module.def("mix_columns", &mix_columns, "plane"_a.noconvert(), "starts"_a.noconvert(), "counts"_a.noconvert(),
               "weights"_a.noconvert());
    module.def("average_boxes", &average_boxes, "plane"_a.noconvert(), "box_rows"_a, "box_columns"_a);
    module.def("count_bends", &count_bends, "plane"_a.noconvert());
    module.def("sample_levels", &sample_levels, "plane"_a.noconvert(), "side"_a);
    module.def("count_colors", &count_colors, "grey"_a.noconvert(), "red"_a.noconvert(), "green"_a.noconvert(),
               "blue"_a.noconvert(), "stored"_a = false);
}
