#include "lossy/enc_coarse.hpp"

#include <cstdlib>

#include "dsp/cost.hpp"
#include "lossy/scaling.hpp"

namespace stf::lossy {
namespace {

constexpr int kReach = 9;    // of the search at the eighth: 72 samples of luma
constexpr int kPenalty = 6;  // of each sample of motion, in sums of magnitudes: of equal places the nearest is taken

constexpr int kAround[4][2] = {{-1, 0}, {1, 0}, {0, -1}, {0, 1}};

// A displacement, and the sum of magnitudes that it leaves.
struct Offset {
  int x = 0, y = 0;
  uint32_t error = 0;
};

// The best displacement of the block at (x, y), of those up to `reach` samples from `centre` in either direction.
Offset search_around(const Plane& from, const Plane& to, int x, int y, Offset centre, int reach,
                     const CostKernels& costs) {
  Offset best = centre;
  uint32_t least = UINT32_MAX;
  for (int dy = centre.y - reach; dy <= centre.y + reach; ++dy)
    for (int dx = centre.x - reach; dx <= centre.x + reach; ++dx) {
      constexpr int kMost = CoarsePicture::kBorder - kCoarseBlock;
      if (x + dx < -kMost || y + dy < -kMost || x + dx > to.w + kMost - kCoarseBlock ||
          y + dy > to.h + kMost - kCoarseBlock)
        continue;
      const uint32_t error = costs.sad(from.row(y) + x, from.stride, to.row(y + dy) + x + dx, to.stride, kCoarseBlock,
                                       kCoarseBlock);
      const uint32_t cost = error + static_cast<uint32_t>(kPenalty * (std::abs(dx) + std::abs(dy)));
      if (cost < least) {
        least = cost;
        best = {dx, dy, error};
      }
    }
  return best;
}

// The sum of magnitudes between the block at (x, y) and the place displaced by (qx, qy) quarters of a sample. Samples
// between others are means of the four around them, weighted by nearness.
uint32_t error_between(const Plane& from, const Plane& to, int x, int y, int qx, int qy) {
  const int fx = qx & 3, fy = qy & 3;
  const auto weight = [](int across, int down) { return static_cast<Sample>(across * down); };
  const Sample w00 = weight(4 - fx, 4 - fy), w01 = weight(fx, 4 - fy), w10 = weight(4 - fx, fy), w11 = weight(fx, fy);
  const Sample* a = from.row(y) + x;
  const Sample* b = to.row(y + (qy >> 2)) + x + (qx >> 2);
  uint32_t sum = 0;
  for (int v = 0; v < kCoarseBlock; ++v, a += from.stride, b += to.stride) {
    // 16 bits hold 16 times a sample of 12 bits.
    Sample apart[kCoarseBlock];
    const Sample* under = b + to.stride;
    for (int u = 0; u < kCoarseBlock; ++u) {
      const auto sum16 = static_cast<Sample>(w00 * b[u] + w01 * b[u + 1] + w10 * under[u] + w11 * under[u + 1] + 8);
      const auto value = static_cast<Sample>(sum16 >> 4);
      apart[u] = static_cast<Sample>(std::max(a[u], value) - std::min(a[u], value));
    }
    for (int u = 0; u < kCoarseBlock; ++u) sum += apart[u];
  }
  return sum;
}

}  // namespace

uint32_t CoarsePicture::activity(size_t i) const {
  const Plane& p = planes_[0];
  const auto across = static_cast<size_t>(columns());
  const int x = static_cast<int>(i % across) * kCoarseBlock, y = static_cast<int>(i / across) * kCoarseBlock;
  int sum = 0;
  for (int v = 0; v < kCoarseBlock; ++v)
    for (int u = 0; u < kCoarseBlock; ++u) sum += p.row(y + v)[x + u];
  const int mean = (sum + kCoarseBlock * kCoarseBlock / 2) / (kCoarseBlock * kCoarseBlock);
  uint32_t magnitudes = 0;
  for (int v = 0; v < kCoarseBlock; ++v)
    for (int u = 0; u < kCoarseBlock; ++u) magnitudes += static_cast<uint32_t>(std::abs(p.row(y + v)[x + u] - mean));
  return magnitudes;
}

bool CoarsePicture::allocate(const stf_env& env, const Geometry& g) {
  for (int i = 0; i < kScales; ++i) {
    Plane& p = planes_[i];
    p.w = (g.w + (1 << kLog[i]) - 1) >> kLog[i];
    p.h = (g.h + (1 << kLog[i]) - 1) >> kLog[i];
    p.stride = (p.w + 2 * kBorder + 15) & ~15;
    if (!memory_[i].allocate(env, static_cast<size_t>(p.stride * (p.h + 2 * kBorder)))) return false;
    p.at = memory_[i].data() + kBorder * p.stride + kBorder;
  }
  return true;
}

void CoarsePicture::fill(const Plane& luma) {
  const Plane* from = &luma;
  for (int i = 0; i < kScales; ++i) {
    const Plane& to = planes_[i];
    const int log = i == 0 ? kLog[0] : kLog[i] - kLog[i - 1], size = 1 << log;
    for (int y = 0; y < to.h; ++y)
      for (int x = 0; x < to.w; ++x) {
        int sum = 0;
        for (int v = 0; v < size; ++v)
          for (int u = 0; u < size; ++u)
            sum += from->row(std::min(y * size + v, from->h - 1))[std::min(x * size + u, from->w - 1)];
        to.row(y)[x] = static_cast<Sample>(sum >> (2 * log));
      }
    for (int y = -kBorder; y < to.h + kBorder; ++y) {
      Sample* row = to.row(y);
      if (y < 0 || y >= to.h) std::copy_n(to.row(std::clamp(y, 0, to.h - 1)), to.w, row);
      std::fill_n(row - kBorder, kBorder, row[0]);
      std::fill_n(row + to.w, kBorder, row[to.w - 1]);
    }
    from = &to;
  }
}

void CoarsePicture::scale_from(const CoarsePicture& from, const Scaling& scaling, int largest) {
  for (int i = 0; i < kScales; ++i) {
    const auto with_border = [](const Plane& p) {
      return Plane{p.row(-kBorder) - kBorder, p.stride, p.w + 2 * kBorder, p.h + 2 * kBorder};
    };
    scale_plane(with_border(from.planes_[i]), scaling, largest, with_border(planes_[i]));
  }
}

uint64_t CoarseMotion::total() const {
  uint64_t sum = 0;
  for (size_t i = 0; i < found_.size(); ++i) sum += found_[i].error;
  return sum;
}

bool CoarseMotion::allocate(const stf_env& env, const CoarsePicture& picture) {
  w_ = picture.columns();
  h_ = picture.rows();
  return found_.allocate(env, static_cast<size_t>(w_) * static_cast<size_t>(h_));
}

void CoarseMotion::search(const CoarsePicture& from, const CoarsePicture& to) {
  const CostKernels& costs = cost_kernels();
  const Plane &fine = from.scale(0), &coarse = from.scale(1);
  std::fill(found_.begin(), found_.end(), Found{});
  for (int by = 0; by * kCoarseBlock < coarse.h; ++by)
    for (int bx = 0; bx * kCoarseBlock < coarse.w; ++bx) {
      const Offset far = search_around(coarse, to.scale(1), bx * kCoarseBlock, by * kCoarseBlock, {}, kReach, costs);
      for (int i = 0; i < 4; ++i) {
        const int x = 2 * bx + (i & 1), y = 2 * by + (i >> 1);
        if (x >= w_ || y >= h_) continue;
        const Offset near = search_around(fine, to.scale(0), x * kCoarseBlock, y * kCoarseBlock, {2 * far.x, 2 * far.y},
                                          2, costs);
        Offset best{4 * near.x, 4 * near.y, near.error};  // in quarters
        for (int step = 2; step >= 1; --step) {
          const Offset centre = best;
          for (const auto& d : kAround) {
            const int qx = centre.x + step * d[0], qy = centre.y + step * d[1];
            const uint32_t error = error_between(fine, to.scale(0), x * kCoarseBlock, y * kCoarseBlock, qx, qy);
            if (error < best.error) best = {qx, qy, error};
          }
        }
        constexpr int kQuarters = 1 << CoarsePicture::kLog[0];
        found_[static_cast<size_t>(y * w_ + x)] = {
            {static_cast<int16_t>(best.x * kQuarters), static_cast<int16_t>(best.y * kQuarters)}, best.error};
      }
    }
}

}  // namespace stf::lossy
