// The scalar transforms, one lane at a time: the reference that checkasm holds the vectors against.

#include "dsp/transform.hpp"

#include <limits>

#define STF_PASSES scalar_passes
#include "dsp/transform_passes.hpp"

namespace stf {
namespace {

// One lane, of values |x| < 2^15 or |x| < 2^26: V holds the sums of up to 32 values, S those of the products.
template <typename V, typename S>
struct Lane {
  using Value = V;
  using Sum = S;
  static constexpr size_t kCount = 1;
  static V load(const int32_t* from) { return *from; }
  static S times(V value, int32_t constant) { return S{value} * constant; }
  static S rounding(int shift) { return S{1} << (shift - 1); }
  static void store(int32_t* to, S sum, S rounding, int shift) {
    *to = static_cast<int32_t>((sum + rounding) >> shift);
  }
};

struct SaturatingLane : Lane<int64_t, int64_t> {
  static void store(int32_t* to, int64_t sum, int64_t rounding, int shift) {
    constexpr int64_t low = std::numeric_limits<int32_t>::min(), high = std::numeric_limits<int32_t>::max();
    const int64_t v = (sum + rounding) >> shift;
    *to = static_cast<int32_t>(v < low ? low : v > high ? high : v);
  }
};

struct WrappingLane {
  using Value = uint32_t;
  static constexpr size_t kCount = 1;
  static uint32_t load(const int32_t* from) { return static_cast<uint32_t>(*from); }
  static uint32_t rounding(int shift) { return shift == 0 ? 0 : 1u << (shift - 1); }
  static void store(int32_t* to, uint32_t sum, uint32_t rounding, int shift) {
    *to = static_cast<int32_t>(sum + rounding) >> shift;
  }
};

using Lane16 = Lane<int32_t, int32_t>;
using Lane27 = Lane<int32_t, int64_t>;

template <typename L, void (*group)(const int32_t*, ptrdiff_t, int32_t*, ptrdiff_t, int)>
void pass(const int32_t* in, ptrdiff_t in_stride, int32_t* out, ptrdiff_t out_stride, size_t lanes, int shift) {
  for (size_t lane = 0; lane < lanes; ++lane) group(in + lane, in_stride, out + lane, out_stride, shift);
}

template <int N>
void fill_size(TransformKernels& kernels, int index) {
  using namespace scalar_passes;
  kernels.forward[kRange16][index] = pass<Lane16, forward_group<Lane16, N>>;
  kernels.forward[kRange27][index] = pass<Lane27, forward_group<Lane27, N>>;
  kernels.forward[kRange32][index] = pass<SaturatingLane, forward_group<SaturatingLane, N>>;
  kernels.inverse[kRange16][index] = pass<Lane16, inverse_group<Lane16, N>>;
  kernels.inverse[kRange27][index] = pass<Lane27, inverse_group<Lane27, N>>;
  kernels.inverse[kRange32][index] = pass<SaturatingLane, inverse_group<SaturatingLane, N>>;
  kernels.hadamard[index] = pass<WrappingLane, hadamard_group<WrappingLane, N>>;
}

void transpose(const int32_t* in, ptrdiff_t in_stride, int32_t* out, ptrdiff_t out_stride, size_t rows,
               size_t columns) {
  for (size_t row = 0; row < rows; ++row)
    for (size_t column = 0; column < columns; ++column)
      out[static_cast<ptrdiff_t>(column) * out_stride + static_cast<ptrdiff_t>(row)] =
          in[static_cast<ptrdiff_t>(row) * in_stride + static_cast<ptrdiff_t>(column)];
}

uint32_t magnitude(const int32_t* in, size_t count) {
  uint32_t bits = 0;
  // x ^ (x >> 31) is x, or -x - 1 for negative x.
  for (size_t i = 0; i < count; ++i) bits |= static_cast<uint32_t>(in[i] ^ (in[i] >> 31));
  return bits;
}

uint64_t sum_magnitudes(const int32_t* in, size_t count) {
  uint64_t sum = 0;
  for (size_t i = 0; i < count; ++i)
    sum += in[i] < 0 ? 0u - static_cast<uint32_t>(in[i]) : static_cast<uint32_t>(in[i]);
  return sum;
}

void fill_scalar(TransformKernels& kernels) {
  fill_size<4>(kernels, 0);
  fill_size<8>(kernels, 1);
  fill_size<16>(kernels, 2);
  fill_size<32>(kernels, 3);
  kernels.transpose = transpose;
  kernels.magnitude = magnitude;
  kernels.sum_magnitudes = sum_magnitudes;
}

}  // namespace

const KernelTables<TransformKernels>& transform_tables() {
  static const KernelTables<TransformKernels> tables(fill_scalar, STF_KERNEL_LEVELS);
  return tables;
}

}  // namespace stf
