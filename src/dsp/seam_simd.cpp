// The seam filter over vectors: as many lines at once as a register has lanes.

#include "dsp/seam.hpp"
#include "dsp/vec.hpp"

namespace stf {
namespace STF_ISA {
namespace {

using V = Vec<int16_t>;

// Choose from a table by the level of each line; 0 for a line that is left alone.
inline V by_level(const V of[kSeamLevels], const int16_t* values, int apart) {
  V out{};
  STF_UNROLL
  for (int level = 0; level < kSeamLevels; ++level) out = out | (of[level] & splat(values[level * apart]));
  return out;
}

// Filter lines; s: the 16 samples of each. False if no line is of any level.
inline bool filter_lanes(V s[2 * kSeamReach], const SeamStrength& strength) {
  V busy = max(max(absolute(s[5] - s[4]), absolute(s[6] - s[5])), absolute(s[7] - s[6]));
  busy = max(busy, max(max(absolute(s[9] - s[8]), absolute(s[10] - s[9])), absolute(s[11] - s[10])));
  V of[kSeamLevels], seen{};
  STF_UNROLL
  for (int level = 0; level < kSeamLevels; ++level) {
    const V quiet = (V)(busy < splat(strength.busy[level]));
    of[level] = quiet & ~seen;
    seen = quiet;
  }
  if (!nonzero(seen)) return false;
  const V step = s[8] - s[7], size = absolute(step), sign = step >> 15;
  const V bound = by_level(of, strength.step, 1);
  const V counts = min(size, max((bound << 1) - size, V{})), c = (counts ^ sign) - sign;
  const V largest = splat(strength.largest);
  STF_UNROLL
  for (int i = 0; i < kSeamReach; ++i) {
    const V before = by_level(of, &strength.before[0][i], kSeamReach);
    const V after = by_level(of, &strength.after[0][i], kSeamReach);
    s[7 - i] = clamp(s[7 - i] + multiply_rounded(c, before), V{}, largest);
    s[8 + i] = clamp(s[8 + i] - multiply_rounded(c, after), V{}, largest);
  }
  return true;
}

bool filter(int16_t* samples, ptrdiff_t stride, size_t n, const SeamStrength& strength) {
  bool any = false;
  for (size_t line = 0; line < n; line += kLanes<int16_t>) {
    const size_t lanes = n - line < kLanes<int16_t> ? n - line : kLanes<int16_t>;
    int16_t* const at = samples + line;
    V s[2 * kSeamReach];
    if (lanes == kLanes<int16_t>) {
      for (int k = 0; k < 2 * kSeamReach; ++k) s[k] = load<V>(at + k * stride);
      if (!filter_lanes(s, strength)) continue;
      for (int k = 0; k < 2 * kSeamReach; ++k) store(at + k * stride, s[k]);
    } else {
      for (int k = 0; k < 2 * kSeamReach; ++k) s[k] = load_part<V>(at + k * stride, lanes);
      if (!filter_lanes(s, strength)) continue;
      for (int k = 0; k < 2 * kSeamReach; ++k) store_part(at + k * stride, s[k], lanes);
    }
    any = true;
  }
  return any;
}

}  // namespace

void fill(SeamKernels& kernels) { kernels = {filter}; }

}  // namespace STF_ISA
}  // namespace stf
