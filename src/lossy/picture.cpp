#include "lossy/picture.hpp"

#include <algorithm>

#include "common/status.hpp"
#include "lossy/lossy.hpp"

namespace stf {

stf_status lossy_check(const stf_format& format, stf_error* error) {
  if (format.dtype == STF_BOOL || format.bits > 12)
    return fail(error, STF_E_UNSUPPORTED, "the lossy profile takes samples of 2 to 12 bits, not %u: use max_error",
                format.bits);
  if (format.sub_x > 1 || format.sub_y > 1)
    return fail(error, STF_E_UNSUPPORTED, "the lossy profile takes chroma that is whole or halved, not quartered");
  return STF_OK;
}

namespace lossy {

Geometry make_geometry(const stf_format& format, const WorkVideo& video) {
  Geometry g;
  g.components = format.components;
  g.bits = std::max<int>(format.bits, 10);
  g.shift = g.bits - format.bits;
  const auto whole = [](uint32_t size) { return static_cast<int>((size + kCell - 1) & ~uint32_t{kCell - 1}); };
  g.w = whole(video.planes[0].x);
  g.h = whole(video.planes[0].y);
  for (unsigned c = 1; c < 3 && format.components >= 3; ++c) {
    g.sub_x[c] = format.sub_x;
    g.sub_y[c] = format.sub_y;
  }
  return g;
}

void import_plane(const Geometry& g, const WorkVideo& video, uint32_t t, unsigned c, const Plane& to) {
  const WorkPlane& from = video.planes[c];
  const int w = static_cast<int>(from.x), h = static_cast<int>(from.y);
  with_sample_type(video.bits, [&](auto sample) {
    for (int y = 0; y < to.h; ++y) {
      const auto* in = from.row<decltype(sample)>(t, static_cast<uint32_t>(std::min(y, h - 1)));
      Sample* out = to.row(y);
      const int n = std::min(w, to.w);
      for (int x = 0; x < n; ++x) out[x] = static_cast<Sample>(in[x] << g.shift);
      std::fill(out + n, out + to.w, out[n - 1]);
    }
  });
}

void export_plane(const Geometry& g, const Plane& from, const WorkVideo& video, uint32_t t, unsigned c) {
  const WorkPlane& to = video.planes[c];
  const int half = g.shift > 0 ? 1 << (g.shift - 1) : 0, largest = (1 << video.bits) - 1;
  with_sample_type(video.bits, [&](auto sample) {
    for (uint32_t y = 0; y < to.y; ++y) {
      const Sample* in = from.row(static_cast<int>(y));
      auto* out = to.row<decltype(sample)>(t, y);
      for (uint32_t x = 0; x < to.x; ++x)
        out[x] = static_cast<decltype(sample)>(std::min((in[x] + half) >> g.shift, largest));
    }
  });
}

}  // namespace lossy
}  // namespace stf
