// The public headers from C++.
#include <cstdio>

#include <stfrag/stfrag.h>

int main() {
  stf_env env;
  stf_env_init(&env);
  std::printf("stfrag %s from C++, format %u, %s\n", stf_version(), stf_format_version(), stf_cpu_name());
  return stf_crc32c(0, "123456789", 9) == 0xE3069283u ? 0 : 1;
}
