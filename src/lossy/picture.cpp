#include "lossy/picture.hpp"

#include <algorithm>

#include "common/status.hpp"
#include "lossy/lossy.hpp"

namespace stf {

stf_status lossy_check(const stf_format& format, stf_error* error) {
  if (format.dtype == STF_BOOL || format.bits < 2 || format.bits > 12)
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

// Fill one plane from frame t: scaled, and the last row and column repeated up to the coded size.
static void import_plane(const Geometry& g, const WorkVideo& video, uint32_t t, unsigned c, const Plane& to) {
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

// Round one row of samples down by `shift` bits. Rounding may give 2^bits, one more than the largest sample: that bit
// is then subtracted. All arithmetic is in 16 bits and no pointer aliases another, so that the compiler makes vectors
// of it.
template <typename Out>
static void narrow_row(const Sample* __restrict in, Out* __restrict out, uint32_t n, unsigned shift, unsigned bits) {
  const auto half = static_cast<Sample>(shift > 0 ? 1u << (shift - 1) : 0u);
  for (uint32_t x = 0; x < n; ++x) {
    const auto v = static_cast<Sample>(static_cast<Sample>(in[x] + half) >> shift);
    out[x] = static_cast<Out>(v - (v >> bits));
  }
}

// Write one plane to frame t, rounded to the bits of the source.
static void export_plane(const Geometry& g, const Plane& from, const WorkVideo& video, uint32_t t, unsigned c) {
  const WorkPlane& to = video.planes[c];
  with_sample_type(video.bits, [&](auto sample) {
    using Out = decltype(sample);
    for (uint32_t y = 0; y < to.y; ++y)
      narrow_row(from.row(static_cast<int>(y)), to.row<Out>(t, y), to.x, static_cast<unsigned>(g.shift), video.bits);
  });
}

// Turn R, G and B in place into Y = (R + 2 G + B) / 4, Cg = (2 G - R - B) / 4 and Co = (R - B) / 2. Cg and Co have
// signs: the middle of the range is added to them.
static void to_ycgco(const Geometry& g, Picture& picture) {
  const int middle = 1 << (g.bits - 1);
  for (int y = 0; y < g.h; ++y) {
    Sample *a = picture.planes[0].row(y), *b = picture.planes[1].row(y), *c = picture.planes[2].row(y);
    for (int x = 0; x < g.w; ++x) {
      const int red = a[x], green = b[x], blue = c[x];
      a[x] = static_cast<Sample>((red + 2 * green + blue + 2) >> 2);
      b[x] = static_cast<Sample>(std::min(((2 * green - red - blue + 2) >> 2) + middle, g.largest()));
      c[x] = static_cast<Sample>(std::min(((red - blue + 1) >> 1) + middle, g.largest()));
    }
  }
}

// Write those of R, G and B that the mask `components` names, from Y, Cg and Co.
static void export_rgb(const Geometry& g, const Picture& from, uint32_t components, const WorkVideo& video,
                       uint32_t t) {
  const int half = g.shift > 0 ? 1 << (g.shift - 1) : 0, largest = (1 << video.bits) - 1, middle = 1 << (g.bits - 1);
  with_sample_type(video.bits, [&](auto sample) {
    using Out = decltype(sample);
    const auto narrow = [&](int v) { return static_cast<Out>(std::clamp((v + half) >> g.shift, 0, largest)); };
    for (uint32_t y = 0; y < video.planes[0].y; ++y) {
      const auto row = static_cast<int>(y);
      const Sample *luma = from.planes[0].row(row), *cg = from.planes[1].row(row), *co = from.planes[2].row(row);
      Out* out[3] = {};
      for (unsigned c = 0; c < 3; ++c)
        if (components >> c & 1) out[c] = video.planes[c].row<Out>(t, y);
      for (uint32_t x = 0; x < video.planes[0].x; ++x) {
        const int g_part = cg[x] - middle, o_part = co[x] - middle, rest = luma[x] - g_part;
        if (out[0] != nullptr) out[0][x] = narrow(rest + o_part);
        if (out[1] != nullptr) out[1][x] = narrow(luma[x] + g_part);
        if (out[2] != nullptr) out[2][x] = narrow(rest - o_part);
      }
    }
  });
}

void import_picture(const Geometry& g, const WorkVideo& video, uint32_t t, bool rgb, unsigned n_planes, Picture& to) {
  for (unsigned c = 0; c < n_planes; ++c) import_plane(g, video, t, c, to.planes[c]);
  if (rgb) to_ycgco(g, to);
}

void export_picture(const Geometry& g, const Picture& from, bool rgb, uint32_t components, const WorkVideo& video,
                    uint32_t t) {
  if (rgb && (components & 7) != 0) {
    export_rgb(g, from, components, video, t);
    components &= ~7u;
  }
  for (unsigned c = 0; c < g.components; ++c)
    if (components >> c & 1) export_plane(g, from.planes[c], video, t, c);
}

}  // namespace lossy
}  // namespace stf
