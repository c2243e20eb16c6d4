#include "lossy/enc_lookahead.hpp"

#include "entropy/statistics.hpp"

namespace stf::lossy {
namespace {

// Quarters of a QP that a frame twice as important is finer by. Source of the idea: x264's macroblock tree.
constexpr int kStrength = 10;

// log2 of an importance in 1/16. None is above 1024 for each of 1024 frames: what a frame is, it gives once.
int log_16(uint64_t importance) {
  return static_cast<int>(log2_fixed(static_cast<uint32_t>(importance)) >> (kLog2Shift - 4));
}

}  // namespace

// A block gives what its best reference explains of it to that one, to both alike where they are about as good.
void LookAhead::weigh(const CoarsePicture& picture, unsigned references, Frame& frame) {
  uint64_t all = 0, from[2] = {};
  for (size_t i = 0; i < frame.motion[0].blocks(); ++i) {
    const uint32_t rest = activity(picture, i) + 1;
    all += rest;
    const uint32_t a = frame.motion[0].error(i), b = references > 1 ? frame.motion[1].error(i) : UINT32_MAX;
    const uint32_t least = std::min(a, b);
    if (least >= rest) continue;
    const uint32_t explained = rest - least;
    const bool alike = references > 1 && std::max(a, b) <= least + least / 4;
    if (alike) {
      from[0] += explained / 2;
      from[1] += explained / 2;
    } else {
      from[a <= b ? 0 : 1] += explained;
    }
  }
  for (unsigned r = 0; r < 2; ++r) frame.taken[r] = static_cast<uint32_t>((from[r] << 10) / std::max<uint64_t>(all, 1));
}

bool LookAhead::run(const stf_env& env, const Geometry& g, const Structure& structure, const WorkVideo& video, bool rgb) {
  frames_.resize(structure.frames());
  const SlotPlan plan = plan_slots(structure, std::vector<uint8_t>(structure.frames(), 1));
  std::vector<CoarsePicture> coarse(plan.slots);
  OwnPicture source;
  if (!source.allocate(env, g, rgb ? g.components : 1)) return false;
  for (CoarsePicture& picture : coarse)
    if (!picture.allocate(env, g)) return false;
  for (const uint32_t t : structure.decode_order()) {
    import_picture(g, video, t, rgb, rgb ? g.components : 1, source);
    CoarsePicture& here = coarse[plan.slot[t]];
    here.fill(source.planes[0]);
    const FrameRefs& refs = structure.refs(t);
    const uint32_t to[2] = {refs.a, refs.b};
    for (unsigned r = 0; r < refs.count; ++r) frames_[t].motion[r].search(here, coarse[plan.slot[to[r]]]);
    if (refs.count > 0) weigh(here, refs.count, frames_[t]);
  }
  for (Frame& frame : frames_) frame.importance = 1024;
  const auto& order = structure.decode_order();
  for (auto t = order.rbegin(); t != order.rend(); ++t) {
    const FrameRefs& refs = structure.refs(*t);
    const Frame& frame = frames_[*t];
    const uint32_t to[2] = {refs.a, refs.b};
    for (unsigned r = 0; r < refs.count; ++r) frames_[to[r]].importance += (frame.importance * frame.taken[r]) >> 10;
  }
  const int first = log_16(frames_[order.front()].importance);
  for (Frame& frame : frames_) frame.offset = (kStrength * (first - log_16(frame.importance)) + 8) >> 4;
  return true;
}

}  // namespace stf::lossy
