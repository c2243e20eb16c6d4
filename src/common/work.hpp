// The working representation: how the native profiles see samples, whatever the caller's dtype, layout and strides.
#pragma once

#include <cstddef>
#include <cstdint>

#include "stfrag/types.h"

namespace stf {

// One component as T planar frames of y rows of x samples. Samples of a row are adjacent; rows and frames are not always,
// because the plane may be the caller's own memory: nothing may be read or written outside of the y x x rectangle of a
// frame, not even to write back what was there (another thread may own the neighbouring samples).
struct WorkPlane {
  void* data = nullptr;
  uint32_t y = 0, x = 0;
  size_t frame_stride = 0, row_stride = 0;  // in samples

  template <typename Sample>
  Sample* row(uint32_t t, uint32_t row_index) const {
    return static_cast<Sample*>(data) + t * frame_stride + row_index * row_stride;
  }
};

// A fragment in the working representation: samples are unsigned and below 2^bits (signed dtypes are offset by
// 2^(bits-1)), of type uint8_t when bits <= 8 and uint16_t otherwise.
struct WorkVideo {
  uint8_t bits = 8;
  uint8_t components = 1;
  uint32_t t = 1;
  WorkPlane planes[STF_MAX_COMPONENTS];
};

inline size_t work_itemsize(unsigned bits) { return bits <= 8 ? 1 : 2; }

// Calls f with a value of the working sample type, to choose a template by depth.
template <typename F>
auto with_sample_type(unsigned bits, F&& f) {
  return bits <= 8 ? f(uint8_t{}) : f(uint16_t{});
}

}  // namespace stf
