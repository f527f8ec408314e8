// The pixel loops against the obvious, at sizes around the vectors' widths.
#include "band_sums.hpp"
#include "pixels.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

namespace {

using lookalike::Colors;
using lookalike::Mix;
using lookalike::Plane;
using Bytes = std::vector<std::uint8_t>;

int faults = 0;

void check(bool holds, const char* what) {
    if (!holds && ++faults <= 20) {
        std::printf("FAULT: %s\n", what);
    }
}

Bytes noise(std::mt19937& random, std::size_t number) {
    Bytes bytes(number);
    std::generate(bytes.begin(), bytes.end(), [&] { return static_cast<std::uint8_t>(random() >> 8); });
    return bytes;
}

void check_mix(std::mt19937& random, std::size_t rows, std::size_t columns) {
    constexpr std::size_t outputs = 5;
    const Bytes bytes = noise(random, rows * columns);
    const std::size_t most = std::min<std::size_t>(rows, 7);
    std::vector<std::int32_t> starts(outputs);
    std::vector<std::int32_t> counts(outputs);
    std::vector<std::int32_t> weights(outputs * most);
    for (std::size_t output = 0; output < outputs; ++output) {
        counts[output] = static_cast<std::int32_t>(random() % (most + 1));
        starts[output] = static_cast<std::int32_t>(random() % (rows - static_cast<std::size_t>(counts[output]) + 1));
    }
    std::generate(weights.begin(), weights.end(), [&] { return static_cast<std::int32_t>(random() % 2000000) - 800000; });
    Bytes mixed(outputs * columns);
    lookalike::mix_rows({bytes.data(), rows, columns}, {starts.data(), counts.data(), weights.data(), outputs, most},
                        mixed.data());
    for (std::size_t output = 0; output < outputs; ++output) {
        for (std::size_t column = 0; column < columns; ++column) {
            std::int64_t sum = 1 << (lookalike::weight_bits - 1);
            for (std::int32_t tap = 0; tap < counts[output]; ++tap) {
                const auto row = static_cast<std::size_t>(starts[output] + tap);
                sum += std::int64_t{bytes[row * columns + column]} *
                       weights[output * most + static_cast<std::size_t>(tap)];
            }
            const std::int64_t clipped = std::clamp<std::int64_t>(sum >> lookalike::weight_bits, 0, 255);
            check(mixed[output * columns + column] == clipped, "mix_rows");
        }
    }
}

void check_columns(std::mt19937& random, std::size_t rows, std::size_t columns, std::size_t outputs) {
    const Bytes bytes = noise(random, rows * columns);
    std::vector<std::int32_t> starts(outputs);
    std::vector<std::int32_t> counts(outputs);
    std::vector<std::int32_t> weights(outputs * columns);
    for (std::size_t output = 0; output < outputs; ++output) {
        counts[output] = static_cast<std::int32_t>(random() % (columns + 1));
        starts[output] = static_cast<std::int32_t>(random() % (columns - static_cast<std::size_t>(counts[output]) + 1));
    }
    const auto largest = static_cast<std::int32_t>((1 << 23) / columns);  // so that 255 times their sum has 31 bits
    std::generate(weights.begin(), weights.end(), [&] {
        return static_cast<std::int32_t>(random() % static_cast<std::uint32_t>(2 * largest)) - largest;
    });
    Bytes mixed(rows * outputs);
    lookalike::mix_columns({bytes.data(), rows, columns}, {starts.data(), counts.data(), weights.data(), outputs, columns},
                           mixed.data());
    for (std::size_t row = 0; row < rows; ++row) {
        for (std::size_t output = 0; output < outputs; ++output) {
            std::int64_t sum = 1 << (lookalike::weight_bits - 1);
            for (std::int32_t tap = 0; tap < counts[output]; ++tap) {
                sum += std::int64_t{bytes[row * columns + static_cast<std::size_t>(starts[output] + tap)]} *
                       weights[output * columns + static_cast<std::size_t>(tap)];
            }
            const std::int64_t clipped = std::clamp<std::int64_t>(sum >> lookalike::weight_bits, 0, 255);
            check(mixed[row * outputs + output] == clipped, "mix_columns");
        }
    }
}

void check_boxes(std::mt19937& random, std::size_t rows, std::size_t columns) {
    const Bytes bytes = noise(random, rows * columns);
    const std::size_t down = 1 + random() % rows;
    const std::size_t across = 1 + random() % columns;
    Bytes averages(((rows + down - 1) / down) * ((columns + across - 1) / across));
    lookalike::average_boxes({bytes.data(), rows, columns}, down, across, averages.data());
    std::size_t at = 0;
    for (std::size_t row = 0; row < rows; row += down) {
        for (std::size_t column = 0; column < columns; column += across) {
            std::uint32_t sum = 0;
            std::uint32_t pixels = 0;
            for (std::size_t y = row; y < std::min(rows, row + down); ++y) {
                for (std::size_t x = column; x < std::min(columns, column + across); ++x, ++pixels) {
                    sum += bytes[y * columns + x];
                }
            }
            const int mean = static_cast<int>((sum + pixels / 2) / pixels);
            check(std::abs(averages[at++] - mean) <= 1, "average_boxes");  // its reciprocal is that of a float
        }
    }
}

// Pillow's saturation and hue in whole numbers, and imagehash's classes of them; 14 where it has none.
std::size_t color_class(int grey, int red, int green, int blue) {
    if (grey < 32) {
        return 0;
    }
    const int largest = std::max({red, green, blue});
    const int smallest = std::min({red, green, blue});
    const int spread = largest - smallest;
    const int saturation = largest == 0 ? 0 : 255 * spread / largest;
    if (saturation < 85) {
        return 1;
    }
    if (saturation == 170) {
        return 14;
    }
    // hue = 255 / 6 * (2 k + difference / spread), a fraction of 6 * spread
    int sixths = largest == red ? green - blue : largest == green ? 2 * spread + blue - red : 4 * spread + red - green;
    sixths += sixths < 0 ? 6 * spread : 0;
    const int hue = 255 * sixths / (6 * spread);
    const int limits[] = {43, 85, 128, 170, 213};
    const auto bin = static_cast<std::size_t>(std::upper_bound(std::begin(limits), std::end(limits), hue) - limits);
    return (saturation < 170 ? 2 : 8) + bin;
}

void check_colors(std::mt19937& random, std::size_t pixels) {
    const Bytes grey = noise(random, pixels);
    const Bytes red = noise(random, pixels);
    const Bytes green = noise(random, pixels);
    const Bytes blue = noise(random, pixels);
    std::array<std::uint64_t, lookalike::color_bins + 1> expected{};
    for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
        ++expected[color_class(grey[pixel], red[pixel], green[pixel], blue[pixel])];
    }
    std::uint64_t counts[lookalike::color_bins];
    lookalike::count_colors({grey.data(), red.data(), green.data(), blue.data(), pixels}, counts);
    check(std::equal(std::begin(counts), std::end(counts), expected.begin()), "count_colors");
}

// Row after row, product and sum rounded each by itself: no level may fuse them.
void check_bands(std::mt19937& random, std::size_t rows, std::size_t columns) {
    constexpr std::size_t sums = 5;
    std::vector<float> plane(rows * columns);
    std::generate(plane.begin(), plane.end(), [&] { return static_cast<float>(random() % 256); });
    const std::size_t most = std::min<std::size_t>(rows, 7);
    std::vector<double> weights(sums * most);
    std::generate(weights.begin(), weights.end(), [&] { return static_cast<double>(random()) / 5e8 - 4; });
    std::vector<std::int32_t> starts, counts, places;
    for (std::size_t sum = 0; sum < sums; ++sum) {
        counts.push_back(static_cast<std::int32_t>(random() % (most + 1)));
        starts.push_back(static_cast<std::int32_t>(random() % (rows - static_cast<std::size_t>(counts[sum]) + 1)));
        places.push_back(static_cast<std::int32_t>((sum + 3) % sums));
    }
    std::vector<double> made(sums * columns);
    lookalike::sum_bands(plane.data(), columns,
                         {starts.data(), counts.data(), places.data(), weights.data(), sums, most}, made.data());
    for (std::size_t sum = 0; sum < sums; ++sum) {
        for (std::size_t column = 0; column < columns; ++column) {
            double expected = 0;
            for (std::int32_t row = 0; row < counts[sum]; ++row) {
                const volatile double product =
                    weights[sum * most + static_cast<std::size_t>(row)] *
                    static_cast<double>(plane[static_cast<std::size_t>(starts[sum] + row) * columns + column]);
                expected += product;
            }
            check(made[static_cast<std::size_t>(places[sum]) * columns + column] == expected, "sum_bands");
        }
    }
}

// As libjpeg-turbo restores colours, one pixel after the other.
void check_luminance(std::mt19937& random, std::size_t pixels) {
    const Bytes stored = noise(random, 4 * pixels);
    std::vector<float> made(pixels);
    lookalike::stored_luminance(stored.data(), pixels, made.data());
    for (std::size_t at = 0; at < pixels; ++at) {
        const int bright = stored[4 * at], to_blue = stored[4 * at + 1] - 128, to_red = stored[4 * at + 2] - 128;
        const int red = std::clamp(bright + ((91881 * to_red + 32768) >> 16), 0, 255);
        const int green = std::clamp(bright + ((32768 - 22554 * to_blue - 46802 * to_red) >> 16), 0, 255);
        const int blue = std::clamp(bright + ((116130 * to_blue + 32768) >> 16), 0, 255);
        check(made[at] == static_cast<float>(299 * red + 587 * green + 114 * blue) / 1000.0F, "stored_luminance");
    }
}

}  // namespace

int main() {
    std::mt19937 random(20260103);
    for (const std::size_t rows : {1U, 2U, 15U, 16U, 17U, 33U, 70U}) {
        for (const std::size_t columns : {1U, 7U, 8U, 9U, 16U, 31U, 64U, 65U, 130U}) {
            check_mix(random, rows, columns);
            check_columns(random, rows, columns, 1 + rows % 7);
            check_boxes(random, rows, columns);
            check_bands(random, rows, columns);
        }
    }
    for (const std::size_t pixels : {0U, 1U, 31U, 32U, 33U, 8159U, 8160U, 8161U, 100000U}) {
        check_colors(random, pixels);
        check_luminance(random, pixels);
    }
    return faults == 0 ? 0 : 1;
}
