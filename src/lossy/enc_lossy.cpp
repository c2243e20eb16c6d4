// Encoding of profile 3: frame by frame, in the order of decoding. lossy_decode() (dec_lossy.cpp) is its twin.

#include <memory>

#include "common/status.hpp"
#include "lossy/enc_frame.hpp"
#include "lossy/frame_slots.hpp"
#include "lossy/lossy.hpp"
#include "lossy/payload.hpp"

namespace stf {

stf_status lossy_encode(const stf_env& env, const LossyParams& params, const stf_format& format, const WorkVideo& video,
                        Array<uint8_t>& out, WorkVideo& decoded) {
  using namespace lossy;
  const Geometry g = make_geometry(format, video);
  const Structure structure(params.structure, video.t);
  const bool with_chroma = g.components > 1;
  FrameSlots slots(structure, std::vector<uint8_t>(video.t, 1));
  OwnPicture source;
  const auto state = std::make_unique<FrameState>();
  if (!slots.allocate(env, g, g.components) || !source.allocate(env, g, g.components) || !state->allocate(env, g))
    return STF_E_MEMORY;
  const auto encoder = std::make_unique<FrameEncoder>(env, *state, source, lossy_tools(params.effort));
  if (!encoder->allocate()) return STF_E_MEMORY;
  std::vector<BorderedLuma> bordered(slots.count());
  for (BorderedLuma& border : bordered)
    if (!border.allocate(env, g)) return STF_E_MEMORY;
  LookAhead ahead(structure);
  if (!ahead.run(env, g, video, params.rgb, params.adaptive)) return STF_E_MEMORY;

  std::vector<Array<uint8_t>> luma(video.t), chroma(with_chroma ? video.t : 0);
  for (const uint32_t t : structure.decode_order()) {
    import_picture(g, video, t, params.rgb, g.components, source);
    slots.begin(*state, t);
    const FrameRefs& refs = structure.refs(t);
    const uint32_t to[2] = {refs.a, refs.b};
    FrameEncoder::Plan plan{
        std::clamp(params.quantiser + ahead.offset(t), 0, kMaxQuantiser), ahead.group_offsets(t), {}};
    for (unsigned r = 0; r < refs.count; ++r)
      plan.reference[r] = {&bordered[slots.of(to[r])], &ahead.motion(t, r), ahead.fades(t, r)};
    STF_TRY(encoder->begin(plan));
    STF_TRY(encoder->luma(luma[t]));
    if (with_chroma) STF_TRY(encoder->chroma(chroma[t]));
    slots.end(*state, t);
    bordered[slots.of(t)].fill(slots.picture(t).planes[0]);
    export_picture(g, slots.picture(t), params.rgb, (1u << g.components) - 1, decoded, t);
  }
  STF_CENSUS_WRITE(state->luma, state->chroma);
  return write_frames(structure, luma, chroma, params.rgb, out) ? STF_OK : STF_E_MEMORY;
}

}  // namespace stf
