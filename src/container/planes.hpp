// Planes in the caller's memory: addresses and copies.
#pragma once

#include <cstring>

#include "common/box.hpp"
#include "stfrag/types.h"

namespace stf::store {

// The address of a sample.
inline uint8_t* sample_at(const stf_plane& plane, uint64_t t, uint64_t y, uint64_t x) {
  return static_cast<uint8_t*>(plane.data) + static_cast<ptrdiff_t>(t) * plane.stride_t +
         static_cast<ptrdiff_t>(y) * plane.stride_y + static_cast<ptrdiff_t>(x) * plane.stride_x;
}

// Copy one frame of rows x columns samples of itemsize (1 or 2) bytes.
inline void copy_frame(const uint8_t* from, const stf_plane& from_plane, uint8_t* to, const stf_plane& to_plane,
                       uint32_t rows, uint32_t columns, size_t itemsize) {
  const auto item = static_cast<ptrdiff_t>(itemsize);
  const ptrdiff_t from_x = from_plane.stride_x, to_x = to_plane.stride_x;
  for (uint32_t y = 0; y < rows; ++y, from += from_plane.stride_y, to += to_plane.stride_y) {
    if (from_x == item && to_x == item) {
      std::memcpy(to, from, columns * itemsize);
      continue;
    }
    const uint8_t* source = from;
    uint8_t* target = to;
    if (itemsize == 1) {
      for (uint32_t x = 0; x < columns; ++x, source += from_x, target += to_x) *target = *source;
    } else {
      for (uint32_t x = 0; x < columns; ++x, source += from_x, target += to_x) std::memcpy(target, source, 2);
    }
  }
}

}  // namespace stf::store
