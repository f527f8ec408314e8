// Four words side by side; bits are counted by looking up each half byte in a shuffle.
// Source: W. Muła, N. Kurz, D. Lemire, "Faster Population Counts Using AVX2 Instructions", 2018, arXiv:1611.07612.
#include "collect.hpp"
#include "levels.hpp"
#include "meet.hpp"

#include <immintrin.h>

namespace lookalike {
namespace {

struct Lanes {
    static constexpr std::size_t count = 4;
    using Vector = __m256i;

    static Vector zero() { return _mm256_setzero_si256(); }

    static Vector load(const std::uint64_t* words) {
        return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(words));
    }

    static Vector load_first(const std::uint64_t* words, std::size_t number) {
        const __m256i wanted = _mm256_cmpgt_epi64(_mm256_set1_epi64x(static_cast<long long>(number)),
                                                  _mm256_setr_epi64x(0, 1, 2, 3));
        return _mm256_maskload_epi64(reinterpret_cast<const long long*>(words), wanted);
    }

    static Vector add(Vector left, Vector right) { return _mm256_add_epi64(left, right); }

    // Sums stay below 2^16, so that the lowest quarter of each lane decides and the others are zero.
    static Vector min(Vector left, Vector right) { return _mm256_min_epu16(left, right); }

    static Vector differing(Vector left, Vector right) {
        const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4,  //
                                               0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
        const __m256i low_half = _mm256_set1_epi8(0x0f);
        const __m256i bits = _mm256_xor_si256(left, right);
        const __m256i low = _mm256_shuffle_epi8(table, _mm256_and_si256(bits, low_half));
        const __m256i high = _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(bits, 4), low_half));
        return _mm256_sad_epu8(_mm256_add_epi8(low, high), _mm256_setzero_si256());
    }

    static bool any_at_most(Vector sums, std::uint32_t limit) {
        const __m256i above = _mm256_cmpgt_epi64(sums, _mm256_set1_epi64x(static_cast<long long>(limit)));
        return _mm256_movemask_epi8(above) != -1;
    }

    static void store(std::uint64_t* words, Vector sums) {
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(words), sums);
    }

    static std::uint64_t count_bits(std::uint64_t word) { return static_cast<std::uint64_t>(_mm_popcnt_u64(word)); }

    // [a0+a1, b0+b1, a2+a3, b2+b3]
    static Vector neighbours(Vector a, Vector b) {
        return add(_mm256_unpacklo_epi64(a, b), _mm256_unpackhi_epi64(a, b));
    }

    template <std::size_t W>
    static Vector row_sums(const Vector* parts) {
        const Vector first = neighbours(parts[0], parts[1]);
        if constexpr (W == 2) {
            return _mm256_permute4x64_epi64(first, _MM_SHUFFLE(3, 1, 2, 0));
        } else {
            const Vector second = neighbours(parts[2], parts[3]);
            return add(_mm256_permute2x128_si256(first, second, 0x20), _mm256_permute2x128_si256(first, second, 0x31));
        }
    }
};

// Half of an unrelated code of 256 bits differs by 64 of its 128 bits, with a deviation of 6: up to this limit the first
// half decides about most rows, and counting words one by one is then faster than four at a time.
constexpr std::uint32_t half_decides = 52;

std::size_t collect_four(const std::uint64_t* codes, std::size_t rows, const std::uint64_t* query, std::uint32_t limit,
                         std::uint32_t* positions, std::uint16_t* distances) {
    constexpr std::size_t words = 4;
    constexpr std::size_t step = 4;
    std::size_t found = 0;
    std::size_t row = 0;
    for (; row + step <= rows; row += step) {
        const std::uint64_t* here = codes + row * words;
        std::uint64_t halves[step];
        bool near = false;
        for (std::size_t at = 0; at < step; ++at) {
            halves[at] = Lanes::count_bits(here[at * words] ^ query[0]) +
                         Lanes::count_bits(here[at * words + 1] ^ query[1]);
            near |= halves[at] <= limit;
        }
        if (near) [[unlikely]] {
            for (std::size_t at = 0; at < step; ++at) {
                halves[at] += Lanes::count_bits(here[at * words + 2] ^ query[2]) +
                              Lanes::count_bits(here[at * words + 3] ^ query[3]);
            }
            found = emit<Lanes>(halves, step, row, limit, found, positions, distances);
        }
    }
    return collect_tail<Lanes>(codes, row, rows, words, query, limit, found, positions, distances);
}

struct Halves {
    __m256i low;  // of each byte, one half byte
    __m256i high;
};

Halves halves_of(__m256i bits) {
    const __m256i low_half = _mm256_set1_epi8(0x0f);
    return {_mm256_and_si256(bits, low_half), _mm256_and_si256(_mm256_srli_epi16(bits, 4), low_half)};
}

// The first two words of a query, repeated for each of four rows.
struct ScreenedQuery {
    Halves first;
    Halves second;
    __m256i limit;
};

// All ones in the lanes of the rows whose first half is near enough.
__m256i near_halves(const Halves& first, const Halves& second, const ScreenedQuery& query) {
    const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4,  //
                                           0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
    const auto count = [&](__m256i left, __m256i right) {
        return _mm256_shuffle_epi8(table, _mm256_xor_si256(left, right));
    };
    const __m256i one = _mm256_add_epi8(count(first.low, query.first.low), count(first.high, query.first.high));
    const __m256i two = _mm256_add_epi8(count(second.low, query.second.low), count(second.high, query.second.high));
    return _mm256_cmpgt_epi64(query.limit, _mm256_sad_epu8(_mm256_add_epi8(one, two), _mm256_setzero_si256()));
}

__m256i two_rows(const std::uint64_t* one, const std::uint64_t* other) {
    const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(one));
    return _mm256_inserti128_si256(_mm256_castsi128_si256(low),
                                   _mm_loadu_si128(reinterpret_cast<const __m128i*>(other)), 1);
}

// By their first halves. Rows are cut into half bytes once for all queries.
std::size_t look_at_halves(const std::uint64_t* codes, std::size_t rows, const std::uint64_t* queries,
                           std::size_t number, const std::uint32_t* limits, Suspects* found) {
    ScreenedQuery asked[screened_queries];
    for (std::size_t query = 0; query < number; ++query) {
        const std::uint64_t* words = queries + query * screened_words;
        asked[query] = {halves_of(_mm256_set1_epi64x(static_cast<long long>(words[0]))),
                        halves_of(_mm256_set1_epi64x(static_cast<long long>(words[1]))),
                        _mm256_set1_epi64x(static_cast<long long>(limits[query]) + 1)};
    }
    std::size_t suspects = 0;
    std::size_t row = 0;
    for (; row + screened_rows <= rows; row += screened_rows) {
        const std::uint64_t* here = codes + row * screened_words;
        const __m256i even = two_rows(here, here + 2 * screened_words);
        const __m256i odd = two_rows(here + screened_words, here + 3 * screened_words);
        const Halves first = halves_of(_mm256_unpacklo_epi64(even, odd));
        const Halves second = halves_of(_mm256_unpackhi_epi64(even, odd));
        __m256i any = _mm256_setzero_si256();
        for (std::size_t query = 0; query < number; ++query) {
            any = _mm256_or_si256(any, near_halves(first, second, asked[query]));
        }
        if (_mm256_testz_si256(any, any) == 0) [[unlikely]] {
            for (std::size_t query = 0; query < number; ++query) {
                const __m256i near = near_halves(first, second, asked[query]);
                if (_mm256_testz_si256(near, near) == 0) {
                    found[suspects++] = {static_cast<std::uint32_t>(row), static_cast<std::uint32_t>(query)};
                }
            }
        }
    }
    for (std::size_t query = 0; row < rows && query < number; ++query) {  // whoever is left
        found[suspects++] = {static_cast<std::uint32_t>(row), static_cast<std::uint32_t>(query)};
    }
    return suspects;
}

}  // namespace

const Screen screen_avx2{half_decides, look_at_halves};

LOOKALIKE_COLLECT(collect_avx2) {
    if (words == 4 && limit <= half_decides) {
        return collect_four(codes, rows, query, limit, positions, distances);
    }
    return collect<Lanes>(codes, rows, words, query, limit, positions, distances);
}
LOOKALIKE_MEET(meet_avx2) { return meet<Lanes>(left, right, words, limit, found); }

}  // namespace lookalike
