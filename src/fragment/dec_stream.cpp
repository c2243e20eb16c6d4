#include "fragment/dec_stream.hpp"

#include "common/border.hpp"
#include "common/status.hpp"
#include "fragment/codecs.hpp"
#include "fragment/stream.hpp"

namespace stf {
namespace {

// What deliver() writes to: sorts out which pictures are wanted and checks their order.
struct Delivery {
  const std::vector<uint32_t>& place;  // of each frame of the fragment in the list of wanted ones, or kNotWanted
  const FrameSink& sink;
  PictureRows rows;
  uint32_t components;
  uint32_t next = 0;  // lowest frame that may come
  uint32_t delivered = 0;
  stf_status status = STF_OK;

  static constexpr uint32_t kNotWanted = UINT32_MAX;

  stf_status take(uint32_t frame, const stf_plane* planes) {
    if (status != STF_OK) return status;
    if (frame >= place.size() || frame < next) return status = STF_E_CORRUPT_FRAGMENT;
    next = frame + 1;
    if (place[frame] == kNotWanted) return STF_OK;
    rows.set(planes);
    for (uint32_t c = 0; c < components; ++c)
      if (!rows.has(c)) return status = STF_E_CORRUPT_FRAGMENT;
    ++delivered;
    return status = at_border(nullptr, [&] { return sink(place[frame], rows); });
  }
};

}  // namespace

stf_status decode_stream(const stf_env& env, const FragmentHeader& header, const StreamFrames& wanted,
                         const FrameSink& take, stf_work* work, stf_error* error) {
  const stf_fragment_info& info = header.info;
  const uint32_t n = wanted.n;
  const bool check = wanted.check && info.samples_crc_known && n == info.size.t;
  uint32_t crc = 0;
  const FrameSink sink = !check ? take : [&](uint32_t i, PictureRows& rows) {
    crc = picture_crc(crc, info.format, info.size, rows);
    return take(i, rows);
  };
  const stf_codec* codec = nullptr;
  STF_TRY(find_codec(env, info.codec, &codec, error));
  if (codec->decode == nullptr) return fail(error, STF_E_CODEC, "the registered codec %s cannot decode", codec->name);
  Stream stream;
  STF_TRY(parse_stream(header, &stream, error));

  std::vector<uint32_t> place(info.size.t, Delivery::kNotWanted);
  std::vector<uint8_t> shown(info.size.t, 0);
  for (uint32_t i = 0; i < n; ++i) {
    const uint32_t frame = wanted.frames ? wanted.frames[i] : i;
    place[frame] = i;
    shown[frame] = 1;
  }
  const std::vector<stf_packet> packets = packets_for(stream, shown.data());
  Delivery delivery{place, sink, PictureRows(info.format, stream.desc), info.format.components};
  if (!delivery.rows.allocate(env, info.size.x)) return fail(error, STF_E_MEMORY, "no memory to decode a fragment");
  stf_error why{};
  const stf_status status = codec->decode(
      codec->opaque, &stream.desc, packets.data(), packets.size(),
      [](void* opaque, uint32_t frame, const stf_plane* planes) {
        return static_cast<Delivery*>(opaque)->take(frame, planes);
      },
      &delivery, &why);
  if (delivery.status == STF_E_MEMORY) return fail(error, STF_E_MEMORY, "no memory to decode a fragment");
  if (status != STF_OK && why.status != STF_OK) {
    if (error != nullptr) *error = why;
    return status;
  }
  if (status != STF_OK && status != STF_E_CORRUPT_FRAGMENT)
    return fail(error, status, "codec %s failed (%s)", codec->name, stf_status_name(status));
  if (status != STF_OK || delivery.status != STF_OK || delivery.delivered != n)
    return fail(error, STF_E_CORRUPT_FRAGMENT, "the fragment is damaged: its %s stream gives %u of %u frames",
                codec->name, delivery.delivered, n);
  if (check && crc != info.samples_crc) return wrong_samples(crc, info.samples_crc, error);
  work->frames += packets.size();
  work->samples += packets.size() * count_samples(info.format, {1, info.size.y, info.size.x});
  return STF_OK;
}

}  // namespace stf
