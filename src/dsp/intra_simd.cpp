// The intra prediction kernels over vectors. Samples of 12 bits leave room for sums of four in 16 bits.

#include "dsp/intra.hpp"
#include "dsp/vec.hpp"

namespace stf {
namespace STF_ISA {
namespace {

using Wide = Vec<int16_t>;
using Eight = Vec128<int16_t>;
constexpr int kWide = static_cast<int>(kLanes<int16_t>);

template <typename V>
using SumOf = typename VecOfBytes<int32_t, sizeof(V)>::type;

// Registers of WIDTH samples of several rows: of 4 samples two rows in 16 bytes, of 8 samples two in 32.
template <int WIDTH>
struct Rows;

template <>
struct Rows<4> {
  using V = Eight;
  static constexpr int kCount = 2;
  static V repeat(const uint16_t* from) { return load_halves<V>(from, from); }
  static V spread(const uint16_t* of_rows) {
    int32_t two;
    __builtin_memcpy(&two, of_rows, 4);
    const auto v = (V)Vec128<int32_t>{two, two, two, two};
    return __builtin_shufflevector(v, v, 0, 0, 0, 0, 1, 1, 1, 1);
  }
  static void put(uint16_t* to, ptrdiff_t stride, V v) { store_halves(to, to + stride, v); }
};
#if defined(STF_ISA_avx2)
template <>
struct Rows<8> {
  using V = Wide;
  static constexpr int kCount = 2;
  static V repeat(const uint16_t* from) {
    const auto v = load<Eight>(from);
    return join<int16_t>(v, v);
  }
  static V spread(const uint16_t* of_rows) {
    return join<int16_t>(Eight{} + static_cast<int16_t>(of_rows[0]), Eight{} + static_cast<int16_t>(of_rows[1]));
  }
  static void put(uint16_t* to, ptrdiff_t stride, V v) {
    store(to, low_half<int16_t>(v));
    store(to + stride, high_half<int16_t>(v));
  }
};
#endif
template <>
struct Rows<kWide> {
  using V = Wide;
  static constexpr int kCount = 1;
  static V repeat(const uint16_t* from) { return load<V>(from); }
  static V spread(const uint16_t* of_row) { return V{} + static_cast<int16_t>(*of_row); }
  static void put(uint16_t* to, ptrdiff_t, V v) { store(to, v); }
};

// Call one<R>(x) for each strip of a block; strips are as wide as registers.
template <typename One>
inline void strips(int width, One&& one) {
  if (width == 4) return one.template operator()<Rows<4>>(0);
  if (width == 8) return one.template operator()<Rows<8>>(0);
  for (int x = 0; x < width; x += kWide) one.template operator()<Rows<kWide>>(x);
}

inline int32_t both(int low, int high) {
  return static_cast<int32_t>((static_cast<uint32_t>(low) & 0xffff) | static_cast<uint32_t>(high) << 16);
}

// Smooth prediction. Down a column the vertical mean moves by the same step each time; along a row the horizontal one
// is a product of pairs.
void smooth(uint16_t* out, ptrdiff_t stride, int width, int height, const uint16_t* top, const uint16_t* left) {
  const int log_w = __builtin_ctz(static_cast<unsigned>(width)), log_h = __builtin_ctz(static_cast<unsigned>(height));
  const int shift = log_w + log_h + 1;
  const auto first = [&]<typename S>(S above) {  // of row -1, with what rounds
    return ((above << log_h) << log_w) + (1 << (shift - 1));
  };
  const auto step = [&]<typename S>(S above) { return (S{} + left[height] - above) << log_w; };
  const auto weights = [&]<typename V>(int x) {  // of left[y] and top[width], as pairs of the columns from x on
    SumOf<V> v{};
    for (size_t i = 0; i < sizeof(v) / 4; ++i) {
      const int column = x + static_cast<int>(i);
      v[i] = both((width - 1 - column) << log_h, (column + 1) << log_h);
    }
    return (V)v;
  };
  const auto along = [&]<typename V>(int y, V w) {
    return multiply_add_pairs((V)(SumOf<V>{} + both(left[y], top[width])), w);
  };
  if (width < kWide) {  // a register of 32 bits has a row
    const auto narrow = [&]<typename V>(V w) {
      using S = SumOf<V>;
      using Samples = typename VecOfBytes<uint16_t, sizeof(V) / 2>::type;
      const auto above = convert<S>(load<Samples>(top));
      const S down = step(above);
      S sum = first(above);
      for (int y = 0; y < height; y += 2, out += 2 * stride) {
        const S a = sum + down;
        sum = a + down;
        const auto v = pack_ordered((a + along(y, w)) >> shift, (sum + along(y + 1, w)) >> shift);
        if constexpr (sizeof(V) == 32) {
#if defined(STF_ISA_avx2)
          store(out, low_half<int16_t>(v));
          store(out + stride, high_half<int16_t>(v));
#endif
        } else {
          store_halves(out, out + stride, v);
        }
      }
    };
    if (width == 4) return narrow(weights.template operator()<Eight>(0));
    return narrow(weights.template operator()<Wide>(0));
  }
  for (int x = 0; x < width; x += kWide) {
    using S = SumOf<Wide>;
    constexpr int kHalf = kWide / 2;
    const auto a = convert<S>(load<Half<uint16_t>>(top + x)), b = convert<S>(load<Half<uint16_t>>(top + x + kHalf));
    const S down_a = step(a), down_b = step(b);
    const Wide w_a = weights.template operator()<Wide>(x), w_b = weights.template operator()<Wide>(x + kHalf);
    S sum_a = first(a), sum_b = first(b);
    uint16_t* to = out + x;
    for (int y = 0; y < height; ++y, to += stride) {
      sum_a += down_a;
      sum_b += down_b;
      store(to, pack_ordered((sum_a + along(y, w_a)) >> shift, (sum_b + along(y, w_b)) >> shift));
    }
  }
}

void paeth(uint16_t* out, ptrdiff_t stride, int width, int height, const uint16_t* top, const uint16_t* left,
           uint16_t corner) {
  strips(width, [&]<typename R>(int x) {
    using V = typename R::V;
    const V corners = V{} + static_cast<int16_t>(corner), above = R::repeat(top + x), off = above - corners;
    const V p_left = absolute(off);
    uint16_t* to = out + x;
    for (int y = 0; y < height; y += R::kCount, to += R::kCount * stride) {
      const V beside = R::spread(left + y), off_beside = beside - corners;
      const V p_top = absolute(off_beside), p_corner = absolute(off + off_beside);
      const V other = select(p_top > p_corner, corners, above);
      R::put(to, stride, select(p_left > min(p_top, p_corner), other, beside));
    }
  });
}

// Directional prediction as a + (f (b - a) + 16 >> 5): a product with f / 32 that is rounded.
void directional(uint16_t* out, ptrdiff_t stride, int width, int height, const uint16_t* edge, int angle) {
  const auto each = [&]<typename V>(int lanes, auto&& get, auto&& put) {
    int p = angle;
    for (int y = 0; y < height; ++y, p += angle, out += stride) {
      const uint16_t* e = edge + (p >> 5) + 1;
      const V f = V{} + static_cast<int16_t>((p & 31) << 10);
      for (int x = 0; x < width; x += lanes) {
        const V a = get(e + x), b = get(e + x + 1);
        put(out + x, a + multiply_rounded(b - a, f));
      }
    }
  };
  if (width == 4)
    return each.template operator()<Eight>(
        4, [](const uint16_t* from) { return load_low<Eight>(from); }, [](uint16_t* to, Eight v) { store_low(to, v); });
  if (width == 8)
    return each.template operator()<Eight>(
        8, [](const uint16_t* from) { return load<Eight>(from); }, [](uint16_t* to, Eight v) { store(to, v); });
  each.template operator()<Wide>(
      kWide, [](const uint16_t* from) { return load<Wide>(from); }, [](uint16_t* to, Wide v) { store(to, v); });
}

}  // namespace

void fill(IntraKernels& kernels) { kernels = {smooth, paeth, directional}; }

}  // namespace STF_ISA
}  // namespace stf
