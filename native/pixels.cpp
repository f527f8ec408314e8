// The portable level, and the one place that picks a level for this processor.
#include "pixels.hpp"

#include "pixel_cells.hpp"
#include "pixel_levels.hpp"
#include "pixel_loops.hpp"
#include "pixel_luminance.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <vector>

namespace lookalike {
namespace {

const PixelLevel pixels_portable{"portable", mix_rows_loop, mix_columns_loop, average_boxes_loop,
                                 average_cells_loop, count_bends_loop, count_colors_loop, count_stored_colors_loop,
                                 stored_luminance_loop, sum_bands_loop};

// LOOKALIKE_KERNEL, which chooses the Hamming kernel's level, asks for the level of that name here too.
const PixelLevel& level() {
    static const PixelLevel& chosen = [&]() -> const PixelLevel& {
        const char* named = std::getenv("LOOKALIKE_KERNEL");
        const std::string_view wanted = named == nullptr ? "" : named;
        if (wanted == pixels_portable.name) {
            return pixels_portable;
        }
#if defined(__x86_64__)
        if (wanted != pixels_avx2.name && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
            __builtin_cpu_supports("avx512vnni")) {
            return pixels_avx512;
        }
        if (__builtin_cpu_supports("avx2")) {
            return pixels_avx2;
        }
#endif
        return pixels_portable;
    }();
    return chosen;
}

}  // namespace

void mix_rows(const Plane& plane, const Mix& mix, std::uint8_t* result) { level().mix_rows(plane, mix, result); }

void mix_columns(const Plane& plane, const Mix& mix, std::uint8_t* result) {
    level().mix_columns(plane, mix, result);
}

void average_boxes(const Plane& plane, std::size_t box_rows, std::size_t box_columns, std::uint8_t* result) {
    level().average_boxes(plane, box_rows, box_columns, result);
}

void average_cells(const Plane& plane, const Cells& cells, std::uint8_t* result) {
    level().average_cells(plane, cells, result);
}

std::uint64_t count_bends(const Plane& plane) { return level().count_bends(plane); }

TwoTones count_two_tones(const Plane& plane, std::size_t side, std::size_t near, std::size_t apart) {
    // Four tables in turn: where one level follows itself, as in a white background, a counter would wait for itself.
    std::array<std::array<std::uint32_t, 256>, 4> tables{};
    std::vector<std::uint32_t> columns(side);
    for (std::size_t at = 0; at < side; ++at) {
        columns[at] = static_cast<std::uint32_t>((2 * at + 1) * plane.columns / (2 * side));
    }
    for (std::size_t at = 0; at < side; ++at) {
        const std::uint8_t* row = plane.bytes + (2 * at + 1) * plane.rows / (2 * side) * plane.columns;
        std::size_t column = 0;
        for (; column + 4 <= side; column += 4) {
            const std::uint32_t* from = columns.data() + column;
            // Read before any is counted: to the compiler a counter may be a pixel.
            const std::uint8_t level[] = {row[from[0]], row[from[1]], row[from[2]], row[from[3]]};
            ++tables[0][level[0]];
            ++tables[1][level[1]];
            ++tables[2][level[2]];
            ++tables[3][level[3]];
        }
        for (; column < side; ++column) {
            ++tables[0][row[columns[column]]];
        }
    }
    std::array<std::uint32_t, 256> levels{};
    for (std::size_t level = 0; level < levels.size(); ++level) {
        levels[level] = tables[0][level] + tables[1][level] + tables[2][level] + tables[3][level];
    }
    std::array<std::uint32_t, 257> below{};
    for (std::size_t level = 0; level < levels.size(); ++level) {
        below[level + 1] = below[level] + levels[level];
    }
    std::array<std::uint32_t, 256> within{};
    for (std::size_t level = 0; level < within.size(); ++level) {
        within[level] = below[std::min(levels.size(), level + near + 1)] - below[level < near ? 0 : level - near];
    }
    const auto common = static_cast<std::size_t>(std::max_element(within.begin(), within.end()) - within.begin());
    TwoTones tones{within[common], 0};
    for (std::size_t level = 0; level < within.size(); ++level) {
        if (level + apart <= common || level >= common + apart) {
            tones.rarer = std::max(tones.rarer, within[level]);
        }
    }
    return tones;
}

void first_channel(const std::uint8_t* pixels, std::size_t number, std::uint8_t* result) {
    for (std::size_t at = 0; at < number; ++at) {
        result[at] = pixels[4 * at];
    }
}

void stored_luminance(const std::uint8_t* stored, std::size_t pixels, float* result) {
    level().stored_luminance(stored, pixels, result);
}

void sum_bands(const float* plane, std::size_t columns, const BandSums& bands, double* result) {
    level().sum_bands(plane, columns, bands, result);
}

void restore_colors(const std::uint8_t* stored, std::size_t pixels, std::uint8_t* planes) {
    for (std::size_t at = 0; at < pixels; at += color_lanes) {
        const std::size_t number = std::min(color_lanes, pixels - at);
        std::uint8_t filled[4 * color_lanes] = {};
        std::memcpy(filled, stored + 4 * at, 4 * number);
        std::uint8_t restored[4][color_lanes];
        undo_differences(filled, restored);
        for (std::size_t plane = 0; plane < 3; ++plane) {
            std::memcpy(planes + plane * pixels + at, restored[plane + 1], number);
        }
    }
}

void count_stored_colors(const std::uint8_t* stored, std::size_t pixels, std::uint64_t counts[color_bins]) {
    level().count_stored_colors(stored, pixels, counts);
}

void count_colors(const Colors& colors, std::uint64_t counts[color_bins]) { level().count_colors(colors, counts); }

}  // namespace lookalike
