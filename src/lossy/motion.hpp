// Motion: which motion a block may take over from its neighbours and its references, and how a block is predicted from
// references (docs/format.md, 14.6).
#pragma once

#include "lossy/frame.hpp"

namespace stf::lossy {

// The largest component of a vector; the difference of two vectors then fits in 14 bits and a sign.
inline constexpr int kMaxVector = (1 << 13) - 1;

// What the surroundings of a block say of its motion.
struct Candidates {
  Motion at[kMergeCandidates];  // motion that it can take over as it is
  MotionVector predicted[2];    // of its own vectors to A and B: they are coded as differences to these
};

// The candidates of a block of luma, in a frame with references.
Candidates find_candidates(const FrameState& f, const Rect& block);

// Predict a rectangle of component c, in samples of that component.
void predict_inter(const FrameState& f, const Motion& motion, unsigned c, const Rect& r, Sample* out, ptrdiff_t stride);
// Predict it from one reference (0 is A, 1 is B), not rounded yet: rows of kPredictionStride (dsp/inter.hpp).
void predict_from(const FrameState& f, unsigned reference, MotionVector v, unsigned c, const Rect& r, int16_t* out);

}  // namespace stf::lossy
