// The choice of predictors: which a group has, which of them each block uses, and the residuals that they leave.

#include <algorithm>
#include <numeric>

#include "dsp/linear.hpp"
#include "entropy/statistics.hpp"
#include "lossless/enc_linear.hpp"
#include "lossless/encoder.hpp"

namespace stf::lossless {
namespace {

constexpr int64_t kUntried = INT64_MAX / 4;  // the cost of a predictor that was not tried on a block
constexpr int64_t kOtherPredictor =
    3 * 256;  // about what a predictor other than the western block's costs to say, in 1/256

// Chooses for one group.
template <typename Sample>
class GroupChoice {
 public:
  GroupChoice(Encoder<Sample>& e, unsigned level, unsigned c) : e_(e), level_(level), c_(c) {}

  // False when there is no memory.
  bool run() {
    for (uint32_t t = 0; t < e_.shape.t; ++t)
      if (e_.structure.refs(t).level == level_) frames_.push_back(t);
    refs_ = e_.structure.refs(frames_[0]).count;
    taps_ = count_taps(refs_, e_.shape.has_previous(c_));
    const auto bits = static_cast<unsigned>(std::bit_width(static_cast<unsigned>(e_.range(c_) - 1)));
    down_ = bits > 11 ? bits - 11 : 0;
    list_fixed();
    const size_t fixed = candidates_.size();
    if (e_.tools.linear > 0) {
      std::vector<Predictor> linear;
      if (!learn(linear)) return false;
      candidates_.insert(candidates_.end(), linear.begin(), linear.end());
    }
    if (!measure(fixed) || !keep_worthy()) return false;
    write_residuals();
    return true;
  }

 private:
  // Begin the list of candidates with the fixed kinds that frames with these references may have.
  void list_fixed() {
    const auto add = [&](Kind k) { candidates_.push_back({k, {}}); };
    add(Kind::kMed);
    if (refs_ == 0) {
      add(Kind::kWest);
      add(Kind::kNorth);
    }
    if (refs_ > 0) add(Kind::kA);
    if (refs_ > 1) {
      add(Kind::kB);
      add(Kind::kMean);
    }
    if (refs_ > 0) add(Kind::kAMed);
    if (refs_ > 1) {
      add(Kind::kMeanMed);
      add(Kind::kBMed);
    }
  }

  // A block of the group: its frame, what that frame sees, its samples.
  struct Place {
    uint32_t t;
    const FrameView<Sample>& view;
    BlockBox box;
    bool first_in_row;
  };
  // Call f(place, block) for every block of the group.
  template <typename F>
  void each_block(F&& f) {
    for (const uint32_t t : frames_) {
      const FrameView<Sample> view = e_.view(t, c_);
      const AsCurrent<Sample> current(view);
      BlockChoice* block = e_.frame_blocks(c_, t);
      for (unsigned by = 0; by < e_.shape.blocks_y(); ++by)
        for (unsigned bx = 0; bx < e_.shape.blocks_x(); ++bx, ++block)
          f(Place{t, view, block_box(e_.shape, c_, static_cast<int>(by), static_cast<int>(bx)), bx == 0}, *block);
    }
  }

  // The rows of a block's taps and of its samples, each less its base (dsp/linear.hpp). Samples of over 11 bits lose
  // their lowest bits: the rows only help to decide.
  struct TapRows {
    alignas(64) int16_t at[kMaxTaps + 1][kLinearRow];
    size_t n;  // numbers in a row, a multiple of 16: zeros follow the samples
    unsigned samples;
  };
  void gather(const Place& place, const BlockChoice& block, TapRows& v) const {
    const Run<Sample> r = run_at(place.view, place.box, block, place.box.y0);
    const int height = place.box.height(), width = r.n;
    LinearTap<Sample> taps[kMaxTaps + 1];
    unsigned count = list_taps(r, refs_, taps);
    taps[count++] = {r.current, taps[0].base, r.stride, taps[0].base_stride};
    v.samples = static_cast<unsigned>(height * width);
    v.n = (v.samples + 15) & ~size_t{15};
    for (unsigned k = 0; k < count; ++k) {
      const Sample *p = taps[k].tap, *q = taps[k].base;
      int16_t* out = v.at[k];
      if (width == kBlock || width == kBlock / 2) {
        by_depth<Sample>(kernels_.difference_8, kernels_.difference_16)(taps[k], width, height, down_, out);
      } else {
        for (int y = 0; y < height; ++y, p += taps[k].tap_stride, q += taps[k].base_stride, out += width)
          for (int i = 0; i < width; ++i) out[i] = static_cast<int16_t>((p[i] - q[i]) >> down_);
      }
      for (size_t i = v.samples; i < v.n; ++i) v.at[k][i] = 0;
    }
  }

  // A block as the fixed kinds' kernels take it.
  PredictBlock<Sample> block_of(const Place& place, const BlockChoice& block) const {
    const Run<Sample> r = run_at(place.view, place.box, block, place.box.y0);
    return {r.current,
            r.a == nullptr ? r.current : r.a,
            r.b == nullptr ? r.current : r.b,
            r.stride,
            r.a == nullptr ? r.stride : r.a_stride,
            r.b == nullptr ? r.stride : r.b_stride,
            r.n,
            place.box.height(),
            r.range};
  }
  // The same from row y on, as the linear predictors' kernels take it.
  LinearBlock<Sample> linear_of(const Place& place, const BlockChoice& block, int y) const {
    const Run<Sample> r = run_at(place.view, place.box, block, y);
    LinearBlock<Sample> out;
    out.count = list_taps(r, refs_, out.taps);
    out.x = r.current;
    out.stride = r.stride;
    out.base = out.taps[0].base;
    out.base_stride = out.taps[0].base_stride;
    out.width = r.n;
    out.height = place.box.y1 - y;
    out.range = r.range;
    return out;
  }

  // Learn linear predictors from blocks all over the group.
  bool learn(std::vector<Predictor>& linear) {
    const size_t total = frames_.size() * e_.blocks_per_frame();
    const size_t wanted = std::min<size_t>(total, e_.tools.training);
    Buffer<TrainingBlock> blocks;
    if (!blocks.allocate(e_.env, wanted)) return false;
    size_t index = 0, n = 0;
    TapRows v;
    each_block([&](const Place& place, const BlockChoice& block) {
      const size_t i = index++;
      if (i * wanted / total == (i + 1) * wanted / total) return;
      gather(place, block, v);
      TrainingBlock& taken = blocks[n++];
      taken.samples = static_cast<uint16_t>(v.samples);
      kernels_.products(v.at[0], taps_ + 1, v.n, taken.products.sum);
    });
    const auto room = static_cast<unsigned>(kMaxPredictors - candidates_.size());
    return train(e_.env,
                 {.blocks = {blocks.data(), n},
                  .taps = taps_,
                  .most = std::min<unsigned>(e_.tools.linear, room),
                  .rounds = e_.tools.rounds},
                 linear);
  }

  // Measure what every candidate costs on every block. The first `fixed` of them are fixed kinds.
  bool measure(size_t fixed) {
    const size_t n = candidates_.size(), n_linear = n - fixed;
    int16_t coefficients[kMaxPredictors][kMaxTaps];
    for (size_t k = 0; k < n_linear; ++k) std::copy_n(candidates_[fixed + k].coefficient, kMaxTaps, coefficients[k]);
    if (!cost_.allocate(e_.env, frames_.size() * e_.blocks_per_frame() * n)) return false;
    std::fill(cost_.begin(), cost_.end(), kUntried);
    int64_t* next = cost_.data();
    each_block([&](const Place& place, const BlockChoice& block) {
      int64_t* const cost = next;
      next += n;
      const PredictBlock<Sample> samples = block_of(place, block);
      const auto count = static_cast<unsigned>(samples.width * samples.height);
      uint32_t errors[std::max(kFixedKinds, kMaxPredictors)];
      by_depth<Sample>(predict_.errors_8, predict_.errors_16)(samples, refs_, 1, errors);
      for (size_t k = 0; k < fixed; ++k) {
        const uint32_t sum = errors[static_cast<unsigned>(candidates_[k].kind)];
        cost[k] = residual_cost(sum, count);
        if (sum == 0) return;
      }
      if (n_linear == 0) return;
      const unsigned step = e_.tools.row_step;
      by_depth<Sample>(kernels_.errors_8, kernels_.errors_16)(linear_of(place, block, place.box.y0),
                                                              static_cast<int>(step), coefficients,
                                                              static_cast<unsigned>(n_linear), errors);
      const auto height = static_cast<uint32_t>(samples.height);
      const uint32_t rows = (height + step - 1) / step;
      for (size_t k = 0; k < n_linear; ++k) cost[fixed + k] = residual_cost(uint64_t{errors[k]} * height / rows, count);
    });
    return true;
  }

  // Keep the candidates that are worth their price, as indices in kept_. The least useful goes first, and the blocks
  // that had it choose again.
  bool keep_worthy() {
    struct Choice {
      size_t best, second;  // candidates
    };
    const size_t n = candidates_.size();
    kept_.resize(n);
    std::iota(kept_.begin(), kept_.end(), size_t{0});
    Buffer<Choice> choices;
    if (!choices.allocate(e_.env, cost_.size() / n)) return false;
    std::vector<int64_t> worth(n, 0);  // what a candidate saves against the second best
    const auto count = [&](size_t i, int64_t sign) {
      const int64_t* const c = &cost_[i * n];
      const Choice& choice = choices[i];
      worth[choice.best] += sign * std::min<int64_t>(c[choice.second] - c[choice.best], int64_t{1} << 40);
    };
    const auto choose_again = [&](size_t i) {
      const int64_t* const c = &cost_[i * n];
      size_t best = kept_[0], second = n;
      for (size_t k = 1; k < kept_.size(); ++k) {
        if (c[kept_[k]] < c[best]) {
          second = best;
          best = kept_[k];
        } else if (second == n || c[kept_[k]] < c[second]) {
          second = kept_[k];
        }
      }
      choices[i] = {best, second};
    };
    if (n > 1) {
      for (size_t i = 0; i < choices.size(); ++i) choose_again(i), count(i, 1);
    }
    const auto gain = [&](size_t k) { return worth[k] - predictor_price(candidates_[k].kind, taps_); };
    while (kept_.size() > 1) {
      const auto least = std::min_element(kept_.begin(), kept_.end(),
                                          [&](size_t i, size_t j) { return gain(i) < gain(j); });
      const size_t gone = *least;
      if (gain(gone) >= 0 && kept_.size() <= kMaxPredictors) break;
      kept_.erase(least);
      if (kept_.size() == 1) break;
      for (size_t i = 0; i < choices.size(); ++i) {
        if (choices[i].best != gone && choices[i].second != gone) continue;
        count(i, -1);
        choose_again(i);
        count(i, 1);
      }
    }
    return true;
  }

  // Set the predictors of the group and that of every block, and compute the residuals.
  void write_residuals() {
    Group& group = e_.group(level_, c_);
    group.predictors.clear();
    for (const size_t k : kept_) group.predictors.push_back(candidates_[k]);
    const int64_t* cost = cost_.data();
    uint8_t west = 0;
    each_block([&](const Place& place, BlockChoice& block) {
      if (place.first_in_row) west = 0;
      int64_t least = INT64_MAX;
      for (size_t k = 0; k < kept_.size(); ++k) {
        const int64_t c = cost[kept_[k]] + (k == west ? 0 : kOtherPredictor);
        if (c < least) {
          least = c;
          block.predictor = static_cast<uint8_t>(k);
        }
      }
      cost += candidates_.size();
      west = block.predictor;
      block.exact = !write_residual(place, group.predictors[block.predictor], block);
    });
  }

  // Compute the residual of a block. Returns whether there is any.
  bool write_residual(const Place& place, const Predictor& predictor, const BlockChoice& block) {
    const BlockBox& box = place.box;
    const auto stride = static_cast<ptrdiff_t>(e_.shape.x[c_]);
    Sample* z = e_.residual[c_].data() + place.t * e_.plane_size(c_) + box.y0 * stride + box.x0;
    PredictBlock<Sample> rest = block_of(place, block);
    bool any = false;
    if (refs_ == 0 && box.y0 == 0) {  // row 0 of the frame is predicted from the west
      PredictBlock<Sample> top = rest;
      top.height = 1;
      any |= fold_block(Kind::kWest, top, z, stride);
      rest.x += rest.stride;
      --rest.height;
      z += stride;
    }
    if (predictor.kind != Kind::kLinear) {
      if (rest.height > 0) any |= fold_block(predictor.kind, rest, z, stride);
    } else {
      const LinearBlock<Sample> linear = linear_of(place, block, box.y1 - rest.height);
      any |= by_depth<Sample>(kernels_.fold_8, kernels_.fold_16)(linear, predictor.coefficient, z, stride);
    }
    return any;
  }

  bool fold_block(Kind kind, const PredictBlock<Sample>& block, Sample* z, ptrdiff_t stride) const {
    return by_depth<Sample>(predict_.fold_8, predict_.fold_16)(kind, block, z, stride);
  }

  Encoder<Sample>& e_;
  const LinearKernels& kernels_ = linear_kernels();
  const PredictKernels& predict_ = predict_kernels();
  unsigned level_, c_;                 // of the group
  unsigned refs_ = 0, taps_ = 0;       // of its frames; of its linear predictors
  unsigned down_ = 0;                  // bits that TapRows lose
  std::vector<uint32_t> frames_;       // of the group
  std::vector<Predictor> candidates_;  // fixed kinds, then linear ones
  Buffer<int64_t> cost_;               // [block][candidate]
  std::vector<size_t> kept_;           // the candidates that the group has
};

}  // namespace

template <typename Sample>
bool choose_predictors(Encoder<Sample>& e) {
  for (unsigned c = 0; c < e.shape.components; ++c)
    if (!e.residual[c].allocate(e.env, e.shape.t * e.plane_size(c))) return false;
  for (unsigned level = 0; level < e.structure.levels(); ++level)
    for (unsigned c = 0; c < e.shape.components; ++c)
      if (!GroupChoice<Sample>(e, level, c).run()) return false;
  return true;
}

template bool choose_predictors(Encoder<uint8_t>&);
template bool choose_predictors(Encoder<uint16_t>&);

}  // namespace stf::lossless
