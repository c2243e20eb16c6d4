#include "container/format/record.hpp"

#include <cstring>

#include "stfrag/fragment.h"

namespace stf::store {
namespace {

// Flags of a fragment record.
constexpr uint8_t kHasCodec = 1;  // codec, level and group follow; else all are 0
constexpr uint8_t kHasTimes = 2;

bool has_codec(const FragmentFields& f) { return f.codec != 0 || f.level != 0 || f.group != 0; }

uint32_t head_crc(uint8_t type, uint64_t length) {
  uint8_t bytes[1 + 10];
  ByteFiller head(bytes);
  head.u8(type);
  head.uvarint(length);
  return stf_crc32c(0, bytes, head.size());
}

template <typename Out>
void append_head(Out& out, uint8_t type, uint64_t length, const void* covered, size_t covered_size) {
  out.bytes(kSync, sizeof kSync);
  out.u8(type);
  out.u32(stf_crc32c(head_crc(type, length), covered, covered_size));
  out.uvarint(length);
}

}  // namespace

bool parse_record_head(const uint8_t* data, size_t size, RecordHead& head) {
  if (size < kRecordHeadMin || std::memcmp(data, kSync, sizeof kSync) != 0) return false;
  ByteReader in(data + sizeof kSync, size - sizeof kSync);
  head.type = in.u8();
  head.crc = in.u32();
  head.length = in.uvarint();
  head.size = sizeof kSync + in.position();
  const bool letter = (head.type >= 'A' && head.type <= 'Z') || (head.type >= 'a' && head.type <= 'z');
  return in.ok() && letter;
}

uint32_t record_crc(const RecordHead& head, const void* body, size_t size) {
  return stf_crc32c(head_crc(head.type, head.length), body, size);
}

size_t write_record_head(uint8_t out[kRecordHeadMax], uint8_t type, const void* body, size_t size) {
  ByteFiller head(out);
  append_head(head, type, size, body, size);
  return head.size();
}

void append_record(ByteWriter& out, uint8_t type, const void* body, size_t size) {
  append_head(out, type, size, body, size);
  out.bytes(body, size);
}

void append_fragment_head(ByteWriter& out, const FragmentFields& f, const FrameTimes* times, uint64_t bytes) {
  ByteWriter fields(out.allocator());
  fields.uvarint(f.t0);
  fields.uvarint(f.t);
  fields.uvarint(f.box.y0);
  fields.uvarint(f.box.y1 - f.box.y0);
  fields.uvarint(f.box.x0);
  fields.uvarint(f.box.x1 - f.box.x0);
  fields.u8(static_cast<uint8_t>((has_codec(f) ? kHasCodec : 0) | (times != nullptr ? kHasTimes : 0)));
  fields.u32(f.crc);
  if (has_codec(f)) {
    fields.u8(f.codec);
    fields.u8(f.level);
    fields.u8(f.group);
  }
  if (times != nullptr) write_times(fields, *times);
  append_head(out, kFragmentRecord, fields.size() + bytes, fields.data(), fields.size());
  out.bytes(fields.buffer());
}

uint64_t fragment_head_size(const FragmentFields& f, size_t times_size, uint64_t bytes) {
  const size_t fields = uvarint_size(f.t0) + uvarint_size(f.t) + uvarint_size(f.box.y0) +
                        uvarint_size(f.box.y1 - f.box.y0) + uvarint_size(f.box.x0) + uvarint_size(f.box.x1 - f.box.x0) +
                        5 + (has_codec(f) ? 3 : 0) + times_size;
  return 8 + uvarint_size(fields + bytes) + fields;
}

void parse_fragment_fields(ByteReader& in, bool store_has_times, FragmentFields& f) {
  f.t0 = in.uvarint_in(0, INT64_MAX);
  f.t = static_cast<uint32_t>(in.uvarint_in(1, STF_MAX_FRAGMENT_T));
  f.box.y0 = static_cast<uint32_t>(in.uvarint_in(0, INT32_MAX));
  f.box.y1 = f.box.y0 + static_cast<uint32_t>(in.uvarint_in(1, STF_MAX_FRAGMENT_YX));
  f.box.x0 = static_cast<uint32_t>(in.uvarint_in(0, INT32_MAX));
  f.box.x1 = f.box.x0 + static_cast<uint32_t>(in.uvarint_in(1, STF_MAX_FRAGMENT_YX));
  const uint8_t flags = in.u8();
  if (flags > (kHasCodec | kHasTimes)) in.fail();
  f.crc = in.u32();
  f.codec = f.level = f.group = 0;
  if (flags & kHasCodec) {
    f.codec = in.u8();
    f.level = in.u8();
    f.group = in.u8();
    if (!has_codec(f) || f.codec == STF_CODEC_MISSING) in.fail();
  }
  f.times = {};
  if (flags & kHasTimes) {
    if (!store_has_times) in.fail();
    if (in.ok()) read_times(in, f.t, f.times);
  }
}

}  // namespace stf::store
