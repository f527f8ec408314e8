// A grey picture at many blurs: where it has blobs of which size, and 64 bits of what a place looks like.
//
// Blobs are extrema of differences of Gaussians: D. G. Lowe, "Distinctive Image Features from Scale-Invariant
// Keypoints", IJCV 60(2), 2004. Integers throughout, so that every machine finds the same ones.
#pragma once

#include "pixels.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace lookalike {

// Where something is and how large: x and y in 1/16 pixel, scale in 1/16 of the binary logarithm of the variance of the
// blur (in pixels squared) at which it stands out most; response in 1/16 grey level.
struct Spot {
    std::int32_t x;
    std::int32_t y;
    std::int32_t scale;
    std::int32_t response;
};

// Which spots are kept.
struct Choice {
    std::size_t most;            // at most so many, spread over the picture
    std::size_t in_middle;       // so many of them from its middle, as far as it has them: crops keep that
    std::size_t candidates;      // the clearest so many, of which they are chosen
    std::int32_t margin_percent; // of half a patch that has to lie inside the picture around a spot
    std::int32_t least_response; // in 1/16 grey level
};

// Levels of an octave: variances 1, 2, 4, 8, 16 of its own pixels. Values have four fractional bits.
inline constexpr std::size_t levels_an_octave = 5;

struct Octave {
    std::size_t rows;
    std::size_t columns;
    std::array<std::vector<std::uint16_t>, levels_an_octave> levels;
};

class ScaleSpace {
  public:
    // At most so many octaves, each with half the pixels of the one before along either side, at least 16.
    ScaleSpace(const Plane& plane, std::size_t octaves);

    std::vector<Spot> find_spots(const Choice& choice) const;

    // 64 bits of the square of 12 sigma around a spot: the signs of the lowest frequencies of its cosine transform.
    // Beyond the picture lie the pixels of its edge.
    std::uint64_t describe(std::int32_t x, std::int32_t y, std::int32_t scale) const;

  private:
    std::vector<Octave> octaves_;
};

// Standard deviation of a blur of this scale, in 1/1024 pixel.
std::int64_t sigma_of(std::int32_t scale);

}  // namespace lookalike
