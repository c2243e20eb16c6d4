#include "checkasm.hpp"
#include "dsp/cost.hpp"

using namespace checkasm;

CHECKASM(stf::cost_tables(), "cost") {
  constexpr int kSide = 64, kStride = 75;
  Guarded<uint16_t> a(kSide * kStride), b(kSide * kStride);
  for (int round = 0; round < 60; ++round) {
    const int bits = static_cast<int>(rng.in(10, 12));
    const uint32_t top = (1u << bits) - 1;
    a.randomise(0, top);
    b.randomise(0, top);
    for (const int width : {4, 8, 16, 32, 48, 64}) {
      const int height = static_cast<int>(rng.in(1, 64));
      const ptrdiff_t stride = rng.in(0, 1) ? kSide : kStride;
      expect(scalar.sad(a.data(), stride, b.data(), kSide, width, height) ==
                 simd.sad(a.data(), stride, b.data(), kSide, width, height), "sad %dx%d", width, height);
      expect(scalar.sse(a.data(), stride, b.data(), kSide, width, height) ==
                 simd.sse(a.data(), stride, b.data(), kSide, width, height), "sse %dx%d", width, height);
      if (width == 4) continue;
      const int rows = 8 * static_cast<int>(rng.in(1, 8));
      expect(scalar.satd(a.data(), stride, b.data(), kSide, width, rows, bits - 10) ==
                 simd.satd(a.data(), stride, b.data(), kSide, width, rows, bits - 10), "satd %dx%d", width, rows);
    }
  }
  volatile uint64_t sink = 0;
  for (const int side : {8, 16, 64}) {
    const auto n = static_cast<size_t>(side * side);
    bench("sad", n, [&] { sink = simd.sad(a.data(), kSide, b.data(), kSide, side, side); });
    bench("sse", n, [&] { sink = simd.sse(a.data(), kSide, b.data(), kSide, side, side); });
    bench("satd", n, [&] { sink = simd.satd(a.data(), kSide, b.data(), kSide, side, side, 0); });
  }
}
