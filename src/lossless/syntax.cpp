#include "lossless/syntax.hpp"

#include <algorithm>

#include "entropy/tables.hpp"
#include "lossless/predict.hpp"

namespace stf::lossless {
namespace {

// Code which values are in use, as alternating runs of unused and used ones.
template <typename Coder>
bool code_ranks(Coder& coder, unsigned bits, SampleMap& map) {
  AdaptiveExpGolomb<> runs[2];
  const uint32_t end = 1u << bits;
  if constexpr (Coder::kReads) map.values.clear();
  size_t at = 0;
  for (uint32_t v = 0; v < end;) {
    uint32_t skip = 0, use = 0;
    if constexpr (!Coder::kReads) {
      skip = (at < map.values.size() ? map.values[at] : end) - v;
      while (at < map.values.size() && map.values[at] == v + skip + use) ++use, ++at;
    }
    skip = coder.number(runs[0], skip);
    if (skip > end - v) return false;
    v += skip;
    if (v == end) break;
    use = coder.number(runs[1], use - 1) + 1;
    if (use == 0 || use > end - v || coder.overrun()) return false;
    if constexpr (Coder::kReads)
      for (uint32_t i = 0; i < use; ++i) map.values.push_back(static_cast<uint16_t>(v + i));
    v += use;
  }
  map.range = static_cast<uint32_t>(map.values.size());
  return map.range != 0;
}

// Code how a component's samples are mapped.
template <typename Coder>
bool code_map(Coder& coder, unsigned bits, SampleMap& map) {
  map.kind = static_cast<Mapping>(coder.literal(static_cast<uint32_t>(map.kind), 2));
  switch (map.kind) {
    case Mapping::kIdentity:
      map.low = 0;
      map.range = 1u << bits;
      return true;
    case Mapping::kOffset:
      map.low = coder.literal(map.low, bits);
      map.range = coder.literal(map.range - 1, bits) + 1;
      return map.low + map.range <= 1u << bits;
    case Mapping::kRanks: return code_ranks(coder, bits, map);
  }
  return false;
}

// Statistics of the predictors of all groups.
struct PredictorModels {
  AdaptiveModel<kKinds> kind;
  AdaptiveExpGolomb<12> coefficient[3][kMaxTaps];
};

// Code the predictors of a group; coefficients are differences to those of the linear predictor before.
template <typename Coder>
bool code_predictors(Coder& coder, PredictorModels& models, unsigned refs, bool previous, Group& group) {
  const uint32_t n = coder.literal(static_cast<uint32_t>(group.predictors.size() - 1), 4) + 1;
  if constexpr (Coder::kReads) group.predictors.assign(n, Predictor{});
  const unsigned taps = count_taps(refs, previous);
  Predictor before;
  for (Predictor& p : group.predictors) {
    p.kind = static_cast<Kind>(coder(models.kind, static_cast<unsigned>(p.kind)));
    if ((refs < 1 && needs_a(p.kind)) || (refs < 2 && needs_b(p.kind))) return false;
    if (p.kind != Kind::kLinear) continue;
    for (unsigned k = 0; k < taps; ++k) {
      const int64_t c = code_signed(coder, models.coefficient[refs][k], p.coefficient[k] - before.coefficient[k]) +
                        before.coefficient[k];
      if (c < -kMaxCoefficient || c > kMaxCoefficient) return false;
      p.coefficient[k] = static_cast<int16_t>(c);
    }
    before = p;
  }
  return true;
}

// Code the context map of a group, which is the table of every context. Tables mostly rise with the energy, so each is
// coded as a step from the one before.
template <typename Coder>
bool code_context_map(Coder& coder, AdaptiveModel<16> (&step)[6], unsigned tables, unsigned energies, Group& group) {
  if constexpr (Coder::kReads) group.table_of.assign(size_t{kDetailLevels} * energies, 0);
  int row_start = 0;
  for (unsigned d = 0; d < kDetailLevels; ++d) {
    int before = row_start;
    unsigned last = 0;
    for (unsigned e = 0; e < energies; ++e) {
      uint8_t& table = group.table_of[d * energies + e];
      const int delta = table - before;
      const unsigned zigzag = static_cast<unsigned>(delta >= 0 ? 2 * delta : -2 * delta - 1);
      const uint8_t* const above = d > 0 && e > 0 ? &table - energies : nullptr;  // in the detail level before
      const unsigned context = last + (above != nullptr && above[0] != above[-1] ? 3 : 0);
      const unsigned s = coder(step[context], std::min(zigzag, 15u));
      if (s == 15) {
        before = static_cast<int>(coder.literal(table, 8));
      } else {
        before += static_cast<int>(s >> 1) ^ -static_cast<int>(s & 1);
      }
      if (before < 0 || before >= static_cast<int>(tables)) return false;
      table = static_cast<uint8_t>(before);
      last = s == 0 ? 0 : s == 2 ? 1 : 2;
      if (e == 0) row_start = before;
    }
  }
  return true;
}

// Code the probability tables.
template <typename Coder>
bool code_tables(Coder& coder, unsigned alphabet, ProfileHeader& header) {
  header.tables = coder.literal(header.tables, 8);
  if constexpr (Coder::kReads) header.freq.assign(size_t{header.tables} * kTokens, 0);
  TableCoder tables(alphabet);
  for (unsigned i = 0; i < header.tables; ++i) {
    uint16_t* const freq = header.freq.data() + size_t{i} * kTokens;
    if constexpr (Coder::kReads) {
      if (!tables.read(coder.decoder, freq)) return false;
    } else {
      tables.write(coder.encoder, freq);
    }
  }
  return true;
}

// Code the shifts of a group and its context map; `step` are the statistics of context maps.
template <typename Coder>
bool code_contexts(Coder& coder, const ProfileHeader& header, uint32_t range, AdaptiveModel<16> (&step)[6],
                   Group& group) {
  if (header.coder == ResidualCoder::kMixed) {
    group.detail_shift = static_cast<uint8_t>(coder.literal(group.detail_shift, 4));
    group.residual_shift = static_cast<uint8_t>(coder.literal(group.residual_shift, 4));
    return group.residual_shift <= kMostShift;
  }
  if (header.tables < 2) {
    if constexpr (Coder::kReads) group.table_of.assign(size_t{kDetailLevels} * energy_levels(range), 0);
    return true;
  }
  group.detail_shift = static_cast<uint8_t>(coder.literal(group.detail_shift, 4));
  return code_context_map(coder, step, header.tables, energy_levels(range), group);
}

}  // namespace

template <typename Coder>
bool code_header(Coder& coder, const Shape& shape, const Structure& structure, ProfileHeader& header) {
  const unsigned n = shape.components;
  bool identity = true;
  for (unsigned c = 0; c < n; ++c) {
    if (!code_map(coder, shape.bits, header.map[c])) return false;
    identity &= header.map[c].kind == Mapping::kIdentity;
  }
  if (n >= 3 && identity && shape.has_previous(1) && shape.has_previous(2)) {
    header.colour = static_cast<ColourTransform>(coder.literal(static_cast<uint32_t>(header.colour), 2));
    if (header.colour > ColourTransform::kLumaGreen) return false;
  }

  header.coder = static_cast<ResidualCoder>(coder.literal(static_cast<uint32_t>(header.coder), 2));
  if (header.coder > ResidualCoder::kMixed) return false;
  uint32_t range = 1;
  for (unsigned c = 0; c < n; ++c) range = std::max(range, header.map[c].range);
  if (header.coder == ResidualCoder::kMixed) header.tables = 0;
  else if (!code_tables(coder, tokens_for(range), header)) return false;

  if constexpr (Coder::kReads) header.groups.assign(size_t{structure.levels()} * n, Group{});
  unsigned level_refs[16] = {};
  for (uint32_t t = 0; t < structure.frames(); ++t) level_refs[structure.refs(t).level] = structure.refs(t).count;
  PredictorModels models;
  AdaptiveModel<16> step[6];
  for (unsigned level = 0; level < structure.levels(); ++level) {
    for (unsigned c = 0; c < n; ++c) {
      Group& group = header.group(level, c, n);
      if (coder.overrun() || !code_predictors(coder, models, level_refs[level], shape.has_previous(c), group) ||
          !code_contexts(coder, header, header.map[c].range, step, group))
        return false;
    }
  }
  return true;
}

template <typename Coder>
bool code_blocks(Coder& coder, const Group& group, const BlockSyntax& syntax, BlockChoice* blocks) {
  const unsigned blocks_y = syntax.rows, blocks_x = syntax.columns;
  const auto predictors = static_cast<unsigned>(group.predictors.size());
  AdaptiveBit exact[3], same[3], still[2][3];
  AdaptiveModel<kMaxPredictors> which;
  AdaptiveExpGolomb<14> vector[2][2];
  for (unsigned i = 0; i < kMaxPredictors - 1; ++i)
    which.bound[i] = static_cast<uint16_t>(
        std::min(kCdfScale * (i + 1) / predictors, kCdfScale - kCdfFloor * (kMaxPredictors - 1 - i)));

  const BlockChoice none;
  for (unsigned y = 0; y < blocks_y; ++y) {
    if (coder.overrun()) return false;
    for (unsigned x = 0; x < blocks_x; ++x) {
      BlockChoice& block = blocks[y * blocks_x + x];
      const BlockChoice& west = x ? blocks[y * blocks_x + x - 1] : none;
      const BlockChoice& north = y ? blocks[(y - 1) * blocks_x + x] : x ? west : none;
      const BlockChoice& corner = y && x + 1 < blocks_x ? blocks[(y - 1) * blocks_x + x + 1] : north;

      block.exact = coder(exact[west.exact + north.exact], block.exact) != 0;
      if (predictors > 1) {
        const unsigned context = west.predictor == north.predictor ? 0 : 1;
        if (coder(same[context], block.predictor == west.predictor)) {
          block.predictor = west.predictor;
        } else {
          block.predictor = static_cast<uint8_t>(coder(which, block.predictor));
          if (block.predictor >= predictors) return false;
        }
      } else {
        block.predictor = 0;
      }
      if (!syntax.motion) continue;
      for (unsigned r = 0; r < syntax.refs; ++r) {
        Displacement& v = block.motion[r];
        const Displacement w = west.motion[r], n = north.motion[r], c = corner.motion[r];
        const int py = median_of(w.y, n.y, c.y), px = median_of(w.x, n.x, c.x);
        const unsigned context = (w == n) + (n == c);
        if (coder(still[r][context], v.y == py && v.x == px)) {
          v = {static_cast<int16_t>(py), static_cast<int16_t>(px)};
          continue;
        }
        const int64_t vy = code_signed(coder, vector[r][0], v.y - py) + py;
        const int64_t vx = code_signed(coder, vector[r][1], v.x - px) + px;
        if (std::min(vy, vx) < -kMaxDisplacement || std::max(vy, vx) > kMaxDisplacement) return false;
        v = {static_cast<int16_t>(vy), static_cast<int16_t>(vx)};
      }
    }
  }
  return !coder.overrun();
}

template bool code_header(SideWriter&, const Shape&, const Structure&, ProfileHeader&);
template bool code_header(SideReader&, const Shape&, const Structure&, ProfileHeader&);
template bool code_blocks(SideWriter&, const Group&, const BlockSyntax&, BlockChoice*);
template bool code_blocks(SideReader&, const Group&, const BlockSyntax&, BlockChoice*);

}  // namespace stf::lossless
