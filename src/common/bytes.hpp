// Reading and writing of little-endian numbers and varints. The reader never goes past its end: once it would,
// it stays failed and returns zeros, so that parsers check `ok()` once after a group of fields.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "common/array.hpp"

namespace stf {

class ByteReader {
 public:
  ByteReader(const void* data, size_t size)
      : begin_(static_cast<const uint8_t*>(data)), at_(begin_), end_(begin_ + size) {}

  bool ok() const { return ok_; }
  void fail() {
    ok_ = false;
    at_ = end_;
  }
  size_t left() const { return static_cast<size_t>(end_ - at_); }
  size_t position() const { return static_cast<size_t>(at_ - begin_); }
  const uint8_t* cursor() const { return at_; }

  uint8_t u8() { return static_cast<uint8_t>(fixed<1>()); }
  uint16_t u16() { return static_cast<uint16_t>(fixed<2>()); }
  uint32_t u32() { return static_cast<uint32_t>(fixed<4>()); }
  uint64_t u64() { return fixed<8>(); }

  // LEB128, at most 10 bytes, shortest form only, so that equal values have equal bytes.
  uint64_t uvarint() {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (at_ == end_) break;
      const uint8_t byte = *at_++;
      if (shift == 63 && byte > 1) break;
      value |= uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) {
        if (byte == 0 && shift != 0) break;
        return value;
      }
    }
    fail();
    return 0;
  }
  // Zigzag-coded signed varint.
  int64_t svarint() {
    const uint64_t v = uvarint();
    return static_cast<int64_t>(v >> 1) ^ -static_cast<int64_t>(v & 1);
  }
  // A uvarint that must lie in [low, high].
  uint64_t uvarint_in(uint64_t low, uint64_t high) {
    const uint64_t v = uvarint();
    if (v < low || v > high) fail();
    return ok_ ? v : low;
  }
  // The next `size` bytes, or NULL.
  const uint8_t* bytes(size_t size) {
    if (size > left()) {
      fail();
      return nullptr;
    }
    const uint8_t* p = at_;
    at_ += size;
    return p;
  }

 private:
  template <size_t N>
  uint64_t fixed() {
    if (left() < N) {
      fail();
      return 0;
    }
    uint64_t v = 0;
    for (size_t i = 0; i < N; ++i) v |= uint64_t{at_[i]} << (8 * i);
    at_ += N;
    return v;
  }

  const uint8_t *begin_, *at_, *end_;
  bool ok_ = true;
};

// Where memory runs out the rest is dropped, and ok() is false from then on.
class ByteWriter {
 public:
  ByteWriter() : ByteWriter(default_allocator()) {}
  explicit ByteWriter(const stf_env& env) : out_(env) {}
  explicit ByteWriter(const stf_allocator& allocator) : out_(allocator) {}

  bool ok() const { return out_.ok(); }
  const stf_allocator& allocator() const { return out_.allocator(); }
  void u8(uint8_t v) { out_.push(v); }
  void u16(uint16_t v) { fixed(v, 2); }
  void u32(uint32_t v) { fixed(v, 4); }
  void u64(uint64_t v) { fixed(v, 8); }
  void uvarint(uint64_t v) {
    for (; v >= 0x80; v >>= 7) out_.push(static_cast<uint8_t>(v | 0x80));
    out_.push(static_cast<uint8_t>(v));
  }
  void svarint(int64_t v) { uvarint((static_cast<uint64_t>(v) << 1) ^ static_cast<uint64_t>(v >> 63)); }
  void bytes(const void* data, size_t size) { out_.append(static_cast<const uint8_t*>(data), size); }
  void bytes(const Array<uint8_t>& data) { bytes(data.data(), data.size()); }
  void patch_u32(size_t at, uint32_t v) {
    for (size_t i = 0; i < 4 && at + i < out_.size(); ++i) out_[at + i] = static_cast<uint8_t>(v >> (8 * i));
  }
  size_t size() const { return out_.size(); }
  const uint8_t* data() const { return out_.data(); }
  std::vector<uint8_t> copy() const { return {out_.begin(), out_.end()}; }
  Array<uint8_t>& buffer() { return out_; }
  const Array<uint8_t>& buffer() const { return out_; }

 private:
  void fixed(uint64_t v, size_t n) {
    for (size_t i = 0; i < n; ++i) out_.push(static_cast<uint8_t>(v >> (8 * i)));
  }
  Array<uint8_t> out_;
};

}  // namespace stf
