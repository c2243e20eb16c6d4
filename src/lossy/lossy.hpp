// The lossy profile (profile 3, docs/format.md section 14), as the fragment layer sees it: these functions, and nothing
// else of this folder. docs/hacking.md tells in what order to read the rest.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/array.hpp"
#include "common/payload_request.hpp"
#include "common/work.hpp"
#include "stfrag/fragment.h"

namespace stf {

inline constexpr int kMaxQuantiser = 255;  // the index of a quantiser is four times its QP
inline constexpr int kMostAdaptive = 64;   // the strongest adaptive quantisation

// How to encode.
struct LossyParams {
  uint8_t structure, effort;
  int quantiser;     // of luma in the first frame, 0 .. kMaxQuantiser
  bool rgb;          // components 0 .. 2 are R, G, B of one size
  int adaptive = 0;  // strength of variance-adaptive quantisation in 1/16, 0 .. kMostAdaptive
};

// STF_OK if the profile can code such samples; else STF_E_UNSUPPORTED: more than 12 bits, chroma quartered.
stf_status lossy_check(const stf_format& format, stf_error* error);

// Append the profile's payload to `out`, and write the samples that a decoder will give to `decoded`, whose planes are
// as large as those of `video`. Fails with STF_E_MEMORY alone.
stf_status lossy_encode(const stf_env& env, const LossyParams& params, const stf_format& format, const WorkVideo& video,
                        Array<uint8_t>& out, WorkVideo& decoded);

// Decode the frames and components that are asked for, and the frames that those refer to, into `video`. Planes that
// are not asked for may have no memory (data == NULL). The frames and samples that were decoded, references included,
// are added to *work.
stf_status lossy_decode(const stf_env& env, uint8_t kind, const stf_format& format, const PayloadRequest& request,
                        WorkVideo& video, stf_work* work, stf_error* error);

}  // namespace stf
