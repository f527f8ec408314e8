// Everything that fingerprints and their quality read of planes of one size, made by one call: thumbnails, how the
// picture bends, its two commonest tones. Weights are copied and checked once. Plain C++; nothing here knows Python.
#pragma once

#include "pixels.hpp"

#include <vector>

namespace lookalike {

// A Mix that keeps its own numbers.
struct OwnMix {
    std::vector<std::int32_t> starts;
    std::vector<std::int32_t> counts;
    std::vector<std::int32_t> weights;
    std::size_t most = 0;

    explicit OwnMix(const Mix& mix)
        : starts(mix.starts, mix.starts + mix.outputs), counts(mix.counts, mix.counts + mix.outputs),
          weights(mix.weights, mix.weights + mix.outputs * mix.most), most(mix.most) {}

    Mix mix() const { return {starts.data(), counts.data(), weights.data(), starts.size(), most}; }
};

// How one thumbnail is made.
struct ThumbnailPlan {
    OwnMix across;
    OwnMix down;
    bool down_first;
};

struct Survey {
    std::vector<std::vector<std::uint8_t>> thumbnails;  // row by row
    std::uint64_t bends = 0;
    TwoTones tones{};
};

class SurveyPlan {
public:
    // Of planes of rows x columns. The caller has checked all mixes and boxes as for the steps alone.
    SurveyPlan(std::size_t rows, std::size_t columns, std::size_t box_rows, std::size_t box_columns,
               const Mix& cells_across, const Mix& cells_down, bool cells_down_first)
        : rows_(rows), columns_(columns), box_rows_(box_rows), box_columns_(box_columns), across_(cells_across),
          down_(cells_down), down_first_(cells_down_first) {}

    void add_thumbnail(const Mix& across, const Mix& down, bool down_first) {
        thumbnails_.push_back({OwnMix(across), OwnMix(down), down_first});
    }

    std::size_t rows() const { return rows_; }
    std::size_t columns() const { return columns_; }
    std::size_t box_rows() const { return box_rows_; }
    std::size_t box_columns() const { return box_columns_; }
    const std::vector<ThumbnailPlan>& thumbnails() const { return thumbnails_; }

    // Of side x side samples the tones are counted, see count_two_tones.
    Survey run(const std::uint8_t* bytes, std::size_t side, std::size_t near, std::size_t apart) const;

private:
    std::size_t rows_, columns_, box_rows_, box_columns_;
    OwnMix across_, down_;
    bool down_first_;
    std::vector<ThumbnailPlan> thumbnails_;
};

}  // namespace lookalike
