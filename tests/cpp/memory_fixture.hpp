// Encoding and decoding in memory that was used before.
#pragma once

#include <cstring>
#include <new>

#include "fragment_fixture.hpp"

namespace fixture {

// Memory that comes filled with one byte, so that whatever reads it before writing shows.
struct Filled {
  uint8_t byte;
  static void* alloc(void* opaque, size_t size) {
    void* p = ::operator new(size + 1, std::align_val_t{64}, std::nothrow);
    if (p != nullptr) std::memset(p, static_cast<Filled*>(opaque)->byte, size);
    return p;
  }
  static void free(void*, void* p) { ::operator delete(p, std::align_val_t{64}); }
  // The defaults, and this memory as long as this lives.
  stf_env env() {
    stf_env env;
    stf_env_init(&env);
    env.allocator = {this, alloc, free};
    return env;
  }
};

inline std::vector<uint8_t> encode_in(const stf_video& video, const stf_encode_options& options, uint8_t fill) {
  Filled filled{fill};
  const stf_env env = filled.env();
  size_t bound = 0, size = 0;
  stf_error error{};
  CHECK_STATUS(stf_fragment_bound(&video.format, video.size, &bound, &error), STF_OK);
  std::vector<uint8_t> coded(bound, fill);
  CHECK_STATUS(stf_fragment_encode(&env, &options, &video, coded.data(), coded.size(), &size, &error), STF_OK);
  coded.resize(size);
  return coded;
}

}  // namespace fixture
