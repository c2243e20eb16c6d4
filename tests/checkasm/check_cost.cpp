#include "checkasm.hpp"
#include "dsp/cost.hpp"

using namespace checkasm;

CHECKASM(stf::cost_tables(), "cost") {
  constexpr int kSide = 64, kStride = 75;
  Guarded<uint16_t> a(kSide * kStride), b(kSide * kStride);
  for (int round = 0; round < 80; ++round) {
    const int bits = static_cast<int>(rng.in(10, 12));
    const uint32_t top = (1u << bits) - 1;
    if (round < 4) {  // the largest sums, and all differences -1024: the transform comes to -32768 before its end
      a.randomise(round & 1 ? top : 0, round & 1 ? top : 0);
      b.randomise(round & 1 ? 0 : top, round & 1 ? 0 : top);
    } else {
      a.randomise(0, top);
      b.randomise(0, top);
    }
    if (round == 4)  // the other extremes of the transform: basis functions
      for (size_t i = 0; i < a.size(); ++i) {
        a[i] = i % 2 ? static_cast<uint16_t>(top) : 0;
        b[i] = static_cast<uint16_t>(top - a[i]);
      }
    for (int width = 4; width <= 64; width += width < 16 ? width : 16) {
      const int height = round < 4 ? 64 : static_cast<int>(rng.in(1, 64));
      const ptrdiff_t stride = rng.in(0, 1) ? kSide : kStride;
      expect(scalar.sad(a.data(), stride, b.data(), kSide, width, height) ==
                 simd.sad(a.data(), stride, b.data(), kSide, width, height),
             "sad %dx%d", width, height);
      expect(scalar.sse(a.data(), stride, b.data(), kSide, width, height) ==
                 simd.sse(a.data(), stride, b.data(), kSide, width, height),
             "sse %dx%d", width, height);
    }
    for (int width = 8; width <= 64; width += 8) {
      const int height = 8 * static_cast<int>(rng.in(1, 8));
      const ptrdiff_t stride = rng.in(0, 1) ? kSide : kStride;
      expect(scalar.satd(a.data(), stride, b.data(), kSide, width, height, bits - 10) ==
                 simd.satd(a.data(), stride, b.data(), kSide, width, height, bits - 10),
             "satd %dx%d", width, height);
    }
  }
  volatile uint64_t sink = 0;
  for (const int side : {4, 8, 16, 32, 64}) {
    // Clocks may tick too slowly for one small block.
    constexpr size_t kTimes = 32;
    const auto time = [&](const char* kernel, auto&& cost) {
      char name[40];
      std::snprintf(name, sizeof name, "%s %dx%d", kernel, side, side);
      bench(name, kTimes * static_cast<size_t>(side * side), [&] {
        for (size_t i = 0; i < kTimes; ++i) sink = cost();
      });
    };
    time("sad", [&] { return simd.sad(a.data(), kSide, b.data(), kSide, side, side); });
    time("sse", [&] { return simd.sse(a.data(), kSide, b.data(), kSide, side, side); });
    if (side > 4) time("satd", [&] { return simd.satd(a.data(), kSide, b.data(), kSide, side, side, 0); });
  }
}
