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

// The parts held, picture by picture, as the index has them: a code's bytes, the first bit highest, the place packed as in
// a slot (fingerprints/spot_places.py), and whose they are, rising.
struct HeldParts {
    const std::uint64_t* words;
    const std::uint32_t* places;
    const std::int64_t* owners;
    std::size_t number;

    Part at(std::size_t row) const;
};

// A part of the query, and the row of a part held that equals it: so the one picture lies in the other at one place and
// size.
struct Hypothesis {
    std::size_t query_part;
    std::size_t row;
};

struct Supported {
    std::uint32_t support;
    std::size_t begin;  // rows of the same picture
    std::size_t end;
};

inline constexpr float steps_an_octave = 32.0F;

class SpotSupport {
  public:
    explicit SpotSupport(const std::vector<Part>& query);

    // How well it is supported: for each part held that has one of the query where the hypothesis says, how many bits
    // the two lie below *most_bits* apart; the part that it rests on included.
    Supported weigh(const HeldParts& held, const Hypothesis& hypothesis, int most_bits) const;

  private:
    // Which parts of the query lie below each of so many steps along one axis: a bit a part, so that those between two
    // steps are a difference of two sets.
    class Axis {
      public:
        Axis(const std::vector<Part>& parts, float Part::* axis, float least, float step, std::size_t steps);

        const std::uint64_t* below(float value) const { return at(value, -1.0F, steps_ - 1); }
        const std::uint64_t* up_to(float value) const { return at(value, 2.0F, steps_); }

      private:
        const std::uint64_t* at(float value, float ahead, std::size_t last) const;

        float least_;
        float step_;
        std::size_t steps_;
        std::size_t words_;
        std::vector<std::uint64_t> sets_;
    };

    std::vector<Part> query_;
    std::size_t words_;  // of a set
    Axis across_;
    Axis down_;
    Axis scales_;
};

}  // namespace lookalike
