// The interleaving kernels by byte shuffles: 16 bytes of one plane correspond to `count` times 16 interleaved
// ones, and each 16 bytes on one side are the OR of shuffles of those on the other.

#include "dsp/interleave.hpp"
#include "dsp/vec.hpp"

namespace stf {
namespace STF_ISA {
namespace {

using Bytes = Vec128<uint8_t>;

struct Masks {
  Vec128<int8_t> mask[4];
};

// Which bytes of the k-th interleaved 16 go where in the gathered 16.
template <typename T, size_t step>
constexpr Masks gather_masks() {
  Masks m{};
  for (int k = 0; k < 4; ++k)
    for (int i = 0; i < 16; ++i) {
      const int unit = static_cast<int>(sizeof(T));
      const int at = (i / unit) * static_cast<int>(step) * unit + i % unit - 16 * k;
      m.mask[k][i] = static_cast<int8_t>(at >= 0 && at < 16 ? at : -1);
    }
  return m;
}

template <typename T, size_t step>
void gather(T* to, const void* from, size_t n) {
  static const Masks masks = gather_masks<T, step>();
  constexpr size_t lanes = 16 / sizeof(T);
  const auto* p = static_cast<const uint8_t*>(from);
  size_t i = 0;
  // A whole block reads up to the pixel after it, which must be there.
  for (; i + lanes < n; i += lanes, p += 16 * step) {
    Bytes v = shuffle_bytes(load<Bytes>(p), masks.mask[0]);
    for (size_t k = 1; k < step; ++k) v |= shuffle_bytes(load<Bytes>(p + 16 * k), masks.mask[k]);
    store(to + i, v);
  }
  for (; i < n; ++i, p += step * sizeof(T)) __builtin_memcpy(to + i, p, sizeof(T));
}

// Which bytes of plane c go where in the k-th interleaved 16.
struct JoinMasks {
  Vec128<int8_t> mask[4][4];
};
template <typename T, size_t count>
constexpr JoinMasks join_masks() {
  JoinMasks m{};
  for (int k = 0; k < 4; ++k)
    for (int c = 0; c < 4; ++c)
      for (int i = 0; i < 16; ++i) {
        const int unit = static_cast<int>(sizeof(T)), planes = static_cast<int>(count);
        const int at = 16 * k + i, sample = at / unit;
        m.mask[k][c][i] = static_cast<int8_t>(sample % planes == c ? sample / planes * unit + at % unit : -1);
        if (m.mask[k][c][i] >= 16) m.mask[k][c][i] = -1;
      }
  return m;
}

template <typename T, size_t count>
void join(void* to, const T* const* from, size_t n) {
  static const JoinMasks masks = join_masks<T, count>();
  constexpr size_t lanes = 16 / sizeof(T);
  auto* p = static_cast<uint8_t*>(to);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes, p += 16 * count) {
    Bytes planes[count];
    for (size_t c = 0; c < count; ++c) planes[c] = load<Bytes>(from[c] + i);
    for (size_t k = 0; k < count; ++k) {
      Bytes v = shuffle_bytes(planes[0], masks.mask[k][0]);
      for (size_t c = 1; c < count; ++c) v |= shuffle_bytes(planes[c], masks.mask[k][c]);
      store(p + 16 * k, v);
    }
  }
  for (; i < n; ++i, p += count * sizeof(T))
    for (size_t c = 0; c < count; ++c) __builtin_memcpy(p + c * sizeof(T), from[c] + i, sizeof(T));
}

}  // namespace

void fill(InterleaveKernels& k) {
  // The compiler vectorises steps of 2 and 4 by itself, as well as these would.
  k.gather_8[3] = gather<uint8_t, 3>, k.gather_16[3] = gather<uint16_t, 3>;
  k.join_8[2] = join<uint8_t, 2>, k.join_8[3] = join<uint8_t, 3>, k.join_8[4] = join<uint8_t, 4>;
  k.join_16[2] = join<uint16_t, 2>, k.join_16[3] = join<uint16_t, 3>, k.join_16[4] = join<uint16_t, 4>;
}

}  // namespace STF_ISA
}  // namespace stf
