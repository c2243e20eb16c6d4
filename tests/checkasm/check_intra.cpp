#include <algorithm>

#include "checkasm.hpp"
#include "dsp/intra.hpp"

using namespace checkasm;

CHECKASM(stf::intra_tables(), "intra") {
  constexpr int kSide = 32, kStride = 40;
  Guarded<uint16_t> one(kSide * kStride), two(kSide * kStride);
  const auto clear = [&] {  // so that what is not written is the same
    std::memset(one.data(), 0x55, one.size() * sizeof(uint16_t));
    std::memset(two.data(), 0x55, two.size() * sizeof(uint16_t));
  };
  const auto fill = [](std::vector<uint16_t>& samples, uint32_t top) {
    const uint32_t kind = rng.in(0, 3), low = kind == 3 ? rng.in(0, top) : 0;
    const uint32_t high = kind == 3 ? std::min(low + 4, top) : top;  // ties
    for (auto& s : samples) s = static_cast<uint16_t>(kind == 0 ? rng.in(0, 1) * top : rng.in(low, high));
  };
  for (int round = 0; round < 60; ++round)
    for (int width = 4; width <= kSide; width *= 2)
      for (int height = 4; height <= kSide; height *= 2) {
        const uint32_t top_sample = (1u << rng.in(8, 12)) - 1;
        const ptrdiff_t stride = rng.in(0, 1) ? width : kStride;
        // Not a sample more than may be read, for the address sanitizer.
        std::vector<uint16_t> top(static_cast<size_t>(width + 1)), left(static_cast<size_t>(height + 1)),
            edge(static_cast<size_t>(width + 2 * height + 2));
        fill(top, top_sample);
        fill(left, top_sample);
        fill(edge, top_sample);
        clear();
        scalar.smooth(one.data(), stride, width, height, top.data(), left.data());
        simd.smooth(two.data(), stride, width, height, top.data(), left.data());
        expect(one == two, "smooth %dx%d", width, height);
        const auto corner = static_cast<uint16_t>(rng.in(0, 1) ? top[0] : rng.in(0, top_sample));
        scalar.paeth(one.data(), stride, width, height, top.data(), left.data(), corner);
        simd.paeth(two.data(), stride, width, height, top.data(), left.data(), corner);
        expect(one == two, "paeth %dx%d", width, height);
        const int angle = static_cast<int>(rng.in(0, 64)) - 32;
        scalar.directional(one.data(), stride, width, height, edge.data() + height, angle);
        simd.directional(two.data(), stride, width, height, edge.data() + height, angle);
        expect(one == two, "directional %dx%d, angle %d", width, height, angle);
      }
  std::vector<uint16_t> top(100), left(100);
  for (int side = 4; side <= kSide; side *= 2) {
    // Clocks may tick too slowly for one small block.
    constexpr size_t kTimes = 16;
    const auto time = [&](const char* kernel, auto&& run) {
      char name[40];
      std::snprintf(name, sizeof name, "%s %dx%d", kernel, side, side);
      bench(name, kTimes * static_cast<size_t>(side * side), [&] {
        for (size_t i = 0; i < kTimes; ++i) run();
      });
    };
    time("smooth", [&] { simd.smooth(one.data(), kStride, side, side, top.data(), left.data()); });
    time("paeth", [&] { simd.paeth(one.data(), kStride, side, side, top.data(), left.data(), 7); });
    time("directional", [&] { simd.directional(one.data(), kStride, side, side, top.data(), 13); });
  }
}
