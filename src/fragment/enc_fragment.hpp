// Encoding of one fragment, as the writer of stores needs it.
#pragma once

#include <cstdint>

#include "common/env.hpp"
#include "stfrag/fragment.h"

namespace stf {

struct EncodedFragment {
  Buffer<uint8_t> bytes;                  // the coded form
  uint8_t codec = STF_CODEC_STF;          // stf_codec_id of what it is: raw samples are the native codec's
  uint64_t sse[STF_MAX_COMPONENTS] = {};  // sum of squared errors of each component
};

// Like stf_fragment_encode(); `env` is resolved.
stf_status encode_fragment(const stf_env& env, const stf_encode_options& options, const stf_video& source,
                           EncodedFragment& out, stf_error* error);

}  // namespace stf
