// From levels to samples: the quantiser's steps, the inverse transform, the sum (docs/format.md, 14.7).
#pragma once

#include "lossy/frame.hpp"

namespace stf::lossy {

// What a transform block is: its size and the kinds of its two transforms.
struct TransformShape {
  int log_w = 2, log_h = 2;
  unsigned type = 0;  // bit 0: ADST along rows, bit 1: along columns
};

// A step of the quantiser in sixteenths of a sample of 8 bits.
int step_of(int q);

// A step of the quantiser for blocks of some size: a coefficient is level * factor >> shift, rounded.
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

// Add to the prediction in `out` what the levels (raster order, `count` in scan order) say; `levels` becomes zero
// again.
void reconstruct(const TransformShape& shape, int q, int bits, int count, int16_t* levels, Sample* out,
                 ptrdiff_t stride);

}  // namespace stf::lossy
