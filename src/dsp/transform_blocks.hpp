// Whole blocks of one, two or three axes, in memory back to back: which pass runs over what.
//
// Forward transforms go from the last axis to the first, inverse ones from the first to the last. The order matters
// to the bits, since every pass of a DCT rounds.
#pragma once

#include "dsp/transform.hpp"

namespace stf {

// Samples along T, Y and X: 4, 8, 16 or 32, or 1 for an axis that is not transformed (never X).
struct BlockShape {
  uint32_t t = 1, y = 1, x = 4;
  size_t samples() const { return size_t{t} * y * x; }
};

// Coefficients are 2^scale_bits times the orthonormal ones; 0 <= scale_bits <= 8. In place.
void dct_forward(const TransformKernels& kernels, BlockShape shape, int scale_bits, int32_t* data, size_t blocks);
void dct_inverse(const TransformKernels& kernels, BlockShape shape, int scale_bits, int32_t* data, size_t blocks);

// Sums and differences in Hadamard order, without scaling; the inverse divides by the samples of a block, rounding
// half up: exact for what forward made of numbers whose sum of magnitudes over a block is below 2^31.
void hadamard_forward(const TransformKernels& kernels, BlockShape shape, int32_t* data, size_t blocks);
void hadamard_inverse(const TransformKernels& kernels, BlockShape shape, int32_t* data, size_t blocks);

}  // namespace stf
