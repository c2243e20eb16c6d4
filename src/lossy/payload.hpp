// The payload of the lossy profile around its frames: flags, the table of sections, the sections (docs/format.md,
// 14.2). A section is the bytes of one frame's luma, or of its other components; each is entropy-coded by itself.
#pragma once

#include <span>
#include <vector>

#include "common/array.hpp"
#include "common/structure.hpp"
#include "lossy/picture.hpp"

namespace stf::lossy {

// Where every frame's sections are in a payload.
struct FrameTable {
  bool rgb = false;                                    // components 0 to 2 are coded as Y, Cg, Co and stand for R, G, B
  std::vector<std::span<const uint8_t>> luma, chroma;  // by frame; chroma is empty in fragments of one component
  // Read the table; false if it does not match the payload's length or the fragment.
  bool parse(std::span<const uint8_t> payload, const Structure& structure, const Geometry& g);
};

// Append the whole payload to `out`. luma and chroma have the sections by frame; chroma is empty in fragments of one
// component. False when there is no memory.
bool write_frames(const Structure& structure, const std::vector<Array<uint8_t>>& luma,
                  const std::vector<Array<uint8_t>>& chroma, bool rgb, Array<uint8_t>& out);

}  // namespace stf::lossy
