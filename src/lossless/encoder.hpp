// The stages of the encoder, in the order in which they run (docs/format.md, section 12, says what they may do; how
// they choose is their own affair). Everything is integers: the same input gives the same bytes on every machine.
#pragma once

#include <algorithm>

#include "common/array.hpp"
#include "common/structure.hpp"
#include "entropy/statistics.hpp"
#include "lossless/efforts.hpp"
#include "lossless/geometry.hpp"
#include "lossless/mapping.hpp"

namespace stf::lossless {

template <typename Sample>
struct Encoder {
  const stf_env& env;
  const Tools& tools;
  const Shape& shape;
  const Structure& structure;
  Header& header;
  FrameStore<Sample> frames;                           // originals, mapped
  std::vector<Block> blocks[STF_MAX_COMPONENTS] = {};  // [frame][block]
  Buffer<Sample> residual[STF_MAX_COMPONENTS] = {};    // [frame][row][column]
  Buffer<uint16_t> context[STF_MAX_COMPONENTS] = {};   // alike: detail level * energy levels + energy level

  size_t blocks_per_frame() const { return size_t{shape.blocks_y()} * shape.blocks_x(); }
  Block* frame_blocks(unsigned c, uint32_t t) { return blocks[c].data() + t * blocks_per_frame(); }
  int range(unsigned c) const { return static_cast<int>(header.map[c].range); }
  size_t plane_size(unsigned c) const { return size_t{shape.y[c]} * shape.x[c]; }

  Neighbourhood<Sample> neighbourhood(uint32_t t, unsigned c) {
    const FrameRefs& refs = structure.refs(t);
    Neighbourhood<Sample> f;
    f.refs = refs.count;
    f.current = frames.frame(t, c);
    if (refs.count > 0) f.a = frames.frame(refs.a, c);
    if (refs.count > 1) f.b = frames.frame(refs.b, c);
    f.has_previous = shape.has_previous(c);
    if (f.has_previous) {
      f.previous = frames.frame(t, c - 1);
      if (refs.count > 0) f.previous_a = frames.frame(refs.a, c - 1);
    }
    return f;
  }
};

// While a frame is looked at as the current one, its border holds what the decoder sees there.
template <typename Sample>
class AsCurrent {
 public:
  AsCurrent(const Neighbourhood<Sample>& f, int range) : frame_(f.current) {
    frame_.begin_rows(f.refs > 0 ? &f.a : nullptr, static_cast<uint32_t>(range));
    for (int y = 0; y < frame_.y; ++y) frame_.begin_row(y);
  }
  ~AsCurrent() { frame_.pad(); }
  AsCurrent(const AsCurrent&) = delete;
  AsCurrent& operator=(const AsCurrent&) = delete;

 private:
  Frame<Sample> frame_;
};

// What residuals whose magnitudes sum to `sum` cost, in 1/256 bits, up to a constant.
inline int64_t residual_cost(uint64_t sum, unsigned n) {
  if (sum == 0) return 0;
  const auto mean = static_cast<uint32_t>(std::min<uint64_t>(sum * 16 / n, UINT32_MAX - 8));
  return (static_cast<int64_t>(log2_fixed(mean + 6)) - log2_fixed(5)) * n >> (kLog2Shift - kCostShift);
}

// enc_structure.cpp: the frame structure of a video whose caller left it open; efforts are not looked at.
uint8_t choose_structure(const WorkVideo& video);

// enc_prepare.cpp: how samples are mapped (12.2), and the mapped frames.
void choose_maps(const WorkVideo& video, const Shape& shape, bool rgb_hint, Header& header);
template <typename Sample>
bool load_frames(const WorkVideo& video, Encoder<Sample>& e);

// enc_motion.cpp: vectors of component 0, copied to the others.
template <typename Sample>
bool search_motion(Encoder<Sample>& e);

// enc_predict.cpp: the predictors of every group and each block's choice; residuals.
template <typename Sample>
bool choose_predictors(Encoder<Sample>& e);

// enc_linear.cpp: linear predictors of a group, learned from blocks (enc_linear.hpp).

// enc_contexts.cpp: contexts, context maps and tables; for the mixed coder only how far details and residuals are
// shifted.
template <typename Sample>
bool choose_tables(Encoder<Sample>& e);

// What a substream has beside its blocks.
struct Section {
  Array<uint8_t> raw, residuals;
};
// enc_tokens.cpp, enc_mixed.cpp: the sections of all frames, [frame][component].
template <typename Sample>
bool code_tokens(Encoder<Sample>& e, unsigned lanes, std::vector<Section>& sections);
template <typename Sample>
bool code_mixed(Encoder<Sample>& e, std::vector<Section>& sections);

}  // namespace stf::lossless
