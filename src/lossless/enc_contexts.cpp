// The contexts of all residuals, and a few probability tables for many contexts. Contexts are dealt to tables so that
// the symbols, the tables and the map between contexts and tables together take the fewest bits.

#include <algorithm>
#include <numeric>

#include "entropy/statistics.hpp"
#include "lossless/contexts.hpp"
#include "lossless/encoder.hpp"
#include "lossless/spans.hpp"

namespace stf::lossless {
namespace {

using Histogram = uint32_t[kTokens];  // how often each token occurs

// Choose how far the details of a group's samples are shifted down, so that all of their levels are in use.
template <typename Sample>
uint8_t choose_detail_shift(Encoder<Sample>& e, unsigned level, unsigned c) {
  uint64_t count = 0;
  uint64_t by_width[18] = {};
  for (uint32_t t = 0; t < e.shape.t; ++t) {
    if (e.structure.refs(t).level != level) continue;
    const FrameView<Sample> f = e.view(t, c);
    for (int y = 2; y < f.current.y; y += 5) {
      for (int x = 1; x + 1 < f.current.x; x += 3) {
        const auto step = [](int u, int v) { return static_cast<uint32_t>(u < v ? v - u : u - v); };
        uint32_t d;
        if (f.refs == 0) {
          const Sample *up = f.current.row(y - 1) + x, *up2 = f.current.row(y - 2) + x;
          d = (step(up[0], up[-1]) + step(up[0], up[1]) + step(up[0], up2[0])) / 2;
        } else if (f.refs == 1) {
          const Sample* a = f.a.row(y) + x;
          d = step(a[0], a[1]) + step(a[0], a[f.a.stride]);
        } else {
          const Sample *a = f.a.row(y) + x, *b = f.b.row(y) + x;
          d = (step(a[-1], b[-1]) + 2 * step(a[0], b[0]) + step(a[1], b[1])) / 2;
        }
        ++by_width[std::bit_width(d)];
        ++count;
      }
    }
  }
  // Raise the shift while more than a quarter of the samples are in the last level.
  unsigned shift = 0;
  for (uint64_t above = count; shift < 15; ++shift) {
    above = 0;
    for (unsigned w = kDetailLevels - 1 + shift; w < 18; ++w) above += by_width[w];
    if (above * 4 <= count) break;
  }
  return static_cast<uint8_t>(shift);
}

// Finds the context of every sample of a frame, and counts the tokens in each context.
template <typename Sample>
class ContextCounter {
 public:
  explicit ContextCounter(Encoder<Sample>& e) : e_(e) {
    for (uint32_t z = 0; z < 256; ++z) token_[z] = static_cast<uint8_t>(token_of(z));
  }
  bool allocate() {
    const size_t width = e_.shape.x[0];
    return rows_.allocate(e_.env, static_cast<int>(width)) && energy_.allocate(e_.env, width) &&
           detail_.allocate(e_.env, width) && spans_.allocate(e_.env, e_.shape);
  }

  // Find the contexts of component c of frame t, and add to `counts`, which are those of the group's contexts.
  void count(uint32_t t, unsigned c, const Group& group, Histogram* counts) {
    const Shape& s = e_.shape;
    const int range = e_.range(c), height = static_cast<int>(s.y[c]);
    const size_t width = s.x[c];
    const unsigned energies = energy_levels(static_cast<uint32_t>(range));
    const bool west = e_.header.coder == ResidualCoder::kWest;
    const int block_height = kBlock >> s.sub_y[c];
    const FrameView<Sample> f = e_.view(t, c);
    const AsCurrent<Sample> current(f);
    const Sample* z = e_.residual[c].data() + t * e_.plane_size(c);
    uint16_t* context = e_.context[c].data() + t * e_.plane_size(c);
    rows_.restart();
    for (int y = 0; y < height; ++y, z += width, context += width) {
      if (y % block_height == 0) spans_.list(f, y / block_height, e_.frame_blocks(c, t));
      kernels_.above(rows_, width, west, energy_.data());
      kernels_.magnitudes(z, width, rows_[0]);
      for (Span<Sample>& span : spans_) {
        if (!span.block->exact) {
          const auto n = static_cast<size_t>(span.n);
          uint16_t* const k = context + span.x0;
          kernels_.detail(f.refs, span.run, group.detail_shift, detail_.data());
          kernels_.contexts(energy_.data() + span.x0, west ? rows_[0] + span.x0 : nullptr, detail_.data(), n, energies,
                            k);
          const Sample* const r = z + span.x0;
          for (size_t i = 0; i < n; ++i) ++counts[k[i]][token(r[i])];
        }
        span.run.down();
      }
      rows_.next();
    }
  }

 private:
  unsigned token(uint32_t z) const { return sizeof(Sample) == 1 || z < 256 ? token_[z] : token_of(z); }

  Encoder<Sample>& e_;
  const ContextRows<Sample> kernels_;
  MagnitudeRows<Sample> rows_;
  Buffer<typename ContextRows<Sample>::Energy> energy_;
  Buffer<uint8_t> detail_;
  SpanList<Sample> spans_;
  uint8_t token_[256];  // of small residuals
};

// The price of every token by these counts, in 1/256 bits. Tokens that never occurred have one too.
void token_costs(const uint32_t* counts, unsigned alphabet, uint32_t* cost) {
  uint64_t total = 0;
  for (unsigned s = 0; s < alphabet; ++s) total += counts[s];
  const uint32_t down = total > (1u << 26) ? 6 : 0;  // keeps 32 * count in 32 bits
  const uint32_t all = log2_fixed(static_cast<uint32_t>((total >> down) * 32 + alphabet));
  for (unsigned s = 0; s < alphabet; ++s)
    cost[s] = (all - log2_fixed((counts[s] >> down) * 32 + 1)) >> (kLog2Shift - kCostShift);
}
// One more than the last token that occurs: most contexts have only a few small ones.
unsigned symbols_in_use(const uint32_t* counts, unsigned alphabet) {
  while (alphabet > 0 && counts[alphabet - 1] == 0) --alphabet;
  return alphabet;
}
// The price of these counts of tokens.
uint64_t cross_cost(const uint32_t* counts, const uint32_t* cost, unsigned alphabet) {
  uint64_t sum = 0;
  for (unsigned s = 0; s < alphabet; ++s) sum += uint64_t{counts[s]} * cost[s];
  return sum;
}

// Deals contexts to tables: it begins with equal shares in the order of spread, lets every context choose the table
// that suits it best, round after round, and then merges tables that are not worth their own bits.
class Clustering {
 public:
  // `counts` has a histogram for each of so many contexts; `most` tables at most.
  Clustering(const uint32_t* counts, size_t contexts, unsigned alphabet, unsigned most, unsigned rounds)
      : counts_(counts), alphabet_(alphabet), most_(most), rounds_(rounds), used_(contexts), map_(contexts, 0) {}

  // Set `tables` to the sum of the counts of each table's contexts.
  void run(std::vector<uint32_t>& tables) {
    const size_t k = begin();
    if (order_.empty()) return;
    sum_up(k, tables);
    std::vector<uint32_t> cost(k * kTokens);
    for (unsigned round = 0; round < rounds_; ++round) {
      for (size_t j = 0; j < k; ++j) token_costs(&tables[j * kTokens], alphabet_, &cost[j * kTokens]);
      const bool changed = choose_again(k, cost);
      sum_up(k, tables);
      if (!changed) break;
    }
    merge(k, tables);
  }

 private:
  const uint32_t* row(size_t i) const { return &counts_[i * kTokens]; }

  // Give every context that occurs a table: equal shares of the samples, in order of spread. Returns how many tables.
  size_t begin() {
    const size_t n = map_.size();
    uint64_t total = 0;
    std::vector<uint64_t> weight(n, 0), mean(n, 0);
    for (size_t i = 0; i < n; ++i) {
      used_[i] = static_cast<uint8_t>(symbols_in_use(row(i), alphabet_));
      uint64_t spread = 0;
      for (unsigned s = 0; s < alphabet_; ++s) {
        weight[i] += row(i)[s];
        spread += uint64_t{row(i)[s]} * token_base(s);
      }
      if (weight[i] == 0) continue;
      mean[i] = spread * 1024 / weight[i];
      total += weight[i];
      order_.push_back(static_cast<uint32_t>(i));
    }
    if (order_.empty()) return 0;
    std::stable_sort(order_.begin(), order_.end(), [&](uint32_t i, uint32_t j) { return mean[i] < mean[j]; });
    const auto k = static_cast<size_t>(std::min<uint64_t>({most_, 1 + total / 1024, order_.size()}));
    uint64_t seen = 0;
    for (const uint32_t i : order_) {
      map_[i] = static_cast<uint8_t>(std::min<uint64_t>(k - 1, (seen + weight[i] / 2) * k / total));
      seen += weight[i];
    }
    return k;
  }

  // Let every context choose the cheapest of k tables. Returns whether any has changed.
  bool choose_again(size_t k, const std::vector<uint32_t>& cost) {
    bool changed = false;
    for (const uint32_t i : order_) {
      uint64_t least = UINT64_MAX;
      uint8_t best = 0;
      for (size_t j = 0; j < k; ++j) {
        const uint64_t c = cross_cost(row(i), &cost[j * kTokens], used_[i]);
        if (c < least) {
          least = c;
          best = static_cast<uint8_t>(j);
        }
      }
      changed |= best != map_[i];
      map_[i] = best;
    }
    return changed;
  }

  // Merge tables that are not worth their own bits, and number the others by spread, so that the context map is smooth.
  void merge(size_t k, std::vector<uint32_t>& tables) {
    std::vector<uint8_t> merged(k);
    const size_t count = cluster_histograms(tables.data(), k, kTokens, most_, merged.data());
    for (const uint32_t i : order_) map_[i] = merged[map_[i]];
    sum_up(count, tables);
    std::vector<uint8_t> by_spread(count), rank(count);
    std::iota(by_spread.begin(), by_spread.end(), uint8_t{0});
    std::vector<uint64_t> spread(count, 0);
    for (size_t j = 0; j < count; ++j) {
      uint64_t sum = 0, w = 0;
      for (unsigned s = 0; s < alphabet_; ++s) {
        w += tables[j * kTokens + s];
        sum += uint64_t{tables[j * kTokens + s]} * token_base(s);
      }
      spread[j] = w ? sum * 1024 / w : UINT64_MAX;
    }
    std::stable_sort(by_spread.begin(), by_spread.end(), [&](uint8_t i, uint8_t j) { return spread[i] < spread[j]; });
    for (size_t j = 0; j < count; ++j) rank[by_spread[j]] = static_cast<uint8_t>(j);
    for (const uint32_t i : order_) map_[i] = rank[map_[i]];
    sum_up(count, tables);
  }

  void sum_up(size_t k, std::vector<uint32_t>& tables) const {
    tables.assign(k * kTokens, 0);
    for (const uint32_t i : order_)
      for (unsigned s = 0; s < used_[i]; ++s) tables[map_[i] * size_t{kTokens} + s] += row(i)[s];
  }

  const uint32_t* counts_;
  unsigned alphabet_, most_, rounds_;
  std::vector<uint8_t> used_;    // symbols_in_use() of each context
  std::vector<uint32_t> order_;  // the contexts that occur, by spread
  std::vector<uint8_t> map_;     // context -> table
};

// Round the probabilities of a table for few symbols to fewer significant bits: then the table takes fewer bits itself.
// The largest takes what is left over.
void round_table(uint16_t* freq, unsigned alphabet, uint64_t symbols) {
  if (symbols >= 50000) return;
  const unsigned keep = symbols < 3000 ? 2 : 3;
  unsigned largest = 0;
  for (unsigned s = 1; s < alphabet; ++s)
    if (freq[s] > freq[largest]) largest = s;
  int left = kProbScale;
  for (unsigned s = 0; s < alphabet; ++s) {
    const auto width = static_cast<unsigned>(std::bit_width(freq[s]));
    if (s != largest && width > keep) {
      const unsigned drop = width - keep;
      freq[s] = static_cast<uint16_t>((freq[s] + (1u << drop >> 1)) >> drop << drop);
    }
    if (s != largest) left -= freq[s];
  }
  // Rounding adds at most a sixth to what is not the largest; should that be too much, all is scaled by halves.
  while (left <= 0) {
    left = kProbScale;
    for (unsigned s = 0; s < alphabet; ++s) {
      if (s == largest) continue;
      freq[s] = static_cast<uint16_t>(freq[s] - (freq[s] >> 1));
      left -= freq[s];
    }
  }
  freq[largest] = static_cast<uint16_t>(left);
}

// Finds the context map of a group that takes the fewest bits, itself included. It is coded from one energy level to
// the next (12.2), where staying with a table costs next to nothing: so it is the cheapest path through each detail
// level.
class MapPath {
 public:
  MapPath(const std::vector<uint32_t>& tables, size_t k, unsigned alphabet)
      : k_(k), alphabet_(alphabet), cost_(k * kTokens) {
    for (size_t j = 0; j < k; ++j) token_costs(&tables[j * kTokens], alphabet, &cost_[j * kTokens]);
  }

  void find(const uint32_t* counts, unsigned energies, std::vector<uint8_t>& map) const {
    map.assign(size_t{kDetailLevels} * energies, 0);
    std::vector<uint64_t> reach(k_), next(k_);
    std::vector<uint8_t> from(energies * k_);
    size_t start = 0;
    for (unsigned d = 0; d < kDetailLevels; ++d) {
      for (size_t j = 0; j < k_; ++j) reach[j] = step_cost(start, j, false);
      for (unsigned e = 0; e < energies; ++e) {
        const uint32_t* const h = counts + (size_t{d} * energies + e) * kTokens;
        const bool above = e > 0 && d > 0 && map[(d - 1) * energies + e] != map[(d - 1) * energies + e - 1];
        if (e > 0) {
          const auto least = static_cast<size_t>(std::min_element(reach.begin(), reach.end()) - reach.begin());
          for (size_t j = 0; j < k_; ++j) {
            size_t best = j;
            next[j] = reach[j] + step_cost(j, j, above);
            for (const size_t i : {least, j - 1}) {
              if (i >= k_) continue;
              if (const uint64_t c = reach[i] + step_cost(i, j, above); c < next[j]) {
                next[j] = c;
                best = i;
              }
            }
            from[e * k_ + j] = static_cast<uint8_t>(best);
          }
          reach.swap(next);
        }
        const unsigned used = symbols_in_use(h, alphabet_);
        for (size_t j = 0; j < k_ && used > 0; ++j) reach[j] += cross_cost(h, &cost_[j * kTokens], used);
      }
      auto at = static_cast<size_t>(std::min_element(reach.begin(), reach.end()) - reach.begin());
      for (unsigned e = energies; e-- > 0;) {
        map[size_t{d} * energies + e] = static_cast<uint8_t>(at);
        if (e > 0) at = from[e * k_ + at];
      }
      start = at;
    }
  }

 private:
  // About the price of a step from a table to another, in 1/256 bits; above_steps: the map steps at the same place in
  // the detail level before.
  static uint64_t step_cost(size_t from, size_t to, bool above_steps) {
    if (to == from) return above_steps ? 300 : 40;
    if (to == from + 1) return above_steps ? 350 : 1100;
    return above_steps ? 1300 : 2000;
  }
  size_t k_;
  unsigned alphabet_;
  std::vector<uint32_t> cost_;
};

// Choose how many of the lowest bits of deep residuals are noise: what is left of them is below 16 in the mean.
template <typename Sample>
uint8_t choose_residual_shift(Encoder<Sample>& e, unsigned level, unsigned c) {
  if (sizeof(Sample) == 1) return 0;
  uint64_t sum = 0, count = 1;
  for (uint32_t t = 0; t < e.shape.t; ++t) {
    if (e.structure.refs(t).level != level) continue;
    const Sample* const z = e.residual[c].data() + t * e.plane_size(c);
    for (size_t i = 0; i < e.plane_size(c); ++i) sum += magnitude(z[i]);
    count += e.plane_size(c);
  }
  const auto width = static_cast<unsigned>(std::bit_width(sum / count));
  return static_cast<uint8_t>(std::clamp(width, 4u, 4 + kMostShift) - 4);
}

// The contexts of all groups, one group after the other, and how often each token occurs in each.
struct Counts {
  std::vector<size_t> first;  // context of each group
  Buffer<uint32_t> tokens;    // [context][kTokens]
  unsigned alphabet = 0;
  const uint32_t* of_group(size_t g) const { return &tokens[first[g] * kTokens]; }
};

// Find the context of every sample, and count. False when there is no memory.
template <typename Sample>
bool count_contexts(Encoder<Sample>& e, Counts& counts) {
  const Shape& s = e.shape;
  size_t contexts = 0;
  uint32_t range = 1;
  for (unsigned level = 0; level < e.structure.levels(); ++level) {
    for (unsigned c = 0; c < s.components; ++c) {
      counts.first.push_back(contexts);
      contexts += size_t{kDetailLevels} * energy_levels(e.header.map[c].range);
      range = std::max(range, e.header.map[c].range);
    }
  }
  counts.alphabet = tokens_for(range);
  if (!counts.tokens.allocate(e.env, contexts * kTokens)) return false;
  std::fill(counts.tokens.begin(), counts.tokens.end(), 0u);
  ContextCounter<Sample> counter(e);
  if (!counter.allocate()) return false;
  for (unsigned c = 0; c < s.components; ++c)
    if (!e.context[c].allocate(e.env, s.t * e.plane_size(c))) return false;
  for (uint32_t t = 0; t < s.t; ++t) {
    for (unsigned c = 0; c < s.components; ++c) {
      const unsigned level = e.structure.refs(t).level;
      uint32_t* const of_group = &counts.tokens[counts.first[level * s.components + c] * kTokens];
      counter.count(t, c, e.group(level, c), reinterpret_cast<Histogram*>(of_group));
    }
  }
  return true;
}

// Choose the context map of every group for `k` tables. Returns the counts of tokens of each table.
std::vector<uint32_t> choose_context_maps(const Counts& counts, const std::vector<uint32_t>& tables, size_t k,
                                          unsigned components, ProfileHeader& header) {
  const unsigned alphabet = counts.alphabet;
  const MapPath path(tables, k, alphabet);
  std::vector<uint32_t> sums(tables.size(), 0);
  for (size_t g = 0; g < counts.first.size() && k > 0; ++g) {
    Group& group = header.groups[g];
    path.find(counts.of_group(g), energy_levels(header.map[g % components].range), group.table_of);
    const uint32_t* count = counts.of_group(g);
    for (const uint8_t table : group.table_of) {
      uint32_t* const sum = &sums[table * size_t{kTokens}];
      for (unsigned t = 0; t < alphabet; ++t) sum[t] += count[t];
      count += kTokens;
    }
  }
  return sums;
}

// Set the header's tables from the counts of `k` of them; those that no context has taken are left out, and the context
// maps follow.
void write_tables(const Counts& counts, const std::vector<uint32_t>& sums, size_t k, unsigned components,
                  ProfileHeader& header) {
  std::vector<uint8_t> number(k, 0);
  header.freq.clear();
  header.tables = 0;
  for (size_t j = 0; j < k; ++j) {
    const uint32_t* const h = &sums[j * kTokens];
    number[j] = static_cast<uint8_t>(header.tables);
    if (std::all_of(h, h + kTokens, [](uint32_t v) { return v == 0; })) continue;
    ++header.tables;
    header.freq.resize(size_t{header.tables} * kTokens);
    uint16_t* const freq = &header.freq[size_t{number[j]} * kTokens];
    normalize(h, kTokens, freq);
    round_table(freq, counts.alphabet, std::accumulate(h, h + kTokens, uint64_t{0}));
  }
  for (size_t g = 0; g < counts.first.size(); ++g) {
    Group& group = header.groups[g];
    group.table_of.resize(size_t{kDetailLevels} * energy_levels(header.map[g % components].range), 0);
    for (uint8_t& table : group.table_of)
      table = k == 0 ? uint8_t{0} : std::min(number[table], static_cast<uint8_t>(header.tables - 1));
  }
}

}  // namespace

template <typename Sample>
bool choose_tables(Encoder<Sample>& e) {
  const unsigned components = e.shape.components;
  const bool mixed = e.header.coder == ResidualCoder::kMixed;
  for (unsigned level = 0; level < e.structure.levels(); ++level) {
    for (unsigned c = 0; c < components; ++c) {
      Group& group = e.group(level, c);
      group.detail_shift = choose_detail_shift(e, level, c);
      if (mixed) group.residual_shift = choose_residual_shift(e, level, c);
    }
  }
  if (mixed) return true;

  Counts counts;
  if (!count_contexts(e, counts)) return false;
  const unsigned rounds = e.header.coder == ResidualCoder::kWest ? 6 : 3;
  std::vector<uint32_t> tables;
  Clustering(counts.tokens.data(), counts.tokens.size() / kTokens, counts.alphabet, e.tools.tables, rounds).run(tables);
  const size_t k = tables.size() / kTokens;
  const std::vector<uint32_t> sums = choose_context_maps(counts, tables, k, components, e.header);
  write_tables(counts, sums, k, components, e.header);
  return true;
}

template bool choose_tables(Encoder<uint8_t>&);
template bool choose_tables(Encoder<uint16_t>&);

}  // namespace stf::lossless
