#include "checkasm.hpp"
#include "dsp/residual.hpp"

using namespace checkasm;

CHECKASM(stf::residual_tables(), "residual") {
  constexpr int kMost = 32, kStride = 40;
  Guarded<int16_t> rank(kMost * kMost), in(kMost * kStride), one(kMost * kMost), two(kMost * kMost);
  Guarded<uint16_t> a(kMost * kStride), b(kMost * kStride), c(kMost * kStride);
  alignas(64) int16_t pairs[kMost * kMost / 2][2];
  const auto clear = [&] {  // so that what is not written is the same
    std::memset(one.data(), 0x55, one.size() * sizeof(int16_t));
    std::memset(two.data(), 0x55, two.size() * sizeof(int16_t));
  };
  for (int round = 0; round < 60; ++round)
    for (int points = 4; points <= kMost; points *= 2) {
      const int depth = 2 * static_cast<int>(rng.in(1, static_cast<uint32_t>(points / 2)));
      const int shift = static_cast<int>(rng.in(1, 16));
      const bool extreme = rng.in(0, 7) == 0;
      for (auto& pair : pairs)
        for (auto& v : pair)
          v = static_cast<int16_t>(static_cast<int>(extreme ? 182 * rng.in(0, 1) : rng.in(0, 182)) - 91);
      in.randomise(0, 65535);
      if (round == 0) {
        for (size_t i = 0; i < in.size(); ++i) in[i] = -32768;
        for (auto& pair : pairs) pair[0] = pair[1] = 91;
      }
      if (rng.in(0, 2) == 0)  // few coefficients, as after quantisation
        for (size_t i = 0; i < in.size(); ++i) in[i] = rng.in(0, 15) ? int16_t{0} : in[i];
      if (round == 1) std::memset(in.data(), 0, in.size() * sizeof(int16_t));

      const int rows = static_cast<int>(rng.in(1, kMost));
      const ptrdiff_t in_stride = rng.in(0, 1) ? points : kStride;
      clear();
      scalar.rows(in.data(), in_stride, rows, depth, {pairs, points}, one.data(), shift);
      simd.rows(in.data(), in_stride, rows, depth, {pairs, points}, two.data(), shift);
      expect(one == two, "%d rows of %d points, depth %d", rows, points, depth);
      for (int lanes = 4; lanes <= kMost; lanes *= 2) {
        clear();
        scalar.columns(in.data(), lanes, depth, {pairs, points}, one.data(), shift);
        simd.columns(in.data(), lanes, depth, {pairs, points}, two.data(), shift);
        expect(one == two, "columns of %d points, depth %d, %d lanes", points, depth, lanes);
      }

      const int n = 16 << rng.in(0, 6), digits = static_cast<int>(rng.in(15, 30));
      const uint32_t inverse = rng.in(1, (1u << std::min(digits, 16)) / 2), half = rng.in(0, (1u << digits) - 1) >> 1;
      for (int i = 0; i < n; ++i) rank[static_cast<size_t>(i)] = static_cast<int16_t>(rng.in(0, 1024));
      clear();
      expect(scalar.quantise(in.data(), rank.data(), n, inverse, half, digits, one.data()) ==
                     simd.quantise(in.data(), rank.data(), n, inverse, half, digits, two.data()) &&
                 one == two,
             "quantise %d, %d digits", n, digits);

      const int width = 4 * static_cast<int>(rng.in(1, 8)), bits = static_cast<int>(rng.in(8, 15));
      const auto top = (1u << bits) - 1;
      a.randomise(0, top);
      b.randomise(0, top);
      clear();
      scalar.subtract(a.data(), kStride, b.data(), 36, width, rows, one.data());
      simd.subtract(a.data(), kStride, b.data(), 36, width, rows, two.data());
      expect(one == two, "subtract %dx%d", width, rows);
      std::memcpy(c.data(), a.data(), a.size() * sizeof(uint16_t));
      scalar.add(a.data(), kStride, in.data(), width, rows, static_cast<int>(top));
      simd.add(c.data(), kStride, in.data(), width, rows, static_cast<int>(top));
      expect(a == c, "add %dx%d", width, rows);
    }
  in.randomise(1, 65535);
  for (int points = 4; points <= kMost; points *= 2) {
    // Clocks may tick too slowly for one small block.
    constexpr size_t kTimes = 16;
    const auto time = [&](const char* kernel, int depth, auto&& run) {
      char name[60];
      std::snprintf(name, sizeof name, depth ? "%s %dx%d, depth %d" : "%s %dx%d", kernel, points, points, depth);
      bench(name, kTimes * static_cast<size_t>(points * points), [&] {
        for (size_t i = 0; i < kTimes; ++i) run();
      });
    };
    for (int depth = 2; depth <= points; depth = depth < points && depth > 2 ? points : depth + 2) {
      time("rows", depth, [&] { simd.rows(in.data(), points, points, depth, {pairs, points}, one.data(), 7); });
      time("columns", depth, [&] { simd.columns(in.data(), points, depth, {pairs, points}, one.data(), 7); });
    }
    time("subtract", 0, [&] { simd.subtract(a.data(), kStride, b.data(), kStride, points, points, one.data()); });
    time("quantise", 0, [&] { simd.quantise(in.data(), rank.data(), points * points, 40000, 10000, 20, one.data()); });
    time("add", 0, [&] { simd.add(a.data(), kStride, in.data(), points, points, 1023); });
  }
}
