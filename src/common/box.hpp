// A rectangle of a picture: what a fragment covers in space, what a read asks for.
#pragma once

#include <cstdint>

#include "stfrag/types.h"

namespace stf {

// Rows y0 .. y1 - 1 and columns x0 .. x1 - 1, in samples of component 0.
struct Box {
  uint32_t y0 = 0, y1 = 0, x0 = 0, x1 = 0;

  bool operator==(const Box&) const = default;
  bool empty() const { return y0 >= y1 || x0 >= x1; }
  bool inside(uint32_t y, uint32_t x) const { return y1 <= y && x1 <= x; }
  uint64_t area() const { return uint64_t{y1 - y0} * (x1 - x0); }
};

// The rectangle of component c that belongs to a box, which is in samples of component 0: [floor(a / s), ceil(b / s)).
inline Box plane_box(const stf_format& format, uint32_t c, const Box& box) {
  const bool chroma = format.components >= 3 && (c == 1 || c == 2);
  const unsigned sy = chroma ? format.sub_y : 0, sx = chroma ? format.sub_x : 0;
  const auto up = [](uint32_t v, unsigned s) { return static_cast<uint32_t>((uint64_t{v} + (1u << s) - 1) >> s); };
  return {box.y0 >> sy, up(box.y1, sy), box.x0 >> sx, up(box.x1, sx)};
}

}  // namespace stf
