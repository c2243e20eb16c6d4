// Kernels of motion compensation in the lossy profile: samples between samples, and means of two predictions
// (docs/format.md, section 14.6).
#pragma once

#include <cstddef>
#include <cstdint>

#include "dsp/dispatch.hpp"

namespace stf {

// Predictions lie in rows of this many samples until they are rounded.
inline constexpr int kPredictionStride = 64;

// Taps along both axes for a place between samples: six each, tap i for the sample i - 2 away. They sum to 64, and
// their magnitudes to at most 108, so that results fit 16 bits. NULL: the place is not between samples along that axis.
struct InterTaps {
  const int16_t *x, *y;
};

struct InterKernels {
  // Interpolate: samples of `bits` (8 .. 12) bits, times 2^(14 - bits), at a place between samples; out has rows of
  // kPredictionStride. width is 4, 8 or a multiple of 16 up to 64; height 1 .. 64. Sums are exact. With s = bits - 8:
  //   no taps:    out = in << (14 - bits)
  //   one axis:   out = (sum of taps * in) >> s
  //   both:       t = (sum of taps.x * in) >> s for 2 rows above to 3 below, out = (sum of taps.y * t) >> 6
  void (*interpolate)(const uint16_t* in, ptrdiff_t stride, int width, int height, const InterTaps& taps, int bits,
                      int16_t* out);
  // Round one prediction: out = clamp((p + 2^(13 - bits)) >> (14 - bits), 0, 2^bits - 1)
  void (*put)(const int16_t* p, uint16_t* out, ptrdiff_t stride, int width, int height, int bits);
  // Average two: out = clamp((p + q + 2^(14 - bits)) >> (15 - bits), 0, 2^bits - 1)
  void (*average)(const int16_t* p, const int16_t* q, uint16_t* out, ptrdiff_t stride, int width, int height, int bits);
  // Scale a reference: out = clamp(((in * weight + 128) >> 8) + offset, 0, largest) of n samples; weight < 1024,
  // |offset| <= 8192.
  void (*scale)(const uint16_t* in, uint16_t* out, int n, int weight, int offset, int largest);
};
STF_DECLARE_KERNELS(InterKernels)

const KernelTables<InterKernels>& inter_tables();
inline const InterKernels& inter_kernels() { return inter_tables().best(); }

}  // namespace stf
