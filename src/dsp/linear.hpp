// Kernels of least squares and of errors of predictors, on rows of int16 numbers: a tap's differences, a sample each.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dsp/dispatch.hpp"

namespace stf {

// Every row has kLinearRow numbers of which the first n, a multiple of 16, are in use. Numbers lie in [-2047, 2047].
inline constexpr size_t kLinearRow = 256;

struct LinearKernels {
  // out[i * (i + 1) / 2 + j] = the sum of rows[i][k] * rows[j][k] over k < n, for j <= i < count <= 24. `out` has room
  // for 3 more numbers.
  void (*products)(const int16_t* rows, unsigned count, size_t n, int32_t* out);
  // Sum of |rows[taps][k] - ((sum of coefficient[i] * rows[i][k] over i < taps) + 128 >> 8)|. |coefficient| <= 1023.
  uint32_t (*linear_error)(const int16_t* rows, unsigned taps, size_t n, const int16_t* coefficient);
  // Sum of a[k] * b[k]; |b| < 2^23.
  int64_t (*dot)(const int32_t* a, const int32_t* b, size_t n);
  // out[y * 16 + x] = tap - base >> shift, of 16 x height samples; strides in samples.
  void (*difference_8)(const uint8_t* tap, ptrdiff_t tap_stride, const uint8_t* base, ptrdiff_t base_stride, int height,
                       unsigned shift, int16_t* out);
  void (*difference_16)(const uint16_t* tap, ptrdiff_t tap_stride, const uint16_t* base, ptrdiff_t base_stride,
                        int height, unsigned shift, int16_t* out);
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
