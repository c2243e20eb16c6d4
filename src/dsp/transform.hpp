// Separable integer transforms: DCT-II of 4, 8, 16 and 32 points and the Walsh-Hadamard transform.
//
// The DCT of N points is the exact product with an integer matrix that approximates 2^S times the orthonormal DCT
// (transform_tables.hpp), then one rounding shift by S; the inverse is the product with the transpose. Since only the
// shift rounds, every way to arrange the sums gives the same bits: butterflies or not, 32 or 64 bits, any lanes.
//
// A pass transforms one axis. Lanes are what lies side by side in memory and is transformed alike: for all axes but
// the last the samples of the inner axes; the last axis is turned into lanes by transposing (transform_blocks.hpp).
#pragma once

#include <cstddef>
#include <cstdint>

#include "dsp/dispatch.hpp"

namespace stf {

inline constexpr int kTransformSizes = 4;  // 4 << index points
// The shift S by size: as large as 32-bit sums of 16-bit numbers can bear.
inline constexpr int kDctShift[kTransformSizes] = {14, 14, 13, 13};

// How large the numbers that go into a pass are; its sums are as wide as that needs.
enum Range : int {
  kRange16 = 0,  // -2^15 <= x < 2^15: 32-bit sums
  kRange27 = 1,  // -2^26 <= x < 2^26: 32-bit butterflies, 64-bit sums of products; if shift < S,
                 // x 2^(S - shift) has to be in that range, or results would overflow
  kRange32 = 2,  // any: 64-bit sums and butterflies, results saturate
};
inline constexpr int kRanges = 3;

// A pass of a DCT: out[k * out_stride + lane] = (sum over n of matrix[k][n] * in[n * in_stride + lane] + 2^(shift-1))
// >> shift, for lane < lanes, a multiple of 4; 1 <= shift <= 24. in and out are the same or do not overlap.
using DctPass = void (*)(const int32_t* in, ptrdiff_t in_stride, int32_t* out, ptrdiff_t out_stride, size_t lanes,
                         int shift);
// A pass of the Hadamard transform has the same type: sums and differences in the natural order, modulo 2^32, then a
// rounding shift (0: none).
using HadamardPass = DctPass;

struct TransformKernels {
  DctPass forward[kRanges][kTransformSizes];
  DctPass inverse[kRanges][kTransformSizes];
  HadamardPass hadamard[kTransformSizes];
  // out[column][row] = in[row][column]; both counts are multiples of 4.
  void (*transpose)(const int32_t* in, ptrdiff_t in_stride, int32_t* out, ptrdiff_t out_stride, size_t rows,
                    size_t columns);
  // A bound on the magnitudes: some m of the form 2^b - 1 or less, with -m - 1 <= in[i] <= m for all i and the same b
  // as the least such m.
  uint32_t (*magnitude)(const int32_t* in, size_t count);
  // Sum of |in[i]|, modulo 2^32 each.
  uint64_t (*sum_magnitudes)(const int32_t* in, size_t count);
};

STF_DECLARE_KERNELS(TransformKernels)

const KernelTables<TransformKernels>& transform_tables();
inline const TransformKernels& transform_kernels() { return transform_tables().best(); }

// The index of a size in the tables above, or -1.
inline int transform_index(uint32_t points) {
  return points == 4 ? 0 : points == 8 ? 1 : points == 16 ? 2 : points == 32 ? 3 : -1;
}
// The range of numbers of this magnitude (TransformKernels) for a pass that shifts by `shift`.
inline Range range_of(uint32_t magnitude, int index, int shift) {
  if (magnitude < (1u << 15)) return kRange16;
  const int gain = shift < kDctShift[index] ? kDctShift[index] - shift : 0;
  return uint64_t{magnitude} << gain < (1u << 26) ? kRange27 : kRange32;
}

}  // namespace stf
