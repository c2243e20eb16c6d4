// Blocks and views: where a block lies in a component, and which samples predict it (docs/format.md, 12.3).
#pragma once

#include <algorithm>

#include "common/structure.hpp"
#include "lossless/predict.hpp"

namespace stf::lossless {

// The samples of a block in one component.
struct BlockBox {
  int y0, x0, y1, x1;
  int width() const { return x1 - x0; }
  int height() const { return y1 - y0; }
};

// The box of the block in row `by` and column `bx` of blocks.
inline BlockBox block_box(const Shape& s, unsigned c, int by, int bx) {
  const int height = kBlock >> s.sub_y[c], width = kBlock >> s.sub_x[c];
  return {by * height, bx * width, std::min(static_cast<int>(s.y[c]), (by + 1) * height),
          std::min(static_cast<int>(s.x[c]), (bx + 1) * width)};
}

// A component of a vector in samples of a plane that is subsampled by 2^shift, rounded half up.
inline int subsampled(int v, unsigned shift) { return (v + ((1 << shift) >> 1)) >> shift; }

// What is known of one component of the frame that is being coded: its samples so far, the same component of its
// references, and the component before it.
template <typename Sample>
struct FrameView {
  const Shape* shape = nullptr;
  unsigned component = 0;
  int range = 1;      // samples are below it
  unsigned refs = 0;  // how many references there are
  bool has_previous = false;
  BorderedPlane<Sample> current, a, b;         // a and b: references A and B
  BorderedPlane<Sample> previous, previous_a;  // the component before and the same in reference A, if has_previous
};

// The view of component c of frame t. frame(t, c) gives the plane of any frame that is there.
template <typename Sample, typename FrameOf>
FrameView<Sample> view_of(const Shape& shape, const FrameRefs& refs, uint32_t t, unsigned c, int range,
                          FrameOf&& frame) {
  FrameView<Sample> f;
  f.shape = &shape;
  f.component = c;
  f.range = range;
  f.refs = refs.count;
  f.has_previous = shape.has_previous(c);
  f.current = frame(t, c);
  if (refs.count > 0) f.a = frame(refs.a, c);
  if (refs.count > 1) f.b = frame(refs.b, c);
  if (f.has_previous) {
    f.previous = frame(t, c - 1);
    if (refs.count > 0) f.previous_a = frame(refs.a, c - 1);
  }
  return f;
}

// Where sample (0, 0) of the current frame is in a reference, displaced for a block at `box`. The displaced block
// touches the reference or lies at most two samples off it.
template <typename Sample>
inline const Sample* displaced(const FrameView<Sample>& f, const BorderedPlane<Sample>& reference, const BlockBox& box,
                               Displacement v) {
  const Shape& s = *f.shape;
  const int y = std::clamp(box.y0 + subsampled(v.y, s.sub_y[f.component]), -(kBlock + 2), reference.y + 2);
  const int x = std::clamp(box.x0 + subsampled(v.x, s.sub_x[f.component]), -(kBlock + 2), reference.x + 2);
  return reference.at + (y - box.y0) * reference.stride + (x - box.x0);
}

// The samples of row y of a block, from its first to its last column, and those that predict them.
template <typename Sample>
inline Run<Sample> run_at(const FrameView<Sample>& f, const BlockBox& box, const BlockChoice& block, int y) {
  const int x = box.x0;
  Run<Sample> r{};
  r.current = f.current.row(y) + x;
  r.stride = f.current.stride;
  r.n = box.width();
  r.range = f.range;
  r.top = y == 0;
  if (f.refs > 0) {
    r.a = displaced(f, f.a, box, block.motion[0]) + y * f.a.stride + x;
    r.a_stride = f.a.stride;
  }
  if (f.refs > 1) {
    r.b = displaced(f, f.b, box, block.motion[1]) + y * f.b.stride + x;
    r.b_stride = f.b.stride;
  }
  if (f.has_previous) {
    r.previous = f.previous.row(y) + x;
    r.previous_stride = f.previous.stride;
    if (f.refs > 0) {
      r.previous_a = displaced(f, f.previous_a, box, block.motion[0]) + y * f.previous_a.stride + x;
      r.previous_a_stride = f.previous_a.stride;
    }
  }
  return r;
}

}  // namespace stf::lossless
