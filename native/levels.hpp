// The levels that have a file of their own. Only hamming.cpp, the one dispatch point, includes this besides them.
#pragma once

#include "hamming.hpp"

namespace lookalike {

#define LOOKALIKE_COLLECT(name)                                                                                  \
    std::size_t name(const std::uint64_t* codes, std::size_t rows, std::size_t words, const std::uint64_t* query, \
                     std::uint32_t limit, std::uint32_t* positions, std::uint16_t* distances)

#define LOOKALIKE_MEET(name)                                                                                    \
    std::size_t name(const Block& left, const Block& right, std::size_t words, std::uint32_t limit, Meeting* found)

LOOKALIKE_COLLECT(collect_avx2);
LOOKALIKE_COLLECT(collect_avx512);
LOOKALIKE_COLLECT(collect_neon);
extern const Screen screen_avx2;
LOOKALIKE_MEET(meet_avx2);
LOOKALIKE_MEET(meet_avx512);
LOOKALIKE_MEET(meet_neon);

}  // namespace lookalike
