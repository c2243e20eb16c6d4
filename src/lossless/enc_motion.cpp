// Motion: first an exhaustive search for regions of 64 x 64 samples in frames reduced by 4; then every block walks from
// the best of several starts: its neighbours' vectors, its region's, and none.

#include "dsp/motion.hpp"
#include "lossless/encoder.hpp"

namespace stf::lossless {
namespace {

// |a - b|.
inline int sample_step(int a, int b) { return a < b ? b - a : a - b; }

// The sum of absolute differences of two blocks. Narrow ones, at the border, are compared sample by sample.
template <typename Sample>
uint32_t sad(const MotionKernels& k, const Sample* p, ptrdiff_t p_stride, const Sample* q, ptrdiff_t q_stride,
             int height, int width) {
  if (width == kBlock) return by_depth<Sample>(k.sad_8, k.sad_16)(p, p_stride, q, q_stride, height);
  uint32_t sum = 0;
  for (int y = 0; y < height; ++y, p += p_stride, q += q_stride)
    for (int x = 0; x < width; ++x) sum += static_cast<uint32_t>(sample_step(p[x], q[x]));
  return sum;
}

// How badly two blocks match, where a change of light counts for half only (dsp/motion.hpp).
template <typename Sample>
uint32_t match(const MotionKernels& k, const Sample* p, ptrdiff_t p_stride, const Sample* q, ptrdiff_t q_stride,
               int height, int width) {
  if (width == kBlock) return by_depth<Sample>(k.match_8, k.match_16)(p, p_stride, q, q_stride, height);
  return 2 * sad(k, p, p_stride, q, q_stride, height, width);
}

// A plane reduced by 4 in both directions.
template <typename Sample>
struct Reduced {
  int y = 0, x = 0;
  Buffer<Sample> samples;
  const Sample* at(int row, int column) const { return samples.data() + static_cast<size_t>(row) * x + column; }
  // False when there is no memory.
  bool build(const stf_env& env, const BorderedPlane<Sample>& f) {
    y = (f.y + 3) / 4;
    x = (f.x + 3) / 4;
    if (!samples.allocate(env, static_cast<size_t>(y) * x)) return false;
    for (int i = 0; i < y; ++i) {
      for (int k = 0; k < x; ++k) {
        uint32_t sum = 8;
        for (int r = 0; r < 4; ++r)  // the border is padded
          for (int s = 0; s < 4; ++s) sum += f.row(4 * i + r)[4 * k + s];
        samples[static_cast<size_t>(i) * x + k] = static_cast<Sample>(sum >> 4);
      }
    }
    return true;
  }
};

constexpr int kRegion = 64 / 4;  // side of a region in reduced planes

// Where a region at x is moved to so that all of it lies in the plane, if that is wide enough: whole ones are compared
// faster.
inline int whole(int x, int width) { return std::max(0, std::min(x, width - kRegion)); }

// The best displacement of the region at (y0, x0), of up to `reach` reduced samples, in samples of the full plane.
template <typename Sample>
Displacement search_region(const MotionKernels& kernels, const Reduced<Sample>& current,
                           const Reduced<Sample>& reference, int y0, int x0, int reach) {
  const int height = std::min(kRegion, current.y - y0), width = std::min(kRegion, current.x - x0);
  Displacement best;
  uint64_t least = UINT64_MAX;
  for (int dy = std::max(-reach, -y0); dy <= std::min(reach, reference.y - y0 - height); ++dy) {
    for (int dx = std::max(-reach, -x0); dx <= std::min(reach, reference.x - x0 - width); ++dx) {
      const uint64_t cost = sad(kernels, current.at(y0, x0), current.x, reference.at(y0 + dy, x0 + dx), reference.x,
                                height, width) +
                            static_cast<uint64_t>(dy * dy + dx * dx != 0);
      if (cost < least) {
        least = cost;
        best = {static_cast<int16_t>(4 * dy), static_cast<int16_t>(4 * dx)};
      }
    }
  }
  return best;
}

// The search for the vectors of one frame to one of its references.
template <typename Sample>
class FrameSearch {
 public:
  // which: 0 for reference A, 1 for B.
  FrameSearch(Encoder<Sample>& e, uint32_t t, unsigned which)
      : e_(e), view_(e.view(t, 0)), current_(view_.current), reference_(which == 0 ? view_.a : view_.b), which_(which),
        blocks_(e.frame_blocks(0, t)) {}

  // Set the vectors of all blocks. `regions` is scratch memory for a vector of each region.
  void run(const Reduced<Sample>& current, const Reduced<Sample>& reference, Buffer<Displacement>& regions) {
    const auto by_end = static_cast<int>(e_.shape.blocks_y()), bx_end = static_cast<int>(e_.shape.blocks_x());
    const int region_columns = (current.x + kRegion - 1) / kRegion;
    Displacement* region = regions.data();
    for (int y = 0; y < current.y; y += kRegion)
      for (int x = 0; x < current.x; x += kRegion)
        *region++ = search_region(kernels_, current, reference, y, whole(x, current.x), e_.tools.coarse_reach);
    for (int by = 0; by < by_end; ++by) {
      for (int bx = 0; bx < bx_end; ++bx) {
        const auto vector = [&](int y, int x) -> Displacement {
          return y < 0 || x < 0 || x >= bx_end ? Displacement{} : blocks_[y * bx_end + x].motion[which_];
        };
        const Displacement w = vector(by, bx - 1), n = by ? vector(by - 1, bx) : w, c = by ? vector(by - 1, bx + 1) : w;
        predicted_ = {static_cast<int16_t>(median_of(w.y, n.y, c.y)), static_cast<int16_t>(median_of(w.x, n.x, c.x))};
        box_ = block_box(e_.shape, 0, by, bx);
        least_ = UINT32_MAX;
        try_vector(predicted_);
        if (least_ != 0) try_vector({});
        if (least_ != 0) {
          try_vector(w);
          try_vector(n);
          try_vector(c);
          try_vector(regions[static_cast<size_t>(by / 4) * region_columns + bx / 4]);
          descend();
        }
        if (!(best_ == Displacement{})) prefer_none();
        blocks_[by * bx_end + bx].motion[which_] = best_;
      }
    }
  }

 private:
  // Keep a vector if it is the best so far.
  void try_vector(Displacement v) {
    if (least_ != UINT32_MAX && v == best_) return;
    const Sample* const q = displaced(view_, reference_, box_, v) + box_.y0 * reference_.stride + box_.x0;
    const int height = box_.height(), width = box_.width();
    uint32_t cost = match(kernels_, current_.row(box_.y0) + box_.x0, current_.stride, q, reference_.stride, height,
                          width);
    // A vector must save well more than its own bits: among many places that differ by mere noise one is always the
    // best, and what stands still is predicted best without motion.
    const auto steps = static_cast<uint32_t>(sample_step(v.y, predicted_.y) + sample_step(v.x, predicted_.x));
    uint32_t bits = v == Displacement{} ? 0 : 12;
    if (steps != 0) bits += 20 + 4 * static_cast<uint32_t>(std::bit_width(steps));
    cost += bits * (4 + cost / static_cast<uint32_t>(height * width));
    if (cost < least_) {
      least_ = cost;
      best_ = v;
    }
  }
  // The error of the better of two predictors with a vector.
  uint32_t error_of(Displacement v) const {
    const Sample* const q = displaced(view_, reference_, box_, v) + box_.y0 * reference_.stride + box_.x0;
    const PredictBlock<Sample> block{current_.row(box_.y0) + box_.x0,
                                     q,
                                     q,
                                     current_.stride,
                                     reference_.stride,
                                     reference_.stride,
                                     box_.x1 - box_.x0,
                                     box_.y1 - box_.y0,
                                     e_.range(0)};
    uint32_t errors[kFixedKinds];
    by_depth<Sample>(predict_.errors_8, predict_.errors_16)(block, 1, 1, errors);
    return std::min(errors[static_cast<unsigned>(Kind::kA)], errors[static_cast<unsigned>(Kind::kAMed)]);
  }
  // Go back to no motion if that predicts nearly as well.
  void prefer_none() {
    if (error_of({}) * 17 <= error_of(best_) * 16) best_ = {};
  }
  // Walk from the best vector so far to better ones next to it.
  void descend() {
    for (unsigned step = 0; step < e_.tools.search_steps; ++step) {
      const Displacement center = best_;
      static constexpr int8_t kAround[8][2] = {{-1, 0}, {1, 0}, {0, -1}, {0, 1}, {-1, -1}, {-1, 1}, {1, -1}, {1, 1}};
      for (int k = 0; k < 8; ++k) {
        if (k == 4 && !(best_ == center)) break;
        const int y = center.y + kAround[k][0], x = center.x + kAround[k][1];
        if (std::min(y, x) >= -kMaxDisplacement && std::max(y, x) <= kMaxDisplacement)
          try_vector({static_cast<int16_t>(y), static_cast<int16_t>(x)});
      }
      if (best_ == center) return;
    }
  }

  Encoder<Sample>& e_;
  const FrameView<Sample> view_;
  const MotionKernels& kernels_ = motion_kernels();
  const PredictKernels& predict_ = predict_kernels();
  const BorderedPlane<Sample>&current_, &reference_;
  unsigned which_;
  BlockChoice* blocks_;
  // Of the block at hand.
  BlockBox box_{};
  Displacement predicted_, best_;
  uint32_t least_ = 0;
};

}  // namespace

template <typename Sample>
bool choose_motion(Encoder<Sample>& e) {
  if (e.tools.search_steps == 0) return true;
  std::vector<Reduced<Sample>> reduced(e.shape.t);
  for (uint32_t t = 0; t < e.shape.t; ++t)
    if (!reduced[t].build(e.env, e.frames.frame(t, 0))) return false;
  const auto along = [](int size) { return static_cast<size_t>((size + kRegion - 1) / kRegion); };
  Buffer<Displacement> regions;
  if (!regions.allocate(e.env, along(reduced[0].y) * along(reduced[0].x))) return false;
  for (uint32_t t = 0; t < e.shape.t; ++t) {
    const FrameRefs& refs = e.structure.refs(t);
    if (refs.count > 0) FrameSearch<Sample>(e, t, 0).run(reduced[t], reduced[refs.a], regions);
    if (refs.count > 1) FrameSearch<Sample>(e, t, 1).run(reduced[t], reduced[refs.b], regions);
  }
  for (unsigned c = 1; c < e.shape.components; ++c)
    for (size_t i = 0; i < e.blocks[0].size(); ++i) std::copy_n(e.blocks[0][i].motion, 2, e.blocks[c][i].motion);
  return true;
}

template bool choose_motion(Encoder<uint8_t>&);
template bool choose_motion(Encoder<uint16_t>&);

}  // namespace stf::lossless
