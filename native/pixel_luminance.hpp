// Luminance as floating point, and sums of its rows: written once, compiled for each level of processor. Products aren't
// fused with sums, so that all levels make the same numbers.
#pragma once

#include "band_sums.hpp"
#include "pixel_lanes.hpp"

#include <bit>

namespace lookalike {
namespace {

// FIX(1.402), FIX(1.772), FIX(0.34414) and FIX(0.71414) of jdcolor.c, in units of 2^-16, and half a unit to round.
constexpr std::int32_t red_of_red = 91881, blue_of_blue = 116130, green_of_blue = 22554, green_of_red = 46802;
constexpr std::int32_t half_unit = 1 << 15;

typedef float Levels __attribute__((vector_size(lanes * 4)));

Sums clipped(Sums values) {
    values = values < 0 ? Sums{} : values;
    return values > 255 ? Sums{} + 255 : values;
}

Levels luminance_of(Sums stored) {
    const Sums bright = stored & 255;
    const Sums to_blue = ((stored >> 8) & 255) - 128;
    const Sums to_red = ((stored >> 16) & 255) - 128;
    const Sums red = clipped(bright + ((red_of_red * to_red + half_unit) >> 16));
    const Sums green = clipped(bright + ((half_unit - green_of_blue * to_blue - green_of_red * to_red) >> 16));
    const Sums blue = clipped(bright + ((blue_of_blue * to_blue + half_unit) >> 16));
    return __builtin_convertvector(299 * red + 587 * green + 114 * blue, Levels) / 1000.0F;
}

// Of eight pixels.
Levels luminance_at(const std::uint8_t* stored) {
    std::uint32_t words[lanes];
    std::memcpy(words, stored, sizeof words);
    if constexpr (std::endian::native == std::endian::big) {
        for (std::uint32_t& word : words) {
            word = __builtin_bswap32(word);
        }
    }
    return luminance_of(load<Sums>(words));
}

void stored_luminance_loop(const std::uint8_t* stored, std::size_t pixels, float* result) {
    std::size_t at = 0;
    for (; at + lanes <= pixels; at += lanes) {
        const Levels made = luminance_at(stored + 4 * at);
        std::memcpy(result + at, &made, sizeof made);
    }
    if (at < pixels) {
        std::uint8_t last[4 * lanes] = {};
        std::memcpy(last, stored + 4 * at, 4 * (pixels - at));
        const Levels made = luminance_at(last);
        std::memcpy(result + at, &made, (pixels - at) * sizeof(float));
    }
}

// Columns whose sums stay in registers while row after row is added.
constexpr std::size_t strip = 16;

void sum_strip(const float* plane, std::size_t columns, std::int32_t count, const double* weights, double* result) {
    double sums[strip] = {};
    for (std::int32_t row = 0; row < count; ++row, plane += columns) {
        const double weight = weights[row];
        for (std::size_t at = 0; at < strip; ++at) {
            sums[at] += weight * static_cast<double>(plane[at]);
        }
    }
    std::memcpy(result, sums, sizeof sums);
}

void sum_bands_loop(const float* plane, std::size_t columns, const BandSums& bands, double* result) {
    for (std::size_t number = 0; number < bands.sums; ++number) {
        const float* from = plane + static_cast<std::size_t>(bands.starts[number]) * columns;
        const double* weights = bands.weights + number * bands.most;
        double* to = result + static_cast<std::size_t>(bands.places[number]) * columns;
        std::size_t column = 0;
        for (; column + strip <= columns; column += strip) {
            sum_strip(from + column, columns, bands.counts[number], weights, to + column);
        }
        for (; column < columns; ++column) {
            double sum = 0;
            for (std::int32_t row = 0; row < bands.counts[number]; ++row) {
                sum += weights[row] * static_cast<double>(from[static_cast<std::size_t>(row) * columns + column]);
            }
            to[column] = sum;
        }
    }
}

}  // namespace
}  // namespace lookalike
