#include "container/format/directory.hpp"

namespace stf::store {

void write_entries(ByteWriter& out, const std::vector<Entry>& entries, EntryContext& context) {
  for (const Entry& entry : entries) {
    out.uvarint(entry.frames);
    out.uvarint(entry.fragments);
    out.uvarint(entry.offset - context.end);
    out.uvarint(entry.length);
    context.end = entry.offset + entry.length;
    if (!context.has_times) continue;
    if (context.first) {
      out.svarint(entry.first_pts);
    } else {
      out.uvarint(static_cast<uint64_t>(entry.first_pts) - static_cast<uint64_t>(context.pts));
    }
    context.first = false;
    context.pts = entry.first_pts;
  }
}

void read_entries(ByteReader& in, uint64_t count, uint64_t limit, EntryContext& context, std::vector<Entry>& entries) {
  if (count > in.left() / 4) return in.fail();
  entries.resize(count);
  for (Entry& entry : entries) {
    entry.frames = in.uvarint_in(1, INT64_MAX - context.frame0);
    entry.fragments = in.uvarint_in(1, INT64_MAX - context.fragment0);
    entry.offset = context.end + in.uvarint_in(0, limit - context.end);
    entry.length = in.uvarint_in(1, limit - entry.offset);
    if (!in.ok()) return;
    context.end = entry.offset + entry.length;
    entry.frame0 = context.frame0;
    entry.fragment0 = context.fragment0;
    context.frame0 += entry.frames;
    context.fragment0 += entry.fragments;
    if (!context.has_times) continue;
    if (context.first) {
      entry.first_pts = in.svarint();
      if (entry.first_pts == STF_NO_TIME) return in.fail();
    } else {
      const uint64_t room = static_cast<uint64_t>(INT64_MAX) - static_cast<uint64_t>(context.pts);
      if (room == 0) return in.fail();
      entry.first_pts = static_cast<int64_t>(static_cast<uint64_t>(context.pts) + in.uvarint_in(1, room));
    }
    context.first = false;
    context.pts = entry.first_pts;
  }
}

void write_node(const Node& node, bool has_times, ByteWriter& out) {
  EntryContext context;
  context.has_times = has_times;
  out.uvarint(node.level);
  out.uvarint(node.entries.front().frame0);
  out.uvarint(node.entries.front().fragment0);
  out.uvarint(node.entries.size());
  write_entries(out, node.entries, context);
}

bool read_node(const uint8_t* body, size_t size, bool has_times, uint32_t level, const Entry& parent, Node& node) {
  ByteReader in(body, size);
  EntryContext context;
  context.has_times = has_times;
  node.level = static_cast<uint32_t>(in.uvarint_in(0, kDirectoryLevels));
  context.frame0 = in.uvarint_in(0, INT64_MAX);
  context.fragment0 = in.uvarint_in(0, INT64_MAX);
  const uint64_t count = in.uvarint_in(1, kDirectoryFan);
  if (!in.ok() || node.level != level || context.frame0 != parent.frame0 || context.fragment0 != parent.fragment0)
    return false;
  read_entries(in, count, parent.offset, context, node.entries);
  return in.ok() && in.left() == 0 && context.frame0 == parent.frame0 + parent.frames &&
         context.fragment0 == parent.fragment0 + parent.fragments &&
         (!has_times || node.entries.front().first_pts == parent.first_pts);
}

}  // namespace stf::store
