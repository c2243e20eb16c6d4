// Deblocking over vectors. The two sides of an edge mirror each other: a vector holds four lines of both, so that its low
// half is what lies before the edge and its high half what lies after.

#include "dsp/deblock.hpp"
#include "dsp/vec.hpp"

namespace stf {
namespace STF_ISA {
namespace {

using V = Vec128<int16_t>;
using Sums = Vec128<int32_t>;

inline V low_low(V a, V b) { return __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11); }
inline V high_high(V a, V b) { return __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15); }
inline V high_low(V a, V b) { return __builtin_shufflevector(a, b, 4, 5, 6, 7, 8, 9, 10, 11); }
inline V low_high(V a, V b) { return __builtin_shufflevector(a, b, 0, 1, 2, 3, 12, 13, 14, 15); }
inline V other_side(V a) { return __builtin_shufflevector(a, a, 4, 5, 6, 7, 0, 1, 2, 3); }
inline V zip_low32(V a, V b) { return __builtin_shufflevector(a, b, 0, 1, 8, 9, 2, 3, 10, 11); }
inline V zip_high32(V a, V b) { return __builtin_shufflevector(a, b, 4, 5, 12, 13, 6, 7, 14, 15); }
inline V zip_halves(V a) { return __builtin_shufflevector(a, a, 0, 4, 1, 5, 2, 6, 3, 7); }
inline V magnitude(V v) { return max(v, -v); }
inline V all(int v) { return V{} + static_cast<int16_t>(v); }

// side[i]: the samples i away from the edge.
template <int depth>
inline void load_rows(const uint16_t* at, ptrdiff_t across, V side[depth]) {
  for (int i = 0; i < depth; ++i)
    side[i] = load_halves<V>(at - (i + 1) * across, at + i * across);
}
inline void store_rows(uint16_t* at, ptrdiff_t across, int i, V side) {
  store_halves(at - (i + 1) * across, at + i * across, side);
}

// Lines of eight samples, four before the edge and four after.
inline void load_lines(const uint16_t* at, ptrdiff_t along, V side[4]) {
  const V a = load<V>(at - 4), b = load<V>(at + along - 4), c = load<V>(at + 2 * along - 4), d = load<V>(at + 3 * along - 4);
  const V ab = interleave_low(a, b), cd = interleave_low(c, d), ab_q = interleave_high(a, b), cd_q = interleave_high(c, d);
  const V far_p = zip_low32(ab, cd), near_p = zip_high32(ab, cd), near_q = zip_low32(ab_q, cd_q), far_q = zip_high32(ab_q, cd_q);
  side[0] = high_low(near_p, near_q);
  side[1] = low_high(near_p, near_q);
  side[2] = high_low(far_p, far_q);
  side[3] = low_high(far_p, far_q);
}
inline void store_lines(uint16_t* at, ptrdiff_t along, const V side[4]) {
  const V far_p = zip_halves(low_low(side[3], side[2])), near_p = zip_halves(low_low(side[1], side[0]));
  const V near_q = zip_halves(high_high(side[0], side[1])), far_q = zip_halves(high_high(side[2], side[3]));
  const V p = zip_low32(far_p, near_p), p2 = zip_high32(far_p, near_p), q = zip_low32(near_q, far_q), q2 = zip_high32(near_q, far_q);
  store(at - 4, low_low(p, q));
  store(at + along - 4, high_high(p, q));
  store(at + 2 * along - 4, low_low(p2, q2));
  store(at + 3 * along - 4, high_high(p2, q2));
}

// Filter; how many samples of each side have changed: 0, 2 or 3.
inline int filter_luma(V side[4], int beta, int tc, int largest) {
  const V a0 = side[0], a1 = side[1], a2 = side[2], a3 = side[3];
  const V bend = magnitude(a2 - a1 - a1 + a0);
  const int p0 = bend[0], p3 = bend[3], q0 = bend[4], q3 = bend[7];
  if (p0 + p3 + q0 + q3 >= beta) return 0;
  const V b0 = other_side(a0), b1 = other_side(a1), step = magnitude(b0 - a0), slope = magnitude(a3 - a0);
  const int most = (5 * tc + 1) >> 1;
  const bool strong = 2 * (p0 + q0) < beta >> 2 && 2 * (p3 + q3) < beta >> 2 && slope[0] + slope[4] < beta >> 3 &&
                      slope[3] + slope[7] < beta >> 3 && step[0] < most && step[3] < most;
  const V zero{}, top = all(largest);
  if (strong) {
    const V bound = all(2 * tc), near = a0 + b0 + a1, all_near = near + a2;
    const auto set = [&](V v, V from) { return clamp(clamp(v, from - bound, from + bound), zero, top); };
    side[0] = set((near + near + a2 + b1 + 4) >> 3, a0);
    side[1] = set((all_near + 2) >> 2, a1);
    side[2] = set((all_near + a2 + a2 + a3 + a3 + 4) >> 3, a2);
    return 3;
  }
  const V weights{9, -3, 9, -3, 9, -3, 9, -3};
  const Sums sums = (multiply_add_pairs(interleave_low(b0 - a0, b1 - a1), weights) + 8) >> 4;
  V delta = pack(sums, -sums);
  const V active = magnitude(delta) < all(10 * tc);
  delta = clamp(delta, all(-tc), all(tc)) & active;
  side[0] = clamp(a0 + delta, zero, top);
  const int inner = (beta + (beta >> 1)) >> 3, half = tc >> 1;
  const int16_t p = p0 + p3 < inner ? -1 : 0, q = q0 + q3 < inner ? -1 : 0;
  const V wanted = V{p, p, p, p, q, q, q, q} & active;
  const V move = clamp((((a2 + a0 + 1) >> 1) - a1 + delta) >> 1, all(-half), all(half)) & wanted;
  side[1] = clamp(a1 + move, zero, top);
  return 2;
}

void luma(uint16_t* at, ptrdiff_t across, ptrdiff_t along, int beta, int tc, int largest) {
  V side[4];
  if (along == 1) {
    load_rows<4>(at, across, side);
    const int changed = filter_luma(side, beta, tc, largest);
    for (int i = 0; i < changed; ++i) store_rows(at, across, i, side[i]);
  } else {
    load_lines(at, along, side);
    if (filter_luma(side, beta, tc, largest) != 0) store_lines(at, along, side);
  }
}

inline V filter_chroma(const V side[2], int tc, int largest) {
  const V step = other_side(side[0]) - side[0];
  const V before = step * 4 + side[1] - other_side(side[1]) + 4;  // true of the low half
  const V delta = clamp(before >> 3, all(-tc), all(tc));
  return clamp(side[0] + low_low(delta, -delta), V{}, all(largest));
}

void chroma(uint16_t* at, ptrdiff_t across, ptrdiff_t along, int lines, int tc, int largest) {
  for (; lines >= 4; lines -= 4, at += 4 * along) {
    V side[2];
    if (along == 1) {
      load_rows<2>(at, across, side);
      store_rows(at, across, 0, filter_chroma(side, tc, largest));
      continue;
    }
    const V a = load_low<V>(at - 2), b = load_low<V>(at + along - 2), c = load_low<V>(at + 2 * along - 2),
            d = load_low<V>(at + 3 * along - 2);
    const V ab = interleave_low(a, b), cd = interleave_low(c, d), p = zip_low32(ab, cd), q = zip_high32(ab, cd);
    side[0] = high_low(p, q);
    side[1] = low_high(p, q);
    const V near = zip_halves(filter_chroma(side, tc, largest));  // pairs of the samples at the edge, by line
    for (int line = 0; line < 4; ++line) {
      const int32_t pair = ((Sums)near)[line];
      __builtin_memcpy(at + line * along - 1, &pair, 4);
    }
  }
  for (; lines > 0; --lines, at += along) {
    const int p0 = at[-across], q0 = at[0];
    int delta = (4 * (q0 - p0) + at[-2 * across] - at[across] + 4) >> 3;
    delta = delta < -tc ? -tc : delta > tc ? tc : delta;
    const int p = p0 + delta, q = q0 - delta;
    at[-across] = static_cast<uint16_t>(p < 0 ? 0 : p > largest ? largest : p);
    at[0] = static_cast<uint16_t>(q < 0 ? 0 : q > largest ? largest : q);
  }
}

}  // namespace

void fill(DeblockKernels& kernels) { kernels = {luma, chroma}; }

}  // namespace STF_ISA
}  // namespace stf
