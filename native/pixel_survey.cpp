#include "pixel_survey.hpp"

#include <utility>

namespace lookalike {
namespace {

std::vector<std::uint8_t> turned(const Plane& plane) {
    std::vector<std::uint8_t> result(plane.rows * plane.columns);
    for (std::size_t row = 0; row < plane.rows; ++row) {
        for (std::size_t column = 0; column < plane.columns; ++column) {
            result[column * plane.rows + row] = plane.bytes[row * plane.columns + column];
        }
    }
    return result;
}

// A picture at several widths, each made once: thumbnails often have a width in common.
class Narrowed {
public:
    explicit Narrowed(const Plane& plane) : plane_(plane) {}

    Plane at(const Mix& across) {
        for (const auto& [width, bytes] : made_) {
            if (width == across.outputs) {
                return {bytes.data(), plane_.rows, width};
            }
        }
        std::vector<std::uint8_t> bytes(plane_.rows * across.outputs);
        mix_columns(plane_, across, bytes.data());
        made_.emplace_back(across.outputs, std::move(bytes));
        return {made_.back().second.data(), plane_.rows, across.outputs};
    }

private:
    Plane plane_;
    std::vector<std::pair<std::size_t, std::vector<std::uint8_t>>> made_;
};

std::vector<std::uint8_t> make_thumbnail(const Plane& plane, Narrowed& narrowed, const ThumbnailPlan& plan) {
    const Mix across = plan.across.mix();
    const Mix down = plan.down.mix();
    if (plan.down_first) {
        std::vector<std::uint8_t> low(down.outputs * plane.columns);
        mix_rows(plane, down, low.data());
        std::vector<std::uint8_t> result(down.outputs * across.outputs);
        mix_columns({low.data(), down.outputs, plane.columns}, across, result.data());
        return result;
    }
    const Plane narrow = narrowed.at(across);
    // A few columns are laid on their side: dot products of what neighbours each other are faster than sums of rows
    // that are shorter than a vector.
    constexpr std::size_t few = 16;
    std::vector<std::uint8_t> result(down.outputs * across.outputs);
    if (across.outputs >= few) {
        mix_rows(narrow, down, result.data());
        return result;
    }
    const std::vector<std::uint8_t> lying = turned(narrow);
    mix_columns({lying.data(), across.outputs, plane.rows}, down, result.data());
    return turned({result.data(), across.outputs, down.outputs});
}

}  // namespace

Survey SurveyPlan::run(const std::uint8_t* bytes, std::size_t side, std::size_t near, std::size_t apart) const {
    const Plane plane{bytes, rows_, columns_};
    Survey survey;
    Narrowed narrowed(plane);
    survey.thumbnails.reserve(thumbnails_.size());
    for (const ThumbnailPlan& plan : thumbnails_) {
        survey.thumbnails.push_back(make_thumbnail(plane, narrowed, plan));
    }
    const Cells cells{box_rows_, box_columns_, across_.mix(), down_.mix(), down_first_};
    std::vector<std::uint8_t> small(cells.across.outputs * cells.down.outputs);
    average_cells(plane, cells, small.data());
    survey.bends = count_bends({small.data(), cells.down.outputs, cells.across.outputs});
    survey.tones = count_two_tones(plane, side, near, apart);
    return survey;
}

}  // namespace lookalike
