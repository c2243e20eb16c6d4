// The header record: what a store holds (docs/format.md, section 2).
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "common/bytes.hpp"
#include "common/status.hpp"
#include "stfrag/store.h"

namespace stf::store {

struct StoreHeader {
  uint32_t version = kFormatVersion;
  stf_store_desc desc{};
  std::vector<uint8_t> body;  // as stored, extensions included

  bool has_times() const { return desc.time_base_den != 0; }
  uint32_t align_y() const { return 1u << desc.format.sub_y; }
  uint32_t align_x() const { return 1u << desc.format.sub_x; }
};

// STF_E_ARGUMENT unless the fields of a description make sense, each by itself.
stf_status desc_check(const stf_store_desc& desc, stf_error* error);

// Make the header of a new store.
StoreHeader make_header(const stf_store_desc& desc);

// Parse the body of a header record. STF_E_UNSUPPORTED names the version that is needed.
stf_status parse_header(const uint8_t* body, size_t size, StoreHeader& header, stf_error* error);

// Read a list of extensions (docs/format.md, 8.4). *critical receives the type of the first critical one that `take`
// (if any) does not take, else 0.
using TakeExtension = std::function<bool(uint64_t type, const uint8_t* body, size_t size)>;
void read_extensions(ByteReader& in, uint64_t* critical, const TakeExtension& take = nullptr);

}  // namespace stf::store
