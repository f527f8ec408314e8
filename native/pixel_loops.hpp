// The loops behind pixels.hpp, written once over the compiler's vectors and compiled for each level of processor.
#pragma once

#include "pixels.hpp"

#include <algorithm>
#include <cstring>
#include <vector>
#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace lookalike {
namespace {

constexpr std::size_t lanes = 8;
typedef std::uint8_t Bytes __attribute__((vector_size(lanes)));
typedef std::int32_t Sums __attribute__((vector_size(lanes * 4)));

template <class Vector, class Value>
Vector load(const Value* from) {
    Vector vector;
    std::memcpy(&vector, from, sizeof vector);
    return vector;
}

// GCC 12 makes a vector of words out of bytes one by one, and back; with AVX2 there are instructions for it.
Sums widen(const std::uint8_t* bytes) {
#if defined(__AVX2__)
    return reinterpret_cast<Sums>(_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(bytes))));
#else
    return __builtin_convertvector(load<Bytes>(bytes), Sums);
#endif
}

void store_clipped(Sums sums, std::uint8_t* bytes) {
    sums >>= weight_bits;
#if defined(__AVX2__)
    const auto words = reinterpret_cast<__m256i>(sums);
    const __m128i halves = _mm_packus_epi32(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(bytes), _mm_packus_epi16(halves, halves));
#else
    sums = sums < 0 ? Sums{} : sums;
    sums = sums > 255 ? Sums{} + 255 : sums;
    const Bytes clipped = __builtin_convertvector(sums, Bytes);
    std::memcpy(bytes, &clipped, sizeof clipped);
#endif
}

std::uint8_t clip(std::int32_t sum) {
    return static_cast<std::uint8_t>(std::clamp(sum >> weight_bits, 0, 255));
}

// *Blocks* times 16 columns beginning at *column*.
template <std::size_t Blocks>
void mix_block(const Plane& plane, const Mix& mix, std::size_t output, std::size_t column, std::uint8_t* result) {
    const auto first = static_cast<std::size_t>(mix.starts[output]);
    const auto count = static_cast<std::size_t>(mix.counts[output]);
    const std::int32_t* weights = mix.weights + output * mix.most;
    Sums sums[Blocks];
    for (Sums& sum : sums) {
        sum = Sums{} + (1 << (weight_bits - 1));
    }
    for (std::size_t tap = 0; tap < count; ++tap) {
        const std::uint8_t* row = plane.bytes + (first + tap) * plane.columns + column;
        for (std::size_t block = 0; block < Blocks; ++block) {
            sums[block] += widen(row + block * lanes) * weights[tap];
        }
    }
    for (std::size_t block = 0; block < Blocks; ++block) {
        store_clipped(sums[block], result + block * lanes);
    }
}

void mix_rows_loop(const Plane& plane, const Mix& mix, std::uint8_t* result) {
    constexpr std::size_t wide = 8;
    const std::size_t columns = plane.columns;
    for (std::size_t output = 0; output < mix.outputs; ++output, result += columns) {
        std::size_t column = 0;
        for (; column + wide * lanes <= columns; column += wide * lanes) {
            mix_block<wide>(plane, mix, output, column, result + column);
        }
        for (; column + lanes <= columns; column += lanes) {
            mix_block<1>(plane, mix, output, column, result + column);
        }
        if (column < columns && columns >= lanes) {  // the last columns once more, together with some before them
            mix_block<1>(plane, mix, output, columns - lanes, result + columns - lanes);
            column = columns;
        }
        for (; column < columns; ++column) {
            std::int32_t sum = 1 << (weight_bits - 1);
            for (std::int32_t tap = 0; tap < mix.counts[output]; ++tap) {
                const auto row = static_cast<std::size_t>(mix.starts[output] + tap);
                const std::int32_t weight = mix.weights[output * mix.most + static_cast<std::size_t>(tap)];
                sum += plane.bytes[row * columns + column] * weight;
            }
            result[column] = clip(sum);
        }
    }
}

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

// 2^24 / pixels as Pillow has it (division_UINT32 of src/libImaging/Reduce.c, 13.0): 2^32 over 2^8 * pixels in floats.
std::uint32_t reciprocal(std::uint32_t pixels) {
    return static_cast<std::uint32_t>(4294967296.0F / static_cast<float>(256 * pixels));
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
// Weights in two halves of 16 bits, high * 2,048 + low: an instruction that multiplies 16-bit numbers and adds pairs
// does as much as two that multiply 32-bit ones.
constexpr int low_bits = 11;
constexpr std::size_t taps_at_once = 16;

// Four rows' sums of one output. Sums may wrap on the way; the whole one fits, as check() made sure.
__m128i sum_four_rows(const std::uint8_t* first, std::size_t stride, const std::int16_t* high, const std::int16_t* low,
                      std::size_t taps) {
    __m256i highs[4] = {};
    __m256i lows[4] = {};
    for (std::size_t tap = 0; tap < taps; tap += taps_at_once) {
        const __m256i upper = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(high + tap));
        const __m256i lower = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(low + tap));
        for (std::size_t row = 0; row < 4; ++row) {
            const auto* at = reinterpret_cast<const __m128i*>(first + row * stride + tap);
            const __m256i words = _mm256_cvtepu8_epi16(_mm_loadu_si128(at));
            highs[row] = _mm256_add_epi32(highs[row], _mm256_madd_epi16(words, upper));
            lows[row] = _mm256_add_epi32(lows[row], _mm256_madd_epi16(words, lower));
        }
    }
    __m256i whole[4];
    for (std::size_t row = 0; row < 4; ++row) {
        whole[row] = _mm256_add_epi32(_mm256_slli_epi32(highs[row], low_bits), lows[row]);
    }
    const __m256i pairs = _mm256_hadd_epi32(_mm256_hadd_epi32(whole[0], whole[1]), _mm256_hadd_epi32(whole[2], whole[3]));
    return _mm_add_epi32(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256(pairs, 1));
}

void mix_columns_loop(const Plane& plane, const Mix& mix, std::uint8_t* result) {
    const std::size_t padded = (mix.most + taps_at_once - 1) / taps_at_once * taps_at_once;
    if (plane.columns < padded) {  // too narrow to read sixteen pixels at once
        mix_columns_plainly(plane, mix, 0, plane.rows, result);
        return;
    }
    const std::size_t whole_rows = plane.rows - plane.rows % 4;
    std::vector<std::int16_t> halves(2 * padded);
    std::int16_t* high = halves.data();
    std::int16_t* low = high + padded;
    for (std::size_t output = 0; output < mix.outputs; ++output) {
        const auto start = static_cast<std::size_t>(mix.starts[output]);
        const auto count = static_cast<std::size_t>(mix.counts[output]);
        // Near the right border reading begins earlier, with weights of zero, so that it ends inside the row.
        const std::size_t begin = std::min(start, plane.columns - padded);
        std::fill(halves.begin(), halves.end(), std::int16_t{0});
        for (std::size_t tap = 0; tap < count; ++tap) {
            const std::int32_t weight = mix.weights[output * mix.most + tap];
            high[start - begin + tap] = static_cast<std::int16_t>(weight >> low_bits);
            low[start - begin + tap] = static_cast<std::int16_t>(weight & ((1 << low_bits) - 1));
        }
        for (std::size_t row = 0; row < whole_rows; row += 4) {
            const __m128i sums = sum_four_rows(plane.bytes + row * plane.columns + begin, plane.columns, high, low, padded);
            const __m128i rounded = _mm_srai_epi32(_mm_add_epi32(sums, _mm_set1_epi32(1 << (weight_bits - 1))), weight_bits);
            const __m128i words = _mm_packus_epi32(rounded, rounded);
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

// Boxes of box_rows x box_columns pixels averaged; those at the right and lower borders hold what is left. The rounding
// is that of Pillow's reduce: half is added, and the quotient is a product with a reciprocal that a float made.
void average_boxes_loop(const Plane& plane, std::size_t box_rows, std::size_t box_columns, std::uint8_t* result) {
    std::vector<std::uint32_t> sums(plane.columns);
    std::vector<std::uint16_t> few(plane.columns);
    constexpr std::size_t most_rows = 257;  // 257 * 255 = 65,535
    for (std::size_t begin = 0; begin < plane.rows; begin += box_rows) {
        const std::size_t rows = std::min(box_rows, plane.rows - begin);
        std::fill(sums.begin(), sums.end(), 0U);
        for (std::size_t row = begin; row < begin + rows;) {
            std::fill(few.begin(), few.end(), std::uint16_t{0});
            const std::size_t end = std::min(begin + rows, row + most_rows);
            for (; row < end; ++row) {
                const std::uint8_t* bytes = plane.bytes + row * plane.columns;
                for (std::size_t column = 0; column < plane.columns; ++column) {
                    few[column] = static_cast<std::uint16_t>(few[column] + bytes[column]);
                }
            }
            for (std::size_t column = 0; column < plane.columns; ++column) {
                sums[column] += few[column];
            }
        }
        for (std::size_t column = 0; column < plane.columns; column += box_columns) {
            const std::size_t columns = std::min(box_columns, plane.columns - column);
            const auto pixels = static_cast<std::uint32_t>(rows * columns);
            std::uint32_t sum = pixels / 2;
            for (std::size_t each = 0; each < columns; ++each) {
                sum += sums[column + each];
            }
            *result++ = static_cast<std::uint8_t>(sum * reciprocal(pixels) >> 24);
        }
    }
}

constexpr std::size_t color_lanes = 32;
typedef std::uint8_t Channel __attribute__((vector_size(color_lanes)));

typedef signed char Mask __attribute__((vector_size(color_lanes)));  // what comparisons of channels give: 0 or -1

Channel when(Mask mask) { return reinterpret_cast<Channel>(mask); }

Channel smaller(Channel left, Channel right) { return left < right ? left : right; }
Channel larger(Channel left, Channel right) { return left > right ? left : right; }

// One block of 32 pixels; each class's counter goes up by one in the lanes of its pixels. See colorhash.py for the
// arithmetic, which is that of Pillow's HSV conversion in whole numbers.
void classify(Channel grey, Channel red, Channel green, Channel blue, Channel counters[color_bins]) {
    const Channel smallest = smaller(smaller(red, green), blue);
    const Channel largest = larger(larger(red, green), blue);
    const Channel spread = largest - smallest;
    const Channel light = when(grey >= 32);
    const Channel colored = when(spread >= smallest - (smallest >> 1)) & light;
    counters[0] -= ~light;
    counters[1] -= light & ~colored;
    const Channel pale = when((spread >> 1) < smallest) & colored;
    // smallest / 28, rounded up; where it exceeds 85 the pixel is pale
    const Channel share = -(when(smallest > 0) + when(smallest > 28) + when(smallest > 56) + when(smallest > 84));
    const Channel strong = when(spread - smallest - smallest >= share) & colored & ~pale;
    const Channel nearly = largest + when(spread > 85) + when(spread > 170);
    const Channel near_red = when(red >= nearly);
    const Channel near_green = when(green >= nearly);
    const Channel near_blue = when(blue >= nearly);
    const Channel hues[] = {
        when(green >= blue) & near_red,  when(red > blue) & ~near_red,     when(blue >= red) & near_green,
        when(green > red) & ~near_green, when(red >= green) & near_blue,
    };
    Channel rest = colored;
    for (std::size_t hue = 0; hue < 5; ++hue) {
        counters[2 + hue] -= hues[hue] & pale;
        counters[8 + hue] -= hues[hue] & strong;
        rest &= ~hues[hue];
    }
    counters[7] -= rest & pale;
    counters[13] -= rest & strong;
}

// Luminance, red, green and blue of 32 pixels stored as JPEG has them (T.871, section 7), four bytes a pixel, in
// libjpeg's whole numbers (jdcolor.c).
void undo_differences(const std::uint8_t* stored, std::uint8_t planes[4][color_lanes]) {
    constexpr std::int32_t half = 1 << 15;
    for (std::size_t at = 0; at < color_lanes; ++at) {
        std::uint32_t pixel;
        std::memcpy(&pixel, stored + 4 * at, sizeof pixel);
        const auto level = static_cast<std::int32_t>(pixel & 255);
        const auto blue = static_cast<std::int32_t>(pixel >> 8 & 255) - 128;
        const auto red = static_cast<std::int32_t>(pixel >> 16 & 255) - 128;
        planes[0][at] = static_cast<std::uint8_t>(level);
        planes[1][at] = static_cast<std::uint8_t>(std::clamp(level + ((91881 * red + half) >> 16), 0, 255));
        planes[2][at] =
            static_cast<std::uint8_t>(std::clamp(level + ((-22554 * blue - 46802 * red + half) >> 16), 0, 255));
        planes[3][at] = static_cast<std::uint8_t>(std::clamp(level + ((116130 * blue + half) >> 16), 0, 255));
    }
}

// *fill* gives the luminance, red, green and blue of *number* pixels from *at* on, where they are fewer than 32 as the
// first ones of light pixels without colour.
template <class Fill>
void count_pixels(std::size_t pixels, Fill fill, std::uint64_t counts[color_bins]) {
    std::fill_n(counts, color_bins, 0);
    constexpr std::size_t most_blocks = 255;  // a counter is a byte
    for (std::size_t begin = 0; begin < pixels; begin += most_blocks * color_lanes) {
        const std::size_t end = std::min(pixels, begin + most_blocks * color_lanes);
        Channel counters[color_bins] = {};
        for (std::size_t at = begin; at < end; at += color_lanes) {
            std::uint8_t planes[4][color_lanes];
            fill(at, std::min(color_lanes, end - at), planes);
            classify(load<Channel>(planes[0]), load<Channel>(planes[1]), load<Channel>(planes[2]),
                     load<Channel>(planes[3]), counters);
        }
        for (std::size_t bin = 0; bin < color_bins; ++bin) {
            for (std::size_t lane = 0; lane < color_lanes; ++lane) {
                counts[bin] += counters[bin][lane];
            }
        }
    }
    // What filled up the last block counts as grey.
    counts[1] -= (color_lanes - pixels % color_lanes) % color_lanes;
}

void count_colors_loop(const Colors& colors, std::uint64_t counts[color_bins]) {
    const std::uint8_t* from[4] = {colors.grey, colors.red, colors.green, colors.blue};
    const auto fill = [&](std::size_t at, std::size_t number, std::uint8_t planes[4][color_lanes]) {
        if (number < color_lanes) {
            std::memset(planes, 255, 4 * color_lanes);
        }
        for (std::size_t plane = 0; plane < 4; ++plane) {
            std::memcpy(planes[plane], from[plane] + at, number == color_lanes ? color_lanes : number);
        }
    };
    count_pixels(colors.pixels, fill, counts);
}

void count_stored_colors_loop(const std::uint8_t* stored, std::size_t pixels, std::uint64_t counts[color_bins]) {
    const auto fill = [&](std::size_t at, std::size_t number, std::uint8_t planes[4][color_lanes]) {
        if (number == color_lanes) {
            undo_differences(stored + 4 * at, planes);
            return;
        }
        std::uint8_t filled[4 * color_lanes];
        for (std::size_t pixel = 0; pixel < color_lanes; ++pixel) {
            const std::uint8_t white[] = {255, 128, 128, 0};
            std::memcpy(filled + 4 * pixel, pixel < number ? stored + 4 * (at + pixel) : white, 4);
        }
        undo_differences(filled, planes);
    };
    count_pixels(pixels, fill, counts);
}

}  // namespace
}  // namespace lookalike
