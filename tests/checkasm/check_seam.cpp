#include "checkasm.hpp"
#include "dsp/seam.hpp"

using namespace checkasm;

namespace {

// A strength of any kind within what dsp/seam.hpp allows.
stf::SeamStrength random_strength(int top, bool extreme) {
  stf::SeamStrength s{};
  int busy = 0;
  for (int level = 0; level < stf::kSeamLevels; ++level) {
    busy += static_cast<int>(rng.in(0, static_cast<uint32_t>(top) / 4));
    s.busy[level] = static_cast<int16_t>(extreme ? 1 << 14 : busy);
    s.step[level] = static_cast<int16_t>(extreme ? (1 << 14) - 1
                                                 : static_cast<int>(rng.in(0, static_cast<uint32_t>(top))));
    for (int i = 0; i < stf::kSeamReach; ++i) {
      s.before[level][i] = static_cast<int16_t>(extreme ? 32767 : static_cast<int>(rng.in(0, 32767)));
      s.after[level][i] = static_cast<int16_t>(extreme ? 32767 : static_cast<int>(rng.in(0, 32767)));
    }
  }
  s.largest = static_cast<int16_t>(top);
  return s;
}

}  // namespace

CHECKASM(stf::seam_tables(), "seam") {
  constexpr size_t kStride = 67, kRows = 2 * stf::kSeamReach;
  Guarded<int16_t> one(kStride * kRows), two(kStride * kRows);
  // Lines of little texture with a step over the border, so that every level has its turn.
  const auto fill = [&](int top, int texture, int step) {
    const int base = static_cast<int>(rng.in(0, static_cast<uint32_t>(top)));
    for (size_t i = 0; i < one.size(); ++i) {
      const int line = texture >> (i % kStride % 5);
      const int v = base + (i >= kStride * stf::kSeamReach ? step : 0) +
                    static_cast<int>(rng.in(0, static_cast<uint32_t>(line)));
      one[i] = static_cast<int16_t>(v < 0 ? 0 : v > top ? top : v);
    }
    std::memcpy(two.data(), one.data(), one.size() * sizeof(int16_t));
  };
  for (int round = 0; round < 4000; ++round) {
    const int top = (1 << rng.in(1, 12)) - 1;
    const stf::SeamStrength strength = random_strength(top, rng.in(0, 19) == 0);
    fill(top, rng.in(0, 9) == 0 ? top : top >> rng.in(0, 8),
         static_cast<int>(rng.in(0, static_cast<uint32_t>(2 * top))) - top);
    const size_t n = rng.in(0, 3) == 0 ? rng.in(0, 20) : rng.in(0, kStride);
    scalar.filter(one.data(), kStride, n, strength);
    Guarded<int16_t> before(two.size());
    std::memcpy(before.data(), two.data(), two.size() * sizeof(int16_t));
    const bool changed = simd.filter(two.data(), kStride, n, strength);
    expect(one == two, "filter, %zu lines of %d", n, top);
    expect(changed || two == before, "filter said that nothing changed, %zu lines of %d", n, top);
  }
  constexpr size_t kLines = 64;
  std::vector<int16_t> fresh(kRows * kLines), samples(kRows * kLines);
  stf::SeamStrength strength{};
  for (int level = 0; level < stf::kSeamLevels; ++level) {
    strength.busy[level] = static_cast<int16_t>(2 << level);
    strength.step[level] = 16;
    for (int i = 0; i < stf::kSeamReach; ++i)
      strength.before[level][i] = strength.after[level][i] = static_cast<int16_t>(14000 >> i);
  }
  strength.largest = 255;
  for (const bool busy : {false, true}) {
    for (size_t i = 0; i < fresh.size(); ++i)
      fresh[i] = static_cast<int16_t>(100 + (busy ? rng.in(0, 99) : rng.in(0, 3)) + (i < fresh.size() / 2 ? 0 : 5));
    bench(busy ? "busy lines" : "calm lines", kRows * kLines, [&] {
      std::memcpy(samples.data(), fresh.data(), fresh.size() * sizeof(int16_t));
      simd.filter(samples.data(), kLines, kLines, strength);
    });
  }
}
