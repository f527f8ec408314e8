#include "spot_support.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

namespace lookalike {
namespace {

constexpr float scales_apart = 16.0F;   // steps: sigma differs by less than the root of two
constexpr float sigmas_apart = 1.0F;    // between where a part should be and where it is
constexpr float drift = 0.08F;          // of the way from the part that the hypothesis rests on, whose scale is rough

}  // namespace

SpotSupport::SpotSupport(std::vector<Part> query) : query_(std::move(query)), by_scale_(query_) {
    std::stable_sort(by_scale_.begin(), by_scale_.end(),
                     [](const Part& one, const Part& other) { return one.scale < other.scale; });
}

std::uint32_t SpotSupport::weigh(const std::vector<Part>& held, const Hypothesis& hypothesis, int most_bits) const {
    const Part& asked = query_[hypothesis.query_part];
    const Part& seed = held[hypothesis.held_part];
    const float zoom = std::exp2((asked.scale - seed.scale) / steps_an_octave);
    int support = most_bits - std::popcount(asked.code ^ seed.code);
    for (std::size_t number = hypothesis.begin; number < hypothesis.end; ++number) {
        if (number == hypothesis.held_part) {
            continue;
        }
        const Part& part = held[number];
        const float across = (part.x - seed.x) * zoom;
        const float down = (part.y - seed.y) * zoom;
        const float scale = part.scale + asked.scale - seed.scale;
        const float reach = sigmas_apart * std::exp2(scale / steps_an_octave) + drift * std::hypot(across, down);
        const float x = asked.x + across;
        const float y = asked.y + down;
        const auto first =
            std::lower_bound(by_scale_.begin(), by_scale_.end(), scale - scales_apart,
                             [](const Part& one, float least) { return one.scale < least; });
        int best = 0;
        for (auto other = first; other != by_scale_.end() && other->scale <= scale + scales_apart; ++other) {
            if (std::abs(other->x - x) <= reach && std::abs(other->y - y) <= reach) {
                best = std::max(best, most_bits - std::popcount(other->code ^ part.code));
            }
        }
        support += best;
    }
    return static_cast<std::uint32_t>(std::max(support, 0));
}

}  // namespace lookalike
