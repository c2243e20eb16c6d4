// The syntax of the coefficients of a transform block (docs/format.md, 14.8). They are coded as levels, in the order of
// the scan from the last one that is not zero to the first.
#pragma once

#include <algorithm>
#include <bit>
#include <cstring>

#include "lossy/coders.hpp"
#include "lossy/models.hpp"

namespace stf::lossy {

inline constexpr int kMaxLevel = 32767;

// Sizes of transform blocks that share statistics: 0 to 3 for about 4, 8, 16 and 32 points a side.
inline int size_class(int log_w, int log_h) { return (log_w + log_h) / 2 - 2; }

// How far a coefficient is from the lowest frequency: 0 for that itself, else 1 + log2 of x + y, at most 4.
inline int distance_class(int x, int y) {
  return std::min(static_cast<int>(std::bit_width(static_cast<unsigned>(x + y))), 4);
}

// The magnitudes of the levels that are coded, as contexts for those that come. Most levels are zero: a level that is
// not adds itself to the sums of the places that it is a neighbour of, so that a context is read from one place.
class Magnitudes {
 public:
  Magnitudes(int w, int rows) : stride_(w + kBorder) {
    std::memset(at_, 0, static_cast<size_t>(stride_ * (rows + kBorder)) * sizeof(uint16_t));
  }
  // Add a level that is not zero.
  void set(int x, int y, int magnitude) {
    uint16_t* m = at_ + (y + kBorder) * stride_ + x + kBorder;
    const auto near = static_cast<uint16_t>(std::min(magnitude, 3)),
               both = static_cast<uint16_t>(near | std::min(magnitude, 15) << 8);
    const auto add = [](uint16_t& to, uint16_t v) { to = static_cast<uint16_t>(to + v); };
    add(m[-1], both);
    add(m[-2], near);
    add(m[-stride_], both);
    add(m[-stride_ - 1], both);
    add(m[-2 * stride_], near);
  }
  // The context of a level, and of what follows a level of 3 or more.
  int level_context(int x, int y, int distance) const {
    const int sum = at(x, y) & 255;  // of five neighbours, 3 at most each
    return 5 * distance + std::min((sum + 1) >> 1, 4);
  }
  int more_context(int x, int y, int distance) const {
    const int sum = at(x, y) >> 8;  // of the three next to it, 15 at most each
    return std::min((sum + 1) >> 1, 6) + (distance == 0 ? 0 : 7);
  }

 private:
  static constexpr int kBorder = 2;
  uint16_t at(int x, int y) const { return at_[(y + kBorder) * stride_ + x + kBorder]; }
  int stride_;
  uint16_t at_[34 * 34];
};

// Code the levels of a transform block that has some. `count` of them, in the order of the scan, hold all that are not
// zero. The reader ignores `count` and expects zeros in `levels`. Returns the count.
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
