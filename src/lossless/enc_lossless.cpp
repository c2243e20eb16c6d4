// Encoder of the lossless profile: the stages of encoder.hpp in their order, and the payload (docs/format.md, 12.1).

#include "common/bytes.hpp"
#include "common/status.hpp"
#include "lossless/encoder.hpp"
#include "lossless/lossless.hpp"
#include "lossless/syntax.hpp"

namespace stf::lossless {
namespace {

// The lanes' states take 4 bytes each, in every substream.
uint8_t choose_lanes(uint64_t coded_bytes, uint64_t substreams) {
  const uint64_t average = coded_bytes / substreams;
  uint8_t lanes = 1;
  while (lanes < 8 && average >= 1024u * lanes) lanes = static_cast<uint8_t>(2 * lanes);
  return lanes;
}

template <typename Sample>
uint64_t coded_bytes(const Encoder<Sample>& e) {
  uint64_t samples = 0;
  for (unsigned c = 0; c < e.shape.components; ++c) samples += e.shape.t * e.plane_size(c);
  return samples / 4;
}

template <typename Sample>
stf_status encode(Encoder<Sample>& e, const WorkVideo& video, LosslessParams& used, Array<uint8_t>& out) {
  const Shape& s = e.shape;
  e.header.groups.resize(size_t{e.structure.levels()} * s.components);
  for (unsigned c = 0; c < s.components; ++c) e.blocks[c].resize(s.t * e.blocks_per_frame());
  if (!load_frames(video, e) || !search_motion(e) || !choose_predictors(e) || !choose_tables(e)) return STF_E_MEMORY;
  if (e.header.coder == ResidualCoder::kMixed) used.lanes = 1;
  if (used.lanes == 0) used.lanes = choose_lanes(coded_bytes(e), uint64_t{s.t} * s.components);

  SideWriter side(e.env);
  code_header(side, s, e.structure, e.header);
  const Array<uint8_t>& header = side.encoder.finish();
  if (!header.ok()) return STF_E_MEMORY;
  ByteWriter head(e.env);
  head.uvarint(header.size());
  head.bytes(header);

  std::vector<Section> sections(size_t{s.t} * s.components);
  const bool mixed = e.header.coder == ResidualCoder::kMixed;
  if (!(mixed ? code_mixed(e, sections) : code_tokens(e, used.lanes, sections))) return STF_E_MEMORY;
  ByteWriter body(e.env);
  for (const uint32_t t : e.structure.stored()) {
    for (unsigned c = 0; c < s.components; ++c) {
      const size_t start = body.size();
      SideWriter blocks(e.env);
      const FrameRefs& refs = e.structure.refs(t);
      code_blocks(blocks, e.header.group(refs.level, c, s.components), refs.count, c == 0 && refs.count > 0,
                  s.blocks_y(), s.blocks_x(), e.frame_blocks(c, t));
      const Array<uint8_t>& block_bytes = blocks.encoder.finish();
      if (!block_bytes.ok()) return STF_E_MEMORY;
      const Section& section = sections[size_t{t} * s.components + c];
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
  Header header;
  choose_maps(video, shape, params.rgb_hint, header);
  const Tools& tools = tools_for(params.effort);
  header.coder = tools.coder;
  if (is_deep(header, shape.components)) {
    Encoder<uint16_t> e{env, tools, shape, structure, header, {}};
    return encode(e, video, *used, out);
  }
  Encoder<uint8_t> e{env, tools, shape, structure, header, {}};
  return encode(e, video, *used, out);
}

}  // namespace stf
