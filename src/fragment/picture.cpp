#include "fragment/picture.hpp"

#include <algorithm>
#include <cstring>

#include "common/border.hpp"
#include "common/status.hpp"

namespace stf {
namespace {

template <typename Sample>
Sample load(const uint8_t* at) {
  Sample value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

// Undo the shift, rounding to nearest; what does not fit in `most` was no sample.
template <typename In, typename Work>
void narrow(const uint8_t* from, ptrdiff_t step, uint32_t n, unsigned shift, uint32_t most, Work* to) {
  const uint32_t half = (1u << shift) >> 1;
  for (uint32_t i = 0; i < n; ++i)
    to[i] = static_cast<Work>(std::min((load<In>(from + static_cast<ptrdiff_t>(i) * step) + half) >> shift, most));
}

template <typename In, typename Out>
void widen(const In* from, uint32_t n, unsigned shift, uint8_t* to, ptrdiff_t step, uint32_t length) {
  const auto put = [&](uint32_t i, uint32_t value) {
    const auto sample = static_cast<Out>(value);
    std::memcpy(to + static_cast<ptrdiff_t>(i) * step, &sample, sizeof sample);
  };
  for (uint32_t i = 0; i < n; ++i) put(i, static_cast<uint32_t>(from[i]) << shift);
  for (uint32_t i = n; i < length; ++i) put(i, static_cast<uint32_t>(from[n - 1]) << shift);
}

template <typename Out>
void fill(uint32_t value, uint8_t* to, ptrdiff_t step, uint32_t n) {
  const auto sample = static_cast<Out>(value);
  for (uint32_t i = 0; i < n; ++i) std::memcpy(to + static_cast<ptrdiff_t>(i) * step, &sample, sizeof sample);
}

stf_format picture_format(const stf_stream& stream) {
  stf_format format{};
  format.dtype = stream.bits <= 8 ? STF_UINT8 : STF_UINT16;
  format.bits = stream.bits;
  format.components = stream.components;
  format.sub_x = stream.sub_x;
  format.sub_y = stream.sub_y;
  return format;
}

// Component p of the picture, from component c of the source.
template <typename In, typename Out>
void write_plane(const stf_stream& stream, const stf_video& source, uint32_t t, uint32_t c, uint32_t p,
                 const stf_plane& to) {
  uint32_t rows, columns, all_rows, all_columns;
  const stf_format pictures = picture_format(stream);
  stf_plane_extent(&source.format, c, source.size.y, source.size.x, &rows, &columns);
  stf_plane_extent(&pictures, p, stream.y, stream.x, &all_rows, &all_columns);
  const stf_plane& from = source.planes[c];
  const auto* frame = static_cast<const uint8_t*>(from.data) + static_cast<ptrdiff_t>(t) * from.stride_t;
  for (uint32_t y = 0; y < all_rows; ++y) {
    const uint8_t* row = frame + static_cast<ptrdiff_t>(std::min(y, rows - 1)) * from.stride_y;
    widen<In, Out>(reinterpret_cast<const In*>(row), columns, stream.shift,
                   static_cast<uint8_t*>(to.data) + static_cast<ptrdiff_t>(y) * to.stride_y, to.stride_x, all_columns);
  }
}

template <typename Out>
void write_neutral(const stf_stream& stream, uint32_t p, const stf_plane& to) {
  uint32_t rows, columns;
  const stf_format pictures = picture_format(stream);
  stf_plane_extent(&pictures, p, stream.y, stream.x, &rows, &columns);
  for (uint32_t y = 0; y < rows; ++y)
    fill<Out>(1u << (stream.bits - 1), static_cast<uint8_t*>(to.data) + static_cast<ptrdiff_t>(y) * to.stride_y,
              to.stride_x, columns);
}

}  // namespace

bool PictureRows::allocate(const stf_env& env, uint32_t columns) {
  for (uint32_t c = 0; c < format_.components; ++c)
    if (!scratch_[c].allocate(env, columns)) return false;
  return true;
}

const void* PictureRows::row(uint32_t c, uint32_t y, uint32_t x0, uint32_t n) {
  const stf_plane& plane = planes_[picture_component(format_, stream_, c)];
  const auto item = static_cast<ptrdiff_t>(work_itemsize(stream_.bits));
  const uint8_t* from = static_cast<const uint8_t*>(plane.data) + static_cast<ptrdiff_t>(y) * plane.stride_y +
                        static_cast<ptrdiff_t>(x0) * plane.stride_x;
  const bool aligned = reinterpret_cast<uintptr_t>(from) % static_cast<uintptr_t>(item) == 0;
  // As they are only where every pattern of bits is a sample: a decoder may hand out more than its stream should hold.
  const bool full = format_.bits == stream_.bits && format_.bits == 8 * static_cast<unsigned>(item);
  if (plane.stride_x == item && aligned && full) return from;
  Buffer<uint16_t>& scratch = scratch_[c];
  const uint32_t most = (1u << format_.bits) - 1;
  if (item == 1) {
    narrow<uint8_t>(from, plane.stride_x, n, stream_.shift, most, reinterpret_cast<uint8_t*>(scratch.data()));
  } else if (format_.bits <= 8) {
    narrow<uint16_t>(from, plane.stride_x, n, stream_.shift, most, reinterpret_cast<uint8_t*>(scratch.data()));
  } else {
    narrow<uint16_t>(from, plane.stride_x, n, stream_.shift, most, scratch.data());
  }
  return scratch.data();
}

uint32_t picture_crc(uint32_t crc, const stf_format& format, stf_size size, PictureRows& rows) {
  for (uint32_t c = 0; c < format.components; ++c) {
    uint32_t y, x;
    stf_plane_extent(&format, c, size.y, size.x, &y, &x);
    for (uint32_t i = 0; i < y; ++i) crc = samples_crc_row(crc, format.bits, rows.row(c, i, 0, x), x);
  }
  return crc;
}

}  // namespace stf

extern "C" stf_status stf_stream_picture(const stf_stream* stream, const stf_video* source, uint32_t t,
                                         const stf_plane planes[STF_MAX_COMPONENTS], stf_error* error) {
  using namespace stf;
  return at_border(error, [&]() -> stf_status {
    if (stream == nullptr || source == nullptr || planes == nullptr || t >= source->size.t)
      return fail(error, STF_E_ARGUMENT, "a picture needs a stream, a source that has the frame, and planes");
    int from[STF_MAX_COMPONENTS] = {-1, -1, -1, -1};
    for (uint32_t c = 0; c < source->format.components; ++c)
      from[picture_component(source->format, *stream, c)] = static_cast<int>(c);
    for (uint32_t p = 0; p < stream->components; ++p) {
      if (planes[p].data == nullptr) return fail(error, STF_E_ARGUMENT, "plane %u of a picture is missing", p);
      with_sample_type(stream->bits, [&](auto out) {
        using Out = decltype(out);
        if (from[p] < 0) return write_neutral<Out>(*stream, p, planes[p]);
        const auto c = static_cast<uint32_t>(from[p]);
        with_sample_type(source->format.bits,
                         [&](auto in) { write_plane<decltype(in), Out>(*stream, *source, t, c, p, planes[p]); });
      });
    }
    return STF_OK;
  });
}
