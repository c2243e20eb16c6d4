// What the encoder and the decoder of the lossless profile share: blocks, predictors, tokens, contexts, and the
// profile's header (docs/format.md, section 12).
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <vector>

#include "dsp/context_rows.hpp"
#include "dsp/linear.hpp"
#include "dsp/predict.hpp"
#include "stfrag/types.h"

namespace stf::lossless {

// --- blocks (12.3) ---
inline constexpr int kBlock = 16;               // side of a block in component 0
inline constexpr int kPad = 24;                 // samples of border around a plane: a block and the reach of the taps
inline constexpr int kMaxDisplacement = 16383;  // of either component

// A motion vector, in samples of component 0.
struct Displacement {
  int16_t y = 0, x = 0;
  bool operator==(const Displacement&) const = default;
};

// The middle one of three numbers.
inline int median_of(int a, int b, int c) {
  const int low = a < b ? a : b, high = a < b ? b : a;
  return c < low ? low : c > high ? high : c;
}

// What the stream says of one block: the area that one predictor predicts.
struct BlockChoice {
  Displacement motion[2];  // to references A and B
  uint8_t predictor = 0;   // index into the group's list
  bool exact = false;      // the prediction is right everywhere: there is no residual
};

// --- predictors (12.4) ---
using Kind = PredictKind;
inline constexpr unsigned kKinds = 10;
inline constexpr unsigned kMaxPredictors = 16;
inline constexpr unsigned kMaxTaps = kMaxLinearTaps;
inline constexpr int kCoefficientBits = 8;  // coefficients are in 1/256
inline constexpr int kMaxCoefficient = 1023;

// Whether a kind of predictor looks at reference A, or at B.
inline bool needs_a(Kind k) { return k == Kind::kA || k == Kind::kMean || k == Kind::kAMed || k == Kind::kMeanMed; }
inline bool needs_b(Kind k) { return k == Kind::kB || k == Kind::kMean || k == Kind::kBMed || k == Kind::kMeanMed; }

// One of the predictors of a group.
struct Predictor {
  Kind kind = Kind::kMed;
  int16_t coefficient[kMaxTaps] = {};  // of kLinear, by tap (predict.hpp)
};

// --- tokens (12.6) --- A residual is coded as a token and raw bits: 0..15 are tokens as they are; of larger ones the
// token says the exponent and the two bits below the leading one, and the others are raw.
inline constexpr unsigned kTokens = 64;

// The token of the residual with number z.
inline unsigned token_of(uint32_t z) {
  if (z < 16) return z;
  const unsigned n = static_cast<unsigned>(std::bit_width(z)) - 1;
  return 16 + (n - 4) * 4 + ((z >> (n - 2)) & 3);
}
// Call f(i) for every i in [0, n) where value[i] >= 16: those whose token is not the number itself. Eight bytes are
// looked at at a time, so that one branch passes over many small values.
template <typename Sample, typename F>
inline void each_large(const Sample* value, int n, F&& f) {
  constexpr int kCount = 8 / static_cast<int>(sizeof(Sample));
  constexpr unsigned kWidth = 8 * sizeof(Sample);
  constexpr uint64_t kOnes = sizeof(Sample) == 1 ? 0x0101010101010101u : 0x0001000100010001u;
  constexpr uint64_t kHigh = kOnes * (sizeof(Sample) == 1 ? 0xf0u : 0xfff0u);
  int i = 0;
  if constexpr (std::endian::native == std::endian::little) {
    for (; i + kCount <= n; i += kCount) {
      uint64_t v;
      std::memcpy(&v, value + i, 8);
      v &= kHigh;
      constexpr uint64_t kRest = kOnes * (sizeof(Sample) == 1 ? 0x7fu : 0x7fffu);
      for (v = (((v & kRest) + kRest) | v) & ~kRest; v != 0; v &= v - 1)
        f(i + std::countr_zero(v) / static_cast<int>(kWidth));
    }
  }
  for (; i < n; ++i)
    if (value[i] >= 16) f(i);
}
// How many raw bits follow a token, and the smallest residual that has it.
inline unsigned token_extra(unsigned token) { return token < 16 ? 0 : (token - 16) / 4 + 2; }
inline uint32_t token_base(unsigned token) {
  return token < 16 ? token : (4u | ((token - 16) & 3)) << ((token - 16) / 4 + 2);
}
inline unsigned tokens_for(uint32_t range) { return token_of(range - 1) + 1; }

// --- contexts (12.5) ---
inline constexpr unsigned kDetailLevels = 6;

// The energy of a sample is the weighted sum of the magnitudes of residuals around it: the largest there can be, and
// the number of its levels.
inline uint32_t max_energy(uint32_t range) { return 8 * (range / 2); }
inline unsigned energy_levels(uint32_t range) { return energy_level(max_energy(range)) + 1; }

inline constexpr unsigned kMostShift = 12;

// --- header ---
// A group: what one component of all frames of one level of the frame structure shares.
struct Group {
  std::vector<Predictor> predictors;  // 1..16
  uint8_t detail_shift = 0;           // details are shifted down so far before their level is taken
  uint8_t residual_shift = 0;         // how many of the lowest bits of residuals the mixed coder does not model
  std::vector<uint8_t> table_of;      // [detail level][energy level] -> table
};

// Kinds of SampleMap.
enum class Mapping : uint8_t { kIdentity, kOffset, kRanks };

// How a component's samples become 0 .. range - 1 (12.2).
struct SampleMap {
  Mapping kind = Mapping::kIdentity;
  uint32_t low = 0, range = 1;   // identity: range = 2^bits
  std::vector<uint16_t> values;  // ranks: ascending
};

// How R, G and B become three components that are coded: as they are; as G, R - G, B - G; the same with G and a quarter
// of both differences.
enum class ColourTransform : uint8_t { kNone, kDifferenceGreen, kLumaGreen };

// How residuals are coded (12.5, 12.8), from the fastest to the densest.
enum class ResidualCoder : uint8_t {
  kRows,   // tokens, whose contexts need nothing of their own row
  kWest,   // tokens, whose contexts look at the residuals to the west
  kMixed,  // bits, what several contexts say of them mixed
};

// The header of the profile's payload.
struct ProfileHeader {
  SampleMap map[STF_MAX_COMPONENTS];
  ColourTransform colour = ColourTransform::kNone;
  ResidualCoder coder = ResidualCoder::kWest;
  std::vector<Group> groups;   // [level][component]
  unsigned tables = 0;         // how many probability tables there are
  std::vector<uint16_t> freq;  // [table][kTokens]
  const Group& group(unsigned level, unsigned component, unsigned components) const {
    return groups[level * components + component];
  }
  Group& group(unsigned level, unsigned component, unsigned components) {
    return groups[level * components + component];
  }
};

// The extents of a fragment's components.
struct Shape {
  uint8_t bits = 8, components = 1;
  uint32_t t = 1;
  uint32_t y[STF_MAX_COMPONENTS] = {}, x[STF_MAX_COMPONENTS] = {};
  uint8_t sub_y[STF_MAX_COMPONENTS] = {}, sub_x[STF_MAX_COMPONENTS] = {};  // log2, against component 0

  uint32_t blocks_y() const { return (y[0] + kBlock - 1) / kBlock; }
  uint32_t blocks_x() const { return (x[0] + kBlock - 1) / kBlock; }
  // The component before, if it has the same extent: its samples help to predict.
  bool has_previous(unsigned c) const { return c > 0 && y[c] == y[c - 1] && x[c] == x[c - 1]; }
};

}  // namespace stf::lossless
