// Residuals by the mixed coder (docs/format.md, 12.8). Frames are coded in the order of decoding, as each goes on from
// the model of a reference.

#include <algorithm>

#include "lossless/encoder.hpp"
#include "lossless/mixed.hpp"

namespace stf::lossless {

template <typename Sample>
bool code_mixed(Encoder<Sample>& e, std::vector<CodedResiduals>& coded_frames) {
  const Shape& s = e.shape;
  const SlotPlan plan = plan_slots(e.structure, std::vector<uint8_t>(s.t, 1));
  MixedStore<Sample> store;
  if (!store.allocate(e.env, s, plan.slots)) return false;
  for (const uint32_t t : e.structure.decode_order()) {
    const FrameRefs& refs = e.structure.refs(t);
    for (unsigned c = 0; c < s.components; ++c) {
      const BlockChoice* const blocks = e.frame_blocks(c, t);
      const FrameView<Sample> f = e.view(t, c);
      const AsCurrent<Sample> current(f);
      store.begin(plan, e.structure, t, c);
      RangeEncoder encoder(e.env);
      MixedWriter writer{encoder};
      MixedFrame<Sample, MixedWriter> frame(f, e.group(refs.level, c), store, {plan.slot[t], plan.slot[refs.a]},
                                            writer);
      frame.run(blocks);
      const auto coded = [](const BlockChoice& block) { return !block.exact; };
      if (!std::any_of(blocks, blocks + e.blocks_per_frame(), coded)) continue;
      Array<uint8_t>& residuals = coded_frames[size_t{t} * s.components + c].residuals;
      residuals = std::move(encoder.finish());
      if (!residuals.ok()) return false;
    }
  }
  return true;
}

template bool code_mixed(Encoder<uint8_t>&, std::vector<CodedResiduals>&);
template bool code_mixed(Encoder<uint16_t>&, std::vector<CodedResiduals>&);

}  // namespace stf::lossless
