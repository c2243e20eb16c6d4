// Near-lossless coding (docs/format.md, 12.7): samples are rounded to levels, multiples of 2 * max_error + 1, and the
// levels are coded without loss.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

namespace stf {

// The largest bound on the error that the native codec takes: with it 16-bit samples have three levels.
inline constexpr uint32_t kMaxBound = 32767;

// The levels of samples of some bits under a bound on the error.
struct Quantiser {
  uint32_t max_error, step, max;

  Quantiser(unsigned bits, uint32_t bound) : max_error(bound), step(2 * bound + 1), max((1u << bits) - 1) {}

  // Without a bound every sample is a level.
  bool lossless() const { return max_error == 0; }
  uint32_t level(uint32_t sample) const { return (sample + max_error) / step; }
  uint32_t sample(uint32_t level) const { return std::min(level * step, max); }
  // The bits that levels need.
  unsigned bits() const { return std::max(1, static_cast<int>(std::bit_width(level(max)))); }
};

}  // namespace stf
