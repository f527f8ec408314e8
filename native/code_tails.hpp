// The last words of wide codes, side by side: where the k-th nearest row so far is nearer than most rows' last words are, a
// scan reads those, and whole codes of few rows. Where it isn't, the scan reads whole codes. Exact either way.
#pragma once

#include "hamming.hpp"
#include "large_pages.hpp"

namespace lookalike {

// Five of eight words. Of a million looks of 16 words, the last 8 leave 3 % of the rows at the median query and all of them
// at one in four, the last 10 leave 0.5 % and 17 %, at most as many as others that were tried (docs/benchmarks.md).
constexpr std::size_t tail_words(std::size_t words_per_code) { return (words_per_code * 5 + 7) / 8; }

class CodeTails {
public:
    // The codes stay the caller's and must outlive this.
    explicit CodeTails(const Codes& codes);

    // The k nearest rows of one query, as `lookalike::nearest` has them; k is at least 1. Returns how many there are.
    std::size_t nearest(const std::uint64_t* query, std::size_t k, std::int64_t* positions,
                        std::uint16_t* distances) const;

    std::size_t rows() const { return codes_.rows; }
    std::size_t bytes() const { return codes_.rows * tail_words(codes_.words_per_code) * sizeof(std::uint64_t); }

private:
    Codes codes_;
    LargeArray<std::uint64_t> words_;
};

}  // namespace lookalike
