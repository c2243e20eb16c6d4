// Kernels that tell how far two blocks are apart, for the decisions of the lossy encoder. Samples have at most 12 bits.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dsp/dispatch.hpp"

namespace stf {

struct CostKernels {
  // Sum of |a - b|; width is 4, 8 or a multiple of 16 up to 64, height at most 64.
  uint32_t (*sad)(const uint16_t* a, ptrdiff_t a_stride, const uint16_t* b, ptrdiff_t b_stride, int width, int height);
  // Sum of (a - b)^2, the same sizes.
  uint64_t (*sse)(const uint16_t* a, ptrdiff_t a_stride, const uint16_t* b, ptrdiff_t b_stride, int width, int height);
  // Sum over all blocks of 8 x 8 of (the sum of the magnitudes of the Walsh-Hadamard transform of (a - b) >> shift, +
  // 2)
  // >> 2; width and height are multiples of 8 up to 64; shift is such that (a - b) >> shift is in -1024 .. 1023.
  uint32_t (*satd)(const uint16_t* a, ptrdiff_t a_stride, const uint16_t* b, ptrdiff_t b_stride, int width, int height,
                   int shift);
};
STF_DECLARE_KERNELS(CostKernels)

const KernelTables<CostKernels>& cost_tables();
inline const CostKernels& cost_kernels() { return cost_tables().best(); }

}  // namespace stf
