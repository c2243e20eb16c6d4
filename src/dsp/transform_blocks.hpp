// Transforms of whole blocks of one, two or three axes, which lie in memory back to back.
//
// Forward transforms go from the last axis to the first, inverse ones from the first to the last. The order matters
// to the bits, since every pass of a DCT rounds.
#pragma once

#include "dsp/transform.hpp"

namespace stf {

// The size of a block in samples along T, Y and X: 4, 8, 16 or 32, or 1 for an axis that is not transformed (never X).
struct BlockShape {
  uint32_t t = 1, y = 1, x = 4;
  size_t samples() const { return size_t{t} * y * x; }
};

// Transform blocks in place. Coefficients are 2^scale_bits times the orthonormal ones; 0 <= scale_bits <= 8.
void dct_forward(const TransformKernels& kernels, BlockShape shape, int scale_bits, int32_t* data, size_t blocks);
void dct_inverse(const TransformKernels& kernels, BlockShape shape, int scale_bits, int32_t* data, size_t blocks);

// The Hadamard transform in place: sums and differences in natural order, without scaling; the inverse divides by the
// samples of a block, rounding half up: exact for what forward made of numbers whose sum of magnitudes over a block is
// below 2^31.
void hadamard_forward(const TransformKernels& kernels, BlockShape shape, int32_t* data, size_t blocks);
void hadamard_inverse(const TransformKernels& kernels, BlockShape shape, int32_t* data, size_t blocks);

}  // namespace stf
