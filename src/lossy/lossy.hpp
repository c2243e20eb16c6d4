// Profile 3, lossy: docs/format.md section 14. The fragment layer calls these; everything else in this directory is
// behind them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/array.hpp"
#include "common/work.hpp"
#include "stfrag/fragment.h"

namespace stf {

inline constexpr int kMaxQuantiser = 255;  // four times the QP

inline constexpr int kMostAdaptive = 64;

struct LossyParams {
  uint8_t structure, effort;
  int quantiser;     // of luma in the first frame, 0 .. kMaxQuantiser
  bool rgb;          // components 0 .. 2 are R, G, B of one size
  int adaptive = 0;  // strength of variance-adaptive quantisation in 1/16, 0 .. kMostAdaptive
};

// STF_E_UNSUPPORTED for what the profile cannot code: more than 12 bits, chroma quartered.
stf_status lossy_check(const stf_format& format, stf_error* error);

// Append the profile's payload to `out` and write what a decoder will give to `decoded`, which has the planes of
// `video`. May fail with STF_E_MEMORY only.
stf_status lossy_encode(const stf_env& env, const LossyParams& params, const stf_format& format, const WorkVideo& video,
                        Array<uint8_t>& out, WorkVideo& decoded);

// As lossless_decode() of lossless.hpp.
stf_status lossy_decode(const stf_env& env, uint8_t structure, const stf_format& format, const uint8_t* payload,
                        size_t size, const uint8_t* wanted_frames, uint32_t components, WorkVideo& video,
                        stf_work* work, stf_error* error);

}  // namespace stf
