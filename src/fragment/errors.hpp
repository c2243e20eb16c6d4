// How far decoded samples are off from those that were encoded.
#pragma once

#include <cstdint>

#include "stfrag/types.h"

namespace stf {

struct CodingErrors {
  uint64_t sse[STF_MAX_COMPONENTS] = {};
  uint32_t largest = 0;

  // Take into account a row of n working samples of component c.
  void add(uint32_t c, const void* source, const void* decoded, uint32_t n, unsigned bits);
};

}  // namespace stf
