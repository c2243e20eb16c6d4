// Profile 0, raw: samples packed to their bits, row by row. docs/format.md section 11.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/work.hpp"
#include "fragment/planes.hpp"

namespace stf {

// How many bytes a packed row of n samples takes: every row starts on a byte.
inline size_t raw_row_bytes(unsigned bits, uint32_t n) { return (size_t{n} * bits + 7) / 8; }

// How many bytes the payload takes: exactly this many, whatever the samples are.
uint64_t raw_payload_bytes(const stf_format& format, stf_size size);

// Write the payload, raw_payload_bytes() bytes.
void raw_encode(const WorkVideo& video, uint8_t* out);

// Read samples [x0, x1) of a packed row as working samples.
void raw_unpack(const uint8_t* row, unsigned bits, uint32_t x0, uint32_t x1, void* to);

}  // namespace stf
