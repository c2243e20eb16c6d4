// Linear prediction of one sample, for the scalar kernels and for what is left over beside whole vectors.
#pragma once

#include "dsp/linear.hpp"
#include "dsp/predict_rows.hpp"

namespace stf {

// Sums fit in 32 bits or wrap.
template <typename Sample>
inline int predict_linear(const LinearBlock<Sample>& k, const int16_t* coefficient, int y, int x) {
  uint32_t sum = 128;
  for (unsigned i = 0; i < k.count; ++i) {
    const LinearTap<Sample>& t = k.taps[i];
    const int difference = t.tap[y * t.tap_stride + x] - t.base[y * t.base_stride + x];
    sum += static_cast<uint32_t>(coefficient[i]) * static_cast<uint32_t>(difference);
  }
  return clamp_to(k.base[y * k.base_stride + x] + (static_cast<int32_t>(sum) >> 8), 0, k.range - 1);
}

// Columns from `first` on.
template <typename Sample>
inline uint32_t linear_error_scalar(const LinearBlock<Sample>& k, int step, const int16_t* coefficient, int first) {
  uint32_t sum = 0;
  for (int y = 0; y < k.height; y += step) {
    for (int x = first; x < k.width; ++x) {
      const int d = k.x[y * k.stride + x] - predict_linear(k, coefficient, y, x);
      sum += static_cast<uint32_t>(d < 0 ? -d : d);
    }
  }
  return sum;
}

template <typename Sample>
inline uint32_t linear_fold_scalar(const LinearBlock<Sample>& k, const int16_t* coefficient, int first, Sample* z,
                                   ptrdiff_t z_stride) {
  uint32_t any = 0;
  for (int y = 0; y < k.height; ++y) {
    for (int x = first; x < k.width; ++x) {
      const uint32_t r = fold(k.x[y * k.stride + x], predict_linear(k, coefficient, y, x), k.range);
      z[y * z_stride + x] = static_cast<Sample>(r);
      any |= r;
    }
  }
  return any;
}

}  // namespace stf
