// Presentation times of the frames of a slab, run-length coded (docs/format.md, section 4).
#pragma once

#include <cstdint>
#include <vector>

#include "common/bytes.hpp"
#include "stfrag/store.h"

namespace stf::store {

struct FrameTimes {
  std::vector<int64_t> pts, durations;  // in ticks; both empty in a store without times

  bool empty() const { return pts.empty(); }
  int64_t end() const { return pts.back() + durations.back(); }
};

// Whether times can be stored: strictly ascending, durations not negative, nothing overflows.
bool times_valid(const int64_t* pts, const int64_t* durations, size_t n);

// Write times, which must be valid and not empty.
void write_times(ByteWriter& out, const FrameTimes& times);
// How many bytes write_times() takes for them.
size_t times_size(const FrameTimes& times);

// Read the times of n frames; fails `in` on anything but what write_times() writes for them.
void read_times(ByteReader& in, size_t n, FrameTimes& times);

}  // namespace stf::store
