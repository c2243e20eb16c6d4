// The stages of the lossless encoder, in the order in which they run (docs/format.md, section 12, says what they may
// choose; how they choose is their own affair). All arithmetic is in integers: the same input gives the same bytes on
// every machine.
#pragma once

#include <algorithm>
#include <vector>

#include "common/array.hpp"
#include "common/structure.hpp"
#include "entropy/statistics.hpp"
#include "lossless/efforts.hpp"
#include "lossless/geometry.hpp"
#include "lossless/mapping.hpp"

namespace stf::lossless {

// What the stages know of a fragment, and what each leaves for the next.
template <typename Sample>
struct Encoder {
  const stf_env& env;
  const LosslessTools& tools;
  const Shape& shape;
  const Structure& structure;
  ProfileHeader& header;
  FrameStore<Sample> frames;                            // mapped samples; the slot of a frame is its number
  Buffer<BlockChoice> blocks[STF_MAX_COMPONENTS] = {};  // [frame][block]
  Buffer<Sample> residual[STF_MAX_COMPONENTS] = {};     // [frame][row][column]
  Buffer<uint16_t> context[STF_MAX_COMPONENTS] = {};    // alike: detail level * energy levels + energy level

  size_t blocks_per_frame() const { return size_t{shape.blocks_y()} * shape.blocks_x(); }
  BlockChoice* frame_blocks(unsigned c, uint32_t t) { return blocks[c].data() + t * blocks_per_frame(); }
  int range(unsigned c) const { return static_cast<int>(header.map[c].range); }
  size_t plane_size(unsigned c) const { return size_t{shape.y[c]} * shape.x[c]; }
  Group& group(unsigned level, unsigned c) { return header.group(level, c, shape.components); }

  FrameView<Sample> view(uint32_t t, unsigned c) {
    return view_of<Sample>(shape, structure.refs(t), t, c, range(c),
                           [&](uint32_t frame, unsigned of) { return frames.frame(frame, of); });
  }
  // Get memory for the blocks of all frames. False when there is none.
  bool allocate_blocks() {
    for (unsigned c = 0; c < shape.components; ++c) {
      if (!blocks[c].allocate(env, shape.t * blocks_per_frame())) return false;
      std::fill(blocks[c].begin(), blocks[c].end(), BlockChoice{});
    }
    return true;
  }
};

// While an object of this class lives, the border of a frame holds what the decoder sees there while it decodes the
// frame.
template <typename Sample>
class AsCurrent {
 public:
  explicit AsCurrent(const FrameView<Sample>& f) : frame_(f.current) {
    frame_.begin_rows(f.refs > 0 ? &f.a : nullptr, static_cast<uint32_t>(f.range));
    for (int y = 0; y < frame_.y; ++y) frame_.begin_row(y);
  }
  ~AsCurrent() { frame_.pad(); }
  AsCurrent(const AsCurrent&) = delete;
  AsCurrent& operator=(const AsCurrent&) = delete;

 private:
  BorderedPlane<Sample> frame_;
};

// The price of n residuals whose magnitudes sum to `sum`, in 1/256 bits, up to a constant.
inline int64_t residual_cost(uint64_t sum, unsigned n) {
  if (sum == 0) return 0;
  const auto mean = static_cast<uint32_t>(std::min<uint64_t>(sum * 16 / n, UINT32_MAX - 8));
  return (static_cast<int64_t>(log2_fixed(mean + 6)) - log2_fixed(5)) * n >> (kLog2Shift - kCostShift);
}

// The stages. Those that return bool return false when there is no memory.

// enc_structure.cpp: choose the frame structure of a video whose caller left it open. Efforts do not matter here.
uint8_t choose_structure(const WorkVideo& video);

// enc_prepare.cpp: choose how samples are mapped (12.2); map all frames.
bool choose_maps(const stf_env& env, const WorkVideo& video, const Shape& shape, bool rgb_hint, ProfileHeader& header);
template <typename Sample>
bool load_frames(const WorkVideo& video, Encoder<Sample>& e);

// enc_motion.cpp: choose the vectors of component 0, and copy them to the others.
template <typename Sample>
bool choose_motion(Encoder<Sample>& e);

// enc_predict.cpp: choose the predictors of every group and which of them each block has; compute residuals. Linear
// predictors are learned from blocks in enc_linear.cpp.
template <typename Sample>
bool choose_predictors(Encoder<Sample>& e);

// enc_contexts.cpp: choose contexts, context maps and tables. For the mixed coder only how far details and residuals
// are shifted.
template <typename Sample>
bool choose_tables(Encoder<Sample>& e);

// The residuals of one component of one frame as bytes: raw bits, and what the entropy coder made.
struct CodedResiduals {
  Array<uint8_t> raw, residuals;
};
// enc_tokens.cpp, enc_mixed.cpp: code all residuals, [frame][component].
template <typename Sample>
bool code_tokens(Encoder<Sample>& e, unsigned lanes, std::vector<CodedResiduals>& coded);
template <typename Sample>
bool code_mixed(Encoder<Sample>& e, std::vector<CodedResiduals>& coded);

}  // namespace stf::lossless
