// Rows by the value of one substring: a counting sort, on several threads.
#pragma once

#include "large_pages.hpp"
#include "parallel.hpp"
#include "row_tags.hpp"
#include "substrings.hpp"

#include <algorithm>
#include <memory>

namespace lookalike {

class BucketTable {
public:
    BucketTable() = default;

    // With a tag beside each row where *tagged*; codes of one word only.
    BucketTable(const Codes& codes, const Substring& substring, std::size_t threads, bool tagged = false)
        : offsets_(make_large_array<std::uint32_t>(substring.buckets() + 1)),
          rows_(make_large_array<std::uint32_t>(codes.rows)),
          tags_(tagged ? make_large_array<Tag>(codes.rows + tags_a_word) : nullptr),
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
                const std::uint32_t at = places[part][keys[row]]++;
                rows_[at] = static_cast<std::uint32_t>(row);
                if (tagged) {
                    tags_[at] = tag_of(*codes.row(row), substring.mask[0]);
                }
            }
        });
        if (tagged) {
            std::fill_n(tags_.get() + codes.rows, tags_a_word, Tag{0});
        }
    }

    std::size_t buckets() const { return buckets_; }
    std::uint32_t begin(std::size_t bucket) const { return offsets_[bucket]; }
    std::uint32_t end(std::size_t bucket) const { return offsets_[bucket + 1]; }
    const std::uint32_t* offsets() const { return offsets_.get(); }

    // Positions of rows, bucket after bucket, rising within each.
    const std::uint32_t* rows() const { return rows_.get(); }

    // The tags of the same rows in the same order; null where none were made.
    const Tag* tags() const { return tags_.get(); }

    std::size_t bytes() const {
        return (buckets_ + 1 + number_) * sizeof(std::uint32_t) + (tags_ == nullptr ? 0 : number_ * sizeof(Tag));
    }

private:
    LargeArray<std::uint32_t> offsets_;
    LargeArray<std::uint32_t> rows_;
    LargeArray<Tag> tags_;
    std::size_t buckets_ = 0;
    std::size_t number_ = 0;
};

}  // namespace lookalike
