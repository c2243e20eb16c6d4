// SSE, SSIM and SATD through the C API: exact-size buffers of odd strides (for the sanitizers), refusals.

#include <cmath>
#include <vector>

#include "check.hpp"
#include "stfrag/stfrag.h"

namespace {

// A T x Y x X plane in memory of exactly its size, with samples `step` apart.
template <typename T>
struct Plane {
  Plane(stf_size size, ptrdiff_t step, uint64_t seed)
      : memory((size_t{size.t} * size.y * size.x - 1) * static_cast<size_t>(step) + 1) {
    check::Random random{seed};
    for (T& v : memory) v = static_cast<T>(random.next() >> 40);
    const auto unit = static_cast<ptrdiff_t>(sizeof(T)) * step;
    view = {memory.data(), unit * size.y * size.x, unit * size.x, unit};
  }
  T at(stf_size size, size_t i) const {
    return memory[i * (memory.size() == size_t{size.t} * size.y * size.x ? 1 : 3)];
  }
  std::vector<T> memory;
  stf_plane view;
};

template <typename T>
void planes(uint8_t dtype, ptrdiff_t step) {
  stf_error error{};
  for (uint32_t y : {11u, 16u, 23u, 40u}) {
    const stf_size size{2, y, y + 8};
    const Plane<T> a(size, step, y), b(size, step, y + 1);
    uint64_t sse[2];
    CHECK_STATUS(stf_sse(dtype, &a.view, &b.view, size, sse, &error), STF_OK);
    const size_t frame = size_t{size.y} * size.x;
    for (size_t t = 0; t < 2; ++t) {
      uint64_t sum = 0;
      for (size_t i = t * frame; i < (t + 1) * frame; ++i) {
        const int64_t d = int64_t{a.at(size, i)} - b.at(size, i);
        sum += static_cast<uint64_t>(d * d);
      }
      CHECK_EQ(sse[t], sum);
    }
    double ssim[4], structure[4];
    const uint32_t scales = y >= 22 ? 2 : 1;
    CHECK_STATUS(stf_ssim(nullptr, dtype, &a.view, &b.view, size, 255, scales, ssim, structure, &error), STF_OK);
    for (uint32_t i = 0; i < 2 * scales; ++i) CHECK(std::fabs(ssim[i]) < 1 && std::fabs(structure[i]) < 1);
    CHECK_STATUS(stf_ssim(nullptr, dtype, &a.view, &a.view, size, 255, scales, ssim, structure, &error), STF_OK);
    for (uint32_t i = 0; i < 2 * scales; ++i) CHECK(ssim[i] == 1 && structure[i] == 1);
    CHECK_STATUS(stf_ssim(nullptr, dtype, &a.view, &a.view, size, 255, 3, ssim, structure, &error), STF_E_ARGUMENT);
    uint64_t sums[2 * 5 * 6];
    CHECK_STATUS(stf_satd(dtype, &a.view, &b.view, size, {1, 8, 8}, sums, &error), y % 8 ? STF_E_ARGUMENT : STF_OK);
    if (y % 8 == 0) {
      // Coefficient 0 alone is the sum of differences: SATD cannot be less, nor more than all at their largest.
      int64_t sum = 0;
      for (size_t r = 0; r < 8; ++r)
        for (size_t c = 0; c < 8; ++c) sum += int64_t{a.at(size, r * size.x + c)} - b.at(size, r * size.x + c);
      CHECK(sums[0] >= static_cast<uint64_t>(std::llabs(sum)));
    }
  }
}

}  // namespace

TEST("metrics of strided planes") {
  planes<uint8_t>(STF_UINT8, 1);
  planes<uint8_t>(STF_UINT8, 3);
  planes<uint16_t>(STF_UINT16, 1);
  planes<uint16_t>(STF_UINT16, 3);
}

TEST("metrics refuse") {
  stf_error error{};
  const Plane<uint8_t> a({1, 16, 16}, 1, 1);
  uint64_t sums[16];
  double ssim[1], structure[1];
  CHECK_STATUS(stf_sse(STF_INT8, &a.view, &a.view, {1, 16, 16}, sums, &error), STF_E_ARGUMENT);
  CHECK_STATUS(stf_sse(STF_UINT8, &a.view, nullptr, {1, 16, 16}, sums, &error), STF_E_ARGUMENT);
  CHECK_STATUS(stf_sse(STF_UINT8, &a.view, &a.view, {1, 0, 16}, sums, &error), STF_E_ARGUMENT);
  CHECK_STATUS(stf_sse(STF_UINT8, &a.view, &a.view, {1, 16, 65536}, sums, &error), STF_E_ARGUMENT);
  CHECK_STATUS(stf_satd(STF_BOOL, &a.view, &a.view, {1, 16, 16}, {1, 4, 4}, sums, &error), STF_E_ARGUMENT);
  CHECK_STATUS(stf_satd(STF_UINT8, &a.view, &a.view, {1, 16, 16}, {1, 0, 4}, sums, &error), STF_E_ARGUMENT);
  CHECK_STATUS(stf_satd(STF_UINT8, &a.view, &a.view, {1, 16, 16}, {4, 4, 4}, sums, &error), STF_E_ARGUMENT);
  for (double range : {0.0, -1.0, std::nan(""), HUGE_VAL})
    CHECK_STATUS(stf_ssim(nullptr, STF_UINT8, &a.view, &a.view, {1, 16, 16}, range, 1, ssim, structure, &error),
                 STF_E_ARGUMENT);
  CHECK_STATUS(stf_ssim(nullptr, STF_UINT8, &a.view, &a.view, {1, 16, 16}, 255, 40, ssim, structure, &error),
               STF_E_ARGUMENT);
}

CHECK_MAIN()
