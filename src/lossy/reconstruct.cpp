#include "lossy/reconstruct.hpp"

#include <cstring>

#include "dsp/residual.hpp"
#include "lossy/tables.hpp"

namespace stf::lossy {

int step_of(int q) { return (kStep[q % 24] >> 3 << (q / 24)) >> (kStepBits - 3 - 4); }

// Coefficients are 2^(15 - bits - (log_w + log_h) / 2) times those of an orthonormal transform of samples of `bits`
// bits. So a quantiser has the same step in samples of 8 bits, 2^(q / 24) / 2^(2 / 3), whatever the bits.
Dequantiser::Dequantiser(int q, int log_w, int log_h) {
  const int sum = log_w + log_h;
  factor = kStep[q % 24];
  if (sum & 1) factor = (factor * 181 + 128) >> 8;
  // 2^(q / 24) * 2^(7 - sum / 2)
  shift = kStepBits - 7 + sum / 2 - q / 24;
  if (shift <= 0) {
    factor <<= 1 - shift;
    shift = 1;
  }
}

void reconstruct(const TransformShape& shape, int q, int bits, int count, int16_t* levels, Sample* out,
                 ptrdiff_t stride) {
  const int log_w = shape.log_w, log_h = shape.log_h, w = 1 << log_w, h = 1 << log_h;
  const Dequantiser dequantise(q, log_w, log_h);
  const uint16_t* order = scan(log_w, log_h);
  int last_x = 0, last_y = 0;
  for (int i = 0; i < count; ++i) {
    const int y = order[i] >> 8, x = order[i] & 255;
    int16_t& level = levels[y << log_w | x];
    if (level == 0) continue;
    level = static_cast<int16_t>(dequantise(level));
    last_x = std::max(last_x, x);
    last_y = std::max(last_y, y);
  }
  const ResidualKernels& k = residual_kernels();
  alignas(32) int16_t between[32 * 32], residual[32 * 32];
  const auto even = [](int last) { return (last + 2) & ~1; };
  k.columns(levels, w, even(last_y), inverse_matrix(shape.type & 2 ? kAdst : kDct, log_h), between, 7);
  k.rows(between, w, h, even(last_x), inverse_matrix(shape.type & 1 ? kAdst : kDct, log_w), residual, 20 - bits);
  k.add(out, stride, residual, w, h, (1 << bits) - 1);
  std::memset(levels, 0, static_cast<size_t>((last_y + 1) << log_w) * sizeof(int16_t));
}

}  // namespace stf::lossy
