// The kernel of the seam filter, which takes the step out of the border between two fragments that were coded apart
// (docs/lossy.md, "Seams"). Samples have at most 12 bits.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dsp/dispatch.hpp"

namespace stf {

inline constexpr int kSeamReach = 8;   // samples that may change on either side
inline constexpr int kSeamLevels = 4;  // from flat to busy; what is busier is left alone

// How a border is filtered; made by seam_strength() of blocks/seams.cpp.
struct SeamStrength {
  // How busy a level is at most: a line is of the first level whose bound exceeds the largest difference of neighbours
  // among the four samples before the border, and among the four after it. Ascending, 0 .. 2^14.
  int16_t busy[kSeamLevels];
  // How large a step is filtered: it counts as it is up to this, less and less above, and not at all from twice this
  // on, as it is an edge of the picture then. 0 .. 2^14 - 1.
  int16_t step[kSeamLevels];
  // The part of the step that is taken from the samples on either side, the nearest first, in 1/32768. 0 .. 2^15 - 1.
  int16_t before[kSeamLevels][kSeamReach], after[kSeamLevels][kSeamReach];
  int16_t largest;  // sample, up to 4095
};

struct SeamKernels {
  // Filter n lines across a border, in place. Line i is samples[i + stride * k], k = 0 .. 15, of which the border lies
  // before k = 8. False promises that nothing has changed.
  //
  //   d     = s[8] - s[7]
  //   c     = sign(d) * min(|d|, max(2 * step - |d|, 0))
  //   s[7-i] = clamp(s[7-i] + ((c * before[i] + 2^14) >> 15)),  s[8+i] = clamp(s[8+i] - ((c * after[i] + 2^14) >> 15))
  bool (*filter)(int16_t* samples, ptrdiff_t stride, size_t n, const SeamStrength& strength);
};
STF_DECLARE_KERNELS(SeamKernels)

const KernelTables<SeamKernels>& seam_tables();
inline const SeamKernels& seam_kernels() { return seam_tables().best(); }

}  // namespace stf
