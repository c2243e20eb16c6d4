// Motion that a block may take over from its neighbours in space and from its references, and the prediction that
// motion gives (docs/format.md, 14.6).
#pragma once

#include "lossy/frame.hpp"

namespace stf::lossy {

// Differences of two vectors then have at most 14 bits.
inline constexpr int kMaxVector = (1 << 13) - 1;

struct Candidates {
  Motion at[kMergeCandidates];
  // The vector to reference r (0 is A, 1 is B) that a difference is added to.
  Vector predicted[2];
};

Candidates find_candidates(const FrameState& f, int x, int y, int w, int h);

// Predict w x h samples of component c at (x, y), its own samples.
void predict_inter(const FrameState& f, const Motion& motion, unsigned c, int x, int y, int w, int h, Sample* out,
                   ptrdiff_t stride);
// From one reference, before rounding: rows of kPredictionStride.
void predict_one(const FrameState& f, unsigned reference, Vector v, unsigned c, int x, int y, int w, int h,
                 int16_t* out);

}  // namespace stf::lossy
