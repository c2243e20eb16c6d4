// The scalar kernel of the seam filter: the reference that checkasm holds the vectors against.

#include "dsp/seam.hpp"

#include <algorithm>
#include <cstdlib>

namespace stf {
namespace {

bool filter(int16_t* samples, ptrdiff_t stride, size_t n, const SeamStrength& strength) {
  bool any = false;
  for (size_t line = 0; line < n; ++line) {
    int16_t* const at = samples + line;
    const auto sample = [&](int k) -> int { return at[k * stride]; };
    int busy = 0;
    for (int k = 4; k < 11; ++k)
      if (k != 7) busy = std::max(busy, std::abs(sample(k + 1) - sample(k)));
    int level = 0;
    while (level < kSeamLevels && busy >= strength.busy[level]) ++level;
    if (level == kSeamLevels) continue;
    any = true;
    const int step = sample(8) - sample(7), size = std::abs(step);
    const int counts = std::min(size, std::max(2 * strength.step[level] - size, 0)), c = step < 0 ? -counts : counts;
    const auto move = [&](int k, int by) {
      at[k * stride] = static_cast<int16_t>(std::clamp<int>(sample(k) + by, 0, strength.largest));
    };
    for (int i = 0; i < kSeamReach; ++i) {
      move(7 - i, (c * strength.before[level][i] + (1 << 14)) >> 15);
      move(8 + i, -((c * strength.after[level][i] + (1 << 14)) >> 15));
    }
  }
  return any;
}

void fill_scalar(SeamKernels& kernels) { kernels = {filter}; }

}  // namespace

const KernelTables<SeamKernels>& seam_tables() {
  static const KernelTables<SeamKernels> tables(fill_scalar, STF_KERNEL_LEVELS);
  return tables;
}

}  // namespace stf
