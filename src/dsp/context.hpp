// Kernels of the contexts of residuals (docs/format.md, 12.5), a row at a time.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dsp/dispatch.hpp"

namespace stf {

// Rows of bytes have energies of 16 bits, deep ones of 32.
struct ContextKernels {
  // m[i] = the magnitude of the residual with number z[i].
  void (*magnitudes_8)(const uint8_t* z, size_t n, uint8_t* m);
  void (*magnitudes_16)(const uint16_t* z, size_t n, uint16_t* m);
  // What the magnitudes above contribute to the energy: 2 N + NW + NE + NN, or, where the row itself contributes
  // nothing, 2 N + 2 NW + 2 NE + NN + NEE. One magnitude before `north` is read, two after it.
  void (*above_8)(const uint8_t* north, const uint8_t* north2, size_t n, bool west, uint16_t* energy);
  void (*above_16)(const uint16_t* north, const uint16_t* north2, size_t n, bool west, uint32_t* energy);
  // context[i] = detail[i] * levels + the level of energy[i] + 2 m[i - 1] + m[i - 2]; without the last two if m is
  // NULL.
  void (*contexts_8)(const uint16_t* energy, const uint8_t* m, const uint8_t* detail, size_t n, unsigned levels,
                     uint16_t* context);
  void (*contexts_16)(const uint32_t* energy, const uint16_t* m, const uint8_t* detail, size_t n, unsigned levels,
                      uint16_t* context);
  // The detail's level, at most 5: without references from the rows above, `up` and `up2`; with one from A, with two
  // from A and B.
  void (*detail_8)(unsigned refs, const uint8_t* up, const uint8_t* up2, const uint8_t* a, ptrdiff_t a_stride,
                   const uint8_t* b, size_t n, unsigned shift, uint8_t* level);
  void (*detail_16)(unsigned refs, const uint16_t* up, const uint16_t* up2, const uint16_t* a, ptrdiff_t a_stride,
                    const uint16_t* b, size_t n, unsigned shift, uint8_t* level);
};
STF_DECLARE_KERNELS(ContextKernels)

const KernelTables<ContextKernels>& context_tables();
inline const ContextKernels& context_kernels() { return context_tables().best(); }

}  // namespace stf
