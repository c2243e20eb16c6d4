// Intra prediction: a transform block from the decoded samples above and to the left of it (docs/format.md, 14.5).
#pragma once

#include "lossy/frame.hpp"

namespace stf::lossy {

// Ways to predict; a CodingBlock's mode counts every direction as a mode of its own, from kDirectional on.
enum IntraMode : uint8_t { kDc = 0, kSmooth = 1, kPaeth = 2, kDirectional = 3 };

// How one transform block is predicted.
struct IntraPrediction {
  int mode = kDc;     // an IntraMode
  int direction = 0;  // with kDirectional: 0 .. 32 (tables.hpp)
};

// The samples along the edges of a transform block. Those that are not decoded yet repeat the nearest one that is.
struct Edges {
  static constexpr int kReach = 32 + 64 + 2;
  // The row above and the column to the left, w + h samples each; the corner is top()[-1] and left()[-1].
  Sample* top() { return top_ + kReach; }
  Sample* left() { return left_ + kReach; }
  bool has_top = false, has_left = false;  // some of it is decoded

  // Collect the edges of a rectangle of component c.
  void gather(const FrameState& f, unsigned c, const Rect& r);
  // Copy the edges of a block of w x h.
  void take(const Edges& from, int w, int h) {
    const auto n = static_cast<size_t>(w + h + 1);
    std::copy_n(from.top_ + kReach - 1, n, top_ + kReach - 1);
    std::copy_n(from.left_ + kReach - 1, n, left_ + kReach - 1);
    has_top = from.has_top;
    has_left = from.has_left;
  }

 private:
  Sample top_[2 * kReach + 64], left_[2 * kReach + 64];
};

// Predict a block of 2^log_w x 2^log_h samples from its edges. Directional prediction changes the edges: they cannot be
// used again.
void predict_intra(Edges& edges, const IntraPrediction& prediction, int log_w, int log_h, Sample* out,
                   ptrdiff_t stride);

}  // namespace stf::lossy
