#include "checkasm.hpp"
#include "dsp/directional.hpp"

using namespace checkasm;

CHECKASM(stf::directional_tables(), "directional") {
  constexpr int kBorder = 2, kMost = 8 + 2 * kBorder;
  static constexpr int kSides[] = {4, 8};
  // Noise, extremes, an edge at any angle with a little noise, or nothing at all.
  const auto fill = [&](Guarded<uint16_t>& at, ptrdiff_t stride, int top) {
    const auto upto = [&](int most) { return static_cast<int>(rng.in(0, static_cast<uint32_t>(most))); };
    const int kind = upto(3);
    if (kind < 2) return at.randomise(0, static_cast<uint32_t>(top));
    const int low = upto(top), high = kind == 2 ? upto(top) : low, noise = kind == 2 ? top >> upto(12) : 0;
    const int u = upto(14) - 7, v = upto(14) - 7, from = upto(60) - 30;
    for (size_t i = 0; i < at.size(); ++i) {
      const int x = static_cast<int>(i) % static_cast<int>(stride), y = static_cast<int>(i) / static_cast<int>(stride);
      const int value = ((x - 6) * u + (y - 6) * v > from ? high : low) + upto(noise) - noise / 2;
      at[i] = static_cast<uint16_t>(value < 0 ? 0 : value > top ? top : value);
    }
  };
  for (int round = 0; round < 6000; ++round) {
    const int bits = 8 + round % 5, top = (1 << bits) - 1;
    {
      // As few samples as the kernel may read.
      const auto stride = static_cast<ptrdiff_t>(rng.in(10, 19));
      Guarded<uint16_t> from(static_cast<size_t>(9 * stride + 10));
      fill(from, stride, top);
      const uint16_t* at = from.data() + stride + 1;
      const stf::GradientSums one = scalar.gradients(at, stride, bits - 8), two = simd.gradients(at, stride, bits - 8);
      expect(one == two, "gradients, %d bits: %d, %d, not %d, %d", bits, two.along, two.across, one.along, one.across);
    }
    const int w = kSides[rng.in(0, 1)], h = kSides[rng.in(0, 1)];
    const auto stride = static_cast<ptrdiff_t>(w + 2 * kBorder) + static_cast<ptrdiff_t>(rng.in(0, 9));
    const auto to_stride = static_cast<ptrdiff_t>(w) + static_cast<ptrdiff_t>(rng.in(0, 9));
    Guarded<uint16_t> from(static_cast<size_t>((h + 2 * kBorder - 1) * stride + w + 2 * kBorder));
    Guarded<uint16_t> one(static_cast<size_t>((h - 1) * to_stride + w)), two(one.size());
    fill(from, stride, top);
    one.randomise(0, 65535);
    std::memcpy(two.data(), one.data(), one.size() * sizeof(uint16_t));
    const auto strength = [&] {
      const uint32_t kind = rng.in(0, 9);
      return static_cast<int>(kind == 0   ? 0
                              : kind == 1 ? 1023
                              : kind < 6  ? rng.in(1, 1023)
                                          : rng.in(1, 24u << (bits - 8)));
    };
    const stf::DirectionalTaps taps{static_cast<int>(rng.in(0, 7)), strength(), strength(), top};
    const uint16_t* at = from.data() + kBorder * stride + kBorder;
    scalar.filter(at, stride, one.data(), to_stride, w, h, taps);
    simd.filter(at, stride, two.data(), to_stride, w, h, taps);
    expect(one == two, "filter %dx%d, %d bits, direction %d, strengths %d and %d", w, h, bits, taps.direction,
           taps.primary, taps.secondary);
  }
  // Many times: clocks may tick too slowly for one cell.
  constexpr size_t kTimes = 32;
  Guarded<uint16_t> from(kMost * kMost), to(8 * 8);
  from.randomise(0, 1023);
  const uint16_t* at = from.data() + kBorder * kMost + kBorder;
  volatile int32_t sink = 0;
  bench("gradients 8x8", kTimes * 64, [&] {
    for (size_t i = 0; i < kTimes; ++i) sink = simd.gradients(at, kMost, 2).along;
  });
  for (const int h : kSides)
    for (const int w : kSides) {
      char name[40];
      std::snprintf(name, sizeof name, "filter %dx%d", w, h);
      bench(name, kTimes * static_cast<size_t>(w * h), [&] {
        for (size_t i = 0; i < kTimes; ++i)
          simd.filter(at, kMost, to.data(), 8, w, h, {static_cast<int>(i & 7), 40, 20, 1023});
      });
    }
}
