// Kernels of the fixed predictors of the lossless profile (docs/format.md, 12.4): their errors, their residuals, and
// the way back from residuals to samples for predictors that do not look at the sample to the west.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dsp/dispatch.hpp"

namespace stf {

// Kinds of predictors, numbered as they are stored. W, N and NW are neighbours, A and B references.
enum class PredictKind : uint8_t {
  kMed,  // median of W, N, W + N - NW
  kWest,
  kNorth,
  kA,  // reference A at the vector
  kB,
  kMean,  // of A and B
  kAMed,  // A + median of the differences to it
  kBMed,
  kMeanMed,
  kLinear,  // base + sum of coefficients * differences: none of the fixed ones
};
inline constexpr unsigned kFixedKinds = 9;

// A block of samples and what it is predicted from: the first sample of each, strides in samples. `a` and `b` may be
// anything readable where they are not used. One sample around the block is read: W, N, NW, and the same of `a` and
// `b`.
template <typename Sample>
struct PredictBlock {
  const Sample *x, *a, *b;
  ptrdiff_t stride, a_stride, b_stride;
  int width, height;
  int range;  // samples are below it
};

struct PredictKernels {
  // errors[kind] = the sum of |x - prediction| over every `step`-th row from row 0 on, for the kinds that a frame with
  // `refs` references may have: kMed; without references kWest, kNorth; with one kA, kAMed; with two kB, kMean, kBMed,
  // kMeanMed too. The others are left alone. width, height <= 16.
  void (*errors_8)(const PredictBlock<uint8_t>& block, unsigned refs, int step, uint32_t errors[kFixedKinds]);
  void (*errors_16)(const PredictBlock<uint16_t>& block, unsigned refs, int step, uint32_t errors[kFixedKinds]);
  // z = the numbers of the residuals (12.6) of a fixed kind. Returns whether any is not 0.
  bool (*fold_8)(PredictKind kind, const PredictBlock<uint8_t>& block, uint8_t* z, ptrdiff_t z_stride);
  bool (*fold_16)(PredictKind kind, const PredictBlock<uint16_t>& block, uint16_t* z, ptrdiff_t z_stride);
  // x[i] = the sample that has residual z[i] < range to p[i], or to (p[i] + q[i] + 1) >> 1 if q is not NULL; p and q <
  // range.
  void (*unfold_8)(const uint8_t* z, const uint8_t* p, const uint8_t* q, size_t n, int range, uint8_t* x);
  void (*unfold_16)(const uint16_t* z, const uint16_t* p, const uint16_t* q, size_t n, int range, uint16_t* x);
};
STF_DECLARE_KERNELS(PredictKernels)

const KernelTables<PredictKernels>& predict_tables();
inline const PredictKernels& predict_kernels() { return predict_tables().best(); }

}  // namespace stf
