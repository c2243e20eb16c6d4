// Kernels of the metrics: squared errors and the filters of structural similarity, a row at a time.
//
// Floating point is allowed here (no byte of a fragment depends on it), but every level does the same operations in
// the same order, so that a figure is the same on all machines.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dsp/dispatch.hpp"

namespace stf {

inline constexpr size_t kSsimTaps = 11;

// Rows of filtered samples of both pictures, of the sums of their squares, and of their products.
struct SsimRows {
  const float *a, *b, *squares, *cross;
};
// What was subtracted from all samples, and the constants of structural similarity.
struct SsimConstants {
  float offset, c1, c2;
};

struct MetricKernels {
  // Sum of (a[i] - b[i])^2 for i < n <= 65535.
  uint64_t (*sse_8)(const uint8_t* a, const uint8_t* b, size_t n);
  uint64_t (*sse_16)(const uint16_t* a, const uint16_t* b, size_t n);
  // squares[i] = a[i]^2 + b[i]^2, cross[i] = a[i] b[i].
  void (*ssim_products)(const float* a, const float* b, float* squares, float* cross, size_t n);
  // Filter with a Gaussian: across eleven rows, and along one (n results from n + 10 numbers).
  void (*ssim_columns)(const float* const* rows, float* out, size_t n);
  void (*ssim_row)(const float* in, float* out, size_t n);
  // Add to sums[0] the sum over i < n of luminance * contrast * structure, and to sums[1] that of contrast * structure.
  void (*ssim_sums)(const SsimRows& rows, size_t n, const SsimConstants& constants, double* sums);
  // out[i] = mean of in0 and in1 at 2 i and 2 i + 1; out may be in0.
  void (*halve)(const float* in0, const float* in1, float* out, size_t n);
};
STF_DECLARE_KERNELS(MetricKernels)

const KernelTables<MetricKernels>& metric_tables();
inline const MetricKernels& metric_kernels() { return metric_tables().best(); }

}  // namespace stf
