// Rate-distortion optimised quantisation: levels that are worth their bits.
#pragma once

#include "lossy/enc_costs.hpp"
#include "lossy/enc_residual.hpp"

namespace stf::lossy {

// What levels cost.
struct LevelPrices {
  const Lambda& lambda;
  const CoefficientCosts& costs;
};

struct OptimisedLevels {
  int count;      // in the order of the scan up to the last that is not zero
  uint32_t bits;  // about what they cost, in 1/512
};

// Lower some levels by one, and leave out the last ones, where that costs less in errors than it saves in bits.
// `levels` are those of quantise() with rounding to the nearest, and `count` is what it returned. q is the quantiser,
// `bits` the bits of a sample.
OptimisedLevels optimise_levels(const TransformShape& shape, int q, int bits, const LevelPrices& prices,
                                const int16_t* coefficients, int16_t* levels, int count);

}  // namespace stf::lossy
