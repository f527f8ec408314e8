// How one picture lies in another: fitted to the parts that both have.
#pragma once

#include "scale_space.hpp"
#include "spot_support.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lookalike {

// query x = xx * x + xy * y + x0, query y = yx * x + yy * y + y0, in 1/4096 of each picture's longer side.
struct Laid {
    double xx;
    double xy;
    double x0;
    double yx;
    double yy;
    double y0;
};

// A picture asked about, in the same units.
struct AskedPicture {
    const ScaleSpace* space;  // null where only its parts are known: then no other place of it can be described
    double width;
    double height;
    double longer_side;  // pixels of the picture that the space was made of
};

// Bits that two parts may differ by.
struct AlignmentLimits {
    std::uint32_t most_alike;  // where a fit rests on them
    int most_bits;             // where they say anything for each other
};

inline constexpr int nowhere = 64;  // bits by which a part differs that the query doesn't show

struct Aligned {
    Laid laid;
    std::vector<std::int64_t> bits;  // of each part held; `nowhere` for those that the query doesn't show
};

class SpotAligner {
  public:
    SpotAligner(std::vector<Part> query, const AskedPicture& picture);

    // The best alignment found from one pair of parts on, `asked` of the query and `seed` of `held`: fitted to the parts
    // alike at the place where it puts them, by least squares, as long as that puts more of them where they are.
    Aligned align(std::size_t asked, const std::vector<Part>& held, std::size_t seed,
                  const AlignmentLimits& limits) const;

  private:
    int bits_at(double x, double y, double scale, std::uint64_t code) const;

    std::vector<Part> query_;
    std::vector<std::uint64_t> codes_;
    AskedPicture picture_;
    double scale_steps_;  // what a scale in units has more than one in pixels
};

}  // namespace lookalike
