// From the caller's memory to the working representation, refusing samples that are not in the declared bits.

#include <bit>
#include <cstring>

#include "common/status.hpp"
#include "dsp/interleave.hpp"
#include "fragment/planes.hpp"

namespace stf {
namespace {

// Samples of type `In`, `step` bytes apart, become unsigned and are narrowed to `Work`; returns the OR of them all
// before narrowing, so that one comparison per row finds what does not fit.
template <typename In, typename Work>
uint32_t import_samples(Work* to, const uint8_t* from, ptrdiff_t step, uint32_t n, uint32_t offset) {
  uint32_t all = 0;
  for (uint32_t i = 0; i < n; ++i) {
    In value;
    std::memcpy(&value, from + static_cast<ptrdiff_t>(i) * step, sizeof value);
    value = static_cast<In>(value + offset);
    all |= value;
    to[i] = static_cast<Work>(value);
  }
  return all;
}

template <typename In, typename Work>
uint32_t import_row(Work* to, const uint8_t* from, ptrdiff_t stride, uint32_t n, uint32_t offset) {
  constexpr auto unit = static_cast<ptrdiff_t>(sizeof(In));
  if constexpr (sizeof(In) == sizeof(Work)) {  // one of interleaved components
    const InterleaveKernels& k = interleave_kernels();
    const auto gather = [&] {
      if constexpr (sizeof(In) == 1) {
        return k.gather_8;
      } else {
        return k.gather_16;
      }
    }();
    if (stride == 2 * unit || stride == 3 * unit || stride == 4 * unit) {
      gather[stride / unit](to, from, n);
      from = reinterpret_cast<const uint8_t*>(to);
      stride = unit;
    }
  }
  // The constant lets the compiler vectorise.
  return stride == unit ? import_samples<In>(to, from, unit, n, offset)
                        : import_samples<In>(to, from, stride, n, offset);
}

const uint8_t* source_row(const stf_plane& plane, uint32_t t, uint32_t y) {
  return static_cast<const uint8_t*>(plane.data) + static_cast<ptrdiff_t>(t) * plane.stride_t +
         static_cast<ptrdiff_t>(y) * plane.stride_y;
}

template <typename In>
stf_status refuse_sample(const stf_format& format, const stf_plane& plane, uint32_t c, uint32_t t, uint32_t y,
                         uint32_t n, stf_error* error) {
  const uint8_t* row = source_row(plane, t, y);
  for (uint32_t x = 0; x < n; ++x) {
    In value;
    std::memcpy(&value, row + static_cast<ptrdiff_t>(x) * plane.stride_x, sizeof value);
    if ((static_cast<In>(value + sign_offset(format)) >> format.bits) == 0) continue;
    const bool is_signed = sign_offset(format) != 0;
    const int shown = is_signed ? static_cast<int>(static_cast<std::make_signed_t<In>>(value))
                                : static_cast<int>(value);
    if (format.dtype == STF_BOOL)
      return fail(error, STF_E_ARGUMENT, "a bool sample is 0 or 1, but that at t=%u, y=%u, x=%u of component %u is %d",
                  t, y, x, c, shown);
    return fail(error, STF_E_ARGUMENT, "sample %d at t=%u, y=%u, x=%u of component %u does not fit in %u bits%s", shown,
                t, y, x, c, format.bits, is_signed ? " (two's complement)" : "");
  }
  return fail(error, STF_E_ARGUMENT, "the samples changed while they were encoded");
}

template <typename In, typename Work>
stf_status import_plane(const stf_format& format, const stf_plane& plane, uint32_t c, uint32_t t_end,
                        const WorkPlane& to, stf_error* error) {
  const uint32_t offset = sign_offset(format);
  for (uint32_t t = 0; t < t_end; ++t)
    for (uint32_t y = 0; y < to.y; ++y)
      if (import_row<In>(to.row<Work>(t, y), source_row(plane, t, y), plane.stride_x, to.x, offset) >> format.bits)
        return refuse_sample<In>(format, plane, c, t, y, to.x, error);
  return STF_OK;
}

}  // namespace

bool view_plane(const stf_format& format, const stf_plane& plane, uint32_t y, uint32_t x, WorkPlane* view) {
  const size_t itemsize = stf_itemsize(format.dtype);
  // Every bit pattern must be a sample, or a check would be skipped.
  if (format.bits != 8 * itemsize || sign_offset(format) != 0) return false;
  if (itemsize == 2 && std::endian::native != std::endian::little) return false;
  const auto unit = static_cast<ptrdiff_t>(itemsize);
  if (plane.stride_x != unit || plane.stride_y < 0 || plane.stride_t < 0) return false;
  if (plane.stride_y % unit || plane.stride_t % unit || reinterpret_cast<uintptr_t>(plane.data) % itemsize)
    return false;
  *view = {plane.data, y, x, static_cast<size_t>(plane.stride_t / unit), static_cast<size_t>(plane.stride_y / unit)};
  return true;
}

stf_status WorkInput::take(const stf_env& env, const stf_video& source, stf_error* error) {
  const stf_format& format = source.format;
  video_.bits = format.bits;
  video_.components = format.components;
  video_.t = source.size.t;
  for (uint32_t c = 0; c < format.components; ++c) {
    uint32_t y, x;
    stf_plane_extent(&format, c, source.size.y, source.size.x, &y, &x);
    WorkPlane& plane = video_.planes[c];
    if (view_plane(format, source.planes[c], y, x, &plane)) continue;
    if (!make_plane(env, format.bits, source.size.t, y, x, memory_[c], &plane))
      return fail(error, STF_E_MEMORY, "no memory for the samples of a fragment");
    const auto import = stf_itemsize(format.dtype) == 1 ? import_plane<uint8_t, uint8_t>
                        : format.bits <= 8              ? import_plane<uint16_t, uint8_t>
                                                        : import_plane<uint16_t, uint16_t>;
    STF_TRY(import(format, source.planes[c], c, source.size.t, plane, error));
  }
  return STF_OK;
}

uint32_t samples_crc_row(uint32_t crc, unsigned bits, const void* row, size_t n) {
  if (bits <= 8 || std::endian::native == std::endian::little) return stf_crc32c(crc, row, n * work_itemsize(bits));
  const auto* samples = static_cast<const uint16_t*>(row);
  for (size_t i = 0; i < n; ++i) {
    const uint8_t bytes[2] = {static_cast<uint8_t>(samples[i]), static_cast<uint8_t>(samples[i] >> 8)};
    crc = stf_crc32c(crc, bytes, 2);
  }
  return crc;
}

uint32_t samples_crc(const WorkVideo& video) {
  uint32_t crc = 0;
  for (uint32_t c = 0; c < video.components; ++c) {
    const WorkPlane& plane = video.planes[c];
    // Whole frames at once where rows are adjacent: long stretches are faster.
    const bool adjacent = plane.row_stride == plane.x;
    const uint32_t rows = adjacent ? 1 : plane.y;
    const size_t n = adjacent ? size_t{plane.y} * plane.x : plane.x;
    for (uint32_t t = 0; t < video.t; ++t)
      for (uint32_t y = 0; y < rows; ++y)
        crc = with_sample_type(video.bits, [&](auto sample) {
          return samples_crc_row(crc, video.bits, plane.row<decltype(sample)>(t, y), n);
        });
  }
  return crc;
}

}  // namespace stf
