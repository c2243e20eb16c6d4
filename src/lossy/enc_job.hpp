// What every stage of the encoder knows of the frame at hand. FrameEncoder (enc_frame.hpp) fills it in for each frame.
#pragma once

#include "lossy/efforts.hpp"
#include "lossy/enc_coarse.hpp"
#include "lossy/enc_rate.hpp"
#include "lossy/frame.hpp"

namespace stf::lossy {

struct FrameJob {
  FrameState* state = nullptr;
  const Picture* source = nullptr;       // the frame before coding
  const BorderedLuma* bordered[2] = {};  // luma of references A and B, scaled if they are
  const CoarseMotion* coarse[2] = {};    // the look-ahead's motion to A and B
  const Lambda* lambdas = nullptr;       // by quantiser
  const int8_t* offsets = nullptr;       // of the quantisers wanted for groups to that of the frame, row by row; NULL:
                                         // all are the frame's
  LossyTools tools{};

  // The luma quantiser that an area should have: the mean of its groups'.
  int quantiser(const Rect& area) const;
  // What a bit is worth in that area.
  const Lambda& lambda_of(const Rect& area) const { return lambdas[quantiser(area)]; }
};

}  // namespace stf::lossy
