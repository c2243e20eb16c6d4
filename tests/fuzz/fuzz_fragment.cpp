// Any bytes through the fragment decoder: whole and in part, with the checks and with the CRCs bypassed, so that
// mutations reach the entropy decoder and the predictors behind them.

#include <cstdint>
#include <cstdlib>
#include <vector>

#include "stfrag/stfrag.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  stf_env env;
  stf_env_init(&env);
  env.limits.max_samples = 1u << 20;

  stf_error error;
  stf_fragment_info info;
  if (stf_fragment_info_read(&env, data, size, &info, &error) != STF_OK) return 0;

  stf_video out{};
  out.format = info.format;
  out.size = info.size;
  std::vector<uint8_t> planes[STF_MAX_COMPONENTS];
  const size_t item = stf_itemsize(info.format.dtype);
  for (uint32_t c = 0; c < info.format.components; ++c) {
    uint32_t y, x;
    stf_plane_extent(&info.format, c, info.size.y, info.size.x, &y, &x);
    planes[c].resize(size_t{info.size.t} * y * x * item);
    out.planes[c] = {planes[c].data(), static_cast<ptrdiff_t>(item * y * x), static_cast<ptrdiff_t>(item * x),
                     static_cast<ptrdiff_t>(item)};
  }
  stf_fragment_request all{};
  stf_fragment_decode(&env, data, size, &all, &out, nullptr, &error);
  all.flags = STF_SKIP_CODED_CRC | STF_SKIP_SAMPLES_CRC;
  stf_fragment_decode(&env, data, size, &all, &out, nullptr, &error);

  // One frame, the middle of the picture, the first component.
  const uint32_t frame = info.size.t / 2, target = 0;
  stf_fragment_request part{};
  part.frames = &frame;
  part.targets = &target;
  part.n_frames = 1;
  part.y0 = info.size.y / 3;
  part.y1 = info.size.y;
  part.x0 = info.size.x / 3;
  part.x1 = info.size.x;
  part.components = 1;
  part.flags = STF_SKIP_CODED_CRC | STF_SKIP_SAMPLES_CRC;
  stf_fragment_decode(&env, data, size, &part, &out, nullptr, &error);
  return 0;
}
