// A codec to register: every even frame is coded as the difference to the even one before it, odd ones as the
// difference to the one before and disposable; every eighth frame begins anew. Packets lie in the order 0, 2, 1, 4, 3,
// ...
#pragma once

#include <algorithm>
#include <map>

#include "bytes_fixture.hpp"
#include "fragment/enc_stream.hpp"
#include "fragment/planes.hpp"
#include "fragment_fixture.hpp"

namespace fixture {

struct ToyCodec {
  uint8_t extra_components = 0;  // more than the source has
  uint8_t bits = 0;              // of pictures; 0: those of the source, at least 8
  uint32_t padding = 0;
  uint8_t shift = 0;
  bool start_codes = false;
  bool hidden_packets = false;
  uint32_t lose_frame = UINT32_MAX;  // never deliver it
  uint16_t wrong_by = 0;             // added to every sample that is coded
  size_t decoded_packets = 0;

  stf_codec codec{STF_CODEC_H264, "toy", this, decode, encode, {}};
  stf_env env{};

  ToyCodec() {
    stf_env_init(&env);
    env.codecs = &codec;
    env.n_codecs = 1;
  }
  ToyCodec(const ToyCodec&) = delete;

  using Picture16 = std::vector<uint16_t>;  // all components, one after the other

  static stf_format format_of(const stf_stream& s) {
    return {static_cast<uint8_t>(s.bits <= 8 ? STF_UINT8 : STF_UINT16),
            s.bits,
            s.components,
            s.sub_x,
            s.sub_y,
            STF_LAYOUT_PLANES,
            {0, 0}};
  }
  static size_t samples_of(const stf_stream& s) {
    size_t n = 0;
    const stf_format format = format_of(s);
    for (uint32_t c = 0; c < s.components; ++c) {
      uint32_t y, x;
      stf_plane_extent(&format, c, s.y, s.x, &y, &x);
      n += size_t{y} * x;
    }
    return n;
  }
  // Planes over a picture in memory, in bytes or words.
  static void planes_of(const stf_stream& s, std::vector<uint8_t>& memory, stf_plane planes[4]) {
    const stf_format format = format_of(s);
    const size_t item = s.bits <= 8 ? 1 : 2;
    memory.assign(samples_of(s) * item, 0xEE);
    uint8_t* at = memory.data();
    for (uint32_t c = 0; c < s.components; ++c) {
      uint32_t y, x;
      stf_plane_extent(&format, c, s.y, s.x, &y, &x);
      planes[c] = {at, 0, static_cast<ptrdiff_t>(x * item), static_cast<ptrdiff_t>(item)};
      at += size_t{y} * x * item;
    }
  }

  static stf_status encode(void* opaque, const stf_encode_options*, const stf_video* source, stf_stream_sink* sink,
                           stf_error* error) {
    const auto& toy = *static_cast<ToyCodec*>(opaque);
    const stf_format& f = source->format;
    stf_stream s{};
    s.codec = STF_CODEC_H264;
    s.components = static_cast<uint8_t>(f.components + toy.extra_components);
    s.bits = toy.bits ? toy.bits : std::max<uint8_t>(8, static_cast<uint8_t>(f.bits + toy.shift));
    s.sub_x = f.sub_x, s.sub_y = f.sub_y;
    s.shift = toy.shift;
    s.start_codes = toy.start_codes;
    s.y = source->size.y + toy.padding, s.x = source->size.x + toy.padding;
    s.extradata = "extra", s.extradata_size = 5;
    if (const stf_status status = stf_stream_begin(sink, &s, error); status != STF_OK) return status;
    std::vector<Picture16> pictures;
    for (uint32_t t = 0; t < source->size.t; ++t) {
      std::vector<uint8_t> memory;
      stf_plane planes[4]{};
      planes_of(s, memory, planes);
      if (const stf_status status = stf_stream_picture(&s, source, t, planes, error); status != STF_OK) return status;
      Picture16 picture(samples_of(s));
      for (size_t i = 0; i < picture.size(); ++i) {
        if (s.bits <= 8) picture[i] = memory[i];
        else std::memcpy(&picture[i], &memory[2 * i], 2);
        picture[i] = static_cast<uint16_t>(picture[i] + toy.wrong_by);
      }
      pictures.push_back(picture);
    }
    for (const uint32_t t : order(source->size.t)) {
      Picture16 coded = pictures[t];
      const bool key = t % 8 == 0, odd = t % 2 != 0;
      if (!key)
        for (size_t i = 0; i < coded.size(); ++i)
          coded[i] = static_cast<uint16_t>(coded[i] - pictures[odd ? t - 1 : t - 2][i]);
      stf_packet p{coded.data(), coded.size() * 2, static_cast<int32_t>(t),
                   (key ? STF_PACKET_KEY : 0) | (odd ? STF_PACKET_DISPOSABLE : 0)};
      if (const stf_status status = stf_stream_put(sink, &p, error); status != STF_OK) return status;
      const stf_packet hidden{"hidden", 6, STF_PACKET_HIDDEN, 0};
      if (toy.hidden_packets && t % 3 == 0)
        if (const stf_status status = stf_stream_put(sink, &hidden, error); status != STF_OK) return status;
    }
    return STF_OK;
  }
  // Even frames come before the odd ones that lie before them, within the stretch of a key frame.
  static std::vector<uint32_t> order(uint32_t n) {
    std::vector<uint32_t> all;
    for (uint32_t first = 0; first < n; first += 8) {
      all.push_back(first);
      for (uint32_t t = first + 2; t < std::min(n, first + 8); t += 2) all.push_back(t), all.push_back(t - 1);
      const uint32_t last = std::min(n, first + 8) - 1;
      if (last % 2 != 0) all.push_back(last);
    }
    return all;
  }

  static stf_status decode(void* opaque, const stf_stream* s, const stf_packet* packets, size_t n, stf_deliver deliver,
                           void* deliver_opaque, stf_error* error) {
    auto& toy = *static_cast<ToyCodec*>(opaque);
    const auto corrupt = [&](const char* why) {
      if (error != nullptr) {
        error->status = STF_E_CORRUPT_FRAGMENT;
        std::snprintf(error->message, sizeof error->message, "toy: %s", why);
      }
      return STF_E_CORRUPT_FRAGMENT;
    };
    std::map<uint32_t, Picture16> pictures;
    if (s->extradata_size != 5) return corrupt("no extra data");
    for (size_t i = 0; i < n; ++i) {
      if (packets[i].frame == STF_PACKET_HIDDEN) continue;
      const auto t = static_cast<uint32_t>(packets[i].frame);
      Picture16 picture(samples_of(*s));
      if (packets[i].size != picture.size() * 2) return corrupt("a packet of another length");
      std::memcpy(picture.data(), packets[i].data, packets[i].size);
      if (!(packets[i].flags & STF_PACKET_KEY)) {
        const auto before = pictures.find(t % 2 != 0 ? t - 1 : t - 2);
        if (before == pictures.end()) return corrupt("a reference that is not there");
        for (size_t k = 0; k < picture.size(); ++k) picture[k] = static_cast<uint16_t>(picture[k] + before->second[k]);
      }
      pictures[t] = picture;
    }
    toy.decoded_packets += n;
    for (const auto& [t, picture] : pictures) {
      if (t == toy.lose_frame) continue;
      std::vector<uint8_t> memory;
      stf_plane planes[4]{};
      planes_of(*s, memory, planes);
      for (size_t i = 0; i < picture.size(); ++i) {
        if (s->bits <= 8) memory[i] = static_cast<uint8_t>(picture[i]);
        else std::memcpy(&memory[2 * i], &picture[i], 2);
      }
      if (const stf_status status = deliver(deliver_opaque, t, planes); status != STF_OK) return status;
    }
    return STF_OK;
  }

  stf_encode_options options(int32_t max_error = 0) const {
    stf_encode_options o;
    stf_encode_options_init(&o);
    o.codec = STF_CODEC_H264;
    o.max_error = max_error;
    return o;
  }
};

// What stf_fragment_encode() does, but for one thing: the toy does not compress, and its stream is kept all the same.
inline std::vector<uint8_t> toy_fragment(const ToyCodec& toy, const Picture& picture) {
  stf_fragment_info info{};
  info.format = picture.video.format;
  info.size = picture.video.size;
  const stf_env env = stf::resolve(&toy.env);
  stf::WorkInput input;
  stf_error error{};
  CHECK_STATUS(input.take(env, picture.video, &error), STF_OK);
  stf::Array<uint8_t> payload(env);
  stf::CodingErrors result;
  CHECK_STATUS(stf::encode_stream(env, toy.options(), input.video(), info, payload, result, &error), STF_OK);
  CHECK_EQ(result.largest, 0u);
  stf::ByteWriter coded(stf::default_allocator());
  stf::write_header(info, payload.size(), coded);
  coded.bytes(payload);
  stf::seal(coded.buffer().data(), coded.size());
  return fixture::bytes_of(coded.buffer());
}

}  // namespace fixture
