// See code_tails.hpp.
#include "code_tails.hpp"

#include "scan.hpp"
#include "shortlist.hpp"

namespace lookalike {
namespace {

// Rows looked at before the decision between tails and whole codes: 32 KiB of whole codes of 1,024 bits.
constexpr std::size_t rows_a_block = 256;

// A row from here and there takes two to three times as long as one in order: with more near tails than this, tails gain
// nothing. Then so many blocks are read whole before they are tried again, for a 32nd of the time.
constexpr std::size_t most_near_tails = rows_a_block / 6;
constexpr std::size_t blocks_before_a_trial = 16;

class Looker {
public:
    Looker(const Codes& codes, const std::uint64_t* tails, const std::uint64_t* query, std::size_t k)
        : codes_(codes), tails_(tails), query_(query), list_(k, codes.words_per_code * 64) {
        room_.resize(rows_a_block * codes.words_per_code);
    }

    Shortlist& look() {
        std::size_t whole_blocks = 1;  // nothing is known yet
        for (std::size_t step = 0; step < codes_.rows; step += rows_a_block) {
            const std::size_t number = std::min(rows_a_block, codes_.rows - step);
            if (whole_blocks > 0) {
                compare_pending();
                collect(codes_.row(step), codes_.words_per_code, step, number, query_);
                for (std::size_t hit = 0; hit < found_; ++hit) {
                    list_.take({near_[hit], distances_[hit]});
                }
                --whole_blocks;
                continue;
            }
            const std::size_t words = tail_words(codes_.words_per_code);
            collect(tails_ + step * words, words, step, number, query_ + codes_.words_per_code - words);
            compare_pending();  // on their way since the block before
            for (std::size_t hit = 0; hit < found_; ++hit) {
                const auto* code = reinterpret_cast<const char*>(codes_.row(near_[hit]));
                for (std::size_t line = 0; line < codes_.words_per_code * sizeof(std::uint64_t); line += line_bytes) {
                    __builtin_prefetch(code + line);
                }
            }
            pending_.assign(near_, near_ + found_);
            whole_blocks = found_ > most_near_tails ? blocks_before_a_trial : 0;
        }
        compare_pending();
        return list_;
    }

private:
    // Into near_: positions of rows whose *words* words, from *codes* on, are at most as far as is of interest.
    void collect(const std::uint64_t* codes, std::size_t words, std::size_t step, std::size_t number,
                 const std::uint64_t* query) {
        const std::size_t row_bytes = words * sizeof(std::uint64_t);
        const bool more = step + number + rows_a_block <= codes_.rows;
        Fetched next = more ? Fetched(codes + number * words, rows_a_block * row_bytes) : Fetched();
        const std::size_t rows = std::max<std::size_t>(slice_bytes / row_bytes, 1);
        const std::size_t lines = slice_bytes / line_bytes / streams + 1;
        found_ = 0;
        const auto limit = static_cast<std::uint32_t>(std::max(list_.limit(), 0));
        for (std::size_t first = 0; first < number; first += rows) {
            next.advance(lines);
            const std::size_t found = level_.collect(codes + first * words, std::min(rows, number - first), words,
                                                     query, limit, near_ + found_, distances_ + found_);
            for (std::size_t hit = found_; hit < found_ + found; ++hit) {
                near_[hit] += static_cast<std::uint32_t>(step + first);
            }
            found_ += found;
        }
    }

    void compare_pending() {
        const std::size_t words = codes_.words_per_code;
        for (std::size_t at = 0; at < pending_.size(); ++at) {
            std::memcpy(room_.data() + at * words, codes_.row(pending_[at]), words * sizeof(std::uint64_t));
        }
        std::uint32_t places[rows_a_block + 1];
        std::uint16_t distances[rows_a_block + 1];
        const auto limit = static_cast<std::uint32_t>(std::max(list_.limit(), 0));
        const std::size_t number =
            level_.collect(room_.data(), pending_.size(), words, query_, limit, places, distances);
        for (std::size_t hit = 0; hit < number; ++hit) {
            list_.take({pending_[places[hit]], distances[hit]});
        }
        pending_.clear();
    }

    const Level& level_ = level_in_use();
    Codes codes_;
    const std::uint64_t* tails_;
    const std::uint64_t* query_;
    Shortlist list_;
    std::vector<std::uint64_t> room_;
    std::vector<std::uint32_t> pending_;  // rows whose tails were near, being fetched
    std::size_t found_ = 0;
    std::uint32_t near_[rows_a_block + 1];
    std::uint16_t distances_[rows_a_block + 1];
};

}  // namespace

CodeTails::CodeTails(const Codes& codes)
    : codes_(codes), words_(make_large_array<std::uint64_t>(codes.rows * tail_words(codes.words_per_code))) {
    const std::size_t words = tail_words(codes.words_per_code);
    for (std::size_t row = 0; row < codes.rows; ++row) {
        std::memcpy(words_.get() + row * words, codes.row(row) + codes.words_per_code - words, words * sizeof(std::uint64_t));
    }
}

std::size_t CodeTails::nearest(const std::uint64_t* query, std::size_t k, std::int64_t* positions,
                                std::uint16_t* distances) const {
    const std::size_t count = std::min(k, codes_.rows);
    if (count > 0) {
        Looker(codes_, words_.get(), query, count).look().write(positions, distances);
    }
    return count;
}

}  // namespace lookalike
