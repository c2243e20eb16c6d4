// What the mixed coder of residuals learns about one component, and how a residual is made of bits (docs/format.md,
// 12.8).
#pragma once

#include <algorithm>
#include <bit>

#include "entropy/mixing.hpp"
#include "lossless/model.hpp"

namespace stf::lossless {

inline constexpr unsigned kMixedContexts = 6;
inline constexpr unsigned kNodes = 32;                  // bits of a residual that have states of their own
inline constexpr unsigned kPairContexts = 11 * 11 * 2;  // of two signed differences and the fraction
inline constexpr unsigned kLevelContexts = 32 * 16;     // of the reference's error and the energy
inline constexpr unsigned kEnergySets = 16, kDetailSets = 4 * kDetailLevels;

// Memory is no model before begin().
struct MixedModel {
  BitState pair[kMixedContexts - 1][kPairContexts][kNodes];
  BitState level[kLevelContexts][kNodes];
  MixWeights by_energy[kEnergySets][kNodes], by_detail[kDetailSets][kNodes];

  // In place: on a thread's stack there may be no room for another one.
  void begin() {
    const auto forget = [](BitState(&nodes)[kNodes]) { std::fill_n(nodes, kNodes, BitState{}); };
    for (auto& contexts : pair)
      for (auto& nodes : contexts) forget(nodes);
    for (auto& nodes : level) forget(nodes);
    const auto fill = [](MixWeights(&nodes)[kNodes]) {
      for (MixWeights& w : nodes)
        for (unsigned i = 0; i < kMixInputs; ++i) w.of[i] = i < kMixedContexts ? 1229 : 0;  // 0.3
    };
    for (auto& nodes : by_energy) fill(nodes);
    for (auto& nodes : by_detail) fill(nodes);
  }
};

// Where the bits of one residual find their states.
struct MixedContext {
  BitState* states[kMixedContexts];  // node 0
  MixWeights *by_energy, *by_detail;
};

// coder.bit(node, bit) and coder.raw(value, bits) code and return; a reader ignores what it is given.
struct MixedWriter {
  static constexpr bool kReading = false;
  RangeEncoder& encoder;
  MixedContext context{};
  const MixTables& tables = mix_tables();

  unsigned bit(unsigned node, unsigned value) {
    BitMixer<kMixedContexts> mixer(context.states, node, context.by_energy[node], context.by_detail[node], tables);
    encoder.put_bit(mixer.one(), value);
    mixer.learn(value);
    return value;
  }
  uint32_t raw(uint32_t value, unsigned bits) {
    encoder.literal(value, bits);
    return value & ((1u << bits) - 1);
  }
};

struct MixedReader {
  static constexpr bool kReading = true;
  RangeDecoder& decoder;
  MixedContext context{};
  const MixTables& tables = mix_tables();

  unsigned bit(unsigned node, unsigned) {
    BitMixer<kMixedContexts> mixer(context.states, node, context.by_energy[node], context.by_detail[node], tables);
    const unsigned value = decoder.get_bit(mixer.one());
    mixer.learn(value);
    return value;
  }
  uint32_t raw(uint32_t, unsigned bits) { return decoder.literal(bits); }
};

// Magnitudes from 3 on: classes of 2, 4, 8, ... of them, each class told by one more bit, then the number in it, of
// which the two highest bits are modelled.
template <typename Coder>
uint32_t code_class(Coder& coder, uint32_t a) {
  unsigned k = 1;
  uint32_t base = 0;
  while (k < 15 && coder.bit(3 + k, a >= base + (1u << k))) base += 1u << k++;
  const uint32_t in = a - base;
  uint32_t value = coder.bit(18 + std::min(k, 6u), in >> (k - 1) & 1);
  unsigned left = k - 1;
  if (left > 0) value = value << 1 | coder.bit(23 + std::min(k, 7u), in >> --left & 1);
  if (left > 0) value = value << left | coder.raw(in, left);
  return base + value;
}

// A residual whose lowest `shift` bits are not modelled. The reader may get any number of 17 bits with a sign.
template <typename Coder>
int code_residual(Coder& coder, int r, unsigned shift) {
  const int high = r >> shift;
  int value = 0;
  if (coder.bit(0, high != 0)) {
    const bool negative = coder.bit(1, high < 0) != 0;
    auto m = static_cast<uint32_t>(high < 0 ? -high : high);
    if (!coder.bit(2, m >= 2)) m = 1;
    else if (!coder.bit(3, m >= 3)) m = 2;
    else m = 3 + code_class(coder, m - 3);
    value = negative ? -static_cast<int>(m) : static_cast<int>(m);
  }
  if (shift == 0) return value;
  return static_cast<int>(static_cast<uint32_t>(value) << shift | coder.raw(static_cast<uint32_t>(r), shift));
}

// A signed difference in 11 steps: 0, 1, 2 and 3, 4 to 7, 8 to 15, and more, to both sides.
inline unsigned difference_step(int d, unsigned shift) {
  const auto n = static_cast<unsigned>(std::bit_width(static_cast<uint32_t>(d < 0 ? -d : d) >> shift));
  const unsigned step = std::min(n, 5u);
  return d < 0 ? 5 - step : 5 + step;
}

}  // namespace stf::lossless
