#include "spot_alignment.hpp"

#include "hamming.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <utility>

namespace lookalike {
namespace {

constexpr double units = 4096;
constexpr double steps_to_a_doubling = 32;
constexpr int rounds = 3;
constexpr double scales_apart = 16;     // steps: sigma differs by less than the root of two
constexpr std::size_t for_affine = 5;   // parts; fewer fix place and size only

struct Point {
    double x;
    double y;
};

struct Alike {
    std::uint32_t query_part;
    std::uint16_t bits;
};

Point placed(const Laid& laid, double x, double y) {
    return {laid.xx * x + laid.xy * y + laid.x0, laid.yx * x + laid.yy * y + laid.y0};
}

double zoom_of(const Laid& laid) { return std::sqrt(std::abs(laid.xx * laid.yy - laid.xy * laid.yx)); }

// No more than cropped, resized, a little turned and stretched.
bool plausible(const Laid& laid) {
    if (!(laid.xx > 0.02 && laid.yy > 0.02)) {
        return false;
    }
    const double stretch = laid.xx / laid.yy;
    return std::abs(laid.xy) + std::abs(laid.yx) < 0.3 * (laid.xx + laid.yy) && 0.5 < stretch && stretch < 2.0;
}

Point middle_of(const std::vector<Point>& points) {
    Point sum{0, 0};
    for (const Point& point : points) {
        sum.x += point.x;
        sum.y += point.y;
    }
    const auto number = static_cast<double>(points.size());
    return {sum.x / number, sum.y / number};
}

// The least squares fit; none where the points are too few or all at one place.
std::optional<Laid> fit(const std::vector<Point>& held, const std::vector<Point>& shown) {
    if (held.size() < 2) {
        return std::nullopt;
    }
    const Point from = middle_of(held);
    const Point to = middle_of(shown);
    double xx = 0, xy = 0, yy = 0;                          // held by held
    double to_x_x = 0, to_x_y = 0, to_y_x = 0, to_y_y = 0;  // shown by held
    for (std::size_t at = 0; at < held.size(); ++at) {
        const Point one{held[at].x - from.x, held[at].y - from.y};
        const Point other{shown[at].x - to.x, shown[at].y - to.y};
        xx += one.x * one.x;
        xy += one.x * one.y;
        yy += one.y * one.y;
        to_x_x += other.x * one.x;
        to_x_y += other.x * one.y;
        to_y_x += other.y * one.x;
        to_y_y += other.y * one.y;
    }
    const double spread = xx + yy;
    if (spread < 1) {
        return std::nullopt;
    }
    const double determinant = xx * yy - xy * xy;
    Laid laid{};
    if (held.size() >= for_affine && determinant > 1e-3 * spread * spread) {
        laid.xx = (to_x_x * yy - to_x_y * xy) / determinant;
        laid.xy = (to_x_y * xx - to_x_x * xy) / determinant;
        laid.yx = (to_y_x * yy - to_y_y * xy) / determinant;
        laid.yy = (to_y_y * xx - to_y_x * xy) / determinant;
    } else {
        laid.xx = laid.yy = (to_x_x + to_y_y) / spread;
    }
    laid.x0 = to.x - (laid.xx * from.x + laid.xy * from.y);
    laid.y0 = to.y - (laid.yx * from.x + laid.yy * from.y);
    return laid;
}

}  // namespace

SpotAligner::SpotAligner(std::vector<Part> query, const AskedPicture& picture)
    : query_(std::move(query)),
      picture_(picture),
      scale_steps_(std::nearbyint(steps_to_a_doubling * std::log2(units / picture.longer_side))) {
    codes_.reserve(query_.size());
    for (const Part& part : query_) {
        codes_.push_back(part.code);
    }
}

// Bits by which *code* differs from the picture at a place; `nowhere` outside of it.
int SpotAligner::bits_at(double x, double y, double scale, std::uint64_t code) const {
    const double sigma = std::exp2(scale / steps_to_a_doubling);
    const double margin = 3 * sigma;  // half of half a patch
    if (picture_.space == nullptr || !(x > margin && y > margin && x < picture_.width - margin &&
                                       y < picture_.height - margin && sigma * picture_.longer_side > units)) {
        return nowhere;  // outside, or of less than a pixel
    }
    const double to_pixels = 16 * picture_.longer_side / units;
    const std::uint64_t shown = picture_.space->describe(static_cast<std::int32_t>(std::nearbyint(x * to_pixels)),
                                                         static_cast<std::int32_t>(std::nearbyint(y * to_pixels)),
                                                         static_cast<std::int32_t>(std::nearbyint(scale - scale_steps_)));
    return std::popcount(shown ^ code);
}

Aligned SpotAligner::align(std::size_t asked, const std::vector<Part>& held, std::size_t seed,
                           const AlignmentLimits& limits) const {
    const Part& origin = query_[asked];
    const double zoom = std::exp2((static_cast<double>(origin.scale) - held[seed].scale) / steps_to_a_doubling);
    Laid laid{zoom, 0, origin.x - zoom * held[seed].x, 0, zoom, origin.y - zoom * held[seed].y};

    std::vector<std::vector<Alike>> alike(held.size());
    std::vector<std::uint32_t> positions(codes_.size());
    std::vector<std::uint16_t> distances(codes_.size());
    for (std::size_t at = 0; at < held.size(); ++at) {
        const std::size_t number = level_in_use().collect(codes_.data(), codes_.size(), 1, &held[at].code,
                                                          limits.most_alike, positions.data(), distances.data());
        for (std::size_t hit = 0; hit < number; ++hit) {
            alike[at].push_back({positions[hit], distances[hit]});
        }
    }

    Aligned best{laid, std::vector<std::int64_t>(held.size(), nowhere)};
    std::int64_t best_score = -1;
    std::vector<std::int64_t> bits(held.size());
    std::vector<Point> from;
    std::vector<Point> to;
    for (int turn = 0; turn < rounds; ++turn) {
        from.clear();
        to.clear();
        const double steps = steps_to_a_doubling * std::log2(zoom_of(laid));
        std::int64_t score = 0;
        for (std::size_t at = 0; at < held.size(); ++at) {
            const Part& part = held[at];
            const Point shown = placed(laid, part.x, part.y);
            const double scale = part.scale + steps;
            const double sigma = std::exp2(scale / steps_to_a_doubling);
            // The first guess knows its own part's scale roughly, and errs the more the farther from it.
            const double reach =
                turn == 0 ? 1.2 * sigma + 0.06 * std::hypot(shown.x - origin.x, shown.y - origin.y) : sigma;
            int nearest = nowhere;
            const Part* found = nullptr;
            for (const Alike& one : alike[at]) {
                const Part& other = query_[one.query_part];
                if (one.bits < nearest && std::abs(scale - other.scale) < scales_apart &&
                    std::hypot(shown.x - other.x, shown.y - other.y) < reach) {
                    nearest = one.bits;
                    found = &other;
                }
            }
            if (found != nullptr) {
                from.push_back({part.x, part.y});
                to.push_back({found->x, found->y});
            }
            bits[at] = std::min(nearest, bits_at(shown.x, shown.y, scale, part.code));
            score += std::max<std::int64_t>(0, limits.most_bits - bits[at]);
        }
        if (score <= best_score) {
            break;
        }
        best = {laid, bits};
        best_score = score;
        const std::optional<Laid> refitted = fit(from, to);
        if (!refitted || !plausible(*refitted)) {
            break;
        }
        laid = *refitted;
    }
    return best;
}

}  // namespace lookalike
