#include "checkasm.hpp"
#include "dsp/intra.hpp"

using namespace checkasm;

CHECKASM(stf::intra_tables(), "intra") {
  constexpr int kMost = 32, kStride = 37;
  Guarded<uint16_t> top(kMost + 1), left(kMost + 1), edge(4 * kMost + 2), out(kMost * kStride), expected(kMost * kStride);
  out.randomise(0, 4095);
  std::memcpy(expected.data(), out.data(), out.size() * sizeof(uint16_t));
  for (int round = 0; round < 60; ++round)
    for (const int width : {4, 8, 16, 32})
      for (const int height : {4, 8, 16, 32}) {
        const uint32_t largest = (1u << rng.in(10, 12)) - 1;
        top.randomise(0, largest);
        left.randomise(0, largest);
        scalar.smooth(expected.data(), kStride, width, height, top.data(), left.data());
        simd.smooth(out.data(), kStride, width, height, top.data(), left.data());
        expect(out == expected, "smooth %dx%d", width, height);
        auto corner = static_cast<uint16_t>(rng.in(0, largest));
        if (round % 3 == 0) {  // close to each other, so that distances are equal
          for (size_t i = 0; i < top.size(); ++i) {
            top[i] = static_cast<uint16_t>(corner / 2 + rng.in(0, 4));
            left[i] = static_cast<uint16_t>(corner / 2 + rng.in(0, 4));
          }
          corner = static_cast<uint16_t>(corner / 2 + rng.in(0, 4));
        }
        scalar.paeth(expected.data(), kStride, width, height, top.data(), left.data(), corner);
        simd.paeth(out.data(), kStride, width, height, top.data(), left.data(), corner);
        expect(out == expected, "paeth %dx%d", width, height);
        // Of its reach: `height` before the corner, width + height + 1 after it.
        Guarded<uint16_t> along(static_cast<size_t>(width + 2 * height + 2));
        along.randomise(0, largest);
        for (int angle = -32; angle <= 32; ++angle) {
          scalar.directional(expected.data(), kStride, width, height, along.data() + height, angle);
          simd.directional(out.data(), kStride, width, height, along.data() + height, angle);
          expect(out == expected, "directional %dx%d at %d", width, height, angle);
        }
      }
  edge.randomise(0, 1023);
  for (const int side : {4, 8, 16, 32}) {
    const auto n = static_cast<size_t>(side * side);
    bench("smooth", n, [&] { simd.smooth(out.data(), kStride, side, side, top.data(), left.data()); });
    bench("paeth", n, [&] { simd.paeth(out.data(), kStride, side, side, top.data(), left.data(), 500); });
    bench("directional", n, [&] { simd.directional(out.data(), kStride, side, side, edge.data() + side, -13); });
  }
}
