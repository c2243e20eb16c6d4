#include "lossy/enc_lookahead.hpp"

#include "entropy/statistics.hpp"

namespace stf::lossy {
namespace {

// Quarters of a QP that a frame twice as important is finer by. Source of the idea: x264's macroblock tree.
constexpr int kStrength = 10;
// Quarters of a QP that a block of twice the activity is coarser by under adaptive quantisation of strength 16, and
// the most that it is. Source of the idea: x264's adaptive quantisation.
constexpr int kAdaptive = 8, kMostCoarser = 24;
// Less than this is no fade: in 1/256, and in samples of 10 bits.
constexpr int kLeastWeight = 6, kLeastOffset = 4;
// Added to activities: blocks of less are all alike. In sums of 64 samples of 10 bits.
constexpr uint32_t kQuiet = 64;

// log2 in 1/16.
int log_16(uint64_t v) {
  return static_cast<int>(log2_fixed(static_cast<uint32_t>(std::min<uint64_t>(v, UINT32_MAX))) >> (kLog2Shift - 4));
}

int mean_of(const std::vector<int>& values) {
  int sum = 0;
  for (const int v : values) sum += v;
  const int n = static_cast<int>(values.size());
  return (sum + n / 2) / n;
}

}  // namespace

// Try motion from a scaled reference, and keep it if it explains much more.
bool LookAhead::search_scaled(const CoarsePicture& here, const CoarsePicture& reference, const Scaling& scaling,
                              int largest, CoarsePicture& scaled, CoarseMotion& motion) {
  if (std::abs(scaling.weight - 256) < kLeastWeight && std::abs(scaling.offset) < kLeastOffset) return false;
  scaled.scale_from(reference, scaling, largest);
  CoarseMotion found;
  found.search(here, scaled);
  if (found.total() > motion.total() - motion.total() / 8) return false;
  motion = std::move(found);
  return true;
}

// A block gives what its best reference explains of it to that one, to both alike where they are about as good.
void LookAhead::weigh(unsigned references, Frame& frame) {
  const size_t n = frame.rest.size();
  for (auto& taken : frame.taken) taken.assign(n, 0);
  for (size_t i = 0; i < n; ++i) {
    const uint32_t rest = frame.rest[i];
    const uint32_t a = frame.motion[0].error(i), b = references > 1 ? frame.motion[1].error(i) : UINT32_MAX;
    const uint32_t least = std::min(a, b);
    if (least >= rest) continue;
    const auto explained = static_cast<uint32_t>((uint64_t{rest - least} << 10) / rest);
    if (references > 1 && std::max(a, b) <= least + least / 4) {
      frame.taken[0][i] = frame.taken[1][i] = explained / 2;
    } else {
      frame.taken[a <= b ? 0 : 1][i] = explained;
    }
  }
}

// What the blocks of a frame take from a reference goes to the blocks that their vectors lead to, by area.
void LookAhead::hand_on(const Frame& frame, unsigned reference, Frame& to) {
  const CoarseMotion& motion = frame.motion[reference];
  constexpr int kSize = 1 << CoarseMotion::kBlockLog;
  const int columns = motion.columns(), rows = static_cast<int>(frame.rest.size()) / columns;
  for (size_t i = 0; i < frame.rest.size(); ++i) {
    const uint64_t amount = ((held(frame, i) + frame.given[i]) * frame.taken[reference][i]) >> 10;
    if (amount == 0) continue;
    const int x = static_cast<int>(i) % columns * kSize, y = static_cast<int>(i) / columns * kSize;
    const Vector v = motion.at(x, y);
    const int px = x + (v.x >> 2), py = y + (v.y >> 2);
    const int u = px >> CoarseMotion::kBlockLog, w = py >> CoarseMotion::kBlockLog;
    const int fx = px & (kSize - 1), fy = py & (kSize - 1);
    for (int k = 0; k < 4; ++k) {
      const int bx = std::clamp(u + (k & 1), 0, columns - 1), by = std::clamp(w + (k >> 1), 0, rows - 1);
      const auto share = static_cast<uint64_t>((k & 1 ? fx : kSize - fx) * (k >> 1 ? fy : kSize - fy));
      to.given[static_cast<size_t>(by * columns + bx)] += (amount * share) >> (2 * CoarseMotion::kBlockLog);
    }
  }
}

// The mean over a frame's blocks of how often what they hold is used, as a logarithm in 1/16.
int LookAhead::uses(const Frame& frame) {
  std::vector<int> logs(frame.rest.size());
  for (size_t i = 0; i < logs.size(); ++i) logs[i] = log_16(((held(frame, i) + frame.given[i]) << 6) / held(frame, i));
  return mean_of(logs);
}

// Errors hide where there is much to see: blocks of more activity than most are quantised more coarsely, quiet ones
// more finely.
void LookAhead::adapt(Frame& frame, int strength) {
  std::vector<int> logs(frame.rest.size());
  for (size_t i = 0; i < logs.size(); ++i) logs[i] = log_16(frame.rest[i] + kQuiet);
  const int mean = mean_of(logs);
  frame.offsets.resize(logs.size());
  for (size_t i = 0; i < logs.size(); ++i)
    frame.offsets[i] = static_cast<int8_t>(
        std::clamp(strength * kAdaptive * (logs[i] - mean) / (16 * 16), -kMostCoarser, kMostCoarser));
}

bool LookAhead::run(const stf_env& env, const Geometry& g, const Structure& structure, const WorkVideo& video, bool rgb,
                    int adaptive) {
  frames_.resize(structure.frames());
  const SlotPlan plan = plan_slots(structure, std::vector<uint8_t>(structure.frames(), 1));
  std::vector<CoarsePicture> coarse(plan.slots);
  CoarsePicture scaled;
  OwnPicture source;
  if (!source.allocate(env, g, rgb ? g.components : 1)) return false;
  if (!scaled.allocate(env, g)) return false;
  for (CoarsePicture& picture : coarse)
    if (!picture.allocate(env, g)) return false;
  for (const uint32_t t : structure.decode_order()) {
    import_picture(g, video, t, rgb, rgb ? g.components : 1, source);
    CoarsePicture& here = coarse[plan.slot[t]];
    here.fill(source.planes[0]);
    const FrameRefs& refs = structure.refs(t);
    const uint32_t to[2] = {refs.a, refs.b};
    Frame& frame = frames_[t];
    frame.moments = moments_of(here.scale(0));
    for (unsigned r = 0; r < refs.count; ++r) {
      const CoarsePicture& reference = coarse[plan.slot[to[r]]];
      frame.motion[r].search(here, reference);
      frame.fades[r] = search_scaled(here, reference, scaling_between(frames_[to[r]].moments, frame.moments),
                                     g.largest(), scaled, frame.motion[r]);
    }
    frame.rest.resize(CoarseMotion::count(here));
    frame.given.assign(frame.rest.size(), 0);
    for (size_t i = 0; i < frame.rest.size(); ++i) frame.rest[i] = activity(here, i) + 1;
    if (refs.count > 0) weigh(refs.count, frame);
  }
  const auto& order = structure.decode_order();
  for (auto t = order.rbegin(); t != order.rend(); ++t) {
    const FrameRefs& refs = structure.refs(*t);
    const uint32_t to[2] = {refs.a, refs.b};
    for (unsigned r = 0; r < refs.count; ++r) hand_on(frames_[*t], r, frames_[to[r]]);
  }
  const int first = uses(frames_[order.front()]);
  for (Frame& frame : frames_) {
    frame.offset = (kStrength * (first - uses(frame)) + 8) >> 4;
    if (adaptive > 0) adapt(frame, adaptive);
  }
  return true;
}

}  // namespace stf::lossy
