#include "lossy/intra.hpp"

#include <cstring>

#include "dsp/intra.hpp"
#include "lossy/tables.hpp"

namespace stf::lossy {

void Edges::gather(const FrameState& f, unsigned c, const Rect& r) {
  const int x = r.x, y = r.y;
  const Plane& plane = f.current->planes[c];
  const UnitMap& units = f.units[c];
  Sample *t = top(), *l = left();
  has_top = units.at(x, y - 1) != UnitMap::kAbsent;
  has_left = units.at(x - 1, y) != UnitMap::kAbsent;
  const int reach = r.w + r.h;
  if (has_top) {
    const Sample* row = plane.row(y - 1);
    int n = 0;
    while (n < reach && units.at(x + n, y - 1) != UnitMap::kAbsent) n += 4;
    n = std::min({n, reach, plane.w - x});
    std::memcpy(t, row + x, static_cast<size_t>(n) * sizeof(Sample));
    std::fill(t + n, t + reach, t[n - 1]);
  }
  if (has_left) {
    int n = 0;
    while (n < reach && units.at(x - 1, y + n) != UnitMap::kAbsent) n += 4;
    n = std::min({n, reach, plane.h - y});
    for (int i = 0; i < n; ++i) l[i] = plane.row(y + i)[x - 1];
    std::fill(l + n, l + reach, l[n - 1]);
  }
  const auto middle = static_cast<Sample>(1 << (f.geometry->bits - 1));
  if (!has_top) std::fill_n(t, reach, has_left ? l[0] : middle);
  if (!has_left) std::fill_n(l, reach, has_top ? t[0] : middle);
  t[-1] = l[-1] = has_top && has_left ? plane.row(y - 1)[x - 1] : has_top ? t[0] : has_left ? l[0] : middle;
}

namespace {

// Predict the mean of the edges that are there, or of both if none is.
void predict_dc(Edges& edges, int w, int h, Sample* out, ptrdiff_t stride) {
  int sum = 0, n = 0;
  if (edges.has_top || !edges.has_left) {
    for (int i = 0; i < w; ++i) sum += edges.top()[i];
    n += w;
  }
  if (edges.has_left || !edges.has_top) {
    for (int i = 0; i < h; ++i) sum += edges.left()[i];
    n += h;
  }
  const auto mean = static_cast<Sample>((sum + n / 2) / n);
  for (int y = 0; y < h; ++y) std::fill_n(out + y * stride, w, mean);
}

// Smooth both edges with weights 1, 2, 1, the corner between them included; the last sample of each stays as it is.
void smooth_edges(Edges& edges, int reach) {
  Sample *t = edges.top(), *l = edges.left();
  const auto filter = [](int a, int b, int c) { return static_cast<Sample>((a + 2 * b + c + 2) >> 2); };
  const Sample corner = filter(t[0], t[-1], l[0]);
  for (Sample* edge : {t, l}) {
    Sample before = edge[-1];
    for (int i = 0; i + 1 < reach; ++i) {
      const Sample here = edge[i];
      edge[i] = filter(before, here, edge[i + 1]);
      before = here;
    }
  }
  t[-1] = l[-1] = corner;
}

// Continue the edge along a direction into the block.
void predict_directional(Edges& edges, int direction, int log_w, int log_h, Sample* out, ptrdiff_t stride) {
  const int w = 1 << log_w, h = 1 << log_h;
  const IntraKernels& k = intra_kernels();
  const bool down = direction >=
                    16;  // the top edge is continued, a row of the block after the other; else the left one
  const int angle = kAngle[direction];
  const int off_axis = std::min(std::abs(direction - 8), std::abs(direction - 24)), small = std::min(log_w, log_h);
  if (off_axis > (small <= 2 ? 8 : small == 3 ? 7 : small == 4 ? 1 : 0)) smooth_edges(edges, w + h);

  Sample* main = down ? edges.top() : edges.left();
  const Sample* side = down ? edges.left() : edges.top();
  const int along = down ? w : h, across = down ? h : w;  // of the main edge
  main[w + h] = main[w + h - 1];
  if (angle < 0) {
    // Lines that point past the corner meet the other edge: its samples continue the main one.
    const int last = (across * angle) >> 5;
    for (int i = -1; i >= last; --i) {
      const int at = ((-i * 32 * 2 - angle) / (-2 * angle)) - 1;  // the row whose line meets the corner's column there
      main[i - 1] = side[std::min(at, across + along - 1)];
    }
  }
  if (down) {
    k.directional(out, stride, w, h, main - 1, angle);
    return;
  }
  Sample turned[32 * 32];
  k.directional(turned, along, along, across, main - 1, angle);
  for (int y = 0; y < h; ++y)
    for (int x = 0; x < w; ++x) out[y * stride + x] = turned[x * along + y];
}

}  // namespace

void predict_intra(Edges& edges, const IntraPrediction& prediction, int log_w, int log_h, Sample* out,
                   ptrdiff_t stride) {
  const int mode = prediction.mode, w = 1 << log_w, h = 1 << log_h;
  if (mode == kDc) {
    predict_dc(edges, w, h, out, stride);
  } else if (mode == kSmooth) {
    intra_kernels().smooth(out, stride, w, h, edges.top(), edges.left());
  } else if (mode == kPaeth) {
    intra_kernels().paeth(out, stride, w, h, edges.top(), edges.left(), edges.top()[-1]);
  } else {
    predict_directional(edges, prediction.direction, log_w, log_h, out, stride);
  }
}

}  // namespace stf::lossy
