// Rows by the value of one substring: a counting sort, on several threads.
#pragma once

#include "large_pages.hpp"
#include "parallel.hpp"
#include "substrings.hpp"

#include <algorithm>
#include <memory>

namespace lookalike {

class BucketTable {
public:
    BucketTable() = default;

    BucketTable(const Codes& codes, const Substring& substring, std::size_t threads)
        : offsets_(make_large_array<std::uint32_t>(substring.buckets() + 1)),
          rows_(make_large_array<std::uint32_t>(codes.rows)),
          buckets_(substring.buckets()),
          number_(codes.rows) {
        const std::size_t buckets = buckets_;
        // Each part counts for itself: no more parts than keep the counts smaller than the rows.
        const std::size_t parts = std::clamp<std::size_t>(codes.rows / buckets, 1, threads);
        const auto keys = make_large_array<std::uint32_t>(codes.rows);
        std::vector<std::vector<std::uint32_t>> places(parts);
        const auto first = [&](std::size_t part) { return codes.rows * part / parts; };
        run_tasks(parts, threads, [&](std::size_t part) {
            places[part].assign(buckets, 0);
            keys_of(codes, substring, first(part), first(part + 1), keys.get() + first(part));
            for (std::size_t row = first(part); row < first(part + 1); ++row) {
                ++places[part][keys[row]];
            }
        });
        std::uint32_t place = 0;
        for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
            offsets_[bucket] = place;
            for (std::vector<std::uint32_t>& part : places) {
                const std::uint32_t count = part[bucket];
                part[bucket] = place;
                place += count;
            }
        }
        offsets_[buckets] = place;
        run_tasks(parts, threads, [&](std::size_t part) {
            for (std::size_t row = first(part); row < first(part + 1); ++row) {
                rows_[places[part][keys[row]]++] = static_cast<std::uint32_t>(row);
            }
        });
    }

    std::size_t buckets() const { return buckets_; }
    std::uint32_t begin(std::size_t bucket) const { return offsets_[bucket]; }
    std::uint32_t end(std::size_t bucket) const { return offsets_[bucket + 1]; }
    const std::uint32_t* offsets() const { return offsets_.get(); }

    // Positions of rows, bucket after bucket, rising within each.
    const std::uint32_t* rows() const { return rows_.get(); }

    std::size_t bytes() const { return (buckets_ + 1 + number_) * sizeof(std::uint32_t); }

private:
    LargeArray<std::uint32_t> offsets_;
    LargeArray<std::uint32_t> rows_;
    std::size_t buckets_ = 0;
    std::size_t number_ = 0;
};

}  // namespace lookalike
