// The core's arrays in tests: an allocator to make them with, and their bytes as a vector.
#pragma once

#include <cstdint>
#include <vector>

#include "common/array.hpp"

namespace fixture {

inline stf::Array<uint8_t> no_bytes() { return stf::Array<uint8_t>(stf::default_allocator()); }
inline std::vector<uint8_t> bytes_of(const stf::Array<uint8_t>& array) { return {array.begin(), array.end()}; }

}  // namespace fixture
