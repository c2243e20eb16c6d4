// The scalar kernels of linear predictors: the reference that checkasm holds the vectors against.

#include "dsp/linear_rows.hpp"

namespace stf {
namespace {

void products(const int16_t* rows, unsigned count, size_t n, int32_t* out) {
  for (unsigned i = 0; i < count; ++i) {
    for (unsigned j = 0; j <= i; ++j) {
      const int16_t *p = rows + i * kLinearRow, *q = rows + j * kLinearRow;
      int32_t sum = 0;
      for (size_t k = 0; k < n; ++k) sum += p[k] * q[k];
      *out++ = sum;
    }
  }
}

template <typename Sample>
void errors(const LinearBlock<Sample>& block, int step, const int16_t (*coefficients)[kMaxLinearTaps],
            unsigned predictors, uint32_t* out) {
  for (unsigned i = 0; i < predictors; ++i) out[i] = linear_error_scalar(block, step, coefficients[i], 0);
}

template <typename Sample>
bool fold_block(const LinearBlock<Sample>& block, const int16_t* coefficients, Sample* z, ptrdiff_t z_stride) {
  return linear_fold_scalar(block, coefficients, 0, z, z_stride) != 0;
}

int64_t dot(const int32_t* a, const int32_t* b, size_t n) {
  int64_t sum = 0;
  for (size_t k = 0; k < n; ++k) sum += int64_t{a[k]} * b[k];
  return sum;
}

void add_scaled(const int32_t* a, int32_t weight, size_t n, int64_t* sum) {
  for (size_t k = 0; k < n; ++k) sum[k] += int64_t{a[k]} * weight >> 8;
}

template <typename Sample>
void difference(const LinearTap<Sample>& of, int width, int height, unsigned shift, int16_t* out) {
  const Sample *tap = of.tap, *base = of.base;
  for (int y = 0; y < height; ++y, tap += of.tap_stride, base += of.base_stride, out += width)
    for (int x = 0; x < width; ++x) out[x] = static_cast<int16_t>((tap[x] - base[x]) >> shift);
}

template <typename Sample>
void weigh(const Sample* const* tap, const Sample* const* base, const int16_t* coefficient, unsigned taps, size_t n,
           int32_t* sum) {
  for (size_t x = 0; x < n; ++x) {
    uint32_t s = 128;
    for (unsigned i = 0; i < taps; ++i)
      s += static_cast<uint32_t>(coefficient[i]) * static_cast<uint32_t>(tap[i][x] - base[i][x]);
    sum[x] = static_cast<int32_t>(s);
  }
}

void fill_scalar(LinearKernels& k) {
  k.products = products;
  k.errors_8 = errors<uint8_t>;
  k.errors_16 = errors<uint16_t>;
  k.fold_8 = fold_block<uint8_t>;
  k.fold_16 = fold_block<uint16_t>;
  k.dot = dot;
  k.add_scaled = add_scaled;
  k.difference_8 = difference<uint8_t>;
  k.difference_16 = difference<uint16_t>;
  k.weigh_8 = weigh<uint8_t>;
  k.weigh_16 = weigh<uint16_t>;
}

}  // namespace

const KernelTables<LinearKernels>& linear_tables() {
  static const KernelTables<LinearKernels> tables(fill_scalar, STF_KERNEL_LEVELS);
  return tables;
}

}  // namespace stf
