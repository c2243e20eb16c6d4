// Linear predictors of a group by least squares: blocks are summed up as matrices of products, and everything after
// that - solving, the error of any predictor on any block - works on the matrices alone.
#pragma once

#include <cstdint>
#include <vector>

#include "lossless/model.hpp"

namespace stf::lossless {

inline constexpr unsigned kMaxVectors = kMaxTaps + 1;                       // taps and the target
inline constexpr unsigned kMaxProducts = kMaxVectors * (kMaxVectors + 1) / 2;

// Differences of the taps and of the sample (last) to their base, one vector a tap, at most kBlock^2 samples.
struct BlockVectors {
  alignas(64) int16_t at[kMaxVectors][kBlock * kBlock];
  int n = 0;        // samples, a multiple of 8 (zeros fill up)
  int samples = 0;
};

// Products of every pair i <= j, in rows of j.
struct Products {
  int32_t sum[kMaxProducts];
};
void multiply(const BlockVectors& vectors, unsigned taps, Products& products);

struct TrainingBlock {
  Products products;
  uint16_t samples;
};

// The error of a predictor on a block, sum of squares * 2^16 (rounding and clamping left out).
uint64_t squared_error(const Products& products, const int16_t* coefficient, unsigned taps);
// What a block with this error costs, in 1/256 bits, up to a constant.
int64_t error_cost(uint64_t squared_error, unsigned samples);

// At most `most` predictors for these blocks, each worth its bits; may be none. `floor_cost` of a block: what it costs
// without any of them, in 1/256 bits.
std::vector<Predictor> train(const std::vector<TrainingBlock>& blocks, unsigned taps, unsigned most, unsigned rounds);

}  // namespace stf::lossless
