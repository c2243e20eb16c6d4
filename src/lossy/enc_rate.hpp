// What a bit is worth: costs of the encoder's decisions.
#pragma once

#include <cstdint>

#include "common/root.hpp"
#include "lossy/tables.hpp"

namespace stf::lossy {

// Costs are in squared errors of pictures' samples times 2^13, or in sums of magnitudes times 2^13; bits in 1/512.
using Cost = uint64_t;
inline constexpr Cost kNoCost = ~Cost{0} >> 2;
inline constexpr int kCostBits = 13;

struct Lambda {
  uint64_t square = 0;  // squared error for a bit, times 16
  uint64_t root = 0;    // its root, times 16

  Lambda() = default;
  // Of a quantiser q in pictures of `bits` bits; weight in 1/256 of step squared.
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
