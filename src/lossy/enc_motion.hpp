// The search for motion.
#pragma once

#include "lossy/enc_rate.hpp"
#include "lossy/motion.hpp"

namespace stf::lossy {

struct SearchEffort {
  int steps;        // of the descent over whole samples
  bool all_around;  // eight neighbours instead of four at fractions of a sample
};

struct Found {
  Vector v;
  Cost cost = kNoCost;  // of magnitudes, bits of the vector included
};

// The luma of a reference with a border of copies, so that whole samples are compared without a look at the edges.
class Bordered {
 public:
  static constexpr int kBorder = 80;
  bool allocate(const stf_env& env, const Geometry& g);
  void fill(const Plane& plane);
  const Plane& plane() const { return plane_; }

 private:
  Buffer<Sample> memory_;
  Plane plane_;
};

// The vector to `reference` that predicts luma at (x, y) best, beginning at `starts`.
Found search_motion(const FrameState& f, const Plane& source, const Bordered& bordered, unsigned reference, int x,
                    int y, int w, int h, Vector predicted, const Vector* starts, int n_starts, const Lambda& lambda,
                    const SearchEffort& effort);

// About the bits of a vector as a difference, in 1/512.
uint32_t vector_bits(Vector v, Vector predicted);

}  // namespace stf::lossy
