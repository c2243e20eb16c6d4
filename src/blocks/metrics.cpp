// The C API of the metrics: planes to rows, rows to kernels.

#include <algorithm>
#include <cmath>

#include "blocks/planes.hpp"
#include "common/border.hpp"
#include "common/env.hpp"
#include "dsp/metrics.hpp"
#include "stfrag/blocks.h"

namespace stf {
namespace {

stf_status no_dtype(uint8_t dtype, stf_error* error) {
  return fail(error, STF_E_ARGUMENT, "no metric of dtype %u: samples are uint8 or uint16", dtype);
}

template <typename T, typename F>
stf_status sse(const stf_plane& a, const stf_plane& b, stf_size size, F kernel, uint64_t* sums, stf_error* error) {
  Buffer<T> scratch(resolve(nullptr), size_t{2} * size.x);
  if (!scratch) return fail(error, STF_E_MEMORY, "out of memory");
  for (uint32_t t = 0; t < size.t; ++t) {
    uint64_t sum = 0;
    for (uint32_t y = 0; y < size.y; ++y)
      sum += kernel(row_of(a, t, y, size.x, scratch.data()), row_of(b, t, y, size.x, scratch.data() + size.x), size.x);
    sums[t] = sum;
  }
  return STF_OK;
}

// Structural similarity of a pair of frames, scale by scale.
class Similarity {
 public:
  Similarity(double data_range, uint32_t y, uint32_t x)
      : c1_(static_cast<float>(0.01 * data_range * (0.01 * data_range))),
        c2_(static_cast<float>(0.03 * data_range * (0.03 * data_range))), y_(y), x_(x) {}

  bool allocate(const stf_env& env) {
    return memory_.allocate(env, size_t{2} * y_ * x_ + (2 * kSsimTaps + kMaps * 2) * size_t{x_});
  }

  template <typename T>
  void load(const stf_plane& a, const stf_plane& b, uint32_t t, T* scratch) {
    // Samples less their mean, so that variances do not come out of the difference of large numbers.
    uint64_t sum = 0;
    for (uint32_t y = 0; y < y_; ++y) {
      const T* row = row_of(a, t, y, x_, scratch);
      uint32_t row_sum = 0;  // 65535 samples of 16 bits fit
      for (uint32_t x = 0; x < x_; ++x) row_sum += row[x];
      sum += row_sum;
    }
    const auto offset = static_cast<int32_t>(sum / (uint64_t{y_} * x_));
    offset_ = static_cast<float>(offset);
    for (uint32_t y = 0; y < y_; ++y) {
      subtract(row_of(a, t, y, x_, scratch), offset, image(0) + size_t{y} * x_);
      subtract(row_of(b, t, y, x_, scratch), offset, image(1) + size_t{y} * x_);
    }
    height_ = y_;
    width_ = x_;
  }

  // Means over the windows inside of the picture: of everything, and of contrast and structure alone.
  void measure(const MetricKernels& kernels, double* all, double* structure) {
    const uint32_t rows = height_ - (kSsimTaps - 1), columns = width_ - (kSsimTaps - 1);
    double sums[2] = {0, 0};
    for (uint32_t y = 0; y < height_; ++y) {
      const size_t slot = y % kSsimTaps;
      kernels.ssim_products(row(0, y), row(1, y), squares(slot), cross(slot), width_);
      if (y < kSsimTaps - 1) continue;
      const float* from[kMaps][kSsimTaps];
      for (uint32_t k = 0; k < kSsimTaps; ++k) {
        const uint32_t at = y - (kSsimTaps - 1) + k;
        from[0][k] = row(0, at);
        from[1][k] = row(1, at);
        from[2][k] = squares(at % kSsimTaps);
        from[3][k] = cross(at % kSsimTaps);
      }
      for (size_t map = 0; map < kMaps; ++map) {
        kernels.ssim_columns(from[map], line(2 * map), width_);
        kernels.ssim_row(line(2 * map), line(2 * map + 1), columns);
      }
      kernels.ssim_sums({line(1), line(3), line(5), line(7)}, columns, {offset_, c1_, c2_}, sums);
    }
    const double windows = static_cast<double>(rows) * columns;
    *all = sums[0] / windows;
    *structure = sums[1] / windows;
  }

  void halve(const MetricKernels& kernels) {
    const uint32_t height = height_ / 2, width = width_ / 2;
    for (int i = 0; i < 2; ++i)  // in place: a result never overtakes what is still to be read
      for (uint32_t y = 0; y < height; ++y)
        kernels.halve(row(i, 2 * y), row(i, 2 * y + 1), image(i) + size_t{y} * width, width);
    height_ = height;
    width_ = width;
  }

 private:
  static constexpr size_t kMaps = 4;  // a, b, squares, cross

  template <typename T>
  void subtract(const T* __restrict from, int32_t offset, float* __restrict to) const {
    for (uint32_t x = 0; x < x_; ++x) to[x] = static_cast<float>(int32_t{from[x]} - offset);
  }

  // Two images, then the last eleven rows of squares and of cross products, then two lines a map.
  float* image(int i) { return memory_.data() + static_cast<size_t>(i) * y_ * x_; }
  float* row(int i, uint32_t y) { return image(i) + size_t{y} * width_; }
  float* squares(size_t slot) { return image(2) + slot * x_; }
  float* cross(size_t slot) { return image(2) + (kSsimTaps + slot) * x_; }
  float* line(size_t i) { return image(2) + (2 * kSsimTaps + i) * x_; }

  float c1_, c2_, offset_ = 0;
  uint32_t y_, x_, height_ = 0, width_ = 0;
  Buffer<float> memory_;
};

// What is asked of ssim(), and where the results go: size.t x scales numbers each.
struct SsimRequest {
  double data_range;
  uint32_t scales;
  double *all, *structure;
};

// Structural similarity of every frame of two planes, at every scale.
template <typename T>
stf_status ssim(const stf_env& env, const stf_plane& a, const stf_plane& b, stf_size size, const SsimRequest& request,
                stf_error* error) {
  Similarity similarity(request.data_range, size.y, size.x);
  Buffer<T> scratch(env, size.x);
  if (!scratch || !similarity.allocate(env)) return fail(error, STF_E_MEMORY, "out of memory");
  const MetricKernels& kernels = metric_kernels();
  for (uint32_t t = 0; t < size.t; ++t) {
    similarity.load(a, b, t, scratch.data());
    for (uint32_t scale = 0; scale < request.scales; ++scale) {
      if (scale > 0) similarity.halve(kernels);
      const size_t at = size_t{t} * request.scales + scale;
      similarity.measure(kernels, request.all + at, request.structure + at);
    }
  }
  return STF_OK;
}

}  // namespace
}  // namespace stf

extern "C" {

stf_status stf_sse(uint8_t dtype, const stf_plane* a, const stf_plane* b, stf_size size, uint64_t* sums,
                   stf_error* error) {
  return stf::at_border(error, [&] {
    STF_TRY(stf::check_pair(a, b, size, error));
    const stf::MetricKernels& kernels = stf::metric_kernels();
    if (dtype == STF_UINT8) return stf::sse<uint8_t>(*a, *b, size, kernels.sse_8, sums, error);
    if (dtype == STF_UINT16) return stf::sse<uint16_t>(*a, *b, size, kernels.sse_16, sums, error);
    return stf::no_dtype(dtype, error);
  });
}

// NOLINTNEXTLINE(readability-function-size): public, in C
stf_status stf_ssim(const stf_env* env, uint8_t dtype, const stf_plane* a, const stf_plane* b, stf_size size,
                    double data_range, uint32_t scales, double* ssim, double* structure, stf_error* error) {
  return stf::at_border(error, [&] {
    STF_TRY(stf::check_pair(a, b, size, error));
    if (!(data_range > 0) || std::isinf(data_range))
      return stf::fail(error, STF_E_ARGUMENT, "data_range is %g: it must be above 0", data_range);
    if (scales < 1 || scales > 16) return stf::fail(error, STF_E_ARGUMENT, "%u scales: 1 to 16 are possible", scales);
    const uint32_t least = uint32_t{stf::kSsimTaps} << (scales - 1);
    if (std::min(size.y, size.x) < least)
      return stf::fail(error, STF_E_ARGUMENT, "%u x %u samples are too few for %u scales: at least %u x %u are needed",
                       size.y, size.x, scales, least, least);
    STF_TRY(stf::check_env(env, error));
    const stf_env resolved = stf::resolve(env);
    const stf::SsimRequest request{data_range, scales, ssim, structure};
    if (dtype == STF_UINT8) return stf::ssim<uint8_t>(resolved, *a, *b, size, request, error);
    if (dtype == STF_UINT16) return stf::ssim<uint16_t>(resolved, *a, *b, size, request, error);
    return stf::no_dtype(dtype, error);
  });
}

}  // extern "C"
