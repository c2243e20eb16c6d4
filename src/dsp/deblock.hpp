// Kernels of the deblocking filter (docs/format.md, section 14.9). Samples have at most 12 bits.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dsp/dispatch.hpp"

namespace stf {

struct DeblockKernels {
  // Filter one edge of four lines of luma: `at` is the first sample after the edge, `across` the step over it, `along`
  // the step to the next line. beta and tc > 0 are in the samples' scale. Up to three samples on either side change;
  // the fourth ones are looked at, and may be written again as they are.
  void (*luma)(uint16_t* at, ptrdiff_t across, ptrdiff_t along, int beta, int tc, int largest);
  // Filter one edge of `lines` lines of chroma: one sample on either side changes.
  void (*chroma)(uint16_t* at, ptrdiff_t across, ptrdiff_t along, int lines, int tc, int largest);
};
STF_DECLARE_KERNELS(DeblockKernels)

const KernelTables<DeblockKernels>& deblock_tables();
inline const DeblockKernels& deblock_kernels() { return deblock_tables().best(); }

}  // namespace stf
