// Kernels of residuals in the lossy profile: transforms as products with small integer matrices, the differences that
// go in, and the sums that come out (docs/format.md, section 14.7).
//
// A transform of N points is a matrix M of N x N small integers, |M| <= 91, a row for each basis function. Both passes
// of both directions are products with it; every sum is exact in 32 bits, so that any order of the terms gives the same
// result. The same matrix serves rows and columns.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dsp/dispatch.hpp"

namespace stf {

// A matrix of a transform, as pairs of elements that are multiplied together: of the forward transform
// pairs[(n / 2) * N + k] = {M[k][n], M[k][n + 1]}, of the inverse one pairs[(k / 2) * N + n] = {M[k][n], M[k + 1][n]}.
struct TransformMatrix {
  const int16_t (*pairs)[2];
  int points;  // N: 4, 8, 16 or 32
};

struct ResidualKernels {
  // Multiply along rows. For r < rows and j < points:
  //   out[r * points + j] = sat16((sum over k < depth of in[r * in_stride + k] * pair(k, j) + 2^(shift - 1)) >> shift)
  // where pair(k, j) is element k % 2 of pairs[(k / 2) * points + j]. depth is even, 2 .. points; 1 <= shift <= 16. in
  // and out do not overlap.
  void (*rows)(const int16_t* in, ptrdiff_t in_stride, int rows, int depth, const TransformMatrix& matrix, int16_t* out,
               int shift);
  // Multiply along columns, `lanes` (4, 8, 16 or 32) of them side by side. For n < points and j < lanes:
  //   out[n * lanes + j] = sat16((sum over k < depth of in[k * lanes + j] * pair(k, n) + 2^(shift - 1)) >> shift)
  void (*columns)(const int16_t* in, int lanes, int depth, const TransformMatrix& matrix, int16_t* out, int shift);
  // out[y * width + x] = a - b, samples below 2^15; width is a multiple of 4.
  void (*subtract)(const uint16_t* a, ptrdiff_t a_stride, const uint16_t* b, ptrdiff_t b_stride, int width, int height,
                   int16_t* out);
  // samples[y * stride + x] = clamp(samples[y * stride + x] + residual[y * width + x], 0, largest); largest < 2^15.
  void (*add)(uint16_t* samples, ptrdiff_t stride, const int16_t* residual, int width, int height, int largest);
  // levels[i] = the sign of c[i] times (|c[i]| * inverse + round) >> digits, which is below
  // 2^15, and so |c[i]| * inverse + round is below 2^32; n is a multiple of 16, 15 <= digits <= 30. Returns the largest
  // rank[i] of levels that are not 0, or 0; 0 <= rank[i] <= 1024.
  int (*quantise)(const int16_t* c, const int16_t* rank, int n, uint32_t inverse, uint32_t round, int digits,
                  int16_t* levels);
};
STF_DECLARE_KERNELS(ResidualKernels)

const KernelTables<ResidualKernels>& residual_tables();
inline const ResidualKernels& residual_kernels() { return residual_tables().best(); }

}  // namespace stf
