#include "common/status.hpp"
#include "stfrag/store.h"

extern "C" {
stf_status stf_verify(const stf_env*, const stf_source*, int, void (*)(void*, const stf_error*), void*,
                      stf_verify_report*, stf_error* error) {
  return stf::fail(error, STF_E_UNSUPPORTED, "verify is not there yet");
}
stf_status stf_repair(const stf_env*, const stf_source*, const stf_sink*, stf_repair_report*, stf_error* error) {
  return stf::fail(error, STF_E_UNSUPPORTED, "repair is not there yet");
}
}
