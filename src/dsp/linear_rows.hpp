// Linear prediction of one sample: for the scalar kernels, and for the samples that are left over beside whole vectors.
#pragma once

#include "dsp/linear.hpp"
#include "dsp/predict_rows.hpp"

namespace stf {
namespace {  // a copy in every file: those of other instruction sets must not reach the baseline (docs/hacking.md)

// What the taps add to the base, in 1/256, and a half for rounding; it fits in 32 bits or wraps.
template <typename Sample>
inline int32_t weighted_sum(const LinearBlock<Sample>& k, const int16_t* coefficient, int y, int x) {
  uint32_t sum = 128;
  for (unsigned i = 0; i < k.count; ++i) {
    const LinearTap<Sample>& t = k.taps[i];
    const int difference = t.tap[y * t.tap_stride + x] - t.base[y * t.base_stride + x];
    sum += static_cast<uint32_t>(coefficient[i]) * static_cast<uint32_t>(difference);
  }
  return static_cast<int32_t>(sum);
}
inline int linear_prediction(int base, int32_t sum, int range) { return clamp_to(base + (sum >> 8), 0, range - 1); }
// Whether the prediction was rounded down. Then the sample is more often above it than below, and residuals change
// their sign.
inline bool rounded_down(int32_t sum) { return (sum & 128) != 0; }

// The error of columns from `first` on.
template <typename Sample>
inline uint32_t linear_error_scalar(const LinearBlock<Sample>& k, int step, const int16_t* coefficient, int first) {
  uint32_t sum = 0;
  for (int y = 0; y < k.height; y += step) {
    for (int x = first; x < k.width; ++x) {
      const int d = k.x[y * k.stride + x] -
                    linear_prediction(k.base[y * k.base_stride + x], weighted_sum(k, coefficient, y, x), k.range);
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
      const int32_t sum = weighted_sum(k, coefficient, y, x);
      const int sample = k.x[y * k.stride + x], p = linear_prediction(k.base[y * k.base_stride + x], sum, k.range);
      const uint32_t r = rounded_down(sum) ? fold(p, sample, k.range) : fold(sample, p, k.range);
      z[y * z_stride + x] = static_cast<Sample>(r);
      any |= r;
    }
  }
  return any;
}

}  // namespace
}  // namespace stf
