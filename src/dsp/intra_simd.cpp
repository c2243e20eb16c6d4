// Intra prediction over vectors, a row of the block at a time.

#include "dsp/intra.hpp"
#include "dsp/vec.hpp"

namespace stf {
namespace STF_ISA {
namespace {

using Wide = Vec<int16_t>;
using Eight = Vec128<int16_t>;

// V: sums of 32 bits. Both weighted means are products of pairs: of an opposite two samples and their distances.
template <typename V>
inline void smooth_columns(uint16_t* out, ptrdiff_t stride, int width, int height, const uint16_t* top,
                           const uint16_t* left) {
  using P = typename VecOfBytes<int16_t, sizeof(V)>::type;
  using Narrow = typename VecOfBytes<int16_t, sizeof(V) / 2>::type;
  constexpr int kCount = sizeof(V) / 4;
  const int log_w = __builtin_ctz(static_cast<unsigned>(width)), log_h = __builtin_ctz(static_cast<unsigned>(height));
  const int shift = log_w + log_h + 1, below = left[height];
  V index{};
  for (int i = 0; i < kCount; ++i) index[i] = i;
  V weights = (width - 1 + (1 << 16)) + index * 0xFFFF;  // width - 1 - x, x + 1
  const V next = V{} + kCount * 0xFFFF, right = V{} + (top[width] << 16);
  for (int x = 0; x < width; x += kCount, weights += next) {
    const V above = convert<V>(load<Narrow>(top + x));
    V vertical = ((above * (height - 1) + below) << log_w) + width * height;
    const V step = (below - above) << log_w;
    for (int y = 0; y < height; ++y, vertical += step) {
      const V horizontal = multiply_add_pairs((P)weights, (P)(right + static_cast<int32_t>(left[y])));
      store(out + y * stride + x, convert<Narrow>((vertical + (horizontal << log_h)) >> shift));
    }
  }
}

void smooth(uint16_t* out, ptrdiff_t stride, int width, int height, const uint16_t* top, const uint16_t* left) {
  if (width == 4) return smooth_columns<Vec128<int32_t>>(out, stride, width, height, top, left);
  smooth_columns<Vec<int32_t>>(out, stride, width, height, top, left);
}

// Loads and stores of V, or of the first four of its lanes.
template <bool PART, typename V>
inline V take(const uint16_t* from) {
  if constexpr (PART) return load_part<V>(from, 4);
  else return load<V>(from);
}
template <bool PART, typename V>
inline void give(uint16_t* to, V v) {
  if constexpr (PART) store_part(to, v, 4);
  else store(to, v);
}

template <typename V>
inline V magnitude(V v) {
  return max(v, -v);
}

template <bool PART, typename V>
inline void paeth_columns(uint16_t* out, ptrdiff_t stride, int width, int height, const uint16_t* top,
                          const uint16_t* left, uint16_t corner) {
  constexpr int kCount = sizeof(V) / 2;
  const V origin = V{} + static_cast<int16_t>(corner);
  for (int x = 0; x < width; x += kCount) {
    const V above = take<PART, V>(top + x), from_origin = above - origin, p_left = magnitude(from_origin);
    for (int y = 0; y < height; ++y) {
      const V beside = V{} + static_cast<int16_t>(left[y]), p_top = magnitude(beside - origin);
      const V p_corner = magnitude(from_origin + (beside - origin));
      const V other = select(p_top > p_corner, origin, above);
      give<PART>(out + y * stride + x, select(p_left > min(p_top, p_corner), other, beside));
    }
  }
}

void paeth(uint16_t* out, ptrdiff_t stride, int width, int height, const uint16_t* top, const uint16_t* left,
           uint16_t corner) {
  if (width == 4) return paeth_columns<true, Eight>(out, stride, width, height, top, left, corner);
  if (width == 8) return paeth_columns<false, Eight>(out, stride, width, height, top, left, corner);
  paeth_columns<false, Wide>(out, stride, width, height, top, left, corner);
}

// ((32 - f) a + f b + 16) >> 5 is a + ((b - a) f + 16 >> 5), a rounded product by f / 32.
template <bool PART, typename V>
inline void directional_rows(uint16_t* out, ptrdiff_t stride, int width, int height, const uint16_t* edge, int angle) {
  constexpr int kCount = sizeof(V) / 2;
  for (int y = 0; y < height; ++y, out += stride) {
    const int p = (y + 1) * angle;
    const uint16_t* e = edge + (p >> 5) + 1;
    const V f = V{} + static_cast<int16_t>((p & 31) << 10);
    for (int x = 0; x < width; x += kCount) {
      const V a = take<PART, V>(e + x), b = take<PART, V>(e + x + 1);
      give<PART>(out + x, a + multiply_round15(b - a, f));
    }
  }
}

void directional(uint16_t* out, ptrdiff_t stride, int width, int height, const uint16_t* edge, int angle) {
  if (width == 4) return directional_rows<true, Eight>(out, stride, width, height, edge, angle);
  if (width == 8) return directional_rows<false, Eight>(out, stride, width, height, edge, angle);
  directional_rows<false, Wide>(out, stride, width, height, edge, angle);
}

}  // namespace

void fill(IntraKernels& kernels) { kernels = {smooth, paeth, directional}; }

}  // namespace STF_ISA
}  // namespace stf
