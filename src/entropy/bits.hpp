// Plain bits, least significant first, for what is not worth modelling (docs/format.md, 10.1). A section of its own:
// reading it depends on nothing else that is being decoded.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "common/array.hpp"

namespace stf {

// Writes a section of plain bits. Where memory runs out the rest is dropped: ask ok() of what finish() gives.
class BitWriter {
 public:
  explicit BitWriter(const stf_env& env) : out_(env) {}

  // Write the low `bits` bits of value, 0 <= bits <= 32.
  void put(uint32_t value, unsigned bits) {
    buffer_ |= (value & ((uint64_t{1} << bits) - 1)) << filled_;
    filled_ += bits;
    if (filled_ >= 32) flush(4);
  }
  // Pad with zeros to a byte; the writer is then empty of pending bits.
  Array<uint8_t>& finish() {
    flush((filled_ + 7) / 8);
    buffer_ = 0;
    filled_ = 0;
    return out_;
  }

 private:
  void flush(unsigned bytes) {
    const uint64_t word = buffer_;  // a copy, which the bytes that are written cannot alias
    if (uint8_t* const at = out_.extend(bytes); at != nullptr) [[likely]]
      for (unsigned i = 0; i < bytes; ++i) at[i] = static_cast<uint8_t>(word >> (8 * i));
    buffer_ = word >> (8 * bytes);
    filled_ -= std::min(filled_, 8 * bytes);
  }

  Array<uint8_t> out_;
  uint64_t buffer_ = 0;
  unsigned filled_ = 0;
};

// Reads a section of plain bits. Past its end come zeros, and finish() fails.
class BitReader {
 public:
  BitReader() = default;
  BitReader(const uint8_t* data, size_t size) : at_(data), end_(data + size) {}

  uint32_t get(unsigned bits) {  // 0 <= bits <= 32
    if (filled_ < bits) [[unlikely]]
      refill(bits);
    const auto value = static_cast<uint32_t>(buffer_ & ((uint64_t{1} << bits) - 1));
    buffer_ >>= bits;
    filled_ -= bits;
    return value;
  }
  bool overrun() const { return overrun_; }
  // True if exactly the section was read: nothing past it, no byte left, padding zero.
  bool finish() const { return !overrun_ && at_ == end_ && filled_ < 8 && buffer_ == 0; }

 private:
  void refill(unsigned bits) {
    if (end_ - at_ >= 4) {  // filled_ < 32: four bytes always fit
      const uint32_t word = at_[0] | uint32_t{at_[1]} << 8 | uint32_t{at_[2]} << 16 | uint32_t{at_[3]} << 24;
      buffer_ |= uint64_t{word} << filled_;
      filled_ += 32;
      at_ += 4;
      return;
    }
    for (; at_ != end_; filled_ += 8) buffer_ |= uint64_t{*at_++} << filled_;
    if (filled_ < bits) {
      overrun_ = true;
      filled_ = bits;
    }
  }

  const uint8_t *at_ = nullptr, *end_ = nullptr;
  uint64_t buffer_ = 0;
  unsigned filled_ = 0;
  bool overrun_ = false;
};

}  // namespace stf
