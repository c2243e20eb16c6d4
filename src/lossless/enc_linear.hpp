// Linear predictors of a group by least squares: blocks are summed up as matrices of products, and everything after
// that - solving, the error of any predictor on any block - works on the matrices alone.
#pragma once

#include <cstdint>
#include <vector>

#include "lossless/model.hpp"

namespace stf::lossless {

inline constexpr unsigned kMaxProducts = (kMaxTaps + 1) * (kMaxTaps + 2) / 2;

// Products of every pair i >= j of the taps' rows and the target's, the last (dsp/linear.hpp).
struct Products {
  int32_t sum[kMaxProducts + 3];
};

struct TrainingBlock {
  Products products;
  uint16_t samples;
};

// A predictor's error on a block is a quadratic form of the block's products.
struct ErrorForm {
  int32_t weight[kMaxProducts];
  unsigned count;
  const LinearKernels& kernels = linear_kernels();
  ErrorForm(const int16_t* coefficient, unsigned taps);
  // The sum of squares * 2^16, rounding and clamping left out.
  uint64_t operator()(const Products& products) const;
};

// What a block with this error costs, in 1/256 bits, up to a constant.
int64_t error_cost(uint64_t squared_error, unsigned samples);

// At most `most` predictors for these blocks, each worth its bits; may be none.
std::vector<Predictor> train(const std::vector<TrainingBlock>& blocks, unsigned taps, unsigned most, unsigned rounds);

}  // namespace stf::lossless
