// Error reporting inside the core: functions return stf_status and describe a failure once, where it happens.
#pragma once

#include <cstddef>

#include "stfrag/status.h"

namespace stf {

// The version of the format, the only one that is read and written; 0 was that of development versions, which no
// reader takes any more.
inline constexpr uint32_t kFormatVersion = 1;

// STF_OK if `version` is the one above; else STF_E_UNSUPPORTED with a message that says which one `what` ("store",
// "fragment") needs and what to do.
stf_status version_check(const char* what, uint64_t version, stf_error* error);

// Fill in *error (if not NULL) with a printf-style one-line message and no fragment, and return `status`.
#if defined(__GNUC__)
#define STF_PRINTF __attribute__((format(printf, 3, 4)))
#else
#define STF_PRINTF
#endif
STF_PRINTF stf_status fail(stf_error* error, stf_status status, const char* format, ...);

// STF_E_ARGUMENT unless the reserved space of a public struct, which `what` names, is zero: what an older library does
// not know must not be asked of it.
template <typename T, size_t N>
stf_status check_reserved(const T (&reserved)[N], const char* what, stf_error* error) {
  for (const T& word : reserved)
    if (word != 0) return fail(error, STF_E_ARGUMENT, "reserved fields of %s must be zero", what);
  return STF_OK;
}

}  // namespace stf

// Return from the enclosing function if an expression of type stf_status failed.
#define STF_TRY(expression)                                                            \
  do {                                                                                 \
    if (const stf_status stf_try_ = (expression); stf_try_ != STF_OK) return stf_try_; \
  } while (0)
