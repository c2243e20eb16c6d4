// The deblocking kernels over vectors: four lines at once. Lines along the rows are transposed first.

#include "dsp/deblock.hpp"
#include "dsp/vec.hpp"

namespace stf {
namespace STF_ISA {
namespace {

using Four = Vec128<int32_t>;
using Eight = Vec128<int16_t>;
using Samples = VecOfBytes<uint16_t, 8>::type;

inline Four magnitudes(Four v) { return max(v, -v); }

// Transpose four rows of eight samples to eight rows of four; a register holds two rows, one in each half.
inline void turn(const Eight rows[4], Eight out[4]) {
  const Eight a = interleave_low(rows[0], rows[2]), b = interleave_low(rows[1], rows[3]);
  const Eight c = interleave_high(rows[0], rows[2]), d = interleave_high(rows[1], rows[3]);
  out[0] = interleave_low(a, b);
  out[1] = interleave_high(a, b);
  out[2] = interleave_low(c, d);
  out[3] = interleave_high(c, d);
}

// Filter the samples s[0 .. 7] across an edge. Returns how many of them at most have changed on each side, 0 for none.
inline int filter(Four s[8], int beta, int tc, int largest) {
  const Four bend_p = magnitudes(s[1] - (s[2] << 1) + s[3]), bend_q = magnitudes(s[6] - (s[5] << 1) + s[4]);
  const Four bends = bend_p + bend_q;
  if (bends[0] + bends[3] >= beta) return 0;
  const Four top = Four{} + largest;
  const auto set = [=](Four v, Four from, int bound) {
    return clamp(clamp(v, from - bound, from + bound), Four{}, top);
  };
  const auto flat = ((bends << 1) < (beta >> 2)) & (magnitudes(s[0] - s[3]) + magnitudes(s[7] - s[4]) < (beta >> 3)) &
                    (magnitudes(s[3] - s[4]) < ((5 * tc + 1) >> 1));
  if (flat[0] & flat[3]) {
    const Four middle = s[3] + s[4], p = s[2] + middle, q = s[5] + middle;  // p and q with one more on their side
    const Four two = Four{} + 2, four = Four{} + 4;
    const Four p2 = (((s[0] + s[1]) << 1) + s[1] + p + four) >> 3, p1 = (s[1] + p + two) >> 2;
    const Four q2 = (((s[7] + s[6]) << 1) + s[6] + q + four) >> 3, q1 = (s[6] + q + two) >> 2;
    const Four p0 = (s[1] + (p << 1) + s[5] + four) >> 3, q0 = (s[6] + (q << 1) + s[2] + four) >> 3;
    s[1] = set(p2, s[1], 2 * tc);
    s[2] = set(p1, s[2], 2 * tc);
    s[3] = set(p0, s[3], 2 * tc);
    s[4] = set(q0, s[4], 2 * tc);
    s[5] = set(q1, s[5], 2 * tc);
    s[6] = set(q2, s[6], 2 * tc);
    return 3;
  }
  const Four x = s[4] - s[3], y = s[5] - s[2];
  Four delta = ((x << 3) + x - (y << 1) - y + 8) >> 4;
  const auto weak = magnitudes(delta) < 10 * tc;
  delta = clamp(delta, Four{} - tc, Four{} + tc);
  const int inner = (beta + (beta >> 1)) >> 3;
  const Four limit = Four{} + (tc >> 1);
  const auto side = [&](Four second, Four third, Four first, Four change) {
    const Four v = (((third + first + 1) >> 1) - second + change) >> 1;
    return clamp(second + (clamp(v, -limit, limit) & weak), Four{}, top);
  };
  const Four p = s[3], q = s[4];
  s[3] = clamp(p + (delta & weak), Four{}, top);
  s[4] = clamp(q - (delta & weak), Four{}, top);
  if (bend_p[0] + bend_p[3] < inner) s[2] = side(s[2], s[1], p, delta);
  if (bend_q[0] + bend_q[3] < inner) s[5] = side(s[5], s[6], q, -delta);
  return 2;
}

// Filter lines along the rows; at: the first of eight samples of the first line.
inline void filter_turned(uint16_t* at, ptrdiff_t along, int beta, int tc, int largest) {
  Eight rows[4], turned[4];
  for (int i = 0; i < 4; ++i) rows[i] = load<Eight>(at + i * along);
  turn(rows, turned);
  Four s[8];
  for (int i = 0; i < 4; ++i) {
    s[2 * i] = (Four)interleave_low(turned[i], Eight{});
    s[2 * i + 1] = (Four)interleave_high(turned[i], Eight{});
  }
  if (filter(s, beta, tc, largest) == 0) return;
  // Columns n and n + 4 in a register; then as above, with two lines in each.
  Eight columns[4], halves[4];
  for (int i = 0; i < 4; ++i) columns[i] = pack(s[i], s[i + 4]);
  turn(columns, halves);
  store_halves(at, at + along, halves[0]);
  store_halves(at + 2 * along, at + 3 * along, halves[1]);
  store_halves(at + 4, at + along + 4, halves[2]);
  store_halves(at + 2 * along + 4, at + 3 * along + 4, halves[3]);
}

void luma(uint16_t* at, ptrdiff_t across, ptrdiff_t along, int beta, int tc, int largest) {
  if (across == 1) return filter_turned(at - 4, along, beta, tc, largest);
  if (along == 1) {
    Four s[8];
    for (int i = 0; i < 8; ++i) s[i] = convert<Four>(load<Samples>(at + (i - 4) * across));
    const int changed = filter(s, beta, tc, largest);
    if (changed == 0) return;
    const Eight middle = pack(s[3], s[4]), outer = pack(s[2], s[5]);
    store_halves(at - across, at, middle);
    store_halves(at - 2 * across, at + across, outer);
    if (changed == 3) store_halves(at - 3 * across, at + 2 * across, pack(s[1], s[6]));
    return;
  }
  uint16_t lines[4][8];
  for (int y = 0; y < 4; ++y)
    for (int i = 0; i < 8; ++i) lines[y][i] = at[y * along + (i - 4) * across];
  filter_turned(lines[0], 8, beta, tc, largest);
  for (int y = 0; y < 4; ++y)
    for (int i = 1; i < 7; ++i) at[y * along + (i - 4) * across] = lines[y][i];
}

struct Inner {
  Eight p, q;
};
inline Inner filter_chroma(Eight p1, Eight p0, Eight q0, Eight q1, int tc, int largest) {
  const Eight bound = Eight{} + static_cast<int16_t>(tc < 32767 ? tc : 32767);
  const Eight top = Eight{} + static_cast<int16_t>(largest);
  const Eight delta = clamp((((q0 - p0) << 2) + p1 - q1 + 4) >> 3, -bound, bound);
  return {clamp(p0 + delta, Eight{}, top), clamp(q0 - delta, Eight{}, top)};
}

void chroma(uint16_t* at, ptrdiff_t across, ptrdiff_t along, int lines, int tc, int largest) {
  for (; lines > 0; lines -= 4, at += 4 * along) {
    if (lines >= 4 && along == 1) {
      const auto f = filter_chroma(load_low<Eight>(at - 2 * across), load_low<Eight>(at - across), load_low<Eight>(at),
                                   load_low<Eight>(at + across), tc, largest);
      store_low(at - across, f.p);
      store_low(at, f.q);
    } else if (lines >= 4 && across == 1) {
      const auto first = load_halves<Eight>(at - 2, at - 2 + along),
                 second = load_halves<Eight>(at - 2 + 2 * along, at - 2 + 3 * along);
      const Eight a = interleave_low(first, second), b = interleave_high(first, second);
      const Eight p = interleave_low(a, b), q = interleave_high(a, b);
      const auto upper = [](Eight v) { return __builtin_shufflevector(v, v, 4, 5, 6, 7, 4, 5, 6, 7); };
      const auto f = filter_chroma(p, upper(p), q, upper(q), tc, largest);
      const auto both = (Four)interleave_low(f.p, f.q);
      for (int i = 0; i < 4; ++i) {
        const int32_t pair = both[i];
        __builtin_memcpy(at - 1 + i * along, &pair, 4);
      }
    } else {
      for (int i = 0; i < (lines < 4 ? lines : 4); ++i) {
        uint16_t* const line = at + i * along;
        const auto sample = [=](int k) { return Eight{} + static_cast<int16_t>(line[k * across]); };
        const auto f = filter_chroma(sample(-2), sample(-1), sample(0), sample(1), tc, largest);
        line[-across] = static_cast<uint16_t>(f.p[0]);
        line[0] = static_cast<uint16_t>(f.q[0]);
      }
    }
  }
}

}  // namespace

void fill(DeblockKernels& kernels) { kernels = {luma, chroma}; }

}  // namespace STF_ISA
}  // namespace stf
