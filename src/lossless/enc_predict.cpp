// Which predictors a group has, which of them a block uses, and the residuals that follow.

#include <algorithm>

#include "dsp/linear.hpp"
#include "entropy/statistics.hpp"
#include "lossless/enc_linear.hpp"
#include "lossless/encoder.hpp"

namespace stf::lossless {
namespace {

// What residuals whose magnitudes sum to `sum` cost, in 1/256 bits, up to a constant.
int64_t residual_cost(uint64_t sum, unsigned n) {
  if (sum == 0) return 0;
  const auto mean = static_cast<uint32_t>(std::min<uint64_t>(sum * 16 / n, UINT32_MAX - 8));
  return (static_cast<int64_t>(log2_fixed(mean + 6)) - log2_fixed(5)) * n >> (kLog2Shift - kCostShift);
}

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
    if (e_.tools.linear > 0) return;
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
    alignas(64) int16_t at[kMaxTaps + 4][kLinearRow];
    size_t n;          // a multiple of 16: zeros follow the samples
    unsigned samples;
    const int16_t* row(unsigned k) const { return at[k]; }
  };
  unsigned target() const { return taps_; }
  unsigned corner_a() const { return refs_ == 1 ? kTapCornerA : taps_ + 1; }
  unsigned corner_b() const { return taps_ + 2; }

  void gather(const Neighbourhood<Sample>& hood, const BlockBox& box, const Block& block, Rows& v) const {
    const Run<Sample> r = row_of(hood, box, block, box.y0);
    const int height = box.y1 - box.y0, width = r.n;
    Tap<Sample> taps[kMaxTaps + 4];
    unsigned count = list_taps(r, refs_, taps);
    taps[count++] = {r.current, taps[0].base, r.stride, taps[0].base_stride};
    if (refs_ > 1 && e_.tools.linear == 0) {
      taps[count++] = {r.a - r.a_stride - 1, r.a, r.a_stride, r.a_stride};
      taps[count++] = {r.b - r.b_stride - 1, r.a, r.b_stride, r.a_stride};
    }
    v.samples = static_cast<unsigned>(height * width);
    v.n = (v.samples + 15) & ~size_t{15};
    for (unsigned k = 0; k < count; ++k) {
      const Sample *p = taps[k].tap, *q = taps[k].base;
      int16_t* out = v.at[k];
      if (width == kBlock) {
        if constexpr (sizeof(Sample) == 1)
          kernels_.difference_8(p, taps[k].tap_stride, q, taps[k].base_stride, height, down_, out);
        else
          kernels_.difference_16(p, taps[k].tap_stride, q, taps[k].base_stride, height, down_, out);
        continue;
      }
      for (int y = 0; y < height; ++y, p += taps[k].tap_stride, q += taps[k].base_stride, out += width)
        for (int i = 0; i < width; ++i) out[i] = static_cast<int16_t>((p[i] - q[i]) >> down_);
      for (size_t i = v.samples; i < v.n; ++i) v.at[k][i] = 0;
    }
  }

  // The sum of the magnitudes of the residuals, a deep sample's less its lowest bits.
  uint64_t fixed_error(Kind kind, const Rows& v) const {
    alignas(64) static constexpr int16_t kZeros[kLinearRow] = {};
    const LinearKernels& f = kernels_;
    const int16_t *const x = v.row(target()), *const w = v.row(kTapWest), *const nw = v.row(tap_corner(refs_));
    const int16_t* const n = refs_ == 0 ? kZeros : v.row(tap_north(refs_));
    alignas(64) int16_t t[4][kLinearRow];
    switch (kind) {
      case Kind::kMed: return f.median_error(x, w, n, nw, v.n);
      case Kind::kWest: return f.error(x, w, v.n);
      case Kind::kNorth: return f.error(x, n, v.n);
      case Kind::kA: return f.error(x, kZeros, v.n);
      case Kind::kB: return f.error(x, v.row(kTapB), v.n);
      case Kind::kMean: return f.half_error(x, v.row(kTapB), v.n);
      case Kind::kAMed:
        f.subtract(w, v.row(kTapWestA), v.n, t[1]);
        f.subtract(n, v.row(kTapNorthA), v.n, t[2]);
        f.subtract(nw, v.row(corner_a()), v.n, t[3]);
        return f.median_error(x, t[1], t[2], t[3], v.n);
      case Kind::kBMed:
        f.subtract(x, v.row(kTapB), v.n, t[0]);
        f.subtract(w, v.row(kTapWestB), v.n, t[1]);
        f.subtract(n, v.row(kTapNorthB), v.n, t[2]);
        f.subtract(nw, v.row(corner_b()), v.n, t[3]);
        return f.median_error(t[0], t[1], t[2], t[3], v.n);
      case Kind::kMeanMed: {
        const auto to_mean = [&](const int16_t* value, const int16_t* a, const int16_t* b, int16_t* out) {
          for (size_t i = 0; i < v.n; ++i) out[i] = static_cast<int16_t>(value[i] - ((a[i] + b[i] + 1) >> 1));
        };
        to_mean(x, kZeros, v.row(kTapB), t[0]);
        to_mean(w, v.row(kTapWestA), v.row(kTapWestB), t[1]);
        to_mean(n, v.row(kTapNorthA), v.row(kTapNorthB), t[2]);
        to_mean(nw, v.row(corner_a()), v.row(corner_b()), t[3]);
        return f.median_error(t[0], t[1], t[2], t[3], v.n);
      }
      case Kind::kLinear: break;
    }
    return UINT32_MAX;
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

  void choose() {
    const size_t fixed = candidates_.size();
    candidates_.insert(candidates_.end(), linear_.begin(), linear_.end());
    std::vector<int64_t> cost;       // [block][candidate]
    const size_t n = candidates_.size();
    std::vector<ErrorForm> forms;
    for (const Predictor& p : linear_) forms.emplace_back(p.coefficient, taps_);
    std::vector<uint64_t> error(linear_.size());
    Rows v;
    Products products;
    cost.reserve(frames_.size() * e_.blocks_per_frame() * n);
    each_block([&](uint32_t, const Neighbourhood<Sample>& hood, const BlockBox& box, const Block& block, bool) {
      const size_t at = cost.size();
      cost.resize(at + n, kNever);
      gather(hood, box, block, v);
      for (size_t k = 0; k < fixed; ++k) {
        const uint64_t sum = fixed_error(candidates_[k].kind, v);
        cost[at + k] = residual_cost(sum, v.samples);
        if (sum == 0) return;
      }
      if (linear_.empty()) return;
      kernels_.products(v.at[0], taps_ + 1, v.n, products.sum);
      for (size_t k = 0; k < linear_.size(); ++k) error[k] = forms[k](products);
      const auto best = static_cast<size_t>(std::min_element(error.begin(), error.end()) - error.begin());
      // The squares choose among the linear ones; against the fixed ones the magnitudes decide.
      const int64_t base =
          residual_cost(kernels_.linear_error(v.at[0], taps_, v.n, linear_[best].coefficient), v.samples);
      const int64_t reference = error_cost(error[best], v.samples);
      for (size_t k = 0; k < linear_.size(); ++k)
        cost[at + fixed + k] = base + error_cost(error[k], v.samples) - reference;
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
    Run<Sample> r = row_of(hood, box, block, box.y0);
    for (int y = box.y0; y < box.y1; ++y, r.down()) {
      Sample* const z = plane + static_cast<size_t>(y) * width + box.x0;
      predict_run<false>(e_.header.group(level_, c_, e_.shape.components).predictors[block.predictor], r, refs_, z);
      exact = exact && std::all_of(z, z + r.n, [](Sample s) { return s == 0; });
    }
    block.exact = exact;
  }

  Encoder<Sample>& e_;
  const LinearKernels& kernels_ = linear_kernels();
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
