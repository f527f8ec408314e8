// The portable level, and the one place that picks a level for this processor.
#include "pixels.hpp"

#include "pixel_levels.hpp"
#include "pixel_loops.hpp"

#include <cstdlib>

namespace lookalike {
namespace {

const PixelLevel pixels_portable{"portable", mix_rows_loop, count_colors_loop};

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

void transpose(const Plane& plane, std::uint8_t* result) {
    constexpr std::size_t tile = 32;  // two tiles are 2 KiB: both stay in the first cache
    for (std::size_t top = 0; top < plane.rows; top += tile) {
        const std::size_t bottom = std::min(plane.rows, top + tile);
        for (std::size_t left = 0; left < plane.columns; left += tile) {
            const std::size_t right = std::min(plane.columns, left + tile);
            for (std::size_t column = left; column < right; ++column) {
                for (std::size_t row = top; row < bottom; ++row) {
                    result[column * plane.rows + row] = plane.bytes[row * plane.columns + column];
                }
            }
        }
    }
}

void mix_rows(const Plane& plane, const Mix& mix, std::uint8_t* result) { level().mix_rows(plane, mix, result); }

void count_colors(const Colors& colors, std::uint64_t counts[color_bins]) { level().count_colors(colors, counts); }

}  // namespace lookalike
