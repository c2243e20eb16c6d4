// Samples as the caller has them <-> 0 .. range - 1 as they are predicted: offset, ranks of the values in use,
// reversible colour differences (docs/format.md, 12.2).
#pragma once

#include "common/work.hpp"
#include "lossless/frames.hpp"

namespace stf::lossless {

// Fills sub_y and sub_x: the least shifts that explain the extents. False if there are none.
bool describe(const WorkVideo& video, Shape& shape);

// Working sample type of all components together.
inline bool is_deep(const Header& header, unsigned components) {
  for (unsigned c = 0; c < components; ++c)
    if (header.map[c].range > 256) return true;
  return false;
}

// One row of R, G, B -> three rows as coded, modulo range = 2^bits; and back.
template <typename From, typename To>
void colour_forward(Colour colour, int range, const From* const rgb[3], To* const out[3], int n) {
  const int mask = range - 1, half = range >> 1;
  for (int i = 0; i < n; ++i) {
    const int g = rgb[1][i];
    const int u = (rgb[0][i] - g + half) & mask, v = (rgb[2][i] - g + half) & mask;
    const int delta = colour == Colour::kLumaGreen ? (u + v - range) >> 2 : 0;
    out[0][i] = static_cast<To>((g + delta) & mask);
    out[1][i] = static_cast<To>(u);
    out[2][i] = static_cast<To>(v);
  }
}
template <typename From, typename To>
void colour_inverse(Colour colour, int range, const From* const in[3], To* const rgb[3], int n) {
  const int mask = range - 1, half = range >> 1;
  for (int i = 0; i < n; ++i) {
    const int u = in[1][i], v = in[2][i];
    const int delta = colour == Colour::kLumaGreen ? (u + v - range) >> 2 : 0;
    const int g = (in[0][i] - delta) & mask;
    rgb[0][i] = static_cast<To>((u + g - half) & mask);
    rgb[1][i] = static_cast<To>(g);
    rgb[2][i] = static_cast<To>((v + g - half) & mask);
  }
}

}  // namespace stf::lossless
