// Encoder of the lossless profile: the stages of encoder.hpp in their order, and the payload (docs/format.md, 12.1).

#include <new>
#include <utility>

#include "common/bytes.hpp"
#include "common/status.hpp"
#include "entropy/bits.hpp"
#include "entropy/rans.hpp"
#include "lossless/encoder.hpp"
#include "lossless/lossless.hpp"
#include "lossless/syntax.hpp"

namespace stf::lossless {
namespace {

// What goes into one substream: tokens with their tables, and the raw bits.
struct Symbols {
  std::vector<uint8_t> token, table;
  size_t count = 0;
  BitWriter raw;
};

template <typename Sample>
void list_symbols(Encoder<Sample>& e, uint32_t t, unsigned c, Symbols& out) {
  const Shape& s = e.shape;
  const uint8_t* const table_of = e.header.group(e.structure.refs(t).level, c, s.components).table_of.data();
  const int block_height = kBlock >> s.sub_y[c];
  const size_t width = s.x[c];
  const Sample* z = e.residual[c].data() + t * e.plane_size(c);
  const uint16_t* context = e.context[c].data() + t * e.plane_size(c);
  out.token.resize(e.plane_size(c));
  out.table.resize(e.plane_size(c));
  uint8_t *token_at = out.token.data(), *table_at = out.table.data();
  std::vector<std::pair<uint32_t, uint32_t>> coded;  // columns of the block row that are not exact
  for (uint32_t y = 0; y < s.y[c]; ++y, z += width, context += width) {
    if (static_cast<int>(y) % block_height == 0) {
      const int by = static_cast<int>(y) / block_height;
      const Block* const blocks = e.frame_blocks(c, t) + static_cast<size_t>(by) * s.blocks_x();
      coded.clear();
      for (int bx = 0; bx < static_cast<int>(s.blocks_x()); ++bx) {
        const BlockBox box = block_box(s, c, by, bx);
        if (blocks[bx].exact) continue;
        const auto x0 = static_cast<uint32_t>(box.x0), x1 = static_cast<uint32_t>(box.x1);
        if (!coded.empty() && coded.back().second == x0) coded.back().second = x1;
        else coded.emplace_back(x0, x1);
      }
    }
    for (const auto& [first, end] : coded) {
      const size_t x0 = first, n = end - first;
      const Sample* const values = z + x0;
      const uint16_t* const contexts = context + x0;
      for (size_t i = 0; i < n; ++i) table_at[i] = table_of[contexts[i]];
      std::copy_n(values, n, token_at);
      each_large(values, static_cast<int>(n), [&](int i) {
        const unsigned token = token_of(values[i]);
        token_at[i] = static_cast<uint8_t>(token);
        out.raw.put(values[i], token_extra(token));
      });
      token_at += n;
      table_at += n;
    }
  }
  out.count = static_cast<size_t>(token_at - out.token.data());
}

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
stf_status encode(Encoder<Sample>& e, const WorkVideo& video, LosslessParams& used, std::vector<uint8_t>& out) {
  const Shape& s = e.shape;
  e.header.groups.resize(size_t{e.structure.levels()} * s.components);
  for (unsigned c = 0; c < s.components; ++c) e.blocks[c].resize(s.t * e.blocks_per_frame());
  if (!load_frames(video, e) || !search_motion(e) || !choose_predictors(e) || !choose_tables(e)) return STF_E_MEMORY;
  if (used.lanes == 0) used.lanes = choose_lanes(coded_bytes(e), uint64_t{s.t} * s.components);

  SideWriter side;
  code_header(side, s, e.structure, e.header);
  const std::vector<uint8_t>& header = side.encoder.finish();
  ByteWriter head;
  head.uvarint(header.size());
  head.bytes(header.data(), header.size());

  std::vector<RansCompactEncodeTable> tables(e.header.tables);
  for (unsigned i = 0; i < e.header.tables; ++i) tables[i].build(&e.header.freq[size_t{i} * kTokens], kTokens);
  std::vector<uint8_t> body;
  Symbols symbols;
  for (const uint32_t t : e.structure.stored()) {
    for (unsigned c = 0; c < s.components; ++c) {
      const size_t start = body.size();
      SideWriter blocks;
      const FrameRefs& refs = e.structure.refs(t);
      code_blocks(blocks, e.header.group(refs.level, c, s.components), refs.count, c == 0 && refs.count > 0,
                  s.blocks_y(), s.blocks_x(), e.frame_blocks(c, t));
      symbols.raw = BitWriter();
      list_symbols(e, t, c, symbols);
      const std::vector<uint8_t>& block_bytes = blocks.encoder.finish();
      const std::vector<uint8_t>& raw_bytes = symbols.raw.finish();
      ByteWriter sizes;
      sizes.uvarint(block_bytes.size());
      sizes.uvarint(raw_bytes.size());
      body.insert(body.end(), sizes.data(), sizes.data() + sizes.size());
      body.insert(body.end(), block_bytes.begin(), block_bytes.end());
      body.insert(body.end(), raw_bytes.begin(), raw_bytes.end());
      if (symbols.count != 0 && !rans_encode(symbols.token.data(), symbols.table.data(), symbols.count, tables.data(),
                                             used.lanes, body))
        return STF_E_MEMORY;
      head.uvarint(body.size() - start);
    }
  }
  out.insert(out.end(), head.data(), head.data() + head.size());
  out.insert(out.end(), body.begin(), body.end());
  return STF_OK;
}

}  // namespace
}  // namespace stf::lossless

namespace stf {

stf_status lossless_encode(const stf_env& env, const LosslessParams& params, const WorkVideo& video,
                           std::vector<uint8_t>& out, LosslessParams* used) {
  using namespace lossless;
  try {
    *used = params;
    Shape shape;
    if (!describe(video, shape)) return STF_E_INTERNAL;
    const Structure structure(params.structure, video.t);
    Header header;
    choose_maps(video, shape, params.rgb_hint, header);
    const Tools& tools = tools_for(params.effort);
    header.west = tools.west;
    if (is_deep(header, shape.components)) {
      Encoder<uint16_t> e{env, tools, shape, structure, header, {}};
      return encode(e, video, *used, out);
    }
    Encoder<uint8_t> e{env, tools, shape, structure, header, {}};
    return encode(e, video, *used, out);
  } catch (const std::bad_alloc&) {
    return STF_E_MEMORY;
  }
}

}  // namespace stf
