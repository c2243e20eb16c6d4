#include "lossy/scaling.hpp"

namespace stf::lossy {
namespace {

// Of a row, in a loop without aliases, for vectors.
void scale_row(const Sample* __restrict from, Sample* __restrict to, int n, int weight, int offset, int largest) {
  for (int x = 0; x < n; ++x) {
    const int v = ((from[x] * weight + 128) >> 8) + offset;
    to[x] = static_cast<Sample>(v < 0 ? 0 : v > largest ? largest : v);
  }
}

}  // namespace

void scale_plane(const Plane& from, const Scaling& scaling, int largest, const Plane& to) {
  for (int y = 0; y < to.h; ++y) scale_row(from.row(y), to.row(y), to.w, scaling.weight, scaling.offset, largest);
}

bool ScaledReferences::apply(const stf_env& env, FrameState& f, unsigned from, unsigned to) {
  const Geometry& g = *f.geometry;
  for (unsigned r = 0; r < f.references; ++r)
    for (unsigned c = from; c < to; ++c) {
      if (f.scaling[r][c] == Scaling{}) continue;
      if (!allocated_[r] && !pictures_[r].allocate(env, g, g.components)) return false;
      allocated_[r] = true;
      scale_plane(f.from[r][c], f.scaling[r][c], g.largest(), pictures_[r].planes[c]);
      f.from[r][c] = pictures_[r].planes[c];
    }
  return true;
}

}  // namespace stf::lossy
