// Rate and distortion in one number: what a decision costs in errors and in bits, and what a bit is worth.
#pragma once

#include <cstdint>

#include "common/root.hpp"
#include "lossy/tables.hpp"

namespace stf::lossy {

// A cost is an error plus the worth of the bits: in squared errors of samples times 2^13 or, where predictions are only
// compared with each other, in sums of magnitudes times 2^13. Bits are in 1/512.
using Cost = uint64_t;
inline constexpr Cost kNoCost = ~Cost{0} >> 2;  // of what is not possible, or was given up
inline constexpr int kCostBits = 13;

// What a bit is worth with a quantiser.
struct Lambda {
  uint64_t square = 0;  // in squared errors, times 16
  uint64_t root = 0;    // in magnitudes: its root, times 16

  Lambda() = default;
  // With quantiser q, in pictures of `bits` bits; a bit is worth weight / 256 of the step squared.
  Lambda(int q, int bits, int weight) {
    const uint64_t step = (static_cast<uint64_t>(kStep[q % 24]) << (q / 24 + bits - 8)) >> (kStepBits - 4);  // times 16
    square = (step * step * static_cast<uint64_t>(weight)) >> 12;  // 16 * 16 * 256 / 16
    if (square == 0) square = 1;
    root = root_of(square << 4);  // the root of square / 16, times 16
  }
  Cost of_error(uint64_t sse, uint64_t bits512) const { return (sse << kCostBits) + square * bits512; }
  Cost of_magnitude(uint64_t sum, uint64_t bits512) const { return (sum << kCostBits) + root * bits512; }
};

}  // namespace stf::lossy
