#include "checkasm.hpp"
#include "dsp/metrics.hpp"

using namespace checkasm;

namespace {

template <typename T>
void check_sse(uint64_t (*scalar)(const T*, const T*, size_t), uint64_t (*simd)(const T*, const T*, size_t),
               const char* name) {
  volatile uint64_t sink = 0;
  for (size_t n : {1, 2, 7, 15, 16, 17, 31, 33, 64, 100, 1000, 65535}) {
    Guarded<T> a(n), b(n);
    for (int round = 0; round < 3; ++round) {
      a.randomise(0, static_cast<T>(~T{0}));
      b.randomise(0, static_cast<T>(~T{0}));
      if (round == 2)
        for (size_t i = 0; i < n; ++i) a[i] = 0, b[i] = static_cast<T>(~T{0});
      uint64_t sum = 0;
      for (size_t i = 0; i < n; ++i) {
        const int64_t d = int64_t{a[i]} - b[i];
        sum += static_cast<uint64_t>(d * d);
      }
      expect(scalar(a.data(), b.data(), n) == sum, "%s of %zu, scalar", name, n);
      expect(simd(a.data(), b.data(), n) == sum, "%s of %zu", name, n);
    }
    if (n == 1000) bench(name, n, [&] { sink = simd(a.data(), b.data(), n); });
  }
}

void randomise(Guarded<float>& to) {
  for (size_t i = 0; i < to.size(); ++i) to[i] = static_cast<float>(static_cast<int32_t>(rng.in(0, 131070)) - 65535);
}

// The same operations in the same order: floating-point results are equal to the bit.
template <typename Kernels>
void check_ssim(const Kernels& scalar, const Kernels& simd, size_t n, bool timed) {
  std::vector<Guarded<float>> rows(stf::kSsimTaps, Guarded<float>(n + 10));
  const float* from[stf::kSsimTaps];
  for (size_t k = 0; k < stf::kSsimTaps; ++k) {
    randomise(rows[k]);
    from[k] = rows[k].data();
  }
  Guarded<float> a(n), b(n), c(n), d(n);
  scalar.ssim_products(from[0], from[1], a.data(), b.data(), n);
  simd.ssim_products(from[0], from[1], c.data(), d.data(), n);
  expect(a == c && b == d, "ssim_products of %zu", n);
  scalar.ssim_columns(from, a.data(), n);
  simd.ssim_columns(from, c.data(), n);
  expect(a == c, "ssim_columns of %zu", n);
  scalar.ssim_row(from[0], a.data(), n);
  simd.ssim_row(from[0], c.data(), n);
  expect(a == c, "ssim_row of %zu", n);
  double x[2] = {1, 2}, y[2] = {1, 2};
  scalar.ssim_products(from[0], from[1], a.data(), b.data(), n);
  scalar.ssim_sums({from[2], from[3], a.data(), b.data()}, n, {100, 6.5f, 58.5f}, x);
  simd.ssim_sums({from[2], from[3], a.data(), b.data()}, n, {100, 6.5f, 58.5f}, y);
  expect(x[0] == y[0] && x[1] == y[1], "ssim_sums of %zu", n);
  const size_t half = (n + 10) / 2;
  Guarded<float> e(half), f(half);
  scalar.halve(from[0], from[1], e.data(), half);
  simd.halve(from[0], from[1], f.data(), half);
  expect(e == f, "halve to %zu", half);
  if (!timed) return;
  bench("ssim_products", n, [&] { simd.ssim_products(from[0], from[1], a.data(), b.data(), n); });
  bench("ssim_columns", n, [&] { simd.ssim_columns(from, c.data(), n); });
  bench("ssim_row", n, [&] { simd.ssim_row(from[0], c.data(), n); });
  bench("ssim_sums", n, [&] { simd.ssim_sums({from[2], from[3], a.data(), b.data()}, n, {100, 6.5f, 58.5f}, y); });
  bench("halve", half, [&] { simd.halve(from[0], from[1], f.data(), half); });
}

}  // namespace

CHECKASM(stf::metric_tables(), "metrics") {
  check_sse<uint8_t>(scalar.sse_8, simd.sse_8, "sse_8");
  check_sse<uint16_t>(scalar.sse_16, simd.sse_16, "sse_16");
  for (size_t n = 1; n < 50; ++n) check_ssim(scalar, simd, n, false);
  check_ssim(scalar, simd, 1000, true);
}
