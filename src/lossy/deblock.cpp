#include "lossy/deblock.hpp"

#include <cstdlib>

#include "dsp/deblock.hpp"
#include "lossy/reconstruct.hpp"

namespace stf::lossy {
namespace {

// Whether two vectors differ by a sample or more.
bool apart(const MotionVector& a, const MotionVector& b) {
  return std::abs(a.x - b.x) >= 4 || std::abs(a.y - b.y) >= 4;
}

// How strongly the edge between two cells is filtered on account of their motion: 2 beside an intra block, 1 where they
// are predicted from different places, else 0. Where there are coefficients it is 1 at least; the caller sees to that.
int strength(const Cell& p, const Cell& q) {
  if (p.motion.references == kIntra || q.motion.references == kIntra) return 2;
  if (p.motion.references != q.motion.references) return 1;
  return apart(p.motion.v[0], q.motion.v[0]) || apart(p.motion.v[1], q.motion.v[1]) ? 1 : 0;
}

// Whether a block or a transform block begins at `at`, a multiple of 8 on its axis. `cell` lies after it and belongs to
// a block of 2^log on that axis.
bool is_edge(const Cell& cell, int at, int log) {
  return (at & ((1 << log) - 1)) == 0 || (at & ((1 << (std::min(log, 5) - cell.split)) - 1)) == 0;
}

// The steps and bends that a quantiser leaves at most: what is larger is an edge of the picture and is not filtered.
class Thresholds {
 public:
  struct At {
    int beta = -1, tc[2] = {};
  };
  // For quantisers `offset` above those of luma, in samples of 8 + scale bits.
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

  for (const bool horizontal : {false, true}) {
    // Edges are eight samples of the plane apart. Along an edge every cell of luma has four or eight samples.
    const int across_sub = horizontal ? sub_y : sub_x, along_sub = horizontal ? sub_x : sub_y;
    const int depth = horizontal ? plane.h : plane.w, cells_along = horizontal ? g.cells_x() : g.cells_y();
    const ptrdiff_t across = horizontal ? plane.stride : 1, along = horizontal ? 1 : plane.stride;
    const ptrdiff_t cell_across = horizontal ? g.cells_x() : 1, cell_along = horizontal ? 1 : g.cells_x();
    const int lines = kCell >> along_sub;
    for (int edge = 8; edge < depth; edge += 8) {
      const int at = edge << across_sub;
      const Cell* cell = f.current->cells.data() + (at >> kCellLog) * cell_across;
      Sample* sample = plane.at + edge * across;
      for (int i = 0; i < cells_along; ++i, cell += cell_along, sample += lines * along) {
        const Cell& before = cell[-cell_across];
        if (!is_edge(*cell, at, horizontal ? cell->log_h : cell->log_w)) continue;
        const int by_motion = strength(before, *cell);
        if (luma ? before.skip && cell->skip && by_motion == 0 : by_motion < 2) continue;
        const Thresholds::At& limits = thresholds.of((before.q + cell->q + 1) >> 1);
        if (!luma) {
          if (limits.tc[1] > 0) k.chroma(sample, across, along, lines, limits.tc[1], g.largest());
          continue;
        }
        if (limits.beta == 0) continue;
        for (int line = 0; line < kCell; line += 4) {
          const int u = i * kCell + line, x = horizontal ? u : at, y = horizontal ? at : u;
          const bool coded = f.units[0].at(x, y) == UnitMap::kCoded ||
                             f.units[0].at(horizontal ? x : x - 1, horizontal ? y - 1 : y) == UnitMap::kCoded;
          const int s = std::max<int>(by_motion, coded);
          if (s == 0 || limits.tc[s - 1] == 0) continue;
          k.luma(sample + line * along, across, along, limits.beta, limits.tc[s - 1], g.largest());
        }
      }
    }
  }
}

}  // namespace stf::lossy
