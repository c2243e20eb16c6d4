// One frame while it is coded: what both the encoder and the decoder know when they come to a block.
#pragma once

#include <algorithm>
#include <vector>

#include "lossy/models.hpp"
#include "lossy/picture.hpp"

namespace stf::lossy {

// What a block says of itself (docs/format.md, 14.3).
struct Block {
  uint16_t x = 0, y = 0;  // in luma
  uint8_t log_w = 0, log_h = 0;
  bool skip = false;   // a candidate's motion, and no coefficients of luma
  bool merge = false;  // a candidate's motion
  uint8_t candidate = 0;
  bool split = false;  // transforms of half the size
  Motion motion;
  uint8_t mode = 0, angle = 0;  // intra
  uint8_t chroma_mode = 0;
  bool chroma_coded = false;
  bool luma_coded = false;  // has coefficients
  uint8_t q = 0;            // index of the luma quantiser
  bool intra() const { return motion.references == kIntra; }
  int w() const { return 1 << log_w; }
  int h() const { return 1 << log_h; }
  // The direction 0 .. 32 of a directional mode.
  int direction() const {
    static constexpr int kDelta[4] = {0, 1, -1, 2};
    return std::clamp(4 * (mode - static_cast<int>(kFirstDirection)) + kDelta[angle], 0, 32);
  }
};

// What is decoded of a plane, in units of 4 x 4 samples.
class UnitMap {
 public:
  enum State : uint8_t { kAbsent = 0, kEmpty = 1, kCoded = 2 };
  void reset(int w, int h) {
    w_ = (w + 3) >> 2;
    h_ = (h + 3) >> 2;
    at_.assign(static_cast<size_t>(w_ * h_), kAbsent);
  }
  // In samples; outside of the plane nothing is there.
  uint8_t at(int x, int y) const {
    return x < 0 || y < 0 || x >> 2 >= w_ || y >> 2 >= h_ ? uint8_t{kAbsent}
                                                          : at_[static_cast<size_t>((y >> 2) * w_ + (x >> 2))];
  }
  // The unit of a sample inside of the plane, and those to the right of it.
  uint8_t* row(int x, int y) { return &at_[static_cast<size_t>((y >> 2) * w_ + (x >> 2))]; }
  void fill(int x, int y, int w, int h, State state) {
    const int x1 = std::min((x + w + 3) >> 2, w_), y1 = std::min((y + h + 3) >> 2, h_);
    for (int v = y >> 2; v < y1; ++v)
      for (int u = x >> 2; u < x1; ++u) at_[static_cast<size_t>(v * w_ + u)] = state;
  }

 private:
  int w_ = 0, h_ = 0;
  std::vector<uint8_t> at_;
};

// How a reference is scaled before it is predicted from.
struct Scaling {
  static constexpr int kWeightBits = 10, kOffsetBits = 14, kNoOffset = 1 << (kOffsetBits - 1);
  int weight = 256, offset = 0;  // weight in 1/256
  bool operator==(const Scaling&) const = default;
};

struct FrameState {
  const Geometry* geometry = nullptr;
  Picture* current = nullptr;
  const Picture* reference[2] = {};  // A, B
  unsigned references = 0;
  Scaling scaling[2][STF_MAX_COMPONENTS];
  Plane from[2][STF_MAX_COMPONENTS];  // what is predicted from: the references, scaled
  int q = 0;                          // index of the luma quantiser, of the frame
  int chroma_q = 0;
  bool varies = false;  // groups have quantisers of their own
  LumaModels luma;
  ChromaModels chroma;
  UnitMap units[STF_MAX_COMPONENTS];

  void begin(const Geometry& g, Picture& picture) {
    geometry = &g;
    current = &picture;
    std::fill(picture.cells.begin(), picture.cells.end(), Cell{});
    for (unsigned c = 0; c < g.components; ++c) units[c].reset(g.plane_w(c), g.plane_h(c));
  }
  // The cell that holds a sample of luma, NULL outside of the picture.
  Cell* cell(int x, int y) const { return cell_of(*current, x, y); }
  Cell* cell_of(const Picture& picture, int x, int y) const {
    const int cx = x >> kCellLog, cy = y >> kCellLog;
    if (x < 0 || y < 0 || cx >= geometry->cells_x() || cy >= geometry->cells_y()) return nullptr;
    return const_cast<Cell*>(&picture.cells[static_cast<size_t>(cy * geometry->cells_x() + cx)]);
  }
  // The same if it has been coded.
  const Cell* known(int x, int y) const {
    const Cell* found = cell(x, y);
    return found != nullptr && found->log_w != 0 ? found : nullptr;
  }
  size_t cell_index(int x, int y) const {
    return static_cast<size_t>((y >> kCellLog) * geometry->cells_x() + (x >> kCellLog));
  }
  // Whether anything of the superblock at (x, y) is more than a prediction.
  bool has_residual(int x, int y) const {
    for (int v = y; v < std::min(y + kSuperblock, geometry->h); v += kCell)
      for (int u = x; u < std::min(x + kSuperblock, geometry->w); u += kCell)
        if (!cell(u, v)->skip) return true;
    return false;
  }
  void fill_cells(const Block& b, const Cell& value) {
    const int x1 = std::min((b.x + b.w()) >> kCellLog, geometry->cells_x());
    const int y1 = std::min((b.y + b.h()) >> kCellLog, geometry->cells_y());
    for (int cy = b.y >> kCellLog; cy < y1; ++cy)
      std::fill_n(current->cells.begin() + cy * geometry->cells_x() + (b.x >> kCellLog), x1 - (b.x >> kCellLog), value);
  }
  // A block at the first sample of a group says the quantiser of all that begins in it.
  static bool begins_group(const Block& b) { return ((b.x | b.y) & (kGroup - 1)) == 0; }
  static bool fills_group(const Block& b) { return b.w() >= kGroup && b.h() >= kGroup; }
  // That of a group as its neighbours have it.
  int quantiser_around(int x, int y) const {
    const Cell *above = known(x, y - 1), *left = known(x - 1, y);
    if (above == nullptr || left == nullptr) return above != nullptr ? above->q : left != nullptr ? left->q : q;
    return (above->q + left->q + 1) >> 1;
  }
  int chroma_quantiser(const Block& b) const { return std::clamp(chroma_q + b.q - q, 0, 255); }
  void remember(const Block& b) {
    Cell value;
    value.motion = b.motion;
    value.log_w = b.log_w;
    value.log_h = b.log_h;
    value.mode = static_cast<uint8_t>(b.intra() ? mode_class(b.mode) : 0);
    value.skip = b.skip;
    value.split = b.split;
    value.q = b.q;
    fill_cells(b, value);
  }
  // DC and what is like it, smooth, towards the left, towards the top.
  static int mode_class(int mode) {
    return mode == 0 || mode == 2 ? 0 : mode == 1 ? 1 : mode - static_cast<int>(kFirstDirection) <= 4 ? 2 : 3;
  }
};

}  // namespace stf::lossy
