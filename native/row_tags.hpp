// Sixteen bits beside each row of a bucket that say of most rows that they are too far, so that their codes, which lie
// anywhere in memory, needn't be fetched. Bits of a code are folded by XOR: each bit in which two codes differ changes at
// most one bit of the fold, so that folds are never farther apart than the codes.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace lookalike {

using Tag = std::uint16_t;

// Tags are compared four at a time, side by side in a word; so many may be read behind the last one.
inline constexpr std::size_t tags_a_word = 4;

// Random tags are more than this many bits apart nine times in ten; beyond, looking at them saves too little.
inline constexpr std::uint32_t tags_decide_up_to = 5;

// Of the bits outside *mask*, which all rows of a bucket have in common.
inline Tag tag_of(std::uint64_t code, std::uint64_t mask) {
    code &= ~mask;
    code ^= code >> 32;
    return static_cast<Tag>(code ^ (code >> 16));
}

// Calls visit(index) for each of *number* tags at most *limit* bits from *tag*, in any order. Reads up to three tags
// behind the last one. Limits of 16 bits and more let all through.
template <class Visit>
void near_tags(const Tag* tags, std::size_t number, Tag tag, std::uint32_t limit, const Visit& visit) {
    const std::uint64_t pattern = 0x0001000100010001U * tag;
    // Added to a count, its highest bit says that the count is above the limit.
    const std::uint64_t above = 0x0001000100010001U * (0x7fffU - (limit < 16 ? limit : 16));
    for (std::size_t first = 0; first < number; first += tags_a_word) {
        std::uint64_t bits = 0;
        std::memcpy(&bits, tags + first, sizeof bits);
        bits ^= pattern;
        // Side-way addition in four lanes. Source: H. S. Warren, Hacker's Delight, 2nd edition 2012, section 5-1.
        bits -= (bits >> 1) & 0x5555555555555555U;
        bits = (bits & 0x3333333333333333U) + ((bits >> 2) & 0x3333333333333333U);
        bits = (bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0fU;
        bits = (bits + (bits >> 8)) & 0x00ff00ff00ff00ffU;
        std::uint64_t near = ~(bits + above) & 0x8000800080008000U;
        for (; near != 0; near &= near - 1) {
            const std::size_t lane = static_cast<std::size_t>(std::countr_zero(near)) / 16;
            const bool rising = std::endian::native == std::endian::little;
            const std::size_t index = first + (rising ? lane : tags_a_word - 1 - lane);
            if (index < number) {
                visit(index);
            }
        }
    }
}

}  // namespace lookalike
