// The deblocking filter of a whole decoded picture (docs/format.md, 14.9).
#pragma once

#include "lossy/frame.hpp"

namespace stf::lossy {

void deblock(const FrameState& f, unsigned component);

}  // namespace stf::lossy
