#include "lossy/directional.hpp"

#include <cstdlib>

#include "lossy/reconstruct.hpp"

namespace stf::lossy {
namespace {

// Strengths by choice, of the taps along the direction and of those at 45 degrees to it, in eighths of the quantiser's
// step; 0 is none.
constexpr struct {
  int primary, secondary;
} kStrengths[kFilters] = {{0, 0}, {1, 1}, {2, 1}, {4, 4}};
constexpr int kMostStrength = 1023;

// The direction of a cell's edges, in eighths of 180 degrees. The vector (-along, -across) has twice their angle; which
// of eight sectors it is in is told by comparing its sides with tan 22.5 degrees (53 / 128).
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
  if (component == 0) {
    const size_t cells = f_.current->cells.size();
    if (directions_.size() != cells && !directions_.allocate(env_, cells)) return false;
    std::fill(directions_.begin(), directions_.end(), kUnknown);
  }
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

void DirectionalFilter::filter(const Part& part, unsigned choice, Sample* to, ptrdiff_t stride) {
  const auto strength = [&](int of_step) { return std::min((of_step * step_ + 64) >> 7, kMostStrength); };
  const auto& eighths = kStrengths[choice];
  const DirectionalTaps taps{direction_of(part.cell), strength(eighths.primary), strength(eighths.secondary),
                             f_.geometry->largest()};
  const Plane& from = (component_ == 0 ? luma_ : other_).plane;
  const Rect& r = part.rect;
  directional_kernels().filter(from.row(r.y) + r.x, from.stride, to, stride, r.w, r.h, taps);
}

void DirectionalFilter::apply(const uint8_t* choices) {
  const Plane& plane = f_.current->planes[component_];
  visit_superblocks(*f_.geometry, [&](int x, int y) {
    const unsigned choice = *choices++;
    if (choice == 0) return;
    visit_cells(x, y,
                [&](const Part& part) { filter(part, choice, plane.row(part.rect.y) + part.rect.x, plane.stride); });
  });
}

}  // namespace stf::lossy
