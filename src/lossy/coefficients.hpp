// The coefficients of a transform block (docs/format.md, 14.8).
#pragma once

#include <algorithm>
#include <bit>
#include <cstring>

#include "lossy/coders.hpp"
#include "lossy/models.hpp"

namespace stf::lossy {

inline constexpr int kMaxLevel = 32767;

inline int size_class(int log_w, int log_h) { return (log_w + log_h) / 2 - 2; }

// How far from the lowest frequency: 0 for it, else 1 + log2 of x + y, at most 4.
inline int distance_class(int x, int y) { return std::min(static_cast<int>(std::bit_width(static_cast<unsigned>(x + y))), 4); }

// What levels of a block were, capped, with a border of zeros to the right and below.
class Magnitudes {
 public:
  explicit Magnitudes(int w, int rows) : stride_(w + 2) {
    std::memset(at_, 0, static_cast<size_t>(stride_) * static_cast<size_t>(rows + 2));
  }
  void set(int x, int y, int magnitude) { at_[y * stride_ + x] = static_cast<uint8_t>(std::min(magnitude, 15)); }
  int level_context(int x, int y, int distance) const {
    const uint8_t* m = at_ + y * stride_ + x;
    const int sum = cap(m[1]) + cap(m[2]) + cap(m[stride_]) + cap(m[stride_ + 1]) + cap(m[2 * stride_]);
    return 5 * distance + std::min((sum + 1) >> 1, 4);
  }
  int more_context(int x, int y, int distance) const {
    const uint8_t* m = at_ + y * stride_ + x;
    return std::min((m[1] + m[stride_] + m[stride_ + 1] + 1) >> 1, 6) + (distance == 0 ? 0 : 7);
  }

 private:
  static int cap(int m) { return std::min(m, 3); }
  int stride_;
  uint8_t at_[34 * 34];
};

// Code (or read) the levels of a block that has some: `count` of them in the order of the scan up to the last that is not
// zero; the reader ignores `count` and expects zeros in levels. Returns the count.
template <typename Coder>
int code_coefficients(Coder& coder, CoefficientModels& models, int log_w, int log_h, int count, int16_t* levels) {
  const int size = size_class(log_w, log_h);
  const uint16_t* order = scan(log_w, log_h);

  const auto n = static_cast<unsigned>(count - 1);
  const unsigned last_class = coder.symbol(models.last_class[size], static_cast<unsigned>(std::bit_width(n)));
  unsigned last = last_class;
  if (last_class >= 2) {
    const unsigned digits = last_class - 2;
    last = 2 | coder.symbol(models.last_digit[size][last_class], n >> digits & 1);
    last = last << digits | coder.literal(n & ((1u << digits) - 1), digits);
  }
  // Classes reach 1023; smaller blocks of hostile streams end at their last coefficient.
  last = std::min(last, (1u << (log_w + log_h)) - 1);

  int rows = 1 << log_h;
  Magnitudes magnitudes(1 << log_w, std::min(rows, static_cast<int>(last) + 1));
  uint16_t signed_at[1024];
  unsigned n_signed = 0;
  for (unsigned i = last + 1; i-- > 0;) {
    const int y = order[i] >> 8, x = order[i] & 255;
    int16_t& level = levels[y << log_w | x];
    const auto value = static_cast<unsigned>(level < 0 ? -level : level);
    const int distance = distance_class(x, y);
    unsigned magnitude;
    if (i == last) {
      magnitude = 1 + coder.symbol(models.last_level[size][std::min(distance, 3)], std::min(value, 3u) - 1);
    } else {
      magnitude = coder.symbol(models.level[size][magnitudes.level_context(x, y, distance)], std::min(value, 3u));
    }
    if (magnitude == 0) continue;
    if (magnitude == 3) {
      auto& more = models.more[size][magnitudes.more_context(x, y, distance)];
      for (int round = 0; round < 4; ++round) {
        const unsigned step = coder.symbol(more, std::min(value - magnitude, 3u));
        magnitude += step;
        if (step < 3) break;
        if (round == 3) magnitude += std::min(coder.number(models.rest, value - magnitude), uint32_t{kMaxLevel});
      }
    }
    magnitude = std::min(magnitude, static_cast<unsigned>(kMaxLevel));
    magnitudes.set(x, y, static_cast<int>(magnitude));
    if constexpr (Coder::kReads) level = static_cast<int16_t>(magnitude);
    signed_at[n_signed++] = static_cast<uint16_t>(y << log_w | x);
  }
  for (unsigned i = 0; i < n_signed; i += 15) {
    const unsigned group = std::min(n_signed - i, 15u);
    uint32_t signs = 0;
    for (unsigned k = 0; k < group; ++k) signs = signs << 1 | (levels[signed_at[i + k]] < 0);
    signs = coder.literal(signs, group);
    if constexpr (Coder::kReads) {
      for (unsigned k = 0; k < group; ++k)
        if (signs >> (group - 1 - k) & 1) levels[signed_at[i + k]] = static_cast<int16_t>(-levels[signed_at[i + k]]);
    }
  }
  return static_cast<int>(last) + 1;
}

}  // namespace stf::lossy
