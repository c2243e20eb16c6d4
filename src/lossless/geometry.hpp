// Where a block lies in a component, and which samples of its references it sees (docs/format.md, 12.3).
#pragma once

#include <algorithm>

#include "lossless/predict.hpp"

namespace stf::lossless {

struct BlockBox {
  int y0, x0, y1, x1;
};

inline BlockBox block_box(const Shape& s, unsigned c, int by, int bx) {
  const int height = kBlock >> s.sub_y[c], width = kBlock >> s.sub_x[c];
  return {by * height, bx * width, std::min(static_cast<int>(s.y[c]), (by + 1) * height),
          std::min(static_cast<int>(s.x[c]), (bx + 1) * width)};
}

// A vector in samples of component c, rounded half up.
inline int scaled(int v, unsigned shift) { return (v + ((1 << shift) >> 1)) >> shift; }

// Sample (0, 0) of the current frame in the reference, displaced for a block at `box`. The displaced block touches
// the frame or lies at most two samples off it.
template <typename Sample>
const Sample* displaced(const Frame<Sample>& reference, const Shape& s, unsigned c, const BlockBox& box, Vector v) {
  const int y = std::clamp(box.y0 + scaled(v.y, s.sub_y[c]), -(kBlock + 2), reference.y + 2);
  const int x = std::clamp(box.x0 + scaled(v.x, s.sub_x[c]), -(kBlock + 2), reference.x + 2);
  return reference.at + (y - box.y0) * reference.stride + (x - box.x0);
}

// The frame being coded and its references, one component and the one before it.
template <typename Sample>
struct Neighbourhood {
  Frame<Sample> current, a, b, previous, previous_a;
  unsigned refs = 0;
  bool has_previous = false;
};

// The run of `n` samples at (y, x) of a block.
template <typename Sample>
Run<Sample> run_at(const Neighbourhood<Sample>& f, const Shape& s, unsigned c, const BlockBox& box, const Block& block,
                   int y, int x, int n, int range) {
  Run<Sample> r{};
  r.current = f.current.row(y) + x;
  r.stride = f.current.stride;
  r.n = n;
  r.range = range;
  r.top = y == 0;
  if (f.refs > 0) {
    r.a = displaced(f.a, s, c, box, block.motion[0]) + y * f.a.stride + x;
    r.a_stride = f.a.stride;
  }
  if (f.refs > 1) {
    r.b = displaced(f.b, s, c, box, block.motion[1]) + y * f.b.stride + x;
    r.b_stride = f.b.stride;
  }
  if (f.has_previous) {
    r.previous = f.previous.row(y) + x;
    r.previous_stride = f.previous.stride;
    if (f.refs > 0) {
      r.previous_a = displaced(f.previous_a, s, c, box, block.motion[0]) + y * f.previous_a.stride + x;
      r.previous_a_stride = f.previous_a.stride;
    }
  }
  return r;
}

}  // namespace stf::lossless
