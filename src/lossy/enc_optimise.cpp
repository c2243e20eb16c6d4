#include "lossy/enc_optimise.hpp"

#include <cstdlib>

namespace stf::lossy {
namespace {

template <unsigned N, unsigned Limit>
uint32_t bits_for(const AdaptiveModel<N, Limit>& model, unsigned symbol) {
  return bits_of(model.high(symbol) - model.low(symbol));
}

// Bits of what follows a symbol that says "3 or more", sign included.
uint32_t rest_bits(const AdaptiveModel<kLevels>& more, int magnitude) {
  uint32_t bits = 512;
  int rest = magnitude - 3;
  for (int round = 0; round < 4; ++round) {
    const int step = std::min(rest, 3);
    bits += bits_for(more, static_cast<unsigned>(step));
    if (step < 3) return bits;
    rest -= 3;
  }
  return bits + ((2 * static_cast<uint32_t>(std::bit_width(static_cast<uint32_t>(rest + 1))) - 1) << 9);
}

}  // namespace

int optimise_levels(const TransformShape& shape, int q, int bits, const Lambda& lambda, const CoefficientModels& models,
                    const int16_t* coefficients, int16_t* levels, int count) {
  const int log_w = shape.log_w, log_h = shape.log_h, size = size_class(log_w, log_h);
  const uint16_t* order = scan(log_w, log_h);
  const Dequantiser step(q, log_w, log_h);
  const auto error_cost = [&](int64_t d) {
    return sample_error(static_cast<uint64_t>(d * d) << kCostBits, shape, bits);
  };
  const auto bit_cost = [&](uint32_t b) { return lambda.square * b; };

  Magnitudes magnitudes(1 << log_w, std::min(1 << log_h, count));
  // By position: the cost of its error if it is zero, that of what was chosen, and of the chosen level as the last one.
  Cost zero[1024], chosen[1024], as_last[1024];
  for (int i = count - 1; i >= 0; --i) {
    const int y = order[i] >> 8, x = order[i] & 255;
    const int at = y << log_w | x;
    const int c = std::abs(coefficients[at]), nearest = std::abs(levels[at]);
    const int distance = distance_class(x, y);
    const auto& level_model = models.level[size][magnitudes.level_context(x, y, distance)];
    zero[i] = error_cost(c);
    chosen[i] = zero[i] + bit_cost(bits_for(level_model, 0));
    if (nearest == 0) continue;
    const auto& last_model = models.last_level[size][std::min(distance, 3)];
    as_last[i] = kNoCost;
    int best = 0;
    for (int level = nearest; level > 0 && level >= nearest - 1; --level) {
      const Cost error = error_cost(c - step(level));
      const uint32_t tail =
          level >= 3 ? rest_bits(models.more[size][magnitudes.more_context(x, y, distance)], level) : 512;
      const auto symbol = static_cast<unsigned>(std::min(level, 3));
      const Cost here = error + bit_cost(bits_for(level_model, symbol) + tail);
      if (here < chosen[i]) {
        chosen[i] = here;
        best = level;
      }
      as_last[i] = std::min(as_last[i], error + bit_cost(bits_for(last_model, symbol - 1) + tail));
    }
    levels[at] = static_cast<int16_t>(coefficients[at] < 0 ? -best : best);
    if (best > 0) magnitudes.set(x, y, best);
  }

  // Where to end: before, all is as chosen; after, all is zero.
  Cost before = 0, after = 0;
  for (int i = 0; i < count; ++i) after += zero[i];
  Cost least = after;
  int best_count = 0;
  for (int i = 0; i < count; ++i) {
    after -= zero[i];
    const int at = (order[i] >> 8) << log_w | (order[i] & 255);
    if (levels[at] != 0) {
      const auto n = static_cast<unsigned>(i);
      const auto last_class = static_cast<unsigned>(std::bit_width(n));
      uint32_t last_bits = bits_for(models.last_class[size], last_class);
      if (last_class >= 2)
        last_bits += bits_for(models.last_digit[size][last_class], n >> (last_class - 2) & 1) + ((last_class - 2) << 9);
      const Cost here = before + as_last[i] + after + bit_cost(last_bits);
      if (here < least) {
        least = here;
        best_count = i + 1;
      }
    }
    before += chosen[i];
  }
  for (int i = best_count; i < count; ++i) levels[(order[i] >> 8) << log_w | (order[i] & 255)] = 0;
  return best_count;
}

}  // namespace stf::lossy
