// Levels that are worth their bits: rate-distortion optimised quantisation.
#pragma once

#include "lossy/coefficients.hpp"
#include "lossy/enc_residual.hpp"

namespace stf::lossy {

// Lower levels, or leave out the last ones, where that costs less in errors than it saves in bits. `levels` are those of
// quantise() with rounding to the nearest, `count` what it returned; returns the new count.
int optimise_levels(const TransformShape& shape, int q, int bits, const Lambda& lambda, const CoefficientModels& models,
                    const int16_t* coefficients, int16_t* levels, int count);

}  // namespace stf::lossy
