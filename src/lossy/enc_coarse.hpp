// Motion at a coarse scale, found before a frame is coded. The search for a block's vector begins there too: it bridges
// distances that a walk from a neighbour's vector does not.
#pragma once

#include "lossy/enc_motion.hpp"

namespace stf::lossy {

// Side of a coarse block at either scale, in samples of that scale.
inline constexpr int kCoarseBlock = 8;

// The luma of a source frame at a quarter and at an eighth of its size, with borders that repeat its edges.
class CoarsePicture {
 public:
  static constexpr int kScales = 2, kLog[kScales] = {2, 3}, kBorder = 40;
  // Get memory for pictures of this geometry. False when there is none.
  bool allocate(const stf_env& env, const Geometry& g);
  // Reduce a plane of luma.
  void fill(const Plane& luma);
  // Copy another picture, made brighter or darker.
  void scale_from(const CoarsePicture& from, const Scaling& scaling, int largest);
  // Scale 0 is the quarter, 1 the eighth.
  const Plane& scale(int i) const { return planes_[i]; }

  // Coarse motion has a vector for every coarse block: 8 x 8 samples at the quarter, 32 x 32 of luma. How many columns
  // and rows of them there are.
  int columns() const { return (planes_[0].w + kCoarseBlock - 1) / kCoarseBlock; }
  int rows() const { return (planes_[0].h + kCoarseBlock - 1) / kCoarseBlock; }
  // The sum of the magnitudes about the mean of coarse block i: how much there is to see in it.
  uint32_t activity(size_t i) const;

 private:
  Buffer<Sample> memory_[kScales];
  Plane planes_[kScales];
};

// Where every coarse block of a frame lies in one of its references.
class CoarseMotion {
 public:
  static constexpr int kBlockLog = 5;  // of a coarse block, in luma
  // Get memory for pictures of this size. False when there is none.
  bool allocate(const stf_env& env, const CoarsePicture& picture);
  // Find the blocks of `from` in `to`.
  void search(const CoarsePicture& from, const CoarsePicture& to);
  // The sum of the magnitudes of the difference between block i and where its vector leads.
  uint32_t error(size_t i) const { return found_[i].error; }
  // The sum of the errors of all blocks.
  uint64_t total() const;
  // The vector of the block that holds a sample of luma.
  MotionVector at(int x, int y) const {
    return found_[static_cast<size_t>(std::min(y >> kBlockLog, h_ - 1) * w_ + std::min(x >> kBlockLog, w_ - 1))].v;
  }

 private:
  struct Found {
    MotionVector v;
    uint32_t error = 0;
  };
  int w_ = 0, h_ = 0;    // columns and rows of coarse blocks
  Buffer<Found> found_;  // row by row
};

}  // namespace stf::lossy
