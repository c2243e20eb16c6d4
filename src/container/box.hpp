// Boxes of a picture, and whether they cover it exactly.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace stf::store {

// Half-open, in samples of component 0.
struct Box {
  uint32_t y0 = 0, y1 = 0, x0 = 0, x1 = 0;

  bool operator==(const Box&) const = default;
  bool empty() const { return y0 >= y1 || x0 >= x1; }
  bool inside(uint32_t y, uint32_t x) const { return y1 <= y && x1 <= x; }
  uint64_t area() const { return uint64_t{y1 - y0} * (x1 - x0); }
};

// Whether no two boxes (none of them empty) overlap. O(n log n).
bool disjoint(const std::vector<Box>& boxes);

// Whether the boxes (none of them empty) cover y x x samples, each exactly once. O(n log n); O(n) for a plain grid.
bool covers(const std::vector<Box>& boxes, uint32_t y, uint32_t x);

// Append to `rest` boxes that cover exactly what the disjoint `boxes` leave of a picture. False when that takes more
// than `budget` steps; a regular arrangement takes few. The steps taken are subtracted.
bool complement(const std::vector<Box>& boxes, uint32_t y, uint32_t x, uint64_t& budget, std::vector<Box>& rest);

}  // namespace stf::store
