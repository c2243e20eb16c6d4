#include "lossy/enc_motion.hpp"

#include <cstdlib>

#include "dsp/cost.hpp"
#include "dsp/inter.hpp"

namespace stf::lossy {
namespace {

uint32_t part_bits(int difference) {
  return (2 * static_cast<uint32_t>(std::bit_width(static_cast<unsigned>(std::abs(difference)))) + 1) << 8;
}

// Whole samples are compared where they lie; vectors stay where the block touches the picture and its surroundings.
class WholeSearch {
 public:
  WholeSearch(const Plane& source, const Plane& reference, int x, int y, int w, int h, Vector predicted,
              const Lambda& lambda)
      : plane_(reference), source_(source.row(y) + x), source_stride_(source.stride), x_(x), y_(y), w_(w), h_(h),
        predicted_(predicted), lambda_(lambda), kernels_(cost_kernels()) {}

  // (dx, dy) in whole samples; better ones are kept.
  bool consider(int dx, int dy) {
    constexpr int kBorder = Bordered::kBorder;
    if (x_ + dx < -kBorder || y_ + dy < -kBorder || x_ + dx + w_ > plane_.w + kBorder ||
        y_ + dy + h_ > plane_.h + kBorder || std::abs(dx) > kMaxVector / 4 || std::abs(dy) > kMaxVector / 4)
      return false;
    const Vector v{static_cast<int16_t>(4 * dx), static_cast<int16_t>(4 * dy)};
    const uint32_t sad = kernels_.sad(source_, source_stride_, plane_.row(y_ + dy) + x_ + dx, plane_.stride, w_, h_);
    const Cost cost = lambda_.of_magnitude(sad, vector_bits(v, predicted_));
    if (cost >= cost_) return false;
    cost_ = cost;
    dx_ = dx;
    dy_ = dy;
    return true;
  }
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
  Vector best() const { return {static_cast<int16_t>(4 * dx_), static_cast<int16_t>(4 * dy_)}; }

 private:
  const Plane& plane_;
  const Sample* source_;
  ptrdiff_t source_stride_;
  int x_, y_, w_, h_;
  Vector predicted_;
  const Lambda& lambda_;
  const CostKernels& kernels_;
  Cost cost_ = kNoCost;
  int dx_ = 0, dy_ = 0;
};

}  // namespace

uint32_t vector_bits(Vector v, Vector predicted) { return part_bits(v.x - predicted.x) + part_bits(v.y - predicted.y); }

bool Bordered::allocate(const stf_env& env, const Geometry& g) {
  const int stride = (g.w + 2 * kBorder + 15) & ~15;
  if (!memory_.allocate(env, static_cast<size_t>(stride) * static_cast<size_t>(g.h + 2 * kBorder) + 64)) return false;
  plane_ = {memory_.data() + kBorder * stride + kBorder, stride, g.w, g.h};
  return true;
}

void Bordered::fill(const Plane& from) { copy_with_border(from, plane_, kBorder); }

Found search_motion(const FrameState& f, const Plane& source, const Bordered& bordered, unsigned reference, int x,
                    int y, int w, int h, Vector predicted, const Vector* starts, int n_starts, const Lambda& lambda,
                    const SearchEffort& effort) {
  WholeSearch whole(source, bordered.plane(), x, y, w, h, predicted, lambda);
  // Starts often agree.
  constexpr int kMostStarts = kMergeCandidates + 4;
  int begun[kMostStarts][2], n_begun = 0;
  const auto begin = [&](Vector v) {
    const int dx = (v.x + 2) >> 2, dy = (v.y + 2) >> 2;
    for (int i = 0; i < n_begun; ++i)
      if (begun[i][0] == dx && begun[i][1] == dy) return;
    begun[n_begun][0] = dx;
    begun[n_begun++][1] = dy;
    whole.consider(dx, dy);
  };
  begin({});
  begin(predicted);
  for (int i = 0; i < n_starts; ++i) begin(starts[i]);
  if (!whole.found()) return {};
  whole.descend(effort.steps);

  Found best;
  const InterKernels& inter = inter_kernels();
  const CostKernels& costs = cost_kernels();
  alignas(32) int16_t between[kPredictionStride * kPredictionStride];
  alignas(32) Sample prediction[kSuperblock * kSuperblock];
  const int bits = f.geometry->bits;
  const auto consider = [&](Vector v) {
    if (std::abs(v.x) > kMaxVector || std::abs(v.y) > kMaxVector) return false;
    predict_one(f, reference, v, 0, x, y, w, h, between);
    inter.put(between, prediction, kSuperblock, w, h, bits);
    const uint32_t satd = costs.satd(source.row(y) + x, source.stride, prediction, kSuperblock, w, h, bits - 10);
    const Cost cost = lambda.of_magnitude(satd, vector_bits(v, predicted));
    if (cost >= best.cost) return false;
    best = {v, cost};
    return true;
  };
  static constexpr int kAround[8][2] = {{-1, 0}, {1, 0}, {0, -1}, {0, 1}, {-1, -1}, {1, -1}, {-1, 1}, {1, 1}};
  consider(whole.best());
  if (predicted != best.v) consider(predicted);
  for (int step = 2; step >= 1; --step) {
    const Vector centre = best.v;
    for (int i = 0; i < (effort.all_around ? 8 : 4); ++i)
      consider({static_cast<int16_t>(centre.x + step * kAround[i][0]),
                static_cast<int16_t>(centre.y + step * kAround[i][1])});
  }
  return best;
}

}  // namespace stf::lossy
