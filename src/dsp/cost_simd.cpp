// The cost kernels over vectors. Differences of samples of 12 bits fit 16 bits with their sign.

#include "dsp/cost.hpp"
#include "dsp/vec.hpp"

namespace stf {
namespace STF_ISA {
namespace {

using Wide = Vec<int16_t>;
using Eight = Vec128<int16_t>;
using Four = Vec128<int32_t>;
constexpr int kWide = static_cast<int>(kLanes<int16_t>);

template <typename V>
inline V difference(const uint16_t* a, const uint16_t* b) {
  return load<V>(a) - load<V>(b);
}

// A vector of four samples of a row and four of the next one.
inline Eight difference_of_two(const uint16_t* a, ptrdiff_t a_stride, const uint16_t* b, ptrdiff_t b_stride) {
  return load_halves<Eight>(a, a + a_stride) - load_halves<Eight>(b, b + b_stride);
}

inline Four fold(Four v) { return v; }
#if defined(STF_ISA_avx2)
inline Four fold(Vec<int32_t> v) { return low_half<int32_t>(v) + high_half<int32_t>(v); }
#endif

// Set each lane to the sum of the lanes of its 128 bits.
template <typename V>
inline V spread_sum(V v) {
  if constexpr (sizeof(V) == 32) {
    v += __builtin_shufflevector(v, v, 2, 3, 0, 1, 6, 7, 4, 5);
    return v + __builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6);
  } else {
    v += __builtin_shufflevector(v, v, 2, 3, 0, 1);
    return v + __builtin_shufflevector(v, v, 1, 0, 3, 2);
  }
}
template <typename V>
inline uint32_t total(V v) {
  return static_cast<uint32_t>(spread_sum(fold(v))[0]);
}
inline uint64_t total(Vec128<uint64_t> v) { return v[0] + v[1]; }

// The sum of absolute differences of blocks that COUNT vectors of V are as wide as. Magnitudes are summed in 16 bits as
// long as eight of them fit with a sign.
template <typename V, int COUNT>
uint32_t sad_of(const uint16_t* a, ptrdiff_t a_stride, const uint16_t* b, ptrdiff_t b_stride, int height) {
  constexpr int kLanesOfV = sizeof(V) / 2, kRows = COUNT > 4 ? 1 : COUNT > 2 ? 2 : 8 / COUNT;
  const V one = V{} + int16_t{1};
  auto sum = multiply_add_pairs(V{}, V{});
  int y = 0;
  for (; y + kRows <= height; y += kRows) {
    V some{};
    for (int row = 0; row < kRows; ++row, a += a_stride, b += b_stride)
      for (int i = 0; i < COUNT; ++i) some += absolute(difference<V>(a + i * kLanesOfV, b + i * kLanesOfV));
    sum += multiply_add_pairs(some, one);
  }
  for (; y < height; ++y, a += a_stride, b += b_stride)
    for (int i = 0; i < COUNT; ++i)
      sum += multiply_add_pairs(absolute(difference<V>(a + i * kLanesOfV, b + i * kLanesOfV)), one);
  return total(sum);
}

uint32_t sad_of_four(const uint16_t* a, ptrdiff_t a_stride, const uint16_t* b, ptrdiff_t b_stride, int height) {
  const Eight one = Eight{} + int16_t{1};
  Four sum{};
  int y = 0;
  for (; y + 2 <= height; y += 2, a += 2 * a_stride, b += 2 * b_stride)
    sum += multiply_add_pairs(absolute(difference_of_two(a, a_stride, b, b_stride)), one);
  if (y < height) sum += multiply_add_pairs(absolute(load_low<Eight>(a) - load_low<Eight>(b)), one);
  return total(sum);
}

uint32_t sad(const uint16_t* a, ptrdiff_t a_stride, const uint16_t* b, ptrdiff_t b_stride, int width, int height) {
  switch (width) {
    case 4: return sad_of_four(a, a_stride, b, b_stride, height);
    case 8: return sad_of<Eight, 1>(a, a_stride, b, b_stride, height);
    case 16: return sad_of<Wide, 16 / kWide>(a, a_stride, b, b_stride, height);
    case 32: return sad_of<Wide, 32 / kWide>(a, a_stride, b, b_stride, height);
    case 48: return sad_of<Wide, 48 / kWide>(a, a_stride, b, b_stride, height);
    default: return sad_of<Wide, 64 / kWide>(a, a_stride, b, b_stride, height);
  }
}

inline Vec128<uint64_t> widened(Four v) {
  const auto w = (Vec128<uint64_t>)v;
  return (w & 0xffffffff) + (w >> 32);
}

// The sum of squared errors of such blocks. Each vector of the width has sums of its own: a lane of sums of two squares
// of 12 bits stays below 2^31 for 64 rows, and the sum of two such lanes below 2^32.
template <typename V, int COUNT>
uint64_t sse_of(const uint16_t* a, ptrdiff_t a_stride, const uint16_t* b, ptrdiff_t b_stride, int height) {
  constexpr int kLanesOfV = sizeof(V) / 2;
  decltype(multiply_add_pairs(V{}, V{})) sums[COUNT] = {};
  for (int y = 0; y < height; ++y, a += a_stride, b += b_stride)
    for (int i = 0; i < COUNT; ++i) {
      const V d = difference<V>(a + i * kLanesOfV, b + i * kLanesOfV);
      sums[i] += multiply_add_pairs(d, d);
    }
  Vec128<uint64_t> all{};
  for (int i = 0; i < COUNT; ++i) all += widened(fold(sums[i]));
  return total(all);
}

uint64_t sse_of_four(const uint16_t* a, ptrdiff_t a_stride, const uint16_t* b, ptrdiff_t b_stride, int height) {
  Four sum{};
  int y = 0;
  for (; y + 2 <= height; y += 2, a += 2 * a_stride, b += 2 * b_stride) {
    const Eight d = difference_of_two(a, a_stride, b, b_stride);
    sum += multiply_add_pairs(d, d);
  }
  if (y < height) {
    const Eight d = load_low<Eight>(a) - load_low<Eight>(b);
    sum += multiply_add_pairs(d, d);
  }
  return total(widened(sum));
}

uint64_t sse(const uint16_t* a, ptrdiff_t a_stride, const uint16_t* b, ptrdiff_t b_stride, int width, int height) {
  switch (width) {
    case 4: return sse_of_four(a, a_stride, b, b_stride, height);
    case 8: return sse_of<Eight, 1>(a, a_stride, b, b_stride, height);
    case 16: return sse_of<Wide, 16 / kWide>(a, a_stride, b, b_stride, height);
    case 32: return sse_of<Wide, 32 / kWide>(a, a_stride, b, b_stride, height);
    case 48: return sse_of<Wide, 48 / kWide>(a, a_stride, b, b_stride, height);
    default: return sse_of<Wide, 64 / kWide>(a, a_stride, b, b_stride, height);
  }
}

template <typename V>
inline void butterfly(V& a, V& b) {
  const V sum = a + b;
  b = a - b;
  a = sum;
}
// One stage of the transform between lanes that are far apart: half of the lanes of the rows a and b each, brought
// together. Interleaving turns the bits of a lane's number around, so that three of these are the three stages along
// rows of eight.
template <typename V>
inline void butterfly_lanes(V& a, V& b) {
  const V low = interleave_low(a, b), high = interleave_high(a, b);
  a = low + high;
  b = low - high;
}

// The last stage together with the magnitudes: half of |a + b| + |a - b|, which is max(|a|, |b|), in sums of pairs of
// lanes. A value may be -32768, so magnitudes are negative until they have 32 bits.
template <typename V>
inline auto last_sums(V a, V b) {
  return multiply_add_pairs(min(min(a, b), -max(a, b)), V{} - int16_t{1});
}

// Half the sum of the magnitudes of 8 rows, in each lane of the 128 bits of a block.
template <typename V>
inline auto hadamard(V* r) {
  for (int i = 0; i < 4; ++i) butterfly(r[i], r[i + 4]);
  for (int i = 0; i < 8; i += 4) {
    butterfly(r[i], r[i + 2]);
    butterfly(r[i + 1], r[i + 3]);
  }
  auto sum = multiply_add_pairs(V{}, V{});
  for (int i = 0; i < 8; i += 2) {
    butterfly(r[i], r[i + 1]);
    butterfly_lanes(r[i], r[i + 1]);
    butterfly_lanes(r[i], r[i + 1]);
    sum += last_sums(interleave_low(r[i], r[i + 1]), interleave_high(r[i], r[i + 1]));
  }
  return spread_sum(sum);
}

template <typename V>
inline auto blocks(const uint16_t* a, ptrdiff_t a_stride, const uint16_t* b, ptrdiff_t b_stride, int shift) {
  V r[8];
  for (int y = 0; y < 8; ++y) r[y] = difference<V>(a + y * a_stride, b + y * b_stride) >> shift;
  return (hadamard(r) + 1) >> 1;
}

#if defined(STF_ISA_avx2)
// The same for one block, rows 4 .. 7 in the upper halves: the last stage is between them and rows 0 .. 3.
inline Four block(const uint16_t* a, ptrdiff_t a_stride, const uint16_t* b, ptrdiff_t b_stride, int shift) {
  const auto rows = [](const uint16_t* at, ptrdiff_t stride) {
    return join<int16_t>(load<Eight>(at), load<Eight>(at + 4 * stride));
  };
  Wide r[4];
  for (int y = 0; y < 4; ++y) r[y] = (rows(a + y * a_stride, a_stride) - rows(b + y * b_stride, b_stride)) >> shift;
  butterfly(r[0], r[2]);
  butterfly(r[1], r[3]);
  Four sum{};
  for (int i = 0; i < 4; i += 2) {
    butterfly(r[i], r[i + 1]);
    for (int stage = 0; stage < 3; ++stage) butterfly_lanes(r[i], r[i + 1]);
    sum += last_sums(low_half<int16_t>(r[i]), high_half<int16_t>(r[i]));
    sum += last_sums(low_half<int16_t>(r[i + 1]), high_half<int16_t>(r[i + 1]));
  }
  return (spread_sum(sum) + 1) >> 1;
}
#else
inline Four block(const uint16_t* a, ptrdiff_t a_stride, const uint16_t* b, ptrdiff_t b_stride, int shift) {
  return blocks<Eight>(a, a_stride, b, b_stride, shift);
}
#endif

uint32_t satd(const uint16_t* a, ptrdiff_t a_stride, const uint16_t* b, ptrdiff_t b_stride, int width, int height,
              int shift) {
  Vec<int32_t> wide{};
  Four single{};
  for (int y = 0; y < height; y += 8, a += 8 * a_stride, b += 8 * b_stride) {
    int x = 0;
    for (; x + kWide <= width; x += kWide) wide += blocks<Wide>(a + x, a_stride, b + x, b_stride, shift);
    if (kWide > 8 && x < width) single += block(a + x, a_stride, b + x, b_stride, shift);
  }
  return static_cast<uint32_t>((fold(wide) + single)[0]);
}

}  // namespace

void fill(CostKernels& kernels) { kernels = {sad, sse, satd}; }

}  // namespace STF_ISA
}  // namespace stf
