// The motion compensation kernels over vectors: six taps are three sums of pairs.

#include "dsp/inter.hpp"
#include "dsp/vec.hpp"

namespace stf {
namespace STF_ISA {
namespace {

using Wide = Vec<int16_t>;
using Eight = Vec128<int16_t>;
constexpr ptrdiff_t kRow = kPredictionStride;

// Taps in pairs, as multiply_add_pairs() takes them: three pairs, or the two inner ones if the outer taps are zero
// (TAPS: 4).
template <typename V, int TAPS>
struct Filter {
  static constexpr int kPairs = TAPS / 2;
  V pair[kPairs];
  explicit Filter(const int16_t* taps) {
    for (int i = 0; i < kPairs; ++i) {
      int32_t bits;
      __builtin_memcpy(&bits, taps + (6 - TAPS) / 2 + 2 * i, 4);
      pair[i] = (V)(typename VecOfBytes<int32_t, sizeof(V)>::type{} + bits);
    }
  }
};

// What a register holds of a block: neighbours in one row, or four samples of one or of two rows.
template <typename V>
struct Lanes {
  using Vector = V;
  static constexpr int kWidth = sizeof(V) / 2;
  static V get(const void* from, ptrdiff_t) { return load<V>(from); }
  static void put(int16_t* to, ptrdiff_t, V v) { store(to, v); }
};
struct FourLanes {
  using Vector = Eight;
  static Eight get(const void* from, ptrdiff_t) { return load_low<Eight>(from); }
  static void put(int16_t* to, ptrdiff_t, Eight v) { store_low(to, v); }
};
struct TwoRows {
  using Vector = Eight;
  static Eight get(const void* from, ptrdiff_t stride) {
    return load_halves<Eight>(from, static_cast<const int16_t*>(from) + stride);
  }
  static void put(int16_t* to, ptrdiff_t stride, Eight v) { store_halves(to, to + stride, v); }
};

// Call step<L>(x, y) for all parts of a block; L is as wide as the block allows.
template <typename Step>
inline void each(int width, int height, Step&& step) {
  if (width == 4) {
    int y = 0;
    for (; y + 2 <= height; y += 2) step.template operator()<TwoRows>(0, y);
    if (y < height) step.template operator()<FourLanes>(0, y);
  } else if (width == 8) {
    for (int y = 0; y < height; ++y) step.template operator()<Lanes<Eight>>(0, y);
  } else {
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; x += Lanes<Wide>::kWidth) step.template operator()<Lanes<Wide>>(x, y);
  }
}

// Filter along rows. Pairs of neighbours begin at even samples in one load and at odd ones in the next, so that the
// sums of even and of odd samples are apart. Of both only 16 bits from `shift` on are wanted.
template <int TAPS>
inline void filter_rows(const uint16_t* in, ptrdiff_t stride, int width, int height, const int16_t* taps, int shift,
                        int16_t* out) {
  const Filter<Wide, TAPS> wide(taps);
  const Filter<Eight, TAPS> narrow(taps);
  each(width, height, [&]<typename L>(int x, int y) {
    using V = typename L::Vector;
    const auto& f = [&]() -> const auto& {
      if constexpr (sizeof(V) == sizeof(Wide)) return wide;
      else return narrow;
    }();
    const uint16_t* at = in + y * stride + x + 1 - TAPS / 2;
    auto even = multiply_add_pairs(L::get(at, stride), f.pair[0]);
    auto odd = multiply_add_pairs(L::get(at + 1, stride), f.pair[0]);
    STF_UNROLL
    for (int i = 1; i < TAPS / 2; ++i) {
      even += multiply_add_pairs(L::get(at + 2 * i, stride), f.pair[i]);
      odd += multiply_add_pairs(L::get(at + 2 * i + 1, stride), f.pair[i]);
    }
    L::put(out + y * kRow + x, kRow, (V)even_odd(even >> shift, odd << (16 - shift)));
  });
}

// A strip of a block, as wide as VECTORS vectors: pairs of samples one above the other.
template <typename V>
struct Strip {  // lanes of V
  static constexpr int kWidth = sizeof(V) / 2, kVectors = 2;
  using Vector = V;
  using Sum = typename VecOfBytes<int32_t, sizeof(V)>::type;
  static V get(const void* from) { return load<V>(from); }
  static void pair(V a, V b, V* pairs) {
    pairs[0] = interleave_low(a, b);
    pairs[1] = interleave_high(a, b);
  }
  static void put(int16_t* out, const Sum* sum) { store(out, pack(sum[0], sum[1])); }
  static void put(int16_t* out, const Sum* first, const Sum* second) {
    put(out, first);
    put(out + kRow, second);
  }
};
struct FourStrip {
  static constexpr int kVectors = 1;
  using Vector = Eight;
  using Sum = Vec128<int32_t>;
  static Eight get(const void* from) { return load_low<Eight>(from); }
  static void pair(Eight a, Eight b, Eight* pairs) { *pairs = interleave_low(a, b); }
  static void put(int16_t* out, const Sum* sum) { store_low(out, pack(*sum, *sum)); }
  static void put(int16_t* out, const Sum* first, const Sum* second) {
    store_halves(out, out + kRow, pack(*first, *second));
  }
};
#if defined(STF_ISA_avx2)
struct EightStrip {  // rows as their lower four samples, twice, and their upper ones, twice
  static constexpr int kVectors = 1;
  using Vector = Wide;
  using Sum = Vec<int32_t>;
  static Wide get(const void* from) {
    const auto v = load<Vec128<int64_t>>(from);
    return (Wide)__builtin_shufflevector(v, v, 0, 0, 1, 1);
  }
  static void pair(Wide a, Wide b, Wide* pairs) { *pairs = interleave_low(a, b); }
  static void put(int16_t* out, const Sum* sum) { store(out, low_half<int16_t>(pack_ordered(*sum, *sum))); }
  static void put(int16_t* out, const Sum* first, const Sum* second) {
    const Wide both = pack_ordered(*first, *second);
    store(out, low_half<int16_t>(both));
    store(out + kRow, high_half<int16_t>(both));
  }
};
#else
using EightStrip = Strip<Eight>;
#endif

// Filter a strip along columns, two rows at a time. A pair of rows serves every row whose taps reach it.
template <typename S, int TAPS>
void filter_strip(const void* from, ptrdiff_t stride, int height, const int16_t* taps, int shift, int16_t* out) {
  using V = typename S::Vector;
  using Sum = typename S::Sum;
  constexpr int kPairs = TAPS / 2, kVectors = S::kVectors;
  const Filter<V, TAPS> f(taps);
  const int16_t* in = static_cast<const int16_t*>(from) + (1 - kPairs) * stride;
  V pairs[2 * kPairs][kVectors], last = S::get(in);
  STF_UNROLL
  for (int i = 0; i < 2 * kPairs - 2; ++i) {
    const V next = S::get(in += stride);
    S::pair(last, next, pairs[i]);
    last = next;
  }
  const auto sums = [&](int first, Sum* sum) {
    STF_UNROLL
    for (int j = 0; j < kVectors; ++j) {
      sum[j] = multiply_add_pairs(pairs[first][j], f.pair[0]);
      STF_UNROLL
      for (int i = 1; i < kPairs; ++i) sum[j] += multiply_add_pairs(pairs[first + 2 * i][j], f.pair[i]);
      sum[j] >>= shift;
    }
  };
  int y = 0;
  for (; y + 2 <= height; y += 2, out += 2 * kRow) {
    const V next = S::get(in + stride), after = S::get(in + 2 * stride);
    in += 2 * stride;
    S::pair(last, next, pairs[2 * kPairs - 2]);
    S::pair(next, after, pairs[2 * kPairs - 1]);
    last = after;
    Sum a[kVectors], b[kVectors];
    sums(0, a);
    sums(1, b);
    S::put(out, a, b);
    STF_UNROLL
    for (int i = 0; i < 2 * kPairs - 2; ++i) STF_UNROLL
    for (int j = 0; j < kVectors; ++j) pairs[i][j] = pairs[i + 2][j];
  }
  if (y < height) {
    S::pair(last, S::get(in + stride), pairs[2 * kPairs - 2]);
    Sum a[kVectors];
    sums(0, a);
    S::put(out, a);
  }
}

template <int TAPS, typename T>
inline void filter_columns(const T* in, ptrdiff_t stride, int width, int height, const int16_t* taps, int shift,
                           int16_t* out) {
  if (width == 4) return filter_strip<FourStrip, TAPS>(in, stride, height, taps, shift, out);
  if (width == 8) return filter_strip<EightStrip, TAPS>(in, stride, height, taps, shift, out);
  for (int x = 0; x < width; x += Strip<Wide>::kWidth)
    filter_strip<Strip<Wide>, TAPS>(in + x, stride, height, taps, shift, out + x);
}

inline bool inner_only(const int16_t* taps) { return (taps[0] | taps[5]) == 0; }

void along_rows(const uint16_t* in, ptrdiff_t stride, int width, int height, const int16_t* taps, int shift,
                int16_t* out) {
  if (inner_only(taps)) return filter_rows<4>(in, stride, width, height, taps, shift, out);
  filter_rows<6>(in, stride, width, height, taps, shift, out);
}

template <typename T>
void along_columns(const T* in, ptrdiff_t stride, int width, int height, const int16_t* taps, int shift, int16_t* out) {
  if (inner_only(taps)) return filter_columns<4>(in, stride, width, height, taps, shift, out);
  filter_columns<6>(in, stride, width, height, taps, shift, out);
}

void interpolate(const uint16_t* in, ptrdiff_t stride, int width, int height, const InterTaps& taps, int bits,
                 int16_t* out) {
  const int16_t *taps_x = taps.x, *taps_y = taps.y;
  if (taps_x == nullptr && taps_y == nullptr)
    return each(width, height, [&]<typename L>(int x, int y) {
      L::put(out + y * kRow + x, kRow, L::get(in + y * stride + x, stride) << (14 - bits));
    });
  if (taps_y == nullptr) return along_rows(in, stride, width, height, taps_x, bits - 8, out);
  if (taps_x == nullptr) return along_columns(in, stride, width, height, taps_y, bits - 8, out);
  const int above = inner_only(taps_y) ? 1 : 2;
  alignas(32) int16_t between[(kRow + 5) * kRow];
  along_rows(in - above * stride, stride, width, height + 2 * above + 1, taps_x, bits - 8, between);
  along_columns(between + above * kRow, kRow, width, height, taps_y, 6, out);
}

void put(const int16_t* p, uint16_t* out, ptrdiff_t stride, int width, int height, int bits) {
  const auto half = static_cast<int16_t>(1 << (13 - bits)), top = static_cast<int16_t>((1 << bits) - 1);
  each(width, height, [&]<typename L>(int x, int y) {
    using V = typename L::Vector;
    const V sum = add_saturated(L::get(p + y * kRow + x, kRow), V{} + half);
    L::put(reinterpret_cast<int16_t*>(out) + y * stride + x, stride, clamp(sum >> (14 - bits), V{}, V{} + top));
  });
}

// InterKernels::average. Sums may saturate: what does is the largest sample, or below 0 and clamped.
void average(const int16_t* p, const int16_t* q, uint16_t* out, ptrdiff_t stride, int width, int height, int bits) {
  const auto half = static_cast<int16_t>(1 << (14 - bits));
  each(width, height, [&]<typename L>(int x, int y) {
    using V = typename L::Vector;
    const V both = add_saturated(L::get(p + y * kRow + x, kRow), L::get(q + y * kRow + x, kRow));
    const V sum = add_saturated(both, V{} + half);
    L::put(reinterpret_cast<int16_t*>(out) + y * stride + x, stride, max(sum >> (15 - bits), V{}));
  });
}

// InterKernels::scale, by pairs of lanes: a sample and 1, times the weight and the rounding.
void scale(const uint16_t* in, uint16_t* out, int n, int weight, int offset, int largest) {
  using V = Vec<int16_t>;
  constexpr int kWide = static_cast<int>(kLanes<int16_t>);
  const V one = splat<int16_t>(1), top = splat(static_cast<int16_t>(largest)),
          add = splat(static_cast<int16_t>(offset));
  const V factors = interleave_low(splat(static_cast<int16_t>(weight)), splat<int16_t>(128));
  const auto part = [&](V samples) {
    const V low = interleave_low(samples, one), high = interleave_high(samples, one);
    return clamp(pack(multiply_add_pairs(low, factors) >> 8, multiply_add_pairs(high, factors) >> 8) + add, V{}, top);
  };
  int x = 0;
  for (; x + kWide <= n; x += kWide) store(out + x, part(load<V>(in + x)));
  if (x < n) store_part(out + x, part(load_part<V>(in + x, static_cast<size_t>(n - x))), static_cast<size_t>(n - x));
}

}  // namespace

void fill(InterKernels& kernels) { kernels = {interpolate, put, average, scale}; }

}  // namespace STF_ISA
}  // namespace stf
