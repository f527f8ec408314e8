#include "scale_space.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace lookalike {
namespace {

constexpr std::size_t smallest_side = 16;
constexpr int steps_an_octave = 32;  // a scale counts 1/16 of log2 of the variance, which is 1/32 of log2 of sigma

using Values = std::vector<std::uint16_t>;

// 1 4 6 4 1 over 16, a variance of step squared; the sum of five values below 4096 stays within 16 bits.
std::uint16_t mixed(std::uint16_t far, std::uint16_t near, std::uint16_t middle, std::uint16_t near2,
                    std::uint16_t far2) {
    const auto outer = static_cast<std::uint16_t>(far + far2);
    const auto inner = static_cast<std::uint16_t>((near + near2) * 4);
    const auto sum = static_cast<std::uint16_t>(outer + inner + middle * 6 + 8);
    return static_cast<std::uint16_t>(sum >> 4);
}

Values blurred(const Values& source, std::size_t rows, std::size_t columns, std::size_t step) {
    Values result(source.size());
    const std::size_t frame = 2 * step;
    Values line(columns + 2 * frame);
    const auto row_at = [&](std::size_t row, std::size_t back, std::size_t on) {
        const std::size_t ahead = std::min(row + on, rows - 1 + back);
        return source.data() + (ahead > back ? ahead - back : 0) * columns;
    };
    for (std::size_t row = 0; row < rows; ++row) {
        const std::uint16_t* a = row_at(row, 2 * step, 0);
        const std::uint16_t* b = row_at(row, step, 0);
        const std::uint16_t* c = row_at(row, 0, 0);
        const std::uint16_t* d = row_at(row, 0, step);
        const std::uint16_t* e = row_at(row, 0, 2 * step);
        std::uint16_t* inner = line.data() + frame;
        for (std::size_t column = 0; column < columns; ++column) {
            inner[column] = mixed(a[column], b[column], c[column], d[column], e[column]);
        }
        std::fill_n(line.data(), frame, inner[0]);
        std::fill_n(inner + columns, frame, inner[columns - 1]);
        const std::uint16_t* from = line.data();
        std::uint16_t* to = result.data() + row * columns;
        for (std::size_t column = 0; column < columns; ++column) {
            to[column] = mixed(from[column], from[column + step], from[column + 2 * step], from[column + 3 * step],
                               from[column + 4 * step]);
        }
    }
    return result;
}

Octave octave_over(Values first, std::size_t rows, std::size_t columns) {
    Octave octave{rows, columns, {}};
    auto& levels = octave.levels;
    levels[0] = std::move(first);
    levels[1] = blurred(levels[0], rows, columns, 1);                               // 1 + 1
    levels[2] = blurred(blurred(levels[1], rows, columns, 1), rows, columns, 1);    // 2 + 1 + 1
    levels[3] = blurred(levels[2], rows, columns, 2);                               // 4 + 4
    levels[4] = blurred(blurred(levels[3], rows, columns, 2), rows, columns, 2);    // 8 + 4 + 4
    return octave;
}

std::array<std::int64_t, steps_an_octave> sigmas_of_an_octave() {
    std::array<std::int64_t, steps_an_octave> sigmas{};
    for (int step = 0; step < steps_an_octave; ++step) {
        sigmas[static_cast<std::size_t>(step)] = std::llround(std::exp2(step / 32.0) * 1024.0);
    }
    return sigmas;
}

}  // namespace

std::int64_t sigma_of(std::int32_t scale) {
    static const auto sigmas = sigmas_of_an_octave();
    const std::int32_t kept = std::clamp(scale, -64, 640);
    const std::int32_t octave = (kept + 64) / steps_an_octave - 2;  // rounded down
    const std::int64_t sigma = sigmas[static_cast<std::size_t>(kept - octave * steps_an_octave)];
    return octave >= 0 ? sigma << octave : sigma >> -octave;
}

ScaleSpace::ScaleSpace(const Plane& plane, std::size_t octaves) {
    Values values(plane.rows * plane.columns);
    std::transform(plane.bytes, plane.bytes + values.size(), values.begin(),
                   [](std::uint8_t pixel) { return static_cast<std::uint16_t>(pixel << 4); });
    std::size_t rows = plane.rows;
    std::size_t columns = plane.columns;
    values = blurred(values, rows, columns, 1);
    while (true) {
        octaves_.push_back(octave_over(std::move(values), rows, columns));
        if (octaves_.size() >= octaves || (rows + 1) / 2 < smallest_side || (columns + 1) / 2 < smallest_side) {
            return;
        }
        const Values& wide = octaves_.back().levels[2];  // variance 4, which is 1 in pixels twice as large
        const std::size_t wide_columns = columns;
        rows = (rows + 1) / 2;
        columns = (columns + 1) / 2;
        values = Values(rows * columns);
        for (std::size_t row = 0; row < rows; ++row) {
            for (std::size_t column = 0; column < columns; ++column) {
                values[row * columns + column] = wide[2 * row * wide_columns + 2 * column];
            }
        }
    }
}

namespace {

constexpr std::size_t patch_side = 16;
constexpr std::size_t frequencies = 16;
constexpr std::size_t code_bits = 64;
constexpr std::int32_t half_level = 1 << 15;  // levels have 16 bits; less so much they are signed ones

struct Waves {
    std::array<std::array<std::int16_t, patch_side>, frequencies> cosines{};
    std::array<std::int32_t, frequencies> middles{};  // what a level of 2^15 everywhere sums up to
    std::array<std::pair<std::size_t, std::size_t>, code_bits> order{};
    std::size_t rows = 0;  // frequencies that are read

    Waves() {
        const double pi = 3.14159265358979323846;
        for (std::size_t wave = 0; wave < frequencies; ++wave) {
            for (std::size_t at = 0; at < patch_side; ++at) {
                const double angle = pi * static_cast<double>(wave * (2 * at + 1)) / (2.0 * patch_side);
                cosines[wave][at] = static_cast<std::int16_t>(std::lround(std::cos(angle) * 256.0));
                middles[wave] += cosines[wave][at] * half_level;
            }
        }
        std::vector<std::pair<std::size_t, std::size_t>> all;
        for (std::size_t down = 0; down < frequencies; ++down) {
            for (std::size_t across = 0; across < frequencies; ++across) {
                if (down + across > 0) {
                    all.emplace_back(down, across);
                }
            }
        }
        std::stable_sort(all.begin(), all.end(), [](const auto& one, const auto& other) {
            return one.first * one.first + one.second * one.second <
                   other.first * other.first + other.second * other.second;
        });
        for (std::size_t bit = 0; bit < code_bits; ++bit) {
            order[bit] = all[bit];
            rows = std::max({rows, all[bit].first + 1, all[bit].second + 1});
        }
    }
};

// Where a patch's samples of one axis lie: the pixel before, and 0 to 255 of the way to the next.
struct Samples {
    std::array<std::size_t, patch_side> pixel;
    std::array<std::int32_t, patch_side> share;

    Samples(std::int32_t centre, std::int64_t sigma, std::size_t octave, std::size_t length) {
        const auto last = static_cast<std::int64_t>((length - 1) << 8) - 1;
        for (std::size_t at = 0; at < patch_side; ++at) {
            // three quarters of sigma from one sample to the next, in 1/1024 pixel
            const std::int64_t offset = (2 * static_cast<std::int64_t>(at) - 15) * 3 * sigma / 8;
            const std::int64_t place = (static_cast<std::int64_t>(centre) * 64 + offset) >> (2 + octave);
            const std::int64_t inside = std::clamp<std::int64_t>(place, 0, std::max<std::int64_t>(last, 0));
            pixel[at] = static_cast<std::size_t>(inside >> 8);
            share[at] = static_cast<std::int32_t>(inside & 255);
        }
    }
};

}  // namespace

std::uint64_t ScaleSpace::describe(std::int32_t x, std::int32_t y, std::int32_t scale) const {
    static const Waves waves;
    const auto highest = static_cast<std::int32_t>(2 * octaves_.size() + 2);
    const auto level = static_cast<std::size_t>(std::clamp(scale >> 4, 0, highest));
    const std::size_t number = std::min(level / 2, octaves_.size() - 1);
    const Octave& octave = octaves_[number];
    const std::uint16_t* values = octave.levels[level - 2 * number].data();
    const std::int64_t sigma = sigma_of(scale);
    const Samples across(x, sigma, number, octave.columns);
    const Samples down(y, sigma, number, octave.rows);
    const std::size_t next_column = octave.columns > 1 ? 1 : 0;
    const std::size_t next_row = octave.rows > 1 ? octave.columns : 0;

    std::array<std::array<std::int32_t, patch_side>, frequencies> sums{};  // frequencies across, rows of the patch
    for (std::size_t row = 0; row < patch_side; ++row) {
        std::array<std::int16_t, patch_side> line;  // 16 bits: processors multiply and add up eight pairs at once
        const std::uint16_t* upper = values + down.pixel[row] * octave.columns;
        const std::uint16_t* lower = upper + next_row;
        const std::int32_t below = down.share[row];
        for (std::size_t column = 0; column < patch_side; ++column) {
            const std::size_t at = across.pixel[column];
            const std::int32_t right = across.share[column];
            const std::int32_t top = upper[at] * (256 - right) + upper[at + next_column] * right;
            const std::int32_t bottom = lower[at] * (256 - right) + lower[at + next_column] * right;
            const std::int32_t level = ((top >> 4) * (256 - below) + (bottom >> 4) * below) >> 8;
            line[column] = static_cast<std::int16_t>(level - half_level);
        }
        for (std::size_t wave = 0; wave < waves.rows; ++wave) {
            std::int32_t sum = waves.middles[wave];
            for (std::size_t column = 0; column < patch_side; ++column) {
                sum += line[column] * waves.cosines[wave][column];
            }
            sums[wave][row] = sum;
        }
    }
    std::uint64_t code = 0;
    for (const auto& [vertical, horizontal] : waves.order) {
        std::int64_t sum = 0;
        for (std::size_t row = 0; row < patch_side; ++row) {
            sum += static_cast<std::int64_t>(sums[horizontal][row]) * waves.cosines[vertical][row];
        }
        code = code << 1 | (sum > 0 ? 1U : 0U);
    }
    return code;
}

}  // namespace lookalike
