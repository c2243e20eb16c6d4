// Motion search: the scalar reference.

#include "dsp/motion.hpp"

namespace stf {
namespace {

template <typename Sample>
uint32_t sad(const Sample* p, ptrdiff_t p_stride, const Sample* q, ptrdiff_t q_stride, int height) {
  uint32_t sum = 0;
  for (int y = 0; y < height; ++y, p += p_stride, q += q_stride)
    for (int x = 0; x < 16; ++x) sum += static_cast<uint32_t>(p[x] < q[x] ? q[x] - p[x] : p[x] - q[x]);
  return sum;
}

void fill_scalar(MotionKernels& k) {
  k.sad_8 = sad<uint8_t>;
  k.sad_16 = sad<uint16_t>;
}

}  // namespace

const KernelTables<MotionKernels>& motion_tables() {
  static const KernelTables<MotionKernels> tables(fill_scalar, STF_KERNEL_LEVELS);
  return tables;
}

}  // namespace stf
