// What the fingerprints need of pixels, fast: Pillow's own resampling arithmetic, and counting of colours.
// Plain C++ types; nothing here knows Python.
#pragma once

#include <cstddef>
#include <cstdint>

namespace lookalike {

// A plane of bytes, row by row.
struct Plane {
    const std::uint8_t* bytes;
    std::size_t rows;
    std::size_t columns;
};

// How rows are mixed: output i is the sum over j < counts[i] of weights[i * most + j] times input row starts[i] + j.
struct Mix {
    const std::int32_t* starts;
    const std::int32_t* counts;
    const std::int32_t* weights;
    std::size_t outputs;
    std::size_t most;
};

// Weights have this many fractional bits (PRECISION_BITS of src/libImaging/Resample.c, Pillow 13.0: 32 - 8 - 2).
inline constexpr int weight_bits = 22;

inline constexpr std::size_t color_bins = 14;

// columns x rows bytes into *result*.
void transpose(const Plane& plane, std::uint8_t* result);

// mix.outputs x plane.columns bytes into *result*: each sum rounded half up and clipped to a byte, as Pillow does it.
// The caller has checked that every row named lies in the plane, and that 255 * sum |weights| stays below 2^31.
void mix_rows(const Plane& plane, const Mix& mix, std::uint8_t* result);

// Pixels channel by channel, with Pillow's luminance of each.
struct Colors {
    const std::uint8_t* grey;
    const std::uint8_t* red;
    const std::uint8_t* green;
    const std::uint8_t* blue;
    std::size_t pixels;
};

// imagehash's colour classes: black, grey, pale in six hues, strong in six hues.
void count_colors(const Colors& colors, std::uint64_t counts[color_bins]);

}  // namespace lookalike
