// The directional filter, eight samples at a time.

#include "dsp/directional.hpp"
#include "dsp/vec.hpp"

namespace stf {
namespace STF_ISA {
namespace {

using Eight = Vec128<int16_t>;
using Four = Vec128<int32_t>;

inline int32_t sum_of(Four v) { return v[0] + v[1] + v[2] + v[3]; }

GradientSums gradients(const uint16_t* at, ptrdiff_t stride, int shift) {
  Four along{}, across{};
  for (int y = 0; y < 8; ++y, at += stride) {
    const Eight gx = (load<Eight>(at + 1) - load<Eight>(at - 1)) >> static_cast<int16_t>(shift);
    const Eight gy = (load<Eight>(at + stride) - load<Eight>(at - stride)) >> static_cast<int16_t>(shift);
    along += multiply_add_pairs(gx, gx) - multiply_add_pairs(gy, gy);
    across += multiply_add_pairs(gx, gy);
  }
  return {sum_of(along), 2 * sum_of(across)};
}

// Two rows of four or one of eight.
template <bool pairs>
inline Eight row(const uint16_t* at, ptrdiff_t stride) {
  if constexpr (pairs) return load_halves<Eight>(at, at + stride);
  else return load<Eight>(at);
}

inline Eight constrained(Eight difference, Eight strength) {
  const Eight magnitude = max(difference, -difference);
  const Eight v = min(magnitude, max(Eight{}, strength - (magnitude >> int16_t{kTapFade})));
  const Eight negative = difference >> 15;
  return (v ^ negative) - negative;
}

template <bool pairs>
inline Eight taps_of(const uint16_t* at, ptrdiff_t stride, int direction, Eight here, Eight strength, const int weights[2]) {
  Eight sum{};
  for (int k = 0; k < 2; ++k) {
    const int* step = kTapSteps[direction & 7][k];
    const ptrdiff_t offset = step[1] * stride + step[0];
    const Eight both = constrained(row<pairs>(at + offset, stride) - here, strength) +
                       constrained(row<pairs>(at - offset, stride) - here, strength);
    sum += both * static_cast<int16_t>(weights[k]);
  }
  return sum;
}

template <bool pairs>
void filter_rows(const uint16_t* from, ptrdiff_t from_stride, uint16_t* to, ptrdiff_t to_stride, int h,
                 const DirectionalTaps& taps, int largest) {
  constexpr int kRows = pairs ? 2 : 1;
  const Eight primary = Eight{} + static_cast<int16_t>(taps.primary), secondary = Eight{} + static_cast<int16_t>(taps.secondary);
  const Eight top = Eight{} + static_cast<int16_t>(largest);
  for (int y = 0; y < h; y += kRows, from += kRows * from_stride, to += kRows * to_stride) {
    const Eight here = row<pairs>(from, from_stride);
    Eight sum = Eight{} + int16_t{8};
    if (taps.primary > 0) sum += taps_of<pairs>(from, from_stride, taps.direction, here, primary, kPrimaryWeights);
    if (taps.secondary > 0) {
      sum += taps_of<pairs>(from, from_stride, taps.direction + 2, here, secondary, kSecondaryWeights);
      sum += taps_of<pairs>(from, from_stride, taps.direction - 2, here, secondary, kSecondaryWeights);
    }
    const Eight out = clamp(here + (sum >> 4), Eight{}, top);
    if constexpr (pairs) store_halves(to, to + to_stride, out);
    else store(to, out);
  }
}

void filter(const uint16_t* from, ptrdiff_t from_stride, uint16_t* to, ptrdiff_t to_stride, int w, int h,
            const DirectionalTaps& taps, int largest) {
  if (w == 8) filter_rows<false>(from, from_stride, to, to_stride, h, taps, largest);
  else filter_rows<true>(from, from_stride, to, to_stride, h, taps, largest);
}

}  // namespace

void fill(DirectionalKernels& kernels) { kernels = {gradients, filter}; }

}  // namespace STF_ISA
}  // namespace stf
