#include "checkasm.hpp"
#include "dsp/inter.hpp"

using namespace checkasm;

namespace {

constexpr int kSide = stf::kPredictionStride;

// Six taps, or four: any whose sum is 64 and whose magnitudes sum to at most 108.
struct Taps {
  int16_t at[6] = {};
  Taps() {
    const uint32_t first = rng.in(0, 1), last = 5 - first;
    uint32_t signs = rng.in(0, 1) ? rng.in(0, 63) : 1u << rng.in(first, last);  // set: not negative
    signs |= 1u << rng.in(first, last);
    bool negative = false;
    for (uint32_t i = first; i <= last; ++i) negative |= !(signs >> i & 1);
    const auto spread = [&](uint32_t units, bool positive) {
      while (units > 0) {
        const uint32_t i = rng.in(first, last);
        if ((signs >> i & 1) != positive) continue;
        const uint32_t some = rng.in(1, units);
        at[i] = static_cast<int16_t>(at[i] + (positive ? 1 : -1) * static_cast<int>(some));
        units -= some;
      }
    };
    const uint32_t below = negative ? rng.in(0, 1) ? 22 : rng.in(0, 22) : 0;
    spread(64 + below, true);
    spread(below, false);
  }
};

}  // namespace

CHECKASM(stf::inter_tables(), "inter") {
  Guarded<uint16_t> out(kSide * kSide), expected(kSide * kSide);
  Guarded<int16_t> one(kSide * kSide), two(kSide * kSide);
  const auto clear = [](auto& a, auto& b) {  // so that what is not written is the same
    std::memset(a.data(), 0x55, a.size() * sizeof(a[0]));
    std::memset(b.data(), 0x55, b.size() * sizeof(b[0]));
  };
  for (int round = 0; round < 160; ++round)
    for (int width = 4; width <= kSide; width += width < 16 ? width : 16) {
      const int height = static_cast<int>(rng.in(1, kSide)), bits = static_cast<int>(rng.in(8, 12));
      const Taps of_x, of_y;
      const int16_t *x = rng.in(0, 3) ? of_x.at : nullptr, *y = rng.in(0, 3) ? of_y.at : nullptr;
      // Not a sample more than may be read, for the address sanitizer.
      const int left = x ? 2 : 0, above = y ? 2 : 0, stride = width + (x ? 5 : 0);
      std::vector<uint16_t> in(static_cast<size_t>(stride * (height + (y ? 5 : 0))));
      const uint32_t kind = rng.in(0, 3);
      for (size_t i = 0; i < in.size(); ++i) {
        const auto column = static_cast<int>(i) % stride, row = static_cast<int>(i) / stride;
        const bool up = kind == 0 ? rng.in(0, 1) : (of_x.at[column % 6] < 0) == (of_y.at[row % 6] < 0);
        const uint32_t top = (1u << bits) - 1;
        in[i] = static_cast<uint16_t>(kind < 2 ? up * top : rng.in(0, top));
      }
      clear(one, two);
      const uint16_t* at = in.data() + above * stride + left;
      scalar.interpolate(at, stride, width, height, {x, y}, bits, one.data());
      simd.interpolate(at, stride, width, height, {x, y}, bits, two.data());
      expect(one == two, "interpolate %dx%d%s%s", width, height, x ? ", x" : "", y ? ", y" : "");

      one.randomise(0, 65535);
      two.randomise(0, 65535);
      const ptrdiff_t out_stride = rng.in(0, 1) ? kSide : width;
      clear(out, expected);
      scalar.put(one.data(), expected.data(), out_stride, width, height, bits);
      simd.put(one.data(), out.data(), out_stride, width, height, bits);
      expect(out == expected, "put %dx%d", width, height);
      scalar.average(one.data(), two.data(), expected.data(), out_stride, width, height, bits);
      simd.average(one.data(), two.data(), out.data(), out_stride, width, height, bits);
      expect(out == expected, "average %dx%d", width, height);
    }
  for (int round = 0; round < 2000; ++round) {
    const auto n = static_cast<int>(rng.in(1, 80));
    const uint32_t top = (1u << rng.in(8, 12)) - 1, weight = rng.in(0, 1) ? rng.in(0, 1023) : 1023 * rng.in(0, 1);
    const int offset = rng.in(0, 1) ? static_cast<int>(rng.in(0, 16384)) - 8192 : rng.in(0, 1) ? -8192 : 8191;
    std::vector<uint16_t> in(static_cast<size_t>(n));
    for (uint16_t& v : in) v = static_cast<uint16_t>(rng.in(0, 1) ? rng.in(0, top) : top);
    clear(out, expected);
    scalar.scale(in.data(), expected.data(), n, static_cast<int>(weight), offset, static_cast<int>(top));
    simd.scale(in.data(), out.data(), n, static_cast<int>(weight), offset, static_cast<int>(top));
    expect(out == expected, "scale of %d, weight %u, offset %d", n, weight, offset);
  }
  constexpr int16_t six[6] = {2, -9, 39, 39, -9, 2}, four[6] = {0, -5, 46, 27, -4, 0};
  constexpr int kEdge = kSide + 5;
  std::vector<uint16_t> in(kEdge * kEdge);
  const uint16_t* at = in.data() + 2 * kEdge + 2;
  for (const int side : {4, 8, 16, 32, 64}) {
    // Clocks may tick too slowly for one small block.
    constexpr size_t kTimes = 8;
    const auto time = [&](const char* kernel, auto&& run) {
      char name[40];
      std::snprintf(name, sizeof name, "%s %dx%d", kernel, side, side);
      bench(name, kTimes * static_cast<size_t>(side * side), [&] {
        for (size_t i = 0; i < kTimes; ++i) run();
      });
    };
    const auto interpolate = [&](const char* kernel, const int16_t* x, const int16_t* y) {
      time(kernel, [&] { simd.interpolate(at, kEdge, side, side, {x, y}, 10, one.data()); });
    };
    interpolate("copy", nullptr, nullptr);
    interpolate("six taps, x", six, nullptr);
    interpolate("six taps, y", nullptr, six);
    interpolate("six taps, xy", six, six);
    interpolate("four taps, xy", four, four);
    time("put", [&] { simd.put(one.data(), out.data(), kSide, side, side, 10); });
    time("scale", [&] {
      for (int y = 0; y < side; ++y) simd.scale(in.data() + y * kEdge, out.data() + y * kSide, side, 200, 30, 1023);
    });
    time("average", [&] { simd.average(one.data(), two.data(), out.data(), kSide, side, side, 10); });
  }
}
