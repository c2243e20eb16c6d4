// The built-in statistics that frames without references begin with. They were trained (docs/format.md, 14.11;
// docs/lossy.md says on what).
#pragma once

#include "lossy/models.hpp"

namespace stf::lossy {

// The bounds of all models of luma, then of the other components, in the order of visit().
inline constexpr size_t kDefaultBoundCount = 2213;
extern const int16_t kDefaultBounds[kDefaultBoundCount];

// Set all models to the built-in statistics.
void set_defaults(LumaModels& luma, ChromaModels& chroma);

}  // namespace stf::lossy
