#include "checkasm.hpp"
#include "dsp/predict.hpp"

using namespace checkasm;
using stf::PredictBlock;
using stf::PredictKind;

namespace {

constexpr ptrdiff_t kStride = 21;

template <typename Sample, typename Kernels>
void check_depth(const Kernels& scalar, const Kernels& simd, auto errors, auto fold, auto unfold) {
  for (int round = 0; round < 120; ++round) {
    const uint32_t most = sizeof(Sample) == 1 ? 256 : 65536;
    const uint32_t range = rng.in(0, 2) == 0 ? most : rng.in(1, most);
    const auto width = static_cast<int>(rng.in(1, 16)), height = static_cast<int>(rng.in(1, 16));
    Guarded<Sample> picture[3] = {Guarded<Sample>(18 * kStride), Guarded<Sample>(18 * kStride),
                                  Guarded<Sample>(18 * kStride)};
    for (auto& p : picture) p.randomise(0, range - 1);
    const auto at = [&](int i) { return picture[i].data() + kStride + 1; };
    const PredictBlock<Sample> block{
        at(0), at(1), at(2), kStride, kStride, kStride, width, height, static_cast<int>(range)};
    for (unsigned refs = 0; refs < 3; ++refs) {
      const int step = static_cast<int>(rng.in(1, 3));
      uint32_t a[stf::kFixedKinds] = {}, b[stf::kFixedKinds] = {};
      (scalar.*errors)(block, refs, step, a);
      (simd.*errors)(block, refs, step, b);
      expect(std::memcmp(a, b, sizeof a) == 0, "errors of %d x %d, %u references, %zu bytes", height, width, refs,
             sizeof(Sample));
    }
    for (unsigned kind = 0; kind < stf::kFixedKinds; ++kind) {
      Guarded<Sample> a(16 * kStride), b(16 * kStride);
      const bool some = (scalar.*fold)(static_cast<PredictKind>(kind), block, a.data(), kStride);
      const bool same = (simd.*fold)(static_cast<PredictKind>(kind), block, b.data(), kStride) == some;
      expect(same && a == b, "fold of kind %u, %d x %d, range %u", kind, height, width, range);
    }

    const size_t n = rng.in(1, 90);
    Guarded<Sample> x(n), p(n), q(n), z(n);
    for (auto* row : {&x, &p, &q, &z}) row->randomise(0, range - 1);
    for (const Sample* other : {static_cast<const Sample*>(nullptr), static_cast<const Sample*>(q.data())}) {
      Guarded<Sample> u(n), v(n);
      (scalar.*unfold)(z.data(), p.data(), other, n, static_cast<int>(range), u.data());
      (simd.*unfold)(z.data(), p.data(), other, n, static_cast<int>(range), v.data());
      expect(u == v, "unfold of %zu, range %u", n, range);
    }
  }
}

}  // namespace

CHECKASM(stf::predict_tables(), "predict") {
  using K = stf::PredictKernels;
  check_depth<uint8_t>(scalar, simd, &K::errors_8, &K::fold_8, &K::unfold_8);
  check_depth<uint16_t>(scalar, simd, &K::errors_16, &K::fold_16, &K::unfold_16);

  std::vector<uint8_t> picture(3 * 40 * 40, 7), z(16 * 16);
  const PredictBlock<uint8_t> block{&picture[41], &picture[1641], &picture[3241], 40, 40, 40, 16, 16, 256};
  uint32_t errors[stf::kFixedKinds];
  bench("errors_8, two references", 256, [&] { simd.errors_8(block, 2, 1, errors); });
  bench("errors_8, none", 256, [&] { simd.errors_8(block, 0, 1, errors); });
  bench("fold_8 of MED", 256, [&] { simd.fold_8(PredictKind::kMed, block, z.data(), 16); });
  bench("fold_8 of the mean's MED", 256, [&] { simd.fold_8(PredictKind::kMeanMed, block, z.data(), 16); });
  bench("unfold_8", 256, [&] { simd.unfold_8(picture.data() + 600, picture.data(), nullptr, 256, 256, z.data()); });
}
