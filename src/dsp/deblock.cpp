// The scalar kernels of deblocking: the reference that checkasm holds the vectors against.

#include "dsp/deblock.hpp"

#include <algorithm>
#include <cstdlib>

namespace stf {
namespace {

void luma(uint16_t* at, ptrdiff_t across, ptrdiff_t along, int beta, int tc, int largest) {
  const auto sample = [&](int line, int i) -> int { return at[line * along + i * across]; };
  const auto bend = [&](int line, int side) {  // second difference of three samples on one side
    return side < 0 ? std::abs(sample(line, -3) - 2 * sample(line, -2) + sample(line, -1))
                    : std::abs(sample(line, 2) - 2 * sample(line, 1) + sample(line, 0));
  };
  const int p0 = bend(0, -1), p3 = bend(3, -1), q0 = bend(0, 1), q3 = bend(3, 1);
  if (p0 + p3 + q0 + q3 >= beta) return;
  const auto flat = [&](int line, int bends) {
    return 2 * bends < beta >> 2 &&
           std::abs(sample(line, -4) - sample(line, -1)) + std::abs(sample(line, 3) - sample(line, 0)) < beta >> 3 &&
           std::abs(sample(line, -1) - sample(line, 0)) < (5 * tc + 1) >> 1;
  };
  const bool strong = flat(0, p0 + q0) && flat(3, p3 + q3);
  const bool inner_p = p0 + p3 < (beta + (beta >> 1)) >> 3, inner_q = q0 + q3 < (beta + (beta >> 1)) >> 3;
  for (int line = 0; line < 4; ++line) {
    int s[8];
    for (int i = 0; i < 8; ++i) s[i] = sample(line, i - 4);
    const auto set = [&](int i, int v, int from, int bound) {
      v = std::clamp(v, from - bound, from + bound);
      at[line * along + i * across] = static_cast<uint16_t>(std::clamp(v, 0, largest));
    };
    if (strong) {
      set(-3, (2 * s[0] + 3 * s[1] + s[2] + s[3] + s[4] + 4) >> 3, s[1], 2 * tc);
      set(-2, (s[1] + s[2] + s[3] + s[4] + 2) >> 2, s[2], 2 * tc);
      set(-1, (s[1] + 2 * s[2] + 2 * s[3] + 2 * s[4] + s[5] + 4) >> 3, s[3], 2 * tc);
      set(0, (s[2] + 2 * s[3] + 2 * s[4] + 2 * s[5] + s[6] + 4) >> 3, s[4], 2 * tc);
      set(1, (s[3] + s[4] + s[5] + s[6] + 2) >> 2, s[5], 2 * tc);
      set(2, (s[3] + s[4] + s[5] + 3 * s[6] + 2 * s[7] + 4) >> 3, s[6], 2 * tc);
      continue;
    }
    int delta = (9 * (s[4] - s[3]) - 3 * (s[5] - s[2]) + 8) >> 4;
    if (std::abs(delta) >= 10 * tc) continue;
    delta = std::clamp(delta, -tc, tc);
    set(-1, s[3] + delta, s[3], tc);
    set(0, s[4] - delta, s[4], tc);
    if (inner_p)
      set(-2, s[2] + std::clamp((((s[1] + s[3] + 1) >> 1) - s[2] + delta) >> 1, -(tc >> 1), tc >> 1), s[2], tc);
    if (inner_q)
      set(1, s[5] + std::clamp((((s[6] + s[4] + 1) >> 1) - s[5] - delta) >> 1, -(tc >> 1), tc >> 1), s[5], tc);
  }
}

void chroma(uint16_t* at, ptrdiff_t across, ptrdiff_t along, int lines, int tc, int largest) {
  for (int line = 0; line < lines; ++line, at += along) {
    const int p1 = at[-2 * across], p0 = at[-across], q0 = at[0], q1 = at[across];
    const int delta = std::clamp((4 * (q0 - p0) + p1 - q1 + 4) >> 3, -tc, tc);
    at[-across] = static_cast<uint16_t>(std::clamp(p0 + delta, 0, largest));
    at[0] = static_cast<uint16_t>(std::clamp(q0 - delta, 0, largest));
  }
}

void fill_scalar(DeblockKernels& kernels) { kernels = {luma, chroma}; }

}  // namespace

const KernelTables<DeblockKernels>& deblock_tables() {
  static const KernelTables<DeblockKernels> tables(fill_scalar, STF_KERNEL_LEVELS);
  return tables;
}

}  // namespace stf
