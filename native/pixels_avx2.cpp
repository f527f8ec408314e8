// The loops compiled for processors with AVX2.
#include "pixel_levels.hpp"
#include "pixel_cells.hpp"
#include "pixel_loops.hpp"
#include "pixel_luminance.hpp"

namespace lookalike {

const PixelLevel pixels_avx2{"avx2", mix_rows_loop, mix_columns_loop, average_boxes_loop, average_cells_loop, count_bends_loop,
                              count_colors_loop, count_stored_colors_loop,
                              stored_luminance_loop, sum_bands_loop};

}  // namespace lookalike
