// Encoding of one fragment: checks, the working representation, the smaller of the two profiles.

#include <algorithm>
#include <cinttypes>
#include <cstring>
#include <vector>

#include "common/border.hpp"
#include "common/env.hpp"
#include "common/status.hpp"
#include "fragment/header.hpp"
#include "fragment/planes.hpp"
#include "fragment/raw.hpp"
#include "lossless/lossless.hpp"

namespace stf {
namespace {

stf_status check_size(const stf_format& format, stf_size size, stf_error* error) {
  if (size.t == 0 || size.y == 0 || size.x == 0)
    return fail(error, STF_E_ARGUMENT, "a fragment has at least one sample, not %u x %u x %u", size.t, size.y, size.x);
  if (size.t > STF_MAX_FRAGMENT_T || size.y > STF_MAX_FRAGMENT_YX || size.x > STF_MAX_FRAGMENT_YX)
    return fail(error, STF_E_LIMIT, "a fragment has at most %u frames of %u x %u, not %u x %u x %u: use a store, which "
                "cuts it up", STF_MAX_FRAGMENT_T, STF_MAX_FRAGMENT_YX, STF_MAX_FRAGMENT_YX, size.t, size.y, size.x);
  if (const uint64_t samples = count_samples(format, size); samples > STF_MAX_FRAGMENT_SAMPLES)
    return fail(error, STF_E_LIMIT, "a fragment has at most %u samples, not %" PRIu64 ": use a store, which cuts it up",
                STF_MAX_FRAGMENT_SAMPLES, samples);
  return STF_OK;
}

stf_status check_options(const stf_encode_options& options, stf_error* error) {
  if (options.codec != STF_CODEC_STF)
    return fail(error, STF_E_UNSUPPORTED, "codec %u does not make fragments of the native kind; use codec %d (stf)",
                options.codec, STF_CODEC_STF);
  if (options.effort < 1 || options.effort > 9)
    return fail(error, STF_E_ARGUMENT, "effort is 1 (fastest) to 9 (densest), not %u", options.effort);
  if (options.structure > STF_STRUCTURE_INTRA)
    return fail(error, STF_E_ARGUMENT, "unknown frame structure %u", options.structure);
  if (options.lanes > 32)
    return fail(error, STF_E_ARGUMENT, "lanes are 1 to 32, or 0 for automatic, not %u", options.lanes);
  if (options.max_error < 0)
    return fail(error, STF_E_ARGUMENT, "max_error is 0 (lossless) or positive, not %" PRId32, options.max_error);
  if (options.max_error > 0)
    return fail(error, STF_E_UNSUPPORTED, "max_error=%" PRId32 " (near-lossless) is not supported yet; max_error=0 "
                "(lossless) is", options.max_error);
  return STF_OK;
}

stf_status check_source(const stf_video& source, stf_error* error) {
  STF_TRY(stf_format_check(&source.format, error));
  STF_TRY(check_size(source.format, source.size, error));
  for (uint32_t c = 0; c < source.format.components; ++c)
    if (source.planes[c].data == nullptr) return fail(error, STF_E_ARGUMENT, "component %u has no samples (NULL)", c);
  return STF_OK;
}

stf_status encode(const stf_env& env, const stf_encode_options& options, const stf_video& source, uint8_t* out,
                  size_t capacity, size_t* written, stf_error* error) {
  WorkInput input;
  STF_TRY(input.take(env, source, error));
  const WorkVideo& video = input.video();

  stf_fragment_info info{};
  info.version = kFormatVersion;
  info.format = source.format;
  info.size = source.size;
  info.profile = kProfileRaw;
  info.structure = STF_STRUCTURE_INTRA;
  info.lanes = 1;
  info.samples_crc = samples_crc(video);

  size_t payload_size = static_cast<size_t>(raw_payload_bytes(source.format, source.size));
  std::vector<uint8_t> payload;
  const bool rgb_hint = source.format.layout == STF_LAYOUT_INTERLEAVED && source.format.components >= 3;
  LosslessParams used{};
  const LosslessParams params{options.structure, options.lanes, options.effort, rgb_hint};
  const stf_status status = lossless_encode(env, params, video, payload, &used);
  if (status != STF_OK) return fail(error, status, "no memory to encode a fragment");
  if (payload.size() < payload_size) {
    payload_size = payload.size();
    info.profile = kProfileLossless;
    info.structure = used.structure;
    info.lanes = used.lanes;
  }

  ByteWriter header;
  write_header(info, payload_size, header);
  const size_t size = header.size() + payload_size;
  if (size > capacity)
    return fail(error, STF_E_CAPACITY, "the fragment takes %zu bytes and there is room for %zu", size, capacity);
  std::memcpy(out, header.data(), header.size());
  if (info.profile == kProfileRaw) {
    raw_encode(video, out + header.size());
  } else {
    std::copy(payload.begin(), payload.end(), out + header.size());
  }
  seal(out, size);
  *written = size;
  return STF_OK;
}

}  // namespace
}  // namespace stf

extern "C" {

void stf_encode_options_init(stf_encode_options* options) {
  *options = stf_encode_options{};
  options->codec = STF_CODEC_STF;
  options->effort = 5;
  options->structure = STF_STRUCTURE_DYADIC;
}

stf_status stf_fragment_bound(const stf_format* format, stf_size size, size_t* bound, stf_error* error) {
  if (format == nullptr || bound == nullptr) return stf::fail(error, STF_E_ARGUMENT, "format and bound must not be NULL");
  STF_TRY(stf_format_check(format, error));
  STF_TRY(stf::check_size(*format, size, error));
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
  STF_TRY(stf::check_options(chosen, error));
  STF_TRY(stf::check_source(*source, error));
  return stf::at_border(error, [&] {
    return stf::encode(stf::resolve(env), chosen, *source, static_cast<uint8_t*>(out), capacity, written, error);
  });
}

}  // extern "C"
