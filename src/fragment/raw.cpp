// Packing of samples to bits, least significant first.

#include "fragment/raw.hpp"

#include <bit>
#include <cstring>

namespace stf {
namespace {

template <typename Sample>
void pack_row(const Sample* from, uint32_t n, unsigned bits, uint8_t* to) {
  uint32_t pending = 0;
  unsigned held = 0;
  for (uint32_t i = 0; i < n; ++i) {
    pending |= static_cast<uint32_t>(from[i]) << held;
    for (held += bits; held >= 8; held -= 8, pending >>= 8) *to++ = static_cast<uint8_t>(pending);
  }
  if (held != 0) *to = static_cast<uint8_t>(pending);
}

template <typename Sample>
void unpack_row(const uint8_t* from, unsigned bits, uint32_t x0, uint32_t x1, Sample* to) {
  const uint32_t mask = (1u << bits) - 1;
  const size_t first = size_t{x0} * bits;
  from += first / 8;
  unsigned held = 8 - first % 8;
  uint32_t pending = x0 < x1 ? *from++ >> (first % 8) : 0;
  for (uint32_t x = x0; x < x1; ++x) {
    for (; held < bits; held += 8) pending |= static_cast<uint32_t>(*from++) << held;
    *to++ = static_cast<Sample>(pending & mask);
    pending >>= bits;
    held -= bits;
  }
}

// Rows of whole bytes in the machine's own order are copied.
bool is_memory_layout(unsigned bits) { return bits == 8 || (bits == 16 && std::endian::native == std::endian::little); }

}  // namespace

uint64_t raw_payload_bytes(const stf_format& format, stf_size size) {
  uint64_t bytes = 0;
  for (uint32_t c = 0; c < format.components; ++c) {
    uint32_t y, x;
    stf_plane_extent(&format, c, size.y, size.x, &y, &x);
    bytes += uint64_t{size.t} * y * raw_row_bytes(format.bits, x);
  }
  return bytes;
}

void raw_encode(const WorkVideo& video, uint8_t* out) {
  for (uint32_t c = 0; c < video.components; ++c) {
    const WorkPlane& plane = video.planes[c];
    const size_t row_bytes = raw_row_bytes(video.bits, plane.x);
    for (uint32_t t = 0; t < video.t; ++t)
      for (uint32_t y = 0; y < plane.y; ++y, out += row_bytes)
        with_sample_type(video.bits, [&](auto sample) {
          const auto* row = plane.row<decltype(sample)>(t, y);
          if (is_memory_layout(video.bits)) {
            std::memcpy(out, row, row_bytes);
          } else {
            pack_row(row, plane.x, video.bits, out);
          }
        });
  }
}

void raw_unpack(const uint8_t* row, unsigned bits, uint32_t x0, uint32_t x1, void* to) {
  with_sample_type(bits, [&](auto sample) {
    if (is_memory_layout(bits)) {
      std::memcpy(to, row + size_t{x0} * sizeof sample, size_t{x1 - x0} * sizeof sample);
    } else {
      unpack_row(row, bits, x0, x1, static_cast<decltype(sample)*>(to));
    }
  });
}

}  // namespace stf
