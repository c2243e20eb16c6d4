// Profile 1, lossless: docs/format.md section 12. The fragment layer calls these two; everything else in this
// directory is behind them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/array.hpp"
#include "common/payload_request.hpp"
#include "common/work.hpp"
#include "stfrag/fragment.h"

namespace stf {

struct LosslessParams {
  uint8_t structure, lanes, effort;
  bool rgb_hint;           // components 0..2 look like R, G, B: interleaved, not subsampled
  uint32_t max_error = 0;  // of the decoder; the encoder gets levels of the quantiser (quantise.hpp) as they are
};

// Append the profile's payload (profile header, tables, frame table, substreams) to `out`; may fail with STF_E_MEMORY
// only. *used receives the parameters with every automatic choice made.
stf_status lossless_encode(const stf_env& env, const LosslessParams& params, const WorkVideo& video,
                           Array<uint8_t>& out, LosslessParams* used);

// Decode the frames and components that are asked for into `video`, and nothing else of it is written. Planes that are not
// asked for may have no memory (data == NULL). The frames and samples that were decoded, references included, are added to
// *work.
stf_status lossless_decode(const stf_env& env, const LosslessParams& from_header, const PayloadRequest& request,
                           WorkVideo& video, stf_work* work, stf_error* error);

}  // namespace stf
