// The kernels of dsp/metrics.hpp, in loops that compilers vectorise as they are: metrics.cpp compiles them for the
// baseline, metrics_simd.cpp once for each instruction set, in namespaces of their own.

#include <stddef.h>
#include <stdint.h>

namespace stf {
namespace STF_METRICS {
namespace {

// The type of a sum of squared differences: 65535 of 8 bits fit 32 bits.
template <typename T>
struct SumOf {
  using type = uint64_t;
};
template <>
struct SumOf<uint8_t> {
  using type = uint32_t;
};

template <typename T>
uint64_t sse(const T* __restrict a, const T* __restrict b, size_t n) {
  using Sum = typename SumOf<T>::type;
  Sum sum = 0;
  for (size_t i = 0; i < n; ++i) {
    const int32_t d = int32_t{a[i]} - int32_t{b[i]};
    sum += static_cast<uint32_t>(d) * static_cast<uint32_t>(d);
  }
  return sum;
}

void ssim_products(const float* __restrict a, const float* __restrict b, float* __restrict squares,
                   float* __restrict cross, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    squares[i] = a[i] * a[i] + b[i] * b[i];
    cross[i] = a[i] * b[i];
  }
}

// The Gaussian's weights: exp(-i^2 / (2 * 1.5^2)), divided by the sum over i = -5 ... 5.
constexpr float kGaussian[6] = {0.2660117248617943f,  0.21300553771125366f,  0.1093606895097f,
                                0.03600077212843082f, 0.007598758135239184f, 0.001028380084479109f};

void ssim_columns(const float* const* rows, float* __restrict out, size_t n) {
  const float* const __restrict r0 = rows[0], * const __restrict r1 = rows[1], * const __restrict r2 = rows[2], * const __restrict r3 = rows[3], * const __restrict r4 = rows[4], * const __restrict r5 = rows[5], * const __restrict r6 = rows[6], * const __restrict r7 = rows[7], * const __restrict r8 = rows[8], * const __restrict r9 = rows[9], * const __restrict r10 = rows[10];
  for (size_t i = 0; i < n; ++i)
    out[i] = kGaussian[5] * (r0[i] + r10[i]) + kGaussian[4] * (r1[i] + r9[i]) + kGaussian[3] * (r2[i] + r8[i]) +
             kGaussian[2] * (r3[i] + r7[i]) + kGaussian[1] * (r4[i] + r6[i]) + kGaussian[0] * r5[i];
}

void ssim_row(const float* __restrict in, float* __restrict out, size_t n) {
  for (size_t i = 0; i < n; ++i)
    out[i] = kGaussian[5] * (in[i] + in[i + 10]) + kGaussian[4] * (in[i + 1] + in[i + 9]) +
             kGaussian[3] * (in[i + 2] + in[i + 8]) + kGaussian[2] * (in[i + 3] + in[i + 7]) +
             kGaussian[1] * (in[i + 4] + in[i + 6]) + kGaussian[0] * in[i + 5];
}

void ssim_sums(const SsimRows& rows, size_t n, const SsimConstants& constants, double* sums) {
  const float* const __restrict a = rows.a;
  const float* const __restrict b = rows.b;
  const float* const __restrict squares = rows.squares;
  const float* const __restrict cross = rows.cross;
  const float offset = constants.offset, c1 = constants.c1, c2 = constants.c2;
  constexpr size_t kPartial = 16;  // of each sum, always in the same places, so that the order never changes
  double all[kPartial] = {}, structures[kPartial] = {};
  for (size_t i = 0; i < n; i += kPartial) {
    float product[kPartial] = {}, structure[kPartial] = {};
    const size_t count = n - i < kPartial ? n - i : kPartial;
    for (size_t k = 0; k < count; ++k) {
      const float x = a[i + k], y = b[i + k];
      const float variances = squares[i + k] - (x * x + y * y), covariance = cross[i + k] - x * y;
      const float mx = x + offset, my = y + offset;
      const float s = (2 * covariance + c2) / (variances + c2);
      structure[k] = s;
      product[k] = s * ((2 * (mx * my) + c1) / ((mx * mx + my * my) + c1));
    }
    for (size_t k = 0; k < kPartial; ++k) {
      all[k] += static_cast<double>(product[k]);
      structures[k] += static_cast<double>(structure[k]);
    }
  }
  for (size_t k = 0; k < kPartial; ++k) {
    sums[0] += all[k];
    sums[1] += structures[k];
  }
}

void halve(const float* in0, const float* in1, float* out, size_t n) {
  for (size_t i = 0; i < n; ++i) out[i] = ((in0[2 * i] + in0[2 * i + 1]) + (in1[2 * i] + in1[2 * i + 1])) * 0.25f;
}

template <typename Kernels>
void fill_rows(Kernels& kernels) {
  kernels.sse_8 = sse<uint8_t>;
  kernels.sse_16 = sse<uint16_t>;
  kernels.ssim_products = ssim_products;
  kernels.ssim_columns = ssim_columns;
  kernels.ssim_row = ssim_row;
  kernels.ssim_sums = ssim_sums;
  kernels.halve = halve;
}

}  // namespace
}  // namespace STF_METRICS
}  // namespace stf
