// Prediction of a run: neighbouring samples of one row of a block or span (docs/format.md, 12.4). Here are the taps of
// linear predictors, and the way from residuals back to samples; dsp/predict.hpp and dsp/linear.hpp have the kernels.
#pragma once

#include <algorithm>
#include <type_traits>

#include "dsp/linear_rows.hpp"
#include "dsp/predict_rows.hpp"
#include "lossless/frames.hpp"

namespace stf::lossless {

// Where the samples of a run are, and those of its references at the same place. Pointers to what no predictor of the
// frame uses are NULL.
template <typename Sample>
struct Run {
  Sample* current;
  ptrdiff_t stride;
  const Sample *a, *b;  // references A and B at the vectors
  ptrdiff_t a_stride, b_stride;
  const Sample *previous, *previous_a;  // the component before, and its reference A at the vector
  ptrdiff_t previous_stride, previous_a_stride;
  int n;
  int range;
  bool top;  // row 0 of the frame

  // Go on to the same columns of the next row.
  void down() {
    current += stride;
    if (a != nullptr) a += a_stride;
    if (b != nullptr) b += b_stride;
    if (previous != nullptr) previous += previous_stride;
    if (previous_a != nullptr) previous_a += previous_a_stride;
    top = false;
  }
};

// The first taps are the two samples to the west: a sample must wait for them. All others are known before the run.
inline constexpr unsigned kSerialTaps = 2;

// List the taps of kLinear for a frame with `refs` references, in their normative order. A tap is a sample that the
// prediction depends on; with each goes the base that it is a difference to. Returns their number.
template <typename Sample>
unsigned list_taps(const Run<Sample>& r, unsigned refs, LinearTap<Sample> taps[kMaxTaps]) {
  const Sample* const c = r.current;
  const Sample* const up = c - r.stride;
  const Sample* const up2 = up - r.stride;
  const Sample* const base = refs == 0 ? up : r.a;
  const ptrdiff_t base_stride = refs == 0 ? r.stride : r.a_stride;
  unsigned n = 0;
  const auto here = [&](const Sample* tap) { taps[n++] = {tap, base, r.stride, base_stride}; };
  const auto in_a = [&](ptrdiff_t offset) { taps[n++] = {r.a + offset, base, r.a_stride, base_stride}; };
  const auto in_b = [&](ptrdiff_t offset) { taps[n++] = {r.b + offset, base, r.b_stride, base_stride}; };
  here(c - 1);
  here(c - 2);
  if (refs != 0) here(up);
  here(up - 1);
  here(up + 1);
  here(up2);
  if (refs == 0) {
    here(up2 + 1);
    here(up2 - 1);
    here(up - 2);
    here(up + 2);
  } else {
    in_a(-1);
    in_a(1);
    in_a(-r.a_stride);
    in_a(r.a_stride);
    if (refs == 1) {
      in_a(-r.a_stride - 1);
      in_a(-r.a_stride + 1);
      in_a(r.a_stride - 1);
      in_a(r.a_stride + 1);
    } else {
      in_b(0);
      in_b(-1);
      in_b(1);
      in_b(-r.b_stride);
      in_b(r.b_stride);
    }
  }
  if (r.previous != nullptr) {
    const Sample* const p = r.previous;
    const ptrdiff_t s = r.previous_stride;
    if (refs == 0) {
      taps[n++] = {p, p - s, s, s};
      taps[n++] = {p - 1, p - s, s, s};
    } else {
      taps[n++] = {p, r.previous_a, s, r.previous_a_stride};
      taps[n++] = {p - 1, r.previous_a - 1, s, r.previous_a_stride};
    }
  }
  return n;
}
// How many taps list_taps() gives; previous: whether there is a component before.
inline unsigned count_taps(unsigned refs, bool previous) {
  return (refs == 0 ? 9u : refs == 1 ? 14u : 15u) + (previous ? 2u : 0u);
}

// Samples x from the residuals z and a prediction: p, or the mean of p and q if q is not NULL.
template <typename Sample>
void unfold_row(const Sample* z, const Sample* p, std::type_identity_t<const Sample*> q, int n, int range, Sample* x) {
  const PredictKernels& k = predict_kernels();
  by_depth<Sample>(k.unfold_8, k.unfold_16)(z, p, q, static_cast<size_t>(n), range, x);
}

inline constexpr int kChunk = 256;  // samples that a linear predictor weighs at once

// The taps of a linear predictor that have a coefficient, without the serial ones, at some sample of a run.
template <typename Sample>
struct ActiveTaps {
  const Sample *tap[kMaxTaps], *from[kMaxTaps], *base;
  int16_t coefficient[kMaxTaps];
  unsigned used = 0;

  ActiveTaps(const Predictor& predictor, const Run<Sample>& r, unsigned refs) {
    LinearTap<Sample> taps[kMaxTaps];
    const unsigned n = list_taps(r, refs, taps);
    base = taps[0].base;
    for (unsigned k = kSerialTaps; k < n; ++k) {
      if (predictor.coefficient[k] == 0) continue;
      tap[used] = taps[k].tap;
      from[used] = taps[k].base;
      coefficient[used++] = predictor.coefficient[k];
    }
  }
  // What they add to the predictions of the next n samples.
  void sums(int n, int32_t* sum) const {
    const LinearKernels& k = linear_kernels();
    by_depth<Sample>(k.weigh_8, k.weigh_16)(tap, from, coefficient, used, static_cast<size_t>(n), sum);
  }
  // Go on by n samples.
  void forward(int n) {
    for (unsigned k = 0; k < used; ++k) tap[k] += n, from[k] += n;
    base += n;
  }
};

// The residual with number z: 0, -1, 1, -2, ...
inline int signed_residual(uint32_t z) { return static_cast<int>(z >> 1) ^ -static_cast<int>(z & 1); }

// The sample that has residual r to a prediction, modulo the range. kFull: the range is all that a Sample can hold, so
// that it wraps by itself.
template <bool kFull, typename Sample>
inline Sample add_residual(int r, int prediction, int range) {
  int v = prediction + r;
  if constexpr (!kFull) {
    if (v < 0) v += range;
    if (v >= range) v -= range;
  }
  return static_cast<Sample>(v);
}

// Residuals to samples with a linear predictor. All taps but the serial ones are weighed for many samples at once.
template <bool kFull, typename Sample>
void unfold_linear_run(const Predictor& predictor, const Run<Sample>& r, unsigned refs, const Sample* residual) {
  ActiveTaps<Sample> taps(predictor, r, refs);
  const int c0 = predictor.coefficient[0], c1 = predictor.coefficient[1], range = r.range;
  Sample* x = r.current;
  int w = x[-1], ww = x[-2];
  for (int left = r.n; left > 0; left -= kChunk) {
    const int n = std::min(kChunk, left);
    int32_t sum[kChunk];
    taps.sums(n, sum);
    const Sample* const base = taps.base;
    for (int i = 0; i < n; ++i) {
      const int o = base[i];
      const int32_t s = sum[i] + c0 * (w - o) + c1 * (ww - o);
      // -1 turns the sign round. Arithmetic, since a branch would be a coin toss.
      const int change = -static_cast<int>(rounded_down(s));
      const int signed_r = (signed_residual(residual[i]) ^ change) - change;
      ww = w;
      w = x[i] = add_residual<kFull, Sample>(signed_r, linear_prediction(o, s, range), range);
    }
    taps.forward(n);
    x += n;
    residual += n;
  }
}

// Residuals to samples with any predictor.
template <bool kFull, typename Sample>
void unfold_run_of(const Predictor& predictor, const Run<Sample>& r, unsigned refs, const Sample* residual) {
  Sample* const x = r.current;
  const Sample* const up = x - r.stride;
  const Sample *const a = r.a, *const b = r.b;
  const int n = r.n, range = r.range;
  // The prediction of each sample needs the one before.
  const auto serial = [&](auto&& predict) {
    int w = x[-1];
    for (int i = 0; i < n; ++i)
      w = x[i] = add_residual<kFull, Sample>(signed_residual(residual[i]), predict(i, w), range);
  };
  // A reference, plus the median predictor of the differences to it; `here1` is the reference's row above.
  const auto with_difference = [&](auto&& here, auto&& here1) {
    serial([&](int i, int w) {
      return clamp_to(here(i) + median(w - here(i - 1), up[i] - here1(i), up[i - 1] - here1(i - 1)), 0, range - 1);
    });
  };
  const auto of = [](const Sample* s) { return [s](int i) -> int { return s[i]; }; };
  switch (refs == 0 && r.top ? Kind::kWest : predictor.kind) {
    case Kind::kMed: return serial([&](int i, int w) { return median(w, up[i], up[i - 1]); });
    case Kind::kWest: return serial([&](int, int w) { return w; });
    case Kind::kNorth: return unfold_row(residual, up, nullptr, n, range, x);
    case Kind::kA: return unfold_row(residual, a, nullptr, n, range, x);
    case Kind::kB: return unfold_row(residual, b, nullptr, n, range, x);
    case Kind::kMean: return unfold_row(residual, a, b, n, range, x);
    case Kind::kAMed: return with_difference(of(a), of(a - r.a_stride));
    case Kind::kBMed: return with_difference(of(b), of(b - r.b_stride));
    case Kind::kMeanMed: {
      const auto mean = [](const Sample* u, const Sample* v) { return [=](int i) { return (u[i] + v[i] + 1) >> 1; }; };
      return with_difference(mean(a, b), mean(a - r.a_stride, b - r.b_stride));
    }
    case Kind::kLinear: return unfold_linear_run<kFull>(predictor, r, refs, residual);
  }
}

// Turn the residuals of a run into its samples, which are written to the frame.
template <typename Sample>
void unfold_run(const Predictor& predictor, const Run<Sample>& r, unsigned refs, const Sample* residual) {
  if (r.range == 1 << (8 * sizeof(Sample))) unfold_run_of<true>(predictor, r, refs, residual);
  else unfold_run_of<false>(predictor, r, refs, residual);
}

}  // namespace stf::lossless
