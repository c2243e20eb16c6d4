// One frame while it is coded: what the encoder and the decoder both know when they come to a block.
#pragma once

#include <algorithm>

#include "lossy/models.hpp"
#include "lossy/picture.hpp"

namespace stf::lossy {

// A block: the area that is predicted in one way, and what the stream says of it (docs/format.md, 14.3).
struct CodingBlock {
  uint16_t x = 0, y = 0;         // of its first sample of luma
  uint8_t log_w = 0, log_h = 0;  // log2 of its size in luma
  bool skip = false;             // a candidate's motion, and no coefficients of luma
  bool merge = false;            // a candidate's motion instead of vectors of its own
  uint8_t candidate = 0;         // which candidate, if skip or merge
  bool split = false;            // its transforms are of half the size
  Motion motion;                 // none if it is intra
  uint8_t mode = 0, angle = 0;   // of an intra block: how luma is predicted, and the finer direction
  uint8_t chroma_mode = 0;       // of an intra block: how chroma is predicted
  bool chroma_coded = false;     // chroma has coefficients
  bool luma_coded = false;       // luma has coefficients
  uint8_t q = 0;                 // index of the luma quantiser

  bool intra() const { return motion.references == kIntra; }
  int w() const { return 1 << log_w; }
  int h() const { return 1 << log_h; }
  Rect rect() const { return {x, y, w(), h()}; }
  // The direction 0 .. 32 (tables.hpp) of a directional mode: its angle moves it by up to two.
  int direction() const {
    static constexpr int kDelta[4] = {0, 1, -1, 2};
    return std::clamp(4 * (mode - static_cast<int>(kFirstDirection)) + kDelta[angle], 0, 32);
  }
};

// A block of the given place and size of which nothing is known yet.
inline CodingBlock block_at(int x, int y, int log_w, int log_h) {
  CodingBlock b;
  b.x = static_cast<uint16_t>(x);
  b.y = static_cast<uint16_t>(y);
  b.log_w = static_cast<uint8_t>(log_w);
  b.log_h = static_cast<uint8_t>(log_h);
  return b;
}

// A transform block: the part of a block whose residual is transformed at once, in samples of its own plane.
struct TransformBlock {
  unsigned component = 0;
  int x = 0, y = 0;
  int log_w = 2, log_h = 2;  // log2 of its size
  int w() const { return 1 << log_w; }
  int h() const { return 1 << log_h; }
  Rect rect() const { return {x, y, w(), h()}; }
};

// Which parts of a plane are decoded, in units: squares of 4 x 4 samples of that plane.
class UnitMap {
 public:
  // Of a unit: not decoded yet, decoded without coefficients, decoded with some.
  enum State : uint8_t { kAbsent = 0, kEmpty = 1, kCoded = 2 };
  // Get memory for a plane of w x h samples, all of it absent. False when there is none.
  bool allocate(const stf_env& env, int w, int h) {
    w_ = (w + 3) >> 2;
    h_ = (h + 3) >> 2;
    if (!at_.allocate(env, static_cast<size_t>(w_) * static_cast<size_t>(h_))) return false;
    reset();
    return true;
  }
  // Make all units absent.
  void reset() { std::fill(at_.begin(), at_.end(), uint8_t{kAbsent}); }
  // The state at a sample; outside of the plane all is absent.
  uint8_t at(int x, int y) const {
    return x < 0 || y < 0 || x >> 2 >= w_ || y >> 2 >= h_ ? uint8_t{kAbsent}
                                                          : at_[static_cast<size_t>((y >> 2) * w_ + (x >> 2))];
  }
  // The states from that at a sample inside of the plane to the end of its row.
  uint8_t* row(int x, int y) { return &at_[static_cast<size_t>((y >> 2) * w_ + (x >> 2))]; }
  // Set the state of all units of a rectangle that are inside of the plane.
  void fill(const Rect& r, State state) {
    const int x1 = std::min((r.x + r.w + 3) >> 2, w_), y1 = std::min((r.y + r.h + 3) >> 2, h_);
    for (int v = r.y >> 2; v < y1; ++v)
      for (int u = r.x >> 2; u < x1; ++u) at_[static_cast<size_t>(v * w_ + u)] = state;
  }

 private:
  int w_ = 0, h_ = 0;
  Buffer<uint8_t> at_;  // row by row
};

// How a reference is made brighter or darker before a frame is predicted from it; the default leaves it as it is.
struct Scaling {
  static constexpr int kWeightBits = 10, kOffsetBits = 14, kNoOffset = 1 << (kOffsetBits - 1);
  int weight = 256, offset = 0;  // weight in 1/256, offset in samples
  bool operator==(const Scaling&) const = default;
};

// The state of the frame that is being coded.
struct FrameState {
  const Geometry* geometry = nullptr;
  Picture* current = nullptr;
  const Picture* reference[2] = {};        // A and B
  unsigned references = 0;                 // how many of the two there are
  Scaling scaling[2][STF_MAX_COMPONENTS];  // of each reference's components
  Plane from[2][STF_MAX_COMPONENTS];       // what blocks are predicted from: the references, scaled
  int q = 0;                               // index of the frame's luma quantiser
  int chroma_q = 0;                        // index of its chroma quantiser
  bool varies = false;                     // groups of blocks have luma quantisers of their own
  LumaModels luma;
  ChromaModels chroma;
  UnitMap units[STF_MAX_COMPONENTS];

  // Get memory for frames of a fragment. False when there is none.
  bool allocate(const stf_env& env, const Geometry& g) {
    geometry = &g;
    for (unsigned c = 0; c < g.components; ++c)
      if (!units[c].allocate(env, g.plane_w(c), g.plane_h(c))) return false;
    return true;
  }
  // Make `picture` the current one, with nothing of it coded.
  void begin(Picture& picture) {
    current = &picture;
    std::fill(picture.cells.begin(), picture.cells.end(), Cell{});
    for (unsigned c = 0; c < geometry->components; ++c) units[c].reset();
  }

  // The cell that holds a sample of luma; NULL outside of the picture.
  Cell* cell(int x, int y) const { return cell_of(*current, x, y); }
  // The same of any picture of the fragment.
  Cell* cell_of(const Picture& picture, int x, int y) const {
    const int cx = x >> kCellLog, cy = y >> kCellLog;
    if (x < 0 || y < 0 || cx >= geometry->cells_x() || cy >= geometry->cells_y()) return nullptr;
    return const_cast<Cell*>(&picture.cells[static_cast<size_t>(cy * geometry->cells_x() + cx)]);
  }
  // The cell that holds a sample of luma if a block covers it already; else NULL.
  const Cell* known(int x, int y) const {
    const Cell* found = cell(x, y);
    return found != nullptr && found->log_w != 0 ? found : nullptr;
  }
  // The place of a sample's cell in a picture's list of cells.
  size_t cell_index(int x, int y) const {
    return static_cast<size_t>((y >> kCellLog) * geometry->cells_x() + (x >> kCellLog));
  }
  // Whether some block of the superblock at (x, y) is not skipped.
  bool has_residual(int x, int y) const {
    for (int v = y; v < std::min(y + kSuperblock, geometry->h); v += kCell)
      for (int u = x; u < std::min(x + kSuperblock, geometry->w); u += kCell)
        if (!cell(u, v)->skip) return true;
    return false;
  }

  // Set all cells of an area, as far as it is inside of the picture.
  void fill_cells(const Rect& area, const Cell& value) {
    const int x0 = area.x >> kCellLog, x1 = std::min((area.x + area.w) >> kCellLog, geometry->cells_x());
    const int y1 = std::min((area.y + area.h) >> kCellLog, geometry->cells_y());
    for (int cy = area.y >> kCellLog; cy < y1; ++cy)
      std::fill_n(current->cells.data() + cy * geometry->cells_x() + x0, x1 - x0, value);
  }
  // Remember a block in its cells.
  void remember(const CodingBlock& b) {
    Cell value;
    value.motion = b.motion;
    value.log_w = b.log_w;
    value.log_h = b.log_h;
    value.mode = static_cast<uint8_t>(b.intra() ? mode_class(b.mode) : 0);
    value.skip = b.skip;
    value.split = b.split;
    value.q = b.q;
    fill_cells(b.rect(), value);
  }
  // Intra modes that predict alike, for contexts: DC and Paeth (0), smooth (1), directions to the left (2), to the top
  // (3).
  static int mode_class(int mode) {
    return mode == 0 || mode == 2 ? 0 : mode == 1 ? 1 : mode - static_cast<int>(kFirstDirection) <= 4 ? 2 : 3;
  }

  // Whether a block is the first one of a group: it says the quantiser of all blocks that begin in that group.
  static bool begins_group(const CodingBlock& b) { return ((b.x | b.y) & (kGroup - 1)) == 0; }
  // Whether a block covers at least one whole group.
  static bool fills_group(const CodingBlock& b) { return b.w() >= kGroup && b.h() >= kGroup; }
  // The luma quantiser that a group at (x, y) is expected to have: the mean of those above and to the left.
  int quantiser_around(int x, int y) const {
    const Cell *above = known(x, y - 1), *left = known(x - 1, y);
    if (above == nullptr || left == nullptr) return above != nullptr ? above->q : left != nullptr ? left->q : q;
    return (above->q + left->q + 1) >> 1;
  }
  // The chroma quantiser of a block: as far from the frame's as its luma quantiser is.
  int chroma_quantiser(const CodingBlock& b) const { return std::clamp(chroma_q + b.q - q, 0, 255); }
  // A block's quantiser of component c.
  int quantiser(const CodingBlock& b, unsigned c) const { return c == 0 ? int{b.q} : chroma_quantiser(b); }
  // The statistics of the coefficients of component c. Component 2 has its own; an alpha channel shares those of 1.
  CoefficientModels& coefficients(unsigned c) { return c == 0 ? luma.coefficients : chroma.coefficients[c == 2]; }
};

}  // namespace stf::lossy
