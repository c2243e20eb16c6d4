#include "checkasm.hpp"
#include "dsp/context.hpp"

using namespace checkasm;

namespace {

template <typename Sample, typename Energy, typename Kernels>
void check_depth(const Kernels& scalar, const Kernels& simd, auto magnitudes, auto above, auto contexts, auto detail) {
  const uint32_t most = sizeof(Sample) == 1 ? 255 : 65535;
  for (int round = 0; round < 100; ++round) {
    const size_t n = rng.in(1, 100);
    const unsigned shift = rng.in(0, 15);
    const uint32_t high = rng.in(0, 1) ? most : rng.in(1, most);
    Guarded<Sample> z(n), m(n), m2(n),
        rows[4] = {Guarded<Sample>(n + 40), Guarded<Sample>(n + 40), Guarded<Sample>(n + 40), Guarded<Sample>(n + 40)};
    z.randomise(0, high);
    (scalar.*magnitudes)(z.data(), n, m.data());
    (simd.*magnitudes)(z.data(), n, m2.data());
    expect(m == m2, "magnitudes of %zu", n);

    for (auto& row : rows) row.randomise(0, high / 2);
    const bool west = rng.in(0, 1) != 0;
    Guarded<Energy> e(n), e2(n);
    (scalar.*above)(rows[0].data() + 1, rows[1].data() + 1, n, west, e.data());
    (simd.*above)(rows[0].data() + 1, rows[1].data() + 1, n, west, e2.data());
    expect(e == e2, "above of %zu", n);

    Guarded<uint8_t> level(n), level2(n);
    const unsigned refs = rng.in(0, 2);
    const stf::DetailRows<Sample> from{refs, rows[0].data() + 1, rows[1].data() + 1, rows[2].data() + 1,
                                       19,   rows[3].data() + 1};
    (scalar.*detail)(from, n, shift, level.data());
    (simd.*detail)(from, n, shift, level2.data());
    expect(level == level2, "detail of %zu, %u references", n, refs);

    Guarded<uint16_t> c(n), c2(n);
    const Sample* const row = west ? rows[2].data() + 2 : nullptr;
    (scalar.*contexts)(e.data(), row, level.data(), n, 45, c.data());
    (simd.*contexts)(e.data(), row, level.data(), n, 45, c2.data());
    expect(c == c2, "contexts of %zu", n);
  }
}

}  // namespace

CHECKASM(stf::context_tables(), "context") {
  using K = stf::ContextKernels;
  check_depth<uint8_t, uint16_t>(scalar, simd, &K::magnitudes_8, &K::above_8, &K::contexts_8, &K::detail_8);
  check_depth<uint16_t, uint32_t>(scalar, simd, &K::magnitudes_16, &K::above_16, &K::contexts_16, &K::detail_16);

  std::vector<uint8_t> rows(2000, 3);
  std::vector<uint16_t> energy(256), context(256);
  bench("above_8", 256, [&] { simd.above_8(&rows[10], &rows[400], 256, true, energy.data()); });
  bench("contexts_8", 256, [&] { simd.contexts_8(energy.data(), &rows[10], &rows[400], 256, 29, context.data()); });
  bench("detail_8", 256,
        [&] { simd.detail_8({2, &rows[10], &rows[300], &rows[600], 300, &rows[1200]}, 256, 0, &rows[1600]); });
}
