// See rans.hpp.

#include "entropy/rans.hpp"

#include <bit>
#include <cstring>

namespace stf {

namespace {

void build_symbols(const uint16_t* freq, size_t alphabet, RansSymbol* symbol, size_t room) {
  uint32_t start = 0;
  for (size_t s = 0; s < room; ++s) {
    const uint32_t f = s < alphabet ? freq[s] : 0;
    symbol[s].freq = static_cast<uint16_t>(f);
    symbol[s].start = static_cast<uint16_t>(start);
    symbol[s].reciprocal = f == 0 ? 0 : ((uint64_t{1} << 44) + f - 1) / f;
    start += f;
  }
}

}  // namespace

void RansEncodeTable::build(const uint16_t* freq, size_t alphabet) {
  build_symbols(freq, alphabet, symbol, kMaxAlphabet);
}
void RansCompactEncodeTable::build(const uint16_t* freq, size_t alphabet) {
  build_symbols(freq, alphabet, symbol, kCompactAlphabet);
}

bool RansDecodeTable::build(const uint16_t* freq, size_t alphabet) {
  uint32_t start = 0;
  for (size_t s = 0; s < alphabet; ++s) {
    const uint32_t f = freq[s];
    if (f > kProbScale - start) return false;
    const uint32_t base = static_cast<uint32_t>(s) | (f - 1) << 8;
    for (uint32_t i = 0; i < f; ++i) slot[start + i] = base | i << 20;
    start += f;
  }
  return start == kProbScale;
}

bool RansCompactTable::build(const uint16_t* freq, size_t alphabet) {
  uint32_t start = 0;
  std::memset(range, 0, sizeof range);
  for (size_t s = 0; s < alphabet; ++s) {
    const uint32_t f = freq[s];
    if (f > kProbScale - start) return false;
    std::memset(symbol + start, static_cast<int>(s), f);
    range[s] = f | start << 16;
    start += f;
  }
  return start == kProbScale;
}

bool RansEncoder::reset(const stf_allocator& allocator, unsigned lanes, size_t capacity) {
  if (capacity > (SIZE_MAX - 2) / 2) return false;
  const size_t bytes = 2 * capacity + 2;  // put() writes one word ahead
  if (bytes > buffer_.size() && !buffer_.allocate(allocator, bytes)) return false;
  lanes_ = lanes;
  work_.at = end_ = buffer_.end();
  for (uint32_t& x : work_.state) x = kRansLow;
  return true;
}

bool RansEncoder::finish(Array<uint8_t>& out) const {
  const auto words = static_cast<size_t>(end_ - work_.at);
  uint8_t* at = out.extend(4 * size_t{lanes_} + words);
  if (at == nullptr) return false;
  for (unsigned lane = 0; lane < lanes_; ++lane)
    for (unsigned shift = 0; shift < 32; shift += 8) *at++ = static_cast<uint8_t>(work_.state[lane] >> shift);
  std::memcpy(at, work_.at, words);
  return true;
}

namespace {

// Lanes: their number where it is known when compiling, else 0.
template <unsigned Lanes, typename Table>
void encode_all(RansEncoder& encoder, unsigned lanes_in, const uint8_t* symbols, const uint8_t* contexts, size_t n,
                const Table* tables) {
  const unsigned lanes = Lanes ? Lanes : lanes_in;
  RansEncoder::Lanes out = encoder.lanes();
  const auto put = [&](unsigned lane, size_t i) {
    out.put(lane, tables[contexts ? contexts[i] : 0].symbol[symbols[i]]);
  };
  size_t i = n;
  for (auto lane = static_cast<unsigned>(n % lanes); lane-- != 0;) put(lane, --i);
  while (i != 0) {
#pragma GCC unroll 32
    for (unsigned k = 0; k < lanes; ++k) put(lanes - 1 - k, --i);
  }
  encoder.lanes() = out;
}

template <typename Table>
bool encode_section(const uint8_t* symbols, const uint8_t* contexts, size_t n, const Table* tables, unsigned lanes,
                    Array<uint8_t>& out) {
  RansEncoder encoder;
  if (!encoder.reset(out.allocator(), lanes, n)) return false;
  switch (lanes) {
    case 4: encode_all<4>(encoder, lanes, symbols, contexts, n, tables); break;
    case 8: encode_all<8>(encoder, lanes, symbols, contexts, n, tables); break;
    default: encode_all<0>(encoder, lanes, symbols, contexts, n, tables);
  }
  return encoder.finish(out);
}

}  // namespace

bool rans_encode(const uint8_t* symbols, const uint8_t* contexts, size_t n, const RansEncodeTable* tables,
                 unsigned lanes, Array<uint8_t>& out) {
  return encode_section(symbols, contexts, n, tables, lanes, out);
}
bool rans_encode(const uint8_t* symbols, const uint8_t* contexts, size_t n, const RansCompactEncodeTable* tables,
                 unsigned lanes, Array<uint8_t>& out) {
  return encode_section(symbols, contexts, n, tables, lanes, out);
}

bool RansDecoder::reset(const uint8_t* data, size_t size, unsigned lanes) {
  overrun_ = false;
  lanes_ = lanes;
  if (lanes == 0 || lanes > kMaxLanes || size < 4 * size_t{lanes} || size % 2 != 0) return false;
  for (unsigned lane = 0; lane < lanes; ++lane, data += 4) {
    state_[lane] = data[0] | uint32_t{data[1]} << 8 | uint32_t{data[2]} << 16 | uint32_t{data[3]} << 24;
    if (state_[lane] < kRansLow) return false;
  }
  at_ = data;
  end_ = data + (size - 4 * size_t{lanes});
  return true;
}

// Rounds of all lanes, as long as words for a whole one are left; states in registers. Returns how many symbols.
template <unsigned Lanes>
size_t RansDecoder::get_rounds(const RansCompactTable* tables, const uint8_t* choice, size_t n, uint8_t* symbols) {
  uint32_t state[Lanes];
  for (unsigned lane = 0; lane < Lanes; ++lane) state[lane] = state_[lane];
  const uint8_t* at = at_;
  size_t i = 0;
  for (; n - i >= Lanes && static_cast<size_t>(end_ - at) >= 2 * Lanes; i += Lanes) {
#pragma GCC unroll 32
    for (unsigned lane = 0; lane < Lanes; ++lane) {
      const RansCompactTable& table = tables[choice[i + lane]];
      uint32_t x = state[lane];
      const uint32_t slot = x & (kProbScale - 1);
      const uint8_t symbol = table.symbol[slot];
      const uint32_t range = table.range[symbol];
      symbols[i + lane] = symbol;
      x = (range & 0xffff) * (x >> kProbBits) + slot - (range >> 16);
      uint16_t word;
      std::memcpy(&word, at, 2);
      if constexpr (std::endian::native == std::endian::big) word = static_cast<uint16_t>(word << 8 | word >> 8);
      const uint32_t low = x < kRansLow;
      x ^= (x ^ (x << 16 | word)) & (0u - low);
      at += 2 * low;
      state[lane] = x;
    }
  }
  for (unsigned lane = 0; lane < Lanes; ++lane) state_[lane] = state[lane];
  at_ = at;
  return i;
}

void RansDecoder::get_all(unsigned& lane, const RansCompactTable* tables, const uint8_t* choice, size_t n,
                          uint8_t* symbols) {
  size_t i = 0;
  const auto next = [&] {
    symbols[i] = get(lane, tables[choice[i]]);
    lane = lane + 1 == lanes_ ? 0 : lane + 1;
    ++i;
  };
  while (i < n && lane != 0) next();
  if (lanes_ == 8) i += get_rounds<8>(tables, choice + i, n - i, symbols + i);
  else if (lanes_ == 4) i += get_rounds<4>(tables, choice + i, n - i, symbols + i);
  while (i < n) next();
}

namespace {

// Lanes: their number where it is known when compiling, else 0.
template <unsigned Lanes, bool Contexts>
bool decode_all(RansDecoder decoder, const RansDecodeTable* tables, const uint8_t* contexts, uint8_t* symbols,
                size_t n) {
  const unsigned lanes = Lanes ? Lanes : decoder.lanes();
  size_t i = 0;
  for (; n - i >= lanes; i += lanes) {
#pragma GCC unroll 32
    for (unsigned lane = 0; lane < lanes; ++lane)
      symbols[i + lane] = decoder.get(lane, tables[Contexts ? contexts[i + lane] : 0]);
  }
  for (unsigned lane = 0; i < n; ++i, ++lane) symbols[i] = decoder.get(lane, tables[Contexts ? contexts[i] : 0]);
  return decoder.finish();
}

template <bool Contexts>
bool decode_lanes(const RansDecoder& decoder, const RansDecodeTable* tables, const uint8_t* contexts, uint8_t* symbols,
                  size_t n) {
  switch (decoder.lanes()) {
    case 4: return decode_all<4, Contexts>(decoder, tables, contexts, symbols, n);
    case 8: return decode_all<8, Contexts>(decoder, tables, contexts, symbols, n);
    case 16: return decode_all<16, Contexts>(decoder, tables, contexts, symbols, n);
    case 32: return decode_all<32, Contexts>(decoder, tables, contexts, symbols, n);
    default: return decode_all<0, Contexts>(decoder, tables, contexts, symbols, n);
  }
}

}  // namespace

bool rans_decode(const uint8_t* data, size_t size, const RansDecodeTable* tables, const uint8_t* contexts,
                 unsigned lanes, uint8_t* symbols, size_t n) {
  RansDecoder decoder;
  if (!decoder.reset(data, size, lanes)) return false;
  return contexts ? decode_lanes<true>(decoder, tables, contexts, symbols, n)
                  : decode_lanes<false>(decoder, tables, contexts, symbols, n);
}

}  // namespace stf
