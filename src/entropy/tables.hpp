// Probability tables as bytes: classes and low bits of the probabilities through the adaptive range coder, each table
// predicted from its own previous symbol and from the table before it (docs/format.md, 10.3).
#pragma once

#include <cstddef>
#include <cstdint>

#include "entropy/range_coder.hpp"
#include "entropy/statistics.hpp"

namespace stf {

class TableCoder {
 public:
  // `alphabet` symbols in every table, 1..256.
  explicit TableCoder(size_t alphabet);

  // Write a table of `alphabet` probabilities that sum to 4096.
  void write(RangeEncoder& encoder, const uint16_t* freq);
  // Read a table: any bytes give a valid one, or false.
  bool read(RangeDecoder& decoder, uint16_t* freq);

 private:
  static constexpr unsigned kClasses = kProbBits + 2;  // 0: never; c: 2^(c-1) <= freq < 2^c
  template <typename Code>
  bool code(uint16_t* freq, Code&& coder);

  size_t alphabet_;
  AdaptiveModel<kClasses> class_model_[kClasses];
  AdaptiveBit low_bit_[kClasses][kProbBits];
  uint8_t before_[kMaxAlphabet + 1];  // classes of the table before
  bool first_ = true;
};

// Whole sets of tables, rows of `freq`, as one range-coded stream.
void write_tables(RangeEncoder& encoder, const uint16_t* freq, size_t tables, size_t alphabet);
bool read_tables(const uint8_t* data, size_t size, uint16_t* freq, size_t tables, size_t alphabet);

}  // namespace stf
