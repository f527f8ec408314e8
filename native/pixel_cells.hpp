// The small picture that quality is judged by: boxes averaged, what is left mixed along both axes, and its bends.
#pragma once

#include "pixel_loops.hpp"

#include <algorithm>
#include <vector>

namespace lookalike {
namespace {

void transpose(const std::uint8_t* from, std::size_t rows, std::size_t columns, std::uint8_t* to) {
    constexpr std::size_t block = 16;
    for (std::size_t top = 0; top < rows; top += block) {
        for (std::size_t column = 0; column < columns; ++column) {
            for (std::size_t row = top; row < std::min(rows, top + block); ++row) {
                to[column * rows + row] = from[row * columns + column];
            }
        }
    }
}

// Neighbours in a row are mixed as rows of the picture laid on its side: an output takes two or three of them, too few
// for the dot products of mix_columns.
void average_cells_loop(const Plane& plane, const Cells& cells, std::uint8_t* result) {
    const std::size_t rows = (plane.rows + cells.box_rows - 1) / cells.box_rows;
    const std::size_t columns = (plane.columns + cells.box_columns - 1) / cells.box_columns;
    const std::size_t high = cells.down.outputs;
    const std::size_t wide = cells.across.outputs;
    std::vector<std::uint8_t> boxes(rows * columns);
    average_boxes_loop(plane, cells.box_rows, cells.box_columns, boxes.data());
    std::vector<std::uint8_t> turned(std::max(rows, high) * std::max(columns, wide));
    std::vector<std::uint8_t> mixed(turned.size());
    if (cells.down_first) {
        mix_rows_loop({boxes.data(), rows, columns}, cells.down, mixed.data());
        transpose(mixed.data(), high, columns, turned.data());
        mix_rows_loop({turned.data(), columns, high}, cells.across, mixed.data());
        transpose(mixed.data(), wide, high, result);
        return;
    }
    transpose(boxes.data(), rows, columns, turned.data());
    mix_rows_loop({turned.data(), columns, rows}, cells.across, mixed.data());
    transpose(mixed.data(), wide, rows, turned.data());
    mix_rows_loop({turned.data(), rows, wide}, cells.down, result);
}

std::uint32_t add_bends(const std::uint8_t* before, const std::uint8_t* middle, const std::uint8_t* after,
                        std::size_t number) {
    std::uint32_t bends = 0;
    for (std::size_t at = 0; at < number; ++at) {
        const int bend = after[at] - 2 * middle[at] + before[at];
        // At most 510 * 100, which 16 bits hold: their division by 255 is a product.
        bends += static_cast<std::uint16_t>(static_cast<std::uint16_t>((bend < 0 ? -bend : bend) * 100) / 255);
    }
    return bends;
}

std::uint64_t count_bends_loop(const Plane& plane) {
    std::uint64_t bends = 0;
    for (std::size_t row = 0; row < plane.rows; ++row) {
        const std::uint8_t* line = plane.bytes + row * plane.columns;
        if (row > 0 && row + 1 < plane.rows) {
            bends += add_bends(line - plane.columns, line, line + plane.columns, plane.columns);
        }
        if (plane.columns > 2) {
            bends += add_bends(line, line + 1, line + 2, plane.columns - 2);
        }
    }
    return bends;
}

}  // namespace
}  // namespace lookalike
