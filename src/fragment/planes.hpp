// Conversion between the caller's memory (any dtype and strides) and the working representation (common/work.hpp).
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/box.hpp"
#include "common/env.hpp"
#include "common/work.hpp"
#include "stfrag/fragment.h"

namespace stf {

// What is added to a sample, modulo its width, to make it unsigned: 0 or 2^(bits-1).
inline uint32_t sign_offset(const stf_format& format) {
  return format.dtype == STF_INT8 || format.dtype == STF_INT16 ? 1u << (format.bits - 1) : 0;
}

// If the caller's plane, `data` and strides, is already in the working representation, describe it as such.
bool view_plane(const stf_format& format, const stf_plane& plane, uint32_t y, uint32_t x, WorkPlane* view);

// Make a working plane in memory of its own; false where there is none.
template <typename Byte = uint8_t>
bool make_plane(const stf_env& env, unsigned bits, uint32_t t, uint32_t y, uint32_t x, Buffer<Byte>& memory,
                WorkPlane* plane) {
  if (!memory.allocate(env, size_t{t} * y * x * work_itemsize(bits))) return false;
  *plane = {memory.data(), y, x, size_t{y} * x, x};
  return true;
}

// Planes of a caller in the working representation: views where they can be, copies elsewhere.
class WorkInput {
 public:
  // STF_E_ARGUMENT names the first sample that does not fit in format.bits.
  stf_status take(const stf_env& env, const stf_video& source, stf_error* error);
  const WorkVideo& video() const { return video_; }

 private:
  WorkVideo video_;
  Buffer<uint8_t> memory_[STF_MAX_COMPONENTS];
};

// CRC of the samples of some working planes in order, as docs/format.md section 8.5 says.
uint32_t samples_crc(const WorkVideo& video);
uint32_t samples_crc_row(uint32_t crc, unsigned bits, const void* row, size_t n);

// Write n working samples as samples of the caller's dtype, stride_x bytes apart.
void export_row(const stf_format& format, const void* row, uint32_t n, uint8_t* to, ptrdiff_t stride_x);

// Whether all components of `video` lie interleaved in memory and samples need no conversion; then export_pixels() may
// write n pixels at once, from rows of working samples to the address of component 0.
bool is_interleaved(const stf_format& format, const stf_video& video);
void export_pixels(const stf_format& format, const void* const rows[STF_MAX_COMPONENTS], uint32_t n, uint8_t* to);

}  // namespace stf
