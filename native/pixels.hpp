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

// mix.outputs x plane.columns bytes into *result*: each sum rounded half up and clipped to a byte, as Pillow does it.
// The caller has checked that every row named lies in the plane, and that 255 * sum |weights| stays below 2^31.
void mix_rows(const Plane& plane, const Mix& mix, std::uint8_t* result);

// The same along the other axis, plane.rows x mix.outputs bytes: starts and counts are of columns.
void mix_columns(const Plane& plane, const Mix& mix, std::uint8_t* result);

// Each box of so many pixels averaged as Pillow's reduce does it, boxes at the right and lower borders over what they
// hold. Boxes hold fewer than 2^24 pixels.
void average_boxes(const Plane& plane, std::size_t box_rows, std::size_t box_columns, std::uint8_t* result);

// How a plane becomes a small one: boxes of so many pixels averaged, then columns of what is left mixed, then rows,
// or the other way round.
struct Cells {
    std::size_t box_rows;
    std::size_t box_columns;
    Mix across;
    Mix down;
    bool down_first;
};

// cells.down.outputs x cells.across.outputs bytes. The caller has checked boxes and mixes as for the steps alone.
void average_cells(const Plane& plane, const Cells& cells, std::uint8_t* result);

// The sum of second differences along both axes, each in whole hundredths of 255.
std::uint64_t count_bends(const Plane& plane);

// How many pixels lie around each of the two commonest levels.
struct TwoTones {
    std::uint32_t common;
    std::uint32_t rarer;
};

// Of side x side single pixels, those in the middles of as many boxes: how many lie at most *near* levels from the level
// of which that is most, and from the next such level at least *apart* levels away from it.
TwoTones count_two_tones(const Plane& plane, std::size_t side, std::size_t near, std::size_t apart);

// The first of four bytes a pixel.
void first_channel(const std::uint8_t* pixels, std::size_t number, std::uint8_t* result);

// Unrounded luminance, 0.299 red + 0.587 green + 0.114 blue, of pixels as JPEG stores them (four bytes each: luminance,
// the differences of blue and red, one unused), each colour rounded and cut to a byte as libjpeg does it (jdcolor.c).
void stored_luminance(const std::uint8_t* stored, std::size_t pixels, float* result);

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

// The same of pixels as JPEG stores them, four bytes each: luminance, the differences of blue and red, one unused.
void count_stored_colors(const std::uint8_t* stored, std::size_t pixels, std::uint64_t counts[color_bins]);

// Red, green and blue of the same pixels, as libjpeg makes them: three planes of *pixels* bytes into *planes*.
void restore_colors(const std::uint8_t* stored, std::size_t pixels, std::uint8_t* planes);

}  // namespace lookalike
