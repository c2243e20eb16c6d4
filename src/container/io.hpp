// Sources and sinks, with every access checked and every failure described.
#pragma once

#include <cstdint>

#include "stfrag/store.h"

namespace stf::store {

// Read [offset, offset + size) of a source; outside of it, or when the callback fails, STF_E_IO.
stf_status read_exactly(const stf_source& source, uint64_t offset, void* destination, size_t size, stf_error* error);

// Write to a sink; `position` only serves the message.
stf_status write_fully(const stf_sink& sink, const void* data, size_t size, uint64_t position, stf_error* error);

}  // namespace stf::store
