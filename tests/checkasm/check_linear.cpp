#include "checkasm.hpp"
#include "dsp/linear.hpp"

using namespace checkasm;
using stf::kLinearRow;

CHECKASM(stf::linear_tables(), "linear") {
  constexpr unsigned kRows = 20;
  std::vector<int16_t> rows(kRows * kLinearRow);
  std::vector<int16_t> coefficient(kRows);
  const auto random = [](int limit) {
    const uint32_t kind = rng.in(0, 9);
    if (kind == 0) return rng.in(0, 1) ? limit : -limit;
    return static_cast<int>(rng.in(0, 2 * static_cast<uint32_t>(limit)) - static_cast<uint32_t>(limit));
  };
  for (int round = 0; round < 30; ++round) {
    const size_t n = 16 * rng.in(1, 16);
    const unsigned count = rng.in(1, kRows);
    const bool extreme = rng.in(0, 3) == 0;
    for (auto& v : rows) v = static_cast<int16_t>(extreme ? (rng.in(0, 1) ? 2047 : -2047) : random(2047));
    for (auto& c : coefficient) c = static_cast<int16_t>(random(1023));

    const size_t pairs = count * (count + 1) / 2;
    Guarded<int32_t> a(pairs + 3), b(pairs + 3);
    scalar.products(rows.data(), count, n, a.data());
    simd.products(rows.data(), count, n, b.data());
    bool same = true;
    for (size_t i = 0; i < pairs; ++i) same &= a[i] == b[i];
    expect(same, "products of %u rows of %zu", count, n);

    std::vector<int32_t> x(pairs), y(pairs);
    for (auto& value : x) value = static_cast<int32_t>(rng.next());
    for (auto& value : y) value = random((1 << 23) - 1);
    expect(scalar.dot(x.data(), y.data(), pairs) == simd.dot(x.data(), y.data(), pairs), "dot of %zu", pairs);
    Guarded<int64_t> s(pairs), t(pairs);
    for (size_t k = 0; k < pairs; ++k) s.data()[k] = t.data()[k] = random(1 << 30) * int64_t{random(1 << 20)};
    const int32_t weight = rng.in(0, 3) ? static_cast<int32_t>(rng.in(1, 1 << 20)) : INT32_MIN;
    scalar.add_scaled(x.data(), weight, pairs, s.data());
    simd.add_scaled(x.data(), weight, pairs, t.data());
    expect(s == t, "add_scaled of %zu by %d", pairs, weight);
  }
  for (int round = 0; round < 40; ++round) {
    const size_t width = rng.in(1, 90);
    const unsigned taps = rng.in(0, 17);
    const auto height = static_cast<int>(rng.in(1, 16));
    const unsigned shift = rng.in(0, 5);
    for (auto& c : coefficient) c = static_cast<int16_t>(random(1023));
    const auto check = [&](auto sample, auto difference, auto weigh, const char* depth) {
      using Sample = decltype(sample);
      Guarded<Sample> from(width + 20 * 16 + 40);
      from.randomise(0, sizeof(Sample) == 1 ? 255 : 65535);
      const Sample *tap[17], *base[17];
      for (unsigned i = 0; i < 17; ++i) tap[i] = from.data() + rng.in(0, 20), base[i] = from.data() + rng.in(0, 20);
      Guarded<int32_t> s(width), t(width);
      (scalar.*weigh)(tap, base, coefficient.data(), taps, width, s.data());
      (simd.*weigh)(tap, base, coefficient.data(), taps, width, t.data());
      expect(s == t, "weigh_%s of %u taps", depth, taps);
      for (const int columns : {8, 16}) {
        Guarded<int16_t> u(256), v(256);
        const unsigned down = sizeof(Sample) == 1 ? shift : 5 + shift;
        const stf::LinearTap<Sample> of{tap[0], base[0], 16, 19};
        (scalar.*difference)(of, columns, height, down, u.data());
        (simd.*difference)(of, columns, height, down, v.data());
        expect(u == v, "difference_%s of %d columns, %d rows", depth, columns, height);
      }
    };
    check(uint8_t{}, &stf::LinearKernels::difference_8, &stf::LinearKernels::weigh_8, "8");
    check(uint16_t{}, &stf::LinearKernels::difference_16, &stf::LinearKernels::weigh_16, "16");
  }
  for (int round = 0; round < 60; ++round) {
    const auto check_blocks = [&](auto sample, auto errors, auto fold, const char* depth) {
      using Sample = decltype(sample);
      const uint32_t most = sizeof(Sample) == 1 ? 256 : 65536;
      const uint32_t range = rng.in(0, 1) ? most : rng.in(1, most);
      Guarded<Sample> from(20 * 21 + 40);
      from.randomise(0, range - 1);
      const auto at = [&] { return from.data() + rng.in(0, 40); };
      stf::LinearBlock<Sample> block{{},
                                     rng.in(0, stf::kMaxLinearTaps),
                                     at(),
                                     at(),
                                     20,
                                     21,
                                     static_cast<int>(rng.in(1, 16)),
                                     static_cast<int>(rng.in(1, 16)),
                                     static_cast<int>(range)};
      for (auto& tap : block.taps) tap = {at(), at(), 21, 19};
      int16_t coefficients[19][stf::kMaxLinearTaps];
      for (auto& c : coefficients)
        for (auto& v : c) v = static_cast<int16_t>(random(1023));
      const unsigned predictors = rng.in(1, 19);
      const int step = static_cast<int>(rng.in(1, 3));
      std::vector<uint32_t> s(predictors), t(predictors);
      (scalar.*errors)(block, step, coefficients, predictors, s.data());
      (simd.*errors)(block, step, coefficients, predictors, t.data());
      expect(s == t, "errors_%s of %u taps, %d x %d", depth, block.count, block.height, block.width);
      Guarded<Sample> u(16 * 17), v(16 * 17);
      const bool some = (scalar.*fold)(block, coefficients[0], u.data(), 17);
      const bool same = (simd.*fold)(block, coefficients[0], v.data(), 17) == some;
      expect(same && u == v, "fold_%s of %u taps, %d x %d", depth, block.count, block.height, block.width);
    };
    check_blocks(uint8_t{}, &stf::LinearKernels::errors_8, &stf::LinearKernels::fold_8, "8");
    check_blocks(uint16_t{}, &stf::LinearKernels::errors_16, &stf::LinearKernels::fold_16, "16");
  }
  std::vector<int32_t> out(kRows * kRows);
  volatile int64_t sink = 0;
  bench("products of 18 rows", 256, [&] { simd.products(rows.data(), 18, 256, out.data()); });
  {
    std::vector<uint8_t> picture(1000), z(256);
    stf::LinearBlock<uint8_t> block{{}, 15, picture.data(), picture.data() + 3, 20, 20, 16, 16, 256};
    for (auto& tap : block.taps) tap = {picture.data() + 7, picture.data() + 9, 20, 20};
    int16_t coefficients[6][stf::kMaxLinearTaps] = {};
    uint32_t errors[6];
    bench("errors_8 of 6 x 15 taps", 256, [&] { simd.errors_8(block, 1, coefficients, 6, errors); });
    bench("fold_8 of 15 taps", 256, [&] { simd.fold_8(block, coefficients[0], z.data(), 16); });
  }
  std::vector<uint8_t> samples(600);
  const uint8_t *tap[17], *base[17];
  for (unsigned i = 0; i < 17; ++i) tap[i] = samples.data() + i, base[i] = samples.data() + 20;
  bench("weigh_8 of 15 taps", 256, [&] { simd.weigh_8(tap, base, coefficient.data(), 15, 256, out.data()); });
  bench("difference_8", 256,
        [&] { simd.difference_8({samples.data(), samples.data() + 8, 16, 20}, 16, 16, 0, rows.data()); });
  bench("dot", 171, [&] { sink = simd.dot(out.data(), out.data() + 171, 171); });
}
