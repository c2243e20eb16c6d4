// Levels that are worth their bits: rate-distortion optimised quantisation.
#pragma once

#include "lossy/enc_costs.hpp"
#include "lossy/enc_residual.hpp"

namespace stf::lossy {

struct OptimisedLevels {
  int count;      // in the order of the scan up to the last that is not zero
  uint32_t bits;  // about what they cost, in 1/512
};

// Lower levels, or leave out the last ones, where that costs less in errors than it saves in bits. `levels` are those
// of quantise() with rounding to the nearest, `count` what it returned.
OptimisedLevels optimise_levels(const TransformShape& shape, int q, int bits, const Lambda& lambda,
                                const CoefficientCosts& costs, const int16_t* coefficients, int16_t* levels, int count);

}  // namespace stf::lossy
