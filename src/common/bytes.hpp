// Reading and writing of little-endian numbers and varints. The reader never goes past its end: once it would,
// it stays failed and returns zeros, so that parsers check `ok()` once after a group of fields.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

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

  // Read an unsigned varint (LEB128): at most 10 bytes, shortest form only, so that equal values have equal bytes.
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
  // Read a signed varint, zigzag-coded.
  int64_t svarint() {
    const uint64_t v = uvarint();
    return static_cast<int64_t>(v >> 1) ^ -static_cast<int64_t>(v & 1);
  }
  // Read an unsigned varint that must lie in [low, high].
  uint64_t uvarint_in(uint64_t low, uint64_t high) {
    const uint64_t v = uvarint();
    if (v < low || v > high) fail();
    return ok_ ? v : low;
  }
  // Skip `size` bytes; returns their address, or NULL where there are fewer.
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

// How many bytes an unsigned varint of this value takes.
inline size_t uvarint_size(uint64_t v) { return v == 0 ? 1 : (static_cast<size_t>(std::bit_width(v)) + 6) / 7; }

// Turns numbers into bytes and hands these to Derived, which has put(const uint8_t* data, size_t size).
template <typename Derived>
class ByteEncoder {
 public:
  void u8(uint8_t v) { put(&v, 1); }
  void u16(uint16_t v) { fixed<2>(v); }
  void u32(uint32_t v) { fixed<4>(v); }
  void u64(uint64_t v) { fixed<8>(v); }
  void uvarint(uint64_t v) {
    uint8_t bytes[10];
    size_t n = 0;
    for (; v >= 0x80; v >>= 7) bytes[n++] = static_cast<uint8_t>(v | 0x80);
    bytes[n++] = static_cast<uint8_t>(v);
    put(bytes, n);
  }
  void svarint(int64_t v) { uvarint((static_cast<uint64_t>(v) << 1) ^ static_cast<uint64_t>(v >> 63)); }
  void bytes(const void* data, size_t size) { put(static_cast<const uint8_t*>(data), size); }

 private:
  void put(const uint8_t* data, size_t size) { static_cast<Derived*>(this)->put(data, size); }
  template <size_t N>
  void fixed(uint64_t v) {
    uint8_t bytes[N];
    for (size_t i = 0; i < N; ++i) bytes[i] = static_cast<uint8_t>(v >> (8 * i));
    put(bytes, N);
  }
};

// Writes bytes to an array of its own. Where memory runs out the rest is dropped, and ok() is false from then on.
class ByteWriter : public ByteEncoder<ByteWriter> {
 public:
  explicit ByteWriter(const stf_env& env) : out_(env) {}
  explicit ByteWriter(const stf_allocator& allocator) : out_(allocator) {}

  using ByteEncoder::bytes;
  void bytes(const Array<uint8_t>& data) { out_.append(data); }
  void put(const uint8_t* data, size_t size) { out_.append(data, size); }

  bool ok() const { return out_.ok(); }
  const stf_allocator& allocator() const { return out_.allocator(); }
  size_t size() const { return out_.size(); }
  const uint8_t* data() const { return out_.data(); }
  Array<uint8_t>& buffer() { return out_; }
  const Array<uint8_t>& buffer() const { return out_; }

 private:
  Array<uint8_t> out_;
};

// Counts the bytes that would be written.
class ByteCounter : public ByteEncoder<ByteCounter> {
 public:
  void put(const uint8_t*, size_t size) { size_ += size; }
  size_t size() const { return size_; }

 private:
  size_t size_ = 0;
};

// Compares the bytes that would be written with some that are there already.
class ByteMatcher : public ByteEncoder<ByteMatcher> {
 public:
  ByteMatcher(const uint8_t* data, size_t size) : at_(data), left_(size) {}
  void put(const uint8_t* data, size_t size) {
    equal_ = equal_ && size <= left_ && std::memcmp(at_, data, size) == 0;
    if (!equal_) return;
    at_ += size;
    left_ -= size;
  }
  // Whether all bytes were the same, and as many.
  bool equal() const { return equal_ && left_ == 0; }

 private:
  const uint8_t* at_;
  size_t left_;
  bool equal_ = true;
};

// Writes bytes to memory that is known to have room.
class ByteFiller : public ByteEncoder<ByteFiller> {
 public:
  explicit ByteFiller(uint8_t* out) : begin_(out), at_(out) {}
  void put(const uint8_t* data, size_t size) {
    std::memcpy(at_, data, size);
    at_ += size;
  }
  size_t size() const { return static_cast<size_t>(at_ - begin_); }

 private:
  uint8_t *begin_, *at_;
};

}  // namespace stf
