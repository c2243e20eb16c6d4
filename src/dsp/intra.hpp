// Kernels of intra prediction (docs/format.md, section 14.5). Samples have at most 12 bits; width and height are 4 ..
// 32, powers of two.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dsp/dispatch.hpp"

namespace stf {

struct IntraKernels {
  // Smooth prediction: weighted means of the opposite edges along both axes; top[width] and left[height] are the far
  // corners:
  //   out = ((height - 1 - y) top[x] + (y + 1) left[height]) / height + ((width - 1 - x) left[y] + (x + 1) top[width])
  //   / width, halved, exactly: (a << log2 width) + (b << log2 height) + width * height, shifted by log2 both + 1.
  void (*smooth)(uint16_t* out, ptrdiff_t stride, int width, int height, const uint16_t* top, const uint16_t* left);
  // Paeth prediction: of left[y], top[x] and corner the one nearest to left[y] + top[x] - corner, in this order where
  // they are equal.
  void (*paeth)(uint16_t* out, ptrdiff_t stride, int width, int height, const uint16_t* top, const uint16_t* left,
                uint16_t corner);
  // Directional prediction: with p = (y + 1) * angle, i = p >> 5, f = p & 31,
  //   out[y][x] = ((32 - f) edge[x + i + 1] + f edge[x + i + 2] + 16) >> 5
  // where edge[0] is the corner, edge[1 ..] the top row; -32 <= angle <= 32, edge reaches from -height to width +
  // height + 1.
  void (*directional)(uint16_t* out, ptrdiff_t stride, int width, int height, const uint16_t* edge, int angle);
};
STF_DECLARE_KERNELS(IntraKernels)

const KernelTables<IntraKernels>& intra_tables();
inline const IntraKernels& intra_kernels() { return intra_tables().best(); }

}  // namespace stf
