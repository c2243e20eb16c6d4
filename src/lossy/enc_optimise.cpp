#include "lossy/enc_optimise.hpp"

#include <cstdlib>

namespace stf::lossy {
namespace {

// The bits that follow a symbol that says "3 or more": the rest of the magnitude, and the sign.
uint32_t rest_bits(const uint16_t more[kLevels], int magnitude) {
  uint32_t bits = 512;
  int rest = magnitude - 3;
  for (int round = 0; round < 4; ++round) {
    const int step = std::min(rest, 3);
    bits += more[step];
    if (step < 3) return bits;
    rest -= 3;
  }
  return bits + ((2 * static_cast<uint32_t>(std::bit_width(static_cast<uint32_t>(rest + 1))) - 1) << 9);
}

// A level that may be the last one that is coded: the levels before it in the scan are as chosen, those after it zero.
struct End {
  int i;
  int64_t cost, bits;  // what ending here costs from this level on, less what is chosen costs from it on
};

}  // namespace

OptimisedLevels optimise_levels(const TransformShape& shape, int q, int bits, const LevelPrices& prices,
                                const int16_t* coefficients, int16_t* levels, int count) {
  const Lambda& lambda = prices.lambda;
  const CoefficientCosts& costs = prices.costs;
  const int log_w = shape.log_w, log_h = shape.log_h, size = size_class(log_w, log_h);
  const uint16_t* order = scan(log_w, log_h);
  const Dequantiser step(q, log_w, log_h);
  // sample_error() of a square, as a cost.
  const int shift = kCostBits - 2 * (15 - bits) + log_w + log_h;
  const auto error_cost = [&](int d) { return static_cast<Cost>(static_cast<uint32_t>(d * d)) << shift; };
  const auto bit_cost = [&](uint32_t b) { return lambda.square * b; };

  Magnitudes magnitudes(1 << log_w, std::min(1 << log_h, count));
  End ends[1024];
  int n_ends = 0;
  int64_t zeros = 0, chosen = 0, chosen_bits = 0;  // costs of all from i on if they are zero, and as chosen
  for (int i = count - 1; i >= 0; --i) {
    const int y = order[i] >> 8, x = order[i] & 255;
    const int at = y << log_w | x;
    const int c = std::abs(coefficients[at]), nearest = std::abs(levels[at]);
    const int distance = distance_class(x, y);
    const uint16_t* level_costs = costs.level[size][magnitudes.level_context(x, y, distance)];
    const Cost zero = error_cost(c);
    Cost least = zero + bit_cost(level_costs[0]);
    uint32_t least_bits = level_costs[0];
    if (nearest != 0) {
      const uint16_t* last_costs = costs.last_level[size][std::min(distance, 3)];
      int best = 0;
      Cost as_last = kNoCost;
      uint32_t last_bits = 0;
      for (int level = nearest; level > 0 && level >= nearest - 1; --level) {
        const Cost error = error_cost(c - step(level));
        const int symbol = std::min(level, 3);
        const uint32_t tail = level >= 3 ? rest_bits(costs.more[size][magnitudes.more_context(x, y, distance)], level)
                                         : 512;
        const uint32_t among = level_costs[symbol] + tail, at_end = last_costs[symbol - 1] + tail;
        if (error + bit_cost(among) < least) {
          least = error + bit_cost(among);
          least_bits = among;
          best = level;
        }
        if (error + bit_cost(at_end) < as_last) {
          as_last = error + bit_cost(at_end);
          last_bits = at_end;
        }
      }
      levels[at] = static_cast<int16_t>(coefficients[at] < 0 ? -best : best);
      if (best > 0) {
        magnitudes.set(x, y, best);
        ends[n_ends++] = {i, static_cast<int64_t>(as_last) + zeros - chosen - static_cast<int64_t>(least),
                          int64_t{last_bits} - chosen_bits - least_bits};
      }
    }
    zeros += static_cast<int64_t>(zero);
    chosen += static_cast<int64_t>(least);
    chosen_bits += least_bits;
  }

  OptimisedLevels best{0, 0};
  int64_t least = zeros;
  for (int e = n_ends - 1; e >= 0; --e) {
    const auto n = static_cast<unsigned>(ends[e].i);
    const auto last_class = static_cast<unsigned>(std::bit_width(n));
    uint32_t position = costs.last_class[size][last_class];
    if (last_class >= 2)
      position += costs.last_digit[size][last_class][n >> (last_class - 2) & 1] + ((last_class - 2) << 9);
    const int64_t cost = chosen + ends[e].cost + static_cast<int64_t>(bit_cost(position));
    if (cost >= least) continue;
    least = cost;
    best = {ends[e].i + 1, static_cast<uint32_t>(chosen_bits + ends[e].bits + position)};
  }
  for (int i = best.count; i < count; ++i) levels[(order[i] >> 8) << log_w | (order[i] & 255)] = 0;
  return best;
}

}  // namespace stf::lossy
