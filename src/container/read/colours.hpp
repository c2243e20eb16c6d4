// The colours of a store, as its metadata tells of them (docs/api.md has the document).
#pragma once

#include <string_view>

#include "stfrag/store.h"

namespace stf::store {

// See stf_reader_colour(): what the metadata of a store of this description says.
stf_status colour_of(const stf_store_desc& desc, std::string_view metadata, stf_colour* colour, stf_error* error);

}  // namespace stf::store
