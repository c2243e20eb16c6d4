// Fixed prediction of one sample: for the scalar kernels, and for the samples that are left over beside whole vectors.
#pragma once

#include "dsp/predict.hpp"

namespace stf {
namespace {  // a copy in every file: those of other instruction sets must not reach the baseline (docs/hacking.md)

inline int least(int a, int b) { return a < b ? a : b; }
inline int greatest(int a, int b) { return a > b ? a : b; }
inline int clamp_to(int v, int low, int high) { return least(greatest(v, low), high); }

// The median predictor: the median of w, n and w + n - nw.
inline int median(int w, int n, int nw) { return clamp_to(w + n - nw, least(w, n), greatest(w, n)); }

// The number of a residual, which is taken modulo the range: 0, -1, 1, -2, ... have the numbers 0, 1, 2, 3, ...; and
// back.
inline uint32_t fold(int sample, int prediction, int range) {
  int r = sample - prediction;
  if (r > (range - 1) / 2) r -= range;
  if (r < -(range / 2)) r += range;
  return static_cast<uint32_t>(r >= 0 ? 2 * r : -2 * r - 1);
}
inline int unfold(uint32_t z, int prediction, int range) {
  int v = prediction + (static_cast<int>(z >> 1) ^ -static_cast<int>(z & 1));
  if (v < 0) v += range;
  if (v >= range) v -= range;
  return v;
}

// A sample, and the samples of the references at its place.
template <typename Sample>
struct PredictedSample {
  const Sample *x, *a, *b;
  ptrdiff_t stride, a_stride, b_stride;
};
// Sample i of row y of a block.
template <typename Sample>
inline PredictedSample<Sample> sample_of(const PredictBlock<Sample>& k, int y, int i) {
  return {k.x + y * k.stride + i, k.a + y * k.a_stride + i, k.b + y * k.b_stride + i, k.stride, k.a_stride, k.b_stride};
}

// The prediction of a sample by a fixed kind.
template <typename Sample>
inline int predict_one(PredictKind kind, const PredictedSample<Sample>& at, int range) {
  const Sample *const x = at.x, *const a = at.a, *const b = at.b;
  const Sample *const up = x - at.stride, *const a1 = a - at.a_stride, *const b1 = b - at.b_stride;
  const auto mean = [](int u, int v) { return (u + v + 1) >> 1; };
  const auto with_difference = [&](int here, int west, int north, int corner) {
    return clamp_to(here + median(x[-1] - west, up[0] - north, up[-1] - corner), 0, range - 1);
  };
  switch (kind) {
    case PredictKind::kMed: return median(x[-1], up[0], up[-1]);
    case PredictKind::kWest: return x[-1];
    case PredictKind::kNorth: return up[0];
    case PredictKind::kA: return a[0];
    case PredictKind::kB: return b[0];
    case PredictKind::kMean: return mean(a[0], b[0]);
    case PredictKind::kAMed: return with_difference(a[0], a[-1], a1[0], a1[-1]);
    case PredictKind::kBMed: return with_difference(b[0], b[-1], b1[0], b1[-1]);
    case PredictKind::kMeanMed:
      return with_difference(mean(a[0], b[0]), mean(a[-1], b[-1]), mean(a1[0], b1[0]), mean(a1[-1], b1[-1]));
    case PredictKind::kLinear: break;
  }
  return 0;
}

// Call f(kind) for the fixed kinds that a frame with `refs` references may have.
template <typename F>
inline void each_fixed_kind(unsigned refs, F&& f) {
  f(PredictKind::kMed);
  if (refs == 0) {
    f(PredictKind::kWest);
    f(PredictKind::kNorth);
    return;
  }
  f(PredictKind::kA);
  f(PredictKind::kAMed);
  if (refs == 1) return;
  f(PredictKind::kB);
  f(PredictKind::kMean);
  f(PredictKind::kBMed);
  f(PredictKind::kMeanMed);
}

// PredictKernels::errors for columns from `first` on, one sample at a time.
template <typename Sample>
inline void errors_scalar(const PredictBlock<Sample>& k, unsigned refs, int step, int first,
                          uint32_t errors[kFixedKinds]) {
  each_fixed_kind(refs, [&](PredictKind kind) {
    uint32_t sum = 0;
    for (int y = 0; y < k.height; y += step) {
      for (int i = first; i < k.width; ++i) {
        const Sample* const x = k.x + y * k.stride + i;
        const int p = predict_one(kind, sample_of(k, y, i), k.range);
        sum += static_cast<uint32_t>(*x < p ? p - *x : *x - p);
      }
    }
    errors[static_cast<unsigned>(kind)] += sum;
  });
}

template <typename Sample>
inline uint32_t fold_scalar(PredictKind kind, const PredictBlock<Sample>& k, int first, Sample* z, ptrdiff_t z_stride) {
  uint32_t any = 0;
  for (int y = 0; y < k.height; ++y) {
    for (int i = first; i < k.width; ++i) {
      const Sample* const x = k.x + y * k.stride + i;
      const uint32_t r = fold(*x, predict_one(kind, sample_of(k, y, i), k.range), k.range);
      z[y * z_stride + i] = static_cast<Sample>(r);
      any |= r;
    }
  }
  return any;
}

template <typename Sample>
inline void unfold_scalar(const Sample* z, const Sample* p, const Sample* q, size_t first, size_t n, int range,
                          Sample* x) {
  for (size_t i = first; i < n; ++i)
    x[i] = static_cast<Sample>(unfold(z[i], q == nullptr ? p[i] : (p[i] + q[i] + 1) >> 1, range));
}

}  // namespace
}  // namespace stf
