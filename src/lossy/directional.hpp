// The directional filter (docs/format.md, 14.10): after deblocking it smooths each cell along the direction of the
// edges in it, with a strength that each superblock chooses.
#pragma once

#include "common/env.hpp"
#include "dsp/directional.hpp"
#include "lossy/frame.hpp"

namespace stf::lossy {

// Filters the planes of a frame one after the other. Luma comes first: the other planes are filtered along its
// directions.
class DirectionalFilter {
 public:
  DirectionalFilter(const stf_env& env, const FrameState& f) : env_(env), f_(f) {}

  // A cell that may be filtered: its samples in the plane at hand, and its place in the picture's list of cells.
  struct Part {
    Rect rect;
    size_t cell;
  };

  // Turn to a plane that is deblocked, and keep a copy of it to filter from. In every frame that is filtered luma must
  // be begun before the others. False when there is no memory.
  bool begin(unsigned component);
  // Write one cell, filtered with the strength of a choice (1 to kFilters - 1), to `to`.
  void filter(const Part& part, unsigned choice, Sample* to, ptrdiff_t stride);
  // Filter the plane in place. choices[i] is the choice of superblock i; 0 leaves it as it is.
  void apply(const uint8_t* choices);

  // Call visit(part) for each cell of the superblock at (x, y) of luma that may be filtered: those that are not
  // skipped.
  template <typename Visit>
  void visit_cells(int x, int y, Visit&& visit) const {
    const Geometry& g = *f_.geometry;
    const int sub_x = g.sub_x[component_], sub_y = g.sub_y[component_];
    for (int v = y; v < std::min(y + kSuperblock, g.h); v += kCell)
      for (int u = x; u < std::min(x + kSuperblock, g.w); u += kCell)
        if (!f_.cell(u, v)->skip)
          visit(Part{{u >> sub_x, v >> sub_y, kCell >> sub_x, kCell >> sub_y}, f_.cell_index(u, v)});
  }

 private:
  // A copy of a plane, with a border that repeats its edges.
  struct Copy {
    static constexpr int kBorder = 2;
    Buffer<Sample> samples;
    Plane plane;
    bool fill(const stf_env& env, const Plane& from);
  };
  static constexpr uint8_t kUnknown = 255;
  // The direction of a cell, found when it is first asked for.
  uint8_t direction_of(size_t cell);

  const stf_env& env_;
  const FrameState& f_;
  unsigned component_ = 0;      // the plane at hand
  int step_ = 0;                // of its quantiser, in 1/16
  Copy luma_, other_;           // of luma, and of the plane at hand if it is another
  Buffer<uint8_t> directions_;  // by cell
};

// Code whether a section's planes are filtered and, if so, the choice of each superblock that has a residual. `choices`
// has room for every superblock; it is not touched if nothing is filtered. Returns whether they are filtered.
template <typename Coder>
bool code_filters(Coder& coder, const FrameState& f, AdaptiveModel<kFilters>& model, bool filtered, uint8_t* choices) {
  filtered = coder.literal(filtered, 1) != 0;
  if (!filtered) return false;
  visit_superblocks(*f.geometry, [&](int x, int y) {
    *choices = f.has_residual(x, y) ? static_cast<uint8_t>(coder.symbol(model, *choices)) : uint8_t{0};
    ++choices;
  });
  return true;
}

}  // namespace stf::lossy
