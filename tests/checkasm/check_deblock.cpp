#include "checkasm.hpp"
#include "dsp/deblock.hpp"

using namespace checkasm;

CHECKASM(stf::deblock_tables(), "deblock") {
  constexpr int kStride = 21, kLines = 16;
  Guarded<uint16_t> one(kStride * kLines), two(kStride * kLines);
  struct Place {
    ptrdiff_t offset, across, along;
    const char* name;
  };
  static constexpr Place kPlaces[] = {
      {5, 1, kStride, "vertical"}, {8 * kStride + 3, kStride, 1, "horizontal"}, {8 * kStride, kStride, 2, "sparse"}};
  // Blocks of little texture with a step between them, so that every filter has its turn.
  const auto fill = [&](const Place& place, int top, int texture, int step) {
    const int base = static_cast<int>(rng.in(0, static_cast<uint32_t>(top)));
    for (size_t i = 0; i < one.size(); ++i) {
      const int ahead = place.across == 1 ? static_cast<int>(i) % kStride >= 5 : static_cast<int>(i) >= 8 * kStride;
      const int v = base + ahead * step + static_cast<int>(rng.in(0, static_cast<uint32_t>(texture)));
      one[i] = static_cast<uint16_t>(v < 0 ? 0 : v > top ? top : v);
    }
    std::memcpy(two.data(), one.data(), one.size() * sizeof(uint16_t));
  };
  for (int round = 0; round < 3000; ++round) {
    const int scale = static_cast<int>(rng.in(0, 4)), top = (256 << scale) - 1;
    const int beta = static_cast<int>(rng.in(1, 64)) << scale, tc = static_cast<int>(rng.in(1, 24u << scale));
    const Place& place = kPlaces[round % 3];
    const bool wild = rng.in(0, 9) == 0;
    const auto texture = wild ? top : static_cast<int>(rng.in(0, 3)) << scale >> rng.in(0, 2);
    const auto step = static_cast<int>(rng.in(0, 60u << scale)) - (30 << scale);
    fill(place, top, texture, step >> rng.in(0, 4));
    scalar.luma(one.data() + place.offset, place.across, place.along, beta, tc, top);
    simd.luma(two.data() + place.offset, place.across, place.along, beta, tc, top);
    expect(one == two, "luma, %s, beta %d, tc %d", place.name, beta, tc);
    fill(place, top, texture, step);
    const auto lines = static_cast<int>(rng.in(1, 9));
    scalar.chroma(one.data() + place.offset, place.across, place.along, lines, tc, top);
    simd.chroma(two.data() + place.offset, place.across, place.along, lines, tc, top);
    expect(one == two, "chroma, %s, %d lines, tc %d", place.name, lines, tc);
  }
  // Edges side by side, each of them fresh: the copy counts too.
  constexpr int kEdges = 32, kRow = 8 * (kEdges + 1);
  std::vector<uint16_t> fresh(8 * kRow), samples(8 * kRow);
  for (const bool vertical : {true, false}) {
    const auto time = [&](const char* kernel, uint32_t texture, int step, auto&& run) {
      for (int i = 0; i < 8 * kRow; ++i) {
        const bool ahead = vertical ? i % 16 >= 8 : i / kRow >= 4;
        fresh[static_cast<size_t>(i)] = static_cast<uint16_t>(rng.in(0, texture) + static_cast<uint32_t>(ahead * step));
      }
      char name[60];
      std::snprintf(name, sizeof name, "%s, %s edge", kernel, vertical ? "vertical" : "horizontal");
      bench(name, 4 * kEdges, [&] {
        std::memcpy(samples.data(), fresh.data(), fresh.size() * sizeof(uint16_t));
        for (int i = 0; i < kEdges; ++i) {
          if (vertical) run(samples.data() + 2 * kRow + 8 * (i + 1), ptrdiff_t{1}, ptrdiff_t{kRow});
          else run(samples.data() + 4 * kRow + 4 * i, ptrdiff_t{kRow}, ptrdiff_t{1});
        }
      });
    };
    const auto luma = [&](const char* kernel, uint32_t texture, int step) {
      time(kernel, texture, step,
           [&](uint16_t* at, ptrdiff_t across, ptrdiff_t along) { simd.luma(at, across, along, 40, 4, 255); });
    };
    luma("luma left alone", 255, 0);
    luma("luma strong", 0, 5);
    luma("luma weak", 3, 12);
    time("chroma", 3, 5,
         [&](uint16_t* at, ptrdiff_t across, ptrdiff_t along) { simd.chroma(at, across, along, 4, 4, 255); });
  }
}
