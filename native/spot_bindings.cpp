// The boundary to Python of spots: check shapes, release the interpreter lock, call.
#include "binding_results.hpp"
#include "scale_space.hpp"
#include "spot_alignment.hpp"
#include "spot_support.hpp"

#include <nanobind/stl/pair.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

using lookalike::binding::hand_over;
using lookalike::binding::Made;
namespace nb = nanobind;

namespace {

using PlaneArray = nb::ndarray<const std::uint8_t, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
using PlacesArray = nb::ndarray<const std::int32_t, nb::shape<-1, 3>, nb::c_contig, nb::device::cpu>;
using PartPlaces = nb::ndarray<const float, nb::shape<-1, 3>, nb::c_contig, nb::device::cpu>;
using PartCodes = nb::ndarray<const std::uint64_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using WordsArray = nb::ndarray<const std::uint64_t, nb::shape<-1, 1>, nb::c_contig, nb::device::cpu>;
using PackedPlaces = nb::ndarray<const std::uint32_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using OwnersArray = nb::ndarray<const std::int64_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using HypothesesArray = nb::ndarray<const std::int64_t, nb::shape<-1, 2>, nb::c_contig, nb::device::cpu>;

constexpr std::size_t rows_ahead = 8;  // fetched from memory before they are read
constexpr std::size_t longest_side = 1 << 14;  // places in 1/16 pixel stay far below 2^31

class BoundScaleSpace {
  public:
    BoundScaleSpace(const PlaneArray& plane, std::size_t octaves) {
        const lookalike::Plane view{plane.data(), plane.shape(0), plane.shape(1)};
        if (view.rows < 1 || view.columns < 1 || view.rows > longest_side || view.columns > longest_side ||
            octaves < 1 || octaves > 8) {
            throw std::invalid_argument("a plane of 1 to 16384 pixels a side and 1 to 8 octaves are needed");
        }
        const nb::gil_scoped_release released;
        space_.emplace(view, octaves);
    }

    Made<std::int32_t> spots(std::size_t most, std::size_t in_middle, std::size_t candidates,
                             std::int32_t margin_percent, std::int32_t least_response) const {
        std::vector<lookalike::Spot> found;
        {
            const nb::gil_scoped_release released;
            found = space_->find_spots({most, in_middle, candidates, margin_percent, least_response});
        }
        auto result = std::make_unique_for_overwrite<std::int32_t[]>(found.size() * 4);
        for (std::size_t number = 0; number < found.size(); ++number) {
            result[4 * number] = found[number].x;
            result[4 * number + 1] = found[number].y;
            result[4 * number + 2] = found[number].scale;
            result[4 * number + 3] = found[number].response;
        }
        return hand_over(std::move(result), {found.size(), 4});
    }

    Made<std::uint64_t> codes(const PlacesArray& places) const {
        const std::size_t number = places.shape(0);
        auto result = std::make_unique_for_overwrite<std::uint64_t[]>(number);
        {
            const nb::gil_scoped_release released;
            const std::int32_t* place = places.data();
            for (std::size_t at = 0; at < number; ++at, place += 3) {
                result[at] = space_->describe(place[0], place[1], place[2]);
            }
        }
        return hand_over(std::move(result), {number});
    }

    const lookalike::ScaleSpace* space() const { return &*space_; }

  private:
    std::optional<lookalike::ScaleSpace> space_;
};

std::vector<lookalike::Part> parts_of(const PartPlaces& places, const PartCodes& codes) {
    if (places.shape(0) != codes.shape(0)) {
        throw std::invalid_argument(std::to_string(places.shape(0)) + " places and " + std::to_string(codes.shape(0)) +
                                    " codes came; each part has one of both");
    }
    std::vector<lookalike::Part> parts(codes.shape(0));
    for (std::size_t at = 0; at < parts.size(); ++at) {
        const float* place = places.data() + 3 * at;
        parts[at] = {place[0], place[1], place[2], codes.data()[at]};
    }
    return parts;
}

// For each hypothesis (part of the query, row of a part held): how well the others of its picture agree, and the first and
// the end of that picture's rows.
Made<std::int64_t> weigh_support(const PartPlaces& query_places, const PartCodes& query_codes, const WordsArray& words,
                                 const PackedPlaces& places, const OwnersArray& owners,
                                 const HypothesesArray& hypotheses, int most_bits) {
    const lookalike::HeldParts held{words.data(), places.data(), owners.data(), words.shape(0)};
    if (places.shape(0) != held.number || owners.shape(0) != held.number) {
        throw std::invalid_argument("each part held has a code, a place and an owner");
    }
    const std::size_t number = hypotheses.shape(0);
    auto result = std::make_unique_for_overwrite<std::int64_t[]>(number * 3);
    {
        const nb::gil_scoped_release released;
        const lookalike::SpotSupport support(parts_of(query_places, query_codes));
        const std::int64_t* numbers = hypotheses.data();
        for (std::size_t at = 0; at < number; ++at, numbers += 2) {
            if (numbers[0] < 0 || numbers[0] >= static_cast<std::int64_t>(query_codes.shape(0)) || numbers[1] < 0 ||
                numbers[1] >= static_cast<std::int64_t>(held.number)) {
                throw std::invalid_argument("hypothesis " + std::to_string(at) + " names parts that didn't come");
            }
            if (at + rows_ahead < number) {
                const std::int64_t later = std::clamp<std::int64_t>(numbers[2 * rows_ahead + 1], 0,
                                                                    static_cast<std::int64_t>(held.number) - 1);
                __builtin_prefetch(held.words + later);
                __builtin_prefetch(held.places + later);
                __builtin_prefetch(held.owners + later);
            }
            const lookalike::Supported weighed = support.weigh(
                held, {static_cast<std::size_t>(numbers[0]), static_cast<std::size_t>(numbers[1])}, most_bits);
            result[3 * at] = weighed.support;
            result[3 * at + 1] = static_cast<std::int64_t>(weighed.begin);
            result[3 * at + 2] = static_cast<std::int64_t>(weighed.end);
        }
    }
    return hand_over(std::move(result), {number, 3});
}

// How a picture lies in the one asked about.
class BoundAligner {
  public:
    BoundAligner(const PartPlaces& places, const PartCodes& codes, const BoundScaleSpace* space, double width,
                 double height, double longer_side)
        : parts_(codes.shape(0)),
          aligner_(parts_of(places, codes),
                   {space == nullptr ? nullptr : space->space(), width, height, longer_side}) {}

    // xx, xy, x0, yx, yy, y0, then the bits by which each part differs.
    std::pair<Made<double>, Made<std::int64_t>> align(std::size_t asked, const PartPlaces& places,
                                                      const PartCodes& codes, std::size_t seed,
                                                      std::uint32_t most_alike, int most_bits) const {
        const std::vector<lookalike::Part> held = parts_of(places, codes);
        if (asked >= parts_ || seed >= held.size()) {
            throw std::invalid_argument("an alignment begins with a part asked and a part held that came");
        }
        const lookalike::Aligned best = [&] {
            const nb::gil_scoped_release released;
            return aligner_.align(asked, held, seed, {most_alike, most_bits});
        }();
        auto laid = std::make_unique_for_overwrite<double[]>(6);
        std::memcpy(laid.get(), &best.laid, sizeof best.laid);
        auto bits = std::make_unique_for_overwrite<std::int64_t[]>(held.size());
        std::copy(best.bits.begin(), best.bits.end(), bits.get());
        return {hand_over(std::move(laid), {6}), hand_over(std::move(bits), {held.size()})};
    }

  private:
    std::size_t parts_;
    lookalike::SpotAligner aligner_;
};

}  // namespace

NB_MODULE(_spots, module) {
    using namespace nb::literals;
    module.doc() = "Spots of grey pictures, their codes and places. See native/scale_space.hpp and spot_support.hpp.";
    nb::class_<BoundScaleSpace>(module, "ScaleSpace")
        .def(nb::init<const PlaneArray&, std::size_t>(), "plane"_a.noconvert(), "octaves"_a)
        .def("spots", &BoundScaleSpace::spots, "most"_a, "in_middle"_a, "candidates"_a, "margin_percent"_a,
             "least_response"_a)
        .def("codes", &BoundScaleSpace::codes, "places"_a.noconvert());
    nb::class_<BoundAligner>(module, "Aligner")
        .def(nb::init<const PartPlaces&, const PartCodes&, const BoundScaleSpace*, double, double, double>(),
             "places"_a.noconvert(), "codes"_a.noconvert(), "space"_a.none(), "width"_a, "height"_a, "longer_side"_a,
             nb::keep_alive<1, 4>())
        .def("align", &BoundAligner::align, "asked"_a, "places"_a.noconvert(), "codes"_a.noconvert(), "seed"_a,
             "most_alike"_a, "most_bits"_a);
    module.def("weigh_support", &weigh_support, "query_places"_a.noconvert(), "query_codes"_a.noconvert(),
               "words"_a.noconvert(), "places"_a.noconvert(), "owners"_a.noconvert(), "hypotheses"_a.noconvert(),
               "most_bits"_a);
}
