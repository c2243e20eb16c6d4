#include "checkasm.hpp"
#include "dsp/interleave.hpp"

using namespace checkasm;

namespace {

template <typename T>
void check_gather(void (*scalar)(T*, const void*, size_t), void (*simd)(T*, const void*, size_t), size_t step) {
  for (size_t n = 1; n < 70; ++n) {
    Guarded<T> from((n - 1) * step + 1), a(n), b(n);
    from.randomise(0, static_cast<T>(~T{0}));
    scalar(a.data(), from.data(), n);
    simd(b.data(), from.data(), n);
    expect(a == b, "gather_%zu[%zu] at n=%zu", 8 * sizeof(T), step, n);
  }
  constexpr size_t n = 1000;
  Guarded<T> from(n * step), to(n);
  char name[32];
  std::snprintf(name, sizeof name, "gather_%zu[%zu]", 8 * sizeof(T), step);
  bench(name, n, [&] { simd(to.data(), from.data(), n); });
}

template <typename T>
void check_join(void (*scalar)(void*, const T* const*, size_t), void (*simd)(void*, const T* const*, size_t),
                size_t count) {
  const auto run = [&](size_t n, bool timed) {
    Guarded<T> planes[4] = {Guarded<T>(n), Guarded<T>(n), Guarded<T>(n), Guarded<T>(n)};
    const T* from[4];
    for (size_t c = 0; c < 4; ++c) {
      planes[c].randomise(0, static_cast<T>(~T{0}));
      from[c] = planes[c].data();
    }
    Guarded<T> a(n * count), b(n * count);
    if (timed) {
      char name[32];
      std::snprintf(name, sizeof name, "join_%zu[%zu]", 8 * sizeof(T), count);
      bench(name, n, [&] { simd(b.data(), from, n); });
      return;
    }
    scalar(a.data(), from, n);
    simd(b.data(), from, n);
    expect(a == b, "join_%zu[%zu] at n=%zu", 8 * sizeof(T), count, n);
  };
  for (size_t n = 1; n < 70; ++n) run(n, false);
  run(1000, true);
}

}  // namespace

CHECKASM(stf::interleave_tables(), "interleave") {
  for (size_t step = 2; step <= 4; ++step) {
    check_gather<uint8_t>(scalar.gather_8[step], simd.gather_8[step], step);
    check_gather<uint16_t>(scalar.gather_16[step], simd.gather_16[step], step);
    check_join<uint8_t>(scalar.join_8[step], simd.join_8[step], step);
    check_join<uint16_t>(scalar.join_16[step], simd.join_16[step], step);
  }
}
