// Side information through the adaptive range coder: one function for reading and writing of everything, so that the
// two cannot drift apart (docs/format.md, 12.2 to 12.6).
#pragma once

#include "common/structure.hpp"
#include "entropy/range_coder.hpp"
#include "lossless/model.hpp"

namespace stf::lossless {

// coder(model, value) codes a symbol and returns it; kReading tells the reader, which ignores `value`, from the
// writer.
struct SideWriter {
  static constexpr bool kReading = false;
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
  static constexpr bool kReading = true;
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

// A signed number: zigzag, then Exp-Golomb.
template <typename Coder, unsigned N>
int64_t code_signed(Coder& coder, AdaptiveExpGolomb<N>& model, int32_t value) {
  const uint32_t z = coder.number(model, (static_cast<uint32_t>(value) << 1) ^ static_cast<uint32_t>(value >> 31));
  return static_cast<int64_t>(z >> 1) ^ -static_cast<int64_t>(z & 1);
}

// The header's stream. The reader fails on anything out of bounds. Both are instantiated in syntax.cpp.
template <typename Coder>
bool code_header(Coder& coder, const Shape& shape, const Structure& structure, Header& header);

// All blocks of a component of a frame, in raster order. `motion`: whether vectors are coded here (component 0 of a
// frame with references); other components find those of component 0 in `blocks`.
template <typename Coder>
bool code_blocks(Coder& coder, const Group& group, unsigned refs, bool motion, unsigned blocks_y, unsigned blocks_x,
                 Block* blocks);

}  // namespace stf::lossless
