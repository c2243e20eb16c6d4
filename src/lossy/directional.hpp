// The directional filter of a deblocked picture (docs/format.md, 14.10).
#pragma once

#include <vector>

#include "common/env.hpp"
#include "dsp/directional.hpp"
#include "lossy/frame.hpp"

namespace stf::lossy {

// Filters the planes of a frame one after the other, luma first: the others follow its directions.
class DirectionalFilter {
 public:
  DirectionalFilter(const stf_env& env, const FrameState& f) : env_(env), f_(f) {}
  // Keep a copy of a deblocked plane, to filter from. Luma comes first in every frame whose planes are filtered. false:
  // no memory.
  bool begin(unsigned component);
  // The samples of one cell, filtered.
  void filter(int x, int y, int w, int h, size_t cell, unsigned choice, Sample* to, ptrdiff_t stride);
  // Filter all of the plane, by superblock.
  void apply(const std::vector<uint8_t>& choices);

  // Call visit(x, y, w, h, cell) for each cell of the superblock at (x, y), in samples of luma, that may be filtered:
  // its place in the plane.
  template <typename Visit>
  void visit_cells(int x, int y, Visit&& visit) const {
    const Geometry& g = *f_.geometry;
    const int sub_x = g.sub_x[component_], sub_y = g.sub_y[component_];
    for (int v = y; v < std::min(y + kSuperblock, g.h); v += kCell)
      for (int u = x; u < std::min(x + kSuperblock, g.w); u += kCell)
        if (!f_.cell(u, v)->skip) visit(u >> sub_x, v >> sub_y, kCell >> sub_x, kCell >> sub_y, f_.cell_index(u, v));
  }

 private:
  // A plane with a border of copies.
  struct Copy {
    static constexpr int kBorder = 2;
    Buffer<Sample> samples;
    Plane plane;
    bool fill(const stf_env& env, const Plane& from);
  };
  static constexpr uint8_t kUnknown = 255;
  uint8_t direction_of(size_t cell);

  const stf_env& env_;
  const FrameState& f_;
  unsigned component_ = 0;
  int step_ = 0;  // of the quantiser, in 1/16
  Copy luma_, other_;
  std::vector<uint8_t> directions_;  // by cell
};

// Say whether a frame is filtered, and how each superblock that has something to filter is. Returns the first.
template <typename Coder>
bool code_filters(Coder& coder, const FrameState& f, AdaptiveModel<kFilters>& model, bool filtered,
                  std::vector<uint8_t>& choices) {
  const Geometry& g = *f.geometry;
  choices.resize(g.superblocks());
  filtered = coder.literal(filtered, 1) != 0;
  if (!filtered) return false;
  size_t i = 0;
  for (int y = 0; y < g.h; y += kSuperblock)
    for (int x = 0; x < g.w; x += kSuperblock, ++i)
      choices[i] = f.has_residual(x, y) ? static_cast<uint8_t>(coder.symbol(model, choices[i])) : uint8_t{0};
  return true;
}

}  // namespace stf::lossy
