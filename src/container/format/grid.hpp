// The nominal grid: how a picture and a length of time are cut when nothing cleverer is asked for (docs/format.md,
// section 2). Only the writer and repair use it: whoever reads a store takes the boxes from its pages.
#pragma once

#include <cstdint>
#include <vector>

#include "stfrag/store.h"

namespace stf::store {

// Compute the inner and outer borders of [0, size), as stf_grid_cut() writes them.
stf_status grid_borders(uint32_t size, uint32_t piece, uint8_t kind, uint32_t align, std::vector<uint32_t>& borders,
                        stf_error* error);

// The most frames that a slab of this cut may hold: T, or 1.5 T for the last one of a balanced cut.
inline uint32_t longest_slab(uint32_t fragment_t, uint8_t cut) {
  return cut == STF_CUT_BALANCED ? fragment_t + fragment_t / 2 : fragment_t;
}

}  // namespace stf::store
