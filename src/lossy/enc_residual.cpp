#include "lossy/enc_residual.hpp"

#include <cstdlib>

#include "dsp/residual.hpp"
#include "lossy/lossy.hpp"
#include "lossy/tables.hpp"

namespace stf::lossy {

void transform_forward(const TransformShape& shape, int bits, const Sample* source, ptrdiff_t source_stride,
                       const Sample* prediction, ptrdiff_t prediction_stride, int16_t* coefficients) {
  const ResidualKernels& k = residual_kernels();
  const int w = 1 << shape.log_w, h = 1 << shape.log_h;
  alignas(32) int16_t residual[32 * 32], between[32 * 32];
  k.subtract(source, source_stride, prediction, prediction_stride, w, h, residual);
  k.rows(residual, w, h, w, forward_matrix(shape.type & 1 ? kAdst : kDct, shape.log_w), between,
         shape.log_w + bits - 9);
  k.columns(between, w, h, forward_matrix(shape.type & 2 ? kAdst : kDct, shape.log_h), coefficients, shape.log_h + 6);
}

namespace {

// The inverse of a quantiser's step as a fixed-point number of 16 significant bits: products with a level's magnitude
// then fit in 32 bits.
struct Inverse {
  uint32_t factor = 0;
  int digits = 0;

  Inverse() = default;
  Inverse(int q, int log_w, int log_h) {
    const Dequantiser step(q, log_w, log_h);
    const auto divisor = static_cast<uint64_t>(step.factor);
    while (digits < 30 && (uint64_t{1} << (digits + 1 + step.shift)) / divisor < (1u << 16)) ++digits;
    factor = static_cast<uint32_t>((uint64_t{1} << (digits + step.shift)) / divisor);
  }
};

// The inverses for all quantisers and sizes of transform blocks; a size is told by the sum of its logarithms, 4 to 10.
struct Inverses {
  Inverse at[kMaxQuantiser + 1][7];
  Inverses() {
    for (int q = 0; q <= kMaxQuantiser; ++q)
      for (int sum = 4; sum <= 10; ++sum) at[q][sum - 4] = Inverse(q, sum / 2, sum - sum / 2);
  }
};

}  // namespace

int quantise(const TransformShape& shape, int q, int offset, const int16_t* coefficients, int16_t* levels) {
  static const Inverses inverses;
  const Inverse& inverse = inverses.at[q][shape.log_w + shape.log_h - 4];
  const auto round = static_cast<uint32_t>((static_cast<uint64_t>(offset) << inverse.digits) >> 9);
  const int n = 1 << (shape.log_w + shape.log_h);
  return residual_kernels().quantise(coefficients, ranks(shape.log_w, shape.log_h), n, inverse.factor, round,
                                     inverse.digits, levels);
}

}  // namespace stf::lossy
