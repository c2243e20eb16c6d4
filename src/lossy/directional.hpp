// The directional filter of a whole deblocked picture (docs/format.md, 14.10).
#pragma once

#include <vector>

#include "dsp/directional.hpp"
#include "lossy/frame.hpp"

namespace stf::lossy {

// One plane after the other: luma first, whose directions the others follow.
class DirectionalFilter {
 public:
  // Keep a copy of the deblocked plane, to filter from.
  void begin(const FrameState& f, unsigned component);
  // Filter the superblock at (x, y), in samples of luma, from the copy into the picture.
  void apply(int x, int y, unsigned choice) const;
  // All of them, the choices in the order of rows.
  void apply_all(const std::vector<uint8_t>& choices) const;
  // Call visit(x, y, w, h, cell) for each cell of a superblock that may be filtered: its place in the plane.
  template <typename Visit>
  void visit_cells(int x, int y, Visit&& visit) const {
    const Geometry& g = *f_->geometry;
    const int sub_x = g.sub_x[component_], sub_y = g.sub_y[component_];
    for (int v = y; v < std::min(y + kSuperblock, g.h); v += kCell)
      for (int u = x; u < std::min(x + kSuperblock, g.w); u += kCell)
        if (!f_->cell(u, v)->skip) visit(u >> sub_x, v >> sub_y, kCell >> sub_x, kCell >> sub_y, f_->cell_index(u, v));
  }
  // The samples of one cell, filtered.
  void filter(int x, int y, int w, int h, size_t cell, unsigned choice, Sample* to, ptrdiff_t stride) const;

 private:
  static uint8_t direction_of(const GradientSums& sums);
  const Sample* at(int x, int y) const { return copy_.data() + (y + kBorder) * stride_ + x + kBorder; }

  static constexpr int kBorder = 2;
  const FrameState* f_ = nullptr;
  unsigned component_ = 0;
  std::vector<Sample> copy_;  // with a border
  ptrdiff_t stride_ = 0;
  int step_ = 0;  // of the quantiser, in 1/16
  std::vector<uint8_t> directions_;  // by cell
};

// The same choices, coded, for all superblocks that have something to filter.
template <typename Coder, typename Model>
void code_filters(Coder& coder, FrameState& f, Model& model, std::vector<uint8_t>& choices) {
  const Geometry& g = *f.geometry;
  size_t i = 0;
  for (int y = 0; y < g.h; y += kSuperblock)
    for (int x = 0; x < g.w; x += kSuperblock, ++i)
      choices[i] = f.has_residual(x, y) ? static_cast<uint8_t>(coder.symbol(model, choices[i])) : uint8_t{0};
}

}  // namespace stf::lossy
