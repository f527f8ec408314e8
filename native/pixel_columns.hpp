// The horizontal pass of a resize: what neighbours in a row add up to, by the widest dot products there are.
#pragma once

#include "pixel_lanes.hpp"

#include <cstdlib>
#include <vector>

namespace lookalike {
namespace {

// The sum over j < counts[i] of weights[i, j] times column starts[i] + j, for rows from *begin* up to *end*.
void mix_columns_plainly(const Plane& plane, const Mix& mix, std::size_t begin, std::size_t end, std::uint8_t* result) {
    for (std::size_t row = begin; row < end; ++row) {
        for (std::size_t output = 0; output < mix.outputs; ++output) {
            const std::uint8_t* bytes = plane.bytes + row * plane.columns + mix.starts[output];
            const std::int32_t* weights = mix.weights + output * mix.most;
            std::int32_t sum = 1 << (weight_bits - 1);
            for (std::int32_t tap = 0; tap < mix.counts[output]; ++tap) {
                sum += bytes[tap] * weights[tap];
            }
            result[row * mix.outputs + output] = clip(sum);
        }
    }
}

#if defined(__AVX512VNNI__)
// Instructions that multiply 64 bytes with as many signed ones and add fours do the work, so weights are taken apart:
// high * 65,536 + middle * 256 + low. check() made sure that they have less than 24 bits.
void split_weights(const std::int32_t* weights, std::size_t number, std::int8_t* to, std::size_t apart) {
    for (std::size_t tap = 0; tap < number; ++tap) {
        const std::int32_t middle = (weights[tap] + 128) >> 8;
        to[tap] = static_cast<std::int8_t>((middle + 128) >> 8);
        to[apart + tap] = static_cast<std::int8_t>(middle);
        to[2 * apart + tap] = static_cast<std::int8_t>(weights[tap]);
    }
}

// Four lanes whose sum is one output of one row, from dot products with the three bytes of each weight.
__m128i combine(__m128i high, __m128i middle, __m128i low) {
    const __m128i upper = _mm_add_epi32(_mm_slli_epi32(high, 8), middle);
    return _mm_add_epi32(_mm_slli_epi32(upper, 8), low);
}

// Outputs of at most 16 taps.
__m128i sum_few(const std::uint8_t* bytes, __mmask16 mask, const std::int8_t* weights) {
    const __m128i zero = _mm_setzero_si128();
    const __m128i pixels = _mm_maskz_loadu_epi8(mask, bytes);
    return combine(_mm_dpbusd_epi32(zero, pixels, load<__m128i>(weights)),
                   _mm_dpbusd_epi32(zero, pixels, load<__m128i>(weights + 16)),
                   _mm_dpbusd_epi32(zero, pixels, load<__m128i>(weights + 32)));
}

// Outputs of any number of taps: four rows together, so that weights are read once for them.
void sum_many(const std::uint8_t* bytes, std::size_t stride, std::size_t taps, const std::int8_t* weights,
              __m128i sums[4]) {
    __m512i whole[4][3] = {};
    for (std::size_t tap = 0; tap < taps; tap += 64, weights += 3 * 64) {
        const __mmask64 mask = taps - tap >= 64 ? ~__mmask64{0} : (__mmask64{1} << (taps - tap)) - 1;
        const __m512i high = _mm512_loadu_si512(weights);
        const __m512i middle = _mm512_loadu_si512(weights + 64);
        const __m512i low = _mm512_loadu_si512(weights + 128);
        for (std::size_t row = 0; row < 4; ++row) {
            const __m512i pixels = _mm512_maskz_loadu_epi8(mask, bytes + row * stride + tap);
            whole[row][0] = _mm512_dpbusd_epi32(whole[row][0], pixels, high);
            whole[row][1] = _mm512_dpbusd_epi32(whole[row][1], pixels, middle);
            whole[row][2] = _mm512_dpbusd_epi32(whole[row][2], pixels, low);
        }
    }
    for (std::size_t row = 0; row < 4; ++row) {
        const __m512i upper = _mm512_add_epi32(_mm512_slli_epi32(whole[row][0], 8), whole[row][1]);
        const __m512i all = _mm512_add_epi32(_mm512_slli_epi32(upper, 8), whole[row][2]);
        const __m256i half = _mm256_add_epi32(_mm512_castsi512_si256(all), _mm512_extracti64x4_epi64(all, 1));
        sums[row] = _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
    }
}

void store_four(const __m128i sums[4], std::uint8_t* result, std::size_t stride) {
    const __m128i whole = _mm_hadd_epi32(_mm_hadd_epi32(sums[0], sums[1]), _mm_hadd_epi32(sums[2], sums[3]));
    const __m128i rounded = _mm_srai_epi32(_mm_add_epi32(whole, _mm_set1_epi32(1 << (weight_bits - 1))), weight_bits);
    const __m128i words = _mm_packus_epi32(rounded, rounded);
    const auto bytes = static_cast<std::uint32_t>(_mm_cvtsi128_si32(_mm_packus_epi16(words, words)));
    for (std::size_t each = 0; each < 4; ++each) {
        result[each * stride] = static_cast<std::uint8_t>(bytes >> 8 * each);
    }
}

void mix_columns_loop(const Plane& plane, const Mix& mix, std::uint8_t* result) {
    const std::size_t chunk = mix.most <= 16 ? 16 : 64;
    const std::size_t padded = (mix.most + chunk - 1) / chunk * chunk;
    // Of each output, chunk by chunk: the high bytes of its weights, the middle ones, the low ones.
    std::vector<std::int8_t> weights(mix.outputs * padded * 3);
    for (std::size_t output = 0; output < mix.outputs; ++output) {
        std::int8_t* to = weights.data() + output * padded * 3;
        const auto count = static_cast<std::size_t>(mix.counts[output]);
        for (std::size_t tap = 0; tap < count; tap += chunk) {
            split_weights(mix.weights + output * mix.most + tap, std::min(chunk, count - tap), to + tap * 3, chunk);
        }
    }
    const std::size_t whole_rows = plane.rows - plane.rows % 4;
    for (std::size_t row = 0; row < whole_rows; row += 4) {
        for (std::size_t output = 0; output < mix.outputs; ++output) {
            const auto count = static_cast<std::size_t>(mix.counts[output]);
            const std::uint8_t* bytes = plane.bytes + row * plane.columns + mix.starts[output];
            const std::int8_t* own = weights.data() + output * padded * 3;
            __m128i sums[4];
            if (chunk == 16) {
                const auto mask = static_cast<__mmask16>((1U << count) - 1U);
                for (std::size_t each = 0; each < 4; ++each) {
                    sums[each] = sum_few(bytes + each * plane.columns, mask, own);
                }
            } else {
                sum_many(bytes, plane.columns, count, own, sums);
            }
            store_four(sums, result + row * mix.outputs + output, mix.outputs);
        }
    }
    mix_columns_plainly(plane, mix, whole_rows, plane.rows, result);
}
#elif defined(__AVX2__)
// An instruction multiplies 16-bit numbers and adds pairs. Weights have more bits, so sums are made of their upper bits
// first, which leaves few bytes in doubt; those are made anew of both halves, high * 2,048 + low.
constexpr int low_bits = 11;
constexpr std::size_t taps_at_once = 16;

// One output's weights from *begin* on, where sixteen pixels at a time lie inside a row.
struct ColumnWeights {
    std::size_t begin;
    int shift;            // upper bits are weights >> shift, rounded
    std::int32_t offset;  // half a level, and what the lower bits add where every pixel is 128
    std::int32_t doubt;   // at most what other pixels change of it; negative: the upper bits say too little
    std::int16_t *upper, *high, *low;
};

// *place* has room for 3 * padded zeros. check() made sure that 255 times the sum of sizes has 31 bits.
ColumnWeights split_weights(const Mix& mix, std::size_t output, std::size_t columns, std::size_t padded,
                            std::int16_t* place) {
    const auto start = static_cast<std::size_t>(mix.starts[output]);
    const auto count = static_cast<std::size_t>(mix.counts[output]);
    const std::int32_t* weights = mix.weights + output * mix.most;
    const std::size_t begin = std::min(start, columns - padded);
    ColumnWeights split{begin, 0, 0, 0, place, place + padded, place + 2 * padded};
    std::int32_t largest = 0;
    std::int32_t most = 0;
    for (std::size_t tap = 0; tap < count; ++tap) {
        const std::int32_t size = std::abs(weights[tap]);
        largest = std::max(largest, size);
        most += size;
    }
    while ((largest >> split.shift) >= 32767) {
        ++split.shift;
    }
    const std::int32_t rounding = 1 << split.shift >> 1;
    std::int16_t* __restrict upper = split.upper + (start - begin);
    std::int16_t* __restrict high = split.high + (start - begin);
    std::int16_t* __restrict low = split.low + (start - begin);
    std::int32_t rest = 0;
    std::int32_t rests = 0;
    for (std::size_t tap = 0; tap < count; ++tap) {
        const std::int32_t weight = weights[tap];
        const std::int32_t rounded = (weight + rounding) >> split.shift;
        const std::int32_t left = weight - (rounded << split.shift);
        upper[tap] = static_cast<std::int16_t>(rounded);
        high[tap] = static_cast<std::int16_t>(weight >> low_bits);
        low[tap] = static_cast<std::int16_t>(weight & ((1 << low_bits) - 1));
        rest += left;
        rests += std::abs(left);
    }
    const std::int64_t half = 1 << (weight_bits - 1);
    const std::int64_t doubt = 128 * std::int64_t{rests};
    const bool fits = doubt < half / 4 && 255 * std::int64_t{most} + half + 4 * doubt < std::int64_t{1} << 31;
    split.offset = static_cast<std::int32_t>(fits ? half + 128 * std::int64_t{rest} : half);
    split.doubt = fits ? static_cast<std::int32_t>(doubt) : -1;
    return split;
}

__m128i add_lanes(const __m256i sums[4]) {
    const __m256i pairs = _mm256_hadd_epi32(_mm256_hadd_epi32(sums[0], sums[1]), _mm256_hadd_epi32(sums[2], sums[3]));
    return _mm_add_epi32(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256(pairs, 1));
}

__m256i words_at(const std::uint8_t* bytes) {
    return _mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes)));
}

__m256i weights_at(const std::int16_t* weights) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(weights));
}

// Four rows' sums of one output's upper bits.
__m128i sum_upper(const std::uint8_t* first, std::size_t stride, const ColumnWeights& split, std::size_t padded) {
    __m256i sums[4] = {};
    for (std::size_t tap = 0; tap < padded; tap += taps_at_once) {
        const __m256i upper = weights_at(split.upper + tap);
        for (std::size_t row = 0; row < 4; ++row) {
            const __m256i products = _mm256_madd_epi16(words_at(first + row * stride + tap), upper);
            sums[row] = _mm256_add_epi32(sums[row], products);
        }
    }
    return _mm_slli_epi32(add_lanes(sums), split.shift);
}

// Four rows' sums of one output. Sums may wrap on the way; the whole one fits, as check() made sure.
__m128i sum_whole(const std::uint8_t* first, std::size_t stride, const ColumnWeights& split, std::size_t padded) {
    __m256i highs[4] = {};
    __m256i lows[4] = {};
    for (std::size_t tap = 0; tap < padded; tap += taps_at_once) {
        const __m256i upper = weights_at(split.high + tap);
        const __m256i lower = weights_at(split.low + tap);
        for (std::size_t row = 0; row < 4; ++row) {
            const __m256i words = words_at(first + row * stride + tap);
            highs[row] = _mm256_add_epi32(highs[row], _mm256_madd_epi16(words, upper));
            lows[row] = _mm256_add_epi32(lows[row], _mm256_madd_epi16(words, lower));
        }
    }
    return _mm_add_epi32(_mm_slli_epi32(add_lanes(highs), low_bits), add_lanes(lows));
}

// Four rows' levels of one output, not clipped.
__m128i mix_four_rows(const std::uint8_t* first, std::size_t stride, const ColumnWeights& split, std::size_t padded) {
    if (split.doubt >= 0) {
        const __m128i sums = _mm_add_epi32(sum_upper(first, stride, split, padded), _mm_set1_epi32(split.offset));
        const __m128i doubt = _mm_set1_epi32(split.doubt);
        const __m128i least = _mm_srai_epi32(_mm_sub_epi32(sums, doubt), weight_bits);
        const __m128i most = _mm_srai_epi32(_mm_add_epi32(sums, doubt), weight_bits);
        if (_mm_movemask_epi8(_mm_cmpeq_epi32(least, most)) == 0xFFFF) {
            return least;
        }
    }
    const __m128i half = _mm_set1_epi32(1 << (weight_bits - 1));
    return _mm_srai_epi32(_mm_add_epi32(sum_whole(first, stride, split, padded), half), weight_bits);
}

void mix_columns_loop(const Plane& plane, const Mix& mix, std::uint8_t* result) {
    const std::size_t padded = (mix.most + taps_at_once - 1) / taps_at_once * taps_at_once;
    if (plane.columns < padded) {  // too narrow to read sixteen pixels at once
        mix_columns_plainly(plane, mix, 0, plane.rows, result);
        return;
    }
    std::vector<std::int16_t> place(mix.outputs * 3 * padded);
    std::vector<ColumnWeights> weights;
    weights.reserve(mix.outputs);
    for (std::size_t output = 0; output < mix.outputs; ++output) {
        weights.push_back(split_weights(mix, output, plane.columns, padded, place.data() + output * 3 * padded));
    }
    const std::size_t whole_rows = plane.rows - plane.rows % 4;
    for (std::size_t row = 0; row < whole_rows; row += 4) {
        for (std::size_t output = 0; output < mix.outputs; ++output) {
            const std::uint8_t* first = plane.bytes + row * plane.columns + weights[output].begin;
            const __m128i levels = mix_four_rows(first, plane.columns, weights[output], padded);
            const __m128i words = _mm_packus_epi32(levels, levels);
            const auto bytes = static_cast<std::uint32_t>(_mm_cvtsi128_si32(_mm_packus_epi16(words, words)));
            for (std::size_t each = 0; each < 4; ++each) {
                result[(row + each) * mix.outputs + output] = static_cast<std::uint8_t>(bytes >> 8 * each);
            }
        }
    }
    mix_columns_plainly(plane, mix, whole_rows, plane.rows, result);
}
#else
void mix_columns_loop(const Plane& plane, const Mix& mix, std::uint8_t* result) {
    mix_columns_plainly(plane, mix, 0, plane.rows, result);
}
#endif

}  // namespace
}  // namespace lookalike
