// Pictures of the lossy profile (docs/format.md, 14.1 and 14.3). A picture is one frame as it is coded: samples of 10
// to 12 bits in planes whose sizes are multiples of 8 samples of luma, and for each 8 x 8 of luma a cell, which
// remembers what the block there was coded as.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "common/env.hpp"
#include "common/work.hpp"

namespace stf::lossy {

using Sample = uint16_t;

// Squares of luma, by their side in samples and its logarithm. Frames are coded superblock by superblock; a group
// shares one quantiser; a cell is the smallest block, and the smallest area that has motion of its own.
inline constexpr int kSuperblockLog = 6, kSuperblock = 1 << kSuperblockLog;
inline constexpr int kGroupLog = 5, kGroup = 1 << kGroupLog;
inline constexpr int kCellLog = 3, kCell = 1 << kCellLog;

// Samples of one plane: the first one's place, columns and rows.
struct Rect {
  int x = 0, y = 0, w = 0, h = 0;
};

// How far a block has moved, in quarters of a sample of luma.
struct MotionVector {
  int16_t x = 0, y = 0;
  bool operator==(const MotionVector&) const = default;
};

// Copy w x h samples, where w is a power of two from 8 to 64. The width is made a constant for each of the four, so
// that the compiler copies rows inline and calls no function.
inline void copy_block(const Sample* from, ptrdiff_t from_stride, Sample* to, ptrdiff_t to_stride, int w, int h) {
  const auto rows = [&](auto width) {
    for (int y = 0; y < h; ++y) std::memcpy(to + y * to_stride, from + y * from_stride, width() * sizeof(Sample));
  };
  switch (w) {
    case 8: return rows(std::integral_constant<size_t, 8>{});
    case 16: return rows(std::integral_constant<size_t, 16>{});
    case 32: return rows(std::integral_constant<size_t, 32>{});
    default: return rows(std::integral_constant<size_t, 64>{});
  }
}

// Which references a block is predicted from: bit 0 is reference A, bit 1 is B. A block with neither is intra: it is
// predicted from its own frame.
enum References : uint8_t { kIntra = 0, kA = 1, kB = 2, kBoth = 3 };

// The references of a block and its vectors to them.
struct Motion {
  uint8_t references = kIntra;
  MotionVector v[2];  // to A and B; (0, 0) to a reference that the block does not use
  bool operator==(const Motion&) const = default;
};

// What a cell remembers of the block that covers it, for the blocks coded later, the deblocking filter and the frames
// that refer to this one.
struct Cell {
  Motion motion;
  uint8_t log_w = 0, log_h = 0;  // of the block's size; 0: nothing is coded here yet
  uint8_t mode = 0;              // of an intra block: FrameState::mode_class() of its mode
  bool skip = false;             // the block has no residual
  bool split = false;            // the block's transforms are of half its size
  uint8_t q = 0;                 // index of the block's luma quantiser
};

// One component's samples in memory that belongs to someone else.
struct Plane {
  Sample* at = nullptr;  // the sample at (0, 0)
  ptrdiff_t stride = 0;  // samples from a row to the next
  int w = 0, h = 0;      // as coded: rounded up to whole cells
  Sample* row(int y) const { return at + y * stride; }
};

// Copy a plane, and surround the copy with `border` samples on every side that repeat the nearest sample of the plane.
inline void copy_with_border(const Plane& from, const Plane& to, int border) {
  for (int y = -border; y < from.h + border; ++y) {
    const Sample* row = from.row(std::clamp(y, 0, from.h - 1));
    Sample* out = to.row(y);
    std::fill_n(out - border, border, row[0]);
    std::copy_n(row, from.w, out);
    std::fill_n(out + from.w, border, row[from.w - 1]);
  }
}

// Sizes that all pictures of a fragment share.
struct Geometry {
  unsigned components = 1;
  int bits = 10;                                                       // of a sample as it is coded
  int shift = 2;                                                       // a coded sample is the source's << shift
  int w = 0, h = 0;                                                    // of luma, rounded up to multiples of 8
  int sub_x[STF_MAX_COMPONENTS] = {}, sub_y[STF_MAX_COMPONENTS] = {};  // log2 of the subsampling

  int largest() const { return (1 << bits) - 1; }
  int cells_x() const { return w >> kCellLog; }
  int cells_y() const { return h >> kCellLog; }
  size_t cells() const { return static_cast<size_t>(cells_x()) * static_cast<size_t>(cells_y()); }
  size_t superblocks() const {
    const auto along = [](int size) { return static_cast<size_t>((size + kSuperblock - 1) >> kSuperblockLog); };
    return along(w) * along(h);
  }
  int plane_w(unsigned c) const { return w >> sub_x[c]; }
  int plane_h(unsigned c) const { return h >> sub_y[c]; }
  // A rectangle of luma in the samples of component c.
  Rect in_component(const Rect& luma, unsigned c) const {
    return {luma.x >> sub_x[c], luma.y >> sub_y[c], luma.w >> sub_x[c], luma.h >> sub_y[c]};
  }
};

// Call visit(x, y) for every superblock of a picture in the order of coding: row by row, from left to right.
template <typename Visit>
void visit_superblocks(const Geometry& g, Visit&& visit) {
  for (int y = 0; y < g.h; y += kSuperblock)
    for (int x = 0; x < g.w; x += kSuperblock) visit(x, y);
}

// The geometry of a fragment whose format passed lossy_check().
Geometry make_geometry(const stf_format& format, const WorkVideo& video);

struct Picture;
// Fill the first n_planes planes of a picture from frame t of working samples (common/work.hpp): samples are scaled to
// the picture's bits, and the last row and column are repeated up to the coded size. With rgb components 0 to 2 are R,
// G and B and become Y, Cg and Co; n_planes then counts all of them.
void import_picture(const Geometry& g, const WorkVideo& video, uint32_t t, bool rgb, unsigned n_planes, Picture& to);
// The way back: write the components that the mask `components` names to frame t of working samples, rounded to their
// bits.
void export_picture(const Geometry& g, const Picture& from, bool rgb, uint32_t components, const WorkVideo& video,
                    uint32_t t);

// One frame as it is coded.
struct Picture {
  Plane planes[STF_MAX_COMPONENTS];
  Buffer<Cell> cells;              // row by row
  uint32_t time = 0;               // number of the frame in the fragment
  int reference_distance[2] = {};  // frames from here to references A and B; 0: there is none
};

// A picture that owns its samples.
class OwnPicture : public Picture {
 public:
  // Get memory for the first n_planes planes and the cells, all cells as if nothing were coded. False when there is
  // none.
  bool allocate(const stf_env& env, const Geometry& g, unsigned n_planes) {
    size_t total = 0;
    for (unsigned c = 0; c < n_planes; ++c)
      total += static_cast<size_t>(stride(g, c)) * static_cast<size_t>(g.plane_h(c));
    if (!memory_.allocate(env, total + 64)) return false;
    Sample* at = memory_.data();
    for (unsigned c = 0; c < n_planes; ++c) {
      planes[c] = {at, stride(g, c), g.plane_w(c), g.plane_h(c)};
      at += planes[c].stride * planes[c].h;
    }
    if (!cells.allocate(env, g.cells())) return false;
    std::fill(cells.begin(), cells.end(), Cell{});
    return true;
  }

 private:
  static ptrdiff_t stride(const Geometry& g, unsigned c) { return (g.plane_w(c) + 15) & ~15; }
  Buffer<Sample> memory_;
};

}  // namespace stf::lossy
