// The costs of blocks over vectors. Differences of samples of 12 bits fit 16 bits with their sign.

#include "dsp/cost.hpp"
#include "dsp/vec.hpp"

namespace stf {
namespace STF_ISA {
namespace {

using Wide = Vec<int16_t>;
using Eight = Vec128<int16_t>;

template <typename V>
inline V magnitude(V v) {
  const V sign = v >> 15;
  return (v ^ sign) - sign;
}

template <typename V>
inline V ones() {
  return V{} + int16_t{1};
}

template <typename V>
inline uint32_t total(V sums) {
  uint32_t sum = 0;
  for (size_t i = 0; i < sizeof(V) / 4; ++i) sum += static_cast<uint32_t>(sums[i]);
  return sum;
}

// Vectors of V cover the width; width 4 takes part of one.
template <typename V, typename Sum, Sum (*term)(V)>
inline Sum sum_of(const uint16_t* a, ptrdiff_t a_stride, const uint16_t* b, ptrdiff_t b_stride, int width, int height) {
  constexpr int kCount = sizeof(V) / 2;
  Sum sum{};
  for (int y = 0; y < height; ++y, a += a_stride, b += b_stride)
    for (int x = 0; x < width; x += kCount) sum += term(load<V>(a + x) - load<V>(b + x));
  return sum;
}
template <typename Sum, Sum (*term)(Eight)>
inline Sum sum_of_four(const uint16_t* a, ptrdiff_t a_stride, const uint16_t* b, ptrdiff_t b_stride, int height) {
  Sum sum{};
  for (int y = 0; y < height; ++y, a += a_stride, b += b_stride)
    sum += term(load_part<Eight>(a, 4) - load_part<Eight>(b, 4));
  return sum;
}

template <typename V, typename Sum>
inline Sum add_magnitudes(V d) {
  return multiply_add_pairs(magnitude(d), ones<V>());
}

uint32_t sad(const uint16_t* a, ptrdiff_t a_stride, const uint16_t* b, ptrdiff_t b_stride, int width, int height) {
  using Sum8 = Vec128<int32_t>;
  if (width == 4) return total(sum_of_four<Sum8, add_magnitudes<Eight, Sum8>>(a, a_stride, b, b_stride, height));
  if (width == 8) return total(sum_of<Eight, Sum8, add_magnitudes<Eight, Sum8>>(a, a_stride, b, b_stride, 8, height));
  return total(sum_of<Wide, Vec<int32_t>, add_magnitudes<Wide, Vec<int32_t>>>(a, a_stride, b, b_stride, width, height));
}

template <typename V, typename Sum>
inline Sum add_squares(V d) {
  return multiply_add_pairs(d, d);
}

// Rows are summed in 32 bits: two lines of 64 squares of 12 bits in four lanes or more fit.
uint64_t sse(const uint16_t* a, ptrdiff_t a_stride, const uint16_t* b, ptrdiff_t b_stride, int width, int height) {
  using Sum8 = Vec128<int32_t>;
  uint64_t sum = 0;
  for (int y = 0; y < height; y += 2, a += 2 * a_stride, b += 2 * b_stride) {
    const int rows = height - y < 2 ? 1 : 2;
    if (width == 4) {
      sum += total(sum_of_four<Sum8, add_squares<Eight, Sum8>>(a, a_stride, b, b_stride, rows));
    } else if (width == 8) {
      sum += total(sum_of<Eight, Sum8, add_squares<Eight, Sum8>>(a, a_stride, b, b_stride, 8, rows));
    } else {
      const auto v = sum_of<Wide, Vec<int32_t>, add_squares<Wide, Vec<int32_t>>>(a, a_stride, b, b_stride, width, rows);
      for (size_t i = 0; i < kLanes<int32_t>; ++i) sum += static_cast<uint32_t>(v[i]);
    }
  }
  return sum;
}

// One stage of sums and differences of rows.
template <typename V>
inline void butterfly(V& a, V& b) {
  const V sum = a + b;
  b = a - b;
  a = sum;
}

template <typename V>
inline V zip_low32(V a, V b) {
  if constexpr (sizeof(V) == 32)
    return __builtin_shufflevector(a, b, 0, 1, 16, 17, 2, 3, 18, 19, 8, 9, 24, 25, 10, 11, 26, 27);
  else
    return __builtin_shufflevector(a, b, 0, 1, 8, 9, 2, 3, 10, 11);
}
template <typename V>
inline V zip_high32(V a, V b) {
  if constexpr (sizeof(V) == 32)
    return __builtin_shufflevector(a, b, 4, 5, 20, 21, 6, 7, 22, 23, 12, 13, 28, 29, 14, 15, 30, 31);
  else
    return __builtin_shufflevector(a, b, 4, 5, 12, 13, 6, 7, 14, 15);
}
template <typename V>
inline V zip_low64(V a, V b) {
  if constexpr (sizeof(V) == 32)
    return __builtin_shufflevector(a, b, 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27);
  else
    return __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11);
}
template <typename V>
inline V zip_high64(V a, V b) {
  if constexpr (sizeof(V) == 32)
    return __builtin_shufflevector(a, b, 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31);
  else
    return __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15);
}

template <typename V>
inline void transpose8(V r[8]) {  // of each 128 bits
  V a[8], b[8];
  for (int i = 0; i < 4; ++i) {
    a[2 * i] = interleave_low(r[2 * i], r[2 * i + 1]);
    a[2 * i + 1] = interleave_high(r[2 * i], r[2 * i + 1]);
  }
  for (int i = 0; i < 2; ++i) {
    b[4 * i] = zip_low32(a[4 * i], a[4 * i + 2]);
    b[4 * i + 1] = zip_high32(a[4 * i], a[4 * i + 2]);
    b[4 * i + 2] = zip_low32(a[4 * i + 1], a[4 * i + 3]);
    b[4 * i + 3] = zip_high32(a[4 * i + 1], a[4 * i + 3]);
  }
  for (int i = 0; i < 4; ++i) {
    r[2 * i] = zip_low64(b[i], b[i + 4]);
    r[2 * i + 1] = zip_high64(b[i], b[i + 4]);
  }
}

// Eight rows of one 8 x 8 block for each 128 bits. After five of six stages values fit 16 bits; the last one and the
// magnitudes are |a + b| + |a - b| = 2 max(|a|, |b|).
template <typename V>
inline auto hadamard_sums(V r[8]) {
  for (int i = 0; i < 4; ++i) butterfly(r[i], r[i + 4]);
  butterfly(r[0], r[2]);
  butterfly(r[1], r[3]);
  butterfly(r[4], r[6]);
  butterfly(r[5], r[7]);
  for (int i = 0; i < 8; i += 2) butterfly(r[i], r[i + 1]);
  transpose8(r);
  for (int i = 0; i < 4; ++i) butterfly(r[i], r[i + 4]);
  butterfly(r[0], r[2]);
  butterfly(r[1], r[3]);
  butterfly(r[4], r[6]);
  butterfly(r[5], r[7]);
  V ones_ = ones<V>();
  auto sum = multiply_add_pairs(max(magnitude(r[0]), magnitude(r[1])), ones_);
  for (int i = 2; i < 8; i += 2) sum += multiply_add_pairs(max(magnitude(r[i]), magnitude(r[i + 1])), ones_);
  return sum;
}

template <typename V>
inline void differences(const uint16_t* a, ptrdiff_t a_stride, const uint16_t* b, ptrdiff_t b_stride, int shift, V r[8]) {
  for (int y = 0; y < 8; ++y) r[y] = (load<V>(a + y * a_stride) - load<V>(b + y * b_stride)) >> shift;
}

uint32_t satd(const uint16_t* a, ptrdiff_t a_stride, const uint16_t* b, ptrdiff_t b_stride, int width, int height,
              int shift) {
  uint32_t all = 0;
  for (int y = 0; y < height; y += 8) {
    const uint16_t *p = a + y * a_stride, *q = b + y * b_stride;
    int x = 0;
    if constexpr (sizeof(Wide) == 32)
      for (; x + 16 <= width; x += 16) {
        Wide r[8];
        differences(p + x, a_stride, q + x, b_stride, shift, r);
        const auto s = hadamard_sums(r);
        for (size_t i = 0; i < kLanes<int32_t>; i += 4)
          all += (2 * static_cast<uint32_t>(s[i] + s[i + 1] + s[i + 2] + s[i + 3]) + 2) >> 2;
      }
    for (; x < width; x += 8) {
      Eight r[8];
      differences(p + x, a_stride, q + x, b_stride, shift, r);
      all += (2 * total(hadamard_sums(r)) + 2) >> 2;
    }
  }
  return all;
}

}  // namespace

void fill(CostKernels& kernels) { kernels = {sad, sse, satd}; }

}  // namespace STF_ISA
}  // namespace stf
