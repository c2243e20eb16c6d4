// A look at the whole fragment before it is coded: coarse motion of every frame, and how much others take from it. What
// is used often is worth a finer quantiser.
#pragma once

#include <vector>

#include "common/slots.hpp"
#include "lossy/enc_coarse.hpp"
#include "lossy/enc_scaling.hpp"

namespace stf::lossy {

class LookAhead {
 public:
  explicit LookAhead(const Structure& structure) : structure_(structure), frames_(structure.frames()) {}
  // Look at a video. rgb: as import_picture() takes it. adaptive: strength of adaptive quantisation, 16 is usual, 0 is
  // none. False when there is no memory.
  bool run(const stf_env& env, const Geometry& g, const WorkVideo& video, bool rgb, int adaptive);

  // The motion of frame t to reference r (0 is A, 1 is B).
  const CoarseMotion& motion(uint32_t t, unsigned r) const { return frames_[t].motion[r]; }
  // Whether frame t looks more like reference r once that is made brighter or darker.
  bool fades(uint32_t t, unsigned r) const { return frames_[t].fades[r]; }
  // How much coarser frame t is to be quantised than the first one, in quarters of a QP.
  int offset(uint32_t t) const { return frames_[t].offset; }
  // How much coarser than frame t each of its groups is to be quantised, the same; NULL: no group differs.
  const int8_t* group_offsets(uint32_t t) const { return frames_[t].group_offsets.data(); }

 private:
  // What a coarse block is worth to others.
  struct BlockUse {
    uint32_t activity = 0;   // what there is to see in it (CoarsePicture::activity(), + 1)
    uint32_t share[2] = {};  // of that, what is taken from references A and B, in 1/1024
    uint64_t used = 0;       // what blocks of other frames take from it, in 1/16 of activity
    uint64_t held() const { return uint64_t{activity} << 4; }
  };
  struct Frame {
    CoarseMotion motion[2];
    bool fades[2] = {};
    Moments moments;
    Buffer<BlockUse> blocks;
    int offset = 0;
    Buffer<int8_t> group_offsets;  // a coarse block is a group
  };

  // Find the motion of a frame to its references; it and they are in `coarse`, by slot.
  bool find_motion(const stf_env& env, uint32_t t, const std::vector<CoarsePicture>& coarse, const SlotPlan& plan,
                   int largest);
  // Note what a frame's blocks hold, and which shares of that they take from the references.
  bool weigh(const stf_env& env, const CoarsePicture& picture, unsigned references, Frame& frame);
  // Count what the blocks of a frame take from a reference for the blocks that their vectors lead to.
  static void hand_on(const Frame& frame, unsigned reference, int columns, Frame& to);
  static int uses(const Frame& frame);
  static bool adapt(const stf_env& env, int strength, Frame& frame);

  const Structure& structure_;
  std::vector<Frame> frames_;
  CoarsePicture scaled_;  // a reference that is made brighter or darker
  CoarseMotion trial_;    // motion to it
};

}  // namespace stf::lossy
