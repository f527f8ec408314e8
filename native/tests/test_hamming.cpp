// Every level against a loop over bits, over widths, sizes and limits at which the kernel changes its step.
#include "code_tails.hpp"
#include "hamming.hpp"

#include <algorithm>
#include <cstdio>
#include <random>
#include <stdexcept>
#include <string>

namespace {

int faults = 0;

void check(bool holds, const std::string& sentence) {
    if (!holds) {
        ++faults;
        std::fprintf(stderr, "does not hold: %s\n", sentence.c_str());
    }
}

std::uint16_t distance_by_definition(const std::uint64_t* left, const std::uint64_t* right, std::size_t words) {
    std::uint16_t distance = 0;
    for (std::size_t bit = 0; bit < words * 64; ++bit) {
        distance = static_cast<std::uint16_t>(distance + (((left[bit / 64] ^ right[bit / 64]) >> (bit % 64)) & 1U));
    }
    return distance;
}

// Copies of a few codes with few bits flipped: ties and duplicates abound.
std::vector<std::uint64_t> some_words(std::mt19937_64& random, std::size_t rows, std::size_t words) {
    std::vector<std::uint64_t> made(rows * words);
    for (std::size_t row = 0; row < rows; ++row) {
        const std::uint64_t kind = random() % 4;
        for (std::size_t word = 0; word < words; ++word) {
            const std::uint64_t flips = kind == 3 ? random() : random() & random() & random();
            made[row * words + word] = (kind * 0x9e3779b97f4a7c15U) ^ flips;
        }
    }
    return made;
}

std::vector<lookalike::Hit> ranked(const lookalike::Codes& codes, const std::uint64_t* query, std::uint32_t radius,
                                   const std::vector<std::uint32_t>& allowed) {
    std::vector<lookalike::Hit> hits;
    for (const std::uint32_t position : allowed) {
        const std::uint16_t distance = distance_by_definition(codes.row(position), query, codes.words_per_code);
        if (distance <= radius) {
            hits.push_back({position, distance});
        }
    }
    std::stable_sort(hits.begin(), hits.end(), [](auto left, auto right) { return left.distance < right.distance; });
    return hits;
}

void check_world(std::mt19937_64& random, std::size_t rows, std::size_t words, std::size_t threads,
                 std::size_t keep_one_in) {
    const std::string where = std::string(lookalike::level_in_use().name) + ", rows " + std::to_string(rows) +
                              ", words " + std::to_string(words) + ", threads " + std::to_string(threads) +
                              ", one allowed in " + std::to_string(keep_one_in);
    const std::vector<std::uint64_t> words_held = some_words(random, rows, words);
    const std::vector<std::uint64_t> words_asked = some_words(random, 3, words);
    const lookalike::Codes codes{words_held.data(), rows, words};
    const lookalike::Codes queries{words_asked.data(), 3, words};
    std::vector<std::uint32_t> allowed;
    for (std::uint32_t position = 0; position < rows; ++position) {
        if (keep_one_in == 1 || random() % keep_one_in == 0) {
            allowed.push_back(position);
        }
    }
    const lookalike::Allowed filter = keep_one_in == 1 ? nullptr : &allowed;

    for (const std::size_t k : {std::size_t{1}, std::size_t{9}, rows + 1}) {
        const std::size_t count = std::min(k, allowed.size());
        std::vector<std::int64_t> positions(3 * count);
        std::vector<std::uint16_t> distances(3 * count);
        lookalike::nearest(codes, queries, k, filter, threads, positions.data(), distances.data());
        for (std::size_t query = 0; query < 3; ++query) {
            const auto expected = ranked(codes, queries.row(query), UINT16_MAX, allowed);
            bool equal = true;
            for (std::size_t place = 0; place < count; ++place) {
                equal = equal && positions[query * count + place] == expected[place].position &&
                        distances[query * count + place] == expected[place].distance;
            }
            check(equal, "nearest equals the sorted list; k " + std::to_string(k) + ", " + where);
        }
    }
    for (const std::size_t radius : {std::size_t{0}, words * 8, words * 30, words * 64, std::size_t{UINT32_MAX}}) {
        const auto answers =
            lookalike::within(codes, queries, static_cast<std::uint32_t>(radius), filter, threads);
        for (std::size_t query = 0; query < 3; ++query) {
            const auto expected = ranked(codes, queries.row(query), static_cast<std::uint32_t>(radius), allowed);
            const auto same = [](lookalike::Hit left, lookalike::Hit right) {
                return left.position == right.position && left.distance == right.distance;
            };
            const auto& found = answers[query];
            const bool equal = std::equal(expected.begin(), expected.end(), found.begin(), found.end(), same);
            check(equal, "within equals the filtered list; radius " + std::to_string(radius) + ", " + where);
        }
    }
}

void check_pairs(std::mt19937_64& random, std::size_t rows, std::size_t words, std::size_t threads) {
    const std::vector<std::uint64_t> held = some_words(random, rows, words);
    const lookalike::Codes codes{held.data(), rows, words};
    const auto radius = static_cast<std::uint32_t>(words * 12);
    std::vector<lookalike::Pair> found = lookalike::pairs(codes, 0, rows / 3, radius, threads);
    const std::vector<lookalike::Pair> rest = lookalike::pairs(codes, rows / 3, rows + 5, radius, threads);
    found.insert(found.end(), rest.begin(), rest.end());
    std::size_t place = 0;
    bool equal = true;
    for (std::uint32_t first = 0; first < rows; ++first) {
        for (std::uint32_t second = first + 1; second < rows; ++second) {
            const std::uint16_t distance = distance_by_definition(codes.row(first), codes.row(second), words);
            if (distance <= radius) {
                equal = equal && place < found.size() && found[place].first == first &&
                        found[place].second == second && found[place].distance == distance;
                ++place;
            }
        }
    }
    check(equal && place == found.size(), "pairs of two ranges equal the double loop; rows " + std::to_string(rows));
}

// Every other question walks backwards over codes as large as these; all of one code, ties are everywhere.
void check_both_ways(std::mt19937_64& random, std::size_t rows, std::size_t words, bool all_equal, std::size_t keep) {
    std::vector<std::uint64_t> held = some_words(random, rows, words);
    if (all_equal) {
        std::fill(held.begin(), held.end(), 0x0123456789abcdefU);
    }
    const std::vector<std::uint64_t> asked = some_words(random, 2, words);
    const lookalike::Codes codes{held.data(), rows, words};
    const lookalike::Codes queries{asked.data(), 2, words};
    std::vector<std::uint32_t> allowed;
    for (std::uint32_t position = 0; position < rows; ++position) {
        if (random() % keep == 0) {
            allowed.push_back(position);
        }
    }
    std::vector<std::vector<lookalike::Hit>> expected;
    for (std::size_t query = 0; query < 2; ++query) {
        expected.push_back(ranked(codes, queries.row(query), UINT16_MAX, allowed));
    }
    for (const std::size_t k : {1U, 9U, 100U, 5000U}) {
        for (int turn = 0; turn < 2; ++turn) {
            const std::size_t count = std::min(k, allowed.size());
            std::vector<std::int64_t> positions(2 * count);
            std::vector<std::uint16_t> distances(2 * count);
            lookalike::nearest(codes, queries, k, keep == 1 ? nullptr : &allowed, 1, positions.data(),
                               distances.data());
            bool equal = true;
            for (std::size_t place = 0; place < 2 * count; ++place) {
                const lookalike::Hit hit = expected[place / count][place % count];
                equal = equal && positions[place] == hit.position && distances[place] == hit.distance;
            }
            check(equal, "nearest is the same whichever way memory is walked; k " + std::to_string(k) + ", words " +
                             std::to_string(words) + (all_equal ? ", all equal" : ""));
        }
    }
}

// Many queries at once may be screened together, and what is larger than a cache is fetched ahead.
void check_many(std::mt19937_64& random, std::size_t rows, std::size_t number, std::uint32_t radius) {
    constexpr std::size_t words = 4;
    const std::vector<std::uint64_t> held = some_words(random, rows, words);
    const std::vector<std::uint64_t> asked = some_words(random, number, words);
    const lookalike::Codes codes{held.data(), rows, words};
    const lookalike::Codes queries{asked.data(), number, words};
    std::vector<std::uint32_t> all(rows);
    for (std::uint32_t position = 0; position < rows; ++position) {
        all[position] = position;
    }
    const auto answers = lookalike::within(codes, queries, radius, nullptr, 1);
    for (std::size_t query = 0; query < number; ++query) {
        const auto expected = ranked(codes, queries.row(query), radius, all);
        const auto& found = answers[query];
        const bool equal = std::equal(expected.begin(), expected.end(), found.begin(), found.end(), [](auto one, auto other) {
            return one.position == other.position && one.distance == other.distance;
        });
        check(equal, "within equals the filtered list for each of " + std::to_string(number) + " queries; rows " +
                         std::to_string(rows) + ", radius " + std::to_string(radius));
    }
}

// Copies of a query among codes that are far from it: then tails decide; without copies, whole codes.
void check_tails(std::mt19937_64& random, std::size_t rows, std::size_t words, std::size_t copies, bool all_equal) {
    std::vector<std::uint64_t> held(rows * words);
    std::generate(held.begin(), held.end(), [&] { return all_equal ? 5 : random(); });
    const std::vector<std::uint64_t> asked = some_words(random, 1, words);
    for (std::size_t copy = 0; copy < copies; ++copy) {
        const std::size_t row = random() % rows;
        for (std::size_t word = 0; word < words; ++word) {
            held[row * words + word] = asked[word] ^ (random() & random() & random());
        }
    }
    const lookalike::Codes codes{held.data(), rows, words};
    const lookalike::Codes query{asked.data(), 1, words};
    const lookalike::CodeTails tails(codes);
    for (const std::size_t k : {std::size_t{1}, std::size_t{10}, std::size_t{300}, rows + 1}) {
        const std::size_t count = std::min(k, rows);
        std::vector<std::int64_t> positions(count), expected_positions(count);
        std::vector<std::uint16_t> distances(count), expected_distances(count);
        lookalike::nearest(codes, query, k, nullptr, 1, expected_positions.data(), expected_distances.data());
        check(tails.nearest(query.words, k, positions.data(), distances.data()) == count &&
                  positions == expected_positions && distances == expected_distances,
              "tails find the same k nearest; rows " + std::to_string(rows) + ", words " + std::to_string(words) +
                  ", copies " + std::to_string(copies) + ", k " + std::to_string(k));
    }
}

void check_refusals() {
    for (const char* name : {"fastest", "AVX2", "portable "}) {
        try {
            lookalike::use_level(name);
            check(false, std::string("an unknown level is refused: ") + name);
        } catch (const std::invalid_argument&) {
        }
    }
    for (const lookalike::Level& level : lookalike::levels()) {
        if (!level.supported) {
            try {
                lookalike::use_level(level.name);
                check(false, "an unsupported level is refused");
            } catch (const std::invalid_argument&) {
            }
        }
    }
}

}  // namespace

int main() {
    std::mt19937_64 random(20260101);
    check(lookalike::levels().front().name == "portable", "the portable level comes first");
    for (const lookalike::Level& level : lookalike::levels()) {
        if (!level.supported) {
            std::printf("skipped %s: this processor doesn't support it\n", std::string(level.name).c_str());
            continue;
        }
        lookalike::use_level(level.name);
        for (const std::size_t words : {1U, 2U, 3U, 4U, 5U, 7U, 8U, 9U, 12U, 16U, 17U, 33U, 64U}) {
            for (const std::size_t rows : {0U, 1U, 7U, 8U, 33U, 255U, 257U, 700U}) {
                for (const std::size_t keep_one_in : {1U, 2U, 20U}) {
                    check_world(random, rows, words, 1 + rows % 3, keep_one_in);
                }
            }
            check_pairs(random, 150, words, 2);
        }
        // Three queries over as many words as four threads are worth: each takes rows of its own, and parts are merged.
        check_world(random, 1050000, 1, 4, 1);
        check_pairs(random, 2000, 1, 2);
        check_both_ways(random, 1100000, 1, false, 1);  // 8.8 MB: three runs, the first of them short
        check_both_ways(random, 1100000, 1, true, 1);
        check_both_ways(random, 100000, 12, false, 2);
        for (const std::size_t number : {1U, 2U, 7U, 8U, 9U}) {
            for (const std::uint32_t radius : {0U, 31U, 52U, 53U, 100U}) {
                check_many(random, 1 + random() % 900, number, radius);
            }
        }
        check_many(random, 270000, 3, 40);
        for (const std::size_t words : {1U, 2U, 8U, 9U, 16U}) {
            for (const std::size_t rows : {1U, 255U, 256U, 257U, 30000U}) {
                check_tails(random, rows, words, 0, false);
                check_tails(random, rows, words, 40, false);
                check_tails(random, rows, words, 3, true);
            }
        }
        std::printf("checked %s\n", std::string(level.name).c_str());
    }
    lookalike::use_level("");
    check_refusals();
    return faults == 0 ? 0 : 1;
}
