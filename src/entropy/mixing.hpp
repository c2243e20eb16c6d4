// Logistic mixing of adaptive bits: what several contexts say about a bit becomes one probability, weighted by how well
// each of them did so far (docs/format.md, 10.6). Integers only.
//
// Inputs come in eights: a vector of 16-bit numbers, which every baseline has. Those not in use are 0.
#pragma once

#include <cstdint>

#include "entropy/range_coder.hpp"

namespace stf {

inline constexpr unsigned kMixInputs = 8;
inline constexpr int kStretchLimit = 2047;  // of stretched probabilities, in 1/256 of a natural logarithm
inline constexpr unsigned kMostSeen = 255;  // bits that a state counts

struct MixTables {
  int16_t stretch[4096];  // of a probability in 1/4096
  uint16_t squash[4096];  // x + 2048 -> 65536 / (1 + e^(-x / 256)), about
  uint16_t rate[kMostSeen + 1];
  MixTables();
};
const MixTables& mix_tables();

// How likely a one is in one context, and from how many bits that is known.
struct BitState {
  uint32_t value = 1u << 31;  // of 65536, << 16 | bits seen

  unsigned one() const { return value >> 16; }
  void learn(int target, const uint16_t* rate) {  // 65535 for a one, 0 for a zero
    const unsigned seen = value & 0xffff;
    const int was = static_cast<int>(value >> 16);
    const int is = was + (((target - was) * rate[seen]) >> 15);
    value = static_cast<uint32_t>(is) << 16 | (seen + (seen < kMostSeen));
  }
};

struct MixWeights {
  alignas(16) int16_t of[kMixInputs];  // in 1/4096
};

// One bit: two sets of weights mix what the same states say, the mean of both is the probability.
template <unsigned Inputs>
class BitMixer {
 public:
  static_assert(Inputs == 6);
  // The states are those at `node` of the arrays that `states` begins.
  BitMixer(BitState* const (&states)[Inputs], unsigned node, MixWeights& first, MixWeights& second,
           const MixTables& tables)
      : tables_(tables), states_(states), node_(node), first_(first), second_(second) {
    const auto stretch = [&](unsigned i) { return tables.stretch[states[i][node].one() >> 4]; };
#if defined(__SSE2__)
    stretched_ = _mm_set_epi16(0, 0, stretch(5), stretch(4), stretch(3), stretch(2), stretch(1), stretch(0));
    const __m128i p = _mm_madd_epi16(stretched_, _mm_load_si128(reinterpret_cast<const __m128i*>(first.of)));
    const __m128i q = _mm_madd_epi16(stretched_, _mm_load_si128(reinterpret_cast<const __m128i*>(second.of)));
    const __m128i pairs = _mm_add_epi32(_mm_unpacklo_epi32(p, q), _mm_unpackhi_epi32(p, q));
    const __m128i sums = _mm_srai_epi32(_mm_add_epi32(pairs, _mm_srli_si128(pairs, 8)), 12);
    const __m128i clamped = _mm_max_epi16(_mm_min_epi16(_mm_packs_epi32(sums, sums), _mm_set1_epi16(kStretchLimit)),
                                          _mm_set1_epi16(-kStretchLimit));
    const int both = _mm_cvtsi128_si32(clamped);
    mixed_[0] = static_cast<int16_t>(both);
    mixed_[1] = both >> 16;
#else
    for (unsigned i = 0; i < Inputs; ++i) stretched_[i] = stretch(i);
    for (unsigned k = 0; k < 2; ++k) {
      const int16_t* const w = k == 0 ? first.of : second.of;
      int sum = 0;
      for (unsigned i = 0; i < kMixInputs; ++i) sum += w[i] * stretched_[i];
      sum >>= 12;
      mixed_[k] = sum < -kStretchLimit ? -kStretchLimit : sum > kStretchLimit ? kStretchLimit : sum;
    }
#endif
  }
  // The probability of a one, of 65536: from 32 to 65504.
  uint32_t one() const { return tables_.squash[((mixed_[0] + mixed_[1]) >> 1) + 2048]; }

  void learn(unsigned bit) {
    const int target = static_cast<int>(bit << 16);
    train(first_, static_cast<int16_t>((target - tables_.squash[mixed_[0] + 2048]) >> 1));
    train(second_, static_cast<int16_t>((target - tables_.squash[mixed_[1] + 2048]) >> 1));
    for (unsigned i = 0; i < Inputs; ++i) states_[i][node_].learn(target - static_cast<int>(bit), tables_.rate);
  }

 private:
  // Move the weights towards what would have been right; they are saturated to 16 bits.
  void train(MixWeights& w, int16_t error) const {
#if defined(__SSE2__)
    const __m128i zero = _mm_setzero_si128(), errors = _mm_set1_epi16(error), half = _mm_set1_epi32(1 << 17);
    const __m128i low = _mm_madd_epi16(_mm_unpacklo_epi16(stretched_, zero), errors);
    const __m128i high = _mm_madd_epi16(_mm_unpackhi_epi16(stretched_, zero), errors);
    const __m128i step = _mm_packs_epi32(_mm_srai_epi32(_mm_add_epi32(low, half), 18),
                                         _mm_srai_epi32(_mm_add_epi32(high, half), 18));
    auto* const at = reinterpret_cast<__m128i*>(w.of);
    _mm_store_si128(at, _mm_adds_epi16(_mm_load_si128(at), step));
#else
    for (unsigned i = 0; i < kMixInputs; ++i) {
      const int v = w.of[i] + ((stretched_[i] * error + (1 << 17)) >> 18);
      w.of[i] = static_cast<int16_t>(v < -32768 ? -32768 : v > 32767 ? 32767 : v);
    }
#endif
  }

  const MixTables& tables_;
  BitState* const (&states_)[Inputs];
  const unsigned node_;
  MixWeights &first_, &second_;
#if defined(__SSE2__)
  __m128i stretched_;
#else
  int16_t stretched_[kMixInputs] = {};
#endif
  int mixed_[2];
};

}  // namespace stf
