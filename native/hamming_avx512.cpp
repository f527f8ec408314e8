// Eight words side by side; bits are counted by VPOPCNTQ (Intel Ice Lake 2019, AMD Zen 4 2022 and later).
#include "collect.hpp"
#include "levels.hpp"
#include "meet.hpp"

#include <immintrin.h>

namespace lookalike {
namespace {

struct Lanes {
    static constexpr std::size_t count = 8;
    using Vector = __m512i;

    static Vector zero() { return _mm512_setzero_si512(); }
    static Vector load(const std::uint64_t* words) { return _mm512_loadu_si512(words); }

    static Vector load_first(const std::uint64_t* words, std::size_t number) {
        return _mm512_maskz_loadu_epi64(static_cast<__mmask8>((1U << number) - 1U), words);
    }

    static Vector add(Vector left, Vector right) { return _mm512_add_epi64(left, right); }
    static Vector min(Vector left, Vector right) { return _mm512_min_epu64(left, right); }

    static Vector differing(Vector left, Vector right) { return _mm512_popcnt_epi64(_mm512_xor_si512(left, right)); }

    static bool any_at_most(Vector sums, std::uint32_t limit) {
        return _mm512_cmple_epu64_mask(sums, _mm512_set1_epi64(static_cast<long long>(limit))) != 0;
    }

    static void store(std::uint64_t* words, Vector sums) { _mm512_storeu_si512(words, sums); }
    static std::uint64_t count_bits(std::uint64_t word) { return static_cast<std::uint64_t>(_mm_popcnt_u64(word)); }

    // [a0+a1, b0+b1, a2+a3, b2+b3, a4+a5, b4+b5, a6+a7, b6+b7]
    static Vector neighbours(Vector a, Vector b) {
        return add(_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b));
    }

    // Sums of two neighbouring 128-bit lanes: those of a in the lower half, those of b in the upper half.
    static Vector neighbour_lanes(Vector a, Vector b) {
        return add(_mm512_shuffle_i64x2(a, b, _MM_SHUFFLE(2, 0, 2, 0)),
                   _mm512_shuffle_i64x2(a, b, _MM_SHUFFLE(3, 1, 3, 1)));
    }

    template <std::size_t W>
    static Vector row_sums(const Vector* parts) {
        const Vector first = neighbours(parts[0], parts[1]);
        if constexpr (W == 2) {  // rows 0 4 1 5 2 6 3 7
            return _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7), first);
        } else if constexpr (W == 4) {  // rows 0 2 1 3 4 6 5 7
            const Vector sums = neighbour_lanes(first, neighbours(parts[2], parts[3]));
            return _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 2, 1, 3, 4, 6, 5, 7), sums);
        } else {  // each half row in a lane of its own, then both halves
            const Vector lower = neighbour_lanes(first, neighbours(parts[2], parts[3]));
            const Vector upper =
                neighbour_lanes(neighbours(parts[4], parts[5]), neighbours(parts[6], parts[7]));
            return neighbour_lanes(lower, upper);
        }
    }
};

}  // namespace

LOOKALIKE_COLLECT(collect_avx512) { return collect<Lanes>(codes, rows, words, query, limit, positions, distances); }
LOOKALIKE_MEET(meet_avx512) { return meet<Lanes>(left, right, words, limit, found); }

}  // namespace lookalike
