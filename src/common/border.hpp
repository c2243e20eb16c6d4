// The border between C++ and C: nothing is thrown across it.
#pragma once

#include <new>

#include "common/status.hpp"

namespace stf {

// Return what f returns; an exception becomes a status.
template <typename F>
stf_status at_border(stf_error* error, F&& f) noexcept {
  try {
    return f();
  } catch (const std::bad_alloc&) {
    return fail(error, STF_E_MEMORY, "out of memory");
  } catch (...) {
    return fail(error, STF_E_INTERNAL, "unexpected exception: please report this as a bug of stfrag");
  }
}

}  // namespace stf
