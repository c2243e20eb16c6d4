// Prediction of a transform block from its neighbours above and to the left (docs/format.md, 14.5).
#pragma once

#include "lossy/frame.hpp"

namespace stf::lossy {

enum IntraMode : uint8_t { kDc = 0, kSmooth = 1, kPaeth = 2, kDirectional = 3 };

// The samples around a transform block, those that are not decoded yet filled in.
struct Edges {
  static constexpr int kReach = 32 + 64 + 2;
  // corner at top()[-1] and left()[-1]; both reach w + h samples.
  Sample* top() { return top_ + kReach; }
  Sample* left() { return left_ + kReach; }
  bool has_top = false, has_left = false;

  void gather(const FrameState& f, unsigned c, int x, int y, int w, int h);
  // Those of another block of w x h, and no more than is needed of them.
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

// mode: kDc, kSmooth, kPaeth, or kDirectional with a direction 0 .. 32, which uses the edges up.
void predict_intra(Edges& edges, int mode, int direction, int log_w, int log_h, Sample* out, ptrdiff_t stride);

}  // namespace stf::lossy
