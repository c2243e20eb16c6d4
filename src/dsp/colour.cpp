// Conversion of rows to RGB: chunks that stay in the first-level cache go through chroma replication, the matrix, and
// the interleaving of the result.

#include "dsp/colour.hpp"

#include <cstring>

#include "common/status.hpp"
#include "dsp/interleave.hpp"

namespace stf {
namespace {

constexpr unsigned kScaleShift = 40;  // scaling b bits exactly takes more than 2b
constexpr unsigned kWideShift = 20;
constexpr size_t kChunk = 512;  // pixels; a multiple of the largest subsampling

enum Model : uint8_t { kModelRgb = 0, kModelYcc = 1, kModelGray = 2 };

// Kr and Kb in units of 1/10000 (ITU-R BT.709, BT.601, BT.2020 non-constant luminance).
bool luma_weights(uint8_t matrix, int64_t* kr, int64_t* kb) {
  switch (matrix) {
    case 1: *kr = 2126, *kb = 722; return true;
    case 5:
    case 6: *kr = 2990, *kb = 1140; return true;
    case 9: *kr = 2627, *kb = 593; return true;
    default: return false;
  }
}

// Compute numerator / denominator * top / range with `shift` fractional bits, rounded to nearest.
int32_t coefficient(int64_t numerator, int64_t denominator, int64_t top, int64_t range, unsigned shift) {
  const int64_t n = numerator * top, d = denominator * range;
  // n / d < 2^9 and d < 2^43, so the bits come out one by one without overflow.
  int64_t whole = n / d, rest = n % d;
  for (unsigned i = 0; i < shift; ++i) {
    rest *= 2;
    whole = 2 * whole + rest / d;
    rest %= d;
  }
  return static_cast<int32_t>(whole + (2 * rest >= d));
}

YccMatrix make_matrix(unsigned bits, bool full_range, int64_t top, unsigned shift, int64_t kr, int64_t kb) {
  constexpr int64_t one = 10000;
  const int64_t kg = one - kr - kb;
  const int64_t largest = (int64_t{1} << bits) - 1;
  const int64_t y_range = full_range ? largest : int64_t{219} << (bits - 8);
  const int64_t c_range = full_range ? largest : int64_t{224} << (bits - 8);
  YccMatrix m;
  m.y_zero = full_range ? 0 : 16 << (bits - 8);
  m.c_zero = 1 << (bits - 1);
  m.y = coefficient(1, 1, top, y_range, shift);
  m.cr_r = coefficient(2 * (one - kr), one, top, c_range, shift);
  m.cb_b = coefficient(2 * (one - kb), one, top, c_range, shift);
  m.cb_g = -coefficient(2 * kb * (one - kb), one * kg, top, c_range, shift);
  m.cr_g = -coefficient(2 * kr * (one - kr), one * kg, top, c_range, shift);
  m.shift = shift;
  m.top = static_cast<int32_t>(top);
  return m;
}

// Widen the samples of n pixels to 16 bits and repeat each 2^log2 times, the first of them from phase x0 on. `room` has
// space for kChunk + 4.
const uint16_t* widen(const ColourKernels& k, const RgbConversion& c, const void* from, uint32_t x0, size_t n,
                      unsigned log2, uint16_t* room) {
  const uint32_t phase = x0 & ((1u << log2) - 1);
  if (stf_itemsize(c.format.dtype) == 2) {
    if (log2 == 0) return static_cast<const uint16_t*>(from);
    k.expand_16(room, static_cast<const uint16_t*>(from), n + phase, log2);
  } else {
    k.expand_8(room, static_cast<const uint8_t*>(from), n + phase, log2);
  }
  return room + phase;
}

// Scale full-range samples to the output.
template <typename Out>
const Out* scaled(const RgbConversion& c, const void* from, size_t n, Out* room) {
  const auto scale = [&](const auto* samples) {
    for (size_t i = 0; i < n; ++i) {
      const uint64_t v = (samples[i] * c.scale + (uint64_t{1} << (kScaleShift - 1))) >> kScaleShift;
      room[i] = static_cast<Out>(v > static_cast<uint64_t>(c.matrix.top) ? static_cast<uint64_t>(c.matrix.top) : v);
    }
  };
  const size_t itemsize = stf_itemsize(c.format.dtype);
  if (itemsize == sizeof(Out) && c.format.bits == 8 * itemsize) return static_cast<const Out*>(from);
  if (itemsize == 1) {
    scale(static_cast<const uint8_t*>(from));
  } else {
    scale(static_cast<const uint16_t*>(from));
  }
  return room;
}

// Write planes to where the pixels go.
template <typename Out>
void place(const InterleaveKernels& k, const Out* const planes[4], size_t count, size_t n, uint8_t* const out[4],
           const ptrdiff_t stride[4]) {
  constexpr auto unit = static_cast<ptrdiff_t>(sizeof(Out));
  bool interleaved = count >= 3;
  for (size_t c = 0; c < count; ++c)
    interleaved &= stride[c] == static_cast<ptrdiff_t>(count) * unit &&
                   out[c] - out[0] == static_cast<ptrdiff_t>(c) * unit;
  if (interleaved) {
    if constexpr (sizeof(Out) == 1) {
      k.join_8[count](out[0], planes, n);
    } else {
      k.join_16[count](out[0], planes, n);
    }
    return;
  }
  for (size_t c = 0; c < count; ++c) {
    if (stride[c] == unit) {
      std::memcpy(out[c], planes[c], n * sizeof(Out));
    } else {
      for (size_t i = 0; i < n; ++i)
        std::memcpy(out[c] + static_cast<ptrdiff_t>(i) * stride[c], planes[c] + i, sizeof(Out));
    }
  }
}

template <typename Out>
void convert_row(const RgbConversion& c, const void* const in[4], uint32_t x0, uint32_t n, void* const to[4],
                 const ptrdiff_t stride[4]) {
  const ColourKernels& colour = colour_kernels();
  const InterleaveKernels& interleave = interleave_kernels();
  const size_t itemsize = stf_itemsize(c.format.dtype);
  const size_t count = c.colour.alpha ? 4 : 3;
  const uint32_t alpha = c.format.components == 4 ? 3u : c.format.components == 2 ? 1u : 0u;  // 0: none is stored
  alignas(64) uint16_t wide[3][kChunk + 4];
  alignas(64) Out room[4][kChunk];
  if (c.colour.alpha && alpha == 0)
    for (Out& opaque : room[3]) opaque = static_cast<Out>(c.matrix.top);

  for (uint32_t done = 0; done < n; done += kChunk) {
    const size_t now = n - done < kChunk ? n - done : kChunk;
    const auto at = [&](uint32_t component, unsigned log2) -> const void* {
      // Columns done + x0 and x0 lie (done >> log2) chroma samples apart, for done is a multiple of 2^log2.
      return static_cast<const uint8_t*>(in[component]) + (done >> log2) * itemsize;
    };
    const Out* planes[4] = {room[0], room[1], room[2], room[3]};
    if (c.colour.model == kModelRgb) {
      for (uint32_t i = 0; i < 3; ++i) planes[i] = scaled(c, at(i, 0), now, room[i]);
    } else if (c.colour.model == kModelGray && c.colour.full_range) {
      planes[0] = planes[1] = planes[2] = scaled(c, at(0, 0), now, room[0]);
    } else {
      const uint16_t* y = widen(colour, c, at(0, 0), 0, now, 0, wide[0]);
      const uint16_t *cb, *cr;
      if (c.colour.model == kModelYcc) {
        cb = widen(colour, c, at(1, c.format.sub_x), x0, now, c.format.sub_x, wide[1]);
        cr = widen(colour, c, at(2, c.format.sub_x), x0, now, c.format.sub_x, wide[2]);
      } else {
        for (size_t i = 0; i < now; ++i) wide[1][i] = static_cast<uint16_t>(c.matrix.c_zero);
        cb = cr = wide[1];
      }
      if constexpr (sizeof(Out) == 1) {
        (c.narrow ? colour.ycc_narrow : colour.ycc_wide_8)(c.matrix, {y, cb, cr}, now, {room[0], room[1], room[2]});
      } else {
        colour.ycc_wide_16(c.matrix, {y, cb, cr}, now, {room[0], room[1], room[2]});
      }
    }
    if (c.colour.alpha && alpha != 0) planes[3] = scaled(c, at(alpha, 0), now, room[3]);

    uint8_t* out[4] = {};
    for (size_t i = 0; i < count; ++i) out[i] = static_cast<uint8_t*>(to[i]) + static_cast<ptrdiff_t>(done) * stride[i];
    place<Out>(interleave, planes, count, now, out, stride);
  }
}

}  // namespace

stf_status rgb_prepare(const stf_format& format, const stf_colour& colour, RgbConversion* conversion,
                       stf_error* error) {
  STF_TRY(stf_format_check(&format, error));
  if (format.dtype == STF_INT8 || format.dtype == STF_INT16)
    return fail(error, STF_E_ARGUMENT, "signed samples have no RGB form");
  if (colour.out_bits != 8 && colour.out_bits != 16)
    return fail(error, STF_E_ARGUMENT, "RGB has 8 or 16 bits, not %u", colour.out_bits);
  if (colour.model > kModelGray) return fail(error, STF_E_ARGUMENT, "unknown colour model %u", colour.model);
  const bool is_gray = colour.model == kModelGray;
  if (is_gray ? format.components > 2 : format.components < 3)
    return fail(error, STF_E_ARGUMENT, "%u components are not %s", format.components,
                is_gray ? "gray, or gray and alpha" : "a colour picture");
  if (colour.model == kModelRgb && (format.sub_x || format.sub_y))
    return fail(error, STF_E_ARGUMENT, "components that are R, G, B cannot be subsampled");

  conversion->format = format;
  conversion->colour = colour;
  const uint64_t top = (1u << colour.out_bits) - 1, largest = (1u << format.bits) - 1;
  conversion->scale = ((top << kScaleShift) + largest / 2) / largest;
  conversion->matrix = YccMatrix{};
  conversion->matrix.top = static_cast<int32_t>(top);
  conversion->narrow = false;
  if (colour.model == kModelRgb || (is_gray && colour.full_range)) return STF_OK;

  int64_t kr = 0, kb = 0;
  if (!luma_weights(is_gray ? 1 : colour.matrix, &kr, &kb))
    return fail(error, STF_E_UNSUPPORTED,
                "matrix coefficients %u cannot be converted to RGB; 1 (BT.709), 5 and 6 (BT.601) "
                "and 9 (BT.2020) can",
                colour.matrix);
  if (format.bits < 8) return fail(error, STF_E_ARGUMENT, "Y'CbCr has at least 8 bits, not %u", format.bits);
  conversion->narrow = colour.out_bits == 8 && format.bits < 16;
  const unsigned shift = conversion->narrow ? 13u + format.bits - 8u : kWideShift;
  conversion->matrix = make_matrix(format.bits, colour.full_range != 0, static_cast<int64_t>(top), shift, kr, kb);
  return STF_OK;
}

void rgb_row(const RgbConversion& conversion, const void* const in[4], uint32_t x0, uint32_t n, void* const out[4],
             const ptrdiff_t out_stride[4]) {
  if (conversion.colour.out_bits == 8) {
    convert_row<uint8_t>(conversion, in, x0, n, out, out_stride);
  } else {
    convert_row<uint16_t>(conversion, in, x0, n, out, out_stride);
  }
}

}  // namespace stf
