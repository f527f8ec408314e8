// Where codes are cut, and what follows from it: two codes at most r bits apart, cut into m substrings, agree within
// floor(r / m) bits in one of the first r mod m + 1 substrings, or within one bit less in one of the others.
// Source: M. Norouzi, A. Punjani, D. Fleet, "Fast Exact Search in Hamming Space with Multi-Index Hashing", 2014,
// proposition 2. It holds for any choice of bits, all of them or some: bits that hardly ever differ, as real
// fingerprints have them, are left out, since they would only make buckets uneven.
#pragma once

#include "hamming.hpp"

#include <bit>
#include <vector>

namespace lookalike {

// Wider substrings would need tables larger than what they hold: 2^24 offsets are 64 MiB.
inline constexpr std::size_t widest_substring = 24;

struct Substring {
    std::vector<std::uint32_t> bits;  // bit b is bit b % 64 of word b / 64
    std::vector<std::uint64_t> mask;  // the same bits, for every word of a code

    // Bits in which two codes differ here.
    std::uint32_t distance(const std::uint64_t* left, const std::uint64_t* right) const {
        int sum = 0;
        for (std::size_t word = 0; word < mask.size(); ++word) {
            sum += std::popcount((left[word] ^ right[word]) & mask[word]);
        }
        return static_cast<std::uint32_t>(sum);
    }

    std::uint32_t key(const std::uint64_t* code) const;
    std::size_t buckets() const { return std::size_t{1} << bits.size(); }
};

// How far substring number `place` of `number` must be searched; -1: not at all.
inline int refined_radius(std::uint32_t radius, std::size_t number, std::size_t place) {
    const int whole = static_cast<int>(radius / number);
    return place <= radius % number ? whole : whole - 1;
}

// How many values of `width` bits differ from one in at most `radius` bits.
double values_within(std::size_t width, int radius);

// Calls visit(mask) for every mask of `width` bits with exactly `ones` bits set.
template <class Visit>
void each_mask(std::size_t width, std::size_t ones, const Visit& visit) {
    if (ones > width) {
        return;
    }
    if (ones == 0) {
        visit(std::uint32_t{0});
        return;
    }
    const std::uint64_t end = std::uint64_t{1} << width;
    for (std::uint64_t mask = (std::uint64_t{1} << ones) - 1; mask < end;) {
        visit(static_cast<std::uint32_t>(mask));
        // The next number with as many ones. Source: HAKMEM item 175 (R. W. Gosper), 1972.
        const std::uint64_t lowest = mask & (~mask + 1);
        const std::uint64_t carried = mask + lowest;
        mask = carried | (((mask ^ carried) >> 2) >> std::countr_zero(mask));
    }
}

// The keys of many rows at once: keys[i] is the key of row begin + i.
void keys_of(const Codes& codes, const Substring& substring, std::size_t begin, std::size_t end, std::uint32_t* keys);

// What each bit tells: how many bits of information (0 to 1) there are in whether a row of `left` and one of `right`
// agree in it. Measured on a sample of rows, evenly spread.
std::vector<double> information(const Codes& left, const Codes& right);

// Substrings of the given widths out of the bits that tell most, dealt out in turn, so that neighbouring bits, which
// resemble each other in real fingerprints, come into different substrings.
std::vector<Substring> cut(const std::vector<double>& told, const std::vector<std::size_t>& widths,
                           std::size_t words_per_code);

// Bits that tell enough to be cut.
std::size_t telling_bits(const std::vector<double>& told);

// How to join: the substrings with their radius, and what the join will cost, in comparisons of one word.
struct JoinPlan {
    std::vector<Substring> substrings;  // none: compare everything with everything
    std::vector<int> radii;
    double work = 0;
};

JoinPlan plan_join(const Codes& left, const Codes& right, bool itself, std::uint32_t radius);

// Substrings for an index over `codes`: each about as wide as gives one row a bucket.
std::vector<Substring> plan_index(const Codes& codes);

}  // namespace lookalike
