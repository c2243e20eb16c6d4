#include "lossy/deblock.hpp"

#include <cstdlib>

#include "dsp/deblock.hpp"
#include "lossy/reconstruct.hpp"

namespace stf::lossy {
namespace {

bool apart(const Vector& a, const Vector& b) { return std::abs(a.x - b.x) >= 4 || std::abs(a.y - b.y) >= 4; }

// 2 at intra blocks, 1 where coefficients or motion may leave a step, else 0.
int strength(const Cell& p, const Cell& q, bool coded) {
  if (p.motion.references == kIntra || q.motion.references == kIntra) return 2;
  if (coded) return 1;
  if (p.motion.references != q.motion.references) return 1;
  return apart(p.motion.v[0], q.motion.v[0]) || apart(p.motion.v[1], q.motion.v[1]) ? 1 : 0;
}

// What quantisers leave at most of steps and bends that are no edges of the picture.
class Thresholds {
 public:
  struct At {
    int beta = -1, tc[2] = {};
  };
  // Of quantisers `offset` above those of luma, in samples of 8 + scale bits.
  Thresholds(int offset, int scale) : offset_(offset), scale_(scale) {}
  const At& of(int luma_q) {
    At& at = at_[luma_q];
    if (at.beta >= 0) return at;
    const int q = std::clamp(luma_q + offset_, 0, 255), qp = q / 4, step = step_of(q);
    at.beta = (qp < 16 ? 0 : qp < 28 ? qp - 10 : 2 * qp - 38) << scale_;
    // In samples: about 0.09 steps between blocks of motion, 0.12 beside intra ones.
    at.tc[0] = ((step * 23 << scale_) + 2048) >> 12;
    at.tc[1] = ((step * 31 << scale_) + 2048) >> 12;
    return at;
  }

 private:
  int offset_, scale_;
  At at_[256];
};

}  // namespace

void deblock(const FrameState& f, unsigned component) {
  const Geometry& g = *f.geometry;
  const DeblockKernels& k = deblock_kernels();
  const Plane& plane = f.current->planes[component];
  const bool luma = component == 0;
  Thresholds thresholds(luma ? 0 : f.chroma_q - f.q, g.bits - 8);
  const int sub_x = g.sub_x[component], sub_y = g.sub_y[component];

  for (int horizontal = 0; horizontal < 2; ++horizontal) {
    // Edges every eight samples of the plane; segments of four samples along them.
    const int across_sub = horizontal ? sub_y : sub_x, along_sub = horizontal ? sub_x : sub_y;
    const int length = horizontal ? plane.w : plane.h, depth = horizontal ? plane.h : plane.w;
    const ptrdiff_t across = horizontal ? plane.stride : 1, along = horizontal ? 1 : plane.stride;
    for (int edge = 8; edge < depth; edge += 8)
      for (int i = 0; i < length; i += 4) {
        const int at_across = edge << across_sub, at_along = i << along_sub;
        const int x = horizontal ? at_along : at_across, y = horizontal ? at_across : at_along;
        const Cell *p = f.cell(horizontal ? x : x - 1, horizontal ? y - 1 : y), *q_cell = f.cell(x, y);
        // No edge inside of a block, unless its transforms are smaller.
        const int log = horizontal ? q_cell->log_h : q_cell->log_w;
        const int at = horizontal ? y : x;
        const bool border = (at & ((1 << log) - 1)) == 0;
        const int transform = std::min(log, 5) - q_cell->split;
        if (!border && (at & ((1 << transform) - 1)) != 0) continue;
        const bool coded = luma ? f.units[0].at(x, y) == UnitMap::kCoded ||
                                      f.units[0].at(horizontal ? x : x - 1, horizontal ? y - 1 : y) == UnitMap::kCoded
                                : false;
        const int s = strength(*p, *q_cell, coded);
        if (s < (luma ? 1 : 2)) continue;
        const Thresholds::At& at_q = thresholds.of((p->q + q_cell->q + 1) >> 1);
        const int tc = at_q.tc[s - 1];
        if (tc == 0 || (luma && at_q.beta == 0)) continue;
        Sample* sample = plane.at + (horizontal ? edge * plane.stride + i : i * plane.stride + edge);
        if (luma) {
          k.luma(sample, across, along, at_q.beta, tc, g.largest());
        } else {
          k.chroma(sample, across, along, std::min(4, length - i), tc, g.largest());
        }
      }
  }
}

}  // namespace stf::lossy
