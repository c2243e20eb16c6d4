#include "lossy/enc_job.hpp"

namespace stf::lossy {

int FrameJob::quantiser(const Rect& area) const {
  const FrameState& f = *state;
  if (offsets == nullptr) return f.q;
  const int columns = (f.geometry->w + kGroup - 1) / kGroup, rows = (f.geometry->h + kGroup - 1) / kGroup;
  int sum = 0, n = 0;
  for (int v = area.y / kGroup; v < std::min((area.y + area.h + kGroup - 1) / kGroup, rows); ++v)
    for (int u = area.x / kGroup; u < std::min((area.x + area.w + kGroup - 1) / kGroup, columns); ++u, ++n)
      sum += offsets[v * columns + u];
  return std::clamp(f.q + (sum >= 0 ? sum + n / 2 : sum - n / 2) / n, 0, 255);
}

}  // namespace stf::lossy
