// The inner loop of the join, written once over `Lanes` as collect.hpp is: every row of a small block against every row
// of another. Buckets hold a dozen rows, so that the tail matters as much as the middle: rows are read in whole vectors,
// beyond the end of the block, and what lies there is left out of the answer.
#pragma once

#include "hamming.hpp"

namespace lookalike {

// What a block is compared with, laid out for whole vectors of rows of W words (0: known only when called).
template <class Lanes, std::size_t W>
struct Facing {
    using Vector = typename Lanes::Vector;
    static constexpr std::size_t count = Lanes::count;
    static constexpr std::size_t strips = W == 0 || W < count ? 1 : W / count;

    Vector parts[strips];
    const std::uint64_t* code;
    std::size_t words;

    Facing(const std::uint64_t* from, std::size_t number) : code(from), words(number) {
        if constexpr (W == 0) {
            parts[0] = Lanes::zero();
        } else if constexpr (W < count) {
            std::uint64_t repeated[count];
            for (std::size_t lane = 0; lane < count; ++lane) {
                repeated[lane] = code[lane % W];
            }
            parts[0] = Lanes::load(repeated);
        } else {
            for (std::size_t strip = 0; strip < strips; ++strip) {
                parts[strip] = Lanes::load(code + strip * count);
            }
        }
    }

    // Distances of `count` rows, in row order.
    Vector distances(const std::uint64_t* rows) const {
        if constexpr (W == 1) {
            return Lanes::differing(Lanes::load(rows), parts[0]);
        } else if constexpr (W != 0 && W < count) {
            Vector sums[W];
            for (std::size_t part = 0; part < W; ++part) {
                sums[part] = Lanes::differing(Lanes::load(rows + part * count), parts[0]);
            }
            return Lanes::template row_sums<W>(sums);
        } else {
            Vector totals[count];
            for (std::size_t lane = 0; lane < count; ++lane) {
                const std::uint64_t* row = rows + lane * words;
                if constexpr (W == 0) {
                    totals[lane] = Lanes::zero();
                    std::size_t word = 0;
                    for (; word + count <= words; word += count) {
                        const Vector other = Lanes::load(code + word);
                        totals[lane] = Lanes::add(totals[lane], Lanes::differing(Lanes::load(row + word), other));
                    }
                    if (word < words) {
                        const Vector other = Lanes::load_first(code + word, words - word);
                        const Vector rest = Lanes::load_first(row + word, words - word);
                        totals[lane] = Lanes::add(totals[lane], Lanes::differing(rest, other));
                    }
                } else {
                    totals[lane] = Lanes::differing(Lanes::load(row), parts[0]);
                    for (std::size_t strip = 1; strip < strips; ++strip) {
                        const Vector differing = Lanes::differing(Lanes::load(row + strip * count), parts[strip]);
                        totals[lane] = Lanes::add(totals[lane], differing);
                    }
                }
            }
            return Lanes::template row_sums<count>(totals);
        }
    }
};

template <class Lanes, std::size_t W>
std::size_t meet_words(const Block& left, const Block& right, std::size_t words, std::uint32_t limit, Meeting* found) {
    using Vector = typename Lanes::Vector;
    constexpr std::size_t count = Lanes::count;
    constexpr std::size_t groups = W == 1 ? 2 : 1;  // two vectors of narrow rows a branch: a bucket is a dozen rows
    static_assert(groups * count <= meet_spare_rows);
    std::size_t number = 0;
    for (std::size_t row = 0; row < left.rows; ++row) {
        const Facing<Lanes, W> facing(left.words + row * words, words);
        for (std::size_t other = 0; other < right.rows; other += groups * count) {
            Vector sums[groups];
            sums[0] = facing.distances(right.words + other * words);
            Vector least = sums[0];
            for (std::size_t group = 1; group < groups; ++group) {
                sums[group] = facing.distances(right.words + (other + group * count) * words);
                least = Lanes::min(least, sums[group]);
            }
            if (Lanes::any_at_most(least, limit)) [[unlikely]] {
                std::uint64_t stored[groups * count];
                for (std::size_t group = 0; group < groups; ++group) {
                    Lanes::store(stored + group * count, sums[group]);
                }
                for (std::size_t lane = 0; lane < groups * count && other + lane < right.rows; ++lane) {
                    found[number] = {static_cast<std::uint16_t>(row), static_cast<std::uint16_t>(other + lane),
                                     static_cast<std::uint16_t>(stored[lane])};
                    number += stored[lane] <= limit;
                }
            }
        }
    }
    return number;
}

template <class Lanes>
std::size_t meet(const Block& left, const Block& right, std::size_t words, std::uint32_t limit, Meeting* found) {
    switch (words) {
        case 1:
            return meet_words<Lanes, 1>(left, right, words, limit, found);
        case 2:
            return meet_words<Lanes, 2>(left, right, words, limit, found);
        case 4:
            return meet_words<Lanes, 4>(left, right, words, limit, found);
        case 8:
            return meet_words<Lanes, 8>(left, right, words, limit, found);
        case 16:
            return meet_words<Lanes, 16>(left, right, words, limit, found);
        default:
            return meet_words<Lanes, 0>(left, right, words, limit, found);
    }
}

}  // namespace lookalike
