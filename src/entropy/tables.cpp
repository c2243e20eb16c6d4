// See tables.hpp. Reading and writing are one function, so that they cannot drift apart.

#include "entropy/tables.hpp"

#include <bit>
#include <cstring>

namespace stf {
namespace {

struct Writer {
  RangeEncoder& encoder;
  template <typename Model>
  unsigned operator()(Model& model, unsigned value) {
    encoder.put(model, value);
    return value;
  }
};

struct Reader {
  RangeDecoder& decoder;
  template <typename Model>
  unsigned operator()(Model& model, unsigned) {
    return decoder.get(model);
  }
};

}  // namespace

// A class is expected near its prediction: the models start with a peak there instead of flat.
TableCoder::TableCoder(size_t alphabet) : alphabet_(alphabet) {
  for (unsigned p = 0; p < kClasses; ++p) {
    uint32_t weight[kClasses], total = 0;
    for (unsigned c = 0; c < kClasses; ++c) {
      const unsigned distance = c > p ? c - p : p - c;
      weight[c] = 1 + (64u >> (distance < 6 ? distance : 6));
      total += weight[c];
    }
    uint32_t sum = 0;
    for (unsigned c = 0; c + 1 < kClasses; ++c) {
      sum += weight[c];
      class_model_[p].bound[c] = static_cast<int16_t>(kCdfScale * sum / total);
    }
  }
  std::memset(before_, 0, sizeof before_);
}

template <typename Code>
bool TableCoder::code(uint16_t* freq, Code&& coder) {
  uint32_t left = kProbScale;
  unsigned west = 0;  // class of the symbol before
  size_t s = 0;
  for (; s < alphabet_ && left != 0; ++s) {
    const unsigned prediction = first_ ? west : (west + 2u * before_[s] + before_[s + 1] + 2) / 4;
    const auto c = coder(class_model_[prediction], static_cast<unsigned>(std::bit_width(freq[s])));
    uint32_t value = c == 0 ? 0 : 1;
    for (unsigned bit = c; bit-- > 1;) {
      const unsigned position = c - 1 - bit;  // 0 is the bit below the leading one
      value = value << 1 | coder(low_bit_[c][position], (freq[s] >> (bit - 1)) & 1u);
    }
    if (value > left) return false;
    left -= value;
    freq[s] = static_cast<uint16_t>(value);
    before_[s] = static_cast<uint8_t>(west = c);
  }
  if (left != 0) return false;
  for (; s < alphabet_; ++s) freq[s] = 0, before_[s] = 0;
  first_ = false;
  return true;
}

void TableCoder::write(RangeEncoder& encoder, const uint16_t* freq) {
  uint16_t copy[kMaxAlphabet];
  std::memcpy(copy, freq, alphabet_ * sizeof *freq);
  code(copy, Writer{encoder});
}

bool TableCoder::read(RangeDecoder& decoder, uint16_t* freq) {
  std::memset(freq, 0, alphabet_ * sizeof *freq);
  return code(freq, Reader{decoder});
}

void write_tables(RangeEncoder& encoder, const uint16_t* freq, size_t tables, size_t alphabet) {
  TableCoder coder(alphabet);
  for (size_t i = 0; i < tables; ++i) coder.write(encoder, freq + i * alphabet);
}

bool read_tables(const uint8_t* data, size_t size, uint16_t* freq, size_t tables, size_t alphabet) {
  RangeDecoder decoder(data, size);
  TableCoder coder(alphabet);
  for (size_t i = 0; i < tables; ++i)
    if (!coder.read(decoder, freq + i * alphabet)) return false;
  return decoder.finish();
}

}  // namespace stf
