#include "lossy/enc_residual.hpp"

#include <cstdlib>

#include "dsp/residual.hpp"
#include "lossy/tables.hpp"

namespace stf::lossy {

void transform_forward(const TransformShape& shape, int bits, const Sample* source, ptrdiff_t source_stride,
                       const Sample* prediction, ptrdiff_t prediction_stride, int16_t* coefficients) {
  const ResidualKernels& k = residual_kernels();
  const int w = 1 << shape.log_w, h = 1 << shape.log_h;
  alignas(32) int16_t residual[32 * 32], between[32 * 32];
  k.subtract(source, source_stride, prediction, prediction_stride, w, h, residual);
  k.rows(residual, w, h, w, forward_pairs(shape.type & 1 ? kAdst : kDct, shape.log_w), w, between,
         shape.log_w + bits - 9);
  k.columns(between, w, h, forward_pairs(shape.type & 2 ? kAdst : kDct, shape.log_h), h, coefficients, shape.log_h + 6);
}

int quantise(const TransformShape& shape, int q, int offset, const int16_t* coefficients, int16_t* levels) {
  const Dequantiser step(q, shape.log_w, shape.log_h);
  // The inverse of a step with as many digits as 32-bit products bear: it has 16 of them.
  const auto factor = static_cast<uint64_t>(step.factor);
  int digits = 0;
  while (digits < 30 && (uint64_t{1} << (digits + 1 + step.shift)) / factor < (1u << 16)) ++digits;
  const auto inverse = static_cast<uint32_t>((uint64_t{1} << (digits + step.shift)) / factor);
  const uint32_t round = static_cast<uint32_t>((static_cast<uint64_t>(offset) << digits) >> 9);
  const int n = 1 << (shape.log_w + shape.log_h);
  return residual_kernels().quantise(coefficients, ranks(shape.log_w, shape.log_h), n, inverse, round, digits, levels);
}

}  // namespace stf::lossy
