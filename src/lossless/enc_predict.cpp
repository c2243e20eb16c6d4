// Which predictors a group has, which of them a block uses, and the residuals that follow.

#include <algorithm>
#include <numeric>

#include "dsp/linear.hpp"
#include "entropy/statistics.hpp"
#include "lossless/enc_linear.hpp"
#include "lossless/encoder.hpp"

namespace stf::lossless {
namespace {

constexpr int64_t kNever = INT64_MAX / 4;  // the cost of what was not looked at

template <typename Sample>
class GroupChoice {
 public:
  GroupChoice(Encoder<Sample>& e, unsigned level, unsigned c) : e_(e), level_(level), c_(c) {}

  bool run() {
    for (uint32_t t = 0; t < e_.shape.t; ++t)
      if (e_.structure.refs(t).level == level_) frames_.push_back(t);
    refs_ = e_.structure.refs(frames_[0]).count;
    taps_ = count_taps(refs_, e_.shape.has_previous(c_));
    const auto bits = static_cast<unsigned>(std::bit_width(static_cast<unsigned>(e_.range(c_) - 1)));
    down_ = bits > 11 ? bits - 11 : 0;
    list_fixed();
    if (e_.tools.linear > 0) learn();
    choose();
    return true;
  }

 private:
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

  // f(t, neighbourhood, by, bx, box, block) for every block of the group.
  template <typename F>
  void each_block(F&& f) {
    for (const uint32_t t : frames_) {
      const Neighbourhood<Sample> hood = e_.neighbourhood(t, c_);
      const AsCurrent<Sample> current(hood, e_.range(c_));
      Block* block = e_.frame_blocks(c_, t);
      for (unsigned by = 0; by < e_.shape.blocks_y(); ++by)
        for (unsigned bx = 0; bx < e_.shape.blocks_x(); ++bx, ++block)
          f(t, hood, block_box(e_.shape, c_, static_cast<int>(by), static_cast<int>(bx)), *block, bx == 0);
    }
  }

  Run<Sample> row_of(const Neighbourhood<Sample>& hood, const BlockBox& box, const Block& block, int y) const {
    return run_at(hood, e_.shape, c_, box, block, y, box.x0, box.x1 - box.x0, e_.range(c_));
  }

  // Differences of taps and samples to their base, as rows of dsp/linear.hpp. Deep samples lose their lowest bits:
  // here they only help to decide.
  struct Rows {
    alignas(64) int16_t at[kMaxTaps + 1][kLinearRow];
    size_t n;  // a multiple of 16: zeros follow the samples
    unsigned samples;
  };
  void gather(const Neighbourhood<Sample>& hood, const BlockBox& box, const Block& block, Rows& v) const {
    const Run<Sample> r = row_of(hood, box, block, box.y0);
    const int height = box.y1 - box.y0, width = r.n;
    LinearTap<Sample> taps[kMaxTaps + 1];
    unsigned count = list_taps(r, refs_, taps);
    taps[count++] = {r.current, taps[0].base, r.stride, taps[0].base_stride};
    v.samples = static_cast<unsigned>(height * width);
    v.n = (v.samples + 15) & ~size_t{15};
    for (unsigned k = 0; k < count; ++k) {
      const Sample *p = taps[k].tap, *q = taps[k].base;
      int16_t* out = v.at[k];
      if (width == kBlock || width == kBlock / 2) {
        by_depth<Sample>(kernels_.difference_8, kernels_.difference_16)(p, taps[k].tap_stride, q, taps[k].base_stride,
                                                                        width, height, down_, out);
      } else {
        for (int y = 0; y < height; ++y, p += taps[k].tap_stride, q += taps[k].base_stride, out += width)
          for (int i = 0; i < width; ++i) out[i] = static_cast<int16_t>((p[i] - q[i]) >> down_);
      }
      for (size_t i = v.samples; i < v.n; ++i) v.at[k][i] = 0;
    }
  }

  PredictBlock<Sample> block_of(const Neighbourhood<Sample>& hood, const BlockBox& box, const Block& block) const {
    const Run<Sample> r = row_of(hood, box, block, box.y0);
    return {r.current,
            r.a == nullptr ? r.current : r.a,
            r.b == nullptr ? r.current : r.b,
            r.stride,
            r.a == nullptr ? r.stride : r.a_stride,
            r.b == nullptr ? r.stride : r.b_stride,
            r.n,
            box.y1 - box.y0,
            r.range};
  }

  // The sums of the magnitudes of the fixed kinds' residuals.
  void fixed_errors(const PredictBlock<Sample>& block, uint32_t errors[kFixedKinds]) const {
    by_depth<Sample>(predict_.errors_8, predict_.errors_16)(block, refs_, 1, errors);
  }

  void learn() {
    const size_t total = frames_.size() * e_.blocks_per_frame();
    const size_t wanted = std::min<size_t>(total, e_.tools.training);
    std::vector<TrainingBlock> blocks;
    blocks.reserve(wanted);
    size_t index = 0;
    Rows v;
    each_block([&](uint32_t, const Neighbourhood<Sample>& hood, const BlockBox& box, const Block& block, bool) {
      const size_t i = index++;
      if (i * wanted / total == (i + 1) * wanted / total) return;
      gather(hood, box, block, v);
      blocks.emplace_back();
      blocks.back().samples = static_cast<uint16_t>(v.samples);
      kernels_.products(v.at[0], taps_ + 1, v.n, blocks.back().products.sum);
    });
    linear_ = train(blocks, taps_, std::min<unsigned>(e_.tools.linear, kMaxPredictors - candidates_.size()),
                    e_.tools.rounds);
  }

  LinearBlock<Sample> linear_of(const PredictBlock<Sample>& block, const Neighbourhood<Sample>& hood,
                                const BlockBox& box, const Block& how, int y) const {
    const Run<Sample> r = row_of(hood, box, how, y);
    LinearBlock<Sample> out;
    out.count = list_taps(r, refs_, out.taps);
    out.x = r.current;
    out.stride = r.stride;
    out.base = out.taps[0].base;
    out.base_stride = out.taps[0].base_stride;
    out.width = block.width;
    out.height = block.height;
    out.range = block.range;
    return out;
  }
  void linear_errors(const LinearBlock<Sample>& block, const int16_t (*coefficients)[kMaxTaps],
                     uint32_t* errors) const {
    const auto n = static_cast<unsigned>(linear_.size());
    by_depth<Sample>(kernels_.errors_8, kernels_.errors_16)(block, e_.tools.row_step, coefficients, n, errors);
  }

  void choose() {
    const size_t fixed = candidates_.size();
    candidates_.insert(candidates_.end(), linear_.begin(), linear_.end());
    const size_t n = candidates_.size();
    int16_t coefficients[kMaxPredictors][kMaxTaps];
    for (size_t k = 0; k < linear_.size(); ++k) std::copy_n(linear_[k].coefficient, kMaxTaps, coefficients[k]);
    std::vector<int64_t> cost;  // [block][candidate]
    cost.reserve(frames_.size() * e_.blocks_per_frame() * n);
    each_block([&](uint32_t, const Neighbourhood<Sample>& hood, const BlockBox& box, const Block& block, bool) {
      const size_t at = cost.size();
      cost.resize(at + n, kNever);
      const PredictBlock<Sample> samples = block_of(hood, box, block);
      const auto count = static_cast<unsigned>(samples.width * samples.height);
      uint32_t errors[std::max(kFixedKinds, kMaxPredictors)];
      fixed_errors(samples, errors);
      for (size_t k = 0; k < fixed; ++k) {
        const uint32_t sum = errors[static_cast<unsigned>(candidates_[k].kind)];
        cost[at + k] = residual_cost(sum, count);
        if (sum == 0) return;
      }
      if (linear_.empty()) return;
      linear_errors(linear_of(samples, hood, box, block, box.y0), coefficients, errors);
      const auto rows = static_cast<uint32_t>((samples.height + e_.tools.row_step - 1) / e_.tools.row_step);
      for (size_t k = 0; k < linear_.size(); ++k)
        cost[at + fixed + k] = residual_cost(uint64_t{errors[k]} * static_cast<uint32_t>(samples.height) / rows, count);
    });
    const std::vector<size_t> kept = worth_keeping(cost, n);

    Group& group = e_.header.group(level_, c_, e_.shape.components);
    group.predictors.clear();
    for (const size_t k : kept) group.predictors.push_back(candidates_[k]);
    size_t i = 0;
    uint8_t west = 0;
    each_block([&](uint32_t t, const Neighbourhood<Sample>& hood, const BlockBox& box, Block& block, bool first) {
      if (first) west = 0;
      int64_t least = INT64_MAX;
      for (size_t k = 0; k < kept.size(); ++k) {
        const int64_t c = cost[i * n + kept[k]] + (k == west ? 0 : 3 * 256);
        if (c < least) {
          least = c;
          block.predictor = static_cast<uint8_t>(k);
        }
      }
      ++i;
      west = block.predictor;
      write_residual(t, hood, box, block);
    });
  }

  // The candidates that are worth their bits: the least useful go first, and the blocks that had them choose again.
  std::vector<size_t> worth_keeping(const std::vector<int64_t>& cost, size_t n) const {
    struct Choice {
      size_t best, second;
    };
    std::vector<size_t> kept(n);
    std::iota(kept.begin(), kept.end(), size_t{0});
    std::vector<Choice> choices(cost.size() / n);
    std::vector<int64_t> worth(n, 0);
    const auto count = [&](size_t i, int64_t sign) {
      const int64_t* const c = &cost[i * n];
      const Choice& choice = choices[i];
      worth[choice.best] += sign * std::min<int64_t>(c[choice.second] - c[choice.best], int64_t{1} << 40);
    };
    const auto choose_again = [&](size_t i) {
      const int64_t* const c = &cost[i * n];
      size_t best = kept[0], second = n;
      for (size_t k = 1; k < kept.size(); ++k) {
        if (c[kept[k]] < c[best]) {
          second = best;
          best = kept[k];
        } else if (second == n || c[kept[k]] < c[second]) {
          second = kept[k];
        }
      }
      choices[i] = {best, second};
    };
    if (n > 1) {
      for (size_t i = 0; i < choices.size(); ++i) choose_again(i), count(i, 1);
    }
    const auto gain = [&](size_t k) {
      return worth[k] - (candidates_[k].kind == Kind::kLinear ? (taps_ * 7 + 8) * 256 : 16 * 256);
    };
    while (kept.size() > 1) {
      const auto least = std::min_element(kept.begin(), kept.end(),
                                          [&](size_t i, size_t j) { return gain(i) < gain(j); });
      const size_t gone = *least;
      if (gain(gone) >= 0 && kept.size() <= kMaxPredictors) break;
      kept.erase(least);
      if (kept.size() == 1) break;
      for (size_t i = 0; i < choices.size(); ++i) {
        if (choices[i].best != gone && choices[i].second != gone) continue;
        count(i, -1);
        choose_again(i);
        count(i, 1);
      }
    }
    return kept;
  }

  void write_residual(uint32_t t, const Neighbourhood<Sample>& hood, const BlockBox& box, Block& block) {
    const auto stride = static_cast<ptrdiff_t>(e_.shape.x[c_]);
    Sample* z = e_.residual[c_].data() + t * e_.plane_size(c_) + box.y0 * stride + box.x0;
    const Predictor& predictor = e_.header.group(level_, c_, e_.shape.components).predictors[block.predictor];
    PredictBlock<Sample> rest = block_of(hood, box, block);
    bool any = false;
    if (refs_ == 0 && box.y0 == 0) {  // row 0
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
      const LinearBlock<Sample> linear = linear_of(rest, hood, box, block, box.y1 - rest.height);
      any |= by_depth<Sample>(kernels_.fold_8, kernels_.fold_16)(linear, predictor.coefficient, z, stride);
    }
    block.exact = !any;
  }

  bool fold_block(Kind kind, const PredictBlock<Sample>& block, Sample* z, ptrdiff_t stride) const {
    return by_depth<Sample>(predict_.fold_8, predict_.fold_16)(kind, block, z, stride);
  }

  Encoder<Sample>& e_;
  const LinearKernels& kernels_ = linear_kernels();
  const PredictKernels& predict_ = predict_kernels();
  unsigned level_, c_, refs_ = 0, taps_ = 0;
  unsigned down_ = 0;
  std::vector<uint32_t> frames_;
  std::vector<Predictor> candidates_, linear_;
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
