// The loops behind pixels.hpp, written once over the compiler's vectors and compiled for each level of processor.
#pragma once

#include "pixels.hpp"

#include <algorithm>
#include <cstring>
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

void count_colors_loop(const Colors& colors, std::uint64_t counts[color_bins]) {
    const std::size_t pixels = colors.pixels;
    std::fill_n(counts, color_bins, 0);
    constexpr std::size_t most_blocks = 255;  // a counter is a byte
    for (std::size_t begin = 0; begin < pixels; begin += most_blocks * color_lanes) {
        const std::size_t end = std::min(pixels, begin + most_blocks * color_lanes);
        Channel counters[color_bins] = {};
        for (std::size_t at = begin; at < end; at += color_lanes) {
            const std::size_t number = std::min(color_lanes, end - at);
            if (number == color_lanes) {
                classify(load<Channel>(colors.grey + at), load<Channel>(colors.red + at),
                         load<Channel>(colors.green + at), load<Channel>(colors.blue + at), counters);
                continue;
            }
            // Light and without colour: what fills up the last block counts as grey, and is taken off below.
            std::uint8_t planes[4][color_lanes];
            std::memset(planes, 255, sizeof planes);
            std::memcpy(planes[0], colors.grey + at, number);
            std::memcpy(planes[1], colors.red + at, number);
            std::memcpy(planes[2], colors.green + at, number);
            std::memcpy(planes[3], colors.blue + at, number);
            classify(load<Channel>(planes[0]), load<Channel>(planes[1]), load<Channel>(planes[2]),
                     load<Channel>(planes[3]), counters);
        }
        for (std::size_t bin = 0; bin < color_bins; ++bin) {
            for (std::size_t lane = 0; lane < color_lanes; ++lane) {
                counts[bin] += counters[bin][lane];
            }
        }
    }
    counts[1] -= (color_lanes - pixels % color_lanes) % color_lanes;
}

}  // namespace
}  // namespace lookalike
