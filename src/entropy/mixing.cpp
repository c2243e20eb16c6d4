// See mixing.hpp.

#include "entropy/mixing.hpp"

namespace stf {
namespace {

// 65536 / (1 + e^(-x / 256)) at x = -2048, -1920, ... 2048.
constexpr uint16_t kSquash[33] = {22,    36,    60,    98,    162,   267,   439,   720,   1179,  1921,  3108,
                                  4971,  7812,  11955, 17625, 24743, 32768, 40793, 47911, 53581, 57724, 60565,
                                  62428, 63615, 64357, 64816, 65097, 65269, 65374, 65438, 65476, 65500, 65514};

}  // namespace

MixTables::MixTables() {
  for (int x = -2048; x < 2048; ++x) {
    const int i = (x + 2048) >> 7, part = (x + 2048) & 127;
    const int v = (kSquash[i] * (128 - part) + kSquash[i + 1] * part + 64) >> 7;
    squash[x + 2048] = static_cast<uint16_t>(v < 32 ? 32 : v > 65504 ? 65504 : v);
  }
  // The inverse: the least x whose squash is not below the middle of a step of 16.
  int x = -kStretchLimit;
  for (int p = 0; p < 4096; ++p) {
    while (x < kStretchLimit && squash[x + 2048] < 16 * p + 8) ++x;
    stretch[p] = static_cast<int16_t>(x);
  }
  for (unsigned n = 0; n <= kMostSeen; ++n) rate[n] = static_cast<uint16_t>(327680 / (10 * n + 16));
}

const MixTables& mix_tables() {
  static const MixTables tables;
  return tables;
}

}  // namespace stf
