// Prediction of a run of samples of one row: the same code finds residuals in the encoder and undoes them in the
// decoder (docs/format.md, 12.4).
#pragma once

#include <algorithm>

#include "dsp/linear.hpp"
#include "lossless/frames.hpp"

namespace stf::lossless {

// Residuals are taken modulo the range and numbered 0, -1, 1, -2, ...
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
inline uint32_t magnitude(uint32_t z) { return (z + 1) >> 1; }

// Median of w, n and w + n - nw.
inline int median(int w, int n, int nw) {
  const int low = std::min(w, n), high = std::max(w, n);
  return std::clamp(w + n - nw, low, high);
}

// Where the samples of a run and its references are. Pointers to what a predictor does not use may be NULL.
template <typename Sample>
struct Run {
  Sample* current;
  ptrdiff_t stride;
  const Sample *a, *b;                  // references A and B at the vectors
  ptrdiff_t a_stride, b_stride;
  const Sample *previous, *previous_a;  // the component before, and its reference A at the vector
  ptrdiff_t previous_stride, previous_a_stride;
  int n;
  int range;
  bool top;                             // row 0 of the frame

  // The same run one row further down.
  void down() {
    current += stride;
    if (a != nullptr) a += a_stride;
    if (b != nullptr) b += b_stride;
    if (previous != nullptr) previous += previous_stride;
    if (previous_a != nullptr) previous_a += previous_a_stride;
    top = false;
  }
};

// One tap: what it adds to the prediction is coefficient * (tap - base).
template <typename Sample>
struct Tap {
  const Sample *tap, *base;
  ptrdiff_t tap_stride, base_stride;
};

inline constexpr unsigned kSerialTaps = 2;  // W and WW come first

// The taps of kLinear for a frame with `refs` references, in their normative order. Returns their number.
template <typename Sample>
unsigned list_taps(const Run<Sample>& r, unsigned refs, Tap<Sample> taps[kMaxTaps]) {
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
// Where some of them are.
inline constexpr unsigned kTapWest = 0;
inline unsigned tap_north(unsigned refs) { return refs == 0 ? kMaxTaps : 2; }  // without references: the base
inline unsigned tap_corner(unsigned refs) { return refs == 0 ? 2 : 3; }
inline constexpr unsigned kTapWestA = 6, kTapNorthA = 8, kTapCornerA = 10;  // the corner with one reference only
inline constexpr unsigned kTapB = 10, kTapWestB = 11, kTapNorthB = 13;
inline unsigned count_taps(unsigned refs, bool previous) {
  return (refs == 0 ? 9u : refs == 1 ? 14u : 15u) + (previous ? 2u : 0u);
}

// kDecode: residuals -> samples, else samples -> residuals.
template <bool kDecode, typename Sample, typename Predict>
inline void each(const Run<Sample>& r, Sample* residual, Predict&& predict) {
  for (int i = 0; i < r.n; ++i) {
    const int p = predict(i);
    if constexpr (kDecode) r.current[i] = static_cast<Sample>(unfold(residual[i], p, r.range));
    else residual[i] = static_cast<Sample>(fold(r.current[i], p, r.range));
  }
}

inline void weigh(const uint8_t* const* tap, const uint8_t* const* base, const int16_t* coefficient, unsigned taps,
                  int n, int32_t* sum) {
  linear_kernels().weigh_8(tap, base, coefficient, taps, static_cast<size_t>(n), sum);
}
inline void weigh(const uint16_t* const* tap, const uint16_t* const* base, const int16_t* coefficient, unsigned taps,
                  int n, int32_t* sum) {
  linear_kernels().weigh_16(tap, base, coefficient, taps, static_cast<size_t>(n), sum);
}

// Everything but W and WW is known before the run: it is weighed at once.
template <bool kDecode, typename Sample>
void linear(const Predictor& predictor, const Run<Sample>& r, unsigned refs, Sample* residual) {
  Tap<Sample> taps[kMaxTaps];
  const unsigned n_taps = list_taps(r, refs, taps);
  const Sample *tap[kMaxTaps], *from[kMaxTaps];
  int16_t coefficient[kMaxTaps];
  unsigned used = 0;
  for (unsigned k = kDecode ? kSerialTaps : 0; k < n_taps; ++k) {
    if (predictor.coefficient[k] == 0) continue;
    tap[used] = taps[k].tap;
    from[used] = taps[k].base;
    coefficient[used++] = predictor.coefficient[k];
  }
  const Sample* base = taps[0].base;
  Sample* x = r.current;
  const int c0 = predictor.coefficient[0], c1 = predictor.coefficient[1], range = r.range;
  constexpr int kChunk = 256;
  for (int left = r.n; left > 0; left -= kChunk) {
    const int n = std::min(kChunk, left);
    int32_t sum[kChunk];
    weigh(tap, from, coefficient, used, n, sum);
    for (unsigned k = 0; k < used; ++k) tap[k] += n, from[k] += n;
    if constexpr (kDecode) {
      int w = x[-1], ww = x[-2];
      for (int i = 0; i < n; ++i) {
        const int o = base[i];
        const int p = std::clamp(o + ((sum[i] + c0 * (w - o) + c1 * (ww - o)) >> kCoefficientBits), 0, range - 1);
        ww = w;
        w = unfold(residual[i], p, range);
        x[i] = static_cast<Sample>(w);
      }
    } else {
      for (int i = 0; i < n; ++i) {
        const int p = std::clamp(base[i] + (sum[i] >> kCoefficientBits), 0, range - 1);
        residual[i] = static_cast<Sample>(fold(x[i], p, range));
      }
    }
    base += n;
    x += n;
    residual += n;
  }
}

template <bool kDecode, typename Sample>
void predict_run(const Predictor& predictor, const Run<Sample>& r, unsigned refs, Sample* residual) {
  const Sample* const x = r.current;
  const Sample* const up = x - r.stride;
  const Sample *const a = r.a, *const b = r.b;
  const int top = r.range - 1;
  // Differences to a reference, at the sample's W, N, NW; `a1` is the reference's row above.
  const auto with_difference = [&](int i, int here, int west, int north, int corner) {
    return std::clamp(here + median(x[i - 1] - west, up[i] - north, up[i - 1] - corner), 0, top);
  };
  switch (refs == 0 && r.top ? Kind::kWest : predictor.kind) {
    case Kind::kMed:
      return each<kDecode>(r, residual, [&](int i) { return median(x[i - 1], up[i], up[i - 1]); });
    case Kind::kWest: return each<kDecode>(r, residual, [&](int i) { return x[i - 1]; });
    case Kind::kNorth: return each<kDecode>(r, residual, [&](int i) { return up[i]; });
    case Kind::kA: return each<kDecode>(r, residual, [&](int i) { return a[i]; });
    case Kind::kB: return each<kDecode>(r, residual, [&](int i) { return b[i]; });
    case Kind::kMean: return each<kDecode>(r, residual, [&](int i) { return (a[i] + b[i] + 1) >> 1; });
    case Kind::kAMed: {
      const Sample* const a1 = a - r.a_stride;
      return each<kDecode>(r, residual, [&](int i) { return with_difference(i, a[i], a[i - 1], a1[i], a1[i - 1]); });
    }
    case Kind::kBMed: {
      const Sample* const b1 = b - r.b_stride;
      return each<kDecode>(r, residual, [&](int i) { return with_difference(i, b[i], b[i - 1], b1[i], b1[i - 1]); });
    }
    case Kind::kMeanMed: {
      const Sample *const a1 = a - r.a_stride, *const b1 = b - r.b_stride;
      const auto mean = [](int u, int v) { return (u + v + 1) >> 1; };
      return each<kDecode>(r, residual, [&](int i) {
        return with_difference(i, mean(a[i], b[i]), mean(a[i - 1], b[i - 1]), mean(a1[i], b1[i]),
                               mean(a1[i - 1], b1[i - 1]));
      });
    }
    case Kind::kLinear: return linear<kDecode>(predictor, r, refs, residual);
  }
}

}  // namespace stf::lossless
