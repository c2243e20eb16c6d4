// The search for motion of one block, in one reference.
#pragma once

#include <span>

#include "lossy/efforts.hpp"
#include "lossy/enc_rate.hpp"
#include "lossy/motion.hpp"

namespace stf::lossy {

// The luma of a reference with a border that repeats its edges, so that blocks at whole samples are compared where they
// lie, without a look at the edges.
class BorderedLuma {
 public:
  static constexpr int kBorder = 80;
  // Get memory for pictures of this geometry. False when there is none.
  bool allocate(const stf_env& env, const Geometry& g);
  // Copy a plane of luma, and its border.
  void fill(const Plane& from);
  const Plane& plane() const { return plane_; }

 private:
  Buffer<Sample> memory_;
  Plane plane_;
};

// What is searched for, and where.
struct MotionSearch {
  unsigned reference;            // 0 is A, 1 is B
  Rect block;                    // of luma
  const Plane& source;           // luma of the frame as it is, before coding
  const BorderedLuma& bordered;  // luma of the reference, scaled if the frame predicts from it scaled
  MotionVector predicted;        // the vector is coded as a difference to this one
  std::span<const MotionVector>
      starts;  // where to begin, beside no motion and `predicted`; at most kMergeCandidates + 2
  const Lambda& lambda;
  SearchEffort effort;
};

struct FoundMotion {
  MotionVector v;
  Cost cost = kNoCost;  // of the magnitudes of the difference and of the bits of the vector
};

// The vector that predicts the block best; its cost is kNoCost if no place that was tried is near the picture.
FoundMotion search_motion(const FrameState& f, const MotionSearch& search);

// About how many bits a vector takes as a difference to `predicted`, in 1/512.
uint32_t vector_bits(MotionVector v, MotionVector predicted);

}  // namespace stf::lossy
