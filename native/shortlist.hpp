// The k nearest rows so far. Distances are small integers, so that counting them replaces a heap: the k-th distance so far
// is known from the counts, and rows come in order of position, so that only a strictly nearer row is of interest.
#pragma once

#include "hamming.hpp"

#include <algorithm>

namespace lookalike {

class Shortlist {
public:
    Shortlist(std::size_t k, std::size_t width_bits) : k_(k), counts_(width_bits + 1), bound_(width_bits + 1) {}

    // An empty list for rows that lie before those of this one: a row as far as the k-th takes its place.
    Shortlist before() const {
        Shortlist earlier(k_, counts_.size() - 1);
        earlier.bound_ = std::min(bound_ + 1, counts_.size());
        return earlier;
    }

    int limit() const { return static_cast<int>(bound_) - 1; }

    void take(Hit hit) {
        if (hit.distance >= bound_) {
            return;
        }
        if (hits_.size() >= 2 * k_ + spare) {
            keep_best();
        }
        hits_.push_back(hit);
        ++counts_[hit.distance];
        ++nearer_;
        while (nearer_ >= k_) {  // then the k-th distance is below the bound
            nearer_ -= counts_[--bound_];
        }
    }

    // Drops all but the k best, which stay in order of position.
    void keep_best() {
        std::size_t equal = k_ - nearer_;  // places left for rows at the bound itself: the first ones get them
        std::size_t kept = 0;
        for (const Hit& hit : hits_) {
            if (hit.distance < bound_ || (hit.distance == bound_ && equal > 0)) {
                equal -= hit.distance == bound_;
                hits_[kept++] = hit;
            }
        }
        hits_.resize(kept);
    }

    // In order of position.
    const std::vector<Hit>& hits() const { return hits_; }

    // Writes the best by distance, then position.
    void write(std::int64_t* positions, std::uint16_t* distances) {
        keep_best();
        std::vector<std::size_t> places(counts_.size() + 1);
        for (const Hit& hit : hits_) {
            ++places[hit.distance + 1U];
        }
        for (std::size_t distance = 1; distance < places.size(); ++distance) {
            places[distance] += places[distance - 1];
        }
        for (const Hit& hit : hits_) {
            const std::size_t place = places[hit.distance]++;
            positions[place] = hit.position;
            distances[place] = hit.distance;
        }
    }

private:
    static constexpr std::size_t spare = 1024;  // so that a small k doesn't tidy up all the time

    std::size_t k_;
    std::vector<std::size_t> counts_;  // rows taken, by distance
    std::size_t bound_;                // the k-th distance once k rows were taken: nothing at or above it is taken
    std::size_t nearer_ = 0;           // rows taken whose distance is below the bound: always fewer than k
    std::vector<Hit> hits_;
};

}  // namespace lookalike
