// Integer statistics of symbols: log2, entropy, probabilities that sum to 2^12, clustering of histograms. Encoders
// decide by these numbers, so they are integers: the same input gives the same bytes on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace stf {

inline constexpr unsigned kProbBits = 12;
inline constexpr uint32_t kProbScale = 1u << kProbBits;
inline constexpr unsigned kMaxAlphabet = 256;

// Costs are in 1/256 bits, logarithms in 1/65536 bits.
inline constexpr unsigned kCostShift = 8;
inline constexpr unsigned kLog2Shift = 16;

// log2(v) in 1/65536 bits, v >= 1; exact to the last place for v < 2^13, off by at most 2 units above.
uint32_t log2_fixed(uint32_t v);

// Cost of coding symbols with these counts by their own ideal probabilities, in 1/256 bits.
uint64_t entropy_cost(const uint32_t* counts, size_t alphabet);

// Cost of one symbol of probability freq / 4096, in 1/256 bits; freq 0 costs 2^20 (4096 bits: never).
uint32_t symbol_cost(uint32_t freq);

// Cost of coding symbols with these counts by the given probabilities, in 1/256 bits.
uint64_t coded_cost(const uint32_t* counts, const uint16_t* freq, size_t alphabet);

// Probabilities out of 4096: every symbol that occurs gets at least 1, others 0, the sum is 4096, and coded_cost() is
// the least possible. All counts zero: symbol 0 gets 4096.
void normalize(const uint32_t* counts, size_t alphabet, uint16_t* freq);

// About what write_table() (tables.hpp) will take for a table of these counts, in 1/256 bits.
uint64_t table_cost(const uint32_t* counts, size_t alphabet);

// Merge `n` histograms (rows of `counts`) into at most `max_tables` while that makes tables + symbols shorter, the
// best pair first. map[i] becomes the table of histogram i; tables are numbered in order of first use, and empty
// histograms share table 0. Returns the number of tables (at least 1 if n > 0). O(n^2 * alphabet).
size_t cluster_histograms(const uint32_t* counts, size_t n, size_t alphabet, size_t max_tables, uint8_t* map);

}  // namespace stf
