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

constexpr std::size_t tile = 16;
typedef std::uint8_t Row __attribute__((vector_size(tile)));

// 16 x 16 bytes: interleaving each row with the one eight below it, four times over, is a transposition.
void transpose_tile(const std::uint8_t* from, std::size_t from_stride, std::uint8_t* to, std::size_t to_stride) {
    Row rows[tile];
    Row mixed[tile];
    for (std::size_t row = 0; row < tile; ++row) {
        rows[row] = load<Row>(from + row * from_stride);
    }
    for (int round = 0; round < 4; ++round) {
        for (std::size_t row = 0; row < tile / 2; ++row) {
            const Row upper = rows[row];
            const Row lower = rows[row + tile / 2];
            mixed[2 * row] = __builtin_shufflevector(upper, lower, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
            mixed[2 * row + 1] =
                __builtin_shufflevector(upper, lower, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
        }
        std::copy(mixed, mixed + tile, rows);
    }
    for (std::size_t row = 0; row < tile; ++row) {
        std::memcpy(to + row * to_stride, &rows[row], sizeof rows[row]);
    }
}

}  // namespace

void transpose(const Plane& plane, std::uint8_t* result) {
    const std::size_t whole_rows = plane.rows - plane.rows % tile;
    const std::size_t whole_columns = plane.columns - plane.columns % tile;
    for (std::size_t column = 0; column < whole_columns; column += tile) {
        for (std::size_t row = 0; row < whole_rows; row += tile) {
            transpose_tile(plane.bytes + row * plane.columns + column, plane.columns,
                           result + column * plane.rows + row, plane.rows);
        }
    }
    for (std::size_t column = 0; column < plane.columns; ++column) {
        for (std::size_t row = column < whole_columns ? whole_rows : 0; row < plane.rows; ++row) {
            result[column * plane.rows + row] = plane.bytes[row * plane.columns + column];
        }
    }
}

void mix_rows(const Plane& plane, const Mix& mix, std::uint8_t* result) { level().mix_rows(plane, mix, result); }

void count_colors(const Colors& colors, std::uint64_t counts[color_bins]) { level().count_colors(colors, counts); }

}  // namespace lookalike
