// Encoder of the lossless profile: the stages of encoder.hpp in their order, and the payload (docs/format.md, 12.1).

#include "common/bytes.hpp"
#include "common/status.hpp"
#include "lossless/encoder.hpp"
#include "lossless/lossless.hpp"
#include "lossless/syntax.hpp"

namespace stf::lossless {
namespace {

// How many rANS lanes pay: their states take 4 bytes each in every substream.
uint8_t choose_lanes(uint64_t coded_bytes, uint64_t substreams) {
  const uint64_t average = coded_bytes / substreams;
  uint8_t lanes = 1;
  while (lanes < 8 && average >= 1024u * lanes) lanes = static_cast<uint8_t>(2 * lanes);
  return lanes;
}

// About how many bytes the residuals will take.
template <typename Sample>
uint64_t coded_bytes(const Encoder<Sample>& e) {
  uint64_t samples = 0;
  for (unsigned c = 0; c < e.shape.components; ++c) samples += e.shape.t * e.plane_size(c);
  return samples / 4;
}

// Append the payload: header, table of substreams, substreams.
template <typename Sample>
stf_status write_payload(Encoder<Sample>& e, const std::vector<CodedResiduals>& coded, Array<uint8_t>& out) {
  const Shape& s = e.shape;
  SideWriter side(e.env);
  code_header(side, s, e.structure, e.header);
  const Array<uint8_t>& header = side.encoder.finish();
  if (!header.ok()) return STF_E_MEMORY;
  ByteWriter head(e.env), body(e.env);
  head.uvarint(header.size());
  head.bytes(header);
  for (const uint32_t t : e.structure.stored()) {
    for (unsigned c = 0; c < s.components; ++c) {
      const size_t start = body.size();
      SideWriter blocks(e.env);
      const FrameRefs& refs = e.structure.refs(t);
      const BlockSyntax syntax{s.blocks_y(), s.blocks_x(), refs.count, c == 0 && refs.count > 0};
      code_blocks(blocks, e.group(refs.level, c), syntax, e.frame_blocks(c, t));
      const Array<uint8_t>& block_bytes = blocks.encoder.finish();
      if (!block_bytes.ok()) return STF_E_MEMORY;
      const CodedResiduals& section = coded[size_t{t} * s.components + c];
      body.uvarint(block_bytes.size());
      body.uvarint(section.raw.size());
      body.bytes(block_bytes);
      body.bytes(section.raw);
      body.bytes(section.residuals);
      head.uvarint(body.size() - start);
    }
  }
  if (!head.ok() || !body.ok() || !out.append(head.buffer()) || !out.append(body.buffer())) return STF_E_MEMORY;
  return STF_OK;
}

template <typename Sample>
stf_status encode(Encoder<Sample>& e, const WorkVideo& video, LosslessParams& used, Array<uint8_t>& out) {
  const Shape& s = e.shape;
  e.header.groups.resize(size_t{e.structure.levels()} * s.components);
  if (!e.allocate_blocks() || !load_frames(video, e) || !choose_motion(e) || !choose_predictors(e) || !choose_tables(e))
    return STF_E_MEMORY;
  const bool mixed = e.header.coder == ResidualCoder::kMixed;
  if (mixed) used.lanes = 1;
  if (used.lanes == 0) used.lanes = choose_lanes(coded_bytes(e), uint64_t{s.t} * s.components);
  std::vector<CodedResiduals> coded(size_t{s.t} * s.components);
  if (!(mixed ? code_mixed(e, coded) : code_tokens(e, used.lanes, coded))) return STF_E_MEMORY;
  return write_payload(e, coded, out);
}

}  // namespace
}  // namespace stf::lossless

namespace stf {

stf_status lossless_encode(const stf_env& env, const LosslessParams& params, const WorkVideo& video,
                           Array<uint8_t>& out, LosslessParams* used) {
  using namespace lossless;
  *used = params;
  Shape shape;
  if (!describe(video, shape)) return STF_E_INTERNAL;
  if (used->structure == STF_STRUCTURE_AUTO) used->structure = choose_structure(video);
  const Structure structure(used->structure, video.t);
  const LosslessTools& tools = lossless_tools(params.effort);
  ProfileHeader header;
  header.coder = tools.coder;
  if (!choose_maps(env, video, shape, params.rgb_hint, header)) return STF_E_MEMORY;
  if (is_deep(header, shape.components)) {
    Encoder<uint16_t> e{env, tools, shape, structure, header, {}};
    return encode(e, video, *used, out);
  }
  Encoder<uint8_t> e{env, tools, shape, structure, header, {}};
  return encode(e, video, *used, out);
}

}  // namespace stf
