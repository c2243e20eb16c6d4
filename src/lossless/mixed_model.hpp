// The mixed coder's model of one component, and the bits that a residual is made of (docs/format.md, 12.8). Each bit is
// a node of a binary tree; six contexts have a state for every node, and what the six say is mixed.
#pragma once

#include <algorithm>
#include <bit>

#include "entropy/mixing.hpp"
#include "lossless/model.hpp"

namespace stf::lossless {

inline constexpr unsigned kMixedContexts = 6;
inline constexpr unsigned kNodes = 32;                  // bits of a residual that are modelled
inline constexpr unsigned kPairContexts = 11 * 11 * 2;  // of two signed differences and the fraction
inline constexpr unsigned kLevelContexts = 32 * 16;     // of the reference's error and the energy
inline constexpr unsigned kEnergySets = 16, kDetailSets = 4 * kDetailLevels;

// States and weights. A model must begin(), or be copied from another, before it is used.
struct MixedModel {
  BitState pair[kMixedContexts - 1][kPairContexts][kNodes];
  BitState level[kLevelContexts][kNodes];
  MixWeights by_energy[kEnergySets][kNodes], by_detail[kDetailSets][kNodes];

  // Forget all. It works in place, as a thread's stack may have no room for another model.
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

// The states and weights that one residual's contexts choose.
struct MixedContext {
  BitState* states[kMixedContexts];  // node 0
  MixWeights *by_energy, *by_detail;
};

// The writer and the reader of residuals: bit(node, value) codes a modelled bit, raw(value, bits) some bits as they
// are. Both return the value; the reader ignores the one that it is given.
struct MixedWriter {
  static constexpr bool kReads = false;
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
  static constexpr bool kReads = true;
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

// Code a magnitude less 3. Classes hold 2, 4, 8, ... magnitudes; each is told from the next by one more bit. Then comes
// the number in the class, of which the two highest bits are modelled.
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

// Code a residual whose lowest `shift` bits are not modelled. From damaged bytes the reader may get any number of 17
// bits with a sign.
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

// A signed difference as one of 11 steps: 0, and 1, 2 to 3, 4 to 7, 8 to 15, more, with either sign.
inline unsigned difference_step(int d, unsigned shift) {
  const auto n = static_cast<unsigned>(std::bit_width(static_cast<uint32_t>(d < 0 ? -d : d) >> shift));
  const unsigned step = std::min(n, 5u);
  return d < 0 ? 5 - step : 5 + step;
}

}  // namespace stf::lossless
