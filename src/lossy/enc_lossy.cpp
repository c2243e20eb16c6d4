// Encoding of profile 3: frame by frame, in the order of decoding.

#include <algorithm>
#include <memory>

#include "common/env.hpp"
#include "lossy/deblock.hpp"
#include "lossy/enc_filter.hpp"
#include "lossy/enc_lookahead.hpp"
#include "lossy/enc_scaling.hpp"
#include "lossy/enc_search.hpp"
#include "lossy/lossy.hpp"
#include "lossy/payload.hpp"
#include "lossy/scaling.hpp"

namespace stf {
namespace lossy {
namespace {

// How much finer chroma is quantised than luma, in quarters of a QP.
constexpr int kChromaOffset = 1;
// Squared error for a bit, in 1/256 of a step squared.
constexpr int kLambdaWeight = 28;

}  // namespace
}  // namespace lossy

stf_status lossy_encode(const stf_env& env, const LossyParams& params, const stf_format& format, const WorkVideo& video,
                        Array<uint8_t>& out, WorkVideo& decoded) {
  using namespace lossy;
  const Geometry g = make_geometry(format, video);
  const Structure structure(params.structure, video.t);
  const SlotPlan plan = plan_slots(structure, std::vector<uint8_t>(video.t, 1));
  std::vector<Slot> slots(plan.slots);
  std::vector<Bordered> bordered(plan.slots);
  Bordered scaled_borders[2];
  ScaledReferences scaled(g.components);
  OwnPicture source;
  if (!source.allocate(env, g, g.components)) return STF_E_MEMORY;
  for (uint32_t i = 0; i < plan.slots; ++i)
    if (!slots[i].picture.allocate(env, g, g.components) || !bordered[i].allocate(env, g)) return STF_E_MEMORY;
  for (Bordered& border : scaled_borders)
    if (!border.allocate(env, g)) return STF_E_MEMORY;
  LookAhead ahead;
  if (!ahead.run(env, g, structure, video, params.rgb, params.adaptive)) return STF_E_MEMORY;

  const auto state = std::make_unique<FrameState>();
  std::vector<Array<uint8_t>> luma(video.t), chroma(g.components > 1 ? video.t : 0);
  FrameJob job;
  job.state = state.get();
  job.source = &source;
  job.tools = tools_of(params.effort);
  std::vector<Lambda> lambdas;
  for (int q = 0; q <= kMaxQuantiser; ++q) lambdas.emplace_back(q, g.bits, kLambdaWeight);
  job.lambdas = lambdas.data();
  const auto encoder = std::make_unique<SuperblockEncoder>(job);
  const auto filters = std::make_unique<FilterEncoder>(env, *state);
  for (const uint32_t t : structure.decode_order()) {
    Slot& slot = slots[plan.slot[t]];
    const FrameRefs& refs = structure.refs(t);
    import_picture(g, video, t, params.rgb, g.components, source);
    begin_frame(*state, g, structure, t, slots, plan);
    state->q = std::clamp(params.quantiser + ahead.offset(t), 0, kMaxQuantiser);
    state->chroma_q = std::clamp(state->q - kChromaOffset, 0, kMaxQuantiser);
    job.offsets = ahead.offsets(t);
    state->varies = job.offsets != nullptr;
    const uint32_t to[2] = {refs.a, refs.b};
    for (unsigned r = 0; r < refs.count; ++r) {
      job.coarse[r] = &ahead.motion(t, r);
      job.bordered[r] = &bordered[plan.slot[to[r]]];
      if (!ahead.fades(t, r)) continue;
      for (unsigned c = 0; c < g.components; ++c)
        state->scaling[r][c] = scaling_between(moments_of(state->from[r][c]), moments_of(source.planes[c]));
    }
    if (!scaled.apply(env, *state, 0, g.components)) return STF_E_MEMORY;
    for (unsigned r = 0; r < refs.count; ++r) {
      if (state->scaling[r][0] == Scaling{}) continue;
      scaled_borders[r].fill(state->from[r][0]);
      job.bordered[r] = &scaled_borders[r];
    }

    RangeEncoder coder(env);
    Writer writer(coder);
    writer.literal(static_cast<uint32_t>(state->q), 8);
    writer.literal(state->varies, 1);
    code_scalings(writer, *state, 0, 1);
    std::vector<Block> blocks;
    for (int y = 0; y < g.h; y += kSuperblock)
      for (int x = 0; x < g.w; x += kSuperblock) encoder->encode_luma(writer, x, y, blocks);
    deblock(*state, 0);
    if (!filters->write(writer, source, 0, 1, job.tools.filter, lambdas[static_cast<size_t>(state->q)],
                        state->luma.filter))
      return STF_E_MEMORY;
    luma[t] = std::move(coder.finish());
    if (!luma[t].ok()) return STF_E_MEMORY;
    if (g.components > 1) {
      RangeEncoder chroma_coder(env);
      Writer chroma_writer(chroma_coder);
      chroma_writer.literal(static_cast<uint32_t>(state->chroma_q), 8);
      code_scalings(chroma_writer, *state, 1, g.components);
      for (Block& b : blocks) encoder->encode_chroma(chroma_writer, b);
      for (unsigned c = 1; c < g.components; ++c) deblock(*state, c);
      if (!filters->write(chroma_writer, source, 1, g.components, job.tools.filter,
                          lambdas[static_cast<size_t>(state->chroma_q)], state->chroma.filter))
        return STF_E_MEMORY;
      chroma[t] = std::move(chroma_coder.finish());
      if (!chroma[t].ok()) return STF_E_MEMORY;
    }
    export_picture(g, slot.picture, params.rgb, (1u << g.components) - 1, decoded, t);
    slot.luma = state->luma;
    slot.chroma = state->chroma;
    bordered[plan.slot[t]].fill(slot.picture.planes[0]);
  }
  STF_CENSUS_WRITE(state->luma, state->chroma);
  return write_frames(structure, luma, chroma, params.rgb, out) ? STF_OK : STF_E_MEMORY;
}

}  // namespace stf
