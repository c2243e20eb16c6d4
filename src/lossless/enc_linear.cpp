#include "lossless/enc_linear.hpp"

#include <algorithm>
#include <numeric>

#include "dsp/linear.hpp"
#include "entropy/statistics.hpp"

namespace stf::lossless {
namespace {

// Solve the normal equations `m` (rows of the lower triangle, the target last) for coefficients in 1/256, by
// elimination in fixed point; directions with next to nothing in them get 0.
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
  for (unsigned i = 0; i < taps; ++i)  // stay well-conditioned
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

std::vector<Predictor> train(const std::vector<TrainingBlock>& blocks, unsigned taps, unsigned most, unsigned rounds) {
  const size_t n = blocks.size();
  std::vector<Predictor> set;
  uint64_t samples = 0;
  for (const TrainingBlock& b : blocks) samples += b.samples;
  const unsigned classes = static_cast<unsigned>(std::min<uint64_t>(most, samples / 2048));
  if (classes == 0) return set;

  const LinearKernels& kernels = linear_kernels();
  const unsigned products = (taps + 1) * (taps + 2) / 2;
  std::vector<uint8_t> choice(n, 0);
  std::vector<uint64_t> error(n);
  // The first predictor is everybody's; weights make every block's bits count alike, not its squares.
  for (size_t i = 0; i < n; ++i)
    error[i] = static_cast<uint64_t>(blocks[i].products.sum[products - 1]) << (2 * kCoefficientBits);
  const auto solve_all = [&] {
    std::vector<int64_t> sum(size_t{products} * set.size(), 0);
    for (size_t i = 0; i < n; ++i) {
      const uint64_t mean = error[i] / blocks[i].samples >> 12;
      const int64_t weight = std::max<int64_t>(1, (int64_t{1} << 24) / static_cast<int64_t>(mean + 16));
      kernels.add_scaled(blocks[i].products.sum, static_cast<int32_t>(weight), products,
                         &sum[choice[i] * size_t{products}]);
    }
    for (size_t k = 0; k < set.size(); ++k) solve(&sum[k * products], taps, set[k].coefficient);
  };
  Predictor linear;
  linear.kind = Kind::kLinear;
  set.push_back(linear);
  for (int pass = 0; pass < 2; ++pass) {
    solve_all();
    const ErrorForm form(set[0].coefficient, taps);
    for (size_t i = 0; i < n; ++i) error[i] = form(blocks[i].products);
  }
  if (classes == 1) return set;

  // Begin with classes of like activity, then let every block choose and solve again.
  std::vector<uint32_t> order(n);
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(),
                   [&](uint32_t i, uint32_t j) { return error[i] / blocks[i].samples < error[j] / blocks[j].samples; });
  for (size_t i = 0; i < n; ++i) choice[order[i]] = static_cast<uint8_t>(i * classes / n);
  set.resize(classes, linear);
  const int64_t price = (taps * 7 + 8) * 256;  // of a predictor, in 1/256 bits
  std::vector<uint64_t> errors(n * classes);   // [block][predictor] of this round
  const auto measure = [&] {
    std::vector<ErrorForm> forms;
    for (const Predictor& p : set) forms.emplace_back(p.coefficient, taps);
    for (size_t i = 0; i < n; ++i)
      for (size_t k = 0; k < forms.size(); ++k) errors[i * classes + k] = forms[k](blocks[i].products);
  };
  std::vector<int64_t> worth;
  // The best predictor for every block, and what each predictor saves against the second best.
  const auto choose_all = [&] {
    worth.assign(set.size(), 0);
    for (size_t i = 0; i < n; ++i) {
      uint64_t best = UINT64_MAX, second = UINT64_MAX;
      for (size_t k = 0; k < set.size(); ++k) {
        const uint64_t e = errors[i * classes + k];
        if (e < best) {
          second = best;
          best = e;
          choice[i] = static_cast<uint8_t>(k);
        } else if (e < second) {
          second = e;
        }
      }
      error[i] = best;
      if (set.size() > 1)
        worth[choice[i]] += error_cost(second, blocks[i].samples) - error_cost(best, blocks[i].samples);
    }
  };
  for (unsigned round = 0; round < rounds; ++round) {
    solve_all();
    if (round + 1 == rounds) break;
    measure();
    choose_all();
    // The least useful goes if it is not worth its bits; its blocks choose again.
    if (set.size() == 1) continue;
    const auto least = std::min_element(worth.begin(), worth.end()) - worth.begin();
    if (worth[static_cast<size_t>(least)] >= price) continue;
    set.erase(set.begin() + least);
    for (size_t i = 0; i < n; ++i) {
      uint64_t* const e = &errors[i * classes];
      std::copy(e + least + 1, e + classes, e + least);
    }
    choose_all();
  }
  return set;
}

}  // namespace stf::lossless
