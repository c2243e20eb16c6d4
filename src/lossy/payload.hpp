// The payload around the frames (docs/format.md, 14.2), and how a frame begins.
#pragma once

#include <vector>

#include "common/array.hpp"
#include "common/slots.hpp"
#include "common/structure.hpp"
#include "lossy/frame.hpp"

namespace stf::lossy {

struct Section {
  const uint8_t* data = nullptr;
  size_t size = 0;
};

// Where the frames' sections are, by frame.
struct FrameTable {
  bool rgb = false;
  std::vector<Section> luma, chroma;
  bool parse(const uint8_t* payload, size_t size, const Structure& structure, const Geometry& g);
};

// Flags, the table and the sections, each frame's bytes given by frame; chroma is empty if there is none. False when
// there is no memory.
bool write_frames(const Structure& structure, const std::vector<Array<uint8_t>>& luma,
                  const std::vector<Array<uint8_t>>& chroma, bool rgb, Array<uint8_t>& out);

// A decoded frame that others refer to, with the statistics that it ended with.
struct Slot {
  OwnPicture picture;
  LumaModels luma;
  ChromaModels chroma;
};

// Set up `f` for frame t: its picture, references and statistics.
void begin_frame(FrameState& f, const Geometry& g, const Structure& structure, uint32_t t, std::vector<Slot>& slots,
                 const SlotPlan& plan);

}  // namespace stf::lossy
