// The inner loop, written once over `Lanes`: what a processor offers for 64-bit words side by side.
//
// Each level's file defines its own Lanes in an anonymous namespace, so that code compiled for one processor is never
// linked into another level. For the same reason nothing here may call an inline function of the standard library.
//
// Lanes has: count, Vector, zero, load, load_first, add, min, differing, any_at_most, store, count_bits, and
// row_sums<W>(parts): the sums of each W neighbouring words of W vectors, in row order, for W = 2, 4 … count.
#pragma once

#include <cstddef>
#include <cstdint>

namespace lookalike {

template <class Lanes>
std::size_t emit(const std::uint64_t* sums, std::size_t rows, std::size_t first, std::uint32_t limit,
                 std::size_t found, std::uint32_t* positions, std::uint16_t* distances) {
    for (std::size_t row = 0; row < rows; ++row) {
        positions[found] = static_cast<std::uint32_t>(first + row);  // overwritten by the next row where it is too far
        distances[found] = static_cast<std::uint16_t>(sums[row]);
        found += sums[row] <= limit;
    }
    return found;
}

template <class Lanes>
std::size_t collect_tail(const std::uint64_t* codes, std::size_t row, std::size_t rows, std::size_t words,
                         const std::uint64_t* query, std::uint32_t limit, std::size_t found,
                         std::uint32_t* positions, std::uint16_t* distances) {
    for (; row < rows; ++row) {
        std::uint64_t sum = 0;
        for (std::size_t word = 0; word < words; ++word) {
            sum += Lanes::count_bits(codes[row * words + word] ^ query[word]);
        }
        found = emit<Lanes>(&sum, 1, row, limit, found, positions, distances);
    }
    return found;
}

// Codes of W words, W dividing the lanes of a vector: several rows lie in one vector, and W vectors hold `count` rows.
template <class Lanes, std::size_t W>
std::size_t collect_narrow(const std::uint64_t* codes, std::size_t rows, const std::uint64_t* query,
                           std::uint32_t limit, std::uint32_t* positions, std::uint16_t* distances) {
    using Vector = typename Lanes::Vector;
    constexpr std::size_t groups = W >= 4 ? 1 : 4 / W;  // one branch for four vectors: the loads set the pace
    constexpr std::size_t step = groups * Lanes::count;

    std::uint64_t repeated[Lanes::count];
    for (std::size_t lane = 0; lane < Lanes::count; ++lane) {
        repeated[lane] = query[lane % W];
    }
    const Vector pattern = Lanes::load(repeated);

    std::size_t found = 0;
    std::size_t row = 0;
    for (; row + step <= rows; row += step) {
        const std::uint64_t* here = codes + row * W;
        Vector sums[groups];
        for (std::size_t group = 0; group < groups; ++group) {
            Vector parts[W];
            for (std::size_t part = 0; part < W; ++part) {
                parts[part] = Lanes::differing(Lanes::load(here + (group * W + part) * Lanes::count), pattern);
            }
            if constexpr (W == 1) {
                sums[group] = parts[0];
            } else {
                sums[group] = Lanes::template row_sums<W>(parts);
            }
        }
        Vector least = sums[0];
        for (std::size_t group = 1; group < groups; ++group) {
            least = Lanes::min(least, sums[group]);
        }
        if (Lanes::any_at_most(least, limit)) [[unlikely]] {
            std::uint64_t stored[step];
            for (std::size_t group = 0; group < groups; ++group) {
                Lanes::store(stored + group * Lanes::count, sums[group]);
            }
            found = emit<Lanes>(stored, step, row, limit, found, positions, distances);
        }
    }
    return collect_tail<Lanes>(codes, row, rows, W, query, limit, found, positions, distances);
}

// Codes of W words, W small and no less than the lanes: `count` rows side by side, each read to its end, without looking
// in between. Knowing W lets the compiler keep everything in registers.
template <class Lanes, std::size_t W>
std::size_t collect_fixed(const std::uint64_t* codes, std::size_t rows, const std::uint64_t* query,
                          std::uint32_t limit, std::uint32_t* positions, std::uint16_t* distances) {
    using Vector = typename Lanes::Vector;
    constexpr std::size_t count = Lanes::count;
    constexpr std::size_t strips = W / count;
    constexpr std::size_t rest = W % count;
    Vector parts[strips + 1];
    for (std::size_t strip = 0; strip < strips; ++strip) {
        parts[strip] = Lanes::load(query + strip * count);
    }
    if constexpr (rest != 0) {
        parts[strips] = Lanes::load_first(query + strips * count, rest);
    }
    std::size_t found = 0;
    std::size_t row = 0;
    for (; row + count <= rows; row += count) {
        Vector totals[count];
        for (std::size_t lane = 0; lane < count; ++lane) {
            const std::uint64_t* code = codes + (row + lane) * W;
            totals[lane] = Lanes::differing(Lanes::load(code), parts[0]);
            for (std::size_t strip = 1; strip < strips; ++strip) {
                const Vector differing = Lanes::differing(Lanes::load(code + strip * count), parts[strip]);
                totals[lane] = Lanes::add(totals[lane], differing);
            }
            if constexpr (rest != 0) {
                const Vector last = Lanes::load_first(code + strips * count, rest);
                totals[lane] = Lanes::add(totals[lane], Lanes::differing(last, parts[strips]));
            }
        }
        const Vector sums = Lanes::template row_sums<count>(totals);
        if (Lanes::any_at_most(sums, limit)) [[unlikely]] {
            std::uint64_t stored[count];
            Lanes::store(stored, sums);
            found = emit<Lanes>(stored, count, row, limit, found, positions, distances);
        }
    }
    return collect_tail<Lanes>(codes, row, rows, W, query, limit, found, positions, distances);
}

// Codes of any width: `count` rows side by side, one vector of words at a time.
template <class Lanes>
std::size_t collect_wide(const std::uint64_t* codes, std::size_t rows, std::size_t words, const std::uint64_t* query,
                         std::uint32_t limit, std::uint32_t* positions, std::uint16_t* distances) {
    using Vector = typename Lanes::Vector;
    constexpr std::size_t count = Lanes::count;
    const std::size_t strips = words / count;
    const std::size_t rest = words % count;
    // Unrelated codes differ in half of their bits, 32 a word. Looking whether all rows are already too far pays once
    // that many bits exceed the limit, and not before.
    const std::size_t patience = limit / (32 * count) + 1;

    std::size_t found = 0;
    std::size_t row = 0;
    for (; row + count <= rows; row += count) {
        const std::uint64_t* here = codes + row * words;
        Vector totals[count];
        for (std::size_t lane = 0; lane < count; ++lane) {
            totals[lane] = Lanes::zero();
        }
        bool near = true;
        for (std::size_t strip = 0; near && strip < strips;) {
            const std::size_t until = strips - strip > patience ? strip + patience : strips;
            for (std::size_t lane = 0; lane < count; ++lane) {  // row by row: memory likes to be read in order
                const std::uint64_t* code = here + lane * words;
                Vector total = totals[lane];
                for (std::size_t at = strip; at < until; ++at) {
                    const Vector part = Lanes::load(query + at * count);
                    total = Lanes::add(total, Lanes::differing(Lanes::load(code + at * count), part));
                }
                totals[lane] = total;
            }
            strip = until;
            near = strip == strips || Lanes::any_at_most(Lanes::template row_sums<count>(totals), limit);
        }
        if (!near) {
            continue;
        }
        if (rest != 0) {
            const Vector part = Lanes::load_first(query + strips * count, rest);
            for (std::size_t lane = 0; lane < count; ++lane) {
                const Vector code = Lanes::load_first(here + lane * words + strips * count, rest);
                totals[lane] = Lanes::add(totals[lane], Lanes::differing(code, part));
            }
        }
        const Vector sums = Lanes::template row_sums<count>(totals);
        if (Lanes::any_at_most(sums, limit)) [[unlikely]] {
            std::uint64_t stored[count];
            Lanes::store(stored, sums);
            found = emit<Lanes>(stored, count, row, limit, found, positions, distances);
        }
    }
    return collect_tail<Lanes>(codes, row, rows, words, query, limit, found, positions, distances);
}

template <class Lanes, std::size_t W>
std::size_t collect_words(const std::uint64_t* codes, std::size_t rows, const std::uint64_t* query,
                          std::uint32_t limit, std::uint32_t* positions, std::uint16_t* distances) {
    if constexpr (W < Lanes::count || W == 1) {
        return collect_narrow<Lanes, W>(codes, rows, query, limit, positions, distances);
    } else {
        return collect_fixed<Lanes, W>(codes, rows, query, limit, positions, distances);
    }
}

template <class Lanes>
std::size_t collect(const std::uint64_t* codes, std::size_t rows, std::size_t words, const std::uint64_t* query,
                    std::uint32_t limit, std::uint32_t* positions, std::uint16_t* distances) {
    switch (words) {
        case 1:
            return collect_words<Lanes, 1>(codes, rows, query, limit, positions, distances);
        case 2:
            return collect_words<Lanes, 2>(codes, rows, query, limit, positions, distances);
        case 4:
            return collect_words<Lanes, 4>(codes, rows, query, limit, positions, distances);
        case 8:
            return collect_words<Lanes, 8>(codes, rows, query, limit, positions, distances);
        case 10:  // the last words of 16, code_tails.hpp
            return collect_words<Lanes, 10>(codes, rows, query, limit, positions, distances);
        case 16:
            return collect_words<Lanes, 16>(codes, rows, query, limit, positions, distances);
        default:
            return collect_wide<Lanes>(codes, rows, words, query, limit, positions, distances);
    }
}

}  // namespace lookalike
