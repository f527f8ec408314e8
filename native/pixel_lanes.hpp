// What the pixel loops have in common: bytes into lanes of 32 bits and back.
#pragma once

#include "pixels.hpp"

#include <algorithm>
#include <cstring>
#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace lookalike {
namespace {

constexpr std::size_t lanes = 8;
typedef std::uint8_t Bytes __attribute__((vector_size(lanes)));
typedef std::int32_t Sums __attribute__((vector_size(lanes * 4)));

template <class Vector, class Value>
Vector load(const Value* from) {
    Vector vector;
    std::memcpy(&vector, from, sizeof vector);
    return vector;
}

// GCC 12 makes a vector of words out of bytes one by one, and back; with AVX2 there are instructions for it.
Sums widen(const std::uint8_t* bytes) {
#if defined(__AVX2__)
    return reinterpret_cast<Sums>(_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(bytes))));
#else
    return __builtin_convertvector(load<Bytes>(bytes), Sums);
#endif
}

void store_clipped(Sums sums, std::uint8_t* bytes) {
    sums >>= weight_bits;
#if defined(__AVX2__)
    const auto words = reinterpret_cast<__m256i>(sums);
    const __m128i halves = _mm_packus_epi32(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(bytes), _mm_packus_epi16(halves, halves));
#else
    sums = sums < 0 ? Sums{} : sums;
    sums = sums > 255 ? Sums{} + 255 : sums;
    const Bytes clipped = __builtin_convertvector(sums, Bytes);
    std::memcpy(bytes, &clipped, sizeof clipped);
#endif
}

std::uint8_t clip(std::int32_t sum) {
    return static_cast<std::uint8_t>(std::clamp(sum >> weight_bits, 0, 255));
}

}  // namespace
}  // namespace lookalike
