// Contexts of residuals (docs/format.md, 12.5): an energy, from the magnitudes of residuals around, and a detail, from
// samples. They depend on residuals that are decoded, on rows that are reconstructed and on references, never on the
// sample to the west: so all residuals of a row can be decoded before its samples are reconstructed.
#pragma once

#include <type_traits>

#include "dsp/context_rows.hpp"
#include "lossless/predict.hpp"

namespace stf::lossless {

// The magnitudes of the residuals of three rows: rows[0] is the one being coded, [1] and [2] are those above it. Two
// zeros precede and follow each.
template <typename Sample>
class MagnitudeRows {
 public:
  bool allocate(const stf_env& env, int x) {
    stride_ = static_cast<size_t>(x) + 4;
    if (!memory_.allocate(env, 3 * stride_)) return false;
    restart();
    return true;
  }
  // Begin a frame: there are no residuals above it.
  void restart() {
    std::memset(memory_.data(), 0, 3 * stride_ * sizeof(Sample));
    for (size_t k = 0; k < 3; ++k) rows_[k] = memory_.data() + k * stride_ + 2;
  }
  // Go on to the next row: the current one becomes the one above.
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

// The kernels of dsp/context.hpp for one width of samples.
template <typename Sample>
struct ContextRows {
  using Energy = std::conditional_t<sizeof(Sample) == 1, uint16_t, uint32_t>;
  const ContextKernels& k = context_kernels();
  void magnitudes(const Sample* z, size_t n, Sample* m) const {
    by_depth<Sample>(k.magnitudes_8, k.magnitudes_16)(z, n, m);
  }
  void above(const MagnitudeRows<Sample>& m, size_t n, bool west, Energy* e) const {
    by_depth<Sample>(k.above_8, k.above_16)(m[1], m[2], n, west, e);
  }
  void contexts(const Energy* e, const Sample* m, const uint8_t* detail, size_t n, unsigned levels,
                uint16_t* context) const {
    by_depth<Sample>(k.contexts_8, k.contexts_16)(e, m, detail, n, levels, context);
  }
  void detail(unsigned refs, const Run<Sample>& r, unsigned shift, uint8_t* level) const {
    const DetailRows<Sample> from{refs, r.current - r.stride, r.current - 2 * r.stride, r.a, r.a_stride, r.b};
    by_depth<Sample>(k.detail_8, k.detail_16)(from, static_cast<size_t>(r.n), shift, level);
  }
};

}  // namespace stf::lossless
