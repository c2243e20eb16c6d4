// Kernels of the deblocking filter (docs/format.md, section 14.9). Samples have at most 12 bits.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dsp/dispatch.hpp"

namespace stf {

struct DeblockKernels {
  // One edge of four lines of luma: `at` is the first sample after the edge, `across` the step over it, `along` the
  // step to the next line. beta and tc > 0 are in the samples' scale. Up to three samples on either side change; of the
  // fourth ones, which have a part in it, what they hold may be written again.
  void (*luma)(uint16_t* at, ptrdiff_t across, ptrdiff_t along, int beta, int tc, int largest);
  // `lines` lines of chroma.
  void (*chroma)(uint16_t* at, ptrdiff_t across, ptrdiff_t along, int lines, int tc, int largest);
};
STF_DECLARE_KERNELS(DeblockKernels)

const KernelTables<DeblockKernels>& deblock_tables();
inline const DeblockKernels& deblock_kernels() { return deblock_tables().best(); }

}  // namespace stf
