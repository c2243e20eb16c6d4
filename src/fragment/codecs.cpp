#include "fragment/codecs.hpp"

#include "common/status.hpp"

namespace stf {

const char* codec_name(uint8_t id) {
  switch (id) {
    case STF_CODEC_STF: return "stf";
    case STF_CODEC_H264: return "h264";
    case STF_CODEC_HEVC: return "hevc";
    case STF_CODEC_AV1: return "av1";
    case STF_CODEC_VP9: return "vp9";
    case STF_CODEC_FFV1: return "ffv1";
    default: return "unknown";
  }
}

stf_status find_codec(const stf_env& env, uint8_t id, const stf_codec** codec, stf_error* error) {
  for (size_t i = 0; i < env.n_codecs; ++i)
    if (env.codecs[i].id == id) {
      *codec = &env.codecs[i];
      return check_reserved(env.codecs[i].reserved, "a codec", error);
    }
  return fail(error, STF_E_CODEC, "codec %s (%u) is needed and not registered", codec_name(id), id);
}

}  // namespace stf
