#include "checkasm.hpp"
#include "dsp/deblock.hpp"

using namespace checkasm;

CHECKASM(stf::deblock_tables(), "deblock") {
  constexpr ptrdiff_t kStride = 19;
  Guarded<uint16_t> a(8 * kStride), b(8 * kStride);
  // Edges of all kinds: steps between slopes, under noise.
  const auto edge = [&](bool rows, uint32_t largest) {
    const uint32_t kind = rng.in(0, 5), noise = kind == 0 ? largest : kind < 4 ? 2 : 12;
    const int before = static_cast<int>(rng.in(0, largest)), after = before + static_cast<int>(rng.in(0, 160)) - 80;
    const int slope = static_cast<int>(rng.in(0, 6)) - 3;
    for (int line = 0; line < 8; ++line)
      for (int i = 0; i < 8; ++i) {
        int v = (i < 4 ? before : after) + slope * i + static_cast<int>(rng.in(0, noise));
        if (kind == 5) v = rng.in(0, 1) ? static_cast<int>(largest) : 0;
        if (v < 0) v = 0;
        if (v > static_cast<int>(largest)) v = static_cast<int>(largest);
        a[static_cast<size_t>(rows ? i * kStride + line : line * kStride + i)] = static_cast<uint16_t>(v);
      }
    std::memcpy(b.data(), a.data(), a.size() * sizeof(uint16_t));
  };
  a.randomise(0, 0);
  int changed = 0;
  for (int round = 0; round < 20000; ++round) {
    const bool rows = rng.in(0, 1) != 0;  // the edge runs along rows
    const uint32_t largest = (1u << rng.in(10, 12)) - 1;
    const ptrdiff_t across = rows ? kStride : 1, along = rows ? 1 : kStride, at = 4 * across;
    const int beta = static_cast<int>(rng.in(0, 3) ? rng.in(0, 400) : rng.in(0, 2047));
    const int tc = static_cast<int>(rng.in(0, 3) ? rng.in(1, 40) : rng.in(1, 2047));
    edge(rows, largest);
    Guarded<uint16_t> before(a.size());
    std::memcpy(before.data(), a.data(), a.size() * sizeof(uint16_t));
    scalar.luma(a.data() + at, across, along, beta, tc, static_cast<int>(largest));
    simd.luma(b.data() + at, across, along, beta, tc, static_cast<int>(largest));
    expect(a == b, "luma, along %s", rows ? "rows" : "columns");
    changed += !(a == before);
    edge(rows, largest);
    const int lines = static_cast<int>(rng.in(1, 8));
    scalar.chroma(a.data() + at, across, along, lines, tc, static_cast<int>(largest));
    simd.chroma(b.data() + at, across, along, lines, tc, static_cast<int>(largest));
    expect(a == b, "chroma of %d lines, along %s", lines, rows ? "rows" : "columns");
  }
  expect(changed > 5000, "the test: too few edges are filtered, so it");
  // Sixteen edges of four lines, made anew each time.
  constexpr ptrdiff_t kLong = 72;
  Guarded<uint16_t> many(8 * kLong), pristine(8 * kLong);
  for (const bool rows : {false, true}) {
    const ptrdiff_t across = rows ? kLong : 1, along = rows ? 1 : 8;
    const auto measure = [&](const char* kernel, int step, int bump, auto&& filter) {
      for (int line = 0; line < 64; ++line)
        for (int i = 0; i < 8; ++i)
          pristine[static_cast<size_t>(i * across + line * along)] = static_cast<uint16_t>(500 + (i > 3) * step + (i & 1) * bump);
      char name[64];
      std::snprintf(name, sizeof name, "%s, along %s", kernel, rows ? "rows" : "columns");
      bench(name, 64, [&] {
        std::memcpy(many.data(), pristine.data(), pristine.size() * sizeof(uint16_t));
        for (int line = 0; line < 64; line += 4) filter(many.data() + 4 * across + line * along);
      });
    };
    const auto luma = [&](uint16_t* at) { simd.luma(at, across, along, 64, 10, 1023); };
    measure("luma left alone", 0, 100, luma);
    measure("luma filtered", 9, 3, luma);
    measure("luma filtered hard", 4, 0, luma);
    measure("chroma", 20, 3, [&](uint16_t* at) { simd.chroma(at, across, along, 4, 10, 1023); });
  }
}
