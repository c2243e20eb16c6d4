// Kernels of the contexts of residuals in the lossless profile (docs/format.md, 12.5), a row at a time.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dsp/dispatch.hpp"

namespace stf {

// The rows that a detail is found in, each from the sample at hand on.
template <typename Sample>
struct DetailRows {
  unsigned refs;           // without references (0) the next two are looked at, with one reference a, with two a and b
  const Sample *up, *up2;  // the two rows above
  const Sample* a;         // reference A, at the vector
  ptrdiff_t a_stride;      // to its next row
  const Sample* b;         // reference B, at the vector
};

// Energies of bytes have 16 bits, those of deeper samples 32.
struct ContextKernels {
  // m[i] = the magnitude of the residual with number z[i].
  void (*magnitudes_8)(const uint8_t* z, size_t n, uint8_t* m);
  void (*magnitudes_16)(const uint16_t* z, size_t n, uint16_t* m);
  // energy[i] = what the magnitudes above sample i contribute to its energy: 2 N + NW + NE + NN if those to the west
  // will be added; if not, 2 N + 2 NW + 2 NE + NN + NEE. One magnitude before `north` is read, two after it.
  void (*above_8)(const uint8_t* north, const uint8_t* north2, size_t n, bool west, uint16_t* energy);
  void (*above_16)(const uint16_t* north, const uint16_t* north2, size_t n, bool west, uint32_t* energy);
  // context[i] = detail[i] * levels + the level of energy[i] + 2 m[i - 1] + m[i - 2]; without the last two if m is
  // NULL.
  void (*contexts_8)(const uint16_t* energy, const uint8_t* m, const uint8_t* detail, size_t n, unsigned levels,
                     uint16_t* context);
  void (*contexts_16)(const uint32_t* energy, const uint16_t* m, const uint8_t* detail, size_t n, unsigned levels,
                      uint16_t* context);
  // level[i] = the level of the detail at sample i, at most 5; details are shifted down by `shift` first.
  void (*detail_8)(const DetailRows<uint8_t>& from, size_t n, unsigned shift, uint8_t* level);
  void (*detail_16)(const DetailRows<uint16_t>& from, size_t n, unsigned shift, uint8_t* level);
};
STF_DECLARE_KERNELS(ContextKernels)

const KernelTables<ContextKernels>& context_tables();
inline const ContextKernels& context_kernels() { return context_tables().best(); }

}  // namespace stf
