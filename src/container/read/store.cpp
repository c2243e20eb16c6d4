// Finding pages: from the tail through directory nodes, each read once and kept for a while.

#include "container/read/store.hpp"

#include <algorithm>

#include "common/status.hpp"
#include "container/format/record.hpp"
#include "container/io.hpp"
#include "container/jobs.hpp"

namespace stf::store {

stf_status Store::read_record(uint64_t offset, uint64_t length, uint8_t type, const char* name, Array<uint8_t>& body,
                              stf_error* error) const {
  if (length > env_.limits.max_index_bytes + kRecordHeadMax)
    return fail(error, STF_E_LIMIT, "%s takes %llu bytes, more than max_index_bytes", name,
                static_cast<unsigned long long>(length));
  if (offset > source_.size || length > source_.size - offset)
    return fail(error, STF_E_CORRUPT_STORE, "%s lies outside of the file: use repair", name);
  const auto size = static_cast<size_t>(length);
  body.clear();
  uint8_t* const record = body.extend(size);
  if (record == nullptr) return fail(error, STF_E_MEMORY, "no memory for the %zu bytes of %s", size, name);
  STF_TRY(read_exactly(source_, offset, record, size, error));
  RecordHead head{};
  if (!parse_record_head(record, size, head) || head.type != type || head.length != size - head.size ||
      record_crc(head, record + head.size, size - head.size) != head.crc)
    return fail(error, STF_E_CORRUPT_STORE, "%s (at %llu) is damaged: use repair", name,
                static_cast<unsigned long long>(offset));
  body.drop_front(head.size);
  return STF_OK;
}

// Nodes of a hostile directory may share a page or a node: what is in the cache was checked against the entry that it
// was loaded for, not against this one.
static bool stands_for(const Entry& entry, const Page& page) {
  return page.t0 == entry.frame0 && page.t == entry.frames && page.first_fragment == entry.fragment0 &&
         page.rows.size() == entry.fragments && page.end == entry.offset + entry.length;
}
static bool stands_for(const Entry& entry, const Node& node) {
  const Entry &first = node.entries.front(), &last = node.entries.back();
  return first.frame0 == entry.frame0 && first.fragment0 == entry.fragment0 &&
         last.frame0 + last.frames == entry.frame0 + entry.frames &&
         last.fragment0 + last.fragments == entry.fragment0 + entry.fragments;
}

stf_status Store::load_page(const Entry& entry, std::shared_ptr<const Page>& page, stf_error* error) {
  page = pages_.find(entry.offset);
  if (page && stands_for(entry, *page)) return STF_OK;
  char name[96];
  std::snprintf(name, sizeof name, "the index page of frames %llu:%llu", static_cast<unsigned long long>(entry.frame0),
                static_cast<unsigned long long>(entry.frame0 + entry.frames));
  if (entry.fragments > most_rows(env_.limits))
    return fail(error, STF_E_LIMIT, "%s has %llu fragments, too many for max_index_bytes", name,
                static_cast<unsigned long long>(entry.fragments));
  Array<uint8_t> body(env_);
  STF_TRY(read_record(entry.offset, entry.length, kPageRecord, name, body, error));
  auto loaded = std::make_shared<Page>();
  std::string why;
  if (!read_page(header(), body.data(), body.size(), entry.offset, entry.fragments, *loaded, why))
    return fail(error, STF_E_CORRUPT_STORE, "%s is damaged (%s): use repair", name, why.c_str());
  if (loaded->t0 != entry.frame0 || loaded->t != entry.frames || loaded->rows.size() != entry.fragments ||
      (header().has_times() && loaded->times.pts.front() != entry.first_pts))
    return fail(error, STF_E_CORRUPT_STORE, "%s is not what the directory says: use repair", name);
  loaded->first_fragment = entry.fragment0;
  loaded->end = entry.offset + entry.length;
  page = loaded;
  pages_.insert(entry.offset, page, loaded->memory());
  return STF_OK;
}

stf_status Store::load_node(const Entry& entry, uint32_t level, std::shared_ptr<const Node>& node, stf_error* error) {
  node = nodes_.find(entry.offset);
  if (node && node->level == level && stands_for(entry, *node)) return STF_OK;
  char name[96];
  std::snprintf(name, sizeof name, "the directory of frames %llu:%llu", static_cast<unsigned long long>(entry.frame0),
                static_cast<unsigned long long>(entry.frame0 + entry.frames));
  Array<uint8_t> body(env_);
  STF_TRY(read_record(entry.offset, entry.length, kDirectoryRecord, name, body, error));
  auto loaded = std::make_shared<Node>();
  if (!read_node(body.data(), body.size(), header().has_times(), level, entry, *loaded))
    return fail(error, STF_E_CORRUPT_STORE, "%s is damaged: use repair", name);
  node = loaded;
  nodes_.insert(entry.offset, node, sizeof *loaded + loaded->entries.size() * sizeof(Entry));
  return STF_OK;
}

// `before(entry)`: whether what is looked for is not before this entry. Takes the last such entry on every level.
template <typename Before>
stf_status Store::find_page(Before before, std::shared_ptr<const Page>& page, uint64_t* after_it, stf_error* error) {
  if (roots_.empty()) return fail(error, STF_E_ARGUMENT, "the store has no frames");
  const auto last = [&](auto begin, auto end, auto entry_of) {
    const auto after = std::partition_point(begin, end, [&](const auto& item) { return before(entry_of(item)); });
    return after == begin ? begin : after - 1;
  };
  const Root root = *last(roots_.begin(), roots_.end(), [](const Root& r) -> const Entry& { return r.entry; });
  Entry entry = root.entry;
  *after_it = entry.frame0 + entry.frames;
  for (uint32_t level = root.level; level > 0; --level) {
    std::shared_ptr<const Node> node;
    STF_TRY(load_node(entry, level - 1, node, error));
    entry = *last(node->entries.begin(), node->entries.end(), [](const Entry& e) -> const Entry& { return e; });
    *after_it = entry.frame0 + entry.frames;
  }
  return load_page(entry, page, error);
}

stf_status Store::page_of_frame(uint64_t frame, std::shared_ptr<const Page>& page, uint64_t* after, stf_error* error) {
  return find_page([&](const Entry& entry) { return entry.frame0 <= frame; }, page, after, error);
}
stf_status Store::page_of_frame(uint64_t frame, std::shared_ptr<const Page>& page, stf_error* error) {
  uint64_t after;
  return page_of_frame(frame, page, &after, error);
}
stf_status Store::page_of_fragment(uint64_t fragment, std::shared_ptr<const Page>& page, stf_error* error) {
  uint64_t after;
  return find_page([&](const Entry& entry) { return entry.fragment0 <= fragment; }, page, &after, error);
}
stf_status Store::page_of_time(int64_t pts, std::shared_ptr<const Page>& page, stf_error* error) {
  uint64_t after;
  return find_page([&](const Entry& entry) { return entry.first_pts <= pts; }, page, &after, error);
}

stf_status Store::blame(const Page& page, size_t row, stf_error* error) const {
  const stf_status status = error->status;
  locate(error, static_cast<int64_t>(page.first_fragment + row), page.t0, page.t1(), page.rows[row].box);
  return status;
}

stf_status Store::read_coded(const Page& page, size_t index, uint8_t* out, stf_error* error) const {
  const Row& row = page.rows[index];
  STF_TRY(read_exactly(source_, row.offset, out, static_cast<size_t>(row.bytes), error));
  if (stf_crc32c(0, out, static_cast<size_t>(row.bytes)) != row.crc)
    return fail(error, STF_E_CORRUPT_FRAGMENT, "its coded bytes are damaged");
  return STF_OK;
}

}  // namespace stf::store
