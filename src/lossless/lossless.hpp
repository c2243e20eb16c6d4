// The lossless profile (profile 1, docs/format.md section 12), as the fragment layer sees it: these two functions, and
// nothing else of this folder. docs/hacking.md tells in what order to read the rest.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/array.hpp"
#include "common/payload_request.hpp"
#include "common/work.hpp"
#include "stfrag/fragment.h"

namespace stf {

// How to encode; structure, lanes and max_error are also what the decoder must be told.
struct LosslessParams {
  uint8_t structure, lanes, effort;
  bool rgb_hint;           // components 0..2 are R, G, B as far as we are told: a colour transform may pay
  uint32_t max_error = 0;  // the decoder makes samples of levels (quantise.hpp); the encoder is given levels
};

// Append the profile's payload (profile header, tables, frame table, substreams) to `out`; may fail with STF_E_MEMORY
// only. *used receives the parameters, with a value for everything that was left to the encoder.
stf_status lossless_encode(const stf_env& env, const LosslessParams& params, const WorkVideo& video,
                           Array<uint8_t>& out, LosslessParams* used);

// Decode the frames and components that are asked for into `video`, and nothing else of it is written. Planes that are
// not asked for may have no memory (data == NULL). The frames and samples that were decoded, references included, are
// added to *work.
stf_status lossless_decode(const stf_env& env, const LosslessParams& from_header, const PayloadRequest& request,
                           WorkVideo& video, stf_work* work, stf_error* error);

}  // namespace stf
