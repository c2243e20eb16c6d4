#include "checkasm.hpp"
#include "dsp/residual.hpp"
#include "lossy/tables.hpp"

using namespace checkasm;

CHECKASM(stf::residual_tables(), "residual") {
  constexpr int kMost = 32;
  Guarded<int16_t> in(kMost * kMost), one(kMost * kMost), two(kMost * kMost);
  Guarded<uint16_t> a(kMost * 40), b(kMost * 40);
  for (int round = 0; round < 40; ++round)
    for (int log = 2; log <= 5; ++log) {
      const int points = 1 << log, rows = 4 << rng.in(0, 3);
      const int depth = 2 * static_cast<int>(rng.in(1, static_cast<uint32_t>(points / 2)));
      const int shift = static_cast<int>(rng.in(1, 13));
      const auto type = log == 5 || rng.in(0, 1) ? stf::lossy::kDct : stf::lossy::kAdst;
      const auto pairs = rng.in(0, 1) ? stf::lossy::forward_pairs(type, log) : stf::lossy::inverse_pairs(type, log);
      in.randomise(0, 65535);
      scalar.rows(in.data(), points, rows, depth, pairs, points, one.data(), shift);
      simd.rows(in.data(), points, rows, depth, pairs, points, two.data(), shift);
      expect(one == two, "rows of %d points, depth %d", points, depth);
      scalar.columns(in.data(), rows, depth, pairs, points, one.data(), shift);
      simd.columns(in.data(), rows, depth, pairs, points, two.data(), shift);
      expect(one == two, "columns of %d points, depth %d, %d lanes", points, depth, rows);

      const int bits = static_cast<int>(rng.in(10, 12));
      a.randomise(0, (1u << bits) - 1);
      b.randomise(0, (1u << bits) - 1);
      scalar.subtract(a.data(), 40, b.data(), 36, points, rows, one.data());
      simd.subtract(a.data(), 40, b.data(), 36, points, rows, two.data());
      expect(one == two, "subtract %dx%d", points, rows);
      std::memcpy(b.data(), a.data(), a.size() * sizeof(uint16_t));
      scalar.add(a.data(), 40, in.data(), points, rows, (1 << bits) - 1);
      simd.add(b.data(), 40, in.data(), points, rows, (1 << bits) - 1);
      expect(a == b, "add %dx%d", points, rows);
    }
  for (int log = 2; log <= 5; ++log) {
    const int points = 1 << log;
    const auto n = static_cast<size_t>(points * points);
    const auto pairs = stf::lossy::inverse_pairs(stf::lossy::kDct, log);
    for (const int depth : {4, points}) {
      bench("rows", n, [&] { simd.rows(in.data(), points, points, depth, pairs, points, one.data(), 7); });
      bench("columns", n, [&] { simd.columns(in.data(), points, depth, pairs, points, one.data(), 7); });
    }
    bench("add", n, [&] { simd.add(a.data(), 40, in.data(), points, points, 1023); });
  }
}
