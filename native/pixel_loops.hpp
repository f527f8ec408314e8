// The loops behind pixels.hpp, written once over the compiler's vectors and compiled for each level of processor.
#pragma once

#include "pixel_columns.hpp"
#include "pixel_lanes.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <vector>

namespace lookalike {
namespace {

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

// 2^24 / pixels as Pillow has it (division_UINT32 of src/libImaging/Reduce.c, 13.0): 2^32 over 2^8 * pixels in floats.
std::uint32_t reciprocal(std::uint32_t pixels) {
    return static_cast<std::uint32_t>(4294967296.0F / static_cast<float>(256 * pixels));
}

// Each column's sum over *rows* rows, at most 257: 257 * 255 = 65,535.
void add_rows(const std::uint8_t* bytes, std::size_t rows, std::size_t columns, std::uint16_t* __restrict sums) {
    std::size_t column = 0;
#if defined(__AVX2__)
    constexpr std::size_t wide = 16;
    const auto add = [&](std::size_t at) {
        __m256i sum = _mm256_setzero_si256();
        for (std::size_t row = 0; row < rows; ++row) {
            const auto* from = reinterpret_cast<const __m128i*>(bytes + row * columns + at);
            sum = _mm256_add_epi16(sum, _mm256_cvtepu8_epi16(_mm_loadu_si128(from)));
        }
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(sums + at), sum);
    };
    for (; column + wide <= columns; column += wide) {
        add(column);
    }
    if (column < columns && columns >= wide) {  // the last columns once more, together with some before them
        add(columns - wide);
        return;
    }
#endif
    const std::size_t left = columns - column;
    std::fill_n(sums + column, left, std::uint16_t{0});
    for (std::size_t row = 0; row < rows; ++row) {
        const std::uint8_t* __restrict from = bytes + row * columns + column;
        for (std::size_t at = 0; at < left; ++at) {
            sums[column + at] = static_cast<std::uint16_t>(sums[column + at] + from[at]);
        }
    }
}

// The averages of *boxes* boxes that lie side by side, of *Across* columns each, or of *across* where that is 0.
template <std::size_t Across>
void average_sums(const std::uint32_t* sums, std::size_t boxes, std::size_t across, std::uint32_t pixels,
                  std::uint8_t* __restrict result) {
    const std::size_t columns = Across == 0 ? across : Across;
    const std::uint32_t factor = reciprocal(pixels);
    for (std::size_t box = 0; box < boxes; ++box) {
        std::uint32_t sum = pixels / 2;
        for (std::size_t each = 0; each < columns; ++each) {
            sum += sums[box * columns + each];
        }
        result[box] = static_cast<std::uint8_t>(sum * factor >> 24);
    }
}

using AverageSums = void (*)(const std::uint32_t*, std::size_t, std::size_t, std::uint32_t, std::uint8_t*);

// Small boxes, which most pictures have, are worth loops of their own.
AverageSums average_sums_of(std::size_t across) {
    constexpr AverageSums own[] = {average_sums<0>, average_sums<1>, average_sums<2>,  average_sums<3>,
                                   average_sums<4>, average_sums<5>, average_sums<6>,  average_sums<7>,
                                   average_sums<8>, average_sums<9>, average_sums<10>, average_sums<11>,
                                   average_sums<12>};
    return own[across < std::size(own) ? across : 0];
}

// Boxes of box_rows x box_columns pixels averaged; those at the right and lower borders hold what is left. The rounding
// is that of Pillow's reduce: half is added, and the quotient is a product with a reciprocal that a float made.
void average_boxes_loop(const Plane& plane, std::size_t box_rows, std::size_t box_columns, std::uint8_t* result) {
    std::vector<std::uint32_t> sums(plane.columns);
    std::vector<std::uint16_t> few(plane.columns);
    constexpr std::size_t most_rows = 257;
    const std::size_t boxes = plane.columns / box_columns;
    const std::size_t left = plane.columns % box_columns;
    const AverageSums average = average_sums_of(box_columns);
    for (std::size_t begin = 0; begin < plane.rows; begin += box_rows) {
        const std::size_t rows = std::min(box_rows, plane.rows - begin);
        for (std::size_t row = 0; row < rows; row += most_rows) {
            const std::size_t number = std::min(rows - row, most_rows);
            add_rows(plane.bytes + (begin + row) * plane.columns, number, plane.columns, few.data());
            for (std::size_t column = 0; column < plane.columns; ++column) {
                sums[column] = few[column] + (row == 0 ? 0 : sums[column]);
            }
        }
        average(sums.data(), boxes, box_columns, static_cast<std::uint32_t>(rows * box_columns), result);
        result += boxes;
        if (left > 0) {
            average_sums<0>(sums.data() + boxes * box_columns, 1, left, static_cast<std::uint32_t>(rows * left), result);
            ++result;
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
