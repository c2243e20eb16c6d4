// The scalar kernels of motion search: the reference that checkasm holds the vectors against.

#include "dsp/motion.hpp"

#include <algorithm>
#include <cstdlib>

namespace stf {
namespace {

template <typename Sample>
uint32_t sad(const Sample* p, ptrdiff_t p_stride, const Sample* q, ptrdiff_t q_stride, int height) {
  uint32_t sum = 0;
  for (int y = 0; y < height; ++y, p += p_stride, q += q_stride)
    for (int x = 0; x < 16; ++x) sum += static_cast<uint32_t>(p[x] < q[x] ? q[x] - p[x] : p[x] - q[x]);
  return sum;
}

template <typename Sample>
uint32_t match(const Sample* p, ptrdiff_t p_stride, const Sample* q, ptrdiff_t q_stride, int height) {
  int difference = 0;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < 16; ++x) difference += p[y * p_stride + x] - q[y * q_stride + x];
  const int mean = difference / (16 * height);
  uint32_t sum = 0;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < 16; ++x) {
      const int moved = std::clamp(q[y * q_stride + x] + mean, 0, (1 << 8 * sizeof(Sample)) - 1);
      sum += static_cast<uint32_t>(std::abs(p[y * p_stride + x] - moved));
    }
  }
  return sad(p, p_stride, q, q_stride, height) + sum;
}

void fill_scalar(MotionKernels& k) {
  k.sad_8 = sad<uint8_t>;
  k.sad_16 = sad<uint16_t>;
  k.match_8 = match<uint8_t>;
  k.match_16 = match<uint16_t>;
}

}  // namespace

const KernelTables<MotionKernels>& motion_tables() {
  static const KernelTables<MotionKernels> tables(fill_scalar, STF_KERNEL_LEVELS);
  return tables;
}

}  // namespace stf
