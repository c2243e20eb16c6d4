// Near-lossless coding: samples are rounded to multiples of 2 * max_error + 1, and what is coded without loss is which
// (docs/format.md, 12.7).
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

namespace stf {

// No bound of the native codec is larger: with it all 16-bit samples are one of three.
inline constexpr uint32_t kMaxBound = 32767;

struct Quantiser {
  uint32_t max_error, step, max;

  Quantiser(unsigned bits, uint32_t bound) : max_error(bound), step(2 * bound + 1), max((1u << bits) - 1) {}

  // max_error 0: nothing changes.
  bool lossless() const { return max_error == 0; }
  uint32_t level(uint32_t sample) const { return (sample + max_error) / step; }
  uint32_t sample(uint32_t level) const { return std::min(level * step, max); }
  // Bits of a level.
  unsigned bits() const { return std::max(1, static_cast<int>(std::bit_width(level(max)))); }
};

}  // namespace stf
