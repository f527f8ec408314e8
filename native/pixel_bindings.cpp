// The boundary to Python: check shapes, release the interpreter lock, call.
#include "band_sums.hpp"
#include "binding_results.hpp"
#include "pixel_survey.hpp"
#include "pixels.hpp"

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/tuple.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

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

void check_boxes(const lookalike::Plane& plane, std::size_t box_rows, std::size_t box_columns) {
    if (box_rows < 1 || box_columns < 1 || box_rows > plane.rows || box_columns > plane.columns ||
        box_rows * box_columns >= std::size_t{1} << 24) {
        throw std::invalid_argument("boxes of " + std::to_string(box_rows) + " x " + std::to_string(box_columns) +
                                    " pixels came; they must lie in the plane and hold 1 to 16,777,215 pixels");
    }
}

Made<std::uint8_t> average_boxes(const PlaneArray& array, std::size_t box_rows, std::size_t box_columns) {
    const lookalike::Plane plane = view(array);
    check_boxes(plane, box_rows, box_columns);
    const std::size_t rows = (plane.rows + box_rows - 1) / box_rows;
    const std::size_t columns = (plane.columns + box_columns - 1) / box_columns;
    auto result = std::make_unique_for_overwrite<std::uint8_t[]>(rows * columns);
    {
        const nb::gil_scoped_release released;
        lookalike::average_boxes(plane, box_rows, box_columns, result.get());
    }
    return hand_over(std::move(result), {rows, columns});
}

// The small picture, and the bends in it.
nb::tuple average_cells(const PlaneArray& array, std::size_t box_rows, std::size_t box_columns,
                        const NumbersArray& across_starts, const NumbersArray& across_counts,
                        const WeightsArray& across_weights, const NumbersArray& down_starts,
                        const NumbersArray& down_counts, const WeightsArray& down_weights, bool down_first) {
    const lookalike::Plane plane = view(array);
    check_boxes(plane, box_rows, box_columns);
    const lookalike::Cells cells{box_rows, box_columns, view(across_starts, across_counts, across_weights),
                                 view(down_starts, down_counts, down_weights), down_first};
    check((plane.columns + box_columns - 1) / box_columns, cells.across);
    check((plane.rows + box_rows - 1) / box_rows, cells.down);
    const std::size_t rows = cells.down.outputs;
    const std::size_t columns = cells.across.outputs;
    auto result = std::make_unique_for_overwrite<std::uint8_t[]>(rows * columns);
    std::uint64_t bends = 0;
    {
        const nb::gil_scoped_release released;
        lookalike::average_cells(plane, cells, result.get());
        bends = lookalike::count_bends({result.get(), rows, columns});
    }
    return nb::make_tuple(hand_over(std::move(result), {rows, columns}), bends);
}

// Taps of one axis, as lookalike.fingerprints.resampling.Taps has them.
using TapsTuple = std::tuple<NumbersArray, NumbersArray, WeightsArray>;

lookalike::Mix view(const TapsTuple& taps) { return view(std::get<0>(taps), std::get<1>(taps), std::get<2>(taps)); }

std::size_t boxes(std::size_t lines, std::size_t box) { return (lines + box - 1) / box; }

void plan_survey(lookalike::SurveyPlan* place, std::size_t rows, std::size_t columns, std::size_t box_rows,
                 std::size_t box_columns, const TapsTuple& across, const TapsTuple& down, bool down_first) {
    check_boxes({nullptr, rows, columns}, box_rows, box_columns);
    check(boxes(columns, box_columns), view(across));
    check(boxes(rows, box_rows), view(down));
    new (place)
        lookalike::SurveyPlan(rows, columns, box_rows, box_columns, view(across), view(down), down_first);
}

void add_thumbnail(lookalike::SurveyPlan& plan, const TapsTuple& across, const TapsTuple& down, bool down_first) {
    check(plan.columns(), view(across));
    check(plan.rows(), view(down));
    plan.add_thumbnail(view(across), view(down), down_first);
}

// (thumbnails, bends, pixels of the commonest tone, of the rarer one)
nb::tuple run_survey(const lookalike::SurveyPlan& plan, const PlaneArray& array, std::size_t side, std::size_t near,
                     std::size_t apart) {
    const lookalike::Plane plane = view(array);
    if (plane.rows != plan.rows() || plane.columns != plan.columns() || side < 1) {
        throw std::invalid_argument("a plane of " + std::to_string(plan.rows()) + " x " +
                                    std::to_string(plan.columns()) + " pixels and a side of at least one are needed");
    }
    lookalike::Survey survey;
    {
        const nb::gil_scoped_release released;
        survey = plan.run(plane.bytes, side, near, apart);
    }
    nb::list thumbnails;
    for (std::size_t at = 0; at < survey.thumbnails.size(); ++at) {
        const std::vector<std::uint8_t>& made = survey.thumbnails[at];
        const lookalike::ThumbnailPlan& shape = plan.thumbnails()[at];
        auto result = std::make_unique_for_overwrite<std::uint8_t[]>(made.size());
        std::copy(made.begin(), made.end(), result.get());
        thumbnails.append(hand_over(std::move(result), {shape.down.starts.size(), shape.across.starts.size()}));
    }
    return nb::make_tuple(thumbnails, survey.bends, survey.tones.common, survey.tones.rarer);
}

std::uint64_t count_bends(const PlaneArray& array) { return lookalike::count_bends(view(array)); }

nb::tuple count_two_tones(const PlaneArray& array, std::size_t side, std::size_t near, std::size_t apart) {
    const lookalike::Plane plane = view(array);
    if (side < 1 || plane.rows < 1 || plane.columns < 1) {
        throw std::invalid_argument("a plane and a side of at least one pixel are needed");
    }
    const lookalike::TwoTones tones = lookalike::count_two_tones(plane, side, near, apart);
    return nb::make_tuple(tones.common, tones.rarer);
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

// Apache Arrow's C data interface (arrow.apache.org/docs/format/CDataInterface.html), by which Pillow shows its pixels.
struct ArrowArray {
    std::int64_t length, null_count, offset, n_buffers, n_children;
    const void** buffers;
    ArrowArray** children;
    ArrowArray* dictionary;
    void (*release)(ArrowArray*);
    void* private_data;
};

// A list of four bytes a pixel. The capsule, which the array keeps, keeps the pixels.
nb::ndarray<nb::numpy, const std::uint8_t> view_pixels(nb::capsule exported, std::size_t height, std::size_t width) {
    const auto* pixels = static_cast<const ArrowArray*>(exported.data("arrow_array"));
    const bool four = pixels != nullptr && pixels->n_children == 1 && pixels->children[0]->n_buffers == 2 &&
                      pixels->children[0]->length == 4 * pixels->length && pixels->offset == 0 &&
                      static_cast<std::size_t>(pixels->length) == height * width;
    if (!four) {
        throw std::invalid_argument("an Arrow array of " + std::to_string(height) + " x " + std::to_string(width) +
                                    " pixels of four bytes was expected");
    }
    const auto* bytes = static_cast<const std::uint8_t*>(pixels->children[0]->buffers[1]);
    return {bytes, {height, width, 4}, exported};
}

using PixelArray = nb::ndarray<const std::uint8_t, nb::shape<-1, -1, 4>, nb::c_contig, nb::device::cpu>;

Made<std::uint64_t> count_stored_colors(const PixelArray& stored) {
    auto counts = std::make_unique<std::uint64_t[]>(lookalike::color_bins);
    {
        const nb::gil_scoped_release released;
        lookalike::count_stored_colors(stored.data(), stored.shape(0) * stored.shape(1), counts.get());
    }
    return hand_over(std::move(counts), {lookalike::color_bins});
}

Made<std::uint8_t> restore_colors(const PixelArray& stored) {
    const std::size_t number = stored.shape(0) * stored.shape(1);
    auto result = std::make_unique_for_overwrite<std::uint8_t[]>(3 * number);
    {
        const nb::gil_scoped_release released;
        lookalike::restore_colors(stored.data(), number, result.get());
    }
    return hand_over(std::move(result), {3, stored.shape(0), stored.shape(1)});
}

Made<std::uint8_t> first_channel(const PixelArray& pixels) {
    const std::size_t number = pixels.shape(0) * pixels.shape(1);
    auto result = std::make_unique_for_overwrite<std::uint8_t[]>(number);
    {
        const nb::gil_scoped_release released;
        lookalike::first_channel(pixels.data(), number, result.get());
    }
    return hand_over(std::move(result), {pixels.shape(0), pixels.shape(1)});
}

Made<float> stored_luminance(const PixelArray& pixels) {
    const std::size_t number = pixels.shape(0) * pixels.shape(1);
    auto result = std::make_unique_for_overwrite<float[]>(number);
    {
        const nb::gil_scoped_release released;
        lookalike::stored_luminance(pixels.data(), number, result.get());
    }
    return hand_over(std::move(result), {pixels.shape(0), pixels.shape(1)});
}

using LuminanceArray = nb::ndarray<const float, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
using SharesArray = nb::ndarray<const double, nb::ndim<2>, nb::c_contig, nb::device::cpu>;

Made<double> sum_bands(const LuminanceArray& luminance, const NumbersArray& starts, const NumbersArray& counts,
                       const NumbersArray& places, const SharesArray& weights) {
    const lookalike::BandSums bands{starts.data(), counts.data(), places.data(), weights.data(), weights.shape(0),
                                    weights.shape(1)};
    if (starts.shape(0) != bands.sums || counts.shape(0) != bands.sums || places.shape(0) != bands.sums) {
        throw std::invalid_argument("each of " + std::to_string(bands.sums) + " sums needs a start, a count, a place");
    }
    std::vector<bool> written(bands.sums);
    for (std::size_t sum = 0; sum < bands.sums; ++sum) {
        const std::int64_t start = bands.starts[sum], count = bands.counts[sum], place = bands.places[sum];
        if (start < 0 || count < 0 || static_cast<std::size_t>(count) > bands.most ||
            static_cast<std::size_t>(start + count) > luminance.shape(0) || place < 0 ||
            static_cast<std::size_t>(place) >= bands.sums || written[static_cast<std::size_t>(place)]) {
            throw std::invalid_argument("sum " + std::to_string(sum) + " reads " + std::to_string(count) +
                                        " rows from " + std::to_string(start) + " to place " + std::to_string(place));
        }
        written[static_cast<std::size_t>(place)] = true;
    }
    const std::size_t columns = luminance.shape(1);
    auto result = std::make_unique_for_overwrite<double[]>(bands.sums * columns);
    {
        const nb::gil_scoped_release released;
        lookalike::sum_bands(luminance.data(), columns, bands, result.get());
    }
    return hand_over(std::move(result), {bands.sums, columns});
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
    module.def("average_cells", &average_cells, "plane"_a.noconvert(), "box_rows"_a, "box_columns"_a,
               "across_starts"_a.noconvert(), "across_counts"_a.noconvert(), "across_weights"_a.noconvert(),
               "down_starts"_a.noconvert(), "down_counts"_a.noconvert(), "down_weights"_a.noconvert(), "down_first"_a);
    nb::class_<lookalike::SurveyPlan>(module, "SurveyPlan")
        .def("__init__", &plan_survey, "rows"_a, "columns"_a, "box_rows"_a, "box_columns"_a, "across"_a, "down"_a,
             "down_first"_a)
        .def("add_thumbnail", &add_thumbnail, "across"_a, "down"_a, "down_first"_a)
        .def("run", &run_survey, "plane"_a.noconvert(), "side"_a, "near"_a, "apart"_a);
    module.def("count_bends", &count_bends, "plane"_a.noconvert());
    module.def("count_two_tones", &count_two_tones, "plane"_a.noconvert(), "side"_a, "near"_a, "apart"_a);
    module.def("view_pixels", &view_pixels, "exported"_a, "height"_a, "width"_a);
    module.def("first_channel", &first_channel, "pixels"_a.noconvert());
    module.def("stored_luminance", &stored_luminance, "pixels"_a.noconvert());
    module.def("sum_bands", &sum_bands, "luminance"_a.noconvert(), "starts"_a.noconvert(), "counts"_a.noconvert(),
               "places"_a.noconvert(), "weights"_a.noconvert());
    module.def("count_stored_colors", &count_stored_colors, "pixels"_a.noconvert());
    module.def("restore_colors", &restore_colors, "stored"_a.noconvert());
    module.def("count_colors", &count_colors, "grey"_a.noconvert(), "red"_a.noconvert(), "green"_a.noconvert(),
               "blue"_a.noconvert());
}
