// Weighted sums of neighbouring rows of a plane: what a filter makes of a few samples along one axis.
#pragma once

#include <cstddef>
#include <cstdint>

namespace lookalike {

// Sum number s reads counts[s] rows from starts[s] on, with the weights from weights + s * most on, and becomes row
// places[s] of the result. Sums next to each other that read the same rows find them in the cache.
struct BandSums {
    const std::int32_t* starts;
    const std::int32_t* counts;
    const std::int32_t* places;
    const double* weights;
    std::size_t sums;
    std::size_t most;
};

// *plane* and *result* have *columns* columns; every place is written once.
void sum_bands(const float* plane, std::size_t columns, const BandSums& bands, double* result);

}  // namespace lookalike
