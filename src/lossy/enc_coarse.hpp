// Motion at a coarse scale, found before a frame is coded: where the search for vectors begins, over distances that
// descent from a neighbour's vector does not bridge.
#pragma once

#include <vector>

#include "lossy/enc_motion.hpp"

namespace stf::lossy {

// The luma of a source frame at a quarter and at an eighth of its size, with borders.
class CoarsePicture {
 public:
  static constexpr int kScales = 2, kLog[kScales] = {2, 3}, kBorder = 40;
  bool allocate(const stf_env& env, const Geometry& g);
  void fill(const Plane& luma);
  void scale_from(const CoarsePicture& from, const Scaling& scaling, int largest);
  const Plane& scale(int i) const { return planes_[i]; }

 private:
  Buffer<Sample> memory_[kScales];
  Plane planes_[kScales];
};

// A vector for each 32 x 32 samples of luma.
class CoarseMotion {
 public:
  static constexpr int kBlockLog = 5;
  void search(const CoarsePicture& from, const CoarsePicture& to);
  // Sum of magnitudes of block i's difference to where its vector leads.
  uint32_t error(size_t i) const { return errors_[i]; }
  uint64_t total() const;
  int columns() const { return w_; }
  // How many blocks a picture has.
  static size_t count(const CoarsePicture& picture);
  Vector at(int x, int y) const {
    return vectors_[static_cast<size_t>(std::min(y >> kBlockLog, h_ - 1) * w_ + std::min(x >> kBlockLog, w_ - 1))];
  }

 private:
  int w_ = 0, h_ = 0;
  std::vector<Vector> vectors_;
  std::vector<uint32_t> errors_;
};

// How much of what a block of the quarter-sized picture holds is no more than its mean: the sum of the magnitudes of
// the rest.
uint32_t activity(const CoarsePicture& picture, size_t block);

}  // namespace stf::lossy
