// Static rANS: 12-bit probabilities, 32-bit states, 16-bit words, N interleaved lanes (docs/format.md, 10.2).
//
// Symbol i is coded by lane i mod N. The decoder reads words front to back; the encoder runs over the symbols
// backwards and fills a buffer from its end. Every symbol may come from another table (contexts). Bits that are not
// worth modelling do not go through the lanes: they have a section of their own (bits.hpp), whose dependency chain
// runs beside this one and which a vectorised decoder can leave for a second pass.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "common/array.hpp"
#include "entropy/statistics.hpp"

namespace stf {

inline constexpr unsigned kMaxLanes = 32;
inline constexpr uint32_t kRansLow = 1u << 16;  // states lie in [2^16, 2^32)

// One symbol of an encoding table. The quotient x / freq is (x * reciprocal) >> 44, exact for x < freq << 20.
struct RansSymbol {
  uint64_t reciprocal;
  uint16_t freq, start;
};

struct RansEncodeTable {
  RansSymbol symbol[kMaxAlphabet];
  // Make the table of probabilities that sum to 4096 (normalize()).
  void build(const uint16_t* freq, size_t alphabet);
};

// An encoding table for small alphabets, many of which fit the nearest cache.
inline constexpr unsigned kCompactAlphabet = 64;
struct RansCompactEncodeTable {
  RansSymbol symbol[kCompactAlphabet];
  void build(const uint16_t* freq, size_t alphabet);  // alphabet <= kCompactAlphabet
};

// slot -> symbol | (freq - 1) << 8 | (slot - start) << 20
struct RansDecodeTable {
  uint32_t slot[kProbScale];
  // False if the probabilities do not sum to 4096.
  bool build(const uint16_t* freq, size_t alphabet);
};

// A decoding table in a quarter of the memory, for many tables at once: one load more, and they stay in the nearest
// cache.
struct RansCompactTable {
  uint8_t symbol[kProbScale];        // slot -> symbol
  uint32_t range[kCompactAlphabet];  // symbol -> freq | start << 16
  // False if the probabilities do not sum to 4096. alphabet <= kCompactAlphabet.
  bool build(const uint16_t* freq, size_t alphabet);
};

// Pushes symbols last to first, then finish() appends the section to `out`.
class RansEncoder {
 public:
  // At most `capacity` symbols will be put, in memory of that allocator. False when there is none.
  bool reset(const stf_allocator& allocator, unsigned lanes, size_t capacity);

  // What put() changes. A loop works on a copy, which nothing can alias, and gives it back.
  struct Lanes {
    uint32_t state[kMaxLanes];
    uint8_t* at = nullptr;

    void put(unsigned lane, const RansSymbol& s) {
      uint32_t x = state[lane];
      const auto word = static_cast<uint16_t>(x);
      if constexpr (std::endian::native == std::endian::little) {
        std::memcpy(at - 2, &word, 2);
      } else {
        at[-2] = static_cast<uint8_t>(word);
        at[-1] = static_cast<uint8_t>(word >> 8);
      }
      const uint32_t full = (x >> 20) >= s.freq;  // arithmetic, lest the compiler make a branch that nobody can predict
      at -= 2 * full;
      x ^= (x ^ x >> 16) & (0u - full);
      const auto quotient = static_cast<uint32_t>((x * s.reciprocal) >> 44);
      state[lane] = x + s.start + quotient * (kProbScale - s.freq);
    }
  };
  Lanes& lanes() { return work_; }

  void put(unsigned lane, const RansSymbol& s) { work_.put(lane, s); }

  // False when `out` gets no memory.
  bool finish(Array<uint8_t>& out) const;

 private:
  Lanes work_;
  unsigned lanes_ = 0;
  Buffer<uint8_t> buffer_;
  uint8_t* end_ = nullptr;
};

// Code symbols[0..n) into a section appended to `out`; symbol i uses tables[contexts[i]], or tables[0] if contexts is
// NULL. Every symbol must have a probability in its table. Scratch memory comes from the allocator of `out`. False when
// there is no memory.
bool rans_encode(const uint8_t* symbols, const uint8_t* contexts, size_t n, const RansEncodeTable* tables,
                 unsigned lanes, Array<uint8_t>& out);
bool rans_encode(const uint8_t* symbols, const uint8_t* contexts, size_t n, const RansCompactEncodeTable* tables,
                 unsigned lanes, Array<uint8_t>& out);

// Reads a section. Never reads outside of it: past its end the words are zero and finish() fails.
//
// In a hot loop use a local copy of a decoder that was reset: nothing can alias it, so it lives in registers, and put
// the loop over the lanes inside (with a constant number of lanes where it matters).
class RansDecoder {
 public:
  // False if the section is too short or odd, or a state is below 2^16.
  bool reset(const uint8_t* data, size_t size, unsigned lanes);

  // The next symbol of a lane. The caller goes through the lanes round-robin.
  uint8_t get(unsigned lane, const RansDecodeTable& table) {
    const uint32_t x = state_[lane];
    const uint32_t entry = table.slot[x & (kProbScale - 1)];
    advance(lane, (((entry >> 8) & (kProbScale - 1)) + 1) * (x >> kProbBits) + (entry >> 20));
    return static_cast<uint8_t>(entry);
  }
  uint8_t get(unsigned lane, const RansCompactTable& table) {
    const uint32_t x = state_[lane], slot = x & (kProbScale - 1);
    const uint8_t symbol = table.symbol[slot];
    const uint32_t range = table.range[symbol];
    advance(lane, (range & 0xffff) * (x >> kProbBits) + slot - (range >> 16));
    return symbol;
  }

  // The next n symbols, symbol i by tables[choice[i]]. `lane` is the one whose turn it is.
  void get_all(unsigned& lane, const RansCompactTable* tables, const uint8_t* choice, size_t n, uint8_t* symbols);

  unsigned lanes() const { return lanes_; }
  bool overrun() const { return overrun_; }
  // True if the section was sound: all words used, none missing, every state back at 2^16.
  bool finish() const {
    bool sound = !overrun_ && at_ == end_;
    for (unsigned lane = 0; lane < lanes_; ++lane) sound = sound && state_[lane] == kRansLow;
    return sound;
  }

 private:
  void advance(unsigned lane, uint32_t x) {
    if (at_ != end_) [[likely]] {
      const uint32_t word = at_[0] | uint32_t{at_[1]} << 8;
      const uint32_t low = x < kRansLow;  // arithmetic, lest the compiler make a branch that nobody can predict
      x ^= (x ^ (x << 16 | word)) & (0u - low);
      at_ += 2 * low;
    } else if (x < kRansLow) [[unlikely]] {
      x <<= 16;
      overrun_ = true;
    }
    state_[lane] = x;
  }

  template <unsigned Lanes>
  size_t get_rounds(const RansCompactTable* tables, const uint8_t* choice, size_t n, uint8_t* symbols);

  uint32_t state_[kMaxLanes];
  const uint8_t *at_ = nullptr, *end_ = nullptr;
  unsigned lanes_ = 0;
  bool overrun_ = false;
};

// Decode a whole section of n symbols; contexts as in rans_encode(). False if it is corrupt; `symbols` is then filled
// with something.
bool rans_decode(const uint8_t* data, size_t size, const RansDecodeTable* tables, const uint8_t* contexts,
                 unsigned lanes, uint8_t* symbols, size_t n);

}  // namespace stf
