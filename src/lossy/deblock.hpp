// The deblocking filter (docs/format.md, 14.9): it smooths the steps that quantisation leaves at the edges of blocks.
#pragma once

#include "lossy/frame.hpp"

namespace stf::lossy {

// Filter one plane of a frame whose blocks are all decoded, in place.
void deblock(const FrameState& f, unsigned component);

}  // namespace stf::lossy
