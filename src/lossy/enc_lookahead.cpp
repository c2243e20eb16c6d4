#include "lossy/enc_lookahead.hpp"

#include "entropy/statistics.hpp"

namespace stf::lossy {
namespace {

// Quarters of a QP that a frame twice as important is finer by. Source of the idea: x264's macroblock tree.
constexpr int kStrength = 10;
// Quarters of a QP that a block of twice the activity is coarser by under adaptive quantisation of strength 16, and
// the most that it is. Source of the idea: x264's adaptive quantisation.
constexpr int kAdaptive = 8, kMostCoarser = 24;
// Less than this is no fade: weights in 1/256, offsets in samples of 10 bits.
constexpr int kLeastWeight = 6, kLeastOffset = 4;
// Added to activities, so that blocks of less are all alike. In sums of 64 samples of 10 bits.
constexpr uint32_t kQuiet = 64;

// log2 in 1/16.
int log_16(uint64_t v) {
  return static_cast<int>(log2_fixed(static_cast<uint32_t>(std::min<uint64_t>(v, UINT32_MAX))) >> (kLog2Shift - 4));
}

// The mean of value(block) over all blocks, rounded.
template <typename Block, typename F>
int mean_over(const Buffer<Block>& blocks, F&& value) {
  int sum = 0;
  const int n = static_cast<int>(blocks.size());
  for (size_t i = 0; i < blocks.size(); ++i) sum += value(blocks[i]);
  return (sum + n / 2) / n;
}

bool is_fade(const Scaling& scaling) {
  return std::abs(scaling.weight - 256) >= kLeastWeight || std::abs(scaling.offset) >= kLeastOffset;
}

}  // namespace

bool LookAhead::find_motion(const stf_env& env, uint32_t t, const std::vector<CoarsePicture>& coarse,
                            const SlotPlan& plan, int largest) {
  const CoarsePicture& here = coarse[plan.slot[t]];
  const FrameRefs& refs = structure_.refs(t);
  const uint32_t to[2] = {refs.a, refs.b};
  Frame& frame = frames_[t];
  frame.moments = moments_of(here.scale(0));
  for (unsigned r = 0; r < refs.count; ++r) {
    const CoarsePicture& reference = coarse[plan.slot[to[r]]];
    CoarseMotion& motion = frame.motion[r];
    if (!motion.allocate(env, here)) return false;
    motion.search(here, reference);
    const Scaling scaling = scaling_between(frames_[to[r]].moments, frame.moments);
    if (!is_fade(scaling)) continue;
    // Motion from the scaled reference is taken only if it explains an eighth more.
    scaled_.scale_from(reference, scaling, largest);
    trial_.search(here, scaled_);
    if (trial_.total() > motion.total() - motion.total() / 8) continue;
    std::swap(motion, trial_);
    frame.fades[r] = true;
  }
  return true;
}

// A block takes what its best reference explains of it from that one; where both are about as good, half from each.
bool LookAhead::weigh(const stf_env& env, const CoarsePicture& picture, unsigned references, Frame& frame) {
  const size_t n = static_cast<size_t>(picture.columns()) * static_cast<size_t>(picture.rows());
  if (!frame.blocks.allocate(env, n)) return false;
  for (size_t i = 0; i < n; ++i) {
    BlockUse& block = frame.blocks[i];
    block = {};
    block.activity = picture.activity(i) + 1;
    if (references == 0) continue;
    const uint32_t a = frame.motion[0].error(i), b = references > 1 ? frame.motion[1].error(i) : UINT32_MAX;
    const uint32_t least = std::min(a, b);
    if (least >= block.activity) continue;
    const auto explained = static_cast<uint32_t>((uint64_t{block.activity - least} << 10) / block.activity);
    if (references > 1 && std::max(a, b) <= least + least / 4) {
      block.share[0] = block.share[1] = explained / 2;
    } else {
      block.share[a <= b ? 0 : 1] = explained;
    }
  }
  return true;
}

// A vector leads to up to four blocks: each gets a part by the area that it covers.
void LookAhead::hand_on(const Frame& frame, unsigned reference, int columns, Frame& to) {
  const CoarseMotion& motion = frame.motion[reference];
  constexpr int kSize = 1 << CoarseMotion::kBlockLog;
  const int rows = static_cast<int>(frame.blocks.size()) / columns;
  for (size_t i = 0; i < frame.blocks.size(); ++i) {
    const BlockUse& block = frame.blocks[i];
    const uint64_t amount = ((block.held() + block.used) * block.share[reference]) >> 10;
    if (amount == 0) continue;
    const int x = static_cast<int>(i) % columns * kSize, y = static_cast<int>(i) / columns * kSize;
    const MotionVector v = motion.at(x, y);
    const int px = x + (v.x >> 2), py = y + (v.y >> 2);
    const int u = px >> CoarseMotion::kBlockLog, w = py >> CoarseMotion::kBlockLog;
    const int fx = px & (kSize - 1), fy = py & (kSize - 1);
    for (int k = 0; k < 4; ++k) {
      const int bx = std::clamp(u + (k & 1), 0, columns - 1), by = std::clamp(w + (k >> 1), 0, rows - 1);
      const auto area = static_cast<uint64_t>((k & 1 ? fx : kSize - fx) * (k >> 1 ? fy : kSize - fy));
      to.blocks[static_cast<size_t>(by * columns + bx)].used += (amount * area) >> (2 * CoarseMotion::kBlockLog);
    }
  }
}

// The mean over a frame's blocks of how often what they hold is used, themselves included, as a logarithm in 1/16.
int LookAhead::uses(const Frame& frame) {
  return mean_over(frame.blocks,
                   [](const BlockUse& block) { return log_16(((block.held() + block.used) << 6) / block.held()); });
}

// Adaptive quantisation: errors hide where there is much to see, so blocks of more activity than most are quantised
// more coarsely, and quiet ones more finely.
bool LookAhead::adapt(const stf_env& env, int strength, Frame& frame) {
  const auto log_of = [](const BlockUse& block) { return log_16(block.activity + kQuiet); };
  const int mean = mean_over(frame.blocks, log_of);
  if (!frame.group_offsets.allocate(env, frame.blocks.size())) return false;
  for (size_t i = 0; i < frame.blocks.size(); ++i)
    frame.group_offsets[i] = static_cast<int8_t>(
        std::clamp(strength * kAdaptive * (log_of(frame.blocks[i]) - mean) / (16 * 16), -kMostCoarser, kMostCoarser));
  return true;
}

bool LookAhead::run(const stf_env& env, const Geometry& g, const WorkVideo& video, bool rgb, int adaptive) {
  const SlotPlan plan = plan_slots(structure_, std::vector<uint8_t>(structure_.frames(), 1));
  const unsigned n_planes = rgb ? g.components : 1;
  std::vector<CoarsePicture> coarse(plan.slots);
  OwnPicture source;
  if (!source.allocate(env, g, n_planes) || !scaled_.allocate(env, g) || !trial_.allocate(env, scaled_)) return false;
  for (CoarsePicture& picture : coarse)
    if (!picture.allocate(env, g)) return false;

  const auto& order = structure_.decode_order();
  for (const uint32_t t : order) {
    import_picture(g, video, t, rgb, n_planes, source);
    CoarsePicture& here = coarse[plan.slot[t]];
    here.fill(source.planes[0]);
    if (!find_motion(env, t, coarse, plan, g.largest())) return false;
    if (!weigh(env, here, structure_.refs(t).count, frames_[t])) return false;
  }
  // Backwards: when a frame hands on, all that refer to it have done so.
  for (auto t = order.rbegin(); t != order.rend(); ++t) {
    const FrameRefs& refs = structure_.refs(*t);
    const uint32_t to[2] = {refs.a, refs.b};
    for (unsigned r = 0; r < refs.count; ++r) hand_on(frames_[*t], r, scaled_.columns(), frames_[to[r]]);
  }
  const int first = uses(frames_[order.front()]);
  for (Frame& frame : frames_) {
    frame.offset = (kStrength * (first - uses(frame)) + 8) >> 4;
    if (adaptive > 0 && !adapt(env, adaptive, frame)) return false;
  }
  return true;
}

}  // namespace stf::lossy
