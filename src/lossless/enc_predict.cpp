// Which predictors a group has, which of them a block uses, and the residuals that follow.

#include <algorithm>

#include "entropy/statistics.hpp"
#include "lossless/enc_linear.hpp"
#include "lossless/encoder.hpp"

namespace stf::lossless {
namespace {

// What residuals whose magnitudes sum to `sum` cost, in 1/256 bits, up to a constant.
int64_t residual_cost(uint64_t sum, int n) {
  if (sum == 0) return 0;
  const auto mean = static_cast<uint32_t>(std::min<uint64_t>(sum * 16 / static_cast<uint64_t>(n), UINT32_MAX - 8));
  return static_cast<int64_t>(log2_fixed(mean + 6) - log2_fixed(5)) * n >> (kLog2Shift - kCostShift);
}

template <typename Sample>
class GroupChoice {
 public:
  GroupChoice(Encoder<Sample>& e, unsigned level, unsigned c) : e_(e), level_(level), c_(c) {}

  bool run() {
    for (uint32_t t = 0; t < e_.shape.t; ++t)
      if (e_.structure.refs(t).level == level_) frames_.push_back(t);
    refs_ = e_.structure.refs(frames_[0]).count;
    taps_ = count_taps(refs_, e_.shape.has_previous(c_));
    down_ = std::max(0, static_cast<int>(std::bit_width(static_cast<unsigned>(e_.range(c_) - 1))) - 11);
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
    if (refs_ > 0) {
      add(Kind::kA);
      add(Kind::kAMed);
    }
    if (refs_ > 1) {
      add(Kind::kB);
      add(Kind::kMean);
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

  void gather(const Neighbourhood<Sample>& hood, const BlockBox& box, const Block& block, BlockVectors& v) const {
    int n = 0;
    for (int y = box.y0; y < box.y1; ++y) {
      const Run<Sample> r = row_of(hood, box, block, y);
      Tap<Sample> taps[kMaxTaps];
      list_taps(r, refs_, taps);
      for (unsigned k = 0; k < taps_; ++k)
        for (int i = 0; i < r.n; ++i) v.at[k][n + i] = static_cast<int16_t>((taps[k].tap[i] - taps[k].base[i]) >> down_);
      for (int i = 0; i < r.n; ++i)
        v.at[taps_][n + i] = static_cast<int16_t>((r.current[i] - taps[0].base[i]) >> down_);
      n += r.n;
    }
    v.samples = n;
    v.n = (n + 7) & ~7;
    for (unsigned k = 0; k <= taps_; ++k) std::fill(v.at[k] + n, v.at[k] + v.n, int16_t{0});
  }

  void learn() {
    const size_t total = frames_.size() * e_.blocks_per_frame();
    const size_t wanted = std::min<size_t>(total, e_.tools.training);
    std::vector<TrainingBlock> blocks;
    blocks.reserve(wanted);
    size_t index = 0;
    BlockVectors v;
    each_block([&](uint32_t, const Neighbourhood<Sample>& hood, const BlockBox& box, const Block& block, bool) {
      const size_t i = index++;
      if (i * wanted / total == (i + 1) * wanted / total) return;
      gather(hood, box, block, v);
      blocks.emplace_back();
      blocks.back().samples = static_cast<uint16_t>(v.samples);
      multiply(v, taps_, blocks.back().products);
    });
    linear_ = train(blocks, taps_, std::min<unsigned>(e_.tools.linear, kMaxPredictors - candidates_.size()),
                    e_.tools.rounds);
  }

  uint64_t magnitude_sum(const Predictor& p, const Neighbourhood<Sample>& hood, const BlockBox& box,
                         const Block& block) const {
    Sample z[kBlock];
    uint64_t sum = 0;
    for (int y = box.y0; y < box.y1; ++y) {
      const Run<Sample> r = row_of(hood, box, block, y);
      predict_run<false>(p, r, refs_, z);
      uint32_t row = 0;
      for (int i = 0; i < r.n; ++i) row += magnitude(z[i]);
      sum += row;
    }
    return sum;
  }

  void choose() {
    const size_t fixed = candidates_.size();
    candidates_.insert(candidates_.end(), linear_.begin(), linear_.end());
    std::vector<int64_t> cost;       // [block][candidate]
    std::vector<uint8_t> exact;
    const size_t n = candidates_.size();
    BlockVectors v;
    Products products;
    each_block([&](uint32_t, const Neighbourhood<Sample>& hood, const BlockBox& box, const Block& block, bool) {
      const size_t at = cost.size();
      cost.resize(at + n, INT64_MAX / 4);
      const int samples = (box.y1 - box.y0) * (box.x1 - box.x0);
      bool all_exact = false;
      for (size_t k = 0; k < fixed && !all_exact; ++k) {
        const uint64_t sum = magnitude_sum(candidates_[k], hood, box, block);
        cost[at + k] = residual_cost(sum, samples);
        all_exact = sum == 0;
      }
      if (!linear_.empty() && !all_exact) {
        gather(hood, box, block, v);
        multiply(v, taps_, products);
        uint64_t least = UINT64_MAX;
        size_t best = fixed;
        for (size_t k = fixed; k < n; ++k) {
          const uint64_t error = squared_error(products, candidates_[k].coefficient, taps_);
          if (error < least) {
            least = error;
            best = k;
          }
        }
        // The squares choose among the linear ones; against the fixed ones the residuals decide.
        const int64_t base = residual_cost(magnitude_sum(candidates_[best], hood, box, block), samples);
        const int64_t reference = error_cost(least, static_cast<unsigned>(samples));
        for (size_t k = fixed; k < n; ++k)
          cost[at + k] = base + error_cost(squared_error(products, candidates_[k].coefficient, taps_),
                                           static_cast<unsigned>(samples)) - reference;
        cost[at + best] = base;
      }
    });

    // Drop what is not worth its bits, the least useful first.
    const size_t blocks = cost.size() / n;
    std::vector<size_t> kept(n);
    for (size_t k = 0; k < n; ++k) kept[k] = k;
    while (kept.size() > 1) {
      std::vector<int64_t> worth(kept.size(), 0);
      for (size_t i = 0; i < blocks; ++i) {
        int64_t best = INT64_MAX, second = INT64_MAX;
        size_t which = 0;
        for (size_t k = 0; k < kept.size(); ++k) {
          const int64_t c = cost[i * n + kept[k]];
          if (c < best) {
            second = best;
            best = c;
            which = k;
          } else if (c < second) {
            second = c;
          }
        }
        worth[which] += std::min<int64_t>(second - best, int64_t{1} << 40);
      }
      for (size_t k = 0; k < kept.size(); ++k)
        worth[k] -= candidates_[kept[k]].kind == Kind::kLinear ? (taps_ * 7 + 8) * 256 : 16 * 256;
      const auto least = std::min_element(worth.begin(), worth.end()) - worth.begin();
      if (worth[static_cast<size_t>(least)] >= 0 && kept.size() <= kMaxPredictors) break;
      kept.erase(kept.begin() + least);
    }

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

  void write_residual(uint32_t t, const Neighbourhood<Sample>& hood, const BlockBox& box, Block& block) {
    const size_t width = e_.shape.x[c_];
    Sample* const plane = e_.residual[c_].data() + t * e_.plane_size(c_);
    bool exact = true;
    for (int y = box.y0; y < box.y1; ++y) {
      const Run<Sample> r = row_of(hood, box, block, y);
      Sample* const z = plane + static_cast<size_t>(y) * width + box.x0;
      predict_run<false>(e_.header.group(level_, c_, e_.shape.components).predictors[block.predictor], r, refs_, z);
      exact = exact && std::all_of(z, z + r.n, [](Sample s) { return s == 0; });
    }
    block.exact = exact;
  }

  Encoder<Sample>& e_;
  unsigned level_, c_, refs_ = 0, taps_ = 0;
  int down_ = 0;
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
