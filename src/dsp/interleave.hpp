// Kernels that turn interleaved pixels (RGBRGB...) into planes and back.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dsp/dispatch.hpp"

namespace stf {

struct InterleaveKernels {
  // to[i] = from[i * step] for i < n, in samples; [step]: 2, 3 or 4. Addresses need no alignment. Reads nothing beyond
  // sample (n - 1) * step.
  void (*gather_8[5])(uint8_t* to, const void* from, size_t n);
  void (*gather_16[5])(uint16_t* to, const void* from, size_t n);
  // to[i * count + c] = from[c][i] for i < n and c < count; [count]: 2, 3 or 4. `to` needs no alignment.
  void (*join_8[5])(void* to, const uint8_t* const* from, size_t n);
  void (*join_16[5])(void* to, const uint16_t* const* from, size_t n);
};
STF_DECLARE_KERNELS(InterleaveKernels)

const KernelTables<InterleaveKernels>& interleave_tables();
inline const InterleaveKernels& interleave_kernels() { return interleave_tables().best(); }

}  // namespace stf
