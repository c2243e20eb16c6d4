// Contexts of single samples: for the scalar kernels, and for the samples that are left over beside whole vectors.
#pragma once

#if !defined(__GNUC__)
#include <bit>
#endif

#include "dsp/context.hpp"

namespace stf {
namespace {  // a copy in every file: those of other instruction sets must not reach the baseline (docs/hacking.md)

inline uint32_t magnitude(uint32_t z) { return (z + 1) >> 1; }

// The number of binary digits of u > 0.
inline unsigned digits(uint32_t u) {
#if defined(__GNUC__)
  return 32u - static_cast<unsigned>(__builtin_clz(u));
#else
  return static_cast<unsigned>(std::bit_width(u));
#endif
}

// The level of an energy, which is the weighted sum of the magnitudes of residuals around a sample.
inline unsigned energy_level(uint32_t u) {
  if (u < 16) return u;
  const unsigned n = digits(u);
  return 16 + (n - 5) * 2 + ((u >> (n - 2)) & 1);
}

// The level of a detail: the number of bits of d >> shift, at most 5.
inline unsigned detail_level(uint32_t d, unsigned shift) {
  const uint32_t v = d >> shift;
  return unsigned{v >= 1} + unsigned{v >= 2} + unsigned{v >= 4} + unsigned{v >= 8} + unsigned{v >= 16};
}

template <typename Sample>
inline uint32_t energy_above(const Sample* north, const Sample* north2, ptrdiff_t i, bool west) {
  if (west) return 2u * north[i] + north[i - 1] + north[i + 1] + north2[i];
  return 2u * (north[i] + north[i - 1] + north[i + 1]) + north2[i] + north[i + 2];
}
inline uint32_t energy_here(uint32_t above, uint32_t w, uint32_t ww) { return above + 2 * w + ww; }

// ContextKernels::above, from sample `first` on.
template <typename Sample, typename Energy>
inline void above_scalar(const Sample* north, const Sample* north2, size_t first, size_t n, bool west, Energy* energy) {
  for (size_t i = first; i < n; ++i)
    energy[i] = static_cast<Energy>(energy_above(north, north2, static_cast<ptrdiff_t>(i), west));
}

template <typename Sample, typename Energy>
inline void contexts_scalar(const Energy* energy, const Sample* m, const uint8_t* detail, size_t first, size_t n,
                            unsigned levels, uint16_t* context) {
  for (size_t i = first; i < n; ++i) {
    uint32_t u = energy[i];
    if (m != nullptr) {
      const Sample* const here = m + i;
      u = energy_here(u, here[-1], here[-2]);
    }
    context[i] = static_cast<uint16_t>(detail[i] * levels + energy_level(u));
  }
}

template <typename Sample>
inline void detail_scalar(const DetailRows<Sample>& from, size_t first, size_t n, unsigned shift, uint8_t* level) {
  const unsigned refs = from.refs;
  const Sample *const up = from.up, *const up2 = from.up2, *const a = from.a, *const b = from.b;
  const ptrdiff_t a_stride = from.a_stride;
  const auto step = [](int u, int v) { return static_cast<uint32_t>(u < v ? v - u : u - v); };
  for (auto i = static_cast<ptrdiff_t>(first); i < static_cast<ptrdiff_t>(n); ++i) {
    const uint32_t d = refs == 0   ? (step(up[i], up[i - 1]) + step(up[i], up[i + 1]) + step(up[i], up2[i])) / 2
                       : refs == 1 ? step(a[i], a[i + 1]) + step(a[i], a[i + a_stride])
                                   : (step(a[i - 1], b[i - 1]) + 2 * step(a[i], b[i]) + step(a[i + 1], b[i + 1])) / 2;
    level[i] = static_cast<uint8_t>(detail_level(d, shift));
  }
}

}  // namespace
}  // namespace stf
