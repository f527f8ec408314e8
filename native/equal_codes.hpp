// Which rows hold equal codes: a join looks at each code once, however often it is held.
#pragma once

#include "hamming.hpp"

namespace lookalike {

// Distinct codes, numbered in the order of the first row that holds them.
class EqualCodes {
public:
    EqualCodes(const Codes& codes, std::size_t threads);

    // The distinct codes: those given where all differ, else a copy of one of each.
    const Codes& distinct() const { return distinct_; }
    bool all_differ() const { return members_.empty(); }

    // Rows of code `number`, rising, lie from offsets()[number] to offsets()[number + 1] in members(). Both are empty
    // where all codes differ: then row and number are the same.
    const std::vector<std::uint32_t>& offsets() const { return offsets_; }
    const std::vector<std::uint32_t>& members() const { return members_; }

private:
    Codes distinct_;
    std::vector<std::uint64_t> words_;
    std::vector<std::uint32_t> offsets_;
    std::vector<std::uint32_t> members_;
};

}  // namespace lookalike
