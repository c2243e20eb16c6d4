#include "lossless/mapping.hpp"

namespace stf::lossless {

bool describe(const WorkVideo& video, Shape& shape) {
  shape.bits = video.bits;
  shape.components = video.components;
  shape.t = video.t;
  for (unsigned c = 0; c < video.components; ++c) {
    const uint32_t full[2] = {video.planes[0].y, video.planes[0].x};
    const uint32_t part[2] = {video.planes[c].y, video.planes[c].x};
    uint8_t shift[2] = {};
    for (int k = 0; k < 2; ++k) {
      while (shift[k] < 3 && (full[k] + (1u << shift[k]) - 1) >> shift[k] != part[k]) ++shift[k];
      if (shift[k] == 3) return false;
    }
    shape.y[c] = part[0];
    shape.x[c] = part[1];
    shape.sub_y[c] = shift[0];
    shape.sub_x[c] = shift[1];
  }
  return true;
}

}  // namespace stf::lossless
