// One fragment of a store, from its bytes in the file to samples.
#pragma once

#include "container/read/store.hpp"
#include "fragment/dec_stream.hpp"

namespace stf::store {

// A fragment by its row in a page.
struct PageRow {
  const Store& store;
  const Page& page;
  size_t index;
};

// Read a row's coded form, check it against the page and decode what `request` asks for into `destination`. Counts
// in `work` are set, not added to. Failures are told with the fragment's number and box. `lossy`, if given, becomes 1
// if samples of the fragment may be off by any amount, else 0.
stf_status decode_row(const PageRow& row, const stf_fragment_request& request, const stf_video& destination,
                      stf_work* work, stf_error* error, uint8_t* lossy = nullptr);

// The same for a row of another codec, whose frames (of the slab) go to `sink` one by one.
stf_status decode_row_pictures(const PageRow& row, const StreamFrames& frames, const FrameSink& sink, stf_work* work,
                               stf_error* error);

}  // namespace stf::store
