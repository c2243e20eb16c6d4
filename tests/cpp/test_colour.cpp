// Rows to RGB against the exact matrix in double precision.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "check.hpp"
#include "dsp/colour.hpp"

namespace {

struct Oracle {
  double kr, kb;
  explicit Oracle(uint8_t matrix)
      : kr(matrix == 1   ? 0.2126
           : matrix == 9 ? 0.2627
                         : 0.299),
        kb(matrix == 1   ? 0.0722
           : matrix == 9 ? 0.0593
                         : 0.114) {}

  void rgb(const stf_format& f, const stf_colour& c, const double in[4], double out[3]) const {
    const double top = std::pow(2.0, c.out_bits) - 1, largest = std::pow(2.0, f.bits) - 1;
    if (c.model == 0) {
      for (int i = 0; i < 3; ++i) out[i] = in[i] / largest * top;
      return;
    }
    const double unit = std::pow(2.0, f.bits - 8);
    const double y = c.full_range ? in[0] / largest : (in[0] - 16 * unit) / (219 * unit);
    double u = 0, v = 0;
    if (c.model == 1) {
      const double zero = 128 * unit, range = c.full_range ? largest : 224 * unit;
      u = (in[1] - zero) / range, v = (in[2] - zero) / range;
    }
    const double kg = 1 - kr - kb;
    out[0] = top * (y + 2 * (1 - kr) * v);
    out[1] = top * (y - 2 * kb * (1 - kb) / kg * u - 2 * kr * (1 - kr) / kg * v);
    out[2] = top * (y + 2 * (1 - kb) * u);
  }
};

// One row of n pixels from column x0 on, against the oracle; `arrangement` 0: planes, 1: interleaved, 2: backwards.
template <typename In, typename Out>
void check_row(const stf_format& f, const stf_colour& c, uint32_t x0, uint32_t n, int arrangement,
               check::Random& random, uint64_t* off_by_one) {
  stf_error error{};
  stf::RgbConversion conversion;
  CHECK_STATUS(stf::rgb_prepare(f, c, &conversion, &error), STF_OK);
  const uint32_t top_in = (1u << f.bits) - 1;
  const double top = std::pow(2.0, c.out_bits) - 1;
  std::vector<In> planes[4];
  const void* in[4] = {};
  for (uint32_t k = 0; k < f.components; ++k) {
    const unsigned s = k == 1 || k == 2 ? f.sub_x : 0;
    planes[k].resize(((x0 + n - 1) >> s) - (x0 >> s) + 1);
    const bool extreme = random.in(0, 3) == 0;
    for (In& v : planes[k]) v = static_cast<In>(extreme ? (random.in(0, 1) ? top_in : 0) : random.in(0, top_in));
    in[k] = planes[k].data();
  }
  const uint32_t count = c.alpha ? 4 : 3;
  const Out gap = static_cast<Out>(0xA5A5);
  std::vector<Out> room(size_t{n} * (count + 1) + 8, gap);
  void* out[4] = {};
  ptrdiff_t stride[4] = {};
  const auto unit = static_cast<ptrdiff_t>(sizeof(Out));
  for (uint32_t k = 0; k < count; ++k) {
    if (arrangement == 0) out[k] = room.data() + k * n, stride[k] = unit;
    if (arrangement == 1) out[k] = room.data() + k, stride[k] = unit * count;
    if (arrangement == 2) out[k] = room.data() + k + size_t{n - 1} * (count + 1), stride[k] = -unit * (count + 1);
  }
  stf::rgb_row(conversion, in, x0, n, out, stride);

  const Oracle oracle(c.matrix);
  size_t written = 0;
  for (uint32_t i = 0; i < n; ++i) {
    double samples[4], expected[4];
    for (uint32_t k = 0; k < f.components; ++k) {
      const unsigned s = (k == 1 || k == 2) ? f.sub_x : 0;
      samples[k] = planes[k][((x0 + i) >> s) - (x0 >> s)];
    }
    oracle.rgb(f, c, samples, expected);
    if (c.model == 2) expected[1] = expected[2] = expected[0];
    expected[3] = f.components % 2 == 0 ? samples[f.components - 1] / top_in * top : top;
    for (uint32_t k = 0; k < count; ++k, ++written) {
      Out got;
      std::memcpy(&got, static_cast<uint8_t*>(out[k]) + static_cast<ptrdiff_t>(i) * stride[k], sizeof got);
      const double want = std::clamp(std::floor(expected[k] + 0.5), 0.0, top);
      const double apart = std::abs(got - want);
      const bool exact = k == 3 || c.model == 0 || (c.model == 2 && c.full_range);
      *off_by_one += apart != 0;
      if (apart > (exact ? 0 : 1)) {
        check::failed(__FILE__, __LINE__,
                      "component " + std::to_string(k) + " is " + std::to_string(got) + ", not " +
                          std::to_string(want) + " (bits " + std::to_string(f.bits) + ", out " +
                          std::to_string(c.out_bits) + ", model " + std::to_string(c.model) + ")");
        return;
      }
    }
  }
  size_t gaps = 0;
  for (Out v : room) gaps += v == gap;
  if (c.out_bits == 16) CHECK(gaps + written >= room.size());  // nothing else was written
}

template <typename F>
void each_level(F&& f) {
  for (const char* level : {"scalar", "sse4.1", "avx2"}) {
    if (stf_cpu_mask(level) != STF_OK) continue;
    f();
  }
  stf_cpu_mask(nullptr);
}

}  // namespace

TEST("every model, depth, range, matrix and subsampling is within 1 of the exact matrix") {
  each_level([] {
    check::Random random;
    uint64_t off = 0, rows = 0;
    for (uint8_t bits = 8; bits <= 16; ++bits)
      for (uint8_t matrix : {1, 5, 6, 9})
        for (uint8_t full = 0; full <= 1; ++full)
          for (uint8_t out_bits : {8, 16})
            for (uint8_t sub_x = 0; sub_x <= 2; ++sub_x)
              for (uint8_t alpha = 0; alpha <= 1; ++alpha) {
                const auto components = static_cast<uint8_t>(random.in(3, 4));
                const stf_format f{static_cast<uint8_t>(bits == 8 ? STF_UINT8 : STF_UINT16),
                                   bits,
                                   components,
                                   sub_x,
                                   0,
                                   STF_LAYOUT_PLANES,
                                   {0, 0}};
                const stf_colour c{1, matrix, full, alpha, out_bits, {0, 0, 0}};
                const uint32_t x0 = random.in(0, 9), n = random.in(1, 90) + (random.in(0, 9) == 0 ? 1100 : 0);
                const int arrangement = static_cast<int>(random.in(0, 2));
                ++rows;
                if (bits == 8) {
                  if (out_bits == 8) check_row<uint8_t, uint8_t>(f, c, x0, n, arrangement, random, &off);
                  if (out_bits == 16) check_row<uint8_t, uint16_t>(f, c, x0, n, arrangement, random, &off);
                } else {
                  if (out_bits == 8) check_row<uint16_t, uint8_t>(f, c, x0, n, arrangement, random, &off);
                  if (out_bits == 16) check_row<uint16_t, uint16_t>(f, c, x0, n, arrangement, random, &off);
                }
              }
    CHECK(off < rows * 10);
  });
}

TEST("RGB and gray of every depth; scaling is exact") {
  check::Random random;
  uint64_t off = 0;
  for (uint8_t bits = 1; bits <= 16; ++bits)
    for (uint8_t components = 1; components <= 4; ++components)
      for (uint8_t out_bits : {8, 16})
        for (uint8_t full = bits < 8; full <= 1; ++full)
          for (int arrangement = 0; arrangement < 3; ++arrangement) {
            const stf_format f{static_cast<uint8_t>(bits <= 8 ? STF_UINT8 : STF_UINT16),
                               bits,
                               components,
                               0,
                               0,
                               STF_LAYOUT_PLANES,
                               {0, 0}};
            const stf_colour c{static_cast<uint8_t>(components <= 2 ? 2 : 0), 1,        full,
                               static_cast<uint8_t>(arrangement & 1),         out_bits, {0, 0, 0}};
            if (bits <= 8) {
              if (out_bits == 8) check_row<uint8_t, uint8_t>(f, c, 0, 77, arrangement, random, &off);
              if (out_bits == 16) check_row<uint8_t, uint16_t>(f, c, 0, 77, arrangement, random, &off);
            } else {
              if (out_bits == 8) check_row<uint16_t, uint8_t>(f, c, 0, 77, arrangement, random, &off);
              if (out_bits == 16) check_row<uint16_t, uint16_t>(f, c, 0, 77, arrangement, random, &off);
            }
          }
}

TEST("scaling is exact for every sample of every depth") {
  for (uint8_t bits = 1; bits <= 16; ++bits)
    for (uint8_t out_bits : {8, 16}) {
      const stf_format f{STF_UINT16, bits, 1, 0, 0, STF_LAYOUT_GRAY, {0, 0}};
      const stf_colour c{2, 1, 1, 0, out_bits, {0, 0, 0}};
      stf::RgbConversion conversion;
      CHECK_STATUS(stf::rgb_prepare(f, c, &conversion, nullptr), STF_OK);
      const uint32_t n = 1u << bits, top = (1u << out_bits) - 1;
      std::vector<uint16_t> samples(n), wide(3 * size_t{n});
      std::vector<uint8_t> small(3 * size_t{n});
      for (uint32_t i = 0; i < n; ++i) samples[i] = static_cast<uint16_t>(i);
      const void* in[4] = {samples.data()};
      uint8_t* base = out_bits == 8 ? small.data() : reinterpret_cast<uint8_t*>(wide.data());
      const ptrdiff_t unit = out_bits / 8, stride[4] = {unit, unit, unit, 0};
      void* out[4] = {base, base + n * unit, base + 2 * n * unit, nullptr};
      stf::rgb_row(conversion, in, 0, n, out, stride);
      uint64_t wrong = 0;
      for (uint64_t i = 0; i < n; ++i)
        wrong += (out_bits == 8 ? small[i] : wide[i]) != (2 * i * top + n - 1) / (2 * (n - 1));
      CHECK_EQ(wrong, 0u);
    }
}

TEST("what cannot be converted is refused") {
  stf::RgbConversion conversion;
  const auto prepare = [&](stf_format f, stf_colour c) { return stf::rgb_prepare(f, c, &conversion, nullptr); };
  const stf_format yuv{STF_UINT8, 8, 3, 1, 1, STF_LAYOUT_PLANES, {0, 0}};
  const stf_format gray{STF_UINT8, 8, 1, 0, 0, STF_LAYOUT_GRAY, {0, 0}};
  const stf_format signed_gray{STF_INT8, 8, 1, 0, 0, STF_LAYOUT_GRAY, {0, 0}};
  CHECK_STATUS(prepare(yuv, {1, 1, 0, 0, 8, {}}), STF_OK);
  CHECK_STATUS(prepare(yuv, {0, 1, 0, 0, 8, {}}), STF_E_ARGUMENT);
  CHECK_STATUS(prepare(yuv, {1, 1, 0, 0, 10, {}}), STF_E_ARGUMENT);
  CHECK_STATUS(prepare(yuv, {1, 2, 0, 0, 8, {}}), STF_E_UNSUPPORTED);
  CHECK_STATUS(prepare(yuv, {3, 1, 0, 0, 8, {}}), STF_E_ARGUMENT);
  CHECK_STATUS(prepare(yuv, {2, 1, 0, 0, 8, {}}), STF_E_ARGUMENT);
  CHECK_STATUS(prepare(gray, {1, 1, 0, 0, 8, {}}), STF_E_ARGUMENT);
  CHECK_STATUS(prepare(signed_gray, {2, 1, 1, 0, 8, {}}), STF_E_ARGUMENT);
}

CHECK_MAIN()
