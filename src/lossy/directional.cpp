#include "lossy/directional.hpp"

#include <cstdlib>

#include "lossy/reconstruct.hpp"

namespace stf::lossy {
namespace {

// Strengths along the direction and beside it by choice, in eighths of the quantiser's step.
constexpr struct {
  int primary, secondary;
} kStrengths[kFilters] = {{0, 0}, {1, 1}, {2, 1}, {4, 4}};
constexpr int kMostStrength = 1023;

}  // namespace

void DirectionalFilter::begin(const FrameState& f, unsigned component) {
  f_ = &f;
  component_ = component;
  const int q = component == 0 ? f.q : f.chroma_q;
  step_ = step_of(q) << (f.geometry->bits - 8);
  const Plane& from = f.current->planes[component];
  stride_ = from.w + 2 * kBorder + 4;
  copy_.resize(static_cast<size_t>(stride_ * (from.h + 2 * kBorder) + 16));
  for (int y = -kBorder; y < from.h + kBorder; ++y) {
    const Sample* row = from.row(std::clamp(y, 0, from.h - 1));
    Sample* to = copy_.data() + (y + kBorder) * stride_ + kBorder;
    std::fill_n(to - kBorder, kBorder, row[0]);
    std::copy_n(row, from.w, to);
    std::fill_n(to + from.w, kBorder, row[from.w - 1]);
  }
  if (component != 0) return;
  const Geometry& g = *f.geometry;
  directions_.resize(f.current->cells.size());
  const DirectionalKernels& k = directional_kernels();
  for (int y = 0; y < g.h; y += kCell)
    for (int x = 0; x < g.w; x += kCell)
      if (!f.cell(x, y)->skip) directions_[f.cell_index(x, y)] = direction_of(k.gradients(at(x, y), stride_, g.bits - 8));
}

// Twice the angle of the edges is that of the vector (-along, -across); its eight sectors are told by tan 22.5 degrees.
uint8_t DirectionalFilter::direction_of(const GradientSums& sums) {
  const int64_t a = -int64_t{sums.along}, b = -int64_t{sums.across}, wide = std::abs(a), high = std::abs(b);
  if (128 * high < 53 * wide) return a > 0 ? 0 : 4;
  if (128 * wide < 53 * high) return b > 0 ? 2 : 6;
  return b > 0 ? (a > 0 ? 1 : 3) : (a > 0 ? 7 : 5);
}

void DirectionalFilter::filter(int x, int y, int w, int h, size_t cell, unsigned choice, Sample* to, ptrdiff_t stride) const {
  const auto strength = [&](int eighths) { return std::min((eighths * step_ + 64) >> 7, kMostStrength); };
  const DirectionalTaps taps{directions_[cell], strength(kStrengths[choice].primary), strength(kStrengths[choice].secondary)};
  directional_kernels().filter(at(x, y), stride_, to, stride, w, h, taps, f_->geometry->largest());
}

void DirectionalFilter::apply(int x, int y, unsigned choice) const {
  if (choice == 0) return;
  const Plane& plane = f_->current->planes[component_];
  visit_cells(x, y, [&](int u, int v, int w, int h, size_t cell) { filter(u, v, w, h, cell, choice, plane.row(v) + u, plane.stride); });
}

void DirectionalFilter::apply_all(const std::vector<uint8_t>& choices) const {
  auto choice = choices.begin();
  for (int y = 0; y < f_->geometry->h; y += kSuperblock)
    for (int x = 0; x < f_->geometry->w; x += kSuperblock) apply(x, y, *choice++);
}

}  // namespace stf::lossy
