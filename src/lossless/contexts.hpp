// Contexts of residuals (docs/format.md, 12.5). They depend on residuals already decoded, on rows already
// reconstructed and on references, never on the sample to the west: a row's residuals can be decoded before the row
// is reconstructed.
#pragma once

#include "lossless/frames.hpp"

namespace stf::lossless {

// Magnitudes of the residuals of a row and the two above, with two zeros around. m[0] is the row being coded.
template <typename Sample>
class MagnitudeRows {
 public:
  bool allocate(const stf_env& env, int x) {
    stride_ = static_cast<size_t>(x) + 4;
    if (!memory_.allocate(env, 3 * stride_)) return false;
    restart();
    return true;
  }
  void restart() {
    std::memset(memory_.data(), 0, 3 * stride_ * sizeof(Sample));
    for (size_t k = 0; k < 3; ++k) rows_[k] = memory_.data() + k * stride_ + 2;
  }
  // The current row becomes the one above.
  void next() {
    Sample* const old = rows_[2];
    rows_[2] = rows_[1];
    rows_[1] = rows_[0];
    rows_[0] = old;
  }
  Sample* operator[](int up) const { return rows_[up]; }

 private:
  size_t stride_ = 0;
  Sample* rows_[3] = {};
  Buffer<Sample> memory_;
};

// What the rows above contribute to the energy: 2 N + NW + NE + NN.
template <typename Sample>
inline void energy_above(const MagnitudeRows<Sample>& m, int x, uint32_t* energy) {
  const Sample *const n = m[1], *const nn = m[2];
  for (int i = 0; i < x; ++i) energy[i] = 2u * n[i] + n[i - 1] + n[i + 1] + nn[i];
}
inline uint32_t energy_here(uint32_t above, uint32_t w, uint32_t ww) { return above + 2 * w + ww; }

// How detailed the surroundings of each sample of a run are, from what is known before its row: without references
// the steps of the rows above; with one, its gradient; with two, how much they disagree.
template <typename Sample>
inline void detail_run(unsigned refs, const Sample* up, const Sample* up2, const Sample* a, ptrdiff_t a_stride,
                       const Sample* b, int n, unsigned shift, uint8_t* level) {
  const auto step = [](int u, int v) { return static_cast<uint32_t>(u < v ? v - u : u - v); };
  if (refs == 0) {
    for (int i = 0; i < n; ++i)
      level[i] = static_cast<uint8_t>(
          detail_level((step(up[i], up[i - 1]) + step(up[i], up[i + 1]) + step(up[i], up2[i])) / 2, shift));
  } else if (refs == 1) {
    for (int i = 0; i < n; ++i)
      level[i] = static_cast<uint8_t>(
          detail_level((step(a[i], a[i + 1]) + step(a[i], a[i + a_stride])), shift));
  } else {
    for (int i = 0; i < n; ++i)
      level[i] = static_cast<uint8_t>(
          detail_level((step(a[i - 1], b[i - 1]) + 2 * step(a[i], b[i]) + step(a[i + 1], b[i + 1])) / 2, shift));
  }
}

}  // namespace stf::lossless
