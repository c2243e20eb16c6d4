// Slots of frames: each wanted frame has one from when it is coded until the last frame that refers to it is.
#pragma once

#include <vector>

#include "common/structure.hpp"

namespace stf {

struct SlotPlan {
  std::vector<uint32_t> slot;  // of each frame
  uint32_t slots = 0;
};

inline SlotPlan plan_slots(const Structure& structure, const std::vector<uint8_t>& wanted) {
  const auto& order = structure.decode_order();
  std::vector<uint32_t> uses(structure.frames(), 0), free;
  for (const uint32_t t : order) {
    if (!wanted[t]) continue;
    const FrameRefs& r = structure.refs(t);
    if (r.count > 0) ++uses[r.a];
    if (r.count > 1) ++uses[r.b];
  }
  SlotPlan plan;
  plan.slot.resize(structure.frames());
  for (const uint32_t t : order) {
    if (!wanted[t]) continue;
    if (free.empty()) free.push_back(plan.slots++);
    plan.slot[t] = free.back();
    free.pop_back();
    const FrameRefs& r = structure.refs(t);
    if (r.count > 0 && --uses[r.a] == 0) free.push_back(plan.slot[r.a]);
    if (r.count > 1 && --uses[r.b] == 0) free.push_back(plan.slot[r.b]);
    if (uses[t] == 0) free.push_back(plan.slot[t]);
  }
  return plan;
}

}  // namespace stf
