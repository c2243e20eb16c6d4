#include "lossless/enc_linear.hpp"

#include <algorithm>
#include <numeric>

#include "common/env.hpp"
#include "dsp/linear.hpp"
#include "entropy/statistics.hpp"

namespace stf::lossless {
namespace {

// Solve the normal equations `m` (rows of the lower triangle, the target last) for coefficients in 1/256, by
// elimination in fixed point. A tap that adds next to nothing to those before it gets 0.
void solve(const int64_t* m, unsigned taps, int16_t* coefficient) {
  using Wide = __int128;
  constexpr int kFraction = 24;
  int64_t a[kMaxTaps][kMaxTaps], b[kMaxTaps];
  int64_t largest = 1;
  for (unsigned i = 0; i < taps; ++i) largest = std::max(largest, m[i * (i + 1) / 2 + i]);
  const int shift = std::max(0, static_cast<int>(std::bit_width(static_cast<uint64_t>(largest))) - 44);
  for (unsigned i = 0; i < taps; ++i) {
    for (unsigned j = 0; j <= i; ++j) a[i][j] = a[j][i] = m[i * (i + 1) / 2 + j] >> shift;
    b[i] = m[taps * (taps + 1) / 2 + i] >> shift;
  }
  for (unsigned i = 0; i < taps; ++i)  // keeps the equations well-conditioned
    a[i][i] += (a[i][i] >> 9) + (largest >> shift >> 12) + 1;
  bool used[kMaxTaps];
  for (unsigned k = 0; k < taps; ++k) {
    used[k] = a[k][k] > 0;
    if (!used[k]) continue;
    for (unsigned i = k + 1; i < taps; ++i) {
      const auto f = static_cast<int64_t>((static_cast<Wide>(a[i][k]) << kFraction) / a[k][k]);
      for (unsigned j = k; j < taps; ++j)
        a[i][j] -= static_cast<int64_t>((static_cast<Wide>(f) * a[k][j]) >> kFraction);
      b[i] -= static_cast<int64_t>((static_cast<Wide>(f) * b[k]) >> kFraction);
    }
  }
  int64_t x[kMaxTaps];
  for (unsigned k = taps; k-- > 0;) {
    x[k] = 0;
    if (!used[k]) continue;
    Wide right = static_cast<Wide>(b[k]) << kFraction;
    for (unsigned j = k + 1; j < taps; ++j) right -= static_cast<Wide>(a[k][j]) * x[j];
    const Wide limit = static_cast<Wide>(kMaxCoefficient) << (kFraction - kCoefficientBits);
    x[k] = static_cast<int64_t>(std::clamp<Wide>(right / a[k][k], -limit, limit));
  }
  constexpr int kDown = kFraction - kCoefficientBits;
  for (unsigned k = 0; k < taps; ++k) coefficient[k] = static_cast<int16_t>((x[k] + (1 << (kDown - 1))) >> kDown);
}

// Learns the predictors of a group. All blocks begin with one predictor; then, round after round, every block chooses
// the one that predicts it best, and each predictor is solved for from the blocks that chose it.
class Trainer {
 public:
  Trainer(const Training& training, std::vector<Predictor>& set)
      : blocks_(training.blocks), taps_(training.taps), rounds_(training.rounds), set_(set) {
    uint64_t samples = 0;
    for (const TrainingBlock& b : blocks_) samples += b.samples;
    classes_ = static_cast<unsigned>(std::min<uint64_t>(training.most, samples / 2048));
  }

  bool run(const stf_env& env) {
    set_.clear();
    if (classes_ == 0) return true;
    const size_t n = blocks_.size();
    if (!choice_.allocate(env, n) || !error_.allocate(env, n) || !sum_.allocate(env, size_t{products()} * classes_) ||
        !errors_.allocate(env, n * classes_) || !order_.allocate(env, n))
      return false;
    begin();
    if (classes_ == 1) return true;
    divide();
    for (unsigned round = 0; round < rounds_; ++round) {
      solve_all();
      if (round + 1 == rounds_) break;
      measure();
      choose_all();
      if (set_.size() > 1) drop_least();
    }
    return true;
  }

 private:
  unsigned products() const { return (taps_ + 1) * (taps_ + 2) / 2; }

  // Solve for the one predictor of all blocks, twice: the second time with weights by the errors of the first.
  void begin() {
    const size_t n = blocks_.size();
    std::fill_n(choice_.data(), n, uint8_t{0});
    for (size_t i = 0; i < n; ++i)
      error_[i] = static_cast<uint64_t>(blocks_[i].products.sum[products() - 1]) << (2 * kCoefficientBits);
    Predictor linear;
    linear.kind = Kind::kLinear;
    set_.push_back(linear);
    for (int pass = 0; pass < 2; ++pass) {
      solve_all();
      const ErrorForm form(set_[0].coefficient, taps_);
      for (size_t i = 0; i < n; ++i) error_[i] = form(blocks_[i].products);
    }
  }

  // Divide the blocks into classes of like activity, a predictor for each.
  void divide() {
    const size_t n = blocks_.size();
    std::iota(order_.begin(), order_.end(), 0u);
    std::stable_sort(order_.begin(), order_.end(), [&](uint32_t i, uint32_t j) {
      return error_[i] / blocks_[i].samples < error_[j] / blocks_[j].samples;
    });
    for (size_t i = 0; i < n; ++i) choice_[order_[i]] = static_cast<uint8_t>(i * classes_ / n);
    Predictor linear;
    linear.kind = Kind::kLinear;
    set_.resize(classes_, linear);
  }

  // Solve for every predictor from the blocks that chose it. Weights make every block's bits count alike, not its
  // squares.
  void solve_all() {
    const unsigned n = products();
    std::fill_n(sum_.data(), n * set_.size(), int64_t{0});
    for (size_t i = 0; i < blocks_.size(); ++i) {
      const uint64_t mean = error_[i] / blocks_[i].samples >> 12;
      const int64_t weight = std::max<int64_t>(1, (int64_t{1} << 24) / static_cast<int64_t>(mean + 16));
      kernels_.add_scaled(blocks_[i].products.sum, static_cast<int32_t>(weight), n, &sum_[choice_[i] * size_t{n}]);
    }
    for (size_t k = 0; k < set_.size(); ++k) solve(&sum_[k * n], taps_, set_[k].coefficient);
  }

  // The error of every predictor on every block.
  void measure() {
    std::vector<ErrorForm> forms;
    forms.reserve(set_.size());
    for (const Predictor& p : set_) forms.emplace_back(p.coefficient, taps_);
    for (size_t i = 0; i < blocks_.size(); ++i)
      for (size_t k = 0; k < forms.size(); ++k) errors_[i * classes_ + k] = forms[k](blocks_[i].products);
  }

  // Choose the best predictor for every block, and sum up what each saves against the second best.
  void choose_all() {
    std::fill_n(worth_, set_.size(), int64_t{0});
    for (size_t i = 0; i < blocks_.size(); ++i) {
      uint64_t best = UINT64_MAX, second = UINT64_MAX;
      for (size_t k = 0; k < set_.size(); ++k) {
        const uint64_t e = errors_[i * classes_ + k];
        if (e < best) {
          second = best;
          best = e;
          choice_[i] = static_cast<uint8_t>(k);
        } else if (e < second) {
          second = e;
        }
      }
      error_[i] = best;
      if (set_.size() > 1)
        worth_[choice_[i]] += error_cost(second, blocks_[i].samples) - error_cost(best, blocks_[i].samples);
    }
  }

  // Drop the predictor that saves least if that is less than its price; its blocks choose again.
  void drop_least() {
    const auto least = std::min_element(worth_, worth_ + set_.size()) - worth_;
    if (worth_[least] >= predictor_price(Kind::kLinear, taps_)) return;
    set_.erase(set_.begin() + least);
    for (size_t i = 0; i < blocks_.size(); ++i) {
      uint64_t* const e = &errors_[i * classes_];
      std::copy(e + least + 1, e + classes_, e + least);
    }
    choose_all();
  }

  const LinearKernels& kernels_ = linear_kernels();
  std::span<const TrainingBlock> blocks_;
  unsigned taps_, rounds_, classes_ = 0;  // classes_: the predictors to begin with
  std::vector<Predictor>& set_;
  Buffer<uint8_t> choice_;         // of every block: its predictor
  Buffer<uint64_t> error_;         // and the error of that
  Buffer<uint64_t> errors_;        // [block][predictor]
  Buffer<int64_t> sum_;            // [predictor][product]
  Buffer<uint32_t> order_;         // of blocks by activity
  int64_t worth_[kMaxPredictors];  // of every predictor: what it saves
};

}  // namespace

ErrorForm::ErrorForm(const int16_t* coefficient, unsigned taps) : count((taps + 1) * (taps + 2) / 2) {
  int32_t* w = weight;
  const auto factor = [&](unsigned i) { return i == taps ? -(1 << kCoefficientBits) : int32_t{coefficient[i]}; };
  for (unsigned i = 0; i <= taps; ++i)
    for (unsigned j = 0; j <= i; ++j) *w++ = factor(i) * factor(j) * (i == j ? 1 : 2);
}

uint64_t ErrorForm::operator()(const Products& products) const {
  const int64_t error = kernels.dot(products.sum, weight, count);
  return error < 0 ? 0 : static_cast<uint64_t>(error);
}

int64_t error_cost(uint64_t squared_error, unsigned samples) {
  const uint64_t mean = squared_error / samples >> 12;  // in 1/16
  return static_cast<int64_t>(log2_fixed(static_cast<uint32_t>(std::min<uint64_t>(mean, UINT32_MAX - 2)) + 2)) *
             samples >>
         (kLog2Shift - kCostShift + 1);
}

bool train(const stf_env& env, const Training& training, std::vector<Predictor>& set) {
  return Trainer(training, set).run(env);
}

}  // namespace stf::lossless
