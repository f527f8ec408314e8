// How rows are walked: in blocks that stay in the cache while every query of a tile looks at them.
#pragma once

#include "hamming.hpp"

#include <algorithm>
#include <cstring>

namespace lookalike {

struct Range {
    std::size_t begin;
    std::size_t end;
};

// 32 KiB of codes: what the first-level cache of the processors of the last ten years holds.
inline constexpr std::size_t block_bytes = 32768;

// The first block of a scan is small, so that the k-th distance is known before many rows were looked at.
inline constexpr std::size_t first_block_rows = 32;

// Allowed rows are copied together where they are fewer than one in this many. With one in four, both ways take a single
// query the same time (0.7 ms of a million 64-bit codes on Zen 4); the queries of a batch share the copy.
inline constexpr std::size_t gather_below = 4;

// Where a scan reads more than caches hold, each block is fetched while the one before it is compared, in several streams,
// since the processor itself fetches ahead in one: 128 MB take 9 to 10.8 instead of 11 to 12 ms (Zen 3, one busy core). Of the streams
// tried, 1 to 32, three were best; a power of two of them compete for the same lines of the caches.
inline constexpr std::size_t least_bytes_fetched = std::size_t{8} << 20;
inline constexpr std::size_t streams = 3;
inline constexpr std::size_t line_bytes = 64;

// Of a block, compared before more of the next one is fetched: the ways to memory are as many as they are.
inline constexpr std::size_t slice_bytes = 1024;

// Some codes on their way into the cache.
class Fetched {
public:
    Fetched() = default;
    Fetched(const std::uint64_t* words, std::size_t bytes)
        : from_(reinterpret_cast<const char*>(words)), lines_a_stream_(bytes / line_bytes / streams) {}

    // Fetches *lines* more lines of each stream. Called for each KiB compared, 15 ns: a call is felt.
    [[gnu::always_inline]] void advance(std::size_t lines) {
        const std::size_t end = std::min(lines_a_stream_, line_ + lines);
        for (; line_ < end; ++line_) {
            for (std::size_t stream = 0; stream < streams; ++stream) {
                __builtin_prefetch(from_ + (stream * lines_a_stream_ + line_) * line_bytes);
            }
        }
    }

private:
    const char* from_ = nullptr;
    std::size_t lines_a_stream_ = 0;
    std::size_t line_ = 0;
};

// What to walk: every row, or allowed ones copied together, or every row while asking a bitmap.
class Walk {
public:
    Walk(const Codes& codes, Allowed allowed) : codes_(codes) {
        if (allowed == nullptr) {
            allowed_rows_ = codes.rows;
            return;
        }
        allowed_rows_ = allowed->size();
        if (allowed->size() * gather_below < codes.rows || allowed->empty()) {
            gathered_ = allowed;
            return;
        }
        bitmap_.resize(codes.rows / 64 + 1);
        for (const std::uint32_t position : *allowed) {
            bitmap_[position / 64] |= std::uint64_t{1} << (position % 64);
        }
    }

    const Codes& codes() const { return codes_; }
    bool in_place() const { return gathered_ == nullptr; }
    std::size_t steps() const { return gathered_ != nullptr ? allowed_rows_ : codes_.rows; }
    std::size_t rows_allowed() const { return allowed_rows_; }

    // The codes of some steps: in place, or copied into `room`.
    const std::uint64_t* block(std::size_t step, std::size_t number, std::vector<std::uint64_t>& room) const {
        if (gathered_ == nullptr) {
            return codes_.row(step);
        }
        const std::size_t words = codes_.words_per_code;
        room.resize(number * words);
        for (std::size_t index = 0; index < number; ++index) {
            const std::uint64_t* row = codes_.row((*gathered_)[step + index]);
            std::memcpy(room.data() + index * words, row, words * sizeof(std::uint64_t));
        }
        return room.data();
    }

    std::uint32_t position(std::size_t step) const {
        return gathered_ != nullptr ? (*gathered_)[step] : static_cast<std::uint32_t>(step);
    }

    bool allows(std::uint32_t position) const {
        return bitmap_.empty() || ((bitmap_[position / 64] >> (position % 64)) & 1U) != 0;
    }

private:
    Codes codes_;
    std::size_t allowed_rows_ = 0;
    Allowed gathered_ = nullptr;
    std::vector<std::uint64_t> bitmap_;
};

// Offers the sink of each query the rows that may interest it, in rising order of position. A sink has
// `int limit() const`, the largest distance still of interest (-1: none any more), and `void take(Hit)`.
template <class Sink>
class Scan {
public:
    Scan(const Walk& walk, const Codes& queries, std::size_t first_query, std::span<Sink> sinks)
        : walk_(walk),
          level_(level_in_use()),
          words_(walk.codes().words_per_code),
          queries_(queries.row(first_query)),
          sinks_(sinks),
          most_(std::max<std::size_t>(block_bytes / row_bytes(), 64)),
          positions_(most_),
          distances_(most_) {
        if (level_.screen != nullptr && words_ == screened_words && sinks.size() > 1 &&
            sinks.size() <= screened_queries) {
            limits_.resize(sinks.size());
            suspects_.resize((most_ / screened_rows + 1) * sinks.size());
        }
    }

    void run(Range steps) {
        const bool ahead = walk_.in_place() && (steps.end - steps.begin) * row_bytes() >= least_bytes_fetched;
        std::vector<std::uint64_t> room;
        std::size_t number = std::min(first_block_rows, most_);
        for (std::size_t step = steps.begin; step < steps.end; step += number, number = std::min(number * 2, most_)) {
            number = std::min(number, steps.end - step);
            const std::uint64_t* block = walk_.block(step, number, room);
            Fetched next;
            if (ahead && step + number < steps.end) {
                const std::size_t following = std::min({number * 2, most_, steps.end - step - number});
                next = Fetched(block + number * words_, following * row_bytes());
            }
            const bool together = screens();
            const std::size_t calls = together ? 1 : sinks_.size();  // that a slice is looked at
            const std::size_t slices = ahead ? std::max<std::size_t>(block_bytes / slice_bytes / calls, 1) : 1;
            const std::size_t lines = most_ * row_bytes() / line_bytes / streams / (slices * calls) + 1;
            const std::size_t rows = (number + slices - 1) / slices;
            for (std::size_t first = 0; first < number; first += rows) {
                const std::uint64_t* codes = block + first * words_;
                const std::size_t here = std::min(rows, number - first);
                if (together) {
                    next.advance(lines);
                    look_together(codes, here, step + first);
                    continue;
                }
                for (std::size_t query = 0; query < sinks_.size(); ++query) {
                    next.advance(lines);
                    look(codes, here, step + first, query);
                }
            }
        }
    }

private:
    std::size_t row_bytes() const { return words_ * sizeof(std::uint64_t); }

    // Whether all queries look together: then their limits are written down.
    bool screens() {
        for (std::size_t query = 0; query < limits_.size(); ++query) {
            const int limit = sinks_[query].limit();
            if (limit < 0 || static_cast<std::uint32_t>(limit) > level_.screen->most_limit) {
                return false;
            }
            limits_[query] = static_cast<std::uint32_t>(limit);
        }
        return !limits_.empty();
    }

    void look_together(const std::uint64_t* codes, std::size_t rows, std::size_t step) {
        const std::size_t number =
            level_.screen->look(codes, rows, queries_, sinks_.size(), limits_.data(), suspects_.data());
        for (std::size_t at = 0; at < number; ++at) {
            const std::size_t first = suspects_[at].first;
            look(codes + first * words_, std::min(screened_rows, rows - first), step + first, suspects_[at].query);
        }
    }

    [[gnu::always_inline]] void look(const std::uint64_t* codes, std::size_t rows, std::size_t step,
                                     std::size_t query) {
        Sink& sink = sinks_[query];
        const int limit = sink.limit();
        if (limit < 0) {
            return;
        }
        const std::size_t found = level_.collect(codes, rows, words_, queries_ + query * words_,
                                                 static_cast<std::uint32_t>(limit), positions_.data(), distances_.data());
        for (std::size_t hit = 0; hit < found; ++hit) {
            const std::uint32_t position = walk_.position(step + positions_[hit]);
            if (walk_.allows(position)) {
                sink.take({position, distances_[hit]});
            }
        }
    }

    const Walk& walk_;
    const Level& level_;
    std::size_t words_;
    const std::uint64_t* queries_;
    std::span<Sink> sinks_;
    std::size_t most_;  // rows of a block
    std::vector<std::uint32_t> positions_;
    std::vector<std::uint16_t> distances_;
    std::vector<std::uint32_t> limits_;
    std::vector<Suspects> suspects_;
};

template <class Sink>
void scan(const Walk& walk, Range steps, const Codes& queries, std::size_t first_query, std::span<Sink> sinks) {
    Scan<Sink>(walk, queries, first_query, sinks).run(steps);
}

}  // namespace lookalike
