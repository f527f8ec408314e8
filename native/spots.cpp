// Spots of a scale space: extrema of differences of neighbouring blurs, in place and in scale, the clearest spread out.
#include "scale_space.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>

namespace lookalike {
namespace {

constexpr std::int64_t edge_ratio = 10;  // of the curvatures along and across; Lowe's section 4.1
constexpr std::int64_t half_patch = 6;   // sigmas
constexpr std::int32_t in_middle_percent = 30;  // of half a patch; a query describes spots that so much is shown of

using Values = std::vector<std::int16_t>;

Values difference(const std::vector<std::uint16_t>& wide, const std::vector<std::uint16_t>& narrow) {
    Values result(wide.size());
    for (std::size_t at = 0; at < wide.size(); ++at) {
        result[at] = static_cast<std::int16_t>(wide[at] - narrow[at]);
    }
    return result;
}

// Whether *centre* beats the nine values around *at*, ties going to what comes first.
template <bool Highest>
bool beats(const Values& values, std::size_t columns, std::size_t at, std::int16_t centre, int layer) {
    for (int down = -1; down <= 1; ++down) {
        const std::int16_t* row = values.data() + at + static_cast<std::ptrdiff_t>(columns) * down;
        for (int across = -1; across <= 1; ++across) {
            const int turn = layer * 9 + down * 3 + across;
            if (turn == 0) {
                continue;
            }
            const std::int16_t other = row[across];
            if (Highest ? (turn < 0 ? other >= centre : other > centre) : (turn < 0 ? other <= centre : other < centre)) {
                return false;
            }
        }
    }
    return true;
}

// *part* of *whole* in sixteenths, between minus a half and a half, rounded to the nearest.
std::int32_t sixteenths(std::int64_t part, std::int64_t whole) {
    if (whole == 0) {
        return 0;
    }
    if (whole < 0) {
        part = -part;
        whole = -whole;
    }
    const std::int64_t doubled = part * 32 + whole;
    const std::int64_t rounded = doubled >= 0 ? doubled / (2 * whole) : -((2 * whole - 1 - doubled) / (2 * whole));
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(rounded, -8, 8));
}

struct Layers {
    const Values& below;
    const Values& here;
    const Values& above;
};

// Adds the spot at *row*, *column* unless it is an edge.
void refine(const Layers& layers, const Octave& octave, std::size_t row, std::size_t column, std::size_t number,
            std::size_t layer, std::vector<Spot>& spots) {
    const std::size_t at = row * octave.columns + column;
    const std::int16_t* here = layers.here.data() + at;
    const auto stride = static_cast<std::ptrdiff_t>(octave.columns);
    const std::int64_t centre = here[0];
    const std::int64_t bend_across = here[1] + here[-1] - 2 * centre;
    const std::int64_t bend_down = here[stride] + here[-stride] - 2 * centre;
    const std::int64_t twist_four = here[stride + 1] + here[-stride - 1] - here[1 - stride] - here[stride - 1];
    const std::int64_t determinant_16 = 16 * bend_across * bend_down - twist_four * twist_four;
    const std::int64_t trace = bend_across + bend_down;
    if (determinant_16 <= 0 ||
        16 * trace * trace * edge_ratio >= (edge_ratio + 1) * (edge_ratio + 1) * determinant_16) {
        return;
    }
    const std::int32_t x = sixteenths(here[-1] - here[1], 2 * bend_across);
    const std::int32_t y = sixteenths(here[-stride] - here[stride], 2 * bend_down);
    const std::int64_t below = layers.below[at];
    const std::int64_t above = layers.above[at];
    const std::int32_t scale = sixteenths(below - above, 2 * (below + above - 2 * centre));
    const std::int32_t pixel = 1 << number;
    spots.push_back({(static_cast<std::int32_t>(column) * 16 + x) * pixel,
                     (static_cast<std::int32_t>(row) * 16 + y) * pixel,
                     static_cast<std::int32_t>(32 * number + 16 * layer) + 8 + scale,
                     static_cast<std::int32_t>(std::abs(centre))});
}

void find_in_octave(const Octave& octave, std::size_t number, std::int32_t least, std::vector<Spot>& spots) {
    std::array<Values, levels_an_octave - 1> differences;
    for (std::size_t layer = 0; layer < differences.size(); ++layer) {
        differences[layer] = difference(octave.levels[layer + 1], octave.levels[layer]);
    }
    for (std::size_t layer = 1; layer + 1 < differences.size(); ++layer) {
        const Layers layers{differences[layer - 1], differences[layer], differences[layer + 1]};
        for (std::size_t row = 1; row + 1 < octave.rows; ++row) {
            for (std::size_t column = 1; column + 1 < octave.columns; ++column) {
                const std::size_t at = row * octave.columns + column;
                const std::int16_t* here = layers.here.data() + at;
                const std::int16_t centre = here[0];
                // Nearly all pixels end here, at their neighbours in the row.
                if ((centre > 0 ? (here[-1] >= centre) | (here[1] > centre)
                                : (here[-1] <= centre) | (here[1] < centre)) ||
                    std::abs(centre) <= least) {
                    continue;
                }
                const bool stands_out =
                    centre > 0 ? beats<true>(layers.here, octave.columns, at, centre, 0) &&
                                     beats<true>(layers.below, octave.columns, at, centre, -1) &&
                                     beats<true>(layers.above, octave.columns, at, centre, 1)
                               : beats<false>(layers.here, octave.columns, at, centre, 0) &&
                                     beats<false>(layers.below, octave.columns, at, centre, -1) &&
                                     beats<false>(layers.above, octave.columns, at, centre, 1);
                if (stands_out) {
                    refine(layers, octave, row, column, number, layer, spots);
                }
            }
        }
    }
}

// In the order of how far they are from a clearly stronger one, the farthest first: M. Brown, R. Szeliski, S. Winder,
// "Multi-Image Matching using Multi-Scale Oriented Patches", CVPR 2005, section 3.
std::vector<Spot> spread_out(const std::vector<Spot>& strongest) {
    std::vector<std::pair<std::int64_t, std::size_t>> freedoms;
    for (std::size_t one = 0; one < strongest.size(); ++one) {
        std::int64_t freedom = std::numeric_limits<std::int64_t>::max();
        for (std::size_t other = 0; other < one; ++other) {
            if (strongest[other].response * 9 > strongest[one].response * 10) {
                const std::int64_t across = strongest[other].x - strongest[one].x;
                const std::int64_t down = strongest[other].y - strongest[one].y;
                freedom = std::min(freedom, across * across + down * down);
            }
        }
        freedoms.emplace_back(freedom, one);
    }
    std::stable_sort(freedoms.begin(), freedoms.end(),
                     [](const auto& one, const auto& other) { return one.first > other.first; });
    std::vector<Spot> kept;
    kept.reserve(freedoms.size());
    for (const auto& [freedom, number] : freedoms) {
        kept.push_back(strongest[number]);
    }
    return kept;
}

// Whether *share_percent* of half a patch around a spot lies between *begin* and *end*, in 1/16 pixel, along one axis.
bool lies_between(std::int32_t place, std::int64_t begin, std::int64_t end, const Spot& spot, std::int32_t share_percent) {
    // sigma is in 1/1024 pixel
    const std::int64_t margin = half_patch * sigma_of(spot.scale) * share_percent / 6400;
    return place > begin + margin && place < end - margin;
}

}  // namespace

std::vector<Spot> ScaleSpace::find_spots(const Choice& choice) const {
    std::vector<Spot> spots;
    for (std::size_t number = 0; number < octaves_.size(); ++number) {
        find_in_octave(octaves_[number], number, choice.least_response, spots);
    }
    const auto width = static_cast<std::int64_t>(octaves_[0].columns) * 16;
    const auto height = static_cast<std::int64_t>(octaves_[0].rows) * 16;
    std::erase_if(spots, [&](const Spot& spot) {
        return !lies_between(spot.x, 0, width, spot, choice.margin_percent) ||
               !lies_between(spot.y, 0, height, spot, choice.margin_percent);
    });
    std::stable_sort(spots.begin(), spots.end(),
                     [](const Spot& one, const Spot& other) { return one.response > other.response; });
    if (spots.size() > choice.candidates) {
        spots.resize(choice.candidates);
    }
    spots = spread_out(spots);
    // Wherever a crop to half of the sides lies, it shows some of the middle.
    std::vector<Spot> kept;
    std::vector<Spot> others;
    for (const Spot& spot : spots) {
        const bool in_middle = lies_between(spot.x, width / 4, width - width / 4, spot, in_middle_percent) &&
                               lies_between(spot.y, height / 4, height - height / 4, spot, in_middle_percent);
        (in_middle && kept.size() < choice.in_middle ? kept : others).push_back(spot);
    }
    kept.insert(kept.end(), others.begin(), others.end());
    if (kept.size() > choice.most) {
        kept.resize(choice.most);
    }
    return kept;
}

}  // namespace lookalike
