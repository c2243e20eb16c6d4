// The scalar kernels of intra prediction: the reference that checkasm holds the vectors against.

#include "dsp/intra.hpp"

#include <bit>
#include <cstdlib>

namespace stf {
namespace {

void smooth(uint16_t* out, ptrdiff_t stride, int width, int height, const uint16_t* top, const uint16_t* left) {
  const int log_w = std::countr_zero(static_cast<unsigned>(width)),
            log_h = std::countr_zero(static_cast<unsigned>(height));
  for (int y = 0; y < height; ++y, out += stride)
    for (int x = 0; x < width; ++x) {
      const int vertical = (height - 1 - y) * top[x] + (y + 1) * left[height];
      const int horizontal = (width - 1 - x) * left[y] + (x + 1) * top[width];
      out[x] = static_cast<uint16_t>(((vertical << log_w) + (horizontal << log_h) + width * height) >>
                                     (log_w + log_h + 1));
    }
}

void paeth(uint16_t* out, ptrdiff_t stride, int width, int height, const uint16_t* top, const uint16_t* left,
           uint16_t corner) {
  for (int y = 0; y < height; ++y, out += stride)
    for (int x = 0; x < width; ++x) {
      const int p_left = std::abs(top[x] - corner), p_top = std::abs(left[y] - corner),
                p_corner = std::abs(top[x] + left[y] - 2 * corner);
      out[x] = p_left <= p_top && p_left <= p_corner ? left[y] : p_top <= p_corner ? top[x] : corner;
    }
}

void directional(uint16_t* out, ptrdiff_t stride, int width, int height, const uint16_t* edge, int angle) {
  for (int y = 0; y < height; ++y, out += stride) {
    const int p = (y + 1) * angle, f = p & 31;
    const uint16_t* e = edge + (p >> 5) + 1;
    for (int x = 0; x < width; ++x) out[x] = static_cast<uint16_t>(((32 - f) * e[x] + f * e[x + 1] + 16) >> 5);
  }
}

void fill_scalar(IntraKernels& kernels) { kernels = {smooth, paeth, directional}; }

}  // namespace

const KernelTables<IntraKernels>& intra_tables() {
  static const KernelTables<IntraKernels> tables(fill_scalar, STF_KERNEL_LEVELS);
  return tables;
}

}  // namespace stf
