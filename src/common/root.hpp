// Square roots of integers.
#pragma once

#include <bit>
#include <cstdint>

namespace stf {

// The square root, rounded down: Newton's steps from above.
inline uint64_t root_of(uint64_t v) {
  if (v == 0) return 0;
  uint64_t r = uint64_t{1} << ((std::bit_width(v) + 1) / 2);
  for (;;) {
    const uint64_t next = (r + v / r) / 2;
    if (next >= r) return r;
    r = next;
  }
}

}  // namespace stf
