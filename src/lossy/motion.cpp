#include "lossy/motion.hpp"

#include "dsp/inter.hpp"
#include "lossy/tables.hpp"

namespace stf::lossy {
namespace {

// v * num / den, rounded to the nearest, halves away from zero, within what a vector may be.
int16_t scaled(int v, int num, int den) {
  const int product = v * num;
  if (den < 0) return scaled(-v, num, -den);
  const int rounded = product >= 0 ? (product + den / 2) / den : -((-product + den / 2) / den);
  return static_cast<int16_t>(std::clamp(rounded, -kMaxVector, kMaxVector));
}
MotionVector scaled(MotionVector v, int num, int den) { return {scaled(v.x, num, den), scaled(v.y, num, den)}; }

// Frames from the current one to a reference.
int distance(const FrameState& f, unsigned reference) {
  return static_cast<int>(f.reference[reference]->time) - static_cast<int>(f.current->time);
}

// Write to *out the motion that a reference had at (x, y), continued to the current frame: its vector, scaled by the
// distances in time. Returns whether it had any.
bool temporal_candidate(const FrameState& f, unsigned reference, int x, int y, Motion* out) {
  const Picture& picture = *f.reference[reference];
  const Cell* cell = f.cell_of(picture, x, y);
  if (cell == nullptr || cell->motion.references == kIntra) return false;
  const unsigned taken = cell->motion.references & kA ? 0 : 1;
  const int path = picture.reference_distance[taken];
  if (path == 0) return false;
  const MotionVector v = cell->motion.v[taken];
  *out = {};
  out->references = f.references == 2 ? kBoth : kA;
  for (unsigned r = 0; r < f.references; ++r) out->v[r] = scaled(v, distance(f, r), path);
  return true;
}

// Fills the list of candidates, each of them once.
class CandidateList {
 public:
  explicit CandidateList(Candidates& out) : out_(out) {}
  bool full() const { return n_ >= kMergeCandidates; }
  void add(const Motion& m) {
    if (full()) return;
    for (unsigned i = 0; i < n_; ++i)
      if (out_.at[i] == m) return;
    out_.at[n_++] = m;
  }
  void pad(const Motion& m) {
    while (!full()) out_.at[n_++] = m;
  }
  unsigned size() const { return n_; }

 private:
  Candidates& out_;
  unsigned n_ = 0;
};

}  // namespace

Candidates find_candidates(const FrameState& f, const Rect& block) {
  const int x = block.x, y = block.y, w = block.w, h = block.h;
  Candidates found;
  CandidateList list(found);
  // Below left, above right, the two beyond those, and the corner.
  const int places[5][2] = {{x - 1, y + h - 1}, {x + w - 1, y - 1}, {x + w, y - 1}, {x - 1, y + h}, {x - 1, y - 1}};
  for (unsigned i = 0; i < 4; ++i) {
    const Cell* cell = f.known(places[i][0], places[i][1]);
    if (cell != nullptr && cell->motion.references != kIntra && list.size() < 3) list.add(cell->motion);
  }
  Motion m;
  if (f.references == 2 && temporal_candidate(f, 1, x + w / 2, y + h / 2, &m)) list.add(m);
  if (temporal_candidate(f, 0, x + w / 2, y + h / 2, &m)) list.add(m);
  if (const Cell* cell = f.known(places[4][0], places[4][1]); cell != nullptr && cell->motion.references != kIntra)
    list.add(cell->motion);
  // Combine the vector to A of one candidate and the vector to B of another.
  const unsigned have = list.size();
  for (unsigned i = 0; i < have && f.references == 2; ++i)
    for (unsigned k = 0; k < have; ++k)
      if (found.at[i].references & kA && found.at[k].references & kB) {
        Motion both;
        both.references = kBoth;
        both.v[0] = found.at[i].v[0];
        both.v[1] = found.at[k].v[1];
        list.add(both);
      }
  Motion still;
  still.references = f.references == 2 ? kBoth : kA;
  list.add(still);
  if (f.references == 2) {
    still.references = kA;
    list.add(still);
    still.references = kB;
    list.add(still);
  }
  list.pad(still);

  for (unsigned r = 0; r < f.references; ++r) {
    const uint8_t bit = r == 0 ? kA : kB;
    for (const Motion& motion : found.at)
      if (motion.references & bit) {
        found.predicted[r] = motion.v[r];
        break;
      }
  }
  return found;
}

void predict_from(const FrameState& f, unsigned reference, MotionVector v, unsigned c, const Rect& r, int16_t* out) {
  constexpr int kBefore = 2, kAfter = 3;  // samples that the taps reach to either side
  const int w = r.w, h = r.h;
  const Geometry& g = *f.geometry;
  const Plane& plane = f.from[reference][c];
  // A vector counts quarters of a sample of luma: eighths of a sample of a component that is halved, and every second
  // eighth of one that is not.
  const int log_x = 2 + g.sub_x[c], log_y = 2 + g.sub_y[c];
  const int frac_x = v.x & ((1 << log_x) - 1), frac_y = v.y & ((1 << log_y) - 1);
  // Far outside of the plane every place gives the same samples.
  const int px = std::clamp(r.x + (v.x >> log_x), -w - 8, plane.w + 8),
            py = std::clamp(r.y + (v.y >> log_y), -h - 8, plane.h + 8);
  InterTaps taps{nullptr, nullptr};
  if (frac_x != 0) taps.x = c == 0 ? kLumaTaps[frac_x] : kChromaTaps[frac_x << (1 - g.sub_x[c])];
  if (frac_y != 0) taps.y = c == 0 ? kLumaTaps[frac_y] : kChromaTaps[frac_y << (1 - g.sub_y[c])];

  const Sample* at = plane.at + py * plane.stride + px;
  ptrdiff_t stride = plane.stride;
  constexpr int kEdge = kPredictionStride + kBefore + kAfter;
  Sample copy[kEdge * kEdge];
  if (px < kBefore || py < kBefore || px + w + kAfter > plane.w || py + h + kAfter > plane.h) {
    stride = w + kBefore + kAfter;
    for (int i = 0; i < h + kBefore + kAfter; ++i) {
      const Sample* row = plane.row(std::clamp(py - kBefore + i, 0, plane.h - 1));
      Sample* to = copy + i * stride;
      const int first = px - kBefore, width = static_cast<int>(stride);
      const int before = std::clamp(-first, 0, width), after = std::clamp(first + width - plane.w, 0, width);
      std::fill_n(to, before, row[0]);
      if (before + after < width) std::copy_n(row + first + before, width - before - after, to + before);
      std::fill_n(to + width - after, after, row[plane.w - 1]);
    }
    at = copy + kBefore * stride + kBefore;
  }
  inter_kernels().interpolate(at, stride, w, h, taps, g.bits, out);
}

void predict_inter(const FrameState& f, const Motion& motion, unsigned c, const Rect& r, Sample* out,
                   ptrdiff_t stride) {
  const InterKernels& k = inter_kernels();
  const int bits = f.geometry->bits;
  alignas(32) int16_t p[2][kPredictionStride * kPredictionStride];
  if (motion.references & kA) predict_from(f, 0, motion.v[0], c, r, p[0]);
  if (motion.references & kB) predict_from(f, 1, motion.v[1], c, r, p[1]);
  if (motion.references == kBoth) {
    k.average(p[0], p[1], out, stride, r.w, r.h, bits);
  } else {
    k.put(p[motion.references == kA ? 0 : 1], out, stride, r.w, r.h, bits);
  }
}

}  // namespace stf::lossy
