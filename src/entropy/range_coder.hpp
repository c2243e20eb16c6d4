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

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "common/array.hpp"

namespace stf {

inline constexpr unsigned kCdfBits = 15;
inline constexpr uint32_t kCdfScale = 1u << kCdfBits;
inline constexpr uint32_t kCdfFloor = 8;  // no symbol is ever less likely than 8 / 32768

// How likely each of N symbols is, learned while coding. Limit: the slowest rate of adaptation, 2^-Limit.
//
// From four symbols on the bounds move eight at a time: GCC's and Clang's vectors, which every baseline has. Elements
// past N - 1 are above all others and never move.
template <unsigned N, unsigned Limit = (N <= 3 ? 6 : 7)>
struct AdaptiveModel {
  static_assert(N >= 2 && N <= 16);
  static constexpr unsigned kBounds = N <= 3 ? N - 1 : N <= 9 ? 8 : 16;
  static constexpr int16_t kNever = 32767;

  alignas(N <= 3 ? 2 : 16) int16_t bound[kBounds];  // bound[i] = P(symbol <= i) * 32768
  uint8_t count = 0;                                // symbols seen, as long as that changes the rate

  AdaptiveModel() {
    for (unsigned i = 0; i < kBounds; ++i)
      bound[i] = i < N - 1 ? static_cast<int16_t>(kCdfScale * (i + 1) / N) : kNever;
  }
  uint32_t low(unsigned s) const { return s == 0 ? 0 : static_cast<uint32_t>(bound[s - 1]); }
  uint32_t high(unsigned s) const { return s == N - 1 ? kCdfScale : static_cast<uint32_t>(bound[s]); }

  // The first symbols count for much: the rate is that of an average over all seen so far, down to the limit.
  void adapt(unsigned symbol) {
    unsigned rate = static_cast<unsigned>(std::bit_width(count + N / 2u));
    if (rate > Limit) rate = Limit;
    else ++count;  // rate <= Limit <= 7 bounds count + N / 2 below 2^7 + 1
#if defined(__GNUC__)
    if constexpr (N > 3) {
      typedef int16_t Vector __attribute__((vector_size(16)));
      const int16_t s = static_cast<int16_t>(symbol);
      const Vector symbols{s, s, s, s, s, s, s, s};
      for (unsigned i = 0; i < kBounds; i += 8) {
        Vector b, below, above, index;
        __builtin_memcpy(&b, bound + i, 16);
        __builtin_memcpy(&below, kTargets.below + i, 16);
        __builtin_memcpy(&above, kTargets.above + i, 16);
        __builtin_memcpy(&index, kTargets.index + i, 16);
        const Vector under = index < symbols;
        const Vector distance = ((below & under) | (above & ~under)) - b;
        b += (distance >> static_cast<int>(rate)) + ((distance >> static_cast<int>(rate - 1)) & 1);
        __builtin_memcpy(bound + i, &b, 16);
      }
      return;
    }
#endif
    for (unsigned i = 0; i < N - 1; ++i) {
      const int target = i < symbol ? kTargets.below[i] : kTargets.above[i];
      bound[i] = static_cast<int16_t>(bound[i] + ((target - bound[i] + (1 << (rate - 1))) >> rate));
    }
  }

  // The symbol in whose interval the code lies; unit: the range's 2^-15.
  unsigned find(uint32_t code, uint32_t unit) const {
    unsigned symbol = 0;
#if defined(__SSE2__)
    if constexpr (N > 3) {  // code >= unit * bound if and only if floor(code / unit) >= bound
      const uint32_t quotient = code / unit;
      const __m128i position = _mm_set1_epi16(static_cast<int16_t>(quotient < kNever ? quotient : kNever - 1));
      const __m128i first = _mm_cmpgt_epi16(_mm_load_si128(reinterpret_cast<const __m128i*>(bound)), position);
      __m128i second = first;
      if constexpr (kBounds == 16)
        second = _mm_cmpgt_epi16(_mm_load_si128(reinterpret_cast<const __m128i*>(bound + 8)), position);
      const auto above = static_cast<unsigned>(_mm_movemask_epi8(_mm_packs_epi16(first, second)));
      return static_cast<unsigned>(std::countr_zero(above | 1u << (N - 1)));
    }
#endif
    for (unsigned i = 0; i < N - 1; ++i) symbol += code >= unit * static_cast<uint32_t>(bound[i]);
    return symbol;
  }

 private:
  struct Targets {
    int16_t below[kBounds], above[kBounds], index[kBounds];
    constexpr Targets() : below(), above(), index() {
      for (unsigned i = 0; i < kBounds; ++i) {
        const bool used = i < N - 1;
        below[i] = used ? static_cast<int16_t>(kCdfFloor * (i + 1)) : kNever;
        above[i] = used ? static_cast<int16_t>(kCdfScale - kCdfFloor * (N - 1 - i)) : kNever;
        index[i] = static_cast<int16_t>(i);
      }
    }
  };
  static constexpr Targets kTargets{};
};
using AdaptiveBit = AdaptiveModel<2>;

// Encodes symbols and bits. Its bytes are in an array of the allocator that it is given. Where memory runs out the
// rest is dropped: ask ok() of what finish() gives.
class RangeEncoder {
 public:
  explicit RangeEncoder(const stf_env& env) : RangeEncoder(env.allocator) {}
  explicit RangeEncoder(const stf_allocator& allocator) : out_(allocator) {}

  template <unsigned N, unsigned Limit>
  void put(AdaptiveModel<N, Limit>& model, unsigned symbol) {
    interval(kCdfBits, model.low(symbol), model.high(symbol));
    model.adapt(symbol);
  }
  // Encode a bit that is one with probability one / 65536, 0 < one < 65536.
  void put_bit(uint32_t one, unsigned bit) { bit ? interval(16, 0, one) : interval(16, one, 1u << 16); }
  // Encode the low `bits` bits of value, all equally likely, 0 <= bits <= 32.
  void literal(uint32_t value, unsigned bits) {
    for (; bits > 15; bits -= 15) literal15(value >> (bits - 15), 15);
    if (bits != 0) literal15(value, bits);
  }
  // Flush: the bytes of the stream. The encoder is then done.
  Array<uint8_t>& finish();

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
    pending_ += shift;  // at most 15 + 16
    if (pending_ >= 16) emit();
  }
  void emit();
  void carry();

  Array<uint8_t> out_;
  uint64_t low_ = 0;  // bits 0..31 beside the range, then `pending_` bits, then the carry
  uint32_t range_ = ~0u;
  unsigned pending_ = 0;  // below 16 between calls
};

class RangeDecoder {
 public:
  RangeDecoder(const uint8_t* data, size_t size)
      : at_(data), end_(data + size), last_(size ? data[size - 1] : 0), size_(size) {
    refill();
    refill();
  }

  template <unsigned N, unsigned Limit>
  unsigned get(AdaptiveModel<N, Limit>& model) {
    const uint32_t unit = range_ >> kCdfBits;
    const unsigned symbol = model.find(static_cast<uint32_t>(window_ >> 32), unit);
    const uint32_t low = unit * model.low(symbol);
    narrow(low, symbol == N - 1 ? range_ - low : unit * model.high(symbol) - low);
    model.adapt(symbol);
    return symbol;
  }
  unsigned get_bit(uint32_t one) {
    const uint32_t bound = (range_ >> 16) * one;
    const bool bit = static_cast<uint32_t>(window_ >> 32) < bound;
    narrow(bit ? 0 : bound, bit ? bound : range_ - bound);
    return bit;
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
