// The encoder of one frame: FrameDecoder (dec_frame.hpp) is its twin.
#pragma once

#include "lossy/deblock.hpp"
#include "lossy/enc_filter.hpp"
#include "lossy/enc_lookahead.hpp"
#include "lossy/enc_search.hpp"
#include "lossy/scaling.hpp"

namespace stf::lossy {

class FrameEncoder {
 public:
  // Encodes what `f` says is the current frame: `source`, which comes out in its picture as a decoder will have it.
  FrameEncoder(const stf_env& env, FrameState& f, const Picture& source, const LossyTools& tools)
      : env_(env), f_(f), job_{.state = &f, .source = &source, .tools = tools}, scaled_(f.geometry->components),
        search_(job_), filters_(env, f) {}
  // Get memory for frames of f's geometry. False when there is none.
  bool allocate();

  // What the frame is predicted from and how finely it is quantised.
  struct Plan {
    int quantiser;                // of luma
    const int8_t* group_offsets;  // as FrameJob's
    struct Reference {
      const BorderedLuma* bordered;
      const CoarseMotion* coarse;
      bool fades;  // scale it to the frame's mean and deviation
    } reference[2];
  };
  // Set up a frame: its quantisers and scalings. Comes before luma().
  stf_status begin(const Plan& plan);
  // Encode a frame's section of luma, then that of its other components; the second needs the first. STF_E_MEMORY.
  stf_status luma(Array<uint8_t>& section);
  stf_status chroma(Array<uint8_t>& section);

 private:
  const stf_env& env_;
  FrameState& f_;
  FrameJob job_;
  ScaledReferences scaled_;
  BorderedLuma scaled_borders_[2];  // of scaled references
  SuperblockEncoder search_;
  FilterEncoder filters_;
  Buffer<Lambda> lambdas_;     // by quantiser
  Array<CodingBlock> blocks_;  // of the frame, in the order of coding: luma finds them, chroma goes through them again
};

}  // namespace stf::lossy
