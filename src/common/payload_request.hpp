// What the decoder of a native profile is asked for.
#pragma once

#include <cstdint>
#include <span>

namespace stf {

struct PayloadRequest {
  std::span<const uint8_t> payload;  // the profile's bytes, all of them
  const uint8_t* wanted_frames;      // one byte for each frame of the fragment, not 0 if its samples are wanted
  uint32_t components;               // bit c: component c is wanted
};

}  // namespace stf
