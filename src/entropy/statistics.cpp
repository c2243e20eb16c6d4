// See statistics.hpp.

#include "entropy/statistics.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

namespace stf {
namespace {

// log2(1 + i / 4096) in 1/65536 bits, by repeated squaring.
std::array<uint32_t, kProbScale + 1> make_log2_table() {
  std::array<uint32_t, kProbScale + 1> table{};
  for (uint32_t i = 0; i < kProbScale; ++i) {
    uint64_t x = uint64_t{kProbScale + i} << (30 - kProbBits);  // in [1, 2), 30 bits of fraction
    uint32_t bits = 0;
    for (unsigned k = 0; k < kLog2Shift + 1; ++k) {  // one more than needed, to round
      x = (x * x) >> 30;
      bits = bits << 1 | static_cast<uint32_t>(x >> 31);
      x >>= x >> 31;
    }
    table[i] = (bits + 1) >> 1;
  }
  table[kProbScale] = 1u << kLog2Shift;
  return table;
}
const std::array<uint32_t, kProbScale + 1> kLog2Table = make_log2_table();

uint64_t total_of(const uint32_t* counts, size_t alphabet) {
  uint64_t total = 0;
  for (size_t s = 0; s < alphabet; ++s) total += counts[s];
  return total;
}

// log2 of numbers that may exceed 32 bits.
uint64_t log2_wide(uint64_t v) {
  const unsigned shift = v >> 32 ? static_cast<unsigned>(std::bit_width(v)) - 32 : 0;
  return log2_fixed(static_cast<uint32_t>(v >> shift)) + (uint64_t{shift} << kLog2Shift);
}

// ln((f + 1) / f) / 2 = atanh(1 / (2f + 1)) in 2^-31: what one more of 4096 is worth, at more places than a
// difference of logarithms has.
std::array<uint32_t, kProbScale + 1> make_step_table() {
  std::array<uint32_t, kProbScale + 1> table{};
  for (uint32_t f = 1; f <= kProbScale; ++f) {
    constexpr unsigned kShift = 31, kExtra = 9;
    const uint64_t divisor = uint64_t{2 * f + 1} * (2 * f + 1);
    uint64_t power = (uint64_t{1} << (kShift + kExtra)) / (2 * f + 1), sum = 0;
    for (unsigned k = 1; power != 0; k += 2, power /= divisor) sum += power / k;
    table[f] = static_cast<uint32_t>(sum >> kExtra);
  }
  return table;
}
const std::array<uint32_t, kProbScale + 1> kStepTable = make_step_table();

// What raising a symbol's probability from freq to freq + 1 saves, up to a common factor.
uint64_t step_worth(uint32_t count, uint32_t freq) { return uint64_t{count} * kStepTable[freq]; }

}  // namespace

uint32_t log2_fixed(uint32_t v) {
  const unsigned exponent = static_cast<unsigned>(std::bit_width(v)) - 1;
  if (exponent <= kProbBits) return (exponent << kLog2Shift) + kLog2Table[(v << (kProbBits - exponent)) - kProbScale];
  const unsigned extra = exponent - kProbBits;
  const uint32_t i = (v >> extra) - kProbScale;
  const uint32_t low = kLog2Table[i], rise = kLog2Table[i + 1] - low;  // rise <= 23: no overflow below
  const uint64_t fraction = v & ((1u << extra) - 1);
  return (exponent << kLog2Shift) + low + static_cast<uint32_t>((rise * fraction) >> extra);
}

uint64_t entropy_cost(const uint32_t* counts, size_t alphabet) {
  const uint64_t total = total_of(counts, alphabet);
  if (total == 0) return 0;
  const uint64_t log2_total = log2_wide(total);
  uint64_t cost = 0;
  for (size_t s = 0; s < alphabet; ++s)
    if (counts[s] != 0) {
      const uint64_t log2_count = log2_fixed(counts[s]);
      if (log2_count < log2_total) cost += counts[s] * (log2_total - log2_count);
    }
  return cost >> (kLog2Shift - kCostShift);
}

uint32_t symbol_cost(uint32_t freq) {
  if (freq == 0) return 1u << 20;
  return ((kProbBits << kLog2Shift) - log2_fixed(freq) + 128) >> (kLog2Shift - kCostShift);
}

uint64_t coded_cost(const uint32_t* counts, const uint16_t* freq, size_t alphabet) {
  uint64_t cost = 0;
  for (size_t s = 0; s < alphabet; ++s)
    if (counts[s] != 0) cost += uint64_t{counts[s]} * symbol_cost(freq[s]);
  return cost;
}

void normalize(const uint32_t* counts, size_t alphabet, uint16_t* freq) {
  const uint64_t total = total_of(counts, alphabet);
  if (total == 0) {
    std::fill(freq, freq + alphabet, uint16_t{0});
    freq[0] = kProbScale;
    return;
  }
  int32_t left = kProbScale;
  for (size_t s = 0; s < alphabet; ++s) {
    uint64_t share = uint64_t{counts[s]} * kProbScale / total;
    if (counts[s] != 0 && share == 0) share = 1;
    freq[s] = static_cast<uint16_t>(share);
    left -= static_cast<int32_t>(share);
  }
  // The cost is a sum of convex functions: moving single units, the most valuable first, ends at the optimum.
  const auto best_to_raise = [&] {
    size_t best = alphabet;
    uint64_t most = 0;
    for (size_t s = 0; s < alphabet; ++s)
      if (freq[s] != 0)
        if (const uint64_t worth = step_worth(counts[s], freq[s]); best == alphabet || worth > most)
          best = s, most = worth;
    return std::pair(best, most);
  };
  const auto best_to_lower = [&] {
    size_t best = alphabet;
    uint64_t least = 0;
    for (size_t s = 0; s < alphabet; ++s)
      if (freq[s] > 1)
        if (const uint64_t worth = step_worth(counts[s], freq[s] - 1u); best == alphabet || worth < least)
          best = s, least = worth;
    return std::pair(best, least);
  };
  for (; left > 0; --left) ++freq[best_to_raise().first];
  for (; left < 0; ++left) --freq[best_to_lower().first];
  for (unsigned moves = 0; moves < 2 * kMaxAlphabet; ++moves) {
    const auto [raised, gain] = best_to_raise();
    const auto [lowered, loss] = best_to_lower();
    if (lowered == alphabet || raised == lowered || gain <= loss) break;
    ++freq[raised];
    --freq[lowered];
  }
}

uint64_t table_cost(const uint32_t* counts, size_t alphabet) {
  const uint64_t total = total_of(counts, alphabet);
  uint64_t cost = 2u << kCostShift;
  if (total == 0) return cost;
  uint64_t zeros = 0;
  for (size_t s = 0; s < alphabet; ++s) {
    if (counts[s] == 0) {
      ++zeros;
      continue;
    }
    const auto width = static_cast<unsigned>(std::bit_width(uint64_t{counts[s]} * kProbScale / total));
    cost += zeros * 160 + 2 * 256 + (width > 1 ? (width - 1) * 240u : 0);
    zeros = 0;  // those after the last symbol cost nothing
  }
  return cost;
}

size_t cluster_histograms(const uint32_t* counts, size_t n, size_t alphabet, size_t max_tables, uint8_t* map) {
  struct Cluster {
    std::vector<uint32_t> counts;
    uint64_t cost = 0;   // table and symbols
    size_t first = 0;    // its first histogram: the order of tables
    size_t partner = 0;  // the best later cluster to merge with ...
    int64_t saving = 0;  // ... and what that saves
    bool alive = true;
  };
  const auto cost_of = [alphabet](const uint32_t* c) { return entropy_cost(c, alphabet) + table_cost(c, alphabet); };

  std::vector<Cluster> clusters;
  std::vector<size_t> owner(n, SIZE_MAX);
  for (size_t i = 0; i < n; ++i) {
    const uint32_t* row = counts + i * alphabet;
    if (total_of(row, alphabet) == 0) continue;
    owner[i] = clusters.size();
    Cluster& c = clusters.emplace_back();
    c.counts.assign(row, row + alphabet);
    c.cost = cost_of(row);
    c.first = i;
  }
  max_tables = std::max<size_t>(1, std::min<size_t>(max_tables, 256));
  std::vector<uint32_t> sum(alphabet);
  const auto saving_of = [&](const Cluster& a, const Cluster& b) {
    for (size_t s = 0; s < alphabet; ++s) sum[s] = a.counts[s] + b.counts[s];
    return static_cast<int64_t>(a.cost + b.cost) - static_cast<int64_t>(cost_of(sum.data()));
  };
  const auto find_partner = [&](size_t i) {
    clusters[i].partner = SIZE_MAX;
    for (size_t j = i + 1; j < clusters.size(); ++j) {
      if (!clusters[j].alive) continue;
      const int64_t saving = saving_of(clusters[i], clusters[j]);
      if (clusters[i].partner == SIZE_MAX || saving > clusters[i].saving) {
        clusters[i].partner = j;
        clusters[i].saving = saving;
      }
    }
  };
  for (size_t i = 0; i < clusters.size(); ++i) find_partner(i);

  for (size_t alive = clusters.size(); alive > 1; --alive) {
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < clusters.size(); ++i) {
      const Cluster& c = clusters[i];
      if (c.alive && c.partner != SIZE_MAX && (best == SIZE_MAX || c.saving > clusters[best].saving)) best = i;
    }
    if (best == SIZE_MAX || (alive <= max_tables && clusters[best].saving <= 0)) break;
    const size_t gone = clusters[best].partner;
    for (size_t s = 0; s < alphabet; ++s) clusters[best].counts[s] += clusters[gone].counts[s];
    clusters[best].cost = cost_of(clusters[best].counts.data());
    clusters[gone].alive = false;
    for (size_t& o : owner)
      if (o == gone) o = best;
    for (size_t i = 0; i < clusters.size(); ++i) {
      Cluster& c = clusters[i];
      if (!c.alive) continue;
      if (i == best || c.partner == gone || c.partner == best) {
        find_partner(i);
      } else if (i < best) {
        const int64_t saving = saving_of(c, clusters[best]);
        if (saving > c.saving) c.partner = best, c.saving = saving;
      }
    }
  }

  std::vector<uint8_t> number(clusters.size());
  size_t tables = 0;
  for (size_t i = 0; i < clusters.size(); ++i)
    if (clusters[i].alive) number[i] = static_cast<uint8_t>(tables++);
  for (size_t i = 0; i < n; ++i) map[i] = owner[i] == SIZE_MAX ? uint8_t{0} : number[owner[i]];
  return n != 0 && tables == 0 ? 1 : tables;
}

}  // namespace stf
