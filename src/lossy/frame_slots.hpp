// The frames that are kept while others refer to them: each has a slot, which goes to another frame once the last frame
// that refers to it is coded (common/slots.hpp). The encoder and the decoder go through them alike.
#pragma once

#include <vector>

#include "common/slots.hpp"
#include "lossy/frame.hpp"

namespace stf::lossy {

class FrameSlots {
 public:
  // Plan slots for the frames that `wanted` names, one byte a frame; it must name all that they refer to.
  FrameSlots(const Structure& structure, const std::vector<uint8_t>& wanted)
      : structure_(structure), plan_(plan_slots(structure, wanted)), pictures_(plan_.slots) {}
  // Get memory for the first n_planes planes of every slot. False when there is none.
  bool allocate(const stf_env& env, const Geometry& g, unsigned n_planes);

  uint32_t count() const { return plan_.slots; }
  // The number of the slot of frame t.
  uint32_t of(uint32_t t) const { return plan_.slot[t]; }
  OwnPicture& picture(uint32_t t) { return pictures_[of(t)]; }

  // Make frame t the one that `f` codes: its picture, its references, and the statistics that the reference of the
  // deeper level ended with, or the built-in ones.
  void begin(FrameState& f, uint32_t t);
  // Keep the statistics that frame t ended with.
  void end(const FrameState& f, uint32_t t);

 private:
  struct Models {
    LumaModels luma;
    ChromaModels chroma;
  };
  const Structure& structure_;
  SlotPlan plan_;
  std::vector<OwnPicture> pictures_;  // by slot
  Buffer<Models> models_;             // by slot
};

}  // namespace stf::lossy
