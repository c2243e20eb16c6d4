// Decoder of the lossless profile (docs/format.md, section 12).

#include "common/bytes.hpp"
#include "common/status.hpp"
#include "entropy/bits.hpp"
#include "entropy/rans.hpp"
#include "lossless/contexts.hpp"
#include "lossless/geometry.hpp"
#include "lossless/lossless.hpp"
#include "lossless/mapping.hpp"
#include "lossless/mixed.hpp"
#include "lossless/quantise.hpp"
#include "lossless/spans.hpp"
#include "lossless/syntax.hpp"

namespace stf::lossless {
namespace {

constexpr const char* kCorrupt = "the lossless payload is corrupt: %s";

struct Substream {
  const uint8_t* data = nullptr;
  size_t size = 0;
};

struct Payload {
  Shape shape;
  Header header;
  std::vector<Substream> streams;  // [frame][component]
};

stf_status parse(const uint8_t* data, size_t size, const Structure& structure, Payload& p, stf_error* error) {
  ByteReader reader(data, size);
  const size_t header_size = static_cast<size_t>(reader.uvarint());
  const uint8_t* const header = reader.bytes(header_size);
  if (!reader.ok()) return fail(error, STF_E_CORRUPT_FRAGMENT, kCorrupt, "its header is cut short");
  SideReader side(header, header_size);
  if (!code_header(side, p.shape, structure, p.header) || !side.decoder.finish())
    return fail(error, STF_E_CORRUPT_FRAGMENT, kCorrupt, "its header makes no sense");

  const unsigned n = p.shape.components;
  p.streams.resize(size_t{p.shape.t} * n);
  for (const uint32_t frame : structure.stored())
    for (unsigned c = 0; c < n; ++c) p.streams[size_t{frame} * n + c].size = static_cast<size_t>(reader.uvarint());
  for (const uint32_t frame : structure.stored()) {
    for (unsigned c = 0; c < n; ++c) {
      Substream& s = p.streams[size_t{frame} * n + c];
      s.data = reader.bytes(s.size);
    }
  }
  if (!reader.ok() || reader.left() != 0)
    return fail(error, STF_E_CORRUPT_FRAGMENT, kCorrupt, "its frame table does not fit");
  return STF_OK;
}

// Energy -> table for one group where the residuals to the west count, the context map unrolled if that is small.
template <typename Sample>
class TableChoice {
 public:
  using Energy = typename ContextRows<Sample>::Energy;
  void build(const Group& group, uint32_t range) {
    group_ = &group;
    energies_ = energy_levels(range);
    if constexpr (sizeof(Sample) == 1) {
      direct_.resize(kDetailLevels * kDirect);
      for (unsigned d = 0; d < kDetailLevels; ++d)
        for (uint32_t u = 0; u <= max_energy(range); ++u)
          direct_[d * kDirect + u] = group.table_of[d * energies_ + energy_level(u)];
    }
  }
  // What the rows above and the detail say of a sample's context, to be completed by table().
  void begin_run(const uint8_t* detail, const Energy* energy, int n, uint32_t* context) const {
    const uint32_t scale = sizeof(Sample) == 1 ? kDirect : uint32_t{1} << kEnergyBits;
    for (int i = 0; i < n; ++i) context[i] = detail[i] * scale + energy[i];
  }
  unsigned table(uint32_t context) const {
    if constexpr (sizeof(Sample) == 1) return direct_[context];
    const unsigned energy = energy_level(context & ((1u << kEnergyBits) - 1));
    return group_->table_of[(context >> kEnergyBits) * energies_ + energy];
  }

 private:
  static constexpr uint32_t kDirect = 8 * 128 + 1;
  static constexpr unsigned kEnergyBits = 20;  // energies of 16-bit samples are at most 8 * 2^15
  const Group* group_ = nullptr;
  unsigned energies_ = 0;
  std::vector<uint8_t> direct_;
};

template <typename Sample>
class Decoder {
 public:
  // `plan`: of the frames that will be decoded.
  Decoder(const stf_env& env, const Payload& payload, const Structure& structure, const SlotPlan& plan, unsigned lanes)
      : env_(env), p_(payload), structure_(structure), plan_(plan), lanes_(lanes) {}

  stf_status allocate(stf_error* error) {
    const Shape& s = p_.shape;
    const size_t x = s.x[0];
    if (!store_.allocate(env_, s, plan_.slots) || !energy_.allocate(env_, x) || !context_.allocate(env_, x) ||
        !detail_.allocate(env_, x) || !known_.allocate(env_, x) || !table_.allocate(env_, x) ||
        !token_.allocate(env_, x) || !residual_.allocate(env_, x) || !rows_.allocate(env_, static_cast<int>(x)) ||
        !tables_.allocate(env_, std::max(1u, p_.header.tables)))
      return fail(error, STF_E_MEMORY, "no memory to decode a fragment");
    if (p_.header.coder == ResidualCoder::kMixed && !mixed_.allocate(env_, s, plan_.slots))
      return fail(error, STF_E_MEMORY, "no memory to decode a fragment");
    for (unsigned i = 0; i < p_.header.tables; ++i)
      if (!tables_[i].build(p_.header.freq.data() + size_t{i} * kTokens, kTokens))
        return fail(error, STF_E_CORRUPT_FRAGMENT, kCorrupt, "a table does not sum up");
    blocks_.resize(size_t{s.blocks_y()} * s.blocks_x());
    vectors_.resize(blocks_.size());
    if (p_.header.coder != ResidualCoder::kWest) return STF_OK;
    choice_.resize(size_t{structure_.levels()} * s.components);
    for (unsigned i = 0; i < choice_.size(); ++i)
      choice_[i].build(p_.header.groups[i], p_.header.map[i % s.components].range);
    return STF_OK;
  }

  // Components to decode (`needed`), and to look at for their vectors only (component 0).
  stf_status decode_frame(uint32_t t, unsigned needed, stf_error* error) {
    const FrameRefs& refs = structure_.refs(t);
    const uint32_t slot = plan_.slot[t], slot_a = plan_.slot[refs.a], slot_b = plan_.slot[refs.b];
    const unsigned n = p_.shape.components;
    for (unsigned c = 0; c < n; ++c) {
      const bool wanted = (needed >> c & 1) != 0;
      if (!wanted && (c != 0 || refs.count == 0)) continue;
      Neighbourhood<Sample> f;
      f.refs = refs.count;
      f.current = store_.frame(slot, c);
      if (refs.count > 0) f.a = store_.frame(slot_a, c);
      if (refs.count > 1) f.b = store_.frame(slot_b, c);
      f.has_previous = p_.shape.has_previous(c);
      if (f.has_previous) {
        f.previous = store_.frame(slot, c - 1);
        if (refs.count > 0) f.previous_a = store_.frame(slot_a, c - 1);
      }
      const char* const problem = decode_component(t, c, f, wanted);
      if (problem != nullptr) return fail(error, STF_E_CORRUPT_FRAGMENT, kCorrupt, problem);
    }
    return STF_OK;
  }

  FrameStore<Sample>& store() { return store_; }

 private:
  const char* decode_component(uint32_t t, unsigned c, Neighbourhood<Sample>& f, bool samples) {
    const Shape& s = p_.shape;
    const unsigned level = structure_.refs(t).level;
    const Group& group = p_.header.group(level, c, s.components);
    const Substream& stream = p_.streams[size_t{t} * s.components + c];
    ByteReader reader(stream.data, stream.size);
    const auto side_size = static_cast<size_t>(reader.uvarint()), raw_size = static_cast<size_t>(reader.uvarint());
    const uint8_t* const side_data = reader.bytes(side_size);
    const uint8_t* const raw_data = reader.bytes(raw_size);
    if (!reader.ok()) return "a substream is cut short";

    for (size_t i = 0; i < blocks_.size(); ++i) blocks_[i] = Block{};
    if (c > 0 && f.refs > 0)
      for (size_t i = 0; i < blocks_.size(); ++i)
        for (int k = 0; k < 2; ++k) blocks_[i].motion[k] = vectors_[i].motion[k];
    SideReader side(side_data, side_size);
    if (!code_blocks(side, group, f.refs, c == 0 && f.refs > 0, s.blocks_y(), s.blocks_x(), blocks_.data()) ||
        !side.decoder.finish())
      return "its blocks make no sense";
    if (c == 0) vectors_ = blocks_;
    if (!samples) return nullptr;
    if (p_.header.coder == ResidualCoder::kMixed) {
      if (raw_size != 0) return "a substream has bits that it does not use";
      return decode_mixed(t, c, group, f, reader);
    }

    BitReader raw(raw_data, raw_size);
    RansDecoder rans;
    const bool coded = reader.left() != 0;
    if (coded && (p_.header.tables == 0 || !rans.reset(reader.cursor(), reader.left(), lanes_)))
      return "a substream does not begin";
    const TableChoice<Sample>* const choice = choice_.empty() ? nullptr : &choice_[level * s.components + c];
    const char* const problem = decode_rows(c, group, choice, f, coded, rans, raw);
    if (problem != nullptr) return problem;
    if (!raw.finish() || (coded && !rans.finish())) return "a substream does not end where it should";
    return nullptr;
  }

  const char* decode_mixed(uint32_t t, unsigned c, const Group& group, const Neighbourhood<Sample>& f,
                           const ByteReader& reader);
  const char* decode_rows(unsigned c, const Group& group, const TableChoice<Sample>* choice, Neighbourhood<Sample>& f,
                          bool coded, RansDecoder& rans, BitReader& raw);
  bool decode_run(const TableChoice<Sample>& choice, int n, uint32_t range, RansDecoder& rans, BitReader& raw,
                  unsigned& lane, Sample* m, Sample* residual) const;
  bool decode_row(const Group& group, unsigned refs, uint32_t range, RansDecoder& rans, BitReader& raw, unsigned& lane);

  const stf_env& env_;
  const Payload& p_;
  const Structure& structure_;
  const SlotPlan& plan_;
  const unsigned lanes_;
  FrameStore<Sample> store_;
  MixedStore<Sample> mixed_;
  MagnitudeRows<Sample> rows_;
  const ContextRows<Sample> kernels_;
  Buffer<typename ContextRows<Sample>::Energy> energy_;
  Buffer<uint32_t> context_;  // with those to the west still to come
  Buffer<uint16_t> known_;    // complete
  Buffer<uint8_t> detail_, table_, token_;
  Buffer<Sample> residual_;
  Buffer<RansCompactTable> tables_;
  std::vector<Block> blocks_, vectors_;
  std::vector<TableChoice<Sample>> choice_;
  std::vector<Span<Sample>> spans_;
};

// The residuals of a run and their magnitudes. This loop is most of the decoder's time: its chain goes from a symbol
// through its magnitude and the choice of a table to the next symbol.
template <typename Sample>
bool Decoder<Sample>::decode_run(const TableChoice<Sample>& choice, int n, uint32_t range, RansDecoder& rans,
                                 BitReader& raw, unsigned& lane_in, Sample* m, Sample* residual) const {
  const unsigned lanes = lanes_;
  const RansCompactTable* const tables = tables_.data();
  const uint32_t* const context = context_.data();
  unsigned lane = lane_in;
  bool sound = true;
  uint32_t w = m[-1], ww = m[-2];
  for (int i = 0; i < n; ++i) {
    uint32_t z = rans.get(lane, tables[choice.table(energy_here(context[i], w, ww))]);
    lane = lane + 1 == lanes ? 0 : lane + 1;
    if (z >= 16) z = token_base(z) + raw.get(token_extra(z));
    if (z >= range) [[unlikely]] {
      z = 0;
      sound = false;
    }
    residual[i] = static_cast<Sample>(z);
    ww = w;
    w = magnitude(z);
    m[i] = static_cast<Sample>(w);
  }
  lane_in = lane;
  return sound;
}

// The residuals of a row whose contexts are known before it: all of them at once.
template <typename Sample>
bool Decoder<Sample>::decode_row(const Group& group, unsigned refs, uint32_t range, RansDecoder& rans, BitReader& raw,
                                 unsigned& lane) {
  const unsigned energies = energy_levels(range);
  const uint8_t* const table_of = group.table_of.data();
  const uint16_t* const known = known_.data();
  uint8_t* table = table_.data();
  for (const Span<Sample>& span : spans_) {
    if (span.block->exact) continue;
    const auto n = static_cast<size_t>(span.n);
    kernels_.detail(refs, span.run, group.detail_shift, detail_.data());
    kernels_.contexts(energy_.data() + span.x0, nullptr, detail_.data(), n, energies, known_.data());
    for (size_t i = 0; i < n; ++i) table[i] = table_of[known[i]];
    table += n;
  }
  rans.get_all(lane, tables_.data(), table_.data(), static_cast<size_t>(table - table_.data()), token_.data());

  const uint8_t* token = token_.data();
  bool sound = true;
  for (const Span<Sample>& span : spans_) {
    Sample* const z = residual_.data() + span.x0;
    if (span.block->exact) {
      std::memset(z, 0, static_cast<size_t>(span.n) * sizeof(Sample));
      continue;
    }
    const int n = span.n;
    std::copy_n(token, static_cast<size_t>(n), z);
    each_large(token, n, [&](int i) {
      const uint32_t value = token_base(token[i]) + raw.get(token_extra(token[i]));
      z[i] = static_cast<Sample>(value < range ? value : 0);
      sound &= value < range;
    });
    if (range < 16) {
      for (int i = 0; i < n; ++i) {
        sound &= z[i] < range;
        if (z[i] >= range) z[i] = 0;
      }
    }
    token += n;
  }
  return sound;
}

template <typename Sample>
const char* Decoder<Sample>::decode_mixed(uint32_t t, unsigned c, const Group& group, const Neighbourhood<Sample>& f,
                                          const ByteReader& reader) {
  const bool coded = reader.left() != 0;
  if (!coded && std::any_of(blocks_.begin(), blocks_.end(), [](const Block& block) { return !block.exact; }))
    return "a substream lacks its residuals";
  mixed_.begin(plan_, structure_, t, c);
  RangeDecoder decoder(reader.cursor(), reader.left());
  MixedReader bits{decoder};
  MixedFrame<Sample, MixedReader> frame(p_.shape, c, group, static_cast<int>(p_.header.map[c].range), f, mixed_,
                                        plan_.slot[t], plan_.slot[structure_.refs(t).a], bits);
  if (!frame.run(blocks_.data())) return "a residual is out of range";
  return !coded || decoder.finish() ? nullptr : "a substream does not end where it should";
}

// Row by row: first all residuals of the row, whose contexts do not depend on its samples, then the samples.
template <typename Sample>
const char* Decoder<Sample>::decode_rows(unsigned c, const Group& group, const TableChoice<Sample>* choice,
                                         Neighbourhood<Sample>& f, bool coded, RansDecoder& rans, BitReader& raw) {
  const Shape& s = p_.shape;
  const auto range = static_cast<int>(p_.header.map[c].range);
  const auto width = static_cast<int>(s.x[c]), height = static_cast<int>(s.y[c]);
  const bool west = p_.header.coder == ResidualCoder::kWest;
  const int block_height = kBlock >> s.sub_y[c];
  unsigned lane = 0;
  bool sound = true;

  f.current.begin_rows(f.refs > 0 ? &f.a : nullptr, static_cast<uint32_t>(range));
  rows_.restart();
  for (int y = 0; y < height; ++y) {
    if (y % block_height == 0) {
      if (rans.overrun() || raw.overrun()) return "a substream is too short";
      const int by = y / block_height;
      list_spans(f, s, c, by, blocks_.data() + static_cast<size_t>(by) * s.blocks_x(), range, spans_);
      if (!coded && std::any_of(spans_.begin(), spans_.end(), [](const auto& span) { return !span.block->exact; }))
        return "a substream lacks its residuals";
    }
    f.current.begin_row(y);
    kernels_.above(rows_, static_cast<size_t>(width), west, energy_.data());
    Sample* const m = rows_[0];
    if (!west) {
      sound &= decode_row(group, f.refs, static_cast<uint32_t>(range), rans, raw, lane);
      kernels_.magnitudes(residual_.data(), static_cast<size_t>(width), m);
    }
    for (const Span<Sample>& span : spans_) {
      if (!west) break;
      Sample* const residual = residual_.data() + span.x0;
      if (span.block->exact) {
        std::memset(residual, 0, static_cast<size_t>(span.n) * sizeof(Sample));
        std::memset(m + span.x0, 0, static_cast<size_t>(span.n) * sizeof(Sample));
        continue;
      }
      kernels_.detail(f.refs, span.run, group.detail_shift, detail_.data());
      choice->begin_run(detail_.data(), energy_.data() + span.x0, span.n, context_.data());
      sound &= decode_run(*choice, span.n, static_cast<uint32_t>(range), rans, raw, lane, m + span.x0, residual);
    }
    for (Span<Sample>& span : spans_) {
      unfold_run(group.predictors[span.block->predictor], span.run, f.refs, residual_.data() + span.x0);
      span.run.down();
    }
    f.current.end_row(y);
    rows_.next();
  }
  f.current.pad();
  return sound ? nullptr : "a residual is out of range";
}

// Levels of the quantiser become samples.
template <typename Out>
void scale(const Quantiser& quantiser, Out* row, int n) {
  if (quantiser.lossless()) return;
  for (int i = 0; i < n; ++i) row[i] = static_cast<Out>(quantiser.sample(row[i]));
}

template <typename Sample, typename Out>
void write_out(const Payload& p, const Quantiser& quantiser, FrameStore<Sample>& store, uint32_t slot, uint32_t t,
               unsigned components, WorkVideo& video) {
  const Header& h = p.header;
  if (h.colour != Colour::kNone && (components & 7) != 0) {
    std::vector<Out> spare;
    for (uint32_t y = 0; y < p.shape.y[0]; ++y) {
      const Sample* in[3];
      Out* out[3];
      for (unsigned c = 0; c < 3; ++c) {
        in[c] = store.frame(slot, c).row(static_cast<int>(y));
        if ((components >> c & 1) != 0) {
          out[c] = video.planes[c].template row<Out>(t, y);
        } else {
          spare.resize(size_t{3} * p.shape.x[0]);
          out[c] = spare.data() + size_t{c} * p.shape.x[0];
        }
      }
      colour_inverse(h.colour, static_cast<int>(h.map[0].range), in, out, static_cast<int>(p.shape.x[0]));
      for (unsigned c = 0; c < 3; ++c) scale(quantiser, out[c], static_cast<int>(p.shape.x[0]));
    }
    components &= ~7u;
  }
  for (unsigned c = 0; c < p.shape.components; ++c) {
    if ((components >> c & 1) == 0) continue;
    const Frame<Sample> f = store.frame(slot, c);
    const SampleMap& map = h.map[c];
    for (int y = 0; y < f.y; ++y) {
      const Sample* const in = f.row(y);
      Out* const out = video.planes[c].template row<Out>(t, static_cast<uint32_t>(y));
      if (map.kind == Mapping::kRanks) {
        for (int x = 0; x < f.x; ++x) out[x] = static_cast<Out>(map.values[in[x]]);
      } else {
        for (int x = 0; x < f.x; ++x) out[x] = static_cast<Out>(in[x] + map.low);
      }
      scale(quantiser, out, f.x);
    }
  }
}

template <typename Sample>
stf_status decode_frames(const stf_env& env, const Payload& p, const Structure& structure, const Quantiser& quantiser,
                         unsigned lanes, const uint8_t* wanted_frames, unsigned components, WorkVideo& video,
                         stf_work* work, stf_error* error) {
  unsigned needed = components;
  if (p.header.colour != Colour::kNone && (needed & 7) != 0) needed |= 7;
  for (unsigned c = p.shape.components; c-- > 1;)
    if ((needed >> c & 1) != 0 && p.shape.has_previous(c)) needed |= 1u << (c - 1);

  std::vector<uint8_t> wanted(wanted_frames, wanted_frames + structure.frames());
  structure.close(wanted);
  const SlotPlan plan = plan_slots(structure, wanted);
  Decoder<Sample> decoder(env, p, structure, plan, lanes);
  STF_TRY(decoder.allocate(error));
  for (const uint32_t t : structure.decode_order()) {
    if (!wanted[t]) continue;
    STF_TRY(decoder.decode_frame(t, needed, error));
    ++work->frames;
    for (unsigned c = 0; c < p.shape.components; ++c)
      if ((needed >> c & 1) != 0) work->samples += uint64_t{p.shape.y[c]} * p.shape.x[c];
    if (!wanted_frames[t]) continue;
    if (video.bits <= 8) write_out<Sample, uint8_t>(p, quantiser, decoder.store(), plan.slot[t], t, components, video);
    else write_out<Sample, uint16_t>(p, quantiser, decoder.store(), plan.slot[t], t, components, video);
  }
  return STF_OK;
}

}  // namespace
}  // namespace stf::lossless

namespace stf {

stf_status lossless_decode(const stf_env& env, const LosslessParams& from_header, const PayloadRequest& request,
                           WorkVideo& video, stf_work* work, stf_error* error) {
  using namespace lossless;
  Payload p;
  if (!describe(video, p.shape) || from_header.lanes < 1 || from_header.lanes > kMaxLanes)
    return fail(error, STF_E_CORRUPT_FRAGMENT, kCorrupt, "impossible parameters");
  const Quantiser quantiser(video.bits, from_header.max_error);
  if (!quantiser.lossless()) p.shape.bits = static_cast<uint8_t>(quantiser.bits());
  const Structure structure(from_header.structure, video.t);
  STF_TRY(parse(request.payload.data(), request.payload.size(), structure, p, error));
  const auto decode = is_deep(p.header, p.shape.components) ? decode_frames<uint16_t> : decode_frames<uint8_t>;
  return decode(env, p, structure, quantiser, from_header.lanes, request.wanted_frames,
                request.components & ((1u << video.components) - 1), video, work, error);
}

}  // namespace stf
