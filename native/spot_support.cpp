#include "spot_support.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace lookalike {
namespace {

constexpr float scales_apart = 16.0F;   // steps: sigma differs by less than the root of two
constexpr float sigmas_apart = 1.0F;    // between where a part should be and where it is
constexpr float drift = 0.08F;          // of the way from the part that the hypothesis rests on, whose scale is rough

}  // namespace

Part HeldParts::at(std::size_t row) const {
    const std::uint32_t place = places[row];
    std::uint64_t code = words[row];
    if constexpr (std::endian::native == std::endian::little) {
        code = __builtin_bswap64(code);
    }
    return {static_cast<float>(place >> 20), static_cast<float>(place >> 8 & 0xFFF), static_cast<float>(place & 0xFF),
            code};
}

SpotSupport::Axis::Axis(const std::vector<Part>& parts, float Part::* axis, float least, float step, std::size_t steps)
    : least_(least), step_(step), steps_(steps), words_((parts.size() + 63) / 64), sets_((steps + 1) * words_) {
    for (std::size_t number = 0; number < parts.size(); ++number) {
        for (std::size_t at = 0; at <= steps; ++at) {
            // The last set holds all, the first none: values beyond either end are compared all the same.
            const bool lies_below = at == steps || (at > 0 && parts[number].*axis < least + step * static_cast<float>(at));
            sets_[at * words_ + number / 64] |= std::uint64_t{lies_below} << (number % 64);
        }
    }
}

// The set so many steps ahead of *value*: one further than need be, since rounding may take one.
const std::uint64_t* SpotSupport::Axis::at(float value, float ahead, std::size_t last) const {
    const float place = std::clamp((value - least_) / step_ + ahead, 0.0F, static_cast<float>(last));
    return sets_.data() + static_cast<std::size_t>(place) * words_;
}

SpotSupport::SpotSupport(const std::vector<Part>& query)
    : query_(query),
      words_((query.size() + 63) / 64),
      across_(query, &Part::x, 0.0F, 64.0F, 64),
      down_(query, &Part::y, 0.0F, 64.0F, 64),
      scales_(query, &Part::scale, 0.0F, 4.0F, 100) {}

Supported SpotSupport::weigh(const HeldParts& held, const Hypothesis& hypothesis, int most_bits) const {
    const Part& asked = query_[hypothesis.query_part];
    const Part seed = held.at(hypothesis.row);
    std::size_t begin = hypothesis.row;
    std::size_t end = hypothesis.row + 1;
    while (begin > 0 && held.owners[begin - 1] == held.owners[hypothesis.row]) {
        --begin;
    }
    while (end < held.number && held.owners[end] == held.owners[hypothesis.row]) {
        ++end;
    }
    const float zoom = std::exp2((asked.scale - seed.scale) / steps_an_octave);
    int support = most_bits - std::popcount(asked.code ^ seed.code);
    for (std::size_t row = begin; row < end; ++row) {
        if (row == hypothesis.row) {
            continue;
        }
        const Part part = held.at(row);
        const float across = (part.x - seed.x) * zoom;
        const float down = (part.y - seed.y) * zoom;
        const float scale = part.scale + asked.scale - seed.scale;
        const float reach =
            sigmas_apart * std::exp2(scale / steps_an_octave) + drift * std::sqrt(across * across + down * down);
        const float x = asked.x + across;
        const float y = asked.y + down;
        const std::uint64_t* left = across_.below(x - reach);
        const std::uint64_t* right = across_.up_to(x + reach);
        const std::uint64_t* above = down_.below(y - reach);
        const std::uint64_t* below = down_.up_to(y + reach);
        const std::uint64_t* smaller = scales_.below(scale - scales_apart);
        const std::uint64_t* larger = scales_.up_to(scale + scales_apart);
        int best = 0;
        for (std::size_t word = 0; word < words_; ++word) {
            std::uint64_t near = right[word] & ~left[word] & below[word] & ~above[word] & larger[word] & ~smaller[word];
            for (; near != 0; near &= near - 1) {
                const Part& other = query_[word * 64 + static_cast<std::size_t>(std::countr_zero(near))];
                if (std::abs(other.x - x) <= reach && std::abs(other.y - y) <= reach &&
                    std::abs(other.scale - scale) <= scales_apart) {
                    best = std::max(best, most_bits - std::popcount(other.code ^ part.code));
                }
            }
        }
        support += best;
    }
    return {static_cast<std::uint32_t>(std::max(support, 0)), begin, end};
}

}  // namespace lookalike
