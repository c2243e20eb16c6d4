#include "checkasm.hpp"
#include "dsp/transform.hpp"

using namespace checkasm;

namespace {

using stf::DctPass;

// Numbers of the range, or its extremes, in `lanes` lanes of N points with room between the rows.
void check_pass(DctPass scalar, DctPass simd, const char* name, int index, int64_t limit, int shift) {
  const size_t points = size_t{4} << index;
  const auto run = [&](size_t lanes, bool timed) {
    const size_t stride = lanes + (timed ? 0 : rng.in(0, 5)), size = points * stride;
    Guarded<int32_t> in(size), a(size), b(size);
    const bool extremes = rng.in(0, 2) == 0;
    for (size_t i = 0; i < size; ++i) {
      const int64_t value = static_cast<int64_t>(rng.next() % static_cast<uint64_t>(2 * limit)) - limit;
      in[i] = static_cast<int32_t>(!extremes ? value : value < 0 ? -limit : limit - 1);
      a[i] = b[i] = 0;
    }
    const auto s = static_cast<ptrdiff_t>(stride);
    if (timed) {
      char label[48];
      std::snprintf(label, sizeof label, "%s[%zu]", name, points);
      // Many times: one is too short for the clock.
      bench(label, 32 * size, [&] {
        for (int i = 0; i < 32; ++i) simd(in.data(), s, b.data(), s, lanes, shift);
      });
      return;
    }
    scalar(in.data(), s, a.data(), s, lanes, shift);
    simd(in.data(), s, b.data(), s, lanes, shift);
    expect(a == b, "%s[%zu] of %zu lanes, shift %d", name, points, lanes, shift);
    simd(in.data(), s, in.data(), s, lanes, shift);  // in place; what lies between the rows is left alone
    bool same = true;
    for (size_t k = 0; k < points; ++k)
      for (size_t lane = 0; lane < lanes; ++lane) same &= in[k * stride + lane] == a[k * stride + lane];
    expect(same, "%s[%zu] in place", name, points);
  };
  for (size_t lanes = 4; lanes <= 36; lanes += 4)
    for (int round = 0; round < 4; ++round) run(lanes, false);
  run(16, true);
}

}  // namespace

CHECKASM(stf::transform_tables(), "transform") {
  for (int index = 0; index < stf::kTransformSizes; ++index) {
    const int s = stf::kDctShift[index];
    for (int shift : {s, s - 8, s + 8}) {
      const int gain = shift < s ? s - shift : 0;
      const char* const names[2][stf::kRanges] = {{"dct_16", "dct_27", "dct_32"}, {"idct_16", "idct_27", "idct_32"}};
      const int64_t limits[stf::kRanges] = {int64_t{1} << 15, int64_t{1} << (26 - gain), int64_t{1} << 31};
      for (int range = 0; range < stf::kRanges; ++range) {
        if (benching() && shift != s) continue;
        check_pass(scalar.forward[range][index], simd.forward[range][index], names[0][range], index, limits[range],
                   shift);
        check_pass(scalar.inverse[range][index], simd.inverse[range][index], names[1][range], index, limits[range],
                   shift);
      }
    }
    for (int shift : {0, 1, 15}) {
      if (benching() && shift != 0) continue;
      check_pass(scalar.hadamard[index], simd.hadamard[index], "hadamard", index, int64_t{1} << 31, shift);
    }
  }
  for (size_t rows = 4; rows <= 32; rows += 4) {
    for (size_t columns = 4; columns <= 32; columns += 4) {
      const size_t in_stride = columns + rng.in(0, 3), out_stride = rows + rng.in(0, 3);
      Guarded<int32_t> in(rows * in_stride), a(columns * out_stride), b(columns * out_stride);
      in.randomise(0, 0xffffffffu);
      for (size_t i = 0; i < a.size(); ++i) a[i] = b[i] = 0;
      const auto is = static_cast<ptrdiff_t>(in_stride), os = static_cast<ptrdiff_t>(out_stride);
      scalar.transpose(in.data(), is, a.data(), os, rows, columns);
      simd.transpose(in.data(), is, b.data(), os, rows, columns);
      expect(a == b, "transpose of %zu x %zu", rows, columns);
      if (rows == 16 && (columns == 8 || columns == 32))
        bench(columns == 8 ? "transpose_16x8" : "transpose_16x32", rows * columns,
              [&] { simd.transpose(in.data(), is, b.data(), os, rows, columns); });
    }
  }
  for (size_t n = 0; n < 70; ++n) {
    Guarded<int32_t> in(n);
    in.randomise(0, 0xffffffffu);
    expect(scalar.magnitude(in.data(), n) == simd.magnitude(in.data(), n), "magnitude of %zu", n);
    expect(scalar.sum_magnitudes(in.data(), n) == simd.sum_magnitudes(in.data(), n), "sum_magnitudes of %zu", n);
  }
  Guarded<int32_t> in(1024);
  in.randomise(0, 0xffffffffu);
  volatile uint64_t sink = 0;
  bench("magnitude", 1024, [&] { sink = simd.magnitude(in.data(), 1024); });
  bench("sum_magnitudes", 1024, [&] { sink = simd.sum_magnitudes(in.data(), 1024); });
}
