// Products with small matrices over vectors: pairs of terms at once.

#include "dsp/residual.hpp"
#include "dsp/vec.hpp"

namespace stf {
namespace STF_ISA {
namespace {

using Wide = Vec<int16_t>;
using Four = Vec128<int32_t>;

// V: sums of 32 bits; its pairs are a vector of as many bytes of 16 bits.
template <typename V>
struct Pairs {
  using type = typename VecOfBytes<int16_t, sizeof(V)>::type;
};

template <typename V>
inline V both(const int16_t* pair) {
  int32_t bits;
  __builtin_memcpy(&bits, pair, 4);
  return V{} + bits;
}

// Saturated to 16 bits and stored, as many as V has.
template <typename V>
inline void store_saturated(int16_t* out, V sum) {
  using Narrow = typename VecOfBytes<int16_t, sizeof(V) / 2>::type;
  sum = clamp(sum, V{} - 32768, V{} + 32767);
  store(out, convert<Narrow>(sum));
}

template <typename V, int count>
inline void rows_of(const int16_t* in, ptrdiff_t in_stride, int rows, int depth, const int16_t (*pairs)[2], int16_t* out,
                    int shift) {
  using P = typename Pairs<V>::type;
  constexpr int kCount = sizeof(V) / 4, kPoints = count * kCount;
  const V half = V{} + (1 << (shift - 1));
  for (int r = 0; r < rows; r += 2, in += 2 * in_stride, out += 2 * kPoints) {
    V a[count], b[count];
    for (int j = 0; j < count; ++j) a[j] = b[j] = half;
    for (int k = 0; k < depth; k += 2) {
      const P pa = (P)both<V>(in + k), pb = (P)both<V>(in + in_stride + k);
      const int16_t* table = pairs[k / 2 * kPoints];
      for (int j = 0; j < count; ++j) {
        const P t = load<P>(table + 2 * j * kCount);
        a[j] += multiply_add_pairs(pa, t);
        b[j] += multiply_add_pairs(pb, t);
      }
    }
    for (int j = 0; j < count; ++j) {
      store_saturated(out + j * kCount, a[j] >> shift);
      store_saturated(out + kPoints + j * kCount, b[j] >> shift);
    }
  }
}

void rows(const int16_t* in, ptrdiff_t in_stride, int rows, int depth, const int16_t (*pairs)[2], int points, int16_t* out,
          int shift) {
  constexpr int kCount = kLanes<int32_t>;
  using V = Vec<int32_t>;
  switch (points) {
    case 4: return rows_of<Four, 1>(in, in_stride, rows, depth, pairs, out, shift);
    case 8: return rows_of<V, 8 / kCount>(in, in_stride, rows, depth, pairs, out, shift);
    case 16: return rows_of<V, 16 / kCount>(in, in_stride, rows, depth, pairs, out, shift);
    default: return rows_of<V, 32 / kCount>(in, in_stride, rows, depth, pairs, out, shift);
  }
}

// The lanes of one V, over all points.
template <typename V>
inline void columns_of(const int16_t* in, int lanes, int depth, const int16_t (*pairs)[2], int points, int16_t* out,
                       int shift) {
  using P = typename Pairs<V>::type;
  using Narrow = typename VecOfBytes<int16_t, sizeof(V) / 2>::type;
  const V half = V{} + (1 << (shift - 1));
  P terms[16];
  for (int k = 0; k < depth; k += 2) {
    // Lane j: in[k][j] below, in[k + 1][j] above.
    const V low = convert<V>(load<Narrow>(in + k * lanes)), high = convert<V>(load<Narrow>(in + (k + 1) * lanes));
    terms[k / 2] = (P)((low & 0xffff) | (high << 16));
  }
  for (int n = 0; n < points; n += 2) {
    V a = half, b = half;
    for (int k = 0; k < depth / 2; ++k) {
      a += multiply_add_pairs(terms[k], (P)both<V>(pairs[k * points + n]));
      b += multiply_add_pairs(terms[k], (P)both<V>(pairs[k * points + n + 1]));
    }
    store_saturated(out + n * lanes, a >> shift);
    store_saturated(out + (n + 1) * lanes, b >> shift);
  }
}

void columns(const int16_t* in, int lanes, int depth, const int16_t (*pairs)[2], int points, int16_t* out, int shift) {
  if (lanes == 4) return columns_of<Four>(in, 4, depth, pairs, points, out, shift);
  for (int j = 0; j < lanes; j += static_cast<int>(kLanes<int32_t>))
    columns_of<Vec<int32_t>>(in + j, lanes, depth, pairs, points, out + j, shift);
}

template <typename V>
inline void subtract_rows(const uint16_t* a, ptrdiff_t a_stride, const uint16_t* b, ptrdiff_t b_stride, int width,
                          int height, int16_t* out) {
  constexpr int kCount = sizeof(V) / 2;
  for (int y = 0; y < height; ++y, a += a_stride, b += b_stride, out += width)
    for (int x = 0; x < width; x += kCount) store(out + x, load<V>(a + x) - load<V>(b + x));
}

typedef int16_t Narrow4 __attribute__((vector_size(8)));

void subtract(const uint16_t* a, ptrdiff_t a_stride, const uint16_t* b, ptrdiff_t b_stride, int width, int height,
              int16_t* out) {
  if (width % static_cast<int>(kLanes<int16_t>) == 0) return subtract_rows<Wide>(a, a_stride, b, b_stride, width, height, out);
  if (width % 8 == 0) return subtract_rows<Vec128<int16_t>>(a, a_stride, b, b_stride, width, height, out);
  subtract_rows<Narrow4>(a, a_stride, b, b_stride, width, height, out);
}

// Sums of a sample below 2^15 and a residual of 16 bits, bounded: neither may wrap. The residual is bounded first.
template <typename V>
inline void add_rows(uint16_t* samples, ptrdiff_t stride, const int16_t* residual, int width, int height, int largest) {
  constexpr int kCount = sizeof(V) / 2;
  const V top = V{} + static_cast<int16_t>(largest), zero{};
  for (int y = 0; y < height; ++y, samples += stride, residual += width)
    for (int x = 0; x < width; x += kCount) {
      const V s = load<V>(samples + x), r = load<V>(residual + x);
      store(samples + x, s + clamp(r, zero - s, top - s));
    }
}

void add(uint16_t* samples, ptrdiff_t stride, const int16_t* residual, int width, int height, int largest) {
  if (width % static_cast<int>(kLanes<int16_t>) == 0) return add_rows<Wide>(samples, stride, residual, width, height, largest);
  if (width % 8 == 0) return add_rows<Vec128<int16_t>>(samples, stride, residual, width, height, largest);
  add_rows<Narrow4>(samples, stride, residual, width, height, largest);
}

}  // namespace

void fill(ResidualKernels& kernels) { kernels = {rows, columns, subtract, add}; }

}  // namespace STF_ISA
}  // namespace stf
