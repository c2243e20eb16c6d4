// Kernels of the directional filter (docs/format.md, section 14.10). Samples have at most 12 bits.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dsp/dispatch.hpp"

namespace stf {

// The direction of the edges in 8 x 8 samples, as sums over products of the central differences gx and gy.
struct GradientSums {
  int32_t along;   // gx^2 - gy^2
  int32_t across;  // 2 gx gy
  bool operator==(const GradientSums&) const = default;
};

// What the filter does.
struct DirectionalTaps {
  int direction;           // 0 .. 7, in steps of 22.5 degrees from the right downwards
  int primary, secondary;  // strengths of the taps along the direction and at 45 degrees to it, at most 1023; 0 is none
  int largest;             // sample
};

struct DirectionalKernels {
  // The sums over 8 x 8 samples, which have one more on every side. Differences are shifted right by `shift`, so that
  // they have 9 bits at most.
  GradientSums (*gradients)(const uint16_t* at, ptrdiff_t stride, int shift);
  // Filter w x h samples, where w and h are 4 or 8 and `from` has two more samples on every side.
  void (*filter)(const uint16_t* from, ptrdiff_t from_stride, uint16_t* to, ptrdiff_t to_stride, int w, int h,
                 const DirectionalTaps& taps);
};
STF_DECLARE_KERNELS(DirectionalKernels)

const KernelTables<DirectionalKernels>& directional_tables();
inline const DirectionalKernels& directional_kernels() { return directional_tables().best(); }

// Steps of the taps at distances 1 and 2: { x, y } by direction.
inline constexpr int kTapSteps[8][2][2] = {{{1, 0}, {2, 0}}, {{1, 0}, {2, 1}},  {{1, 1}, {2, 2}},   {{0, 1}, {1, 2}},
                                           {{0, 1}, {0, 2}}, {{0, 1}, {-1, 2}}, {{-1, 1}, {-2, 2}}, {{1, 0}, {2, -1}}};
// Weights in 1/16 of the taps at distances 1 and 2.
inline constexpr int kPrimaryWeights[2] = {4, 2}, kSecondaryWeights[2] = {2, 1};
// A difference counts as it is up to the strength, less beyond, and not at all from strength << kTapFade on.
inline constexpr int kTapFade = 3;

}  // namespace stf
