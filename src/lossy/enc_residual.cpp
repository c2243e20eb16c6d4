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
  constexpr int kDigits = 20;
  const auto inverse = static_cast<int64_t>((uint64_t{1} << (kDigits + step.shift)) / static_cast<uint64_t>(step.factor));
  const int64_t round = (int64_t{offset} << kDigits) >> 9;
  const int n = 1 << (shape.log_w + shape.log_h);
  bool any = false;
  for (int i = 0; i < n; ++i) {
    const int c = coefficients[i];
    const auto level = static_cast<int>((std::abs(c) * inverse + round) >> kDigits);
    any |= level != 0;
    levels[i] = static_cast<int16_t>(c < 0 ? -level : level);
  }
  if (!any) return 0;
  const uint16_t* order = scan(shape.log_w, shape.log_h);
  int count = n;
  while (levels[(order[count - 1] >> 8) << shape.log_w | (order[count - 1] & 255)] == 0) --count;
  return count;
}

}  // namespace stf::lossy
