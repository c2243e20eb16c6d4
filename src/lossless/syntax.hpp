// The syntax of side information, which is all but the residuals (docs/format.md, 12.2 to 12.6). It goes through the
// adaptive range coder. Every function is a template over a writer or a reader, so that the two cannot drift apart.
#pragma once

#include "common/structure.hpp"
#include "entropy/range_coder.hpp"
#include "lossless/model.hpp"

namespace stf::lossless {

// The writer and the reader of side information:
//
//   unsigned operator()(model, value)        a symbol by the statistics of a model
//   uint32_t number(model, value)            a number without an upper end
//   uint32_t literal(value, unsigned bits)   that many bits as they are
//
// All return the value; the reader, which is kReads, ignores the one that it is given.
struct SideWriter {
  static constexpr bool kReads = false;
  RangeEncoder encoder;
  explicit SideWriter(const stf_env& env) : encoder(env) {}
  template <typename Model>
  unsigned operator()(Model& model, unsigned value) {
    encoder.put(model, value);
    return value;
  }
  template <unsigned N>
  uint32_t number(AdaptiveExpGolomb<N>& model, uint32_t value) {
    model.put(encoder, value);
    return value;
  }
  uint32_t literal(uint32_t value, unsigned bits) {
    encoder.literal(value, bits);
    return value;
  }
  bool overrun() const { return false; }
};

struct SideReader {
  static constexpr bool kReads = true;
  RangeDecoder decoder;
  SideReader(const uint8_t* data, size_t size) : decoder(data, size) {}
  template <typename Model>
  unsigned operator()(Model& model, unsigned) {
    return decoder.get(model);
  }
  template <unsigned N>
  uint32_t number(AdaptiveExpGolomb<N>& model, uint32_t) {
    return model.get(decoder);
  }
  uint32_t literal(uint32_t, unsigned bits) { return decoder.literal(bits); }
  bool overrun() const { return decoder.overrun(); }
};

// Code a signed number: zigzag, then Exp-Golomb.
template <typename Coder, unsigned N>
int64_t code_signed(Coder& coder, AdaptiveExpGolomb<N>& model, int32_t value) {
  const uint32_t z = coder.number(model, (static_cast<uint32_t>(value) << 1) ^ static_cast<uint32_t>(value >> 31));
  return static_cast<int64_t>(z >> 1) ^ -static_cast<int64_t>(z & 1);
}

// Code the profile's header. The reader returns false on anything out of bounds.
template <typename Coder>
bool code_header(Coder& coder, const Shape& shape, const Structure& structure, ProfileHeader& header);

// What the syntax of a component's blocks depends on.
struct BlockSyntax {
  unsigned rows, columns;  // of blocks
  unsigned refs;           // references of the frame
  bool motion;             // vectors are coded here: of component 0 in frames with references
};
// Code all blocks of a component of a frame, in raster order. Where no vectors are coded, `blocks` has those of
// component 0.
template <typename Coder>
bool code_blocks(Coder& coder, const Group& group, const BlockSyntax& syntax, BlockChoice* blocks);

}  // namespace stf::lossless
