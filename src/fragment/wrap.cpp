// Packets that are there already become a fragment, and those of a fragment are handed out.

#include <algorithm>
#include <cstring>

#include "common/border.hpp"
#include "common/env.hpp"
#include "common/status.hpp"
#include "fragment/dec_stream.hpp"
#include "fragment/stream.hpp"

namespace stf {
namespace {

// What a stream becomes a fragment of, and what is promised of its samples.
struct Wrapping {
  const stf_format& format;
  stf_size size;
  uint32_t achieved;  // the largest error of a sample; 0 if there is none
  bool verify;        // decode it, so that the CRC of the samples is known
};

// Memory of the caller's for a coded form.
struct Room {
  uint8_t* out;
  size_t capacity;
};

// Write a stream as a fragment.
stf_status wrap(const stf_env& env, const Wrapping& wrapping, const Stream& stream, const Room& room, size_t* written,
                stf_error* error) {
  const stf_format& format = wrapping.format;
  const stf_size size = wrapping.size;
  const uint32_t achieved = wrapping.achieved;
  const bool verify = wrapping.verify;
  STF_TRY(stf_format_check(&format, error));
  STF_TRY(check_size(format, size, kProfileStream, error));
  STF_TRY(check_stream(stream.desc, format, size, error));
  STF_TRY(check_packets(stream.packets, size.t, error));
  ByteWriter payload(env);
  write_stream(stream, verify, payload);
  if (!payload.ok()) return fail(error, STF_E_MEMORY, "out of memory");
  FragmentHeader header;
  stf_fragment_info& info = header.info;
  info.format = format;
  info.size = size;
  info.profile = kProfileStream;
  info.codec = stream.desc.codec;
  info.lanes = 1;
  info.max_error = achieved != 0 ? kNoMaxError : 0;
  info.max_error_achieved = achieved;
  header.payload = payload.data();
  header.payload_size = payload.size();
  if (verify) {
    stf_work work{};
    uint32_t crc = 0;
    STF_TRY(decode_stream(
        env, header, {nullptr, size.t, false},
        [&](uint32_t, PictureRows& rows) {
          crc = picture_crc(crc, format, size, rows);
          return STF_OK;
        },
        &work, error));
    info.samples_crc = crc;
  }
  ByteWriter head(env);
  write_header(info, payload.size(), head);
  if (!head.ok()) return fail(error, STF_E_MEMORY, "out of memory");
  if (head.size() + payload.size() > room.capacity)
    return fail(error, STF_E_CAPACITY, "the fragment takes %zu bytes and there is room for %zu",
                head.size() + payload.size(), room.capacity);
  std::memcpy(room.out, head.data(), head.size());
  std::memcpy(room.out + head.size(), payload.data(), payload.size());
  *written = head.size() + payload.size();
  seal(room.out, *written);
  return STF_OK;
}

}  // namespace
}  // namespace stf

extern "C" {

size_t stf_fragment_wrap_bound(size_t n, size_t bytes) { return bytes + 13 * n + 64 + stf::kMaxHeaderBytes; }

// NOLINTNEXTLINE(readability-function-size): public, in C
stf_status stf_fragment_wrap(const stf_env* env, const stf_format* format, stf_size size, const stf_stream* stream,
                             const stf_packet* packets, size_t n, uint32_t achieved, int verify, void* out,
                             size_t capacity, size_t* written, stf_error* error) {
  if (format == nullptr || stream == nullptr || packets == nullptr || n == 0 || out == nullptr || written == nullptr)
    return stf::fail(error, STF_E_ARGUMENT, "format, stream, packets, out and written must not be NULL");
  *written = 0;
  if (achieved > stf::kNoMaxError) return stf::fail(error, STF_E_ARGUMENT, "no sample is off by %u", achieved);
  return stf::at_border(error, [&]() -> stf_status {
    STF_TRY(stf::check_env(env, error));
    for (size_t i = 0; i < n; ++i)
      if (packets[i].data == nullptr && packets[i].size != 0)
        return stf::fail(error, STF_E_ARGUMENT, "packet %zu has no data", i);
    const stf::Stream given{*stream, {packets, packets + n}};
    return stf::wrap(stf::resolve(env), {*format, size, achieved, verify != 0}, given,
                     {static_cast<uint8_t*>(out), capacity}, written, error);
  });
}

// NOLINTNEXTLINE(readability-function-size): public, in C
stf_status stf_fragment_stream(const stf_env* env, const void* data, size_t size, stf_stream* stream,
                               stf_packet* packets, size_t capacity, size_t* n, stf_error* error) {
  if (data == nullptr || stream == nullptr || n == nullptr)
    return stf::fail(error, STF_E_ARGUMENT, "data, stream and n must not be NULL");
  return stf::at_border(error, [&]() -> stf_status {
    stf::FragmentHeader header;
    STF_TRY(stf::check_env(env, error));
    STF_TRY(stf::parse_header(stf::resolve(env).limits, data, size, &header, error));
    if (header.info.profile != stf::kProfileStream)
      return stf::fail(error, STF_E_ARGUMENT, "the fragment is of the native codec: there are no packets in it");
    stf::Stream found;
    STF_TRY(stf::parse_stream(header, &found, error));
    *stream = found.desc;
    *n = found.packets.size();
    if (packets == nullptr) return STF_OK;
    if (capacity < *n) return stf::fail(error, STF_E_CAPACITY, "there are %zu packets and room for %zu", *n, capacity);
    std::copy(found.packets.begin(), found.packets.end(), packets);
    return STF_OK;
  });
}

}  // extern "C"
