// CRC-32C: slicing by eight, and the SSE4.2 instruction where there is one. That takes three cycles but starts every
// cycle, so long input is done as three streams whose states are then joined.

#include <array>
#include <bit>
#include <cstring>

#include "cpu/cpu.hpp"
#include "stfrag/fragment.h"

namespace stf {
namespace {

using Tables = std::array<std::array<uint32_t, 256>, 8>;

constexpr Tables make_tables() {
  Tables t{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t c = i;
    for (int k = 0; k < 8; ++k) c = (c >> 1) ^ (0x82F63B78u & (0u - (c & 1)));
    t[0][i] = c;
  }
  for (uint32_t i = 0; i < 256; ++i)
    for (size_t k = 1; k < 8; ++k) t[k][i] = (t[k - 1][i] >> 8) ^ t[0][t[k - 1][i] & 0xff];
  return t;
}
constexpr Tables kTables = make_tables();

uint32_t crc_scalar(uint32_t crc, const uint8_t* p, size_t n) {
  for (; n >= 8; n -= 8, p += 8) {
    const uint32_t low = crc ^ (p[0] | uint32_t{p[1]} << 8 | uint32_t{p[2]} << 16 | uint32_t{p[3]} << 24);
    crc = kTables[7][low & 0xff] ^ kTables[6][(low >> 8) & 0xff] ^ kTables[5][(low >> 16) & 0xff] ^
          kTables[4][low >> 24] ^ kTables[3][p[4]] ^ kTables[2][p[5]] ^ kTables[1][p[6]] ^ kTables[0][p[7]];
  }
  for (; n != 0; --n, ++p) crc = (crc >> 8) ^ kTables[0][(crc ^ *p) & 0xff];
  return crc;
}

#if defined(__x86_64__) && defined(__GNUC__)
// What 2^log2 zero bytes do to a state, a table for each of its bytes.
using ZerosTable = std::array<std::array<uint32_t, 256>, 4>;

constexpr ZerosTable make_zeros(unsigned log2) {
  std::array<uint32_t, 32> column{};  // the linear map of one zero byte, squared log2 times
  const auto apply = [&column](uint32_t state) {
    uint32_t out = 0;
    for (size_t i = 0; state != 0; ++i, state >>= 1)
      if (state & 1) out ^= column[i];
    return out;
  };
  for (size_t i = 0; i < 32; ++i) column[i] = (uint32_t{1} << i >> 8) ^ kTables[0][(uint32_t{1} << i) & 0xff];
  for (; log2 != 0; --log2) {
    std::array<uint32_t, 32> squared{};
    for (size_t i = 0; i < 32; ++i) squared[i] = apply(column[i]);
    column = squared;
  }
  ZerosTable table{};
  for (size_t k = 0; k < 4; ++k)
    for (uint32_t byte = 0; byte < 256; ++byte) table[k][byte] = apply(byte << (8 * k));
  return table;
}
constexpr unsigned kLongLog2 = 12, kShortLog2 = 8;
constexpr ZerosTable kLongZeros = make_zeros(kLongLog2), kShortZeros = make_zeros(kShortLog2);

uint64_t after_zeros(const ZerosTable& t, uint64_t state) {
  return t[0][state & 0xff] ^ t[1][(state >> 8) & 0xff] ^ t[2][(state >> 16) & 0xff] ^ t[3][(state >> 24) & 0xff];
}

uint64_t load_word(const uint8_t* p) {
  uint64_t word;
  std::memcpy(&word, p, 8);
  return word;
}

// As many blocks of three streams of `stream` bytes as there are.
__attribute__((target("sse4.2"))) uint64_t crc_blocks(uint64_t c, const uint8_t*& p, size_t& n, size_t stream,
                                                      const ZerosTable& zeros) {
  for (; n >= 3 * stream; n -= 3 * stream, p += 3 * stream) {
    uint64_t c1 = 0, c2 = 0;
    for (size_t i = 0; i < stream; i += 8) {
      c = __builtin_ia32_crc32di(c, load_word(p + i));
      c1 = __builtin_ia32_crc32di(c1, load_word(p + stream + i));
      c2 = __builtin_ia32_crc32di(c2, load_word(p + 2 * stream + i));
    }
    c = after_zeros(zeros, after_zeros(zeros, c) ^ c1) ^ c2;
  }
  return c;
}

__attribute__((target("sse4.2"))) uint32_t crc_sse42(uint32_t crc, const uint8_t* p, size_t n) {
  uint64_t c = crc_blocks(crc, p, n, size_t{1} << kLongLog2, kLongZeros);
  c = crc_blocks(c, p, n, size_t{1} << kShortLog2, kShortZeros);
  for (; n >= 8; n -= 8, p += 8) c = __builtin_ia32_crc32di(c, load_word(p));
  crc = static_cast<uint32_t>(c);
  for (; n != 0; --n, ++p) crc = __builtin_ia32_crc32qi(crc, *p);
  return crc;
}
#endif

}  // namespace
}  // namespace stf

extern "C" uint32_t stf_crc32c(uint32_t crc, const void* data, size_t size) {
  const auto* p = static_cast<const uint8_t*>(data);
#if defined(__x86_64__) && defined(__GNUC__)
  if (stf::cpu_has(stf::Cpu::kSse42)) return ~stf::crc_sse42(~crc, p, size);
#endif
  return ~stf::crc_scalar(~crc, p, size);
}
