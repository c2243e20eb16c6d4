// The scalar kernels of block costs: the reference that checkasm holds the vectors against.

#include "dsp/cost.hpp"

#include <cstdlib>

namespace stf {
namespace {

uint32_t sad(const uint16_t* a, ptrdiff_t a_stride, const uint16_t* b, ptrdiff_t b_stride, int width, int height) {
  uint32_t sum = 0;
  for (int y = 0; y < height; ++y, a += a_stride, b += b_stride)
    for (int x = 0; x < width; ++x) sum += static_cast<uint32_t>(std::abs(a[x] - b[x]));
  return sum;
}

uint64_t sse(const uint16_t* a, ptrdiff_t a_stride, const uint16_t* b, ptrdiff_t b_stride, int width, int height) {
  uint64_t sum = 0;
  for (int y = 0; y < height; ++y, a += a_stride, b += b_stride)
    for (int x = 0; x < width; ++x) sum += static_cast<uint64_t>((a[x] - b[x]) * (a[x] - b[x]));
  return sum;
}

void hadamard(int* v, int step) {
  for (int half = 1; half < 8; half *= 2)
    for (int i = 0; i < 8; ++i)
      if (!(i & half)) {
        const int p = v[i * step], q = v[(i + half) * step];
        v[i * step] = p + q;
        v[(i + half) * step] = p - q;
      }
}

uint32_t satd(const uint16_t* a, ptrdiff_t a_stride, const uint16_t* b, ptrdiff_t b_stride, int width, int height,
              int shift) {
  uint32_t total = 0;
  for (int by = 0; by < height; by += 8)
    for (int bx = 0; bx < width; bx += 8) {
      int v[64];
      for (int y = 0; y < 8; ++y)
        for (int x = 0; x < 8; ++x)
          v[8 * y + x] = (a[(by + y) * a_stride + bx + x] - b[(by + y) * b_stride + bx + x]) >> shift;
      for (int i = 0; i < 8; ++i) hadamard(v + 8 * i, 1);
      for (int i = 0; i < 8; ++i) hadamard(v + i, 8);
      uint32_t sum = 0;
      for (const int x : v) sum += static_cast<uint32_t>(std::abs(x));
      total += (sum + 2) >> 2;
    }
  return total;
}

void fill_scalar(CostKernels& kernels) { kernels = {sad, sse, satd}; }

}  // namespace

const KernelTables<CostKernels>& cost_tables() {
  static const KernelTables<CostKernels> tables(fill_scalar, STF_KERNEL_LEVELS);
  return tables;
}

}  // namespace stf
