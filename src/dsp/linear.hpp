// Kernels of the linear predictors of the lossless profile, and of the least squares that they are learned by. Least
// squares work on rows of int16 numbers: the differences of one tap to its base, one for each sample of a block.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dsp/dispatch.hpp"

namespace stf {

// A row has room for kLinearRow numbers, of which the first n, a multiple of 16, are in use. Numbers lie in [-2047,
// 2047].
inline constexpr size_t kLinearRow = 256;

// The most taps of a linear predictor (docs/format.md, 12.4). A tap adds coefficient * (tap - base) to the prediction.
// Pointers are those of a block's first sample, strides are in samples.
inline constexpr unsigned kMaxLinearTaps = 20;

template <typename Sample>
struct LinearTap {
  const Sample *tap, *base;
  ptrdiff_t tap_stride, base_stride;
};

template <typename Sample>
struct LinearBlock {
  LinearTap<Sample> taps[kMaxLinearTaps];
  unsigned count;
  const Sample *x, *base;  // the samples, and what the predictions start from
  ptrdiff_t stride, base_stride;
  int width, height, range;
};

struct LinearKernels {
  // out[i * (i + 1) / 2 + j] = the sum of rows[i][k] * rows[j][k] over k < n, for j <= i < count <= 24. `out` has room
  // for 3 more numbers.
  void (*products)(const int16_t* rows, unsigned count, size_t n, int32_t* out);
  // errors[i] = the sum of |x - prediction by coefficients[i]| over every `step`-th row; |coefficient| <= 1023. width,
  // height <= 16.
  void (*errors_8)(const LinearBlock<uint8_t>& block, int step, const int16_t (*coefficients)[kMaxLinearTaps],
                   unsigned predictors, uint32_t* errors);
  void (*errors_16)(const LinearBlock<uint16_t>& block, int step, const int16_t (*coefficients)[kMaxLinearTaps],
                    unsigned predictors, uint32_t* errors);
  // z = the numbers of the residuals (12.6) of one predictor. Returns whether any is not 0.
  bool (*fold_8)(const LinearBlock<uint8_t>& block, const int16_t* coefficients, uint8_t* z, ptrdiff_t z_stride);
  bool (*fold_16)(const LinearBlock<uint16_t>& block, const int16_t* coefficients, uint16_t* z, ptrdiff_t z_stride);
  // Sum of a[k] * b[k]; |b| < 2^23.
  int64_t (*dot)(const int32_t* a, const int32_t* b, size_t n);
  // sum[k] += a[k] * weight >> 8, for k < n.
  void (*add_scaled)(const int32_t* a, int32_t weight, size_t n, int64_t* sum);
  // out[y * width + x] = tap - base >> shift, of width x height samples; width is 8 or 16.
  void (*difference_8)(const LinearTap<uint8_t>& tap, int width, int height, unsigned shift, int16_t* out);
  void (*difference_16)(const LinearTap<uint16_t>& tap, int width, int height, unsigned shift, int16_t* out);
  // sum[x] = 128 + the sum of coefficient[i] * (tap[i][x] - base[i][x]) over i < taps, for x < n. Sums fit in 32 bits
  // or wrap.
  void (*weigh_8)(const uint8_t* const* tap, const uint8_t* const* base, const int16_t* coefficient, unsigned taps,
                  size_t n, int32_t* sum);
  void (*weigh_16)(const uint16_t* const* tap, const uint16_t* const* base, const int16_t* coefficient, unsigned taps,
                   size_t n, int32_t* sum);
};
STF_DECLARE_KERNELS(LinearKernels)

const KernelTables<LinearKernels>& linear_tables();
inline const LinearKernels& linear_kernels() { return linear_tables().best(); }

}  // namespace stf
