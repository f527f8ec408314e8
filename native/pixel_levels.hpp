// The levels that the loops are compiled for. Only pixels.cpp, the one dispatch point, chooses among them.
#pragma once

#include "band_sums.hpp"
#include "pixels.hpp"

#include <string_view>

namespace lookalike {

struct PixelLevel {
    std::string_view name;
    void (*mix_rows)(const Plane&, const Mix&, std::uint8_t*);
    void (*mix_columns)(const Plane&, const Mix&, std::uint8_t*);
    void (*average_boxes)(const Plane&, std::size_t, std::size_t, std::uint8_t*);
    void (*average_cells)(const Plane&, const Cells&, std::uint8_t*);
    std::uint64_t (*count_bends)(const Plane&);
    void (*count_colors)(const Colors&, std::uint64_t*);
    void (*count_stored_colors)(const std::uint8_t*, std::size_t, std::uint64_t*);
    void (*stored_luminance)(const std::uint8_t*, std::size_t, float*);
    void (*sum_bands)(const float*, std::size_t, const BandSums&, double*);
};

extern const PixelLevel pixels_avx2;
extern const PixelLevel pixels_avx512;

}  // namespace lookalike
