// Where exceptions end. The core itself throws none: a function that can fail returns an stf_status, a bool or
// something empty. But the standard library throws, where a container gets no memory or a thread cannot be started. What
// it throws passes through the core to one of the two functions here, which are the only ones with a `try`.
//
// The core may be built without exceptions (-DSTF_EXCEPTIONS=OFF): then the standard library ends the program instead.
// What grows with samples or coded bytes is not concerned: its memory comes from stf_env.allocator (array.hpp).
#pragma once

#include <new>

#include "common/status.hpp"

namespace stf {

#if defined(__cpp_exceptions)

// Return what f returns; an exception becomes a status. Around the body of every C function that may meet one, and of
// every callback from C.
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

// Call f; returns whether it came to its end without an exception.
template <typename F>
bool attempt(F&& f) noexcept {
  try {
    f();
    return true;
  } catch (...) {
    return false;
  }
}

#else

template <typename F>
stf_status at_border(stf_error*, F&& f) {
  return f();
}

template <typename F>
bool attempt(F&& f) {
  f();
  return true;
}

#endif

}  // namespace stf
