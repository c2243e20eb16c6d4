// Names of statuses, versions, and the one place where error messages are formatted.

#include "common/status.hpp"

#include <cstdarg>
#include <cstdio>
#include <cstring>

namespace stf {

stf_status fail(stf_error* error, stf_status status, const char* format, ...) {
  if (error != nullptr) {
    std::memset(error, 0, sizeof *error);
    error->status = status;
    error->fragment = -1;
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
  }
  return status;
}

stf_status version_check(const char* what, uint64_t version, stf_error* error) {
  if (version == kFormatVersion) return STF_OK;
  if (version == 0)
    return fail(error, STF_E_UNSUPPORTED,
                "the %s is of format version 0, which only development versions wrote; this "
                "version of stfrag (%s) reads version %u: encode again",
                what, STF_VERSION, kFormatVersion);
  return fail(error, STF_E_UNSUPPORTED,
              "the %s needs format version %llu; this version of stfrag (%s) reads version %u", what,
              static_cast<unsigned long long>(version), STF_VERSION, kFormatVersion);
}

}  // namespace stf

extern "C" {

const char* stf_status_name(int status) {
  // clang-format off
  static const char* const names[] = {
      "STF_OK", "STF_E_ARGUMENT", "STF_E_MEMORY", "STF_E_LIMIT", "STF_E_CORRUPT_FRAGMENT", "STF_E_CORRUPT_STORE",
      "STF_E_UNSUPPORTED", "STF_E_CODEC", "STF_E_IO", "STF_E_CANCELLED", "STF_E_CAPACITY", "STF_E_INTERNAL"};
  // clang-format on
  const auto index = static_cast<unsigned>(status);
  return index < sizeof names / sizeof *names ? names[index] : "STF_E_?";
}

const char* stf_version(void) { return STF_VERSION; }

uint32_t stf_format_version(void) { return stf::kFormatVersion; }

}  // extern "C"
