// From levels to samples: levels times the quantiser's step, the inverse transform, the sum with the prediction
// (docs/format.md, 14.7). A level is a quantised coefficient, as it is coded.
#pragma once

#include "lossy/frame.hpp"

namespace stf::lossy {

// The size of a transform block and the types of its two transforms.
struct TransformShape {
  int log_w = 2, log_h = 2;
  unsigned type = 0;  // bit 0: along rows an ADST instead of a DCT; bit 1: along columns
};

// The step of quantiser q in sixteenths of a sample of 8 bits.
int step_of(int q);

// Levels to coefficients, for a quantiser and a size of transform blocks: level * factor >> shift, rounded.
struct Dequantiser {
  Dequantiser(int q, int log_w, int log_h);
  int32_t operator()(int level) const {
    const int64_t magnitude = level < 0 ? -level : level;
    const int64_t value = std::min<int64_t>((magnitude * factor + (int64_t{1} << (shift - 1))) >> shift, 32767);
    return static_cast<int32_t>(level < 0 ? -value : value);
  }
  int64_t factor;
  int shift;
};

// Add a residual to the prediction in `out`. `levels` are in raster order; the first `count` in the order of the scan
// hold all that are not zero. All of them are zero afterwards.
void reconstruct(const TransformShape& shape, int q, int bits, int count, int16_t* levels, Sample* out,
                 ptrdiff_t stride);

}  // namespace stf::lossy
