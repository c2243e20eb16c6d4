// Mapping of samples (docs/format.md, 12.2): from those that the caller has to 0 .. range - 1, which are predicted, and
// back. An offset is taken off, or values become their ranks among those in use, or R, G, B become colour differences.
#pragma once

#include "common/work.hpp"
#include "lossless/frames.hpp"

namespace stf::lossless {

// Fill in a shape from the extents of a video's planes; the subsampling is the least that explains them. False if none
// does.
bool describe(const WorkVideo& video, Shape& shape);

// Whether mapped samples need 16 bits: then all components are held so.
inline bool is_deep(const ProfileHeader& header, unsigned components) {
  for (unsigned c = 0; c < components; ++c)
    if (header.map[c].range > 256) return true;
  return false;
}

// Transform one row of R, G, B to the three rows that are coded, modulo range = 2^bits; and back.
template <typename From, typename To>
void colour_forward(ColourTransform colour, int range, const From* const rgb[3], To* const out[3], int n) {
  const int mask = range - 1, half = range >> 1;
  for (int i = 0; i < n; ++i) {
    const int g = rgb[1][i];
    const int u = (rgb[0][i] - g + half) & mask, v = (rgb[2][i] - g + half) & mask;
    const int delta = colour == ColourTransform::kLumaGreen ? (u + v - range) >> 2 : 0;
    out[0][i] = static_cast<To>((g + delta) & mask);
    out[1][i] = static_cast<To>(u);
    out[2][i] = static_cast<To>(v);
  }
}
template <typename From, typename To>
void colour_inverse(ColourTransform colour, int range, const From* const in[3], To* const rgb[3], int n) {
  const int mask = range - 1, half = range >> 1;
  for (int i = 0; i < n; ++i) {
    const int u = in[1][i], v = in[2][i];
    const int delta = colour == ColourTransform::kLumaGreen ? (u + v - range) >> 2 : 0;
    const int g = (in[0][i] - delta) & mask;
    rgb[0][i] = static_cast<To>((u + g - half) & mask);
    rgb[1][i] = static_cast<To>(g);
    rgb[2][i] = static_cast<To>((v + g - half) & mask);
  }
}

}  // namespace stf::lossless
