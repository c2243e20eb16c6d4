#include "checkasm.hpp"
#include "dsp/colour.hpp"

using namespace checkasm;

namespace {

using stf::RgbConversion;
using stf::YccMatrix;

template <typename T>
void check_expand(void (*scalar)(uint16_t*, const T*, size_t, unsigned),
                  void (*simd)(uint16_t*, const T*, size_t, unsigned)) {
  char name[32];
  for (unsigned log2 = 0; log2 <= 2; ++log2) {
    for (size_t n = 1; n < 70; ++n) {
      Guarded<T> from(((n - 1) >> log2) + 1);
      Guarded<uint16_t> a(n), b(n);
      from.randomise(0, static_cast<T>(~T{0}));
      scalar(a.data(), from.data(), n, log2);
      simd(b.data(), from.data(), n, log2);
      expect(a == b, "expand_%zu by %u at n=%zu", 8 * sizeof(T), 1u << log2, n);
    }
    Guarded<T> from(512);
    Guarded<uint16_t> to(512);
    std::snprintf(name, sizeof name, "expand_%zu by %u", 8 * sizeof(T), 1u << log2);
    bench(name, 512, [&] { simd(to.data(), from.data(), 512, log2); });
  }
}

template <typename Out, typename Kernel>
void check_ycc(const char* what, Kernel scalar, Kernel simd, uint8_t bits_low, uint8_t bits_high, bool narrow) {
  for (uint8_t bits = bits_low; bits <= bits_high; ++bits)
    for (uint8_t matrix : {1, 5, 9})
      for (uint8_t full = 0; full <= 1; ++full) {
        const stf_format format{
            static_cast<uint8_t>(bits == 8 ? STF_UINT8 : STF_UINT16), bits, 3, 0, 0, STF_LAYOUT_PLANES, {0, 0}};
        const stf_colour colour{1, matrix, full, 0, static_cast<uint8_t>(8 * sizeof(Out)), {0, 0, 0}};
        RgbConversion conversion;
        expect(stf::rgb_prepare(format, colour, &conversion, nullptr) == STF_OK && conversion.narrow == narrow,
               "rgb_prepare");
        const YccMatrix& m = conversion.matrix;
        for (size_t n = 1; n < 70; n += 1 + n / 8) {
          Guarded<uint16_t> y(n), cb(n), cr(n);
          for (auto* plane : {&y, &cb, &cr}) plane->randomise(0, (1u << bits) - 1);
          Guarded<Out> a[3] = {Guarded<Out>(n), Guarded<Out>(n), Guarded<Out>(n)};
          Guarded<Out> b[3] = {Guarded<Out>(n), Guarded<Out>(n), Guarded<Out>(n)};
          const stf::YccRows in{y.data(), cb.data(), cr.data()};
          scalar(m, in, n, {a[0].data(), a[1].data(), a[2].data()});
          simd(m, in, n, {b[0].data(), b[1].data(), b[2].data()});
          expect(a[0] == b[0] && a[1] == b[1] && a[2] == b[2], "%s of %u bits, matrix %u, at n=%zu", what, bits, matrix,
                 n);
        }
        if (bits == bits_low && matrix == 1 && full == 0) {
          Guarded<uint16_t> y(512), cb(512), cr(512);
          Guarded<Out> r(512), g(512), b(512);
          bench(what, 512, [&] { simd(m, {y.data(), cb.data(), cr.data()}, 512, {r.data(), g.data(), b.data()}); });
        }
      }
}

}  // namespace

CHECKASM(stf::colour_tables(), "colour") {
  check_expand<uint8_t>(scalar.expand_8, simd.expand_8);
  check_expand<uint16_t>(scalar.expand_16, simd.expand_16);
  check_ycc<uint8_t>("ycc_narrow", scalar.ycc_narrow, simd.ycc_narrow, 8, 15, true);
  check_ycc<uint8_t>("ycc_wide_8", scalar.ycc_wide_8, simd.ycc_wide_8, 16, 16, false);
  check_ycc<uint16_t>("ycc_wide_16", scalar.ycc_wide_16, simd.ycc_wide_16, 8, 16, false);
}
