// Decoder of the lossless profile (docs/format.md, section 12).

#include <span>

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

// A payload that was taken apart, and how it is to be decoded.
struct Payload {
  const Structure& structure;
  const Quantiser& quantiser;
  unsigned lanes;
  Shape shape;
  ProfileHeader header = {};
  std::vector<std::span<const uint8_t>> streams = {};  // substreams, [frame][component]

  const std::span<const uint8_t>& stream(uint32_t t, unsigned c) const {
    return streams[size_t{t} * shape.components + c];
  }
  int range(unsigned c) const { return static_cast<int>(header.map[c].range); }
};

// Take a payload apart, whose shape is known.
stf_status parse(std::span<const uint8_t> data, Payload& p, stf_error* error) {
  const Structure& structure = p.structure;
  ByteReader reader(data.data(), data.size());
  const size_t header_size = static_cast<size_t>(reader.uvarint());
  const uint8_t* const header = reader.bytes(header_size);
  if (!reader.ok()) return fail(error, STF_E_CORRUPT_FRAGMENT, kCorrupt, "its header is cut short");
  SideReader side(header, header_size);
  if (!code_header(side, p.shape, structure, p.header) || !side.decoder.finish())
    return fail(error, STF_E_CORRUPT_FRAGMENT, kCorrupt, "its header makes no sense");

  const unsigned n = p.shape.components;
  p.streams.resize(size_t{p.shape.t} * n);
  std::vector<size_t> sizes(p.streams.size());
  for (const uint32_t frame : structure.stored())
    for (unsigned c = 0; c < n; ++c) sizes[size_t{frame} * n + c] = static_cast<size_t>(reader.uvarint());
  for (const uint32_t frame : structure.stored()) {
    for (unsigned c = 0; c < n; ++c) {
      const size_t i = size_t{frame} * n + c;
      p.streams[i] = {reader.bytes(sizes[i]), sizes[i]};
    }
  }
  if (!reader.ok() || reader.left() != 0)
    return fail(error, STF_E_CORRUPT_FRAGMENT, kCorrupt, "its frame table does not fit");
  return STF_OK;
}

// The table of every context of one group, for residuals whose contexts look at those to the west. For bytes the
// context map is unrolled, so that an energy leads to its table at once.
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
  // Begin the contexts of a run, with what the rows above and the details say.
  void begin_run(const uint8_t* detail, const Energy* energy, int n, uint32_t* context) const {
    const uint32_t scale = sizeof(Sample) == 1 ? kDirect : uint32_t{1} << kEnergyBits;
    for (int i = 0; i < n; ++i) context[i] = detail[i] * scale + energy[i];
  }
  // The table of a context that is complete: the energy to the west has been added.
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

// The residuals of one component of one frame: tokens and raw bits.
struct TokenStream {
  RansDecoder rans;
  BitReader raw;
  unsigned lane = 0;   // whose turn it is
  bool coded = false;  // there are any tokens
};

// Decodes frames, each after its references. Functions that return const char* return what is wrong with the bytes, or
// NULL.
template <typename Sample>
class Decoder {
 public:
  // `plan`: the slots of the frames that will be decoded.
  Decoder(const stf_env& env, const Payload& payload, const SlotPlan& plan) : env_(env), p_(payload), plan_(plan) {}

  stf_status allocate(stf_error* error) {
    if (!allocate_memory()) return fail(error, STF_E_MEMORY, "no memory to decode a fragment");
    for (unsigned i = 0; i < p_.header.tables; ++i)
      if (!tables_[i].build(p_.header.freq.data() + size_t{i} * kTokens, kTokens))
        return fail(error, STF_E_CORRUPT_FRAGMENT, kCorrupt, "a table does not sum up");
    const unsigned components = p_.shape.components;
    for (unsigned i = 0; i < choice_.size(); ++i)
      choice_[i].build(p_.header.groups[i], p_.header.map[i % components].range);
    return STF_OK;
  }

  // Decode the components of frame t that the mask `needed` names. Component 0 is looked at for its vectors in any
  // case.
  stf_status decode_frame(uint32_t t, unsigned needed, stf_error* error) {
    const FrameRefs& refs = p_.structure.refs(t);
    for (unsigned c = 0; c < p_.shape.components; ++c) {
      const bool wanted = (needed >> c & 1) != 0;
      if (!wanted && (c != 0 || refs.count == 0)) continue;
      const auto view = view_of<Sample>(p_.shape, refs, t, c, p_.range(c), [&](uint32_t frame, unsigned of) {
        return store_.frame(plan_.slot[frame], of);
      });
      const char* const problem = decode_component(t, view, wanted);
      if (problem != nullptr) return fail(error, STF_E_CORRUPT_FRAGMENT, kCorrupt, problem);
    }
    return STF_OK;
  }

  // Write the components of frame t that the mask names to the caller's planes.
  template <typename Out>
  void write_out(uint32_t t, unsigned components, WorkVideo& video);

 private:
  bool allocate_memory() {
    const Shape& s = p_.shape;
    const size_t x = s.x[0], blocks = size_t{s.blocks_y()} * s.blocks_x();
    const bool mixed = p_.header.coder == ResidualCoder::kMixed;
    if (p_.header.coder == ResidualCoder::kWest) choice_.resize(size_t{p_.structure.levels()} * s.components);
    return store_.allocate(env_, s, plan_.slots) && energy_.allocate(env_, x) && context_.allocate(env_, x) &&
           detail_.allocate(env_, x) && known_.allocate(env_, x) && table_.allocate(env_, x) &&
           token_.allocate(env_, x) && residual_.allocate(env_, x) && rows_.allocate(env_, static_cast<int>(x)) &&
           tables_.allocate(env_, std::max(1u, p_.header.tables)) && blocks_.allocate(env_, blocks) &&
           vectors_.allocate(env_, blocks) && spans_.allocate(env_, s) && spare_.allocate(env_, 3 * x) &&
           (!mixed || mixed_.allocate(env_, s, plan_.slots));
  }

  // Decode one component of frame t: its blocks, and its samples if they are wanted.
  const char* decode_component(uint32_t t, const FrameView<Sample>& f, bool samples) {
    const Shape& s = p_.shape;
    const unsigned c = f.component, level = p_.structure.refs(t).level;
    const Group& group = p_.header.group(level, c, s.components);
    const std::span<const uint8_t>& stream = p_.stream(t, c);
    ByteReader reader(stream.data(), stream.size());
    const auto side_size = static_cast<size_t>(reader.uvarint()), raw_size = static_cast<size_t>(reader.uvarint());
    const uint8_t* const side_data = reader.bytes(side_size);
    const uint8_t* const raw_data = reader.bytes(raw_size);
    if (!reader.ok()) return "a substream is cut short";

    std::fill(blocks_.begin(), blocks_.end(), BlockChoice{});
    if (c > 0 && f.refs > 0)
      for (size_t i = 0; i < blocks_.size(); ++i) std::copy_n(vectors_[i].motion, 2, blocks_[i].motion);
    SideReader side(side_data, side_size);
    const BlockSyntax syntax{s.blocks_y(), s.blocks_x(), f.refs, c == 0 && f.refs > 0};
    if (!code_blocks(side, group, syntax, blocks_.data()) || !side.decoder.finish()) return "its blocks make no sense";
    if (c == 0) std::copy_n(blocks_.data(), blocks_.size(), vectors_.data());
    if (!samples) return nullptr;
    if (p_.header.coder == ResidualCoder::kMixed) {
      if (raw_size != 0) return "a substream has bits that it does not use";
      return decode_mixed(t, group, f, reader);
    }

    TokenStream tokens{.rans = {}, .raw = {raw_data, raw_size}, .coded = reader.left() != 0};
    if (tokens.coded && (p_.header.tables == 0 || !tokens.rans.reset(reader.cursor(), reader.left(), p_.lanes)))
      return "a substream does not begin";
    const TableChoice<Sample>* const choice = choice_.empty() ? nullptr : &choice_[level * s.components + c];
    const char* const problem = decode_rows(f, group, choice, tokens);
    if (problem != nullptr) return problem;
    if (!tokens.raw.finish() || (tokens.coded && !tokens.rans.finish()))
      return "a substream does not end where it should";
    return nullptr;
  }

  // Whether some block of the component at hand has a residual.
  bool any_coded() const {
    return std::any_of(blocks_.data(), blocks_.data() + blocks_.size(), [](const auto& block) { return !block.exact; });
  }
  const char* decode_mixed(uint32_t t, const Group& group, const FrameView<Sample>& f, const ByteReader& reader);
  const char* decode_rows(const FrameView<Sample>& f, const Group& group, const TableChoice<Sample>* choice,
                          TokenStream& tokens);
  bool decode_run(const TableChoice<Sample>& choice, int n, uint32_t range, TokenStream& tokens, Sample* m,
                  Sample* residual) const;
  bool decode_row(const FrameView<Sample>& f, const Group& group, TokenStream& tokens);

  const stf_env& env_;
  const Payload& p_;
  const SlotPlan& plan_;
  FrameStore<Sample> store_;
  MixedStore<Sample> mixed_;
  const ContextRows<Sample> kernels_;
  Buffer<RansCompactTable> tables_;
  std::vector<TableChoice<Sample>> choice_;  // [level][component], where contexts look to the west
  Buffer<BlockChoice> blocks_, vectors_;     // of the component at hand, and of component 0 of the same frame
  // Of the row at hand.
  SpanList<Sample> spans_;
  MagnitudeRows<Sample> rows_;
  Buffer<typename ContextRows<Sample>::Energy> energy_;
  Buffer<uint32_t> context_;  // where contexts look to the west: as TableChoice begins them
  Buffer<uint16_t> known_;    // elsewhere: complete
  Buffer<uint8_t> detail_, table_, token_;
  Buffer<Sample> residual_;
  Buffer<uint16_t> spare_;  // three rows of samples, for components that are not wanted
};

// Decode the residuals of a run, and their magnitudes. False if one is out of range. This loop is most of the decoder's
// time: its chain of dependencies goes from a token through its magnitude and the choice of a table to the next token.
template <typename Sample>
bool Decoder<Sample>::decode_run(const TableChoice<Sample>& choice, int n, uint32_t range, TokenStream& tokens,
                                 Sample* m, Sample* residual) const {
  const unsigned lanes = p_.lanes;
  RansDecoder& rans = tokens.rans;
  BitReader& raw = tokens.raw;
  const RansCompactTable* const tables = tables_.data();
  const uint32_t* const context = context_.data();
  unsigned lane = tokens.lane;
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
  tokens.lane = lane;
  return sound;
}

// Decode all residuals of a row whose contexts do not look at the row itself. False if one is out of range.
template <typename Sample>
bool Decoder<Sample>::decode_row(const FrameView<Sample>& f, const Group& group, TokenStream& tokens) {
  const auto range = static_cast<uint32_t>(f.range);
  BitReader& raw = tokens.raw;
  const unsigned energies = energy_levels(range);
  const uint8_t* const table_of = group.table_of.data();
  const uint16_t* const known = known_.data();
  uint8_t* table = table_.data();
  for (const Span<Sample>& span : spans_) {
    if (span.block->exact) continue;
    const auto n = static_cast<size_t>(span.n);
    kernels_.detail(f.refs, span.run, group.detail_shift, detail_.data());
    kernels_.contexts(energy_.data() + span.x0, nullptr, detail_.data(), n, energies, known_.data());
    for (size_t i = 0; i < n; ++i) table[i] = table_of[known[i]];
    table += n;
  }
  tokens.rans.get_all(tokens.lane, tables_.data(), table_.data(), static_cast<size_t>(table - table_.data()),
                      token_.data());

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

// Decode the residuals and samples of a component that the mixed coder has coded.
template <typename Sample>
const char* Decoder<Sample>::decode_mixed(uint32_t t, const Group& group, const FrameView<Sample>& f,
                                          const ByteReader& reader) {
  const bool coded = reader.left() != 0;
  if (!coded && any_coded()) return "a substream lacks its residuals";
  mixed_.begin(plan_, p_.structure, t, f.component);
  RangeDecoder decoder(reader.cursor(), reader.left());
  MixedReader bits{decoder};
  const MixedSlots slots{plan_.slot[t], plan_.slot[p_.structure.refs(t).a]};
  MixedFrame<Sample, MixedReader> frame(f, group, mixed_, slots, bits);
  if (!frame.run(blocks_.data())) return "a residual is out of range";
  return !coded || decoder.finish() ? nullptr : "a substream does not end where it should";
}

// Decode the residuals and samples of a component row by row: first all residuals of the row, whose contexts do not
// depend on its samples, then the samples.
template <typename Sample>
const char* Decoder<Sample>::decode_rows(const FrameView<Sample>& f, const Group& group,
                                         const TableChoice<Sample>* choice, TokenStream& tokens) {
  const Shape& s = p_.shape;
  const auto range = static_cast<uint32_t>(f.range);
  const int width = f.current.x, height = f.current.y;
  const bool west = p_.header.coder == ResidualCoder::kWest;
  const int block_height = kBlock >> s.sub_y[f.component];
  bool sound = true;

  f.current.begin_rows(f.refs > 0 ? &f.a : nullptr, range);
  rows_.restart();
  for (int y = 0; y < height; ++y) {
    if (y % block_height == 0) {
      if (tokens.rans.overrun() || tokens.raw.overrun()) return "a substream is too short";
      spans_.list(f, y / block_height, blocks_.data());
      if (!tokens.coded &&
          std::any_of(spans_.begin(), spans_.end(), [](const auto& span) { return !span.block->exact; }))
        return "a substream lacks its residuals";
    }
    f.current.begin_row(y);
    kernels_.above(rows_, static_cast<size_t>(width), west, energy_.data());
    Sample* const m = rows_[0];
    if (!west) {
      sound &= decode_row(f, group, tokens);
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
      sound &= decode_run(*choice, span.n, range, tokens, m + span.x0, residual);
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

// Turn levels of the quantiser into samples.
template <typename Out>
void scale(const Quantiser& quantiser, Out* row, int n) {
  if (quantiser.lossless()) return;
  for (int i = 0; i < n; ++i) row[i] = static_cast<Out>(quantiser.sample(row[i]));
}

template <typename Sample>
template <typename Out>
void Decoder<Sample>::write_out(uint32_t t, unsigned components, WorkVideo& video) {
  const ProfileHeader& h = p_.header;
  const uint32_t slot = plan_.slot[t];
  const auto columns = static_cast<int>(p_.shape.x[0]);
  if (h.colour != ColourTransform::kNone && (components & 7) != 0) {
    auto* const spare = reinterpret_cast<Out*>(spare_.data());
    for (uint32_t y = 0; y < p_.shape.y[0]; ++y) {
      const Sample* in[3];
      Out* out[3];
      for (unsigned c = 0; c < 3; ++c) {
        in[c] = store_.frame(slot, c).row(static_cast<int>(y));
        const bool wanted = (components >> c & 1) != 0;
        out[c] = wanted ? video.planes[c].template row<Out>(t, y) : spare + size_t{c} * p_.shape.x[0];
      }
      colour_inverse(h.colour, p_.range(0), in, out, columns);
      for (Out* row : out) scale(p_.quantiser, row, columns);
    }
    components &= ~7u;
  }
  for (unsigned c = 0; c < p_.shape.components; ++c) {
    if ((components >> c & 1) == 0) continue;
    const BorderedPlane<Sample> f = store_.frame(slot, c);
    const SampleMap& map = h.map[c];
    for (int y = 0; y < f.y; ++y) {
      const Sample* const in = f.row(y);
      Out* const out = video.planes[c].template row<Out>(t, static_cast<uint32_t>(y));
      if (map.kind == Mapping::kRanks) {
        for (int x = 0; x < f.x; ++x) out[x] = static_cast<Out>(map.values[in[x]]);
      } else {
        for (int x = 0; x < f.x; ++x) out[x] = static_cast<Out>(in[x] + map.low);
      }
      scale(p_.quantiser, out, f.x);
    }
  }
}

template <typename Sample>
stf_status decode_frames(const stf_env& env, const Payload& p, const PayloadRequest& request, WorkVideo& video,
                         stf_work* work, stf_error* error) {
  const unsigned wanted_components = request.components & ((1u << video.components) - 1);
  unsigned needed = wanted_components;
  if (p.header.colour != ColourTransform::kNone && (needed & 7) != 0) needed |= 7;
  for (unsigned c = p.shape.components; c-- > 1;)
    if ((needed >> c & 1) != 0 && p.shape.has_previous(c)) needed |= 1u << (c - 1);

  std::vector<uint8_t> wanted(request.wanted_frames, request.wanted_frames + p.structure.frames());
  p.structure.close(wanted);
  const SlotPlan plan = plan_slots(p.structure, wanted);
  Decoder<Sample> decoder(env, p, plan);
  STF_TRY(decoder.allocate(error));
  for (const uint32_t t : p.structure.decode_order()) {
    if (!wanted[t]) continue;
    STF_TRY(decoder.decode_frame(t, needed, error));
    ++work->frames;
    for (unsigned c = 0; c < p.shape.components; ++c)
      if ((needed >> c & 1) != 0) work->samples += uint64_t{p.shape.y[c]} * p.shape.x[c];
    if (!request.wanted_frames[t]) continue;
    if (video.bits <= 8) decoder.template write_out<uint8_t>(t, wanted_components, video);
    else decoder.template write_out<uint16_t>(t, wanted_components, video);
  }
  return STF_OK;
}

}  // namespace
}  // namespace stf::lossless

namespace stf {

stf_status lossless_decode(const stf_env& env, const LosslessParams& from_header, const PayloadRequest& request,
                           WorkVideo& video, stf_work* work, stf_error* error) {
  using namespace lossless;
  Shape shape;
  if (!describe(video, shape) || from_header.lanes < 1 || from_header.lanes > kMaxLanes)
    return fail(error, STF_E_CORRUPT_FRAGMENT, kCorrupt, "impossible parameters");
  const Quantiser quantiser(video.bits, from_header.max_error);
  if (!quantiser.lossless()) shape.bits = static_cast<uint8_t>(quantiser.bits());
  const Structure structure(from_header.structure, video.t);
  Payload p{.structure = structure, .quantiser = quantiser, .lanes = from_header.lanes, .shape = shape};
  STF_TRY(parse(request.payload, p, error));
  const auto decode = is_deep(p.header, shape.components) ? decode_frames<uint16_t> : decode_frames<uint8_t>;
  return decode(env, p, request, video, work, error);
}

}  // namespace stf
