// The codecs that an embedder registered.
#pragma once

#include "stfrag/codec.h"

namespace stf {

// The registered codec of this id; STF_E_CODEC, naming it, if there is none.
stf_status find_codec(const stf_env& env, uint8_t id, const stf_codec** codec, stf_error* error);

// The name of a codec by its id: "h264" and so on.
const char* codec_name(uint8_t id);

// Whether an id is that of a codec whose fragments are streams.
inline bool is_stream_codec(uint8_t id) { return id >= STF_CODEC_H264 && id <= STF_CODEC_FFV1; }

}  // namespace stf
