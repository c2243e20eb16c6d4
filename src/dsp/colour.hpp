// Conversion of stored components to RGB, row by row: what stf_reader_read() does for STF_OUTPUT_RGB.
//
// Results are those of the exact matrix, rounded to nearest and clamped, within 1 (in practice nearly always equal).
// Chroma is replicated: the chroma sample of column x is floor(x / s), so that a box equals the crop of the whole.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dsp/dispatch.hpp"
#include "stfrag/store.h"

namespace stf {

// The matrix that makes R, G and B from Y, Cb and Cr: sums of offset samples times fixed-point coefficients.
struct YccMatrix {
  int32_t y_zero, c_zero;             // what is subtracted from Y, and from Cb and Cr
  int32_t y, cr_r, cb_g, cr_g, cb_b;  // coefficients, `shift` fractional bits
  uint32_t shift;
  int32_t top;  // the largest output: 255 or 65535
};

// A conversion, which rgb_prepare() prepares once. It is plain data, and may be shared freely.
struct RgbConversion {
  stf_format format;
  stf_colour colour;
  YccMatrix matrix;  // models 1 and 2
  bool narrow;       // the matrix fits the kernels for 16-bit factors
  uint64_t scale;    // of full-range samples to the output, kScaleShift fractional bits
};

// Check a pair of format and colour, and prepare the conversion. STF_E_ARGUMENT says what does not fit: signed samples,
// a model that needs other components, an unknown matrix, Y'CbCr of fewer than 8 bits.
stf_status rgb_prepare(const stf_format& format, const stf_colour& colour, RgbConversion* conversion, stf_error* error);

// Convert n pixels of one row, from column x0 on.
//   in[c]        the sample of component c that belongs to column x0 (of chroma: its column floor(x0 / s)), of the
//   format's
//                dtype, samples adjacent and aligned; which row of chroma belongs to the luma row is the caller's to
//                choose
//   out[0..2]    where R, G and B of the first pixel go, out[3] alpha if colour.alpha is set; no alignment needed
//   out_stride   bytes from a pixel to the next, for each plane; may be negative
// Reads and writes nothing else.
void rgb_row(const RgbConversion& conversion, const void* const in[4], uint32_t x0, uint32_t n, void* const out[4],
             const ptrdiff_t out_stride[4]);

// Rows of Y, Cb and Cr, an element for every pixel, and rows of R, G and B.
struct YccRows {
  const uint16_t *y, *cb, *cr;
};
template <typename Out>
struct RgbRows {
  Out *r, *g, *b;
};

// The kernels that rgb_row() is made of.
struct ColourKernels {
  // to[i] = from[i >> log2] for i < n; log2 0 to 2.
  void (*expand_8)(uint16_t* to, const uint8_t* from, size_t n, unsigned log2);
  void (*expand_16)(uint16_t* to, const uint16_t* from, size_t n, unsigned log2);
  // Apply the matrix to n pixels, rounded and clamped to 0 .. top, for matrices that rgb_prepare() makes. narrow:
  // samples below 2^15, coefficients below 2^15 and top 255, so that 16-bit factors and 32-bit sums do. wide: sums take
  // 40 bits.
  void (*ycc_narrow)(const YccMatrix& m, const YccRows& in, size_t n, const RgbRows<uint8_t>& out);
  void (*ycc_wide_8)(const YccMatrix& m, const YccRows& in, size_t n, const RgbRows<uint8_t>& out);
  void (*ycc_wide_16)(const YccMatrix& m, const YccRows& in, size_t n, const RgbRows<uint16_t>& out);
};
STF_DECLARE_KERNELS(ColourKernels)

const KernelTables<ColourKernels>& colour_tables();
inline const ColourKernels& colour_kernels() { return colour_tables().best(); }

}  // namespace stf
