// Samples and residuals in lanes, for the *_simd.cpp files of predictors.
#pragma once

#include "dsp/vec.hpp"

namespace stf {
namespace STF_ISA {

// The lane that a sample is worked on in: bytes in 16 bits, deep samples in 32.
template <typename Sample>
struct LaneOf {
  using type = int16_t;
};
template <>
struct LaneOf<uint16_t> {
  using type = int32_t;
};

// Samples in lanes of twice their width, `bytes` of them.
template <typename Sample, size_t bytes>
struct Wide {
  using Lane = typename LaneOf<Sample>::type;
  using V = typename VecOfBytes<Lane, bytes>::type;
  using Narrow = typename VecOfBytes<Sample, bytes / 2>::type;
  static constexpr int kCount = static_cast<int>(bytes / sizeof(Lane));
  static V get(const Sample* from) { return convert<V>(load<Narrow>(from)); }
  static void put(Sample* to, V v) { store(to, convert<Narrow>(v)); }
};

// The numbers of the residuals r, modulo the range, which fits a lane.
template <typename V, typename Lane>
inline V number(V r, Lane range) {
  r -= (r > static_cast<Lane>((range - 1) / 2)) & range;
  r += (r < static_cast<Lane>(-(range / 2))) & range;
  return (r << 1) ^ (r >> static_cast<int>(8 * sizeof(Lane) - 1));
}

template <typename V>
inline bool any(V v) {
  V zero{};
  return __builtin_memcmp(&v, &zero, sizeof v) != 0;
}

// Call columns<bytes>(first) for the columns of a block: for whole registers, then for half of one. Returns how many
// columns are done.
template <typename Sample, typename F>
inline int each_register(int width, F&& columns) {
  constexpr int whole = Wide<Sample, kVecBytes>::kCount;
  int column = 0;
  for (; column + whole <= width; column += whole) columns.template operator()<kVecBytes>(column);
  if (kVecBytes > 16 && column + whole / 2 <= width) {
    columns.template operator()<16>(column);
    column += Wide<Sample, 16>::kCount;
  }
  return column;
}

}  // namespace STF_ISA
}  // namespace stf
