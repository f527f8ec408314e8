// Joins and the multi-index against loops over everything, with limits so small that every way through them is taken.
#include "equal_codes.hpp"
#include "multi_index.hpp"
#include "pairs_join.hpp"

#include <cstdio>
#include <random>
#include <set>
#include <string>

namespace {

using lookalike::Codes;
using lookalike::Hit;
using lookalike::Pair;

int faults = 0;

void check(bool holds, const std::string& sentence) {
    if (!holds) {
        ++faults;
        std::fprintf(stderr, "does not hold: %s\n", sentence.c_str());
    }
}

std::uint32_t distance_by_definition(const std::uint64_t* left, const std::uint64_t* right, std::size_t words) {
    std::uint32_t distance = 0;
    for (std::size_t bit = 0; bit < words * 64; ++bit) {
        distance += static_cast<std::uint32_t>(((left[bit / 64] ^ right[bit / 64]) >> (bit % 64)) & 1U);
    }
    return distance;
}

// Codes around a few centres, half of all bits always zero in one world of two: duplicates, skew and bits that tell
// nothing abound.
std::vector<std::uint64_t> some_words(std::mt19937_64& random, std::size_t rows, std::size_t words, bool flat) {
    std::vector<std::uint64_t> made(rows * words);
    for (std::size_t row = 0; row < rows; ++row) {
        const std::uint64_t kind = random() % 4;
        for (std::size_t word = 0; word < words; ++word) {
            const std::uint64_t few = random() & random() & random() & random();
            const std::uint64_t flips = kind == 3 ? random() : random() % 3 == 0 ? 0 : few & random();
            made[row * words + word] = ((kind * 0x9e3779b97f4a7c15U) ^ flips) & (flat ? 0x00ff00ff00ff00ffU : ~0ULL);
        }
    }
    return made;
}

bool less(const Pair& left, const Pair& right) {
    return left.first != right.first ? left.first < right.first : left.second < right.second;
}

bool same_pairs(std::vector<Pair>& found, const std::vector<Pair>& expected) {
    std::sort(found.begin(), found.end(), less);
    return std::equal(found.begin(), found.end(), expected.begin(), expected.end(), [](auto left, auto right) {
        return left.first == right.first && left.second == right.second && left.distance == right.distance;
    });
}

void check_join(std::mt19937_64& random, std::size_t rows, std::size_t words, std::uint32_t radius, bool flat) {
    const std::vector<std::uint64_t> held = some_words(random, rows, words, flat);
    const std::vector<std::uint64_t> others = some_words(random, rows / 2, words, flat);
    const std::string where = "rows " + std::to_string(rows) + ", words " + std::to_string(words) + ", radius " +
                              std::to_string(radius) + (flat ? ", flat" : "");
    const lookalike::EqualCodes distinct({held.data(), rows, words}, 2);
    const lookalike::EqualCodes distinct_others({others.data(), rows / 2, words}, 2);
    const Codes& left = distinct.distinct();
    const Codes& right = distinct_others.distinct();
    for (const bool itself : {true, false}) {
        const Codes& second_side = itself ? left : right;
        std::vector<Pair> expected;
        for (std::uint32_t first = 0; first < left.rows; ++first) {
            for (std::uint32_t second = itself ? first + 1 : 0; second < second_side.rows; ++second) {
                const auto distance = distance_by_definition(left.row(first), second_side.row(second), words);
                if (distance <= radius) {
                    expected.push_back({first, second, static_cast<std::uint16_t>(distance)});
                }
            }
        }
        for (const lookalike::JoinLimits limits : {lookalike::JoinLimits{}, lookalike::JoinLimits{64, 16}}) {
            for (const std::size_t most : {std::size_t{1}, std::size_t{1} << 20}) {
                lookalike::PairsJoin join(left, itself ? nullptr : &right, radius, 2, limits);
                std::vector<Pair> found;
                std::vector<Pair> batch;
                bool more = true;
                while (more) {
                    batch.clear();
                    more = join.advance(most, lookalike::Clock::now() + std::chrono::seconds(60), batch);
                    found.insert(found.end(), batch.begin(), batch.end());
                }
                check(same_pairs(found, expected), "a join equals the double loop; " + where + ", slices of " +
                                                       std::to_string(limits.slice_rows) + (itself ? "" : ", of two"));
            }
        }
    }
}

void check_distinct(std::mt19937_64& random, std::size_t rows, std::size_t words) {
    const std::vector<std::uint64_t> held = some_words(random, rows, words, true);
    const Codes codes{held.data(), rows, words};
    const lookalike::EqualCodes equal(codes, 3);
    const auto code = [&](const std::uint64_t* from) { return std::vector<std::uint64_t>(from, from + words); };
    std::set<std::vector<std::uint64_t>> distinct;
    for (std::size_t row = 0; row < rows; ++row) {
        distinct.insert(code(codes.row(row)));
    }
    bool holds = equal.distinct().rows == distinct.size() && equal.all_differ() == (distinct.size() == rows);
    std::uint32_t first_before = 0;
    for (std::size_t number = 0; !equal.all_differ() && number < equal.distinct().rows; ++number) {
        const std::uint32_t first = equal.members()[equal.offsets()[number]];
        holds = holds && (number == 0 || first > first_before);
        first_before = first;
        for (std::size_t place = equal.offsets()[number]; place < equal.offsets()[number + 1]; ++place) {
            const std::uint32_t row = equal.members()[place];
            holds = holds && code(codes.row(row)) == code(equal.distinct().row(number));
            holds = holds && (row == first || row > equal.members()[place - 1]);
        }
    }
    check(holds, "equal codes are found, in order of their first row; rows " + std::to_string(rows));
}

std::vector<Hit> ranked(const Codes& codes, const std::uint64_t* query, std::uint32_t radius,
                        const std::vector<std::uint8_t>& usable) {
    std::vector<Hit> hits;
    for (std::uint32_t row = 0; row < codes.rows; ++row) {
        const auto distance = distance_by_definition(codes.row(row), query, codes.words_per_code);
        if (distance <= radius && usable[row] != 0) {
            hits.push_back({row, static_cast<std::uint16_t>(distance)});
        }
    }
    std::stable_sort(hits.begin(), hits.end(), [](auto left, auto right) { return left.distance < right.distance; });
    return hits;
}

bool same_hits(const std::vector<Hit>& found, const std::vector<Hit>& expected) {
    return std::equal(found.begin(), found.end(), expected.begin(), expected.end(), [](auto left, auto right) {
        return left.position == right.position && left.distance == right.distance;
    });
}

void check_index(std::mt19937_64& random, std::size_t rows, std::size_t words, bool flat) {
    const std::vector<std::uint64_t> held = some_words(random, rows, words, flat);
    const std::vector<std::uint64_t> asked = some_words(random, 5, words, false);
    const Codes codes{held.data(), rows, words};
    const Codes queries{asked.data(), 5, words};
    const lookalike::MultiIndex index(codes, 2);
    std::vector<std::uint8_t> finished(5);
    std::vector<double> spent(5);
    const std::string where = "; rows " + std::to_string(rows) + ", words " + std::to_string(words);
    for (const bool all : {true, false}) {
        std::vector<std::uint8_t> usable(rows, 1);
        for (std::size_t row = 0; !all && row < rows; ++row) {
            usable[row] = random() % 3 == 0;
        }
        const lookalike::Usable mask = all ? nullptr : usable.data();
        for (const std::uint32_t radius : {0U, 1U, 5U, 17U, 40U}) {
            for (const double budget : {1e300, 100.0}) {
                const auto found =
                    index.within(queries, radius, mask, {budget, 2.0}, 2, finished.data(), spent.data());
                for (std::size_t query = 0; query < 5; ++query) {
                    const bool right = finished[query] == 0
                                           ? found[query].empty()
                                           : same_hits(found[query], ranked(codes, queries.row(query), radius, usable));
                    check(right, "within equals the filtered list; radius " + std::to_string(radius) + where);
                    check(finished[query] != 0 || budget < 1e300 || index.widths().empty(), "a budget ends" + where);
                    check(finished[query] == 0 || spent[query] <= budget, "no more is spent than allowed" + where);
                }
            }
        }
        for (const std::size_t k : {std::size_t{1}, std::size_t{7}, rows + 3}) {
            const auto found = index.nearest(queries, k, mask, {1e300, 2.0}, 2, finished.data(), spent.data());
            for (std::size_t query = 0; query < 5; ++query) {
                auto expected = ranked(codes, queries.row(query), UINT16_MAX, usable);
                expected.resize(std::min(k, expected.size()));
                check(finished[query] == 0 ? index.widths().empty() : same_hits(found[query], expected),
                      "nearest equals the sorted list; k " + std::to_string(k) + where);
            }
        }
    }
}

// 40,000 codes of which all share 48 bits: plain comparing would be 8e8 comparisons.
void check_that_skew_stays_cheap(std::mt19937_64& random) {
    std::vector<std::uint64_t> words(2 * 40000);
    for (std::size_t row = 0; row < 40000; ++row) {
        words[2 * row + 1] = random();
    }
    const Codes codes{words.data(), 40000, 2};
    lookalike::PairsJoin join(codes, nullptr, 4, 1);
    std::vector<Pair> found;
    while (join.advance(SIZE_MAX, lookalike::Clock::now() + std::chrono::seconds(60), found)) {
    }
    check(join.compared() < 40000000, "bits that never differ are no reason to compare everything");
}

}  // namespace

int main() {
    std::mt19937_64 random(20260102);
    for (const lookalike::Level& level : lookalike::levels()) {
        if (!level.supported) {
            continue;
        }
        lookalike::use_level(level.name);
        for (const std::size_t words : {1U, 2U, 3U, 4U, 5U, 8U, 9U, 16U, 17U}) {
            for (const std::size_t rows : {2U, 15U, 17U, 130U, 700U}) {
                for (const std::uint32_t radius : {0U, 1U, 3U, 8U, 21U, 200U}) {
                    if (rows < 700 || words < 3) {
                        check_join(random, rows, words, radius, radius % 2 == 0);
                    }
                }
                check_distinct(random, rows, words);
                check_index(random, rows, words, rows % 2 == 0);
            }
        }
        std::printf("checked %s\n", std::string(level.name).c_str());
    }
    check_that_skew_stays_cheap(random);
    return faults == 0 ? 0 : 1;
}
