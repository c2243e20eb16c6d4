// Writing and parsing of fragment headers. Section numbers are those of docs/format.md.

#include "fragment/header.hpp"

#include <cinttypes>
#include <cstring>

#include "common/status.hpp"
#include "fragment/stream.hpp"
#include "lossless/quantise.hpp"
#include "lossy/lossy.hpp"

namespace stf {
namespace {

constexpr size_t kCrcAt = 4, kCrcEnd = 8;

// The CRC covers everything but itself.
uint32_t coded_crc(const uint8_t* coded, size_t size) {
  return stf_crc32c(stf_crc32c(0, coded, kCrcAt), coded + kCrcEnd, size - kCrcEnd);
}

stf_status corrupt(stf_error* error, const char* what) {
  return fail(error, STF_E_CORRUPT_FRAGMENT, "the fragment is damaged: %s", what);
}

// 8.2: what a sample is, in two bytes.
void write_format(const stf_format& f, ByteFiller& out) {
  out.u8(static_cast<uint8_t>(f.dtype | f.layout << 3 | (f.components - 1) << 5));
  out.u8(static_cast<uint8_t>((f.bits - 1) | f.sub_x << 4 | f.sub_y << 6));
}

stf_status parse_format(ByteReader& in, stf_format* f, stf_error* error) {
  const unsigned kind = in.u8(), depth = in.u8();
  *f = stf_format{};
  f->dtype = kind & 7;
  f->layout = (kind >> 3) & 3;
  f->components = static_cast<uint8_t>(1 + ((kind >> 5) & 3));
  f->bits = static_cast<uint8_t>(1 + (depth & 15));
  f->sub_x = (depth >> 4) & 3;
  f->sub_y = (depth >> 6) & 3;
  if (!in.ok()) return corrupt(error, "its header is cut off");
  if ((kind & 0x80) || stf_format_check(f, nullptr) != STF_OK)
    return corrupt(error, "its header describes no valid sample format");
  return STF_OK;
}

// Frames that a limit on samples is about: those of a stream pass one by one.
uint32_t frames_at_once(uint8_t profile, uint32_t t) { return profile == kProfileStream ? 1 : t; }

stf_status parse_size(const stf_limits& limits, ByteReader& in, const stf_format& format, uint8_t profile,
                      stf_size* size, stf_error* error) {
  size->t = static_cast<uint32_t>(in.uvarint_in(1, STF_MAX_FRAGMENT_T));
  size->y = static_cast<uint32_t>(in.uvarint_in(1, STF_MAX_FRAGMENT_YX));
  size->x = static_cast<uint32_t>(in.uvarint_in(1, STF_MAX_FRAGMENT_YX));
  if (!in.ok()) return corrupt(error, "its header describes no valid size");
  const uint64_t samples = count_samples(format, {frames_at_once(profile, size->t), size->y, size->x});
  if (samples > STF_MAX_FRAGMENT_SAMPLES) return corrupt(error, "its header describes no valid size");
  if (samples > limits.max_samples)
    return fail(error, STF_E_LIMIT, "the fragment has %" PRIu64 " samples and the limit is %" PRIu64, samples,
                limits.max_samples);
  return STF_OK;
}

// 8.4: extensions. None is defined yet: ancillary ones are skipped, critical ones refused.
stf_status parse_extensions(ByteReader& in, stf_error* error) {
  for (;;) {
    const uint64_t tag = in.uvarint();
    if (!in.ok()) return corrupt(error, "its header is cut off");
    if (tag == 0) return STF_OK;
    if (tag == 1) return corrupt(error, "its header has an extension of type 0");
    const uint64_t length = in.uvarint();
    if (!in.ok() || length > in.left()) return corrupt(error, "an extension of its header is cut off");
    if (tag & 1)
      return fail(error, STF_E_UNSUPPORTED,
                  "the fragment needs extension %" PRIu64
                  ", which this version of stfrag (%s) "
                  "does not know",
                  tag >> 1, stf_version());
    in.bytes(static_cast<size_t>(length));
  }
}

}  // namespace

stf_status check_size(const stf_format& format, stf_size size, uint8_t profile, stf_error* error) {
  if (size.t == 0 || size.y == 0 || size.x == 0)
    return fail(error, STF_E_ARGUMENT, "a fragment has at least one sample, not %u x %u x %u", size.t, size.y, size.x);
  if (size.t > STF_MAX_FRAGMENT_T || size.y > STF_MAX_FRAGMENT_YX || size.x > STF_MAX_FRAGMENT_YX)
    return fail(error, STF_E_LIMIT,
                "a fragment has at most %u frames of %u x %u, not %u x %u x %u: use a store, which "
                "cuts it up",
                STF_MAX_FRAGMENT_T, STF_MAX_FRAGMENT_YX, STF_MAX_FRAGMENT_YX, size.t, size.y, size.x);
  const uint64_t samples = count_samples(format, {frames_at_once(profile, size.t), size.y, size.x});
  if (samples > STF_MAX_FRAGMENT_SAMPLES)
    return fail(error, STF_E_LIMIT, "a fragment has at most %u samples, not %" PRIu64 ": use a store, which cuts it up",
                STF_MAX_FRAGMENT_SAMPLES, samples);
  return STF_OK;
}

uint64_t count_samples(const stf_format& format, stf_size size) {
  uint64_t samples = 0;
  for (uint32_t c = 0; c < format.components; ++c) {
    uint32_t y, x;
    stf_plane_extent(&format, c, size.y, size.x, &y, &x);
    samples += uint64_t{y} * x * size.t;
  }
  return samples;
}

void write_header(const stf_fragment_info& info, size_t payload_size, ByteWriter& out) {
  uint8_t bytes[kMaxHeaderBytes];
  ByteFiller fields(bytes);
  fields.u8(info.profile);
  write_format(info.format, fields);
  fields.uvarint(info.size.t);
  fields.uvarint(info.size.y);
  fields.uvarint(info.size.x);
  fields.u8(static_cast<uint8_t>(info.structure | (info.lanes - 1) << 3));
  fields.uvarint(info.tables);
  fields.uvarint(info.max_error);
  fields.uvarint(info.max_error_achieved);
  fields.u32(info.samples_crc);
  fields.uvarint(0);  // no extensions

  out.bytes(kFragmentMagic, sizeof kFragmentMagic);
  out.u8(kFormatVersion);
  out.u32(0);
  out.uvarint(fields.size() + payload_size);
  out.bytes(bytes, fields.size());
}

void seal(uint8_t* coded, size_t size) {
  const uint32_t crc = coded_crc(coded, size);
  for (size_t i = 0; i < 4; ++i) coded[kCrcAt + i] = static_cast<uint8_t>(crc >> (8 * i));
}

stf_status parse_header(const stf_limits& limits, const void* data, size_t size, FragmentHeader* header,
                        stf_error* error) {
  if (size > limits.max_coded_bytes)
    return fail(error, STF_E_LIMIT, "the fragment has %zu bytes and the limit is %" PRIu64, size,
                limits.max_coded_bytes);
  ByteReader in(data, size);
  const uint8_t* magic = in.bytes(sizeof kFragmentMagic);
  if (magic == nullptr || std::memcmp(magic, kFragmentMagic, sizeof kFragmentMagic) != 0)
    return fail(error, STF_E_CORRUPT_FRAGMENT, "these bytes are not a fragment of stfrag");

  *header = FragmentHeader{};
  stf_fragment_info& info = header->info;
  info.version = in.u8();
  if (in.ok()) STF_TRY(version_check("fragment", info.version, error));
  info.coded_crc = in.u32();
  const uint64_t length = in.uvarint();
  if (!in.ok()) return corrupt(error, "its header is cut off");
  if (length > in.left()) return corrupt(error, "its end is cut off");
  if (length < in.left()) return corrupt(error, "bytes follow its end");
  info.coded_bytes = size;

  info.profile = in.u8();
  STF_TRY(parse_format(in, &info.format, error));
  STF_TRY(parse_size(limits, in, info.format, info.profile, &info.size, error));
  const unsigned coding = in.u8();
  info.structure = coding & 7;
  info.lanes = static_cast<uint8_t>(1 + (coding >> 3));
  info.tables = static_cast<uint8_t>(in.uvarint_in(0, 255));
  info.max_error = static_cast<uint32_t>(in.uvarint_in(0, 65535));
  info.max_error_achieved = static_cast<uint32_t>(in.uvarint_in(0, info.max_error));
  info.samples_crc = in.u32();
  if (!in.ok()) return corrupt(error, "its header is cut off or out of range");
  STF_TRY(parse_extensions(in, error));

  if (info.profile > kProfileLossy)
    return fail(error, STF_E_UNSUPPORTED,
                "the fragment has profile %u, which this version of stfrag (%s) cannot decode", info.profile,
                stf_version());
  if (info.profile == kProfileRaw &&
      (info.structure != STF_STRUCTURE_INTRA || info.lanes != 1 || info.tables != 0 || info.max_error != 0))
    return corrupt(error, "its header contradicts the raw profile");
  if (info.profile == kProfileStream && (coding != 0 || (info.max_error != 0 && info.max_error != kNoMaxError)))
    return corrupt(error, "its header contradicts a stream of another codec");
  if (info.profile == kProfileLossy &&
      (info.lanes != 1 || info.max_error != kNoMaxError || lossy_check(info.format, nullptr) != STF_OK))
    return corrupt(error, "its header contradicts the lossy profile");
  if (info.structure > STF_STRUCTURE_OUTWARD)
    return fail(error, STF_E_UNSUPPORTED,
                "the fragment has frame structure %u, which this version of stfrag (%s) does "
                "not know",
                info.structure, stf_version());
  if (info.tables != 0)
    return fail(error, STF_E_UNSUPPORTED,
                "the fragment needs built-in tables %u, which this version of stfrag (%s) "
                "lacks",
                info.tables, stf_version());
  if (info.profile == kProfileLossless && info.max_error > kMaxBound)
    return corrupt(error, "its header has an error bound that there is none of");
  info.header_bytes = in.position();
  header->payload = in.cursor();
  header->payload_size = in.left();
  info.samples_crc_known = 1;
  if (info.profile == kProfileStream) {
    StreamHead head;
    STF_TRY(parse_stream_head(header->payload, header->payload_size, &head, error));
    info.codec = head.codec;
    info.samples_crc_known = head.samples_crc_known;
  }
  return STF_OK;
}

stf_status check_coded_crc(const FragmentHeader& header, const void* data, stf_error* error) {
  const uint32_t actual = coded_crc(static_cast<const uint8_t*>(data), static_cast<size_t>(header.info.coded_bytes));
  if (actual == header.info.coded_crc) return STF_OK;
  return fail(error, STF_E_CORRUPT_FRAGMENT, "the fragment is damaged: the checksum of its bytes is %08x, not %08x",
              actual, header.info.coded_crc);
}

stf_status wrong_samples(uint32_t actual, uint32_t expected, stf_error* error) {
  return fail(error, STF_E_CORRUPT_FRAGMENT, "the fragment is damaged: the checksum of its samples is %08x, not %08x",
              actual, expected);
}

}  // namespace stf
