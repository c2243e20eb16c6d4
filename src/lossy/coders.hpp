// One syntax, three coders: what a block says is written down once (syntax.hpp), as a function over a coder that writes
// symbols, reads them or adds up what they would cost.
//
//   unsigned symbol(model, unsigned value)       value is ignored by the reader; all return the symbol
//   uint32_t literal(uint32_t value, unsigned bits)
#pragma once

#include <bit>

#include "entropy/range_coder.hpp"
#include "lossy/census.hpp"
#include "lossy/tables.hpp"

namespace stf::lossy {

class Writer {
 public:
  static constexpr bool kReads = false;
  explicit Writer(RangeEncoder& coder) : coder_(coder) {}
  template <unsigned N, unsigned Limit>
  unsigned symbol(AdaptiveModel<N, Limit>& model, unsigned value) {
    coder_.put(model, value);
    STF_CENSUS_COUNT(model, value);
    return value;
  }
  uint32_t literal(uint32_t value, unsigned bits) {
    coder_.literal(value, bits);
    return value;
  }
  uint32_t number(AdaptiveExpGolomb<16>& model, uint32_t value) {
    model.put(coder_, value);
    STF_CENSUS_NUMBER(model, value);
    return value;
  }

 private:
  RangeEncoder& coder_;
};

class Reader {
 public:
  static constexpr bool kReads = true;
  explicit Reader(RangeDecoder& coder) : coder_(coder) {}
  template <unsigned N, unsigned Limit>
  unsigned symbol(AdaptiveModel<N, Limit>& model, unsigned) {
    return coder_.get(model);
  }
  uint32_t literal(uint32_t, unsigned bits) { return coder_.literal(bits); }
  uint32_t number(AdaptiveExpGolomb<16>& model, uint32_t) { return model.get(coder_); }

 private:
  RangeDecoder& coder_;
};

// Adds bits, in 1/512; models stay as they are.
class Coster {
 public:
  static constexpr bool kReads = false;
  template <unsigned N, unsigned Limit>
  unsigned symbol(const AdaptiveModel<N, Limit>& model, unsigned value) {
    bits_ += bits_of(model.high(value) - model.low(value));
    return value;
  }
  uint32_t literal(uint32_t value, unsigned bits) {
    bits_ += bits << 9;
    return value;
  }
  uint32_t number(const AdaptiveExpGolomb<16>&, uint32_t value) {
    bits_ += (2 * static_cast<uint32_t>(std::bit_width(value + 1)) - 1) << 9;
    return value;
  }
  void add(uint32_t bits) { bits_ += bits; }
  uint64_t bits() const { return bits_; }

 private:
  uint64_t bits_ = 0;
};

}  // namespace stf::lossy
