// Conversion between the pictures of a stream (padded, shifted, maybe with more components) and working samples.
#pragma once

#include <cstdint>

#include "fragment/planes.hpp"
#include "stfrag/codec.h"

namespace stf {

// Which component of a stream's pictures holds component c of a fragment: alpha is the last of either.
inline uint32_t picture_component(const stf_format& format, const stf_stream& stream, uint32_t c) {
  const bool alpha = format.components % 2 == 0 && c + 1u == format.components;
  return alpha ? stream.components - 1u : c;
}

// Rows of a decoded picture as working samples of a fragment.
class PictureRows {
 public:
  PictureRows(const stf_format& format, const stf_stream& stream) : format_(format), stream_(stream) {}
  // Take memory for rows of that many columns, once, before row(); false if there is none.
  bool allocate(const stf_env& env, uint32_t columns);
  void set(const stf_plane* planes) { planes_ = planes; }
  bool has(uint32_t c) const { return planes_[picture_component(format_, stream_, c)].data != nullptr; }

  // Returns n samples of row y of component c, from x0 on; valid until the next call for that component. No more than
  // the columns that there is memory for.
  const void* row(uint32_t c, uint32_t y, uint32_t x0, uint32_t n);

 private:
  const stf_format& format_;
  const stf_stream& stream_;
  const stf_plane* planes_ = nullptr;
  Buffer<uint16_t> scratch_[STF_MAX_COMPONENTS];  // of either sample type
};

// The CRC of one whole frame's samples, going on from `crc`: docs/format.md section 13.3.
uint32_t picture_crc(uint32_t crc, const stf_format& format, stf_size size, PictureRows& rows);

}  // namespace stf
