// Decoding of profile 3: frame by frame, in the order of decoding. lossy_encode() (enc_lossy.cpp) is its twin.

#include <memory>

#include "common/status.hpp"
#include "lossy/dec_frame.hpp"
#include "lossy/frame_slots.hpp"
#include "lossy/lossy.hpp"
#include "lossy/payload.hpp"

namespace stf {

stf_status lossy_decode(const stf_env& env, uint8_t kind, const stf_format& format, const PayloadRequest& request,
                        WorkVideo& video, stf_work* work, stf_error* error) {
  using namespace lossy;
  const auto no_memory = [&] { return fail(error, STF_E_MEMORY, "no memory to decode a fragment"); };
  const Geometry g = make_geometry(format, video);
  const Structure structure(kind, video.t);
  std::vector<uint8_t> wanted(request.wanted_frames, request.wanted_frames + video.t);
  structure.close(wanted);
  FrameTable table;
  if (!table.parse(request.payload, structure, g))
    return fail(error, STF_E_CORRUPT_FRAGMENT, "the fragment is damaged: its frame table does not match its length");

  const bool with_chroma = (request.components & ~1u) != 0 || table.rgb;
  const unsigned n_planes = with_chroma ? g.components : 1;
  FrameSlots slots(structure, wanted);
  const auto state = std::make_unique<FrameState>();
  const auto decoder = std::make_unique<FrameDecoder>(env, *state, n_planes);
  if (!slots.allocate(env, g, n_planes) || !state->allocate(env, g) || !decoder->allocate()) return no_memory();

  for (const uint32_t t : structure.decode_order()) {
    if (!wanted[t]) continue;
    slots.begin(*state, t);
    STF_TRY(decoder->luma(table.luma[t], error));
    if (with_chroma) STF_TRY(decoder->chroma(table.chroma[t], error));
    slots.end(*state, t);
    export_picture(g, slots.picture(t), table.rgb, request.components, video, t);
    for (unsigned c = 0; c < n_planes; ++c) work->samples += uint64_t{video.planes[c].y} * video.planes[c].x;
    ++work->frames;
  }
  return STF_OK;
}

}  // namespace stf
