// Error reporting inside the core: functions return stf_status and describe a failure once, where it happens.
#pragma once

#include "stfrag/status.h"

namespace stf {

inline constexpr uint32_t kFormatVersion = 0;

// Fill in *error (if not NULL) with a printf-style one-line message and no fragment, and return `status`.
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
stf_status fail(stf_error* error, stf_status status, const char* format, ...);

}  // namespace stf

// Return from the enclosing function if an expression of type stf_status failed.
#define STF_TRY(expression)                                              \
  do {                                                                   \
    if (const stf_status stf_try_ = (expression); stf_try_ != STF_OK) return stf_try_; \
  } while (0)
