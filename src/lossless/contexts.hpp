// Contexts of residuals (docs/format.md, 12.5). They depend on residuals already decoded, on rows already
// reconstructed and on references, never on the sample to the west: a row's residuals can be decoded before the row
// is reconstructed.
#pragma once

#include "dsp/context_rows.hpp"
#include "lossless/predict.hpp"

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

// The kernels of dsp/context.hpp by the width of a sample.
template <typename Sample>
struct ContextRows;
template <>
struct ContextRows<uint8_t> {
  using Energy = uint16_t;
  const ContextKernels& k = context_kernels();
  void magnitudes(const uint8_t* z, size_t n, uint8_t* m) const { k.magnitudes_8(z, n, m); }
  void above(const MagnitudeRows<uint8_t>& m, size_t n, bool west, Energy* e) const {
    k.above_8(m[1], m[2], n, west, e);
  }
  void contexts(const Energy* e, const uint8_t* m, const uint8_t* detail, size_t n, unsigned levels,
                uint16_t* context) const {
    k.contexts_8(e, m, detail, n, levels, context);
  }
  void detail(unsigned refs, const Run<uint8_t>& r, unsigned shift, uint8_t* level) const {
    k.detail_8(refs, r.current - r.stride, r.current - 2 * r.stride, r.a, r.a_stride, r.b, static_cast<size_t>(r.n),
               shift, level);
  }
};
template <>
struct ContextRows<uint16_t> {
  using Energy = uint32_t;
  const ContextKernels& k = context_kernels();
  void magnitudes(const uint16_t* z, size_t n, uint16_t* m) const { k.magnitudes_16(z, n, m); }
  void above(const MagnitudeRows<uint16_t>& m, size_t n, bool west, Energy* e) const {
    k.above_16(m[1], m[2], n, west, e);
  }
  void contexts(const Energy* e, const uint16_t* m, const uint8_t* detail, size_t n, unsigned levels,
                uint16_t* context) const {
    k.contexts_16(e, m, detail, n, levels, context);
  }
  void detail(unsigned refs, const Run<uint16_t>& r, unsigned shift, uint8_t* level) const {
    k.detail_16(refs, r.current - r.stride, r.current - 2 * r.stride, r.a, r.a_stride, r.b,
                static_cast<size_t>(r.n), shift, level);
  }
};

}  // namespace stf::lossless
