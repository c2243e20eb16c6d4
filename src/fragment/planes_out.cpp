// From the working representation to the caller's memory.

#include <cstring>

#include "dsp/interleave.hpp"
#include "fragment/planes.hpp"

namespace stf {
namespace {

template <typename Work, typename Out>
void export_samples(const Work* from, uint32_t n, uint8_t* to, ptrdiff_t stride, uint32_t offset) {
  const auto one = [&](uint32_t i, ptrdiff_t step) {
    const auto value = static_cast<Out>(from[i] - offset);
    std::memcpy(to + static_cast<ptrdiff_t>(i) * step, &value, sizeof value);
  };
  if (stride == static_cast<ptrdiff_t>(sizeof(Out))) {
    for (uint32_t i = 0; i < n; ++i) one(i, sizeof(Out));
  } else {
    for (uint32_t i = 0; i < n; ++i) one(i, stride);
  }
}

}  // namespace

void export_row(const stf_format& format, const void* row, uint32_t n, uint8_t* to, ptrdiff_t stride_x) {
  const uint32_t offset = sign_offset(format);
  if (stf_itemsize(format.dtype) == 1) {
    export_samples<uint8_t, uint8_t>(static_cast<const uint8_t*>(row), n, to, stride_x, offset);
  } else if (format.bits <= 8) {
    export_samples<uint8_t, uint16_t>(static_cast<const uint8_t*>(row), n, to, stride_x, offset);
  } else {
    export_samples<uint16_t, uint16_t>(static_cast<const uint16_t*>(row), n, to, stride_x, offset);
  }
}

bool is_interleaved(const stf_format& format, const stf_video& video) {
  const size_t itemsize = stf_itemsize(format.dtype);
  if (format.components < 2 || format.sub_x || format.sub_y) return false;
  if (sign_offset(format) != 0 || itemsize != work_itemsize(format.bits)) return false;
  const stf_plane& first = video.planes[0];
  for (uint32_t c = 0; c < format.components; ++c) {
    const stf_plane& plane = video.planes[c];
    if (reinterpret_cast<uintptr_t>(plane.data) != reinterpret_cast<uintptr_t>(first.data) + c * itemsize) return false;
    if (plane.stride_x != static_cast<ptrdiff_t>(format.components * itemsize)) return false;
    if (plane.stride_y != first.stride_y || plane.stride_t != first.stride_t) return false;
  }
  return true;
}

void export_pixels(const stf_format& format, const void* const rows[STF_MAX_COMPONENTS], uint32_t n, uint8_t* to) {
  const InterleaveKernels& k = interleave_kernels();
  with_sample_type(format.bits, [&](auto sample) {
    const decltype(sample)* planes[STF_MAX_COMPONENTS];
    for (uint32_t c = 0; c < format.components; ++c) planes[c] = static_cast<const decltype(sample)*>(rows[c]);
    if constexpr (sizeof sample == 1) {
      k.join_8[format.components](to, planes, n);
    } else {
      k.join_16[format.components](to, planes, n);
    }
  });
}

}  // namespace stf
