// How many of a picture's parts agree that it lies in another one in a certain way.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lookalike {

// A code and where it is: x and y in 1/4096 of the longer side, scale in 1/32 of log2 of sigma in those units.
struct Part {
    float x;
    float y;
    float scale;
    std::uint64_t code;
};

// Where a part of the picture held was found in the query, so that the one lies in the other at one place and size.
struct Hypothesis {
    std::size_t query_part;
    std::size_t held_part;
    std::size_t begin;  // the parts held of the same picture
    std::size_t end;
};

inline constexpr float steps_an_octave = 32.0F;

class SpotSupport {
  public:
    explicit SpotSupport(std::vector<Part> query);

    // How well it is supported: for each part held that has one of the query where the hypothesis says, how many bits
    // the two lie below *most_bits* apart; the part that it rests on included.
    std::uint32_t weigh(const std::vector<Part>& held, const Hypothesis& hypothesis, int most_bits) const;

  private:
    std::vector<Part> query_;    // as they came
    std::vector<Part> by_scale_;
};

}  // namespace lookalike
