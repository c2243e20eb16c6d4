#include "fragment/enc_stream.hpp"

#include <algorithm>
#include <cstring>

#include "common/border.hpp"
#include "common/status.hpp"
#include "fragment/codecs.hpp"
#include "fragment/dec_stream.hpp"
#include "fragment/stream.hpp"

// What an encoder builds: packets in memory of their own until the payload is written.
struct stf_stream_sink {
  const stf_env& env;
  stf_format format;
  stf_size size;
  uint8_t codec;
  bool begun = false;
  stf::Stream stream{};
  stf::Array<uint8_t> extradata{};
  std::vector<stf::Array<uint8_t>> data{};
};

namespace stf {
namespace {

// Decode what was encoded: errors against the source, and the CRC of what a decoder gives.
stf_status measure(const stf_env& env, const WorkVideo& video, stf_fragment_info& info, const Array<uint8_t>& payload,
                   CodingErrors& result, stf_error* error) {
  FragmentHeader header;
  header.info = info;
  header.payload = payload.data();
  header.payload_size = payload.size();
  uint32_t crc = 0;
  stf_work work{};
  STF_TRY(decode_stream(
      env, header, {nullptr, info.size.t, false},
      [&](uint32_t t, PictureRows& rows) {
        for (uint32_t c = 0; c < video.components; ++c)
          for (uint32_t y = 0; y < video.planes[c].y; ++y) {
            const uint32_t n = video.planes[c].x;
            const void* decoded = rows.row(c, y, 0, n);
            const void* source = with_sample_type(
                video.bits, [&](auto sample) -> const void* { return video.planes[c].row<decltype(sample)>(t, y); });
            crc = samples_crc_row(crc, video.bits, decoded, n);
            result.add(c, source, decoded, n, video.bits);
          }
        return STF_OK;
      },
      &work, error));
  info.samples_crc = crc;
  return STF_OK;
}

}  // namespace

stf_status encode_stream(const stf_env& env, const stf_encode_options& options, const WorkVideo& video,
                         stf_fragment_info& info, Array<uint8_t>& payload, CodingErrors& result, stf_error* error) {
  const stf_codec* codec = nullptr;
  STF_TRY(find_codec(env, options.codec, &codec, error));
  if (codec->encode == nullptr) return fail(error, STF_E_CODEC, "the registered codec %s cannot encode", codec->name);
  if (codec->decode == nullptr)
    return fail(error, STF_E_CODEC, "the registered codec %s cannot decode, so what it encodes cannot be checked",
                codec->name);
  stf_video source{};
  source.format = info.format;
  source.format.dtype = video.bits <= 8 ? STF_UINT8 : STF_UINT16;
  source.size = info.size;
  const auto item = static_cast<ptrdiff_t>(work_itemsize(video.bits));
  for (uint32_t c = 0; c < video.components; ++c) {
    const WorkPlane& plane = video.planes[c];
    source.planes[c] = {plane.data, static_cast<ptrdiff_t>(plane.frame_stride) * item,
                        static_cast<ptrdiff_t>(plane.row_stride) * item, item};
  }
  stf_stream_sink sink{env, source.format, info.size, options.codec};
  STF_TRY(codec->encode(codec->opaque, &options, &source, &sink, error));
  if (!sink.begun || sink.data.empty()) return fail(error, STF_E_CODEC, "codec %s gave no packets", codec->name);
  for (size_t i = 0; i < sink.data.size(); ++i) sink.stream.packets[i].data = sink.data[i].data();
  sink.stream.desc.extradata = sink.extradata.data();
  if (check_packets(sink.stream.packets, info.size.t, error) != STF_OK) {
    if (error != nullptr) error->status = STF_E_CODEC;
    return STF_E_CODEC;
  }
  ByteWriter out(env);
  write_stream(sink.stream, true, out);
  if (!out.ok()) return fail(error, STF_E_MEMORY, "no memory to encode a fragment");
  payload = std::move(out.buffer());

  info.profile = kProfileStream;
  info.codec = options.codec;
  info.structure = 0;
  info.lanes = 1;
  STF_TRY(measure(env, video, info, payload, result, error));
  if (options.max_error == 0 && result.largest != 0)
    return fail(error, STF_E_CODEC,
                "codec %s is not lossless here, a sample came back wrong by %u: use another, such as "
                "stf",
                codec->name, result.largest);
  info.max_error = result.largest != 0 ? kNoMaxError : 0;
  info.max_error_achieved = result.largest;
  return STF_OK;
}

}  // namespace stf

extern "C" {

stf_status stf_stream_begin(stf_stream_sink* sink, const stf_stream* stream, stf_error* error) {
  return stf::at_border(error, [&]() -> stf_status {
    if (sink == nullptr || stream == nullptr || sink->begun)
      return stf::fail(error, STF_E_ARGUMENT, "a stream is described once");
    if (stream->codec != sink->codec)
      return stf::fail(error, STF_E_ARGUMENT, "a stream of codec %u was asked for, not of %u", sink->codec,
                       stream->codec);
    STF_TRY(stf::check_stream(*stream, sink->format, sink->size, error));
    const auto* extradata = static_cast<const uint8_t*>(stream->extradata);
    sink->extradata = stf::Array<uint8_t>(sink->env);
    if (!sink->extradata.append(extradata, stream->extradata_size))
      return stf::fail(error, STF_E_MEMORY, "out of memory");
    sink->stream.desc = *stream;
    sink->begun = true;
    return STF_OK;
  });
}

stf_status stf_stream_put(stf_stream_sink* sink, const stf_packet* packet, stf_error* error) {
  return stf::at_border(error, [&]() -> stf_status {
    if (sink == nullptr || packet == nullptr || !sink->begun || (packet->data == nullptr && packet->size != 0))
      return stf::fail(error, STF_E_ARGUMENT, "a packet needs data and a stream that has begun");
    const auto* data = static_cast<const uint8_t*>(packet->data);
    stf::Array<uint8_t> copy(sink->env);
    if (!copy.append(data, packet->size)) return stf::fail(error, STF_E_MEMORY, "out of memory");
    sink->data.push_back(std::move(copy));
    sink->stream.packets.push_back(*packet);
    return STF_OK;
  });
}

}  // extern "C"
