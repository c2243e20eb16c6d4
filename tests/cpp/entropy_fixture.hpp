// What the tests of the entropy coders share.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "check.hpp"

using Bytes = std::vector<uint8_t>;

struct Random : check::Random {
  explicit Random(uint64_t seed) { state ^= seed; }
  uint32_t below(uint32_t n) { return in(0, n - 1); }
};

// Roughly geometric symbols: bias 0 is uniform.
inline Bytes make_symbols(Random& random, size_t n, unsigned alphabet, unsigned bias) {
  Bytes s(n);
  for (auto& v : s) {
    uint32_t x = random.below(alphabet);
    for (unsigned k = 0; k < bias; ++k) x = std::min(x, random.below(alphabet));
    v = static_cast<uint8_t>(x);
  }
  return s;
}
