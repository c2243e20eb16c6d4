// The transforms over vectors: the passes of transform_passes.hpp with a vector of lanes instead of one, and
// transposes.

#include "dsp/transform.hpp"
#include "dsp/vec.hpp"

#define STF_PASSES STF_ISA
#include "dsp/transform_passes.hpp"

namespace stf {
namespace STF_ISA {
namespace {

using Wide = Vec<int32_t>;
using Four = Vec128<int32_t>;

// A group of lanes; V is Wide or, for the last four lanes, Four.
template <typename V>
struct Lanes {
  using Value = V;
  static constexpr size_t kCount = sizeof(V) / sizeof(int32_t);
  static V load(const int32_t* from) { return STF_ISA::load<V>(from); }
};

template <typename V>
struct Lanes16 : Lanes<V> {
  using Sum = V;
  static V times(V value, int32_t constant) { return value * constant; }
  static V rounding(int shift) { return V{} + (1 << (shift - 1)); }
  static void store(int32_t* to, V sum, V rounding, int shift) { STF_ISA::store(to, (sum + rounding) >> shift); }
};

// Sums of 64 bits: those of the even lanes and those of the odd ones.
template <typename V>
struct Products {
  using Half = typename VecOfBytes<int64_t, sizeof(V)>::type;
  Half even, odd;
  Products operator+(const Products& b) const { return {even + b.even, odd + b.odd}; }
  Products operator-(const Products& b) const { return {even - b.even, odd - b.odd}; }
  Products& operator+=(const Products& b) { return *this = *this + b; }
};

// The products a[2i] * b[2i], in 64 bits.
inline Products<Four>::Half multiply_even(Four a, Four b) {
#if defined(STF_ISA_sse41) || defined(STF_ISA_avx2)
  return (Products<Four>::Half)_mm_mul_epi32((__m128i)a, (__m128i)b);
#else
  using Half = Products<Four>::Half;
  return (((Half)a << 32) >> 32) * (((Half)b << 32) >> 32);
#endif
}
#if defined(STF_ISA_avx2)
inline Products<Wide>::Half multiply_even(Wide a, Wide b) {
  return (Products<Wide>::Half)_mm256_mul_epi32((__m256i)a, (__m256i)b);
}
#endif

template <typename V>
struct Lanes27 : Lanes<V> {
  using Sum = Products<V>;
  using Half = typename Sum::Half;
  static Sum times(V value, int32_t constant) {
    const V c = V{} + constant;
    return {multiply_even(value, c), multiply_even((V)((Half)value >> 32), c)};
  }
  static Sum rounding(int shift) {
    const Half r = Half{} + (int64_t{1} << (shift - 1));
    return {r, r};
  }
  static void store(int32_t* to, const Sum& sum, const Sum& rounding, int shift) {
    // Results fit 32 bits, so that it does not matter what a shift brings in from above.
    using Unsigned = typename VecOfBytes<uint64_t, sizeof(V)>::type;
    const Sum total = sum + rounding;
    const Unsigned even = (Unsigned)total.even >> shift, odd = (Unsigned)total.odd >> shift;
    const Unsigned low = Unsigned{} + 0xffffffffu;
    STF_ISA::store(to, (V)((even & low) | (odd << 32)));
  }
};

template <typename V>
struct WrappingLanes {
  using Value = typename VecOfBytes<uint32_t, sizeof(V)>::type;
  static constexpr size_t kCount = sizeof(V) / sizeof(int32_t);
  static Value load(const int32_t* from) { return STF_ISA::load<Value>(from); }
  static Value rounding(int shift) { return Value{} + (shift == 0 ? 0u : 1u << (shift - 1)); }
  static void store(int32_t* to, Value sum, Value rounding, int shift) {
    STF_ISA::store(to, (V)(sum + rounding) >> shift);
  }
};

using Group = void (*)(const int32_t*, ptrdiff_t, int32_t*, ptrdiff_t, int);

// Run a pass over wide groups of lanes, then over narrow ones: lanes come in fours.
template <Group wide, Group narrow>
void pass(const int32_t* in, ptrdiff_t in_stride, int32_t* out, ptrdiff_t out_stride, size_t lanes, int shift) {
  size_t lane = 0;
  for (; lane + kLanes<int32_t> <= lanes; lane += kLanes<int32_t>)
    wide(in + lane, in_stride, out + lane, out_stride, shift);
  if constexpr (kLanes<int32_t> > 4)
    for (; lane < lanes; lane += 4) narrow(in + lane, in_stride, out + lane, out_stride, shift);
}

template <int N>
void fill_size(TransformKernels& kernels, int index) {
  kernels.forward[kRange16][index] = pass<forward_group<Lanes16<Wide>, N>, forward_group<Lanes16<Four>, N>>;
  kernels.forward[kRange27][index] = pass<forward_group<Lanes27<Wide>, N>, forward_group<Lanes27<Four>, N>>;
  kernels.inverse[kRange16][index] = pass<inverse_group<Lanes16<Wide>, N>, inverse_group<Lanes16<Four>, N>>;
  kernels.inverse[kRange27][index] = pass<inverse_group<Lanes27<Wide>, N>, inverse_group<Lanes27<Four>, N>>;
  kernels.hadamard[index] = pass<hadamard_group<WrappingLanes<Wide>, N>, hadamard_group<WrappingLanes<Four>, N>>;
}

// Transpose by squares of 4 x 4.
void transpose(const int32_t* in, ptrdiff_t in_stride, int32_t* out, ptrdiff_t out_stride, size_t rows,
               size_t columns) {
  for (size_t row = 0; row < rows; row += 4) {
    for (size_t column = 0; column < columns; column += 4) {
      const int32_t* from = in + static_cast<ptrdiff_t>(row) * in_stride + static_cast<ptrdiff_t>(column);
      int32_t* to = out + static_cast<ptrdiff_t>(column) * out_stride + static_cast<ptrdiff_t>(row);
      const Four a = load<Four>(from), b = load<Four>(from + in_stride), c = load<Four>(from + 2 * in_stride),
                 d = load<Four>(from + 3 * in_stride);
      const Four ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5),
                 ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7),
                 cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5),
                 cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
      store(to, __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5));
      store(to + out_stride, __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7));
      store(to + 2 * out_stride, __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5));
      store(to + 3 * out_stride, __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7));
    }
  }
}

uint32_t magnitude(const int32_t* in, size_t count) {
  Wide bits{};
  size_t i = 0;
  for (; i + kLanes<int32_t> <= count; i += kLanes<int32_t>) {
    const Wide v = load<Wide>(in + i);
    bits |= v ^ (v >> 31);
  }
  uint32_t all = 0;
  for (size_t k = 0; k < kLanes<int32_t>; ++k) all |= static_cast<uint32_t>(bits[k]);
  for (; i < count; ++i) all |= static_cast<uint32_t>(in[i] ^ (in[i] >> 31));
  return all;
}

uint64_t sum_magnitudes(const int32_t* in, size_t count) {
  using Sums = Vec<uint64_t>;
  Sums sums{};
  size_t i = 0;
  for (; i + kLanes<int32_t> <= count; i += kLanes<int32_t>) {
    const Vec<uint32_t> v = load<Vec<uint32_t>>(in + i), sign = (Vec<uint32_t>)((Wide)v >> 31);
    const Sums pairs = (Sums)((v ^ sign) - sign);
    sums += (pairs & 0xffffffffu) + (pairs >> 32);
  }
  uint64_t sum = 0;
  for (size_t k = 0; k < kLanes<uint64_t>; ++k) sum += sums[k];
  for (; i < count; ++i) sum += in[i] < 0 ? 0u - static_cast<uint32_t>(in[i]) : static_cast<uint32_t>(in[i]);
  return sum;
}

}  // namespace

void fill(TransformKernels& kernels) {
  fill_size<4>(kernels, 0);
  fill_size<8>(kernels, 1);
  fill_size<16>(kernels, 2);
  fill_size<32>(kernels, 3);
  kernels.transpose = transpose;
  kernels.magnitude = magnitude;
  kernels.sum_magnitudes = sum_magnitudes;
}

}  // namespace STF_ISA
}  // namespace stf
