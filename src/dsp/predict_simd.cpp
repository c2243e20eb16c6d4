// The kernels of fixed predictors over vectors: columns of a block in lanes, bytes in lanes of 16 bits, deep samples in
// lanes of 32. A block's columns go through whole registers, then halves of them; the few that are left one by one.

#include "dsp/predict_lanes.hpp"
#include "dsp/predict_rows.hpp"

namespace stf {
namespace STF_ISA {
namespace {

template <typename V>
inline V median_of(V w, V n, V nw) {
  return clamp(w + n - nw, min(w, n), max(w, n));
}

// The samples that the predictors of one row of lanes look at.
template <typename Sample, size_t bytes>
struct Sight {
  using W = Wide<Sample, bytes>;
  using V = typename W::V;
  const Sample *x, *up, *a, *a1, *b, *b1;
  V top;

  V here() const { return W::get(x); }
  static V mean(V u, V v) { return (u + v + 1) >> 1; }
  V with_difference(V centre, V west, V north, V corner) const {
    const V d = median_of(W::get(x - 1) - west, W::get(up) - north, W::get(up - 1) - corner);
    return clamp(centre + d, V{}, top);
  }
  template <PredictKind kind>
  V predict() const {
    if constexpr (kind == PredictKind::kMed) return median_of(W::get(x - 1), W::get(up), W::get(up - 1));
    if constexpr (kind == PredictKind::kWest) return W::get(x - 1);
    if constexpr (kind == PredictKind::kNorth) return W::get(up);
    if constexpr (kind == PredictKind::kA) return W::get(a);
    if constexpr (kind == PredictKind::kB) return W::get(b);
    if constexpr (kind == PredictKind::kMean) return mean(W::get(a), W::get(b));
    if constexpr (kind == PredictKind::kAMed)
      return with_difference(W::get(a), W::get(a - 1), W::get(a1), W::get(a1 - 1));
    if constexpr (kind == PredictKind::kBMed)
      return with_difference(W::get(b), W::get(b - 1), W::get(b1), W::get(b1 - 1));
    if constexpr (kind == PredictKind::kMeanMed)
      return with_difference(mean(W::get(a), W::get(b)), mean(W::get(a - 1), W::get(b - 1)),
                             mean(W::get(a1), W::get(b1)), mean(W::get(a1 - 1), W::get(b1 - 1)));
  }
};

template <typename Sample, size_t bytes>
inline Sight<Sample, bytes> sight_of(const PredictBlock<Sample>& k, int y, int column) {
  using V = typename Wide<Sample, bytes>::V;
  const Sample* const x = k.x + y * k.stride + column;
  const Sample* const a = k.a + y * k.a_stride + column;
  const Sample* const b = k.b + y * k.b_stride + column;
  return {x,
          x - k.stride,
          a,
          a - k.a_stride,
          b,
          b - k.b_stride,
          V{} + static_cast<typename Wide<Sample, bytes>::Lane>(k.range - 1)};
}

// Call f<kind>() for the fixed kinds that a frame with `refs` references may have.
template <unsigned refs, typename F>
inline void each_kind(F&& f) {
  using enum PredictKind;
  f.template operator()<kMed>();
  if constexpr (refs == 0) {
    f.template operator()<kWest>();
    f.template operator()<kNorth>();
  } else {
    f.template operator()<kA>();
    f.template operator()<kAMed>();
  }
  if constexpr (refs == 2) {
    f.template operator()<kB>();
    f.template operator()<kMean>();
    f.template operator()<kBMed>();
    f.template operator()<kMeanMed>();
  }
}

// PredictKernels::errors for whole registers. Sums of a column stay in their lanes: 16 errors of bytes fit 16 bits.
template <typename Sample, size_t bytes, unsigned refs>
void errors_columns(const PredictBlock<Sample>& k, int step, int column, uint32_t errors[kFixedKinds]) {
  using V = typename Wide<Sample, bytes>::V;
  V sums[kFixedKinds] = {};
  for (int y = 0; y < k.height; y += step) {
    const auto s = sight_of<Sample, bytes>(k, y, column);
    const V x = s.here();
    each_kind<refs>([&]<PredictKind kind>() {
      const V d = x - s.template predict<kind>();
      sums[static_cast<unsigned>(kind)] += max(d, -d);
    });
  }
  each_kind<refs>([&]<PredictKind kind>() {
    uint32_t sum = 0;
    for (int i = 0; i < Wide<Sample, bytes>::kCount; ++i)
      sum += static_cast<uint32_t>(sums[static_cast<unsigned>(kind)][i]);
    errors[static_cast<unsigned>(kind)] += sum;
  });
}

template <typename Sample, unsigned refs>
void errors_of(const PredictBlock<Sample>& k, int step, uint32_t errors[kFixedKinds]) {
  each_kind<refs>([&]<PredictKind kind>() { errors[static_cast<unsigned>(kind)] = 0; });
  const int column = each_register<Sample>(
      k.width, [&]<size_t bytes>(int first) { errors_columns<Sample, bytes, refs>(k, step, first, errors); });
  if (column < k.width) errors_scalar(k, refs, step, column, errors);
}

template <typename Sample>
void errors(const PredictBlock<Sample>& k, unsigned refs, int step, uint32_t out[kFixedKinds]) {
  if (refs == 0) errors_of<Sample, 0>(k, step, out);
  else if (refs == 1) errors_of<Sample, 1>(k, step, out);
  else errors_of<Sample, 2>(k, step, out);
}

template <typename Sample, size_t bytes, PredictKind kind>
bool fold_columns(const PredictBlock<Sample>& k, int column, Sample* z, ptrdiff_t z_stride) {
  using W = Wide<Sample, bytes>;
  typename W::V all{};
  for (int y = 0; y < k.height; ++y) {
    const auto s = sight_of<Sample, bytes>(k, y, column);
    const auto r = number(s.here() - s.template predict<kind>(), static_cast<typename W::Lane>(k.range));
    W::put(z + y * z_stride + column, r);
    all |= r;
  }
  return any(all);
}

template <typename Sample, PredictKind kind>
bool fold_kind(const PredictBlock<Sample>& k, Sample* z, ptrdiff_t z_stride) {
  bool some = false;
  const int column = each_register<Sample>(
      k.width, [&]<size_t bytes>(int first) { some |= fold_columns<Sample, bytes, kind>(k, first, z, z_stride); });
  if (column < k.width) some |= fold_scalar(kind, k, column, z, z_stride) != 0;
  return some;
}

template <typename Sample>
bool fold_block(PredictKind kind, const PredictBlock<Sample>& k, Sample* z, ptrdiff_t z_stride) {
  using enum PredictKind;
  switch (kind) {
    case kMed: return fold_kind<Sample, kMed>(k, z, z_stride);
    case kWest: return fold_kind<Sample, kWest>(k, z, z_stride);
    case kNorth: return fold_kind<Sample, kNorth>(k, z, z_stride);
    case kA: return fold_kind<Sample, kA>(k, z, z_stride);
    case kB: return fold_kind<Sample, kB>(k, z, z_stride);
    case kMean: return fold_kind<Sample, kMean>(k, z, z_stride);
    case kAMed: return fold_kind<Sample, kAMed>(k, z, z_stride);
    case kBMed: return fold_kind<Sample, kBMed>(k, z, z_stride);
    case kMeanMed: return fold_kind<Sample, kMeanMed>(k, z, z_stride);
    case kLinear: break;
  }
  return false;
}

template <typename Sample>
void unfold_row(const Sample* z, const Sample* p, const Sample* q, size_t n, int range, Sample* x) {
  using W = Wide<Sample, kVecBytes>;
  using V = typename W::V;
  const auto all = static_cast<typename W::Lane>(range);
  size_t i = 0;
  for (; i + W::kCount <= n; i += W::kCount) {
    V v = W::get(p + i);
    if (q != nullptr) v = (v + W::get(q + i) + 1) >> 1;
    const V r = W::get(z + i);
    v += (r >> 1) ^ -(r & 1);
    v += (v < 0) & all;
    v -= (v >= all) & all;
    W::put(x + i, v);
  }
  unfold_scalar(z, p, q, i, n, range, x);
}

}  // namespace

void fill(PredictKernels& k) {
  k.errors_8 = errors<uint8_t>;
  k.errors_16 = errors<uint16_t>;
  k.fold_8 = fold_block<uint8_t>;
  k.fold_16 = fold_block<uint16_t>;
  k.unfold_8 = unfold_row<uint8_t>;
  k.unfold_16 = unfold_row<uint16_t>;
}

}  // namespace STF_ISA
}  // namespace stf
