// What the building blocks share: checks, and rows of planes of any strides.
#pragma once

#include <cstdint>
#include <cstring>

#include "common/status.hpp"
#include "stfrag/blocks.h"

namespace stf {

// Returns row y of frame t: in place if its samples are contiguous and aligned, else gathered into `scratch`.
template <typename T>
const T* row_of(const stf_plane& plane, uint32_t t, uint32_t y, uint32_t x, T* scratch) {
  const auto* at = static_cast<const uint8_t*>(plane.data) + static_cast<ptrdiff_t>(t) * plane.stride_t +
                   static_cast<ptrdiff_t>(y) * plane.stride_y;
  if (plane.stride_x == sizeof(T) && reinterpret_cast<uintptr_t>(at) % alignof(T) == 0)
    return reinterpret_cast<const T*>(at);
  for (uint32_t i = 0; i < x; ++i) std::memcpy(scratch + i, at + static_cast<ptrdiff_t>(i) * plane.stride_x, sizeof(T));
  return scratch;
}

// Whether there is a transform of blocks of this size.
stf_status check_block(stf_block block, stf_error* error);

inline stf_status check_pair(const stf_plane* a, const stf_plane* b, stf_size size, stf_error* error) {
  if (a == nullptr || b == nullptr || a->data == nullptr || b->data == nullptr)
    return fail(error, STF_E_ARGUMENT, "a plane is NULL");
  if (size.t == 0 || size.y == 0 || size.x == 0 || size.y > 65535 || size.x > 65535)
    return fail(error, STF_E_ARGUMENT, "%u x %u x %u samples: there must be some, and at most 65535 rows and columns",
                size.t, size.y, size.x);
  return STF_OK;
}

}  // namespace stf
