// The context kernels over vectors: magnitudes of bytes in lanes of 16 bits, of deep samples in lanes of 32.

#include "dsp/context_rows.hpp"
#include "dsp/vec.hpp"

namespace stf {
namespace STF_ISA {
namespace {

template <typename Sample>
struct LaneOf {
  using type = uint16_t;
};
template <>
struct LaneOf<uint16_t> {
  using type = uint32_t;
};
template <typename Sample>
using Lane = typename LaneOf<Sample>::type;
template <typename Sample>
using Lanes = Vec<Lane<Sample>>;
template <typename Sample>
inline constexpr size_t kCount = kLanes<Lane<Sample>>;

template <typename Sample>
inline Lanes<Sample> get(const Sample* from) {
  return convert<Lanes<Sample>>(load<Half<Sample>>(from));
}

template <typename Sample>
void magnitudes(const Sample* z, size_t n, Sample* m) {
  size_t i = 0;
  for (; i + kLanes<Sample> <= n; i += kLanes<Sample>) {
    const auto v = load<Vec<Sample>>(z + i);
    store(m + i, (v >> 1) + (v & 1));
  }
  for (; i < n; ++i) m[i] = static_cast<Sample>(magnitude(z[i]));
}

template <typename Sample>
void above(const Sample* north, const Sample* north2, size_t n, bool west, Lane<Sample>* energy) {
  size_t i = 0;
  for (; i + kCount<Sample> <= n; i += kCount<Sample>) {
    const auto c = get(north + i), sides = get(north + i - 1) + get(north + i + 1), far = get(north2 + i);
    store(energy + i, west ? c + c + sides + far : 2 * (c + sides) + far + get(north + i + 2));
  }
  above_scalar(north, north2, i, n, west, energy);
}

// The levels of energies, found by comparison with where each level begins: 24, 32, 48, 64, ... up to the largest
// energy.
template <typename Sample>
inline Lanes<Sample> level_of(Lanes<Sample> u) {
  constexpr Lane<Sample> end = sizeof(Sample) == 1 ? 1024 : 1u << 18;
  auto level = min(u, splat<Lane<Sample>>(16));
  for (Lane<Sample> v = 16; v < end; v = static_cast<Lane<Sample>>(2 * v)) {
    level -= as<Lanes<Sample>>(u >= static_cast<Lane<Sample>>(v + v / 2));
    level -= as<Lanes<Sample>>(u >= static_cast<Lane<Sample>>(2 * v));
  }
  return level;
}

template <typename Sample>
void contexts(const Lane<Sample>* energy, const Sample* m, const uint8_t* detail, size_t n, unsigned levels,
              uint16_t* context) {
  using Bytes = typename VecOfBytes<uint8_t, kCount<Sample>>::type;
  using Words = typename VecOfBytes<uint16_t, 2 * kCount<Sample>>::type;
  size_t i = 0;
  for (; i + kCount<Sample> <= n; i += kCount<Sample>) {
    auto u = load<Lanes<Sample>>(energy + i);
    if (m != nullptr) u += 2 * get(m + i - 1) + get(m + i - 2);
    const auto d = convert<Lanes<Sample>>(load<Bytes>(detail + i));
    store(context + i, convert<Words>(d * static_cast<Lane<Sample>>(levels) + level_of<Sample>(u)));
  }
  contexts_scalar(energy, m, detail, i, n, levels, context);
}

template <typename V>
inline V step(V u, V v) {
  return max(u, v) - min(u, v);
}

template <unsigned refs, typename Sample>
void detail_of(const DetailRows<Sample>& from, size_t n, unsigned shift, uint8_t* level) {
  const Sample *const up = from.up, *const up2 = from.up2, *const a = from.a, *const b = from.b;
  const ptrdiff_t a_stride = from.a_stride;
  using Bytes = typename VecOfBytes<uint8_t, kCount<Sample>>::type;
  size_t i = 0;
  for (; i + kCount<Sample> <= n; i += kCount<Sample>) {
    Lanes<Sample> d;
    if constexpr (refs == 0) {
      const auto c = get(up + i);
      d = (step(c, get(up + i - 1)) + step(c, get(up + i + 1)) + step(c, get(up2 + i))) >> 1;
    } else if constexpr (refs == 1) {
      const auto c = get(a + i);
      d = step(c, get(a + i + 1)) + step(c, get(a + i + a_stride));
    } else {
      d = (step(get(a + i - 1), get(b + i - 1)) + 2 * step(get(a + i), get(b + i)) +
           step(get(a + i + 1), get(b + i + 1))) >>
          1;
    }
    d >>= static_cast<Lane<Sample>>(shift);
    Lanes<Sample> bits{};
    for (Lane<Sample> v = 1; v <= 16; v = static_cast<Lane<Sample>>(2 * v)) bits -= as<Lanes<Sample>>(d >= v);
    store(level + i, convert<Bytes>(bits));
  }
  detail_scalar(from, i, n, shift, level);
}

template <typename Sample>
void detail(const DetailRows<Sample>& from, size_t n, unsigned shift, uint8_t* level) {
  if (from.refs == 0) detail_of<0>(from, n, shift, level);
  else if (from.refs == 1) detail_of<1>(from, n, shift, level);
  else detail_of<2>(from, n, shift, level);
}

}  // namespace

void fill(ContextKernels& k) {
  k.magnitudes_8 = magnitudes<uint8_t>;
  k.magnitudes_16 = magnitudes<uint16_t>;
  k.above_8 = above<uint8_t>;
  k.above_16 = above<uint16_t>;
  k.contexts_8 = contexts<uint8_t>;
  k.contexts_16 = contexts<uint16_t>;
  k.detail_8 = detail<uint8_t>;
  k.detail_16 = detail<uint16_t>;
}

}  // namespace STF_ISA
}  // namespace stf
