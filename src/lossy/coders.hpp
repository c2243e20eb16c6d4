// The coders: three classes of one interface that write symbols, read them, or add up the bits that they would take.
// The syntax (syntax.hpp, coefficients.hpp) is written once, as functions over a coder.
//
//   unsigned symbol(model, unsigned value)           a symbol by the statistics of a model
//   uint32_t literal(uint32_t value, unsigned bits)  that many bits as they are
//   uint32_t number(model, uint32_t value)           a number without an upper end
//
// All return the value. The reader ignores the one that it is given; it is kReads. The coster is kCounts.
#pragma once

#include <bit>

#include "entropy/range_coder.hpp"
#include "lossy/census.hpp"
#include "lossy/tables.hpp"

namespace stf::lossy {

class Writer {
 public:
  static constexpr bool kReads = false, kCounts = false;
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
  static constexpr bool kReads = true, kCounts = false;
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

// Adds up bits, in 1/512. The models stay as they are.
class Coster {
 public:
  static constexpr bool kReads = false, kCounts = true;
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
