// One fragment of a store, from its bytes in the file to samples.
#pragma once

#include "container/store.hpp"

namespace stf::store {

// Read a row's coded form, check it against the page and decode what `request` asks for into `destination`. Counts
// in `work` are set, not added to. Failures are told with the fragment's number and box.
stf_status decode_row(const Store& store, const Page& page, size_t row, const stf_fragment_request& request,
                      const stf_video& destination, stf_work* work, stf_error* error);

}  // namespace stf::store
