// The portable level, and the one place that picks a level for this processor.
#include "hamming.hpp"

#include "collect.hpp"
#include "levels.hpp"
#include "meet.hpp"

#include <atomic>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace lookalike {
namespace {

struct OneLane {
    static constexpr std::size_t count = 1;
    using Vector = std::uint64_t;

    static Vector zero() { return 0; }
    static Vector load(const std::uint64_t* words) { return *words; }
    static Vector load_first(const std::uint64_t*, std::size_t) { return 0; }  // a lane is never cut
    static Vector add(Vector left, Vector right) { return left + right; }
    static Vector min(Vector left, Vector right) { return left < right ? left : right; }
    static Vector differing(Vector left, Vector right) { return count_bits(left ^ right); }
    static bool any_at_most(Vector sum, std::uint32_t limit) { return sum <= limit; }
    static void store(std::uint64_t* words, Vector sum) { *words = sum; }

    // Side-way addition: the compiler's own popcount is a library call on plain x86-64.
    // Source: H. S. Warren, Hacker's Delight, 2nd edition 2012, section 5-1.
    static std::uint64_t count_bits(std::uint64_t word) {
        word -= (word >> 1) & 0x5555555555555555U;
        word = (word & 0x3333333333333333U) + ((word >> 2) & 0x3333333333333333U);
        word = (word + (word >> 4)) & 0x0f0f0f0f0f0f0f0fU;
        return (word * 0x0101010101010101U) >> 56;
    }

    template <std::size_t W>
    static Vector row_sums(const Vector* parts) {
        return parts[0];
    }
};

const Level& level_named(std::string_view name) {
    std::string known;
    for (const Level& level : levels()) {
        if (level.name == name) {
            if (!level.supported) {
                throw std::invalid_argument("this processor doesn't support the kernel level '" + std::string(name) +
                                            "': unset LOOKALIKE_KERNEL to use the best one it has");
            }
            return level;
        }
        known += (known.empty() ? "" : ", ") + std::string(level.name);
    }
    throw std::invalid_argument("no kernel level is named '" + std::string(name) + "'; this build has: " + known);
}

const Level& default_level() {
    const char* wanted = std::getenv("LOOKALIKE_KERNEL");
    if (wanted != nullptr && *wanted != '\0') {
        return level_named(wanted);
    }
    const Level* best = nullptr;
    for (const Level& level : levels()) {
        best = level.supported ? &level : best;
    }
    return *best;
}

std::atomic<const Level*> chosen{nullptr};

}  // namespace

std::span<const Level> levels() {
    static const Level all[] = {
        {"portable", collect<OneLane>, meet<OneLane>, true},
#if defined(__x86_64__)
        {"avx2", collect_avx2, meet_avx2, __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt"),
         &screen_avx2},
        {"avx512", collect_avx512, meet_avx512,
         __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vpopcntdq") &&
             __builtin_cpu_supports("popcnt")},
#elif defined(__aarch64__)
        {"neon", collect_neon, meet_neon, true},
#endif
    };
    return all;
}

const Level& level_in_use() {
    const Level* level = chosen.load();
    if (level == nullptr) {
        level = &default_level();
        chosen.store(level);
    }
    return *level;
}

void use_level(std::string_view name) { chosen.store(name.empty() ? nullptr : &level_named(name)); }

}  // namespace lookalike
