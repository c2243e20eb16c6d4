// Adaptive range coder: multi-symbol alphabets of 2..16 with 15-bit cumulative probabilities that follow the data,
// adaptive bits, literal bits, Exp-Golomb numbers (docs/format.md, 10.4).
//
// The range is kept in [2^31, 2^32) by shifting single bits, all at once: no loop. The encoder resolves carries in
// the bytes that it has already written. The decoder reads zeros past the end; finish() tells exactly whether the
// stream had the length that was decoded.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace stf {

inline constexpr unsigned kCdfBits = 15;
inline constexpr uint32_t kCdfScale = 1u << kCdfBits;
inline constexpr int kCdfFloor = 8;  // no symbol is ever less likely than 8 / 32768

// How likely each of N symbols is, learned while coding. Limit: the slowest rate of adaptation, 2^-Limit.
template <unsigned N, unsigned Limit = (N <= 3 ? 6 : 7)>
struct AdaptiveModel {
  static_assert(N >= 2 && N <= 16);
  uint16_t bound[N - 1];  // bound[i] = P(symbol <= i) * 32768
  uint8_t count = 0;      // symbols seen, saturating where the rate no longer changes

  AdaptiveModel() {
    for (unsigned i = 0; i < N - 1; ++i) bound[i] = static_cast<uint16_t>(kCdfScale * (i + 1) / N);
  }
  uint32_t low(unsigned s) const { return s == 0 ? 0 : bound[s - 1]; }
  uint32_t high(unsigned s) const { return s == N - 1 ? kCdfScale : bound[s]; }

  // The first symbols count for much: the rate is that of an average over all seen so far, down to the limit.
  void adapt(unsigned symbol) {
    unsigned rate = static_cast<unsigned>(std::bit_width(count + N / 2u));
    if (rate > Limit) rate = Limit;
    else ++count;  // rate <= Limit <= 7 bounds count + N / 2 below 2^7 + 1
    const int half = (1 << rate) >> 1;
    for (unsigned i = 0; i < N - 1; ++i) {
      const int floor = kCdfFloor * static_cast<int>(i + 1);
      const int ceiling = static_cast<int>(kCdfScale) - kCdfFloor * static_cast<int>(N - 1 - i);
      const int target = i < symbol ? floor : ceiling;
      bound[i] = static_cast<uint16_t>(bound[i] + ((target - bound[i] + half) >> rate));
    }
  }
};
using AdaptiveBit = AdaptiveModel<2>;

class RangeEncoder {
 public:
  template <unsigned N, unsigned Limit>
  void put(AdaptiveModel<N, Limit>& model, unsigned symbol) {
    interval(kCdfBits, model.low(symbol), model.high(symbol));
    model.adapt(symbol);
  }
  // The low `bits` bits of value, all equally likely, 0 <= bits <= 32.
  void literal(uint32_t value, unsigned bits) {
    for (; bits > 15; bits -= 15) literal15(value >> (bits - 15), 15);
    if (bits != 0) literal15(value, bits);
  }
  // Flush: the bytes of the stream. The encoder is then done.
  std::vector<uint8_t>& finish();

 private:
  void literal15(uint32_t value, unsigned bits) {
    value &= (1u << bits) - 1;
    interval(bits, value, value + 1);
  }
  // Narrow to [low, high) of 2^bits; the last interval takes what rounding left over.
  void interval(unsigned bits, uint32_t low, uint32_t high) {
    const uint32_t unit = range_ >> bits;
    low_ += uint64_t{unit} * low;
    range_ = high == 1u << bits ? range_ - unit * low : unit * (high - low);
    const auto shift = static_cast<unsigned>(std::countl_zero(range_));
    range_ <<= shift;
    low_ <<= shift;
    pending_ += shift;  // at most 15 + 15
    if (pending_ >= 16) emit();
  }
  void emit();
  void carry();

  std::vector<uint8_t> out_;
  uint64_t low_ = 0;        // bits 0..31 beside the range, then `pending_` bits, then the carry
  uint32_t range_ = ~0u;
  unsigned pending_ = 0;    // below 16 between calls
};

class RangeDecoder {
 public:
  RangeDecoder(const uint8_t* data, size_t size) : at_(data), end_(data + size), last_(size ? data[size - 1] : 0),
                                                   size_(size) {
    refill();
    refill();
  }

  template <unsigned N, unsigned Limit>
  unsigned get(AdaptiveModel<N, Limit>& model) {
    const uint32_t unit = range_ >> kCdfBits;
    const auto code = static_cast<uint32_t>(window_ >> 32);
    unsigned symbol = 0;
    for (unsigned i = 0; i < N - 1; ++i) symbol += code >= unit * model.bound[i];
    const uint32_t low = unit * model.low(symbol);
    narrow(low, symbol == N - 1 ? range_ - low : unit * model.bound[symbol] - low);
    model.adapt(symbol);
    return symbol;
  }
  uint32_t literal(unsigned bits) {  // 0 <= bits <= 32
    uint32_t value = 0;
    for (; bits > 15; bits -= 15) value = value << 15 | literal15(15);
    return bits != 0 ? value << bits | literal15(bits) : value;
  }

  // True if more was decoded than the stream holds: worth a look in long loops.
  bool overrun() const { return consumed() / 8 >= size_; }
  // True if the stream has exactly the length that an encoder of these symbols gives it, and zeros pad it.
  bool finish() const;

 private:
  uint64_t consumed() const { return 8 * loaded_ - filled_; }  // bits shifted out
  uint32_t literal15(unsigned bits) {
    const uint32_t unit = range_ >> bits;
    uint32_t value = static_cast<uint32_t>(window_ >> 32) / unit;
    const uint32_t top = (1u << bits) - 1;
    if (value > top) value = top;
    const uint32_t low = unit * value;
    narrow(low, value == top ? range_ - low : unit);
    return value;
  }
  void narrow(uint32_t low, uint32_t range) {
    window_ -= uint64_t{low} << 32;
    const auto shift = static_cast<unsigned>(std::countl_zero(range));
    range_ = range << shift;
    window_ <<= shift;
    filled_ -= shift;
    if (filled_ < 32) refill();
  }
  void refill() {  // four more bytes, zeros past the end; filled_ <= 32 before
    uint32_t word = 0;
    if (end_ - at_ >= 4) {
      word = uint32_t{at_[0]} << 24 | uint32_t{at_[1]} << 16 | uint32_t{at_[2]} << 8 | at_[3];
      at_ += 4;
    } else {
      for (unsigned shift = 32; at_ != end_;) word |= uint32_t{*at_++} << (shift -= 8);
    }
    window_ |= uint64_t{word} << (32 - filled_);
    filled_ += 32;
    loaded_ += 4;
  }

  const uint8_t *at_, *end_;
  uint64_t window_ = 0;  // code - low, its first bit on top; upper half compares with the range
  uint32_t range_ = ~0u;
  unsigned filled_ = 0;  // bits of the window that came from the stream (or from the zeros after it)
  uint64_t loaded_ = 0;
  uint8_t last_;
  size_t size_;
};

// Numbers 0 .. 2^32 - 2: the length k of v + 1 less one in unary with adaptive bits, then its low k bits as they are.
template <unsigned Contexts = 16>
struct AdaptiveExpGolomb {
  AdaptiveBit more[Contexts];

  void put(RangeEncoder& encoder, uint32_t v) {
    const auto k = static_cast<unsigned>(std::bit_width(v + 1)) - 1;
    for (unsigned i = 0; i < k; ++i) encoder.put(more[i < Contexts ? i : Contexts - 1], 1);
    if (k < 31) encoder.put(more[k < Contexts ? k : Contexts - 1], 0);
    encoder.literal(v + 1, k);
  }
  uint32_t get(RangeDecoder& decoder) {
    unsigned k = 0;
    while (k < 31 && decoder.get(more[k < Contexts ? k : Contexts - 1])) ++k;
    return ((1u << k) | decoder.literal(k)) - 1;
  }
};

}  // namespace stf
