// The colour kernels over vectors: chroma replication and the matrix, a vector of pixels at a time. The few pixels that
// are left go through vectors that are filled in part.

#include "dsp/colour.hpp"
#include "dsp/vec.hpp"

namespace stf {
namespace STF_ISA {
namespace {

using V16 = Vec<int16_t>;
using U16 = Vec<uint16_t>;
using V32 = Vec<int32_t>;
constexpr size_t kPixels = kLanes<int16_t>;

// Narrow 32-bit lanes that interleave_low() and interleave_high() made to bytes 0 .. 255, back in order.
Half<uint8_t> to_bytes(V32 low, V32 high) {
#if defined(STF_ISA_avx2)
  const __m256i words = _mm256_packs_epi32((__m256i)low, (__m256i)high);
  return (Half<uint8_t>)_mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
#elif defined(STF_ISA_sse41)
  const __m128i words = _mm_packs_epi32((__m128i)low, (__m128i)high);
  return as<Half<uint8_t>>((long long)_mm_cvtsi128_si64(_mm_packus_epi16(words, words)));
#else
  const V32 zero{}, top = splat<int32_t>(255);
  const auto bytes = [&](V32 v) { return convert<VecOfBytes<uint8_t, kVecBytes / 4>::type>(clamp(v, zero, top)); };
  return __builtin_shufflevector(bytes(low), bytes(high), 0, 1, 2, 3, 4, 5, 6, 7);
#endif
}

template <typename T>
void expand(uint16_t* to, const T* from, size_t n, unsigned log2) {
  size_t i = 0;
  if (log2 == 0) {
    using Some = typename VecOfBytes<T, kPixels * sizeof(T)>::type;
    for (; i + kPixels <= n; i += kPixels) store(to + i, convert<U16>(load<Some>(from + i)));
  } else if (log2 == 1) {
    using Some = typename VecOfBytes<T, kPixels / 2 * sizeof(T)>::type;
    using Pairs = Vec<uint32_t>;
    for (; i + kPixels <= n; i += kPixels) {
      const Pairs v = convert<Pairs>(load<Some>(from + i / 2));
      store(to + i, v | v << 16);
    }
  }
  for (; i < n; ++i) to[i] = from[i >> log2];
}

// The matrix with 16-bit factors, for kPixels at a time.
struct Narrow {
  V16 y_zero, c_zero, zero;
  V16 y_cr_r, y_cb_g, cr_g, y_cb_b;  // coefficients for pairs of lanes
  V32 round;
  unsigned shift;

  explicit Narrow(const YccMatrix& m)
      : y_zero(splat(static_cast<int16_t>(m.y_zero))), c_zero(splat(static_cast<int16_t>(m.c_zero))), zero{},
        y_cr_r(pair(m.y, m.cr_r)), y_cb_g(pair(m.y, m.cb_g)), cr_g(pair(m.cr_g, 0)), y_cb_b(pair(m.y, m.cb_b)),
        round(splat<int32_t>(1 << (m.shift - 1))), shift(m.shift) {}

  static V16 pair(int32_t even, int32_t odd) {
    return as<V16>(
        splat(static_cast<int32_t>((static_cast<uint32_t>(odd) << 16) | (static_cast<uint32_t>(even) & 0xffffu))));
  }

  void block(V16 y, V16 u, V16 v, Half<uint8_t>* r, Half<uint8_t>* g, Half<uint8_t>* b) const {
    y -= y_zero, u -= c_zero, v -= c_zero;
    const V16 yu0 = interleave_low(y, u), yu1 = interleave_high(y, u);
    const V16 yv0 = interleave_low(y, v), yv1 = interleave_high(y, v);
    const V16 v0 = interleave_low(v, zero), v1 = interleave_high(v, zero);
    const auto red = [&](V16 yv) { return (multiply_add_pairs(yv, y_cr_r) + round) >> shift; };
    const auto blue = [&](V16 yu) { return (multiply_add_pairs(yu, y_cb_b) + round) >> shift; };
    const auto green = [&](V16 yu, V16 cr) {
      return (multiply_add_pairs(yu, y_cb_g) + multiply_add_pairs(cr, cr_g) + round) >> shift;
    };
    *r = to_bytes(red(yv0), red(yv1));
    *g = to_bytes(green(yu0, v0), green(yu1, v1));
    *b = to_bytes(blue(yu0), blue(yu1));
  }
};

void ycc_narrow(const YccMatrix& m, const YccRows& in, size_t n, const RgbRows<uint8_t>& out) {
  const uint16_t *const y = in.y, *const cb = in.cb, *const cr = in.cr;
  uint8_t *const r = out.r, *const g = out.g, *const b = out.b;
  const Narrow narrow(m);
  Half<uint8_t> red, green, blue;
  size_t i = 0;
  for (; i + kPixels <= n; i += kPixels) {
    narrow.block(load<V16>(y + i), load<V16>(cb + i), load<V16>(cr + i), &red, &green, &blue);
    store(r + i, red), store(g + i, green), store(b + i, blue);
  }
  if (const size_t left = n - i; left != 0) {
    narrow.block(load_part<V16>(y + i, left), load_part<V16>(cb + i, left), load_part<V16>(cr + i, left), &red, &green,
                 &blue);
    store_part(r + i, red, left), store_part(g + i, green, left), store_part(b + i, blue, left);
  }
}

// The matrix with coefficients of more than 16 bits, in 32-bit lanes: coefficients are split at bit 8, and
// sum * high + ((sum * low) >> 8) is exactly the whole sum without its last 8 bits.
struct Wide {
  struct Factor {
    V32 high, low;
    explicit Factor(int32_t c) : high(splat(c >> 8)), low(splat(c & 255)) {}
  };
  V32 y_zero, c_zero, round, top;
  Factor y, cr_r, cb_g, cr_g, cb_b;
  unsigned shift;

  explicit Wide(const YccMatrix& m)
      : y_zero(splat(m.y_zero)), c_zero(splat(m.c_zero)), round(splat<int32_t>(1 << (m.shift - 9))), top(splat(m.top)),
        y(m.y), cr_r(m.cr_r), cb_g(m.cb_g), cr_g(m.cr_g), cb_b(m.cb_b), shift(m.shift - 8) {}

  template <typename Out>
  void block(V32 luma, V32 u, V32 v, Out* r, Out* g, Out* b) const {
    luma -= y_zero, u -= c_zero, v -= c_zero;
    const V32 high = luma * y.high + round, low = luma * y.low;
    const auto out = [&](V32 h, V32 l) { return convert<Out>(clamp((h + (l >> 8)) >> shift, V32{}, top)); };
    *r = out(high + v * cr_r.high, low + v * cr_r.low);
    *g = out(high + u * cb_g.high + v * cr_g.high, low + u * cb_g.low + v * cr_g.low);
    *b = out(high + u * cb_b.high, low + u * cb_b.low);
  }
};

template <typename T>
void ycc_wide(const YccMatrix& m, const YccRows& in, size_t n, const RgbRows<T>& out) {
  const uint16_t *const y = in.y, *const cb = in.cb, *const cr = in.cr;
  T *const r = out.r, *const g = out.g, *const b = out.b;
  constexpr size_t lanes = kLanes<int32_t>;
  using In = Half<uint16_t>;
  using Out = typename VecOfBytes<T, lanes * sizeof(T)>::type;
  const Wide wide(m);
  Out red, green, blue;
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    wide.block(convert<V32>(load<In>(y + i)), convert<V32>(load<In>(cb + i)), convert<V32>(load<In>(cr + i)), &red,
               &green, &blue);
    store(r + i, red), store(g + i, green), store(b + i, blue);
  }
  if (const size_t left = n - i; left != 0) {
    wide.block(convert<V32>(load_part<In>(y + i, left)), convert<V32>(load_part<In>(cb + i, left)),
               convert<V32>(load_part<In>(cr + i, left)), &red, &green, &blue);
    store_part(r + i, red, left), store_part(g + i, green, left), store_part(b + i, blue, left);
  }
}

}  // namespace

void fill(ColourKernels& k) {
  k.expand_8 = expand<uint8_t>;
  k.expand_16 = expand<uint16_t>;
  k.ycc_narrow = ycc_narrow;
  k.ycc_wide_8 = ycc_wide<uint8_t>;
  k.ycc_wide_16 = ycc_wide<uint16_t>;
}

}  // namespace STF_ISA
}  // namespace stf
