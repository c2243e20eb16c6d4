#include "lossy/enc_scaling.hpp"

namespace stf::lossy {

Moments moments_of(const Plane& plane) {
  uint64_t sum = 0, squares = 0;
  for (int y = 0; y < plane.h; ++y) {
    const Sample* row = plane.row(y);
    uint64_t of_row = 0;
    uint32_t in_row = 0;
    for (int x = 0; x < plane.w; ++x) {
      in_row += row[x];
      of_row += static_cast<uint32_t>(row[x]) * row[x];
    }
    sum += in_row;
    squares += of_row;
  }
  const auto n = static_cast<uint64_t>(plane.w) * static_cast<uint64_t>(plane.h);
  Moments m;
  m.mean = static_cast<int64_t>((sum << 8) / n);
  m.variance = std::max<int64_t>(static_cast<int64_t>((squares << 8) / n << 8) - m.mean * m.mean, 0);
  return m;
}

Scaling scaling_between(const Moments& from, const Moments& to) {
  Scaling s;
  // A plane that deviates by less than a quarter of a sample has no contrast to compare.
  if (from.variance >= 1 << 12) {
    const auto ratio = (static_cast<uint64_t>(to.variance) << 16) / static_cast<uint64_t>(from.variance);
    s.weight = static_cast<int>(std::min<uint64_t>(root_of(ratio), (1 << Scaling::kWeightBits) - 1));
  }
  s.offset = static_cast<int>((to.mean - ((from.mean * s.weight) >> 8) + 128) >> 8);
  // The offset may be larger than the syntax can say: of samples of 12 bits that spread four times as far, about a high
  // mean. Then nothing is scaled.
  return s.offset < -Scaling::kNoOffset || s.offset >= Scaling::kNoOffset ? Scaling{} : s;
}

}  // namespace stf::lossy
