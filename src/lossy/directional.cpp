#include "lossy/directional.hpp"

#include <cstdlib>

#include "lossy/reconstruct.hpp"

namespace stf::lossy {
namespace {

// Strengths along the direction and beside it by choice, in eighths of the quantiser's step; 0 is none.
constexpr struct {
  int primary, secondary;
} kStrengths[kFilters] = {{0, 0}, {1, 1}, {2, 1}, {4, 4}};
constexpr int kMostStrength = 1023;

// Twice the angle of the edges is that of the vector (-along, -across); its eight sectors are told by tan 22.5 degrees.
uint8_t sector_of(const GradientSums& sums) {
  const int64_t a = -int64_t{sums.along}, b = -int64_t{sums.across}, wide = std::abs(a), high = std::abs(b);
  if (128 * high < 53 * wide) return a > 0 ? 0 : 4;
  if (128 * wide < 53 * high) return b > 0 ? 2 : 6;
  return b > 0 ? (a > 0 ? 1 : 3) : (a > 0 ? 7 : 5);
}

}  // namespace

bool DirectionalFilter::Copy::fill(const stf_env& env, const Plane& from) {
  const ptrdiff_t stride = from.w + 2 * kBorder + 4;
  const auto size = static_cast<size_t>(stride * (from.h + 2 * kBorder) + 16);
  if (samples.size() < size && !samples.allocate(env, size)) return false;
  plane = {samples.data() + kBorder * stride + kBorder, stride, from.w, from.h};
  copy_with_border(from, plane, kBorder);
  return true;
}

bool DirectionalFilter::begin(unsigned component) {
  component_ = component;
  step_ = step_of(component == 0 ? f_.q : f_.chroma_q) << (f_.geometry->bits - 8);
  if (component == 0) directions_.assign(f_.current->cells.size(), kUnknown);
  return (component == 0 ? luma_ : other_).fill(env_, f_.current->planes[component]);
}

uint8_t DirectionalFilter::direction_of(size_t cell) {
  uint8_t& direction = directions_[cell];
  if (direction == kUnknown) {
    const Geometry& g = *f_.geometry;
    const int index = static_cast<int>(cell), x = index % g.cells_x() << kCellLog, y = index / g.cells_x() << kCellLog;
    direction = sector_of(directional_kernels().gradients(luma_.plane.row(y) + x, luma_.plane.stride, g.bits - 8));
  }
  return direction;
}

void DirectionalFilter::filter(int x, int y, int w, int h, size_t cell, unsigned choice, Sample* to, ptrdiff_t stride) {
  const auto strength = [&](int eighths) { return std::min((eighths * step_ + 64) >> 7, kMostStrength); };
  const auto& parts = kStrengths[choice];
  const DirectionalTaps taps{direction_of(cell), strength(parts.primary), strength(parts.secondary)};
  const Plane& from = (component_ == 0 ? luma_ : other_).plane;
  directional_kernels().filter(from.row(y) + x, from.stride, to, stride, w, h, taps, f_.geometry->largest());
}

void DirectionalFilter::apply(const std::vector<uint8_t>& choices) {
  const Plane& plane = f_.current->planes[component_];
  auto choice = choices.begin();
  for (int y = 0; y < f_.geometry->h; y += kSuperblock)
    for (int x = 0; x < f_.geometry->w; x += kSuperblock, ++choice)
      if (*choice != 0)
        visit_cells(x, y, [&](int u, int v, int w, int h, size_t cell) {
          filter(u, v, w, h, cell, *choice, plane.row(v) + u, plane.stride);
        });
}

}  // namespace stf::lossy
