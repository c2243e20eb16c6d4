// Linear predictors of a group by least squares. Each block is summed up as the products of its taps; all that follows
// - solving for coefficients, the error of any predictor on any block - works on the products alone.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lossless/model.hpp"

namespace stf::lossless {

inline constexpr unsigned kMaxProducts = (kMaxTaps + 1) * (kMaxTaps + 2) / 2;

// The products of every pair i >= j of rows, summed over a block: a row is a tap's differences, the last one the
// target's (dsp/linear.hpp).
struct Products {
  int32_t sum[kMaxProducts + 3];
};

// A block that predictors are learned from.
struct TrainingBlock {
  Products products;
  uint16_t samples;
};

// The squared error of one predictor on any block, as a quadratic form of the block's products.
struct ErrorForm {
  int32_t weight[kMaxProducts];
  unsigned count;
  const LinearKernels& kernels = linear_kernels();
  ErrorForm(const int16_t* coefficient, unsigned taps);
  // The sum of squares * 2^16, rounding and clamping left out.
  uint64_t operator()(const Products& products) const;
};

// The price of a block with this error, in 1/256 bits, up to a constant.
int64_t error_cost(uint64_t squared_error, unsigned samples);

// The price of having a predictor in a group, in 1/256 bits: about what the header says of it.
inline int64_t predictor_price(PredictKind kind, unsigned taps) {
  return (kind == PredictKind::kLinear ? int64_t{taps} * 7 + 8 : 16) * 256;
}

// What predictors are learned for.
struct Training {
  std::span<const TrainingBlock> blocks;
  unsigned taps;    // that a predictor has
  unsigned most;    // predictors
  unsigned rounds;  // of choosing and solving
};
// Learn predictors, each worth its price; there may be none. False when there is no memory.
bool train(const stf_env& env, const Training& training, std::vector<Predictor>& set);

}  // namespace stf::lossless
