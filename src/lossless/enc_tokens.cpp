// Residuals as tokens (docs/format.md, 12.6): each by the table of its context.

#include "entropy/bits.hpp"
#include "entropy/rans.hpp"
#include "lossless/encoder.hpp"

namespace stf::lossless {
namespace {

// Adjacent columns of blocks that have residuals.
struct Columns {
  uint32_t begin, end;
};

// The symbols of one substream: tokens with their tables, and the raw bits.
struct Symbols {
  explicit Symbols(const stf_env& env) : raw(env) {}
  // Get memory for any plane of a fragment. False when there is none.
  bool allocate(const stf_env& env, const Shape& s) {
    size_t most = 0;
    for (unsigned c = 0; c < s.components; ++c) most = std::max(most, size_t{s.y[c]} * s.x[c]);
    return token.allocate(env, most) && table.allocate(env, most) && coded.allocate(env, s.blocks_x());
  }

  Buffer<uint8_t> token, table;
  size_t count = 0;
  BitWriter raw;
  Buffer<Columns> coded;  // scratch memory: of the row of blocks at hand
};

// List the symbols of one component of one frame.
template <typename Sample>
void list_symbols(Encoder<Sample>& e, uint32_t t, unsigned c, Symbols& out) {
  const Shape& s = e.shape;
  const uint8_t* const table_of = e.group(e.structure.refs(t).level, c).table_of.data();
  const int block_height = kBlock >> s.sub_y[c];
  const size_t width = s.x[c];
  const Sample* z = e.residual[c].data() + t * e.plane_size(c);
  const uint16_t* context = e.context[c].data() + t * e.plane_size(c);
  uint8_t *token_at = out.token.data(), *table_at = out.table.data();
  Columns* const coded = out.coded.data();
  size_t n_coded = 0;
  for (uint32_t y = 0; y < s.y[c]; ++y, z += width, context += width) {
    if (static_cast<int>(y) % block_height == 0) {
      const int by = static_cast<int>(y) / block_height;
      const BlockChoice* const blocks = e.frame_blocks(c, t) + static_cast<size_t>(by) * s.blocks_x();
      n_coded = 0;
      for (int bx = 0; bx < static_cast<int>(s.blocks_x()); ++bx) {
        const BlockBox box = block_box(s, c, by, bx);
        if (blocks[bx].exact) continue;
        const auto x0 = static_cast<uint32_t>(box.x0), x1 = static_cast<uint32_t>(box.x1);
        if (n_coded != 0 && coded[n_coded - 1].end == x0) coded[n_coded - 1].end = x1;
        else coded[n_coded++] = {x0, x1};
      }
    }
    for (size_t k = 0; k < n_coded; ++k) {
      const size_t x0 = coded[k].begin, n = coded[k].end - coded[k].begin;
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

}  // namespace

template <typename Sample>
bool code_tokens(Encoder<Sample>& e, unsigned lanes, std::vector<CodedResiduals>& coded) {
  const unsigned n = e.shape.components;
  std::vector<RansCompactEncodeTable> tables(e.header.tables);
  for (unsigned i = 0; i < e.header.tables; ++i) tables[i].build(&e.header.freq[size_t{i} * kTokens], kTokens);
  Symbols symbols(e.env);
  if (!symbols.allocate(e.env, e.shape)) return false;
  for (uint32_t t = 0; t < e.shape.t; ++t) {
    for (unsigned c = 0; c < n; ++c) {
      CodedResiduals& section = coded[size_t{t} * n + c];
      symbols.raw = BitWriter(e.env);
      list_symbols(e, t, c, symbols);
      section.raw = std::move(symbols.raw.finish());
      section.residuals = Array<uint8_t>(e.env);
      if (!section.raw.ok()) return false;
      if (symbols.count != 0 && !rans_encode(symbols.token.data(), symbols.table.data(), symbols.count, tables.data(),
                                             lanes, section.residuals))
        return false;
    }
  }
  return true;
}

template bool code_tokens(Encoder<uint8_t>&, unsigned, std::vector<CodedResiduals>&);
template bool code_tokens(Encoder<uint16_t>&, unsigned, std::vector<CodedResiduals>&);

}  // namespace stf::lossless
