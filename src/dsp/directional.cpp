// The scalar kernels of the directional filter: the reference that checkasm holds the vectors against.

#include "dsp/directional.hpp"

#include <algorithm>
#include <cstdlib>

namespace stf {
namespace {

GradientSums gradients(const uint16_t* at, ptrdiff_t stride, int shift) {
  GradientSums sums{};
  for (int y = 0; y < 8; ++y, at += stride)
    for (int x = 0; x < 8; ++x) {
      const int gx = (at[x + 1] - at[x - 1]) >> shift, gy = (at[x + stride] - at[x - stride]) >> shift;
      sums.along += gx * gx - gy * gy;
      sums.across += 2 * gx * gy;
    }
  return sums;
}

int constrained(int difference, int strength) {
  const int magnitude = std::abs(difference);
  const int v = std::min(magnitude, std::max(0, strength - (magnitude >> kTapFade)));
  return difference < 0 ? -v : v;
}

void filter(const uint16_t* from, ptrdiff_t from_stride, uint16_t* to, ptrdiff_t to_stride, int w, int h,
            const DirectionalTaps& taps) {
  for (int y = 0; y < h; ++y, from += from_stride, to += to_stride)
    for (int x = 0; x < w; ++x) {
      const int here = from[x];
      int sum = 0;
      const auto add = [&](int direction, int strength, const int weights[2]) {
        for (int k = 0; k < 2; ++k) {
          const int* step = kTapSteps[direction & 7][k];
          const ptrdiff_t offset = step[1] * from_stride + step[0];
          const int ahead = from[x + offset] - here, behind = from[x - offset] - here;
          sum += weights[k] * (constrained(ahead, strength) + constrained(behind, strength));
        }
      };
      if (taps.primary > 0) add(taps.direction, taps.primary, kPrimaryWeights);
      if (taps.secondary > 0) {
        add(taps.direction + 2, taps.secondary, kSecondaryWeights);
        add(taps.direction - 2, taps.secondary, kSecondaryWeights);
      }
      to[x] = static_cast<uint16_t>(std::clamp(here + ((sum + 8) >> 4), 0, taps.largest));
    }
}

void fill_scalar(DirectionalKernels& kernels) { kernels = {gradients, filter}; }

}  // namespace

const KernelTables<DirectionalKernels>& directional_tables() {
  static const KernelTables<DirectionalKernels> tables(fill_scalar, STF_KERNEL_LEVELS);
  return tables;
}

}  // namespace stf
