// The kernels of linear predictors over vectors: pairs of int16 products are summed in int32 lanes.

#include "dsp/linear_rows.hpp"
#include "dsp/predict_lanes.hpp"

namespace stf {
namespace STF_ISA {
namespace {

using Short = Vec<int16_t>;
using Int = Vec<int32_t>;
using Int4 = Vec128<int32_t>;
constexpr size_t kStep = kLanes<int16_t>;

inline Int4 fold4(Int v) {
#if defined(STF_ISA_avx2)
  return __builtin_shufflevector(v, v, 0, 1, 2, 3) + __builtin_shufflevector(v, v, 4, 5, 6, 7);
#else
  return v;
#endif
}
// The sums of the lanes of four vectors.
inline Int4 sums(Int a, Int b, Int c, Int d) {
  const Int4 p = fold4(a), q = fold4(b), r = fold4(c), s = fold4(d);
  const Int4 pq = __builtin_shufflevector(p, q, 0, 4, 1, 5) + __builtin_shufflevector(p, q, 2, 6, 3, 7);
  const Int4 rs = __builtin_shufflevector(r, s, 0, 4, 1, 5) + __builtin_shufflevector(r, s, 2, 6, 3, 7);
  return __builtin_shufflevector(pq, rs, 0, 1, 4, 5) + __builtin_shufflevector(pq, rs, 2, 3, 6, 7);
}
void products(const int16_t* rows, unsigned count, size_t n, int32_t* out) {
  for (unsigned i = 0; i < count; ++i) {
    const int16_t* const p = rows + i * kLinearRow;
    for (unsigned j = 0; j <= i; j += 4) {  // the last group may write past row i: row i + 1 comes after
      const int16_t* q[4];
      for (unsigned m = 0; m < 4; ++m) q[m] = rows + (j + m <= i ? j + m : i) * kLinearRow;
      Int a{}, b{}, c{}, d{};
      for (size_t k = 0; k < n; k += kStep) {
        const auto v = load<Short>(p + k);
        a += multiply_add_pairs(v, load<Short>(q[0] + k));
        b += multiply_add_pairs(v, load<Short>(q[1] + k));
        c += multiply_add_pairs(v, load<Short>(q[2] + k));
        d += multiply_add_pairs(v, load<Short>(q[3] + k));
      }
      store(out + j, sums(a, b, c, d));
    }
    out += i + 1;
  }
}

// Pairs of coefficients, as multiply_add_pairs() takes them.
struct Pairs {
  int32_t pair[kMaxLinearTaps / 2];
  void set(const int16_t* coefficient, unsigned count) {
    for (unsigned i = 0; i < count; i += 2)
      pair[i / 2] = (coefficient[i] & 0xffff) |
                    static_cast<int32_t>(static_cast<uint32_t>(i + 1 < count ? coefficient[i + 1] : 0) << 16);
  }
};

// The differences of the taps to their bases for one row of lanes. Those of bytes are interleaved pairs, ready to be
// multiplied and added; their sums fit 16 bits once they are shifted.
template <typename Sample, size_t bytes>
struct Differences;

template <size_t bytes>
struct Differences<uint8_t, bytes> {
  using W = Wide<uint8_t, bytes>;
  using V = typename W::V;
  using Sum = typename VecOfBytes<int32_t, bytes>::type;
  using Coefficients = Pairs;
  V low[kMaxLinearTaps / 2], high[kMaxLinearTaps / 2];

  Differences(const LinearBlock<uint8_t>& k, int y, int column) {
    const auto difference = [&](unsigned i) {
      const LinearTap<uint8_t>& t = k.taps[i];
      return W::get(t.tap + y * t.tap_stride + column) - W::get(t.base + y * t.base_stride + column);
    };
    for (unsigned i = 0; i < k.count; i += 2) {
      const V a = difference(i), b = i + 1 < k.count ? difference(i + 1) : V{};
      low[i / 2] = interleave_low(a, b);
      high[i / 2] = interleave_high(a, b);
    }
  }
  // The sums in whole samples; `down`: -1 where they were rounded down.
  V weigh(const Pairs& c, unsigned count, V* down = nullptr) const {
    Sum s{}, t{};
    s += 128;
    t += 128;
    for (unsigned i = 0; i < (count + 1) / 2; ++i) {
      const auto both = (V)(Sum{} + c.pair[i]);
      s += multiply_add_pairs(low[i], both);
      t += multiply_add_pairs(high[i], both);
    }
    if (down != nullptr) *down = -pack((s >> 7) & 1, (t >> 7) & 1);
    return pack(s >> 8, t >> 8);
  }
};

struct Singles {
  const int16_t* coefficient;
  void set(const int16_t* c, unsigned) { coefficient = c; }
};

template <size_t bytes>
struct Differences<uint16_t, bytes> {
  using W = Wide<uint16_t, bytes>;
  using V = typename W::V;
  using Sum = typename VecOfBytes<uint32_t, bytes>::type;
  using Coefficients = Singles;
  Sum of[kMaxLinearTaps];

  Differences(const LinearBlock<uint16_t>& k, int y, int column) {
    for (unsigned i = 0; i < k.count; ++i) {
      const LinearTap<uint16_t>& t = k.taps[i];
      of[i] = (Sum)(W::get(t.tap + y * t.tap_stride + column) - W::get(t.base + y * t.base_stride + column));
    }
  }
  V weigh(const Singles& c, unsigned count, V* down = nullptr) const {
    Sum s{};
    s += 128;
    for (unsigned i = 0; i < count; ++i) s += of[i] * static_cast<uint32_t>(c.coefficient[i]);
    if (down != nullptr) *down = -((V)(s >> 7) & 1);
    return (V)s >> 8;
  }
};

template <typename Sample, size_t bytes>
inline typename Wide<Sample, bytes>::V clamped(const LinearBlock<Sample>& k, int y, int column,
                                               typename Wide<Sample, bytes>::V sum) {
  using W = Wide<Sample, bytes>;
  using V = typename W::V;
  return clamp(W::get(k.base + y * k.base_stride + column) + sum, V{},
               V{} + static_cast<typename W::Lane>(k.range - 1));
}

constexpr unsigned kTogether = 16;  // predictors whose errors are summed in one pass

template <typename Sample>
void errors(const LinearBlock<Sample>& k, int step, const int16_t (*coefficients)[kMaxLinearTaps], unsigned predictors,
            uint32_t* out) {
  for (unsigned i = 0; i < predictors; ++i) out[i] = 0;
  for (unsigned first = 0; first < predictors; first += kTogether) {
    const unsigned some = predictors - first < kTogether ? predictors - first : kTogether;
    const int done = each_register<Sample>(k.width, [&]<size_t bytes>(int column) {
      using D = Differences<Sample, bytes>;
      using V = typename Wide<Sample, bytes>::V;
      typename D::Coefficients c[kTogether];
      for (unsigned i = 0; i < some; ++i) c[i].set(coefficients[first + i], k.count);
      V sums[kTogether] = {};
      for (int y = 0; y < k.height; y += step) {
        const D d(k, y, column);
        const V x = Wide<Sample, bytes>::get(k.x + y * k.stride + column);
        for (unsigned i = 0; i < some; ++i) {
          const V e = x - clamped<Sample, bytes>(k, y, column, d.weigh(c[i], k.count));
          sums[i] += max(e, -e);
        }
      }
      for (unsigned i = 0; i < some; ++i)
        for (int lane = 0; lane < Wide<Sample, bytes>::kCount; ++lane)
          out[first + i] += static_cast<uint32_t>(sums[i][lane]);
    });
    if (done < k.width)
      for (unsigned i = first; i < first + some; ++i) out[i] += linear_error_scalar(k, step, coefficients[i], done);
  }
}

template <typename Sample>
bool fold_block(const LinearBlock<Sample>& k, const int16_t* coefficients, Sample* z, ptrdiff_t z_stride) {
  bool some = false;
  const int done = each_register<Sample>(k.width, [&]<size_t bytes>(int column) {
    using W = Wide<Sample, bytes>;
    using D = Differences<Sample, bytes>;
    typename D::Coefficients c;
    c.set(coefficients, k.count);
    typename W::V all{};
    for (int y = 0; y < k.height; ++y) {
      typename W::V down;
      const auto p = clamped<Sample, bytes>(k, y, column, D(k, y, column).weigh(c, k.count, &down));
      const auto d = W::get(k.x + y * k.stride + column) - p;
      const auto r = number((d ^ down) - down, static_cast<typename W::Lane>(k.range));
      W::put(z + y * z_stride + column, r);
      all |= r;
    }
    some |= any(all);
  });
  if (done < k.width) some |= linear_fold_scalar(k, coefficients, done, z, z_stride) != 0;
  return some;
}

int64_t dot(const int32_t* a, const int32_t* b, size_t n) {
  int64_t total = 0;
  size_t k = 0;
#if defined(STF_ISA_avx2)
  __m256i even = _mm256_setzero_si256(), odd = even;
  for (; k + 8 <= n; k += 8) {
    const __m256i u = (__m256i)load<Int>(a + k), v = (__m256i)load<Int>(b + k);
    even = _mm256_add_epi64(even, _mm256_mul_epi32(u, v));
    odd = _mm256_add_epi64(odd, _mm256_mul_epi32(_mm256_srli_epi64(u, 32), _mm256_srli_epi64(v, 32)));
  }
  const auto lanes = (Vec<int64_t>)_mm256_add_epi64(even, odd);
  total = lanes[0] + lanes[1] + lanes[2] + lanes[3];
#endif
  for (; k < n; ++k) total += int64_t{a[k]} * b[k];
  return total;
}

#if defined(STF_ISA_avx2)
void add_scaled(const int32_t* a, int32_t weight, size_t n, int64_t* sum) {
  // Shifts of 64 bits are logical: products are above -2^62.
  const __m256i w = _mm256_set1_epi64x(weight), bias = _mm256_set1_epi64x(int64_t{1} << 62);
  const __m256i down = _mm256_set1_epi64x(int64_t{1} << 54);
  size_t k = 0;
  for (; k + 4 <= n; k += 4) {
    const __m256i v = _mm256_cvtepi32_epi64(_mm_loadu_si128(reinterpret_cast<const __m128i*>(a + k)));
    const __m256i product = _mm256_srli_epi64(_mm256_add_epi64(_mm256_mul_epi32(v, w), bias), 8);
    auto* const at = reinterpret_cast<__m256i*>(sum + k);
    _mm256_storeu_si256(at, _mm256_add_epi64(_mm256_loadu_si256(at), _mm256_sub_epi64(product, down)));
  }
  for (; k < n; ++k) sum[k] += int64_t{a[k]} * weight >> 8;
}
#endif

void difference_8(const LinearTap<uint8_t>& of, int width, int height, unsigned shift, int16_t* out) {
  const auto down = static_cast<int>(shift);
  const uint8_t *tap = of.tap, *base = of.base;
  const ptrdiff_t tap_stride = of.tap_stride, base_stride = of.base_stride;
  const auto run = [&]<typename Lanes, typename Bytes>() {
    constexpr int kCount = sizeof(Bytes);
    for (int y = 0; y < height; ++y, tap += tap_stride, base += base_stride, out += width)
      for (int x = 0; x < width; x += kCount)
        store(out + x, (convert<Lanes>(load<Bytes>(tap + x)) - convert<Lanes>(load<Bytes>(base + x))) >> down);
  };
  if (width >= static_cast<int>(kStep)) run.template operator()<Short, Half<uint8_t>>();
  else run.template operator()<Vec128<int16_t>, typename VecOfBytes<uint8_t, 8>::type>();
}

void difference_16(const LinearTap<uint16_t>& of, int width, int height, unsigned shift, int16_t* out) {
  const uint16_t *tap = of.tap, *base = of.base;
  const ptrdiff_t tap_stride = of.tap_stride, base_stride = of.base_stride;
  constexpr int kCount = kLanes<int32_t>;
  for (int y = 0; y < height; ++y, tap += tap_stride, base += base_stride, out += width)
    for (int x = 0; x < width; x += kCount) {
      const Int d = convert<Int>(load<Half<uint16_t>>(tap + x)) - convert<Int>(load<Half<uint16_t>>(base + x));
      store(out + x, convert<Half<int16_t>>(d >> static_cast<int>(shift)));
    }
}

inline int32_t weigh_one(const int16_t c, int32_t tap, int32_t base) {
  return static_cast<int32_t>(static_cast<uint32_t>(c) * static_cast<uint32_t>(tap - base));
}

// LinearKernels::weigh of bytes: sums of even and of odd samples by pairs of taps, put back in order at the end.
void weigh_8(const uint8_t* const* tap, const uint8_t* const* base, const int16_t* coefficient, unsigned taps, size_t n,
             int32_t* sum) {
  size_t x = 0;
  for (; x + kStep <= n; x += kStep) {
    const auto difference = [&](unsigned i) {
      return convert<Short>(load<Half<uint8_t>>(tap[i] + x)) - convert<Short>(load<Half<uint8_t>>(base[i] + x));
    };
    Int even = splat<int32_t>(128), odd = even;
    for (unsigned i = 0; i < taps; i += 2) {
      const bool pair = i + 1 < taps;
      const auto c = splat<int32_t>((coefficient[i] & 0xffff) |
                                    static_cast<int32_t>(static_cast<uint32_t>(pair ? coefficient[i + 1] : 0) << 16));
      const auto u = as<Int>(difference(i));
      const auto v = pair ? as<Int>(difference(i + 1)) : Int{};
      even += multiply_add_pairs(as<Short>((u & 0xffff) | (v << 16)), as<Short>(c));
      odd += multiply_add_pairs(as<Short>(as<Int>(as<Vec<uint32_t>>(u) >> 16) | (v & ~0xffff)), as<Short>(c));
    }
    for (size_t k = 0; k < kLanes<int32_t>; k += 4) {
      const auto e = load<Int4>(reinterpret_cast<const int32_t*>(&even) + k);
      const auto o = load<Int4>(reinterpret_cast<const int32_t*>(&odd) + k);
      store(sum + x + 2 * k, __builtin_shufflevector(e, o, 0, 4, 1, 5));
      store(sum + x + 2 * k + 4, __builtin_shufflevector(e, o, 2, 6, 3, 7));
    }
  }
  for (; x < n; ++x) {
    uint32_t s = 128;
    for (unsigned i = 0; i < taps; ++i) s += static_cast<uint32_t>(weigh_one(coefficient[i], tap[i][x], base[i][x]));
    sum[x] = static_cast<int32_t>(s);
  }
}

void weigh_16(const uint16_t* const* tap, const uint16_t* const* base, const int16_t* coefficient, unsigned taps,
              size_t n, int32_t* sum) {
  size_t x = 0;
  for (; x + kLanes<int32_t> <= n; x += kLanes<int32_t>) {
    auto s = splat<uint32_t>(128);
    for (unsigned i = 0; i < taps; ++i) {
      const Int d = convert<Int>(load<Half<uint16_t>>(tap[i] + x)) - convert<Int>(load<Half<uint16_t>>(base[i] + x));
      s += as<Vec<uint32_t>>(d) * static_cast<uint32_t>(coefficient[i]);
    }
    store(sum + x, s);
  }
  for (; x < n; ++x) {
    uint32_t s = 128;
    for (unsigned i = 0; i < taps; ++i) s += static_cast<uint32_t>(weigh_one(coefficient[i], tap[i][x], base[i][x]));
    sum[x] = static_cast<int32_t>(s);
  }
}

}  // namespace

void fill(LinearKernels& k) {
  k.products = products;
  k.errors_8 = errors<uint8_t>;
  k.errors_16 = errors<uint16_t>;
  k.fold_8 = fold_block<uint8_t>;
  k.fold_16 = fold_block<uint16_t>;
  k.dot = dot;
#if defined(STF_ISA_avx2)
  k.add_scaled = add_scaled;
#endif
  k.difference_8 = difference_8;
  k.difference_16 = difference_16;
  k.weigh_8 = weigh_8;
  k.weigh_16 = weigh_16;
}

}  // namespace STF_ISA
}  // namespace stf
