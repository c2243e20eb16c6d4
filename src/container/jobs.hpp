// Parallel work on many fragments with one outcome.
#pragma once

#include <cstddef>
#include <functional>

#include "container/format/cover.hpp"
#include "stfrag/fragment.h"

namespace stf::store {

// Run work(0) .. work(count - 1) on the runner. If some fail, the failure of the lowest index is returned, whatever
// the order in which they ran: work above it may be left out. The cancel callback is asked on this thread.
using Work = std::function<stf_status(size_t index, stf_error* error)>;
stf_status run_jobs(const stf_env& env, size_t count, const Work& work, stf_error* error);

// Say in a failure which fragment it is about. `error` may be NULL.
void locate(stf_error* error, int64_t fragment, uint64_t t0, uint64_t t1, const Box& box);

}  // namespace stf::store
