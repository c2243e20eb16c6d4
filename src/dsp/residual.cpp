// The scalar kernels of residuals: the reference that checkasm holds the vectors against.

#include "dsp/residual.hpp"

#include <algorithm>

namespace stf {
namespace {

int16_t saturate(int32_t v) { return static_cast<int16_t>(std::clamp(v, -32768, 32767)); }

void rows(const int16_t* in, ptrdiff_t in_stride, int rows, int depth, const TransformMatrix& matrix, int16_t* out,
          int shift) {
  const int16_t(*const pairs)[2] = matrix.pairs;
  const int points = matrix.points;
  for (int r = 0; r < rows; ++r, in += in_stride, out += points)
    for (int j = 0; j < points; ++j) {
      int32_t sum = 1 << (shift - 1);
      for (int k = 0; k < depth; ++k) sum += in[k] * pairs[(k / 2) * points + j][k % 2];
      out[j] = saturate(sum >> shift);
    }
}

void columns(const int16_t* in, int lanes, int depth, const TransformMatrix& matrix, int16_t* out, int shift) {
  const int16_t(*const pairs)[2] = matrix.pairs;
  const int points = matrix.points;
  for (int n = 0; n < points; ++n)
    for (int j = 0; j < lanes; ++j) {
      int32_t sum = 1 << (shift - 1);
      for (int k = 0; k < depth; ++k) sum += in[k * lanes + j] * pairs[(k / 2) * points + n][k % 2];
      out[n * lanes + j] = saturate(sum >> shift);
    }
}

void subtract(const uint16_t* a, ptrdiff_t a_stride, const uint16_t* b, ptrdiff_t b_stride, int width, int height,
              int16_t* out) {
  for (int y = 0; y < height; ++y, a += a_stride, b += b_stride, out += width)
    for (int x = 0; x < width; ++x) out[x] = static_cast<int16_t>(a[x] - b[x]);
}

void add(uint16_t* samples, ptrdiff_t stride, const int16_t* residual, int width, int height, int largest) {
  for (int y = 0; y < height; ++y, samples += stride, residual += width)
    for (int x = 0; x < width; ++x)
      samples[x] = static_cast<uint16_t>(std::clamp(samples[x] + residual[x], 0, largest));
}

int quantise(const int16_t* c, const int16_t* rank, int n, uint32_t inverse, uint32_t round, int digits,
             int16_t* levels) {
  int most = 0;
  for (int i = 0; i < n; ++i) {
    const auto magnitude = static_cast<uint32_t>(c[i] < 0 ? -c[i] : c[i]);
    const auto level = static_cast<int16_t>((magnitude * inverse + round) >> digits);
    levels[i] = static_cast<int16_t>(c[i] < 0 ? -level : level);
    if (levels[i] != 0) most = std::max<int>(most, rank[i]);
  }
  return most;
}

void fill_scalar(ResidualKernels& kernels) { kernels = {rows, columns, subtract, add, quantise}; }

}  // namespace

const KernelTables<ResidualKernels>& residual_tables() {
  static const KernelTables<ResidualKernels> tables(fill_scalar, STF_KERNEL_LEVELS);
  return tables;
}

}  // namespace stf
