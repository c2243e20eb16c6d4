// The residual kernels over vectors. Products with matrices take two terms at once.

#include "dsp/residual.hpp"
#include "dsp/vec.hpp"

namespace stf {
namespace STF_ISA {
namespace {

using Wide = Vec<int16_t>;
using Eight = Vec128<int16_t>;
using Four = Vec128<int32_t>;
using Narrow = VecOfBytes<int16_t, 8>::type;
constexpr int kWide = static_cast<int>(kLanes<int16_t>), kSums = static_cast<int>(kLanes<int32_t>);
constexpr int kMostPairs = 16;

// The pairs of 16-bit terms that add up in a vector V of 32-bit sums: as many bytes.
template <typename V>
using PairsOf = typename VecOfBytes<int16_t, sizeof(V)>::type;

template <typename V>
inline PairsOf<V> both(const int16_t* pair) {
  int32_t bits;
  __builtin_memcpy(&bits, pair, 4);
  return (PairsOf<V>)(V{} + bits);
}

// Multiply ROWS rows at once, each with COUNT vectors of sums: so many that a load of the matrix serves several rows
// and all fit the registers.
template <typename V, int COUNT, int ROWS>
inline void some_rows(const int16_t* in, ptrdiff_t in_stride, int depth, const int16_t (*pairs)[2], int16_t* out,
                      int shift) {
  constexpr int kCount = sizeof(V) / 4, kPoints = COUNT * kCount;
  V sums[ROWS][COUNT];
  const V half = V{} + (1 << (shift - 1));
  STF_UNROLL
  for (int r = 0; r < ROWS; ++r) STF_UNROLL
  for (int j = 0; j < COUNT; ++j) sums[r][j] = half;
  int k = 0;
  do {
    PairsOf<V> table[COUNT];
    STF_UNROLL
    for (int j = 0; j < COUNT; ++j) table[j] = load<PairsOf<V>>(pairs[j * kCount]);
    STF_UNROLL
    for (int r = 0; r < ROWS; ++r) {
      const auto terms = both<V>(in + r * in_stride + k);
      STF_UNROLL
      for (int j = 0; j < COUNT; ++j) sums[r][j] += multiply_add_pairs(terms, table[j]);
    }
    pairs += kPoints;
  } while ((k += 2) < depth);
  if constexpr (COUNT > 1) {
    STF_UNROLL
    for (int r = 0; r < ROWS; ++r) STF_UNROLL
    for (int j = 0; j < COUNT; j += 2)
      store(out + r * kPoints + j * kCount, pack_ordered(sums[r][j] >> shift, sums[r][j + 1] >> shift));
  } else if constexpr (ROWS > 1) {
    STF_UNROLL
    for (int r = 0; r < ROWS; r += 2)
      store(out + r * kPoints, pack_ordered(sums[r][0] >> shift, sums[r + 1][0] >> shift));
  } else {
    store_part(out, pack_ordered(sums[0][0] >> shift, sums[0][0] >> shift), kPoints);
  }
}

template <typename V, int COUNT, int ROWS>
inline void rows_of(const int16_t* in, ptrdiff_t in_stride, int rows, int depth, const int16_t (*pairs)[2],
                    int16_t* out, int shift) {
  constexpr int kPoints = COUNT * static_cast<int>(sizeof(V) / 4);
  int r = 0;
  for (; r + ROWS <= rows; r += ROWS)
    some_rows<V, COUNT, ROWS>(in + r * in_stride, in_stride, depth, pairs, out + r * kPoints, shift);
  for (; r < rows; ++r) some_rows<V, COUNT, 1>(in + r * in_stride, in_stride, depth, pairs, out + r * kPoints, shift);
}

void rows(const int16_t* in, ptrdiff_t in_stride, int rows, int depth, const TransformMatrix& matrix, int16_t* out,
          int shift) {
  const int16_t(*const pairs)[2] = matrix.pairs;
  const int points = matrix.points;
  using V = Vec<int32_t>;
  switch (points) {
    case 4: return rows_of<Four, 1, 4>(in, in_stride, rows, depth, pairs, out, shift);
    case 8: return rows_of<V, 8 / kSums, 4>(in, in_stride, rows, depth, pairs, out, shift);
    case 16: return rows_of<V, 16 / kSums, kSums / 2>(in, in_stride, rows, depth, pairs, out, shift);
    default: return rows_of<V, 32 / kSums, kSums / 4>(in, in_stride, rows, depth, pairs, out, shift);
  }
}

// Multiply the columns of VECTORS vectors of sums by a matrix; their COUNT pairs of rows stay in registers.
template <typename V, int VECTORS, int COUNT, typename Get, typename Put>
inline void few_columns(const int16_t (*pairs)[2], int points, int shift, const Get& get, const Put& put) {
  PairsOf<V> terms[COUNT][VECTORS];
  bool some = VECTORS == 1;
  for (int k = 0; k < COUNT; ++k) some |= get(k, terms[k]);
  for (int n = 0; n < points; n += 2) {
    V sums[2][VECTORS];
    for (int i = 0; i < 2; ++i)
      for (int j = 0; j < VECTORS; ++j) sums[i][j] = V{} + (1 << (shift - 1));
    if (some)
      for (int k = 0; k < COUNT; ++k)
        for (int i = 0; i < 2; ++i) {
          const auto weights = both<V>(pairs[k * points + n + i]);
          for (int j = 0; j < VECTORS; ++j) sums[i][j] += multiply_add_pairs(terms[k][j], weights);
        }
    for (int i = 0; i < 2; ++i)
      for (int j = 0; j < VECTORS; ++j) sums[i][j] >>= shift;
    put(n, sums[0], sums[1]);
  }
}

// The same for any depth. Pairs that are zero in all lanes are left out: in real blocks many coefficients are.
template <typename V, int VECTORS, typename Get, typename Put>
inline void many_columns(int depth, const int16_t (*pairs)[2], int points, int shift, const Get& get, const Put& put) {
  PairsOf<V> terms[kMostPairs][VECTORS];
  uint32_t some = 0;
  for (int k = 0; k < depth / 2; ++k) some |= static_cast<uint32_t>(get(k, terms[k])) << k;
  for (int n = 0; n < points; n += 4) {
    V sums[4][VECTORS];
    for (int i = 0; i < 4; ++i)
      for (int j = 0; j < VECTORS; ++j) sums[i][j] = V{} + (1 << (shift - 1));
    for (uint32_t left = some; left != 0; left &= left - 1) {
      const int k = __builtin_ctz(left);
      const int16_t(*const row)[2] = pairs + k * points + n;
      for (int i = 0; i < 4; ++i) {
        const auto weights = both<V>(row[i]);
        for (int j = 0; j < VECTORS; ++j) sums[i][j] += multiply_add_pairs(terms[k][j], weights);
      }
    }
    for (int i = 0; i < 4; ++i)
      for (int j = 0; j < VECTORS; ++j) sums[i][j] >>= shift;
    put(n, sums[0], sums[1]);
    put(n + 2, sums[2], sums[3]);
  }
}

// `get(k, terms)` makes the pairs of rows 2k and 2k + 1 and tells if they are not all zero; `put(n, a, b)` takes the
// sums of points n and n + 1.
template <typename V, int VECTORS, typename Get, typename Put>
inline void columns_of(int depth, const int16_t (*pairs)[2], int points, int shift, const Get& get, const Put& put) {
  switch (depth) {
    case 2: return few_columns<V, VECTORS, 1>(pairs, points, shift, get, put);
    case 4: return few_columns<V, VECTORS, 2>(pairs, points, shift, get, put);
    case 6: return few_columns<V, VECTORS, 3>(pairs, points, shift, get, put);
    case 8: return few_columns<V, VECTORS, 4>(pairs, points, shift, get, put);
    default: return many_columns<V, VECTORS>(depth, pairs, points, shift, get, put);
  }
}

void columns(const int16_t* in, int lanes, int depth, const TransformMatrix& matrix, int16_t* out, int shift) {
  const int16_t(*const pairs)[2] = matrix.pairs;
  const int points = matrix.points;
  if (lanes == 4) {
    const auto get = [=](int k, Eight* terms) {
      const auto v = load<Eight>(in + 8 * k);
      *terms = interleave_low(v, __builtin_shufflevector(v, v, 4, 5, 6, 7, 4, 5, 6, 7));
      return nonzero(v);
    };
    return columns_of<Four, 1>(depth, pairs, points, shift, get,
                               [=](int n, Four* a, Four* b) { store(out + n * 4, pack_ordered(*a, *b)); });
  }
#if defined(STF_ISA_avx2)
  if (lanes == 8) {
    const auto get = [=](int k, Wide* terms) {
      const auto a = load<Eight>(in + 16 * k), b = load<Eight>(in + 16 * k + 8);
      *terms = join<int16_t>(interleave_low(a, b), interleave_high(a, b));
      return nonzero(a | b);
    };
    return columns_of<Vec<int32_t>, 1>(depth, pairs, points, shift, get, [=](int n, Vec<int32_t>* a, Vec<int32_t>* b) {
      store(out + n * 8, pack_ordered(*a, *b));
    });
  }
#endif
  for (int x = 0; x < lanes; x += kWide)
    columns_of<Vec<int32_t>, 2>(
        depth, pairs, points, shift,
        [=](int k, Wide* terms) {
          const auto a = load<Wide>(in + 2 * k * lanes + x), b = load<Wide>(in + (2 * k + 1) * lanes + x);
          terms[0] = interleave_low(a, b);
          terms[1] = interleave_high(a, b);
          return nonzero(a | b);
        },
        [=](int n, Vec<int32_t>* a, Vec<int32_t>* b) {
          store(out + n * lanes + x, pack_saturated(a[0], a[1]));
          store(out + (n + 1) * lanes + x, pack_saturated(b[0], b[1]));
        });
}

template <typename V>
inline void subtract_rows(const uint16_t* a, ptrdiff_t a_stride, const uint16_t* b, ptrdiff_t b_stride, int width,
                          int height, int16_t* out) {
  constexpr int kCount = sizeof(V) / 2;
  for (int y = 0; y < height; ++y, a += a_stride, b += b_stride, out += width)
    for (int x = 0; x < width; x += kCount) store(out + x, load<V>(a + x) - load<V>(b + x));
}

void subtract(const uint16_t* a, ptrdiff_t a_stride, const uint16_t* b, ptrdiff_t b_stride, int width, int height,
              int16_t* out) {
  if (width % kWide == 0) return subtract_rows<Wide>(a, a_stride, b, b_stride, width, height, out);
  if (width == 8) return subtract_rows<Eight>(a, a_stride, b, b_stride, 8, height, out);
  if (width % 8 == 0) return subtract_rows<Eight>(a, a_stride, b, b_stride, width, height, out);
  if (width > 4) return subtract_rows<Narrow>(a, a_stride, b, b_stride, width, height, out);
  int y = 0;
  for (; y + 2 <= height; y += 2, a += 2 * a_stride, b += 2 * b_stride, out += 8)
    store(out, load_halves<Eight>(a, a + a_stride) - load_halves<Eight>(b, b + b_stride));
  subtract_rows<Narrow>(a, a_stride, b, b_stride, width, height - y, out);
}

// ResidualKernels::add. Sums that do not fit 16 bits saturate above `largest` or below 0, and are clamped.
template <typename V>
inline V sum(V samples, V residual, int16_t largest) {
  return clamp(add_saturated(samples, residual), V{}, V{} + largest);
}

template <typename V>
inline void add_rows(uint16_t* samples, ptrdiff_t stride, const int16_t* residual, int width, int height, int16_t top) {
  constexpr int kCount = sizeof(V) / 2;
  for (int y = 0; y < height; ++y, samples += stride, residual += width)
    for (int x = 0; x < width; x += kCount) store(samples + x, sum(load<V>(samples + x), load<V>(residual + x), top));
}

void add(uint16_t* samples, ptrdiff_t stride, const int16_t* residual, int width, int height, int largest) {
  const auto top = static_cast<int16_t>(largest);
  if (width % kWide == 0) return add_rows<Wide>(samples, stride, residual, width, height, top);
  if (width == 8) return add_rows<Eight>(samples, stride, residual, 8, height, top);
  int y = 0;
  if (width == 4)
    for (; y + 2 <= height; y += 2, samples += 2 * stride, residual += 8)
      store_halves(samples, samples + stride,
                   sum(load_halves<Eight>(samples, samples + stride), load<Eight>(residual), top));
  for (; y < height; ++y, samples += stride, residual += width)
    for (int x = 0; x < width; x += 4)
      store_low(samples + x, sum(load_low<Eight>(samples + x), load_low<Eight>(residual + x), top));
}

int quantise(const int16_t* c, const int16_t* rank, int n, uint32_t inverse, uint32_t round, int digits,
             int16_t* levels) {
  using W = Vec<int16_t>;
  using U = Vec<uint32_t>;
  constexpr int kCount = kLanes<int16_t>;
  const U factor = splat(inverse), half = splat(round);
  W most{};
  for (int i = 0; i < n; i += kCount) {
    const auto quantised = [&](const int16_t* at) {
      const auto v = convert<Vec<int32_t>>(load<Half<int16_t>>(at)), negative = v >> 31;
      return (Vec<int32_t>)(((U)((v ^ negative) - negative) * factor + half) >> digits);
    };
    const W sign = load<W>(c + i) >> 15;
    const W level = pack_ordered(quantised(c + i), quantised(c + i + kCount / 2));
    store(levels + i, (level ^ sign) - sign);
    most = max(most, load<W>(rank + i) & (W)(level != 0));
  }
  int16_t largest = 0;
  for (int i = 0; i < kCount; ++i) largest = most[i] > largest ? most[i] : largest;
  return largest;
}

}  // namespace

void fill(ResidualKernels& kernels) { kernels = {rows, columns, subtract, add, quantise}; }

}  // namespace STF_ISA
}  // namespace stf
