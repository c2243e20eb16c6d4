// Encoding of one fragment: checks, the working representation, the codec, and the raw profile where that is smaller.

#include <algorithm>
#include <cinttypes>
#include <cstring>

#include "common/border.hpp"
#include "common/status.hpp"
#include "fragment/codecs.hpp"
#include "fragment/enc_fragment.hpp"
#include "fragment/enc_stream.hpp"
#include "fragment/header.hpp"
#include "fragment/planes.hpp"
#include "fragment/quantised.hpp"
#include "fragment/raw.hpp"
#include "lossless/lossless.hpp"
#include "lossless/quantise.hpp"
#include "lossy/lossy.hpp"

namespace stf {
namespace {

stf_status check_options(const stf_encode_options& options, stf_error* error) {
  STF_TRY(check_reserved(options.reserved, "encode options", error));
  if (options.codec != STF_CODEC_STF && !is_stream_codec(options.codec))
    return fail(error, STF_E_UNSUPPORTED, "there is no codec %u", options.codec);
  if (options.effort < 1 || options.effort > 9)
    return fail(error, STF_E_ARGUMENT, "effort is 1 (fastest) to 9 (densest), not %u", options.effort);
  if (options.structure > STF_STRUCTURE_OUTWARD && options.structure != STF_STRUCTURE_AUTO)
    return fail(error, STF_E_ARGUMENT, "unknown frame structure %u", options.structure);
  if (options.lanes > 32)
    return fail(error, STF_E_ARGUMENT, "lanes are 1 to 32, or 0 for automatic, not %u", options.lanes);
  if (options.aq > kMostAdaptive)
    return fail(error, STF_E_ARGUMENT, "aq is 0 (none) to %d, not %u", kMostAdaptive, options.aq);
  if (options.max_error < STF_NO_MAX_ERROR)
    return fail(error, STF_E_ARGUMENT, "max_error is 0 (lossless) or positive, not %" PRId32, options.max_error);
  if (options.max_error > 0 && options.codec != STF_CODEC_STF)
    return fail(error, STF_E_UNSUPPORTED, "codec %u keeps no bound on the error of a sample: max_error is 0 or none",
                options.codec);
  if (options.max_error > static_cast<int32_t>(kMaxBound))
    return fail(error, STF_E_ARGUMENT, "max_error is at most %u, not %" PRId32, kMaxBound, options.max_error);
  return STF_OK;
}

// Whether the first three components are R, G, B, as far as we are told.
bool is_rgb(const stf_encode_options& options, const stf_format& format) {
  return (options.rgb != 0 || format.layout == STF_LAYOUT_INTERLEAVED) && format.components >= 3 && format.sub_x == 0 &&
         format.sub_y == 0;
}

stf_status check_source(const stf_video& source, stf_error* error) {
  STF_TRY(stf_format_check(&source.format, error));
  STF_TRY(check_size(source.format, source.size, kProfileLossless, error));
  for (uint32_t c = 0; c < source.format.components; ++c)
    if (source.planes[c].data == nullptr) return fail(error, STF_E_ARGUMENT, "component %u has no samples (NULL)", c);
  return STF_OK;
}

// The native codec: its payload, and what it chose.
stf_status encode_native(const stf_env& env, const stf_encode_options& options, const WorkVideo& video,
                         stf_fragment_info& info, Array<uint8_t>& payload, CodingErrors& result, stf_error* error) {
  const bool rgb_hint = is_rgb(options, info.format);
  LosslessParams used{};
  const LosslessParams params{options.structure, options.lanes, options.effort, rgb_hint, 0};
  const auto bound = static_cast<uint32_t>(options.max_error);
  stf_status status;
  if (bound == 0) {
    status = lossless_encode(env, params, video, payload, &used);
    info.samples_crc = samples_crc(video);
  } else {
    Quantised quantised;
    STF_TRY(quantised.take(env, video, bound, error));
    status = lossless_encode(env, params, quantised.levels(), payload, &used);
    info.max_error = bound;
    info.max_error_achieved = quantised.largest_error();
    info.samples_crc = quantised.samples_crc();
    std::copy_n(quantised.sse(), STF_MAX_COMPONENTS, result.sse);
  }
  if (status != STF_OK) return fail(error, status, "no memory to encode a fragment");
  info.profile = kProfileLossless;
  info.structure = used.structure;
  info.lanes = used.lanes;
  return STF_OK;
}

// The native codec, lossy.
stf_status encode_lossy(const stf_env& env, const stf_encode_options& options, const WorkVideo& video,
                        stf_fragment_info& info, Array<uint8_t>& payload, CodingErrors& errors, stf_error* error) {
  STF_TRY(lossy_check(info.format, error));
  WorkVideo decoded = video;
  Buffer<uint8_t> memory[STF_MAX_COMPONENTS];
  for (uint32_t c = 0; c < video.components; ++c)
    if (!make_plane(env, video.bits, video.t, video.planes[c].y, video.planes[c].x, memory[c], &decoded.planes[c]))
      return fail(error, STF_E_MEMORY, "no memory to encode a fragment");
  const uint8_t structure = options.structure == STF_STRUCTURE_AUTO ? uint8_t{STF_STRUCTURE_DYADIC} : options.structure;
  const LossyParams params{structure, options.effort, options.quantizer, is_rgb(options, info.format), options.aq};
  if (lossy_encode(env, params, info.format, video, payload, decoded) != STF_OK)
    return fail(error, STF_E_MEMORY, "no memory to encode a fragment");
  for (uint32_t c = 0; c < video.components; ++c)
    for (uint32_t t = 0; t < video.t; ++t)
      for (uint32_t y = 0; y < video.planes[c].y; ++y)
        with_sample_type(video.bits, [&](auto sample) {
          using Sample = decltype(sample);
          errors.add(c, video.planes[c].row<Sample>(t, y), decoded.planes[c].row<Sample>(t, y), video.planes[c].x,
                     video.bits);
        });
  info.profile = kProfileLossy;
  info.structure = structure;
  info.lanes = 1;
  info.max_error = kNoMaxError;
  info.max_error_achieved = errors.largest;
  info.samples_crc = samples_crc(decoded);
  return STF_OK;
}

// The samples as they are.
stf_status encode_raw(const WorkVideo& video, stf_fragment_info& info, Array<uint8_t>& payload, stf_error* error) {
  payload.clear();
  uint8_t* const to = payload.extend(static_cast<size_t>(raw_payload_bytes(info.format, info.size)));
  if (to == nullptr) return fail(error, STF_E_MEMORY, "no memory to encode a fragment");
  raw_encode(video, to);
  info.profile = kProfileRaw;
  info.codec = STF_CODEC_STF;
  info.structure = STF_STRUCTURE_INTRA;
  info.lanes = 1;
  info.max_error = info.max_error_achieved = 0;
  info.samples_crc = samples_crc(video);
  return STF_OK;
}

stf_status encode(const stf_env& env, const stf_encode_options& options, const stf_video& source, EncodedFragment& out,
                  stf_error* error) {
  WorkInput input;
  STF_TRY(input.take(env, source, error));
  const WorkVideo& video = input.video();

  stf_fragment_info info{};
  info.format = source.format;
  info.size = source.size;
  Array<uint8_t> payload(env);
  CodingErrors result;
  if (options.codec == STF_CODEC_STF && options.max_error == STF_NO_MAX_ERROR) {
    STF_TRY(encode_lossy(env, options, video, info, payload, result, error));
  } else if (options.codec == STF_CODEC_STF) {
    STF_TRY(encode_native(env, options, video, info, payload, result, error));
  } else {
    STF_TRY(encode_stream(env, options, video, info, payload, result, error));
  }
  if (payload.size() >= raw_payload_bytes(info.format, info.size)) {
    STF_TRY(encode_raw(video, info, payload, error));
    result = {};
  }

  ByteWriter header(env);
  write_header(info, payload.size(), header);
  const size_t size = header.size() + payload.size();
  if (!header.ok() || !out.bytes.allocate(env, size))
    return fail(error, STF_E_MEMORY, "no memory for the coded form of a fragment");
  std::memcpy(out.bytes.data(), header.data(), header.size());
  std::copy(payload.begin(), payload.end(), out.bytes.data() + header.size());
  seal(out.bytes.data(), size);
  out.codec = info.codec;
  std::copy_n(result.sse, STF_MAX_COMPONENTS, out.sse);
  return STF_OK;
}

}  // namespace

stf_status encode_fragment(const stf_env& env, const stf_encode_options& options, const stf_video& source,
                           EncodedFragment& out, stf_error* error) {
  STF_TRY(check_options(options, error));
  STF_TRY(check_source(source, error));
  return encode(env, options, source, out, error);
}

}  // namespace stf

extern "C" {

void stf_encode_options_init(stf_encode_options* options) {
  *options = stf_encode_options{};
  options->codec = STF_CODEC_STF;
  options->effort = 5;
  options->structure = STF_STRUCTURE_AUTO;
  options->quantizer = 104;
}

stf_status stf_fragment_bound(const stf_format* format, stf_size size, size_t* bound, stf_error* error) {
  if (format == nullptr || bound == nullptr)
    return stf::fail(error, STF_E_ARGUMENT, "format and bound must not be NULL");
  STF_TRY(stf_format_check(format, error));
  STF_TRY(stf::check_size(*format, size, stf::kProfileLossless, error));
  *bound = static_cast<size_t>(stf::raw_payload_bytes(*format, size)) + stf::kMaxHeaderBytes;
  return STF_OK;
}

stf_status stf_fragment_encode(const stf_env* env, const stf_encode_options* options, const stf_video* source,
                               void* out, size_t capacity, size_t* written, stf_error* error) {
  if (source == nullptr || out == nullptr || written == nullptr)
    return stf::fail(error, STF_E_ARGUMENT, "source, out and written must not be NULL");
  *written = 0;
  stf_encode_options chosen;
  if (options != nullptr) {
    chosen = *options;
  } else {
    stf_encode_options_init(&chosen);
  }
  return stf::at_border(error, [&]() -> stf_status {
    stf::EncodedFragment coded;
    STF_TRY(stf::check_env(env, error));
    STF_TRY(stf::encode_fragment(stf::resolve(env), chosen, *source, coded, error));
    if (coded.bytes.size() > capacity)
      return stf::fail(error, STF_E_CAPACITY, "the fragment takes %zu bytes and there is room for %zu",
                       coded.bytes.size(), capacity);
    std::memcpy(out, coded.bytes.data(), coded.bytes.size());
    *written = coded.bytes.size();
    return STF_OK;
  });
}

}  // extern "C"
