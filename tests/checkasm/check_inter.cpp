#include "checkasm.hpp"
#include "dsp/inter.hpp"
#include "lossy/tables.hpp"

using namespace checkasm;

CHECKASM(stf::inter_tables(), "inter") {
  constexpr int kSide = stf::kPredictionStride, kEdge = kSide + 5;
  Guarded<uint16_t> in(kEdge * kEdge), out(kSide * kSide), expected(kSide * kSide);
  Guarded<int16_t> one(kSide * kSide), two(kSide * kSide);
  const auto taps = [](uint32_t i) -> const int16_t* {
    return i == 0 ? nullptr : i < 4 ? stf::lossy::kLumaTaps[i] : stf::lossy::kChromaTaps[i - 3];
  };
  for (int round = 0; round < 60; ++round)
    for (const int width : {4, 8, 16, 32, 48, 64}) {
      const int height = static_cast<int>(rng.in(1, 64)), bits = static_cast<int>(rng.in(8, 12));
      const int16_t *x = taps(rng.in(0, 10)), *y = taps(rng.in(0, 10));
      in.randomise(0, (1u << bits) - 1);
      scalar.interpolate(in.data() + 2 * kEdge + 2, kEdge, width, height, x, y, bits, one.data());
      simd.interpolate(in.data() + 2 * kEdge + 2, kEdge, width, height, x, y, bits, two.data());
      expect(one == two, "interpolate %dx%d", width, height);

      one.randomise(0, 65535);
      two.randomise(0, 65535);
      for (size_t i = 0; i < one.size(); ++i) {  // what interpolate() can give
        one[i] = static_cast<int16_t>(one[i] % 24000);
        two[i] = static_cast<int16_t>(two[i] % 24000);
      }
      scalar.put(one.data(), expected.data(), kSide, width, height, bits);
      simd.put(one.data(), out.data(), kSide, width, height, bits);
      expect(out == expected, "put %dx%d", width, height);
      scalar.average(one.data(), two.data(), expected.data(), kSide, width, height, bits);
      simd.average(one.data(), two.data(), out.data(), kSide, width, height, bits);
      expect(out == expected, "average %dx%d", width, height);
      std::memcpy(two.data(), one.data(), one.size() * sizeof(int16_t));
    }
  const uint16_t* at = in.data() + 2 * kEdge + 2;
  const int16_t *luma = stf::lossy::kLumaTaps[2], *chroma = stf::lossy::kChromaTaps[3];
  for (const int side : {8, 16, 64}) {
    const auto n = static_cast<size_t>(side * side);
    bench("interpolate none", n, [&] { simd.interpolate(at, kEdge, side, side, nullptr, nullptr, 10, one.data()); });
    bench("interpolate x", n, [&] { simd.interpolate(at, kEdge, side, side, luma, nullptr, 10, one.data()); });
    bench("interpolate y", n, [&] { simd.interpolate(at, kEdge, side, side, nullptr, luma, 10, one.data()); });
    bench("interpolate xy", n, [&] { simd.interpolate(at, kEdge, side, side, luma, luma, 10, one.data()); });
    bench("interpolate chroma", n, [&] { simd.interpolate(at, kEdge, side, side, chroma, chroma, 10, one.data()); });
    bench("average", n, [&] { simd.average(one.data(), two.data(), out.data(), kSide, side, side, 10); });
  }
}
