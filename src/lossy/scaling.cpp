#include "lossy/scaling.hpp"

#include "dsp/inter.hpp"

namespace stf::lossy {

void scale_plane(const Plane& from, const Scaling& scaling, int largest, const Plane& to) {
  const InterKernels& k = inter_kernels();
  for (int y = 0; y < to.h; ++y) k.scale(from.row(y), to.row(y), to.w, scaling.weight, scaling.offset, largest);
}

bool ScaledReferences::apply(const stf_env& env, FrameState& f, unsigned from, unsigned to) {
  const Geometry& g = *f.geometry;
  for (unsigned r = 0; r < f.references; ++r)
    for (unsigned c = from; c < to; ++c) {
      if (f.scaling[r][c] == Scaling{}) continue;
      if (!allocated_[r] && !pictures_[r].allocate(env, g, n_planes_)) return false;
      allocated_[r] = true;
      scale_plane(f.from[r][c], f.scaling[r][c], g.largest(), pictures_[r].planes[c]);
      f.from[r][c] = pictures_[r].planes[c];
    }
  return true;
}

}  // namespace stf::lossy
