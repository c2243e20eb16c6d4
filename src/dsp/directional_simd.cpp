// The directional filter over vectors: one or two rows of eight samples at a time, or two or four rows of four.

#include "dsp/directional.hpp"
#include "dsp/vec.hpp"

namespace stf {
namespace STF_ISA {
namespace {

using Words = Vec<int16_t>;
using Eight = Vec128<int16_t>;
using Four = Vec128<int32_t>;

// A register with as many rows of `width` samples as it has room for.
template <int width>
inline constexpr int kRows = static_cast<int>(kLanes<int16_t>) / width;

template <int width>
inline Words load_rows(const uint16_t* at, ptrdiff_t stride) {
  const auto eight = [stride](const uint16_t* from) {
    if constexpr (width == 8) return load<Eight>(from);
    else return load_halves<Eight>(from, from + stride);
  };
#if defined(STF_ISA_avx2)
  return join<int16_t>(eight(at), eight(at + kRows<width> / 2 * stride));
#else
  return eight(at);
#endif
}

template <int width>
inline void store_rows(uint16_t* at, ptrdiff_t stride, Words v) {
  const auto eight = [stride](uint16_t* to, Eight part) {
    if constexpr (width == 8) store(to, part);
    else store_halves(to, to + stride, part);
  };
#if defined(STF_ISA_avx2)
  eight(at, low_half<int16_t>(v));
  eight(at + kRows<width> / 2 * stride, high_half<int16_t>(v));
#else
  eight(at, v);
#endif
}

inline int32_t sum_of(Vec<int32_t> v) {
#if defined(STF_ISA_avx2)
  const Four four = low_half<int32_t>(v) + high_half<int32_t>(v);
#else
  const Four four = v;
#endif
  const Four two = four + __builtin_shufflevector(four, four, 2, 3, 0, 1);
  return two[0] + two[1];
}

GradientSums gradients(const uint16_t* at, ptrdiff_t stride, int shift) {
  auto along = multiply_add_pairs(Words{}, Words{}), across = along;
  for (int y = 0; y < 8; y += kRows<8>, at += kRows<8> * stride) {
    const Words gx = (load_rows<8>(at + 1, stride) - load_rows<8>(at - 1, stride)) >> static_cast<int16_t>(shift);
    const Words gy = (load_rows<8>(at + stride, stride) - load_rows<8>(at - stride, stride)) >>
                     static_cast<int16_t>(shift);
    along += multiply_add_pairs(gx + gy, gx - gy);
    across += multiply_add_pairs(gx, gy);
  }
  return {sum_of(along), 2 * sum_of(across)};
}

inline Words constrained(Words difference, Words strength) {
  const Words magnitude = absolute(difference);
  return with_sign_of(min(magnitude, subtract_to_zero(strength, magnitude >> int16_t{kTapFade})), difference);
}

template <int width>
void filter_rows(const uint16_t* from, ptrdiff_t from_stride, uint16_t* to, ptrdiff_t to_stride, int h,
                 const DirectionalTaps& taps) {
  static_assert(kPrimaryWeights[0] == 4 && kPrimaryWeights[1] == 2 && kSecondaryWeights[0] == 2 &&
                kSecondaryWeights[1] == 1);
  const Words primary = splat(static_cast<int16_t>(taps.primary)),
              secondary = splat(static_cast<int16_t>(taps.secondary));
  const Words top = splat(static_cast<int16_t>(taps.largest));
  const auto offset = [&](int direction, int k) {
    const int* step = kTapSteps[direction & 7][k];
    return step[1] * from_stride + step[0];
  };
  // A strength of 0 leaves nothing of any difference.
  const ptrdiff_t along[2] = {offset(taps.direction, 0), offset(taps.direction, 1)};
  const ptrdiff_t beside[2][2] = {{offset(taps.direction + 2, 0), offset(taps.direction + 2, 1)},
                                  {offset(taps.direction - 2, 0), offset(taps.direction - 2, 1)}};
  for (int y = 0; y < h; y += kRows<width>, from += kRows<width> * from_stride, to += kRows<width> * to_stride) {
    const Words here = load_rows<width>(from, from_stride);
    const auto both = [&](ptrdiff_t step, Words strength) {
      return constrained(load_rows<width>(from + step, from_stride) - here, strength) +
             constrained(load_rows<width>(from - step, from_stride) - here, strength);
    };
    const Words near = both(beside[0][0], secondary) + both(beside[1][0], secondary);
    const Words far = both(beside[0][1], secondary) + both(beside[1][1], secondary);
    const Words main_near = both(along[0], primary), main_far = both(along[1], primary);
    const Words twos = main_near + main_near + main_far + near;
    const Words sum = twos + twos + far + int16_t{8};
    store_rows<width>(to, to_stride, clamp(here + (sum >> 4), Words{}, top));
  }
}

void filter(const uint16_t* from, ptrdiff_t from_stride, uint16_t* to, ptrdiff_t to_stride, int w, int h,
            const DirectionalTaps& taps) {
  if (w == 8) filter_rows<8>(from, from_stride, to, to_stride, h, taps);
  else filter_rows<4>(from, from_stride, to, to_stride, h, taps);
}

}  // namespace

void fill(DirectionalKernels& kernels) { kernels = {gradients, filter}; }

}  // namespace STF_ISA
}  // namespace stf
