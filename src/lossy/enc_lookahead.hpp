// A look at the whole fragment before it is coded: coarse motion of every frame, and how much the others take from it.
#pragma once

#include <vector>

#include "common/slots.hpp"
#include "lossy/enc_coarse.hpp"
#include "lossy/enc_scaling.hpp"

namespace stf::lossy {

class LookAhead {
 public:
  // adaptive: strength of adaptive quantisation, 16 is usual, 0 none. false: no memory.
  bool run(const stf_env& env, const Geometry& g, const Structure& structure, const WorkVideo& video, bool rgb,
           int adaptive);
  const CoarseMotion& motion(uint32_t t, unsigned reference) const { return frames_[t].motion[reference]; }
  // Whether frame t looks more like a reference that is made brighter or darker.
  bool fades(uint32_t t, unsigned reference) const { return frames_[t].fades[reference]; }
  // How much coarser frame t is to be quantised than frame 0, in quarters of a QP.
  int offset(uint32_t t) const { return frames_[t].offset; }
  // How much coarser than its frame each of its blocks is, the same; NULL: not at all.
  const std::vector<int8_t>* offsets(uint32_t t) const {
    return frames_[t].offsets.empty() ? nullptr : &frames_[t].offsets;
  }

 private:
  struct Frame {
    CoarseMotion motion[2];
    bool fades[2] = {};
    Moments moments;
    // By block: what it holds, what others take of it, the share of it that comes from A and from B in 1/1024.
    std::vector<uint32_t> rest;
    std::vector<uint64_t> given;
    std::vector<uint32_t> taken[2];
    int offset = 0;
    std::vector<int8_t> offsets;
  };
  // What a block holds as others count it.
  static uint64_t held(const Frame& frame, size_t block) { return uint64_t{frame.rest[block]} << 4; }
  static bool search_scaled(const CoarsePicture& here, const CoarsePicture& reference, const Scaling& scaling,
                            int largest, CoarsePicture& scaled, CoarseMotion& motion);
  static void weigh(unsigned references, Frame& frame);
  static void hand_on(const Frame& frame, unsigned reference, Frame& to);
  static int uses(const Frame& frame);
  static void adapt(Frame& frame, int strength);

  std::vector<Frame> frames_;
};

}  // namespace stf::lossy
