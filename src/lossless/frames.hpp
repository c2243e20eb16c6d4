// Planes with a border that repeats their edges, so that vectors and taps may point outside (docs/format.md, 12.3).
#pragma once

#include <algorithm>
#include <cstring>

#include "common/env.hpp"
#include "lossless/model.hpp"

namespace stf::lossless {

// One component of one frame, in memory of a FrameStore; `at` is sample (0, 0).
template <typename Sample>
struct BorderedPlane {
  Sample* at = nullptr;
  ptrdiff_t stride = 0;
  int y = 0, x = 0;
  Sample* row(int i) const { return at + i * stride; }

  // Fill the border, once all samples are there.
  void pad() const {
    for (int i = 0; i < y; ++i) {
      Sample* r = row(i);
      std::fill_n(r - kPad, kPad, r[0]);
      std::fill_n(r + x, kPad, r[x - 1]);
    }
    const size_t bytes = static_cast<size_t>(x + 2 * kPad) * sizeof(Sample);
    for (int k = 1; k <= kPad; ++k) {
      std::memcpy(row(-k) - kPad, row(0) - kPad, bytes);
      std::memcpy(row(y - 1 + k) - kPad, row(y - 1) - kPad, bytes);
    }
  }

  // While a frame is being coded its border holds what predictors see there instead (12.4). begin_rows() fills the rows
  // above: with row 0 of reference A, or with the middle of the range if there is none. begin_row() fills what is left
  // of row i: with the first sample of the row above. end_row() fills what is right of it: with its own last sample.
  void begin_rows(const BorderedPlane* a, uint32_t range) const {
    for (int k = -2; k < 0; ++k) {
      Sample* r = row(k) - kPad;
      if (a != nullptr) {
        std::memcpy(r, a->row(0) - kPad, static_cast<size_t>(x + 2 * kPad) * sizeof(Sample));
      } else {
        for (int i = 0; i < x + 2 * kPad; ++i) r[i] = static_cast<Sample>(range >> 1);
      }
    }
  }
  void begin_row(int i) const { row(i)[-1] = row(i)[-2] = row(i - 1)[0]; }
  void end_row(int i) const { row(i)[x] = row(i)[x + 1] = row(i)[x - 1]; }
};

// Memory for a number of frames with all of their components; a slot holds one frame.
template <typename Sample>
class FrameStore {
 public:
  bool allocate(const stf_env& env, const Shape& shape, uint32_t slots) {
    shape_ = &shape;
    size_t total = 0;
    for (unsigned c = 0; c < shape.components; ++c) {
      stride_[c] = (shape.x[c] + 2 * kPad + 15) & ~size_t{15};
      offset_[c] = total;
      total += stride_[c] * (shape.y[c] + 2 * kPad) + 64;
    }
    slot_size_ = total;
    if (slots > SIZE_MAX / (total * sizeof(Sample))) return false;
    return memory_.allocate(env, total * slots);
  }
  BorderedPlane<Sample> frame(uint32_t slot, unsigned c) {
    Sample* base = memory_.data() + slot * slot_size_ + offset_[c];
    const auto stride = static_cast<ptrdiff_t>(stride_[c]);
    return {base + kPad * stride + kPad, stride, static_cast<int>(shape_->y[c]), static_cast<int>(shape_->x[c])};
  }

 private:
  const Shape* shape_ = nullptr;
  size_t stride_[STF_MAX_COMPONENTS] = {}, offset_[STF_MAX_COMPONENTS] = {}, slot_size_ = 0;
  Buffer<Sample> memory_;
};

}  // namespace stf::lossless
