// From samples and their prediction to levels: the residual, its transform, its quantisation.
#pragma once

#include "lossy/enc_rate.hpp"
#include "lossy/reconstruct.hpp"

namespace stf::lossy {

// Transform the difference of samples and their prediction.
void transform_forward(const TransformShape& shape, int bits, const Sample* source, ptrdiff_t source_stride,
                       const Sample* prediction, ptrdiff_t prediction_stride, int16_t* coefficients);

// Quantise coefficients, in raster order: rounding up begins at 1 - offset / 512 of a step. Returns how many levels
// there are in the order of the scan up to the last that is not zero.
int quantise(const TransformShape& shape, int q, int offset, const int16_t* coefficients, int16_t* levels);

// The squared error of samples that a squared error of coefficients stands for.
inline uint64_t sample_error(uint64_t squares, const TransformShape& shape, int bits) {
  const int scale = 2 * (15 - bits) - (shape.log_w + shape.log_h);
  return scale >= 0 ? squares >> scale : squares << -scale;
}

}  // namespace stf::lossy
