// Contexts of all residuals, and few tables for many contexts: contexts are dealt to tables so that symbols, tables
// and the map between them take the least.

#include <algorithm>
#include <array>
#include <numeric>

#include "entropy/statistics.hpp"
#include "lossless/contexts.hpp"
#include "lossless/encoder.hpp"

namespace stf::lossless {
namespace {

using Histogram = uint32_t[kTokens];

// How far the details of a group's samples are shifted down, so that their levels are all in use.
template <typename Sample>
uint8_t choose_detail_shift(Encoder<Sample>& e, unsigned level, unsigned c) {
  // Raise the shift while more than a quarter of the samples are in the last level.
  uint64_t sum = 0, count = 0;
  std::vector<uint8_t> detail(e.shape.x[c]);
  uint64_t by_width[18] = {};
  for (uint32_t t = 0; t < e.shape.t; ++t) {
    if (e.structure.refs(t).level != level) continue;
    const Neighbourhood<Sample> f = e.neighbourhood(t, c);
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
        sum += d;
      }
    }
  }
  unsigned shift = 0;
  for (uint64_t above = count; shift < 15; ++shift) {
    above = 0;
    for (unsigned w = kDetailLevels - 1 + shift; w < 18; ++w) above += by_width[w];
    if (above * 4 <= count) break;
  }
  return static_cast<uint8_t>(shift);
}

// The contexts of one component of one frame, and its tokens' counts.
template <typename Sample>
void count_frame(Encoder<Sample>& e, MagnitudeRows<Sample>& rows, const std::array<uint8_t, 2048>& level_of,
                 std::vector<uint32_t>& energy, std::vector<uint8_t>& detail, uint32_t t, unsigned c,
                 const Group& group, Histogram* counts) {
  const Shape& s = e.shape;
  const int range = e.range(c), width = static_cast<int>(s.x[c]), height = static_cast<int>(s.y[c]);
  const unsigned energies = energy_levels(static_cast<uint32_t>(range));
  const int block_height = kBlock >> s.sub_y[c];
  const auto blocks_x = static_cast<int>(s.blocks_x());
  const Neighbourhood<Sample> f = e.neighbourhood(t, c);
  const AsCurrent<Sample> current(f, range);
  const Sample* z = e.residual[c].data() + t * e.plane_size(c);
  uint16_t* context = e.context[c].data() + t * e.plane_size(c);
  const Block* const blocks = e.frame_blocks(c, t);
  rows.restart();
  for (int y = 0; y < height; ++y, z += width, context += width) {
    energy_above(rows, width, energy.data());
    Sample* const m = rows[0];
    for (int x = 0; x < width; ++x) m[x] = static_cast<Sample>(magnitude(z[x]));
    for (int bx = 0; bx < blocks_x; ++bx) {
      const Block& block = blocks[(y / block_height) * blocks_x + bx];
      if (block.exact) continue;
      const BlockBox box = block_box(s, c, y / block_height, bx);
      const Run<Sample> r = run_at(f, s, c, box, block, y, box.x0, box.x1 - box.x0, range);
      detail_run(f.refs, r.current - r.stride, r.current - 2 * r.stride, r.a, r.a_stride, r.b, r.n,
                 group.detail_shift, detail.data());
      for (int i = 0; i < r.n; ++i) {
        const int x = box.x0 + i;
        const uint32_t u = energy_here(energy[x], m[x - 1], m[x - 2]);
        const unsigned k = detail[i] * energies + (u < level_of.size() ? level_of[u] : energy_level(u));
        context[x] = static_cast<uint16_t>(k);
        ++counts[k][token_of(z[x])];
      }
    }
    rows.next();
  }
}

// Bits of coding one symbol of each token by these counts, in 1/256 bits, unseen tokens included.
void token_costs(const uint32_t* counts, unsigned alphabet, uint32_t* cost) {
  uint64_t total = 0;
  for (unsigned s = 0; s < alphabet; ++s) total += counts[s];
  const uint32_t down = total > (1u << 26) ? 6 : 0;  // keeps 32 * count in 32 bits
  const uint32_t all = log2_fixed(static_cast<uint32_t>((total >> down) * 32 + alphabet));
  for (unsigned s = 0; s < alphabet; ++s)
    cost[s] = (all - log2_fixed((counts[s] >> down) * 32 + 1)) >> (kLog2Shift - kCostShift);
}
uint64_t cross_cost(const uint32_t* counts, const uint32_t* cost, unsigned alphabet) {
  uint64_t sum = 0;
  for (unsigned s = 0; s < alphabet; ++s) sum += uint64_t{counts[s]} * cost[s];
  return sum;
}

class Clustering {
 public:
  Clustering(std::vector<uint32_t>& counts, size_t contexts, unsigned alphabet, unsigned most)
      : counts_(counts), n_(contexts), alphabet_(alphabet), most_(most) {}

  // Table of each context (0 where it never occurs); counts of each table in `tables`.
  std::vector<uint8_t> run(std::vector<uint32_t>& tables) {
    uint64_t total = 0;
    std::vector<uint64_t> weight(n_, 0), mean(n_, 0);
    std::vector<uint32_t> order;
    for (size_t i = 0; i < n_; ++i) {
      uint64_t spread = 0;
      for (unsigned s = 0; s < alphabet_; ++s) {
        weight[i] += row(i)[s];
        spread += uint64_t{row(i)[s]} * token_base(s);
      }
      if (weight[i] == 0) continue;
      mean[i] = spread * 1024 / weight[i];
      total += weight[i];
      order.push_back(static_cast<uint32_t>(i));
    }
    std::vector<uint8_t> map(n_, 0);
    if (order.empty()) return map;
    std::stable_sort(order.begin(), order.end(), [&](uint32_t i, uint32_t j) { return mean[i] < mean[j]; });

    // Begin with equal shares of the samples in order of spread.
    const auto k = static_cast<size_t>(std::min<uint64_t>({most_, 1 + total / 1024, order.size()}));
    uint64_t seen = 0;
    for (const uint32_t i : order) {
      map[i] = static_cast<uint8_t>(std::min<uint64_t>(k - 1, (seen + weight[i] / 2) * k / total));
      seen += weight[i];
    }
    std::vector<uint32_t> cost(k * kTokens);
    sum_up(map, order, k, tables);
    for (int round = 0; round < 6; ++round) {
      for (size_t j = 0; j < k; ++j) token_costs(&tables[j * kTokens], alphabet_, &cost[j * kTokens]);
      bool changed = false;
      for (const uint32_t i : order) {
        uint64_t least = UINT64_MAX;
        uint8_t best = 0;
        for (size_t j = 0; j < k; ++j) {
          const uint64_t c = cross_cost(row(i), &cost[j * kTokens], alphabet_);
          if (c < least) {
            least = c;
            best = static_cast<uint8_t>(j);
          }
        }
        changed |= best != map[i];
        map[i] = best;
      }
      sum_up(map, order, k, tables);
      if (!changed) break;
    }

    // Merge tables that are not worth their own bits; number them by spread, so that the map is smooth.
    std::vector<uint8_t> merged(k);
    const size_t count = cluster_histograms(tables.data(), k, kTokens, most_, merged.data());
    for (const uint32_t i : order) map[i] = merged[map[i]];
    sum_up(map, order, count, tables);
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
    for (const uint32_t i : order) map[i] = rank[map[i]];
    sum_up(map, order, count, tables);
    return map;
  }

 private:
  const uint32_t* row(size_t i) const { return &counts_[i * kTokens]; }
  void sum_up(const std::vector<uint8_t>& map, const std::vector<uint32_t>& order, size_t k,
              std::vector<uint32_t>& tables) const {
    tables.assign(k * kTokens, 0);
    for (const uint32_t i : order)
      for (unsigned s = 0; s < alphabet_; ++s) tables[map[i] * size_t{kTokens} + s] += row(i)[s];
  }

  std::vector<uint32_t>& counts_;
  size_t n_;
  unsigned alphabet_, most_;
};

}  // namespace

template <typename Sample>
bool choose_tables(Encoder<Sample>& e) {
  const Shape& s = e.shape;
  MagnitudeRows<Sample> rows;
  if (!rows.allocate(e.env, static_cast<int>(s.x[0]))) return false;
  std::array<uint8_t, 2048> level_of;
  for (uint32_t u = 0; u < level_of.size(); ++u) level_of[u] = static_cast<uint8_t>(energy_level(u));
  std::vector<uint32_t> energy(s.x[0]);
  std::vector<uint8_t> detail(kBlock);
  for (unsigned c = 0; c < s.components; ++c)
    if (!e.context[c].allocate(e.env, s.t * e.plane_size(c))) return false;

  // Counts of all contexts of all groups, one after the other.
  std::vector<size_t> first;
  size_t contexts = 0;
  uint32_t range = 1;
  for (unsigned level = 0; level < e.structure.levels(); ++level) {
    for (unsigned c = 0; c < s.components; ++c) {
      first.push_back(contexts);
      contexts += size_t{kDetailLevels} * energy_levels(e.header.map[c].range);
      range = std::max(range, e.header.map[c].range);
      e.header.group(level, c, s.components).detail_shift = choose_detail_shift(e, level, c);
    }
  }
  std::vector<uint32_t> counts(contexts * kTokens, 0);
  for (uint32_t t = 0; t < s.t; ++t) {
    for (unsigned c = 0; c < s.components; ++c) {
      const unsigned level = e.structure.refs(t).level;
      count_frame(e, rows, level_of, energy, detail, t, c, e.header.group(level, c, s.components),
                  reinterpret_cast<Histogram*>(&counts[first[level * s.components + c] * kTokens]));
    }
  }

  std::vector<uint32_t> tables;
  const std::vector<uint8_t> map = Clustering(counts, contexts, tokens_for(range), e.tools.tables).run(tables);
  e.header.tables = static_cast<unsigned>(tables.size() / kTokens);
  e.header.freq.assign(tables.size(), 0);
  for (unsigned i = 0; i < e.header.tables; ++i)
    normalize(&tables[size_t{i} * kTokens], kTokens, &e.header.freq[size_t{i} * kTokens]);

  for (size_t g = 0; g < first.size(); ++g) {
    Group& group = e.header.groups[g];
    const unsigned energies = energy_levels(e.header.map[g % s.components].range);
    group.table_of.assign(map.begin() + static_cast<ptrdiff_t>(first[g]),
                          map.begin() + static_cast<ptrdiff_t>(first[g] + size_t{kDetailLevels} * energies));
    // Contexts that never occur continue what is before them, which costs least.
    uint8_t row_start = 0;
    for (unsigned d = 0; d < kDetailLevels; ++d) {
      uint8_t before = row_start;
      for (unsigned k = 0; k < energies; ++k) {
        const size_t at = size_t{d} * energies + k;
        const uint32_t* const h = &counts[(first[g] + at) * kTokens];
        if (std::all_of(h, h + kTokens, [](uint32_t v) { return v == 0; })) group.table_of[at] = before;
        before = group.table_of[at];
        if (k == 0) row_start = before;
      }
    }
  }
  return true;
}

template bool choose_tables(Encoder<uint8_t>&);
template bool choose_tables(Encoder<uint16_t>&);

}  // namespace stf::lossless
