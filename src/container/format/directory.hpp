// The directory: what finds the page of a frame. A B-tree that only grows at its end: entries of pages are level 0;
// whenever 256 entries of a level are complete they are written as a node, which becomes one entry of the next level.
// The entries that wait for that are in the tail (docs/format.md, section 5).
#pragma once

#include <cstdint>
#include <vector>

#include "common/bytes.hpp"
#include "container/format/header.hpp"

namespace stf::store {

inline constexpr size_t kDirectoryFan = 256;
inline constexpr size_t kDirectoryLevels = 8;  // 256^8 slabs

// A page, or a node that stands for all pages below it.
struct Entry {
  uint64_t frames = 0, fragments = 0;
  uint64_t offset = 0, length = 0;     // of its record, envelope included
  int64_t first_pts = STF_NO_TIME;     // if the store has times
  uint64_t frame0 = 0, fragment0 = 0;  // sums of those before; not stored
};

// What the coding of an entry goes on from; carried through all lists of one record.
struct EntryContext {
  bool has_times = false;
  uint64_t end = 0;  // of the record before
  bool first = true;
  int64_t pts = 0;
  uint64_t frame0 = 0, fragment0 = 0;  // running sums, for Entry's
};

void write_entries(ByteWriter& out, const std::vector<Entry>& entries, EntryContext& context);

// Read entries; `in` fails on anything impossible: ranges that go back or beyond `limit`, times that do not ascend,
// sums that overflow.
void read_entries(ByteReader& in, uint64_t count, uint64_t limit, EntryContext& context, std::vector<Entry>& entries);

// A node of the directory: entries of `level` (0: pages), the first of which is of this frame and fragment.
struct Node {
  uint32_t level = 0;
  std::vector<Entry> entries;
};

void write_node(const Node& node, bool has_times, ByteWriter& out);
// Read the node of an entry whose sums are known; checks that both say the same. `offset` is that of the node's record.
bool read_node(const uint8_t* body, size_t size, bool has_times, uint32_t level, const Entry& parent, Node& node);

}  // namespace stf::store
