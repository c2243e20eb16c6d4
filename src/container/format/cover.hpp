// Boxes of a picture, and whether they cover it exactly.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/box.hpp"

namespace stf::store {

// Whether no two boxes (none of them empty) overlap. O(n log n).
bool disjoint(const std::vector<Box>& boxes);

// Whether the boxes (none of them empty) cover y x x samples, each exactly once. O(n log n); O(n) for a plain grid.
bool covers(const std::vector<Box>& boxes, uint32_t y, uint32_t x);

// Append to `rest` boxes that cover exactly what the disjoint `boxes` leave of a picture. False when that takes more
// than `budget` steps; a regular arrangement takes few. The steps taken are subtracted.
bool complement(const std::vector<Box>& boxes, uint32_t y, uint32_t x, uint64_t& budget, std::vector<Box>& rest);

}  // namespace stf::store
