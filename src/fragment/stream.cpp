// Section numbers are those of docs/format.md.

#include "fragment/stream.hpp"

#include "common/status.hpp"
#include "fragment/codecs.hpp"

namespace stf {
namespace {

enum : uint8_t { kSamplesCrcKnown = 1, kStartCodes = 2 };  // flags of 13.1

// Hidden packets come on top of one a frame; more than this many of them have no use.
constexpr uint64_t kMaxPackets = uint64_t{4} * STF_MAX_FRAGMENT_T;

stf_status corrupt(stf_error* error, const char* what) {
  return fail(error, STF_E_CORRUPT_FRAGMENT, "the fragment is damaged: %s", what);
}

uint64_t zigzag(int64_t v) { return (static_cast<uint64_t>(v) << 1) ^ static_cast<uint64_t>(v >> 63); }

}  // namespace

stf_status parse_stream_head(const uint8_t* payload, size_t size, StreamHead* head, stf_error* error) {
  ByteReader in(payload, size);
  head->codec = in.u8();
  const uint8_t flags = in.u8();
  if (!in.ok()) return corrupt(error, "its stream is cut off");
  if (!is_stream_codec(head->codec))
    return fail(error, STF_E_UNSUPPORTED,
                "the fragment is a stream of codec %u, which this version of stfrag (%s) does "
                "not know",
                head->codec, stf_version());
  if (flags & ~(kSamplesCrcKnown | kStartCodes)) return corrupt(error, "unknown flags of its stream");
  head->samples_crc_known = flags & kSamplesCrcKnown;
  return STF_OK;
}

stf_status check_stream(const stf_stream& s, const stf_format& format, stf_size size, stf_error* error) {
  const auto refuse = [&](const char* what) { return fail(error, STF_E_ARGUMENT, "the stream's pictures %s", what); };
  if (s.reserved != 0) return fail(error, STF_E_ARGUMENT, "reserved fields of a stream must be zero");
  STF_TRY(check_reserved(s.reserved_words, "a stream", error));
  if (!is_stream_codec(s.codec)) return fail(error, STF_E_ARGUMENT, "codec %u has no streams", s.codec);
  if (s.components < 1 || s.components > 4 || s.bits < 8 || s.bits > 16 || s.sub_x > 2 || s.sub_y > 2)
    return refuse("have no valid format");
  if (s.components < 3 && (s.sub_x | s.sub_y)) return refuse("have no chroma to be subsampled");
  const bool alpha = format.components == 2 || format.components == 4;
  if (s.components < format.components || (alpha && s.components % 2 != 0)) return refuse("lack components");
  if (format.components >= 3 && (s.sub_x != format.sub_x || s.sub_y != format.sub_y))
    return refuse("have another chroma subsampling");
  if (uint32_t{format.bits} + s.shift > s.bits) return refuse("have too few bits");
  if (s.y < size.y || s.y - size.y > STF_MAX_STREAM_PADDING || s.x < size.x || s.x - size.x > STF_MAX_STREAM_PADDING)
    return refuse("have another size");
  if (s.start_codes > 1 || (s.extradata == nullptr && s.extradata_size != 0)) return refuse("are badly described");
  return STF_OK;
}

stf_status check_packets(const std::vector<stf_packet>& packets, uint32_t t, stf_error* error) {
  std::vector<uint8_t> seen(t, 0);
  uint32_t shown = 0;
  for (const stf_packet& p : packets) {
    if (p.frame == STF_PACKET_HIDDEN) continue;
    if (p.frame < 0 || static_cast<uint32_t>(p.frame) >= t || seen[static_cast<uint32_t>(p.frame)]++)
      return fail(error, STF_E_ARGUMENT, "a packet of frame %d, of which there is another or which there is not",
                  p.frame);
    ++shown;
  }
  if (shown != t) return fail(error, STF_E_ARGUMENT, "%u of %u frames have a packet", shown, t);
  if (!(packets.front().flags & STF_PACKET_KEY))
    return fail(error, STF_E_ARGUMENT, "the first packet is no key packet");
  if (packets.size() > kMaxPackets) return fail(error, STF_E_ARGUMENT, "%zu packets are too many", packets.size());
  return STF_OK;
}

void write_stream(const Stream& stream, bool samples_crc_known, ByteWriter& out) {
  const stf_stream& s = stream.desc;
  out.u8(s.codec);
  out.u8(static_cast<uint8_t>((samples_crc_known ? kSamplesCrcKnown : 0) | (s.start_codes ? kStartCodes : 0)));
  out.u8(static_cast<uint8_t>((s.components - 1) | s.sub_x << 2 | s.sub_y << 4));
  out.u8(static_cast<uint8_t>((s.bits - 1) | s.shift << 4));
  out.uvarint(s.y);
  out.uvarint(s.x);
  out.uvarint(s.extradata_size);
  out.bytes(s.extradata, s.extradata_size);
  out.uvarint(stream.packets.size());
  int64_t expected = 0;
  for (const stf_packet& p : stream.packets) {
    uint64_t place = 0;
    if (p.frame != STF_PACKET_HIDDEN) {
      place = 1 + zigzag(p.frame - expected);
      expected = int64_t{p.frame} + 1;
    }
    out.uvarint(place << 2 | (p.flags & 3));
    out.uvarint(p.size);
  }
  for (const stf_packet& p : stream.packets) out.bytes(p.data, p.size);
}

stf_status parse_stream(const FragmentHeader& header, Stream* stream, stf_error* error) {
  ByteReader in(header.payload, header.payload_size);
  stf_stream& s = stream->desc;
  s = {};
  s.codec = in.u8();  // checked with the header
  s.start_codes = (in.u8() & kStartCodes) != 0;
  const unsigned kind = in.u8(), depth = in.u8();
  s.components = static_cast<uint8_t>(1 + (kind & 3));
  s.sub_x = (kind >> 2) & 3;
  s.sub_y = (kind >> 4) & 3;
  s.bits = static_cast<uint8_t>(1 + (depth & 15));
  s.shift = static_cast<uint8_t>(depth >> 4);
  s.y = static_cast<uint32_t>(in.uvarint_in(1, STF_MAX_FRAGMENT_YX + STF_MAX_STREAM_PADDING));
  s.x = static_cast<uint32_t>(in.uvarint_in(1, STF_MAX_FRAGMENT_YX + STF_MAX_STREAM_PADDING));
  s.extradata_size = static_cast<size_t>(in.uvarint_in(0, in.left()));
  s.extradata = in.bytes(s.extradata_size);
  // A packet takes two bytes at least.
  const uint64_t n = in.uvarint_in(1, kMaxPackets);
  if (!in.ok() || n > in.left() / 2) return corrupt(error, "the description of its stream");
  if (kind & 0xC0 || check_stream(s, header.info.format, header.info.size, nullptr) != STF_OK)
    return corrupt(error, "its stream cannot hold its samples");

  stream->packets.assign(static_cast<size_t>(n), {});
  int64_t expected = 0;
  uint64_t total = 0;
  for (stf_packet& p : stream->packets) {
    const uint64_t code = in.uvarint_in(0, uint64_t{16} * STF_MAX_FRAGMENT_T);
    p.size = static_cast<size_t>(in.uvarint_in(0, header.payload_size));
    p.flags = code & 3;
    p.frame = STF_PACKET_HIDDEN;
    if (const uint64_t place = code >> 2; place != 0) {
      const int64_t frame = expected +
                            (static_cast<int64_t>((place - 1) >> 1) ^ -static_cast<int64_t>((place - 1) & 1));
      if (frame < 0 || frame >= header.info.size.t) return corrupt(error, "the order of its packets");
      p.frame = static_cast<int32_t>(frame);
      expected = frame + 1;
    }
    total += p.size;
  }
  if (!in.ok() || total != in.left()) return corrupt(error, "the lengths of its packets");
  for (stf_packet& p : stream->packets) p.data = in.bytes(p.size);
  if (check_packets(stream->packets, header.info.size.t, nullptr) != STF_OK) return corrupt(error, "its packets");
  return STF_OK;
}

std::vector<stf_packet> packets_for(const Stream& stream, const uint8_t* wanted) {
  const auto is_wanted = [&](const stf_packet& p) { return p.frame != STF_PACKET_HIDDEN && wanted[p.frame]; };
  std::vector<stf_packet> chosen;
  const size_t n = stream.packets.size();
  for (size_t first = 0, next; first < n; first = next) {
    size_t last = n;  // of this stretch, the last wanted one
    for (next = first; next < n && (next == first || !(stream.packets[next].flags & STF_PACKET_KEY)); ++next)
      if (is_wanted(stream.packets[next])) last = next;
    for (size_t i = first; last != n && i <= last; ++i)
      if (!(stream.packets[i].flags & STF_PACKET_DISPOSABLE) || is_wanted(stream.packets[i]))
        chosen.push_back(stream.packets[i]);
  }
  return chosen;
}

}  // namespace stf
