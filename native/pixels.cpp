// The portable level, and the one place that picks a level for this processor.
#include "pixels.hpp"

#include "pixel_levels.hpp"
#include "pixel_loops.hpp"

#include <algorithm>
#include <cstdlib>
#include <vector>

namespace lookalike {
namespace {

const PixelLevel pixels_portable{"portable", mix_rows_loop, mix_columns_loop, average_boxes_loop,
                                 count_colors_loop};

// LOOKALIKE_KERNEL, which chooses the Hamming kernel's level, asks for the portable loops here too.
const PixelLevel& level() {
    static const PixelLevel& chosen = [&]() -> const PixelLevel& {
        const char* wanted = std::getenv("LOOKALIKE_KERNEL");
        const bool portable = wanted != nullptr && std::string_view(wanted) == pixels_portable.name;
#if defined(__x86_64__)
        if (!portable && __builtin_cpu_supports("avx2")) {
            return pixels_avx2;
        }
#endif
        static_cast<void>(portable);
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

std::uint64_t count_bends(const Plane& plane) {
    std::uint64_t bends = 0;
    const auto add = [&](const std::uint8_t* middle, std::size_t step) {
        const int bend = middle[step] - 2 * *middle + *(middle - step);
        bends += static_cast<std::uint64_t>(std::abs(bend) * 100 / 255);
    };
    for (std::size_t row = 0; row < plane.rows; ++row) {
        for (std::size_t column = 0; column < plane.columns; ++column) {
            const std::uint8_t* pixel = plane.bytes + row * plane.columns + column;
            if (row > 0 && row + 1 < plane.rows) {
                add(pixel, plane.columns);
            }
            if (column > 0 && column + 1 < plane.columns) {
                add(pixel, 1);
            }
        }
    }
    return bends;
}

void sample_levels(const Plane& plane, std::size_t side, std::uint64_t counts[256]) {
    std::fill_n(counts, 256, 0);
    std::vector<std::size_t> columns(side);
    for (std::size_t at = 0; at < side; ++at) {
        columns[at] = (2 * at + 1) * plane.columns / (2 * side);
    }
    for (std::size_t at = 0; at < side; ++at) {
        const std::uint8_t* row = plane.bytes + (2 * at + 1) * plane.rows / (2 * side) * plane.columns;
        for (const std::size_t column : columns) {
            ++counts[row[column]];
        }
    }
}

void count_colors(const Colors& colors, std::uint64_t counts[color_bins]) { level().count_colors(colors, counts); }

}  // namespace lookalike
