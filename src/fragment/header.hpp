// The header of a fragment's coded form: docs/format.md section 8.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/bytes.hpp"
#include "stfrag/fragment.h"

namespace stf {

inline constexpr uint8_t kFragmentMagic[3] = {0xF5, 0x53, 0x46};

enum Profile : uint8_t { kProfileRaw = 0, kProfileLossless = 1, kProfileStream = 2, kProfileLossy = 3 };

// max_error of a header where samples may differ by any amount.
inline constexpr uint32_t kNoMaxError = 65535;

// The most bytes of a header that write_header() makes.
inline constexpr size_t kMaxHeaderBytes = 64;

// A parsed header and where the payload is.
struct FragmentHeader {
  stf_fragment_info info{};
  const uint8_t* payload = nullptr;
  size_t payload_size = 0;
};

// Write the header of `info` in front of a payload of payload_size bytes; its coded CRC is still zero: see seal().
void write_header(const stf_fragment_info& info, size_t payload_size, ByteWriter& out);

// Compute and fill in the CRC of a complete coded form.
void seal(uint8_t* coded, size_t size);

// Parse and check everything in the header against the format and the limits; allocates nothing.
stf_status parse_header(const stf_limits& limits, const void* data, size_t size, FragmentHeader* header,
                        stf_error* error);

// STF_E_CORRUPT_FRAGMENT if the bytes are not those that were sealed. `data` has been parsed.
stf_status check_coded_crc(const FragmentHeader& header, const void* data, stf_error* error);

// STF_E_ARGUMENT or STF_E_LIMIT for a size that no fragment of this profile has.
stf_status check_size(const stf_format& format, stf_size size, uint8_t profile, stf_error* error);

// STF_E_CORRUPT_FRAGMENT: the decoded samples are not those that were encoded.
stf_status wrong_samples(uint32_t actual, uint32_t expected, stf_error* error);

// How many samples all components have together; sizes and format are within the limits of the format.
uint64_t count_samples(const stf_format& format, stf_size size);

}  // namespace stf
