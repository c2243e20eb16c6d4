// From a block and its prediction to levels.
#pragma once

#include "lossy/enc_rate.hpp"
#include "lossy/reconstruct.hpp"

namespace stf::lossy {

// The coefficients of samples less prediction.
void transform_forward(const TransformShape& shape, int bits, const Sample* source, ptrdiff_t source_stride,
                       const Sample* prediction, ptrdiff_t prediction_stride, int16_t* coefficients);

// Levels of coefficients, in raster order; rounding up begins at 1 - offset / 512 steps. Returns how many there are in
// scan order up to the last that is not zero.
int quantise(const TransformShape& shape, int q, int offset, const int16_t* coefficients, int16_t* levels);

// A squared error of coefficients as one of samples.
inline uint64_t sample_error(uint64_t squares, const TransformShape& shape, int bits) {
  const int scale = 2 * (15 - bits) - (shape.log_w + shape.log_h);
  return scale >= 0 ? squares >> scale : squares << -scale;
}

}  // namespace stf::lossy
