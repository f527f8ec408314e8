// See substrings.hpp.
#include "substrings.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lookalike {
namespace {

// Rows looked at to learn what bits tell: the share of ones is known to half a percent.
constexpr std::size_t sample_rows = 16384;

// A bit that is equal in 99 of 100 pairs tells 0.015 bits, and makes almost every bucket twice as large as it saves.
constexpr double least_told = 0.03;

// Costs in comparisons of one word, which is 0.1 ns (AVX-512 on Zen 4, rows in the cache). Measured on joins of 10^5 to
// 10^7 random rows: looking up whether a bucket holds anything; calling the kernel for two buckets; a row's way into a
// table, and a bucket's place in it.
constexpr double lookup_work = 20;
constexpr double meeting_work = 200;
constexpr double table_work = 150;
constexpr double bucket_work = 20;

// Bits that a table of an index may have beyond those that number its rows: four buckets a row.
constexpr double spare_bits = 2;

// Substrings of a join that are visited beyond this many values a row lose to comparing everything.
constexpr double most_values = 1 << 16;

std::vector<double> share_of_ones(const Codes& codes) {
    std::vector<double> ones(codes.words_per_code * 64);
    const std::size_t number = std::min(codes.rows, sample_rows);
    for (std::size_t index = 0; index < number; ++index) {
        const std::uint64_t* row = codes.row(codes.rows * index / number);
        for (std::size_t bit = 0; bit < ones.size(); ++bit) {
            ones[bit] += static_cast<double>((row[bit / 64] >> (bit % 64)) & 1U);
        }
    }
    for (double& share : ones) {
        share /= static_cast<double>(std::max<std::size_t>(number, 1));
    }
    return ones;
}

}  // namespace

std::uint32_t Substring::key(const std::uint64_t* code) const {
    std::uint32_t made = 0;
    for (std::size_t place = 0; place < bits.size(); ++place) {
        const std::uint32_t bit = bits[place];
        made |= static_cast<std::uint32_t>((code[bit / 64] >> (bit % 64)) & 1U) << place;
    }
    return made;
}

double values_within(std::size_t width, int radius) {
    double sum = 0;
    double values = 1;  // width over ones
    for (int ones = 0; ones <= radius && ones <= static_cast<int>(width); ++ones) {
        sum += values;
        values *= static_cast<double>(static_cast<int>(width) - ones) / (ones + 1);
    }
    return sum;
}

void keys_of(const Codes& codes, const Substring& substring, std::size_t begin, std::size_t end, std::uint32_t* keys) {
    std::fill(keys, keys + (end - begin), 0U);
    constexpr std::size_t block = 256;  // keys stay in the first-level cache while bit after bit is put in
    for (std::size_t first = begin; first < end; first += block) {
        const std::size_t last = std::min(first + block, end);
        for (std::size_t place = 0; place < substring.bits.size(); ++place) {
            const std::size_t word = substring.bits[place] / 64;
            const std::size_t shift = substring.bits[place] % 64;
            for (std::size_t row = first; row < last; ++row) {
                const std::uint64_t held = codes.words[row * codes.words_per_code + word];
                keys[row - begin] |= static_cast<std::uint32_t>((held >> shift) & 1U) << place;
            }
        }
    }
}

std::vector<double> information(const Codes& left, const Codes& right) {
    const std::vector<double> ones_left = share_of_ones(left);
    const std::vector<double> ones_right = share_of_ones(right);
    std::vector<double> told(ones_left.size());
    for (std::size_t bit = 0; bit < told.size(); ++bit) {
        const double agree = ones_left[bit] * ones_right[bit] + (1 - ones_left[bit]) * (1 - ones_right[bit]);
        told[bit] = std::clamp(-std::log2(std::max(agree, 0.5)), 0.0, 1.0);
    }
    return told;
}

std::size_t telling_bits(const std::vector<double>& told) {
    return static_cast<std::size_t>(
        std::count_if(told.begin(), told.end(), [](double bits) { return bits >= least_told; }));
}

std::vector<Substring> cut(const std::vector<double>& told, const std::vector<std::size_t>& widths,
                           std::size_t words_per_code) {
    const std::size_t wanted = std::accumulate(widths.begin(), widths.end(), std::size_t{0});
    std::vector<std::uint32_t> bits(told.size());
    std::iota(bits.begin(), bits.end(), 0U);
    std::stable_sort(bits.begin(), bits.end(), [&](auto left, auto right) { return told[left] > told[right]; });
    bits.resize(wanted);
    std::sort(bits.begin(), bits.end());

    std::vector<Substring> made(widths.size());
    for (Substring& substring : made) {
        substring.mask.resize(words_per_code);
    }
    for (const std::uint32_t bit : bits) {
        std::size_t emptiest = 0;  // the substring of which the largest share is still missing
        double most = -1;
        for (std::size_t place = 0; place < widths.size(); ++place) {
            const auto width = static_cast<double>(widths[place]);
            const double missing = (width - static_cast<double>(made[place].bits.size())) / width;
            if (missing > most) {
                most = missing;
                emptiest = place;
            }
        }
        made[emptiest].bits.push_back(bit);
        made[emptiest].mask[bit / 64] |= std::uint64_t{1} << (bit % 64);
    }
    return made;
}

JoinPlan plan_join(const Codes& left, const Codes& right, bool itself, std::uint32_t radius) {
    const double halved = itself ? 0.5 : 1;
    const auto rows_left = static_cast<double>(left.rows);
    const auto rows_right = static_cast<double>(right.rows);
    const auto words = static_cast<double>(left.words_per_code);
    JoinPlan plan;
    plan.work = rows_left * rows_right * words * halved;

    const std::vector<double> told = information(left, right);
    const std::size_t bits = telling_bits(told);
    const double told_a_bit = bits == 0 ? 0 : std::accumulate(told.begin(), told.end(), 0.0) / static_cast<double>(bits);

    const auto cost = [&](std::size_t width, int within) {
        const double values = values_within(width, within);
        if (values > most_values) {
            return plan.work;
        }
        const auto buckets = static_cast<double>(std::size_t{1} << width);
        const double filled = buckets * (1 - std::exp(-rows_left / buckets));
        const double met = 1 - std::exp(-rows_right / buckets);
        const double compared = rows_left * rows_right * words / std::exp2(told_a_bit * static_cast<double>(width));
        return (rows_left + rows_right) * table_work + buckets * bucket_work +
               halved * values * (filled * (lookup_work + met * meeting_work) + compared);
    };

    std::vector<std::size_t> best;
    for (std::size_t number = 1; number <= std::min<std::size_t>(radius + std::size_t{1}, bits); ++number) {
        const std::size_t far = radius % number + 1;  // substrings that are searched one bit farther than the others
        const std::size_t near = number - far;
        const int within = static_cast<int>(radius / number);
        for (std::size_t narrow = near == 0 ? 0 : 1; narrow <= (near == 0 ? 0 : widest_substring); ++narrow) {
            for (std::size_t wide = 1; wide <= widest_substring && far * wide + near * narrow <= bits; ++wide) {
                const double work = static_cast<double>(far) * cost(wide, within) +
                                    (near == 0 ? 0 : static_cast<double>(near) * cost(narrow, within - 1));
                if (work < plan.work) {
                    plan.work = work;
                    best.assign(far, wide);
                    best.resize(number, narrow);
                }
            }
        }
    }
    plan.substrings = cut(told, best, left.words_per_code);
    for (std::size_t place = 0; place < best.size(); ++place) {
        plan.radii.push_back(refined_radius(radius, best.size(), place));
    }
    return plan;
}

std::vector<Substring> plan_index(const Codes& codes) {
    const std::vector<double> told = information(codes, codes);
    const std::size_t bits = telling_bits(told);
    if (bits == 0) {
        return {};
    }
    const double all = std::accumulate(told.begin(), told.end(), 0.0);
    const double row_number_bits = std::log2(static_cast<double>(std::max<std::size_t>(codes.rows, 2)));
    const auto widest = std::min(widest_substring, static_cast<std::size_t>(row_number_bits + spare_bits));
    const std::size_t least = (bits + widest - 1) / widest;
    const auto fitting = static_cast<std::size_t>(std::lround(all / row_number_bits));
    const std::size_t number = std::clamp(fitting, least, bits);
    std::vector<std::size_t> widths(number, bits / number);
    for (std::size_t place = 0; place < bits % number; ++place) {
        ++widths[place];
    }
    return cut(told, widths, codes.words_per_code);
}

}  // namespace lookalike
