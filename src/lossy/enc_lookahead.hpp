// A look at the whole fragment before it is coded: coarse motion of every frame, and how much the others take from it.
#pragma once

#include <vector>

#include "common/slots.hpp"
#include "lossy/enc_coarse.hpp"

namespace stf::lossy {

class LookAhead {
 public:
  // false: no memory.
  bool run(const stf_env& env, const Geometry& g, const Structure& structure, const WorkVideo& video, bool rgb);
  const CoarseMotion& motion(uint32_t t, unsigned reference) const { return frames_[t].motion[reference]; }
  // How much coarser frame t is to be quantised than frame 0, in quarters of a QP.
  int offset(uint32_t t) const { return frames_[t].offset; }

 private:
  struct Frame {
    CoarseMotion motion[2];
    uint32_t taken[2] = {};  // share of the frame that comes from A and from B, in 1/1024
    uint64_t importance = 0;  // in 1/1024: 1 for itself, and what frames that refer to it take
    int offset = 0;
  };
  void weigh(const CoarsePicture& picture, unsigned references, Frame& frame);

  std::vector<Frame> frames_;
};

}  // namespace stf::lossy
