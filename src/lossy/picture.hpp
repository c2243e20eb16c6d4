// Pictures of the lossy profile: samples of 10 to 12 bits in planes whose sizes are multiples of 8 samples of luma, and
// what is known of each of their blocks (docs/format.md, 14.1 and 14.3).
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <vector>

#include "common/env.hpp"
#include "common/work.hpp"

namespace stf::lossy {

using Sample = uint16_t;

inline constexpr int kSuperblockLog = 6, kSuperblock = 1 << kSuperblockLog;
inline constexpr int kGroupLog = 5, kGroup = 1 << kGroupLog;  // samples that share a quantiser
inline constexpr int kCellLog = 3, kCell = 1 << kCellLog;     // the smallest block, and the unit of motion

struct Vector {  // in quarters of a sample of luma
  int16_t x = 0, y = 0;
  bool operator==(const Vector&) const = default;
};

// Copy w x h samples, w a power of two from 8 to 64: of a known width, so that no row calls a function.
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

// Which references a prediction takes: bit 0 is A, bit 1 is B; none is intra.
enum References : uint8_t { kIntra = 0, kA = 1, kB = 2, kBoth = 3 };

struct Motion {
  uint8_t references = kIntra;
  Vector v[2];  // to A and B; (0, 0) where it is not taken
  bool operator==(const Motion&) const = default;
};

// What is remembered of a block in each of its cells.
struct Cell {
  Motion motion;
  uint8_t log_w = 0, log_h = 0;  // 0: not coded yet
  uint8_t mode = 0;              // intra: the mode's class
  bool skip = false;
  bool split = false;  // its transforms are of half its size
  uint8_t q = 0;       // index of the luma quantiser
};

struct Plane {
  Sample* at = nullptr;
  ptrdiff_t stride = 0;
  int w = 0, h = 0;  // coded
  Sample* row(int y) const { return at + y * stride; }
};

// Copy a plane, and around it so many samples of copies of its edges.
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
  int bits = 10;     // of the samples as they are coded
  int shift = 2;     // from the source's bits to these
  int w = 0, h = 0;  // of luma, rounded up to multiples of 8
  int sub_x[STF_MAX_COMPONENTS] = {}, sub_y[STF_MAX_COMPONENTS] = {};

  int largest() const { return (1 << bits) - 1; }
  int cells_x() const { return w >> kCellLog; }
  size_t superblocks() const {
    const auto along = [](int size) { return static_cast<size_t>((size + kSuperblock - 1) >> kSuperblockLog); };
    return along(w) * along(h);
  }
  int cells_y() const { return h >> kCellLog; }
  int plane_w(unsigned c) const { return w >> sub_x[c]; }
  int plane_h(unsigned c) const { return h >> sub_y[c]; }
};

// Of a fragment whose format passed lossy_check().
Geometry make_geometry(const stf_format& format, const WorkVideo& video);

struct Picture;
// Between working samples (common/work.hpp) and pictures: scaled to the picture's bits, the last row and column
// repeated, R, G, B as Y, Cg, Co if rgb; and back, rounded. The first n_planes are imported, all with rgb; `components`
// is a mask.
void import_picture(const Geometry& g, const WorkVideo& video, uint32_t t, bool rgb, unsigned n_planes, Picture& to);
void export_picture(const Geometry& g, const Picture& from, bool rgb, uint32_t components, const WorkVideo& video,
                    uint32_t t);

struct Picture {
  Plane planes[STF_MAX_COMPONENTS];
  std::vector<Cell> cells;
  uint32_t time = 0;
  int reference_distance[2] = {};  // frames from here to A and B
};

// A picture that owns its samples.
class OwnPicture : public Picture {
 public:
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
    cells.resize(static_cast<size_t>(g.cells_x() * g.cells_y()));
    return true;
  }

 private:
  static ptrdiff_t stride(const Geometry& g, unsigned c) { return (g.plane_w(c) + 15) & ~15; }
  Buffer<Sample> memory_;
};

}  // namespace stf::lossy
