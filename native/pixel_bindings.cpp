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

Made<std::uint8_t> transpose(const PlaneArray& array) {
    const lookalike::Plane plane = view(array);
    auto result = std::make_unique_for_overwrite<std::uint8_t[]>(plane.rows * plane.columns);
    {
        const nb::gil_scoped_release released;
        lookalike::transpose(plane, result.get());
    }
    return hand_over(std::move(result), {plane.columns, plane.rows});
}

void check(const lookalike::Plane& plane, const lookalike::Mix& mix) {
    for (std::size_t output = 0; output < mix.outputs; ++output) {
        const std::int64_t start = mix.starts[output];
        const std::int64_t count = mix.counts[output];
        if (start < 0 || count < 0 || static_cast<std::size_t>(count) > mix.most ||
            static_cast<std::size_t>(start + count) > plane.rows) {
            throw std::invalid_argument("output " + std::to_string(output) + " reads " + std::to_string(count) +
                                        " rows from " + std::to_string(start) + "; the plane has " +
                                        std::to_string(plane.rows) + " rows, the weights " + std::to_string(mix.most));
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

Made<std::uint8_t> mix_rows(const PlaneArray& array, const NumbersArray& starts, const NumbersArray& counts,
                            const WeightsArray& weights) {
    const lookalike::Plane plane = view(array);
    const lookalike::Mix mix{starts.data(), counts.data(), weights.data(), weights.shape(0), weights.shape(1)};
    if (starts.shape(0) != mix.outputs || counts.shape(0) != mix.outputs) {
        throw std::invalid_argument("each of " + std::to_string(mix.outputs) + " outputs needs a start and a count; " +
                                    std::to_string(starts.shape(0)) + " and " + std::to_string(counts.shape(0)) +
                                    " came");
    }
    auto result = std::make_unique_for_overwrite<std::uint8_t[]>(mix.outputs * plane.columns);
    {
        const nb::gil_scoped_release released;
        check(plane, mix);
        lookalike::mix_rows(plane, mix, result.get());
    }
    return hand_over(std::move(result), {mix.outputs, plane.columns});
}

Made<std::uint64_t> count_colors(const PlaneArray& grey, const PlaneArray& red, const PlaneArray& green,
                                 const PlaneArray& blue) {
    for (const PlaneArray* channel : {&red, &green, &blue}) {
        if (channel->shape(0) != grey.shape(0) || channel->shape(1) != grey.shape(1)) {
            throw std::invalid_argument("grey, red, green and blue must be planes of one size");
        }
    }
    auto counts = std::make_unique<std::uint64_t[]>(lookalike::color_bins);
    {
        const nb::gil_scoped_release released;
        lookalike::count_colors(
            {grey.data(), red.data(), green.data(), blue.data(), grey.shape(0) * grey.shape(1)}, counts.get());
    }
    return hand_over(std::move(counts), {lookalike::color_bins});
}

}  // namespace

NB_MODULE(_pixels, module) {
    using namespace nb::literals;
    module.doc() = "Pillow's resampling arithmetic and imagehash's colour classes. See native/pixels.hpp.";
    module.def("transpose", &transpose, "plane"_a.noconvert());
    module.def("mix_rows", &mix_rows, "plane"_a.noconvert(), "starts"_a.noconvert(), "counts"_a.noconvert(),
               "weights"_a.noconvert());
    module.def("count_colors", &count_colors, "grey"_a.noconvert(), "red"_a.noconvert(), "green"_a.noconvert(),
               "blue"_a.noconvert());
}
