#include "container/write/output.hpp"

#include <algorithm>

#include "common/status.hpp"
#include "container/io.hpp"

namespace stf::store {

static constexpr size_t kFlushAt = 1 << 18;

Output::Output(const stf_env& env, const stf_sink& sink, StoreHeader header) : env_(env), sink_(sink), buffer_(env) {
  tail_.header = std::move(header);
}

Output::Output(const stf_env& env, const stf_sink& sink, Tail tail, uint64_t end, uint64_t size)
    : env_(env), sink_(sink), tail_(std::move(tail)), position_(size), buffer_(env) {
  if (size > end) tail_.holes.push_back({end, size - end});
  tail_.previous = tail_.offset;
}

stf_status Output::flush(stf_error* error) {
  const uint64_t at = position_ - buffer_.size();
  const stf_status status = write_fully(sink_, buffer_.data(), buffer_.size(), at, error);
  buffer_.clear();
  return status;
}

stf_status Output::put_bytes(const void* data, size_t size, stf_error* error) {
  const auto* p = static_cast<const uint8_t*>(data);
  if (buffer_.size() + size > kFlushAt) STF_TRY(flush(error));
  if (size > kFlushAt) {
    STF_TRY(write_fully(sink_, p, size, position_, error));
  } else if (!buffer_.append(p, size)) {
    return fail(error, STF_E_MEMORY, "no memory for what is to be written");
  }
  position_ += size;
  return STF_OK;
}

stf_status Output::put_record(uint8_t type, const void* body, size_t size, Entry* place, stf_error* error) {
  uint8_t head[kRecordHeadMax];
  const size_t head_size = write_record_head(head, type, body, size);
  if (place != nullptr) {
    place->offset = position_;
    place->length = head_size + size;
  }
  STF_TRY(put_bytes(head, head_size, error));
  return put_bytes(body, size, error);
}

stf_status Output::put_record(uint8_t type, const ByteWriter& body, Entry* place, stf_error* error) {
  if (!body.ok()) return fail(error, STF_E_MEMORY, "no memory for what is to be written");
  return put_record(type, body.data(), body.size(), place, error);
}

stf_status Output::start(stf_error* error) {
  STF_TRY(put_bytes(kSignature, sizeof kSignature, error));
  STF_TRY(put_record(kHeaderRecord, tail_.header.body.data(), tail_.header.body.size(), nullptr, error));
  return flush(error);
}

stf_status Output::slab(Page& page, const PutCoded& put, stf_error* error) {
  if (tail_.frames > static_cast<uint64_t>(INT64_MAX) - STF_MAX_FRAGMENT_T)
    return fail(error, STF_E_LIMIT, "a store holds at most 2^63 frames");
  page.t0 = tail_.frames;
  const size_t times_row = page.times_row();
  for (size_t i = 0; i < page.rows.size(); ++i) {
    const Row& row = page.rows[i];
    if (row.missing()) continue;
    ByteWriter head(env_);
    append_fragment_head(head, page.fields(row), i == times_row && !page.times.empty() ? &page.times : nullptr,
                         row.bytes);
    if (!head.ok()) return fail(error, STF_E_MEMORY, "no memory for what is to be written");
    STF_TRY(put_bytes(head.data(), head.size(), error));
    STF_TRY(put(i, error));
    tail_.fragment_bytes += row.bytes;
  }
  page.offset = position_;
  if (!place_rows(page, sizeof kSignature)) return fail(error, STF_E_INTERNAL, "a slab does not lie where it should");
  ByteWriter body(env_);
  write_page(header(), page, body);
  if (body.size() > env_.limits.max_index_bytes || page.rows.size() > most_rows(env_.limits))
    return fail(error, STF_E_LIMIT,
                "the index page of %zu fragments takes more than max_index_bytes: use larger "
                "fragments",
                page.rows.size());
  Entry entry;
  entry.frames = page.t;
  entry.fragments = page.rows.size();
  entry.frame0 = tail_.frames;
  entry.fragment0 = tail_.fragments;
  if (!page.times.empty()) {
    entry.first_pts = page.times.pts.front();
    tail_.end_pts = page.times.end();
  }
  STF_TRY(put_record(kPageRecord, body, &entry, error));
  tail_.frames += page.t;
  tail_.fragments += page.rows.size();
  tail_.slabs += 1;
  STF_TRY(add_entry(entry, error));
  return flush(error);
}

stf_status Output::add_entry(Entry entry, stf_error* error) {
  for (uint32_t level = 0;; ++level) {
    if (level == kDirectoryLevels) return fail(error, STF_E_LIMIT, "too many slabs");
    if (tail_.levels.size() == level) tail_.levels.emplace_back();
    tail_.levels[level].push_back(entry);
    if (tail_.levels[level].size() < kDirectoryFan) return STF_OK;

    const Node node{level, std::move(tail_.levels[level])};
    tail_.levels[level].clear();
    ByteWriter body(env_);
    write_node(node, tail_.has_times(), body);
    entry = node.entries.front();  // first frame, fragment and time of all
    entry.frames = entry.fragments = 0;
    for (const Entry& child : node.entries) {
      entry.frames += child.frames;
      entry.fragments += child.fragments;
    }
    STF_TRY(put_record(kDirectoryRecord, body, &entry, error));
  }
}

stf_status Output::put_packets(const void* data, size_t size, int64_t begin, int64_t end, stf_error* error) {
  ByteWriter body(env_);
  tail_.packets.write_next(body, data, size, begin, end);
  if (body.size() > env_.limits.max_index_bytes)
    return fail(error, STF_E_LIMIT, "%zu bytes of packets are more than max_index_bytes", size);
  Entry place;
  STF_TRY(put_record(kPacketsRecord, body, &place, error));
  tail_.packets.add({place.offset, place.length, begin, end}, size);
  return flush(error);
}

stf_status Output::put_metadata(const void* data, size_t size, stf_error* error) {
  if (size > env_.limits.max_index_bytes)
    return fail(error, STF_E_LIMIT, "%zu bytes of metadata are more than max_index_bytes", size);
  const auto* p = static_cast<const uint8_t*>(data);
  tail_.metadata.assign(p, p + size);
  tail_.metadata_size = size;
  tail_.metadata_offset = position_;
  STF_TRY(put_record(kMetadataRecord, data, size, nullptr, error));
  return flush(error);
}

stf_status Output::finish(const void* metadata, size_t size, stf_error* error) {
  const auto* p = static_cast<const uint8_t*>(metadata);
  if (p != nullptr && !(size == tail_.metadata.size() && std::equal(p, p + size, tail_.metadata.begin()))) {
    if (size > kMetadataInline) {
      STF_TRY(put_metadata(p, size, error));
    } else {
      tail_.metadata.assign(p, p + size);
      tail_.metadata_size = size;
      tail_.metadata_offset = 0;
    }
  }
  tail_.offset = position_;
  ByteWriter body(env_);
  write_tail(tail_, body);
  Entry place;
  if (body.size() + kRecordHeadMax + kFooterSize > kTailMax)
    return fail(error, STF_E_LIMIT, "the tail of %zu bytes does not fit into %zu", body.size(), kTailMax);
  STF_TRY(put_record(kTailRecord, body, &place, error));
  uint8_t footer[kFooterSize];
  write_footer({place.offset, static_cast<uint32_t>(place.length)}, footer);
  STF_TRY(put_bytes(footer, sizeof footer, error));
  return flush(error);
}

}  // namespace stf::store
