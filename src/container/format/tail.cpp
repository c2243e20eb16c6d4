#include "container/format/tail.hpp"

#include <cstring>

#include "common/status.hpp"
#include "container/format/record.hpp"

namespace stf::store {

void write_tail(const Tail& tail, ByteWriter& out) {
  out.uvarint(kFormatVersion);
  out.uvarint(tail.header.body.size());
  out.bytes(tail.header.body.data(), tail.header.body.size());
  out.uvarint(tail.offset);
  out.uvarint(tail.previous);
  out.uvarint(tail.frames);
  out.uvarint(tail.slabs);
  out.uvarint(tail.fragments);
  out.uvarint(tail.fragment_bytes);
  if (tail.has_times() && tail.frames != 0) out.svarint(tail.end_pts);
  out.uvarint(tail.holes.size());
  uint64_t at = 0;
  for (const Hole& hole : tail.holes) {
    out.uvarint(hole.offset - at);
    out.uvarint(hole.size);
    at = hole.offset + hole.size;
  }
  out.uvarint(tail.metadata_size);
  out.uvarint(tail.metadata_offset);
  if (tail.metadata_offset == 0) out.bytes(tail.metadata.data(), tail.metadata.size());
  out.uvarint(tail.levels.size());
  EntryContext context;
  context.has_times = tail.has_times();
  for (size_t level = tail.levels.size(); level-- > 0;) {
    out.uvarint(tail.levels[level].size());
    write_entries(out, tail.levels[level], context);
  }
  if (tail.packets.count != 0) {
    ByteWriter packets(out.allocator());
    write_packet_index(packets, tail.packets);
    out.uvarint(2 * kPacketsExtension);
    out.uvarint(packets.size());
    out.bytes(packets.buffer());
  }
  out.u8(0);  // no more extensions
}

stf_status read_tail(const uint8_t* body, size_t size, uint64_t offset, Tail& tail, stf_error* error) {
  const auto damaged = [&](const char* what) {
    return fail(error, STF_E_CORRUPT_STORE, "the tail is damaged (%s): use repair", what);
  };
  ByteReader in(body, size);
  const uint64_t version = in.uvarint();
  if (in.ok()) STF_TRY(version_check("store", version, error));
  const uint64_t header_size = in.uvarint_in(0, in.left());
  const uint8_t* header = in.bytes(static_cast<size_t>(header_size));
  if (!in.ok()) return damaged("its header");
  STF_TRY(parse_header(header, static_cast<size_t>(header_size), tail.header, error));
  tail.offset = in.uvarint();
  if (!in.ok() || tail.offset != offset) return damaged("its own place");
  tail.previous = in.uvarint_in(0, offset);
  tail.frames = in.uvarint_in(0, INT64_MAX);
  tail.slabs = in.uvarint_in(0, INT64_MAX);
  tail.fragments = in.uvarint_in(0, INT64_MAX);
  tail.fragment_bytes = in.uvarint_in(0, offset);
  tail.end_pts = STF_NO_TIME;
  if (tail.has_times() && tail.frames != 0) tail.end_pts = in.svarint();

  const uint64_t holes = in.uvarint_in(0, kHolesMax);
  tail.holes.clear();
  uint64_t at = 0;
  for (uint64_t i = 0; i < holes && in.ok(); ++i) {
    Hole hole;
    hole.offset = at + in.uvarint_in(0, offset - at);
    hole.size = in.uvarint_in(1, offset - hole.offset);
    at = hole.offset + hole.size;
    tail.holes.push_back(hole);
  }
  tail.metadata_size = in.uvarint();
  tail.metadata_offset = in.uvarint_in(0, offset);
  if (!in.ok()) return damaged("its totals");
  tail.metadata.clear();
  if (tail.metadata_offset == 0) {
    if (tail.metadata_size > in.left()) return damaged("its metadata");
    const uint8_t* bytes = in.bytes(static_cast<size_t>(tail.metadata_size));
    tail.metadata.assign(bytes, bytes + tail.metadata_size);
  } else if (tail.metadata_offset < sizeof kSignature || tail.metadata_size > offset - tail.metadata_offset) {
    return damaged("its metadata");
  }
  const uint64_t levels = in.uvarint_in(0, kDirectoryLevels);
  tail.levels.assign(in.ok() ? levels : 0, {});
  EntryContext context;
  context.has_times = tail.has_times();
  for (size_t level = tail.levels.size(); level-- > 0 && in.ok();) {
    const uint64_t count = in.uvarint_in(0, kDirectoryFan - 1);
    read_entries(in, count, offset, context, tail.levels[level]);
  }
  uint64_t critical = 0;
  tail.packets = {};
  bool packets_ok = true;
  read_extensions(in, &critical, [&](uint64_t type, const uint8_t* data, size_t data_size) {
    if (type != kPacketsExtension) return false;
    packets_ok = packets_ok && tail.packets.count == 0 && read_packet_index(data, data_size, offset, tail.packets);
    return true;
  });
  if (!in.ok() || in.left() != 0) return damaged("the page directory");
  if (!packets_ok) return damaged("the list of packets");
  if (critical != 0)
    return fail(error, STF_E_UNSUPPORTED, "the store's tail uses feature %llu, which this stfrag does not know",
                static_cast<unsigned long long>(critical));
  if (context.frame0 != tail.frames || context.fragment0 != tail.fragments || (tail.slabs == 0) != (tail.frames == 0))
    return damaged("totals that do not fit the page directory");
  return STF_OK;
}

void write_footer(const Footer& footer, uint8_t out[kFooterSize]) {
  ByteFiller w(out);
  w.u64(footer.offset);
  w.u32(footer.length);
  w.u32(stf_crc32c(0, out, w.size()));
  w.bytes(kEndSignature, sizeof kEndSignature);
}

bool read_footer(const uint8_t* data, uint64_t at, Footer& footer) {
  if (std::memcmp(data + 16, kEndSignature, sizeof kEndSignature) != 0) return false;
  ByteReader in(data, kFooterSize);
  footer.offset = in.u64();
  footer.length = in.u32();
  return in.u32() == stf_crc32c(0, data, 12) && footer.offset >= sizeof kSignature && footer.offset < at &&
         footer.length == at - footer.offset && footer.length >= kRecordHeadMin && footer.length <= kTailMax;
}

}  // namespace stf::store
