// The promise of the Hamming kernel: packed codes in, positions and distances out. It knows no Python and keeps no
// state between calls that could change an answer, so that any number of threads may ask over the same rows.
//
// A code is `words_per_code` 64-bit words; unused bits are zero. Rows lie one after another and are named by their
// position. Wherever two rows are equally far, the one with the lower position comes first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace lookalike {

// Positions are 32-bit: a scan of more rows than this would take seconds a query and belongs on several machines.
inline constexpr std::size_t max_rows = UINT32_MAX;

// Distances are 16-bit, and 65,535 means "no neighbour" one floor up: 1,023 words are 65,472 bits.
inline constexpr std::size_t max_words = 1023;

struct Codes {
    const std::uint64_t* words;
    std::size_t rows;
    std::size_t words_per_code;

    const std::uint64_t* row(std::size_t position) const { return words + position * words_per_code; }
};

struct Hit {
    std::uint32_t position;
    std::uint16_t distance;
};

struct Pair {
    std::uint32_t first;
    std::uint32_t second;
    std::uint16_t distance;
};

// The rows a question may be answered with: positions in rising order, without repetition. Null means every row.
using Allowed = const std::vector<std::uint32_t>*;

// The k nearest rows of each query, by distance, then position. Writes queries.rows * count entries, where count is
// min(k, rows allowed); k is at least 1.
void nearest(const Codes& codes, const Codes& queries, std::size_t k, Allowed allowed, std::size_t threads,
             std::int64_t* positions, std::uint16_t* distances);

// Every row at most `radius` bits from each query, by distance, then position.
std::vector<std::vector<Hit>> within(const Codes& codes, const Codes& queries, std::uint32_t radius, Allowed allowed,
                                     std::size_t threads);

// Every two rows at most `radius` bits apart, each pair once with first < second, in rising order, for the values of
// `first` in [begin, end): a caller who must be able to stop asks for one range after another.
std::vector<Pair> pairs(const Codes& codes, std::size_t begin, std::size_t end, std::uint32_t radius,
                        std::size_t threads);

// Writes the position (counted from the first row given) and distance of each row at most `limit` bits from the query,
// in order, and returns how many there are. Both outputs have room for `rows` entries.
using Collect = std::size_t (*)(const std::uint64_t* codes, std::size_t rows, std::size_t words_per_code,
                                const std::uint64_t* query, std::uint32_t limit, std::uint32_t* positions,
                                std::uint16_t* distances);

// Four rows, the first one's position and the number of a query to which one of them may be near.
struct Suspects {
    std::uint32_t first;
    std::uint32_t query;
};

inline constexpr std::size_t screened_rows = 4;     // that are looked at together; the last ones of a block may be fewer
inline constexpr std::size_t screened_queries = 8;  // at most
inline constexpr std::size_t screened_words = 4;    // of a code

// What many queries are screened with: all rows that are near to some, and few others.
struct Screen {
    // Limits above this let too many rows through.
    std::uint32_t most_limit;
    // Writes all suspects among *rows* rows, in order of position and query, and returns how many there are. There is room
    // for one entry each four rows and query. Query number q is near within limits[q] bits.
    std::size_t (*look)(const std::uint64_t* codes, std::size_t rows, const std::uint64_t* queries, std::size_t number,
                        const std::uint32_t* limits, Suspects* found);
};

// Some rows on their way through a join.
struct Block {
    const std::uint64_t* words;
    std::size_t rows;
};

struct Meeting {
    std::uint16_t left;  // row of the left block
    std::uint16_t right;
    std::uint16_t distance;
};

// A block has at most this many rows, and `found` has room for every meeting of two, and one more.
inline constexpr std::size_t meet_rows = 64;
inline constexpr std::size_t meet_room = meet_rows * meet_rows + 1;

// Rows that may be read behind the last one of a right block, whatever they hold.
inline constexpr std::size_t meet_spare_rows = 16;

// Writes every row of `left` and row of `right` at most `limit` bits apart, and returns how many there are.
using Meet = std::size_t (*)(const Block& left, const Block& right, std::size_t words_per_code, std::uint32_t limit,
                             Meeting* found);

// One way to compute distances; all give equal answers.
struct Level {
    std::string_view name;
    Collect collect;
    Meet meet;
    bool supported;  // by this processor
    const Screen* screen = nullptr;  // where looking at many queries together is faster than one after the other
};

// The levels built into this binary, `portable` first, the best one last.
std::span<const Level> levels();

// The level in use: the one that LOOKALIKE_KERNEL names, else the best that this processor supports.
// Throws std::invalid_argument where the variable names an unknown or unsupported level.
const Level& level_in_use();

// From now on use this level; an empty name goes back to the default. Throws std::invalid_argument as above.
void use_level(std::string_view name);

}  // namespace lookalike
