// Encoding to profile 2 by a registered codec.
#pragma once

#include "common/array.hpp"
#include "common/work.hpp"
#include "fragment/errors.hpp"
#include "fragment/header.hpp"
#include "stfrag/codec.h"

namespace stf {

// Encode `video`, whose caller's format and size `info` has, decode it again, and fill in what `info` says of a stream.
stf_status encode_stream(const stf_env& env, const stf_encode_options& options, const WorkVideo& video,
                         stf_fragment_info& info, Array<uint8_t>& payload, CodingErrors& result, stf_error* error);

}  // namespace stf
