// Decoding of profile 2 by a registered codec.
#pragma once

#include <functional>

#include "fragment/header.hpp"
#include "fragment/picture.hpp"

namespace stf {

// Takes frame frames[i] of a fragment (i if frames is NULL), as it is decoded.
using FrameSink = std::function<stf_status(uint32_t i, PictureRows& rows)>;

// Which frames of a stream are decoded: n ascending ones, or all n if `frames` is NULL. If `check`, the CRC of the
// samples is checked where all frames are decoded and it is known.
struct StreamFrames {
  const uint32_t* frames;
  uint32_t n;
  bool check;
};

// Decode frames and what they need. *work (never NULL): packets decoded are added as frames.
stf_status decode_stream(const stf_env& env, const FragmentHeader& header, const StreamFrames& wanted,
                         const FrameSink& take, stf_work* work, stf_error* error);

}  // namespace stf
