// Kernels of the motion search of the lossless profile.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dsp/dispatch.hpp"

namespace stf {

struct MotionKernels {
  // Sum of absolute differences of two blocks of 16 x height samples, height <= 16; strides in samples.
  uint32_t (*sad_8)(const uint8_t* p, ptrdiff_t p_stride, const uint8_t* q, ptrdiff_t q_stride, int height);
  uint32_t (*sad_16)(const uint16_t* p, ptrdiff_t p_stride, const uint16_t* q, ptrdiff_t q_stride, int height);
  // The same, plus the sum of |p - clamp(q + m)|, where m is the mean of p - q, rounded towards zero, and samples are
  // clamped to their type. Where light changes, the second part finds blocks that belong together.
  uint32_t (*match_8)(const uint8_t* p, ptrdiff_t p_stride, const uint8_t* q, ptrdiff_t q_stride, int height);
  uint32_t (*match_16)(const uint16_t* p, ptrdiff_t p_stride, const uint16_t* q, ptrdiff_t q_stride, int height);
};
STF_DECLARE_KERNELS(MotionKernels)

const KernelTables<MotionKernels>& motion_tables();
inline const MotionKernels& motion_kernels() { return motion_tables().best(); }

}  // namespace stf
