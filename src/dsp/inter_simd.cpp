// Motion compensation over vectors: six taps as three sums of pairs.

#include "dsp/inter.hpp"
#include "dsp/vec.hpp"

namespace stf {
namespace STF_ISA {
namespace {

constexpr int kRow = kPredictionStride;

template <typename V>
inline V pair_of(const int16_t* taps) {  // (taps[0], taps[1]) in each 32 bits
  int32_t bits;
  __builtin_memcpy(&bits, taps, 4);
  using W = typename VecOfBytes<int32_t, sizeof(V)>::type;
  return (V)(W{} + bits);
}

// Sums of kTaps products of rows of V (16-bit lanes), shifted, as 16 bits. `at(i)` loads the samples of tap i. FOUR: the
// outer taps are zero.
template <bool FOUR, typename V, typename At>
inline V filter(At&& at, const V taps[3], int shift) {
  const V b0 = at(1), b1 = at(2), b2 = at(3), b3 = at(4);
  if constexpr (FOUR) {
    auto low = multiply_add_pairs(interleave_low(b0, b1), taps[0]) + multiply_add_pairs(interleave_low(b2, b3), taps[1]);
    auto high = multiply_add_pairs(interleave_high(b0, b1), taps[0]) + multiply_add_pairs(interleave_high(b2, b3), taps[1]);
    return pack(low >> shift, high >> shift);
  } else {
    const V a = at(0), c = at(5);
    auto low = multiply_add_pairs(interleave_low(a, b0), taps[0]) + multiply_add_pairs(interleave_low(b1, b2), taps[1]) +
               multiply_add_pairs(interleave_low(b3, c), taps[2]);
    auto high = multiply_add_pairs(interleave_high(a, b0), taps[0]) + multiply_add_pairs(interleave_high(b1, b2), taps[1]) +
                multiply_add_pairs(interleave_high(b3, c), taps[2]);
    return pack(low >> shift, high >> shift);
  }
}

// Loads and stores of V, or of the first four of its lanes.
template <bool PART, typename V>
inline V take(const void* from) {
  if constexpr (PART) return load_part<V>(from, 4);
  else return load<V>(from);
}
template <bool PART, typename V>
inline void give(int16_t* to, V v) {
  if constexpr (PART) store_part(to, v, 4);
  else store(to, v);
}

template <bool PART, bool FOUR, typename V>
inline void filter_rows(const uint16_t* in, ptrdiff_t stride, int width, int height, const int16_t* taps, int shift,
                        int16_t* out) {
  constexpr int kCount = sizeof(V) / 2;
  const int16_t* first = FOUR ? taps + 1 : taps;
  const V pairs[3] = {pair_of<V>(first), pair_of<V>(first + 2), FOUR ? V{} : pair_of<V>(taps + 4)};
  for (int y = 0; y < height; ++y, in += stride, out += kRow)
    for (int x = 0; x < width; x += kCount)
      give<PART>(out + x, filter<FOUR, V>([&](int i) { return take<PART, V>(in + x + i - 2); }, pairs, shift));
}

template <bool PART, bool FOUR, typename V, typename T>
inline void filter_columns(const T* in, ptrdiff_t stride, int width, int height, const int16_t* taps, int shift,
                           int16_t* out) {
  constexpr int kCount = sizeof(V) / 2;
  const int16_t* first = FOUR ? taps + 1 : taps;
  const V pairs[3] = {pair_of<V>(first), pair_of<V>(first + 2), FOUR ? V{} : pair_of<V>(taps + 4)};
  for (int x = 0; x < width; x += kCount)
    for (int y = 0; y < height; ++y)
      give<PART>(out + y * kRow + x,
                 filter<FOUR, V>([&](int i) { return take<PART, V>(in + (y + i - 2) * stride + x); }, pairs, shift));
}

bool is_four(const int16_t* taps) { return (taps[0] | taps[5]) == 0; }

template <bool PART, typename V>
inline void interpolate_with(const uint16_t* in, ptrdiff_t stride, int width, int height, const int16_t* taps_x,
                             const int16_t* taps_y, int bits, int16_t* out) {
  const int shift = bits - 8;
  constexpr int kCount = sizeof(V) / 2;
  if (taps_x == nullptr && taps_y == nullptr) {
    for (int y = 0; y < height; ++y, in += stride, out += kRow)
      for (int x = 0; x < width; x += kCount) give<PART>(out + x, take<PART, V>(in + x) << (14 - bits));
    return;
  }
  if (taps_y == nullptr) {
    if (is_four(taps_x)) filter_rows<PART, true, V>(in, stride, width, height, taps_x, shift, out);
    else filter_rows<PART, false, V>(in, stride, width, height, taps_x, shift, out);
    return;
  }
  if (taps_x == nullptr) {
    if (is_four(taps_y)) filter_columns<PART, true, V>(in, stride, width, height, taps_y, shift, out);
    else filter_columns<PART, false, V>(in, stride, width, height, taps_y, shift, out);
    return;
  }
  alignas(32) int16_t between[(kRow + 5) * kRow];
  if (is_four(taps_x)) filter_rows<PART, true, V>(in - 2 * stride, stride, width, height + 5, taps_x, shift, between);
  else filter_rows<PART, false, V>(in - 2 * stride, stride, width, height + 5, taps_x, shift, between);
  if (is_four(taps_y)) filter_columns<PART, true, V>(between + 2 * kRow, kRow, width, height, taps_y, 6, out);
  else filter_columns<PART, false, V>(between + 2 * kRow, kRow, width, height, taps_y, 6, out);
}

void interpolate(const uint16_t* in, ptrdiff_t stride, int width, int height, const int16_t* taps_x,
                 const int16_t* taps_y, int bits, int16_t* out) {
  using Eight = Vec128<int16_t>;
  if (width == 4) return interpolate_with<true, Eight>(in, stride, width, height, taps_x, taps_y, bits, out);
  if (width == 8) return interpolate_with<false, Eight>(in, stride, width, height, taps_x, taps_y, bits, out);
  interpolate_with<false, Vec<int16_t>>(in, stride, width, height, taps_x, taps_y, bits, out);
}

// Sums of two predictions may need 17 bits: the mean of halves, with what rounding needs of the lost bits, does not.
template <bool PART, typename V>
inline void average_rows(const int16_t* p, const int16_t* q, uint16_t* out, ptrdiff_t stride, int width, int height,
                         int bits) {
  constexpr int kCount = sizeof(V) / 2;
  const V top = V{} + static_cast<int16_t>((1 << bits) - 1), zero{};
  const V half = V{} + static_cast<int16_t>(1 << (13 - bits));
  for (int y = 0; y < height; ++y, p += kRow, q += kRow, out += stride)
    for (int x = 0; x < width; x += kCount) {
      const V a = take<PART, V>(p + x), b = take<PART, V>(q + x);
      const V mean = (a & b) + ((a ^ b) >> 1);  // floor((a + b) / 2); the lost half is below the rounding
      give<PART>(reinterpret_cast<int16_t*>(out) + x, clamp((mean + half) >> (14 - bits), zero, top));
    }
}

void average(const int16_t* p, const int16_t* q, uint16_t* out, ptrdiff_t stride, int width, int height, int bits) {
  using Eight = Vec128<int16_t>;
  if (width == 4) return average_rows<true, Eight>(p, q, out, stride, width, height, bits);
  if (width == 8) return average_rows<false, Eight>(p, q, out, stride, width, height, bits);
  average_rows<false, Vec<int16_t>>(p, q, out, stride, width, height, bits);
}

template <bool PART, typename V>
inline void put_rows(const int16_t* p, uint16_t* out, ptrdiff_t stride, int width, int height, int bits) {
  constexpr int kCount = sizeof(V) / 2;
  const V top = V{} + static_cast<int16_t>((1 << bits) - 1), zero{};
  const V half = V{} + static_cast<int16_t>(1 << (13 - bits));
  for (int y = 0; y < height; ++y, p += kRow, out += stride)
    for (int x = 0; x < width; x += kCount)
      give<PART>(reinterpret_cast<int16_t*>(out) + x, clamp((take<PART, V>(p + x) + half) >> (14 - bits), zero, top));
}

void put(const int16_t* p, uint16_t* out, ptrdiff_t stride, int width, int height, int bits) {
  using Eight = Vec128<int16_t>;
  if (width == 4) return put_rows<true, Eight>(p, out, stride, width, height, bits);
  if (width == 8) return put_rows<false, Eight>(p, out, stride, width, height, bits);
  put_rows<false, Vec<int16_t>>(p, out, stride, width, height, bits);
}

}  // namespace

void fill(InterKernels& kernels) { kernels = {interpolate, put, average}; }

}  // namespace STF_ISA
}  // namespace stf
