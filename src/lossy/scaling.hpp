// Fades: references that are made brighter or darker before a frame is predicted from them (docs/format.md, 14.6).
#pragma once

#include "lossy/frame.hpp"

namespace stf::lossy {

// Scale a plane: each sample becomes (sample * weight + 128 >> 8) + offset, clamped to 0 .. largest.
void scale_plane(const Plane& from, const Scaling& scaling, int largest, const Plane& to);

// Code the scalings of components from .. to - 1 of all references of a frame.
template <typename Coder>
void code_scalings(Coder& coder, FrameState& f, unsigned from, unsigned to) {
  if (f.references == 0) return;
  bool any = false;
  for (unsigned r = 0; r < f.references; ++r)
    for (unsigned c = from; c < to; ++c) any |= f.scaling[r][c] != Scaling{};
  if (coder.literal(any, 1) == 0) return;
  for (unsigned r = 0; r < f.references; ++r)
    for (unsigned c = from; c < to; ++c) {
      Scaling& s = f.scaling[r][c];
      s.weight = static_cast<int>(coder.literal(static_cast<uint32_t>(s.weight), Scaling::kWeightBits));
      s.offset = static_cast<int>(
                     coder.literal(static_cast<uint32_t>(s.offset + Scaling::kNoOffset), Scaling::kOffsetBits)) -
                 Scaling::kNoOffset;
    }
}

// Scaled copies of a frame's references.
class ScaledReferences {
 public:
  // n_planes: how many planes the pictures of the fragment have.
  explicit ScaledReferences(unsigned n_planes) : n_planes_(n_planes) {}
  // Let f predict components from .. to - 1 from scaled copies where its scalings say so. False when there is no
  // memory.
  bool apply(const stf_env& env, FrameState& f, unsigned from, unsigned to);

 private:
  unsigned n_planes_;
  OwnPicture pictures_[2];
  bool allocated_[2] = {};
};

}  // namespace stf::lossy
