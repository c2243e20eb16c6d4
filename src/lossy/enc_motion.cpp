#include "lossy/enc_motion.hpp"

#include <cstdlib>

#include "dsp/cost.hpp"
#include "dsp/inter.hpp"

namespace stf::lossy {
namespace {

// About how many bits one component of a difference takes, in 1/512.
uint32_t part_bits(int difference) {
  return (2 * static_cast<uint32_t>(std::bit_width(static_cast<unsigned>(std::abs(difference)))) + 1) << 8;
}

// The search over whole samples, by sums of absolute differences. Places are kept to which the block still touches the
// picture or its border.
class WholeSearch {
 public:
  explicit WholeSearch(const MotionSearch& search)
      : plane_(search.bordered.plane()), source_(search.source.row(search.block.y) + search.block.x),
        source_stride_(search.source.stride), block_(search.block), predicted_(search.predicted),
        lambda_(search.lambda), kernels_(cost_kernels()) {}

  // Try a displacement by whole samples, and keep it if it is the best so far. Returns whether it is.
  bool consider(int dx, int dy) {
    constexpr int kBorder = BorderedLuma::kBorder;
    const int x = block_.x + dx, y = block_.y + dy, w = block_.w, h = block_.h;
    if (x < -kBorder || y < -kBorder || x + w > plane_.w + kBorder || y + h > plane_.h + kBorder ||
        std::abs(dx) > kMaxVector / 4 || std::abs(dy) > kMaxVector / 4)
      return false;
    const MotionVector v{static_cast<int16_t>(4 * dx), static_cast<int16_t>(4 * dy)};
    const uint32_t sad = kernels_.sad(source_, source_stride_, plane_.row(y) + x, plane_.stride, w, h);
    const Cost cost = lambda_.of_magnitude(sad, vector_bits(v, predicted_));
    if (cost >= cost_) return false;
    cost_ = cost;
    dx_ = dx;
    dy_ = dy;
    return true;
  }
  // Walk from the best place to better ones around it: in hexagons, at most `steps` of them, then to next neighbours.
  void descend(int steps) {
    static constexpr int kFar[6][2] = {{-2, 0}, {-1, -2}, {1, -2}, {2, 0}, {1, 2}, {-1, 2}};
    static constexpr int kNear[4][2] = {{-1, 0}, {1, 0}, {0, -1}, {0, 1}};
    for (int step = 0; step < steps; ++step) {
      const int cx = dx_, cy = dy_;
      bool better = false;
      for (const auto& d : kFar) better |= consider(cx + d[0], cy + d[1]);
      if (!better) break;
    }
    for (int step = 0; step < 2; ++step) {
      const int cx = dx_, cy = dy_;
      bool better = false;
      for (const auto& d : kNear) better |= consider(cx + d[0], cy + d[1]);
      if (!better) break;
    }
  }
  bool found() const { return cost_ != kNoCost; }
  MotionVector best() const { return {static_cast<int16_t>(4 * dx_), static_cast<int16_t>(4 * dy_)}; }

 private:
  const Plane& plane_;
  const Sample* source_;
  ptrdiff_t source_stride_;
  Rect block_;
  MotionVector predicted_;
  const Lambda& lambda_;
  const CostKernels& kernels_;
  Cost cost_ = kNoCost;
  int dx_ = 0, dy_ = 0;
};

}  // namespace

uint32_t vector_bits(MotionVector v, MotionVector predicted) {
  return part_bits(v.x - predicted.x) + part_bits(v.y - predicted.y);
}

bool BorderedLuma::allocate(const stf_env& env, const Geometry& g) {
  const int stride = (g.w + 2 * kBorder + 15) & ~15;
  if (!memory_.allocate(env, static_cast<size_t>(stride) * static_cast<size_t>(g.h + 2 * kBorder) + 64)) return false;
  plane_ = {memory_.data() + kBorder * stride + kBorder, stride, g.w, g.h};
  return true;
}

void BorderedLuma::fill(const Plane& from) { copy_with_border(from, plane_, kBorder); }

FoundMotion search_motion(const FrameState& f, const MotionSearch& search) {
  const Rect& block = search.block;
  const MotionVector predicted = search.predicted;
  WholeSearch whole(search);
  // Begin from each start once: often several are the same whole sample.
  constexpr int kMostStarts = kMergeCandidates + 4;
  int begun[kMostStarts][2], n_begun = 0;
  const auto begin = [&](MotionVector v) {
    const int dx = (v.x + 2) >> 2, dy = (v.y + 2) >> 2;
    for (int i = 0; i < n_begun; ++i)
      if (begun[i][0] == dx && begun[i][1] == dy) return;
    begun[n_begun][0] = dx;
    begun[n_begun++][1] = dy;
    whole.consider(dx, dy);
  };
  begin({});
  begin(predicted);
  for (const MotionVector start : search.starts) begin(start);
  if (!whole.found()) return {};
  whole.descend(search.effort.steps);

  // Then halves and quarters of a sample, by Hadamard-transformed differences to the real prediction.
  FoundMotion best;
  const InterKernels& inter = inter_kernels();
  const CostKernels& costs = cost_kernels();
  alignas(32) int16_t between[kPredictionStride * kPredictionStride];
  alignas(32) Sample prediction[kSuperblock * kSuperblock];
  const int bits = f.geometry->bits;
  const Sample* source = search.source.row(block.y) + block.x;
  const auto consider = [&](MotionVector v) {
    if (std::abs(v.x) > kMaxVector || std::abs(v.y) > kMaxVector) return false;
    predict_from(f, search.reference, v, 0, block, between);
    inter.put(between, prediction, kSuperblock, block.w, block.h, bits);
    const uint32_t satd = costs.satd(source, search.source.stride, prediction, kSuperblock, block.w, block.h,
                                     bits - 10);
    const Cost cost = search.lambda.of_magnitude(satd, vector_bits(v, predicted));
    if (cost >= best.cost) return false;
    best = {v, cost};
    return true;
  };
  static constexpr int kAround[8][2] = {{-1, 0}, {1, 0}, {0, -1}, {0, 1}, {-1, -1}, {1, -1}, {-1, 1}, {1, 1}};
  consider(whole.best());
  if (predicted != best.v) consider(predicted);
  for (int step = 2; step >= 1; --step) {
    const MotionVector centre = best.v;
    for (int i = 0; i < (search.effort.all_around ? 8 : 4); ++i)
      consider({static_cast<int16_t>(centre.x + step * kAround[i][0]),
                static_cast<int16_t>(centre.y + step * kAround[i][1])});
  }
  return best;
}

}  // namespace stf::lossy
