// Decoding what should not be trusted.
#pragma once

#include <vector>

#include "fragment_fixture.hpp"

namespace fixture {

// What anybody would do with bytes of unknown origin: read the header, make room, decode (all components, or a mask of
// them).
inline stf_status try_decode(const std::vector<uint8_t>& coded, uint32_t flags, stf_error* error = nullptr,
                             uint32_t components = 0) {
  // In memory of its own size, so that a sanitizer sees every read beyond.
  const std::vector<uint8_t> exact(coded);
  stf_env env;
  stf_env_init(&env);
  env.limits.max_samples = 1 << 20;
  stf_fragment_info info;
  if (const stf_status status = stf_fragment_info_read(&env, exact.data(), exact.size(), &info, error);
      status != STF_OK) {
    const stf_video nowhere{};
    CHECK(stf_fragment_decode(&env, exact.data(), exact.size(), nullptr, &nowhere, nullptr, nullptr) != STF_OK);
    return status;
  }
  stf_video video{};
  std::vector<std::vector<uint8_t>> memory;
  for (uint32_t c = 0; c < info.format.components; ++c) {
    uint32_t rows, columns;
    stf_plane_extent(&info.format, c, info.size.y, info.size.x, &rows, &columns);
    const auto item = static_cast<ptrdiff_t>(stf_itemsize(info.format.dtype));
    memory.emplace_back(size_t{info.size.t} * rows * columns * static_cast<size_t>(item));
    video.planes[c] = {memory.back().data(), item * static_cast<ptrdiff_t>(columns) * static_cast<ptrdiff_t>(rows),
                       item * static_cast<ptrdiff_t>(columns), item};
  }
  stf_fragment_request request{};
  request.flags = flags;
  request.components = components;
  return stf_fragment_decode(&env, exact.data(), exact.size(), &request, &video, nullptr, error);
}

inline bool is_honest(stf_status status) {
  return status == STF_E_CORRUPT_FRAGMENT || status == STF_E_UNSUPPORTED || status == STF_E_LIMIT;
}

}  // namespace fixture
