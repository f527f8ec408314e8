// Two words side by side; bits are counted by CNT. Every 64-bit ARM processor has it.
#include "collect.hpp"
#include "levels.hpp"
#include "meet.hpp"

#include <arm_neon.h>

namespace lookalike {
namespace {

struct Lanes {
    static constexpr std::size_t count = 2;
    using Vector = uint64x2_t;

    static Vector zero() { return vdupq_n_u64(0); }
    static Vector load(const std::uint64_t* words) { return vld1q_u64(words); }

    // Only ever asked for one word of two.
    static Vector load_first(const std::uint64_t* words, std::size_t) {
        return vcombine_u64(vld1_u64(words), vdup_n_u64(0));
    }

    static Vector add(Vector left, Vector right) { return vaddq_u64(left, right); }

    // Sums stay below 2^32, so that the lower half of each lane decides and the upper one is zero.
    static Vector min(Vector left, Vector right) {
        return vreinterpretq_u64_u32(vminq_u32(vreinterpretq_u32_u64(left), vreinterpretq_u32_u64(right)));
    }

    static Vector differing(Vector left, Vector right) {
        const uint8x16_t bytes = vcntq_u8(vreinterpretq_u8_u64(veorq_u64(left, right)));
        return vpaddlq_u32(vpaddlq_u16(vpaddlq_u8(bytes)));
    }

    static bool any_at_most(Vector sums, std::uint32_t limit) {
        return vmaxvq_u32(vreinterpretq_u32_u64(vcleq_u64(sums, vdupq_n_u64(limit)))) != 0;
    }

    static void store(std::uint64_t* words, Vector sums) { vst1q_u64(words, sums); }

    static std::uint64_t count_bits(std::uint64_t word) {
        return static_cast<std::uint64_t>(__builtin_popcountll(word));
    }

    template <std::size_t W>
    static Vector row_sums(const Vector* parts) {
        return vpaddq_u64(parts[0], parts[1]);
    }
};

}  // namespace

LOOKALIKE_COLLECT(collect_neon) { return collect<Lanes>(codes, rows, words, query, limit, positions, distances); }
LOOKALIKE_MEET(meet_neon) { return meet<Lanes>(left, right, words, limit, found); }

}  // namespace lookalike
