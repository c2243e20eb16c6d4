// The reader's handle: what a store says of itself, its index, its times, its fragments as they are.

#include <algorithm>
#include <memory>

#include "common/border.hpp"
#include "common/env.hpp"
#include "container/read/store.hpp"

using namespace stf::store;

namespace {

stf_status check_range(uint64_t first, uint64_t n, uint64_t count, const char* what, stf_error* error) {
  if (first <= count && n <= count - first) return STF_OK;
  return stf::fail(error, STF_E_ARGUMENT, "%s %llu to %llu are not all in the store, which has %llu", what,
                   static_cast<unsigned long long>(first), static_cast<unsigned long long>(first + n),
                   static_cast<unsigned long long>(count));
}

stf_index_row index_row(const Page& page, const Row& row) {
  stf_index_row out{};
  out.t0 = page.t0;
  out.t1 = page.t1();
  out.y0 = row.box.y0;
  out.y1 = row.box.y1;
  out.x0 = row.box.x0;
  out.x1 = row.box.x1;
  out.offset = row.offset;
  out.bytes = row.bytes;
  out.crc = row.crc;
  out.codec = row.codec;
  out.level = row.level;
  out.group = row.group;
  std::copy(std::begin(row.sse), std::end(row.sse), out.sse);
  return out;
}

}  // namespace

extern "C" {

stf_status stf_reader_open(const stf_env* env, const stf_source* source, stf_reader** reader, stf_error* error) {
  return stf::at_border(error, [&]() -> stf_status {
    if (source == nullptr || reader == nullptr || source->read_at == nullptr)
      return stf::fail(error, STF_E_ARGUMENT, "a reader needs a source and a place for its handle");
    *reader = nullptr;
    STF_TRY(stf::check_env(env, error));
    std::unique_ptr<stf_reader> r(new stf_reader{Store(stf::resolve(env), *source)});
    STF_TRY(r->store.open(error));
    *reader = r.release();
    return STF_OK;
  });
}

void stf_reader_get_info(const stf_reader* reader, stf_store_info* info) {
  const Store& store = reader->store;
  const Tail& tail = store.tail();
  *info = {};
  info->version = tail.header.version;
  info->desc = tail.header.desc;
  info->frames = tail.frames;
  info->slabs = tail.slabs;
  info->fragments = tail.fragments;
  info->file_bytes = store.source().size;
  info->fragment_bytes = tail.fragment_bytes;
  info->packet_records = tail.packets.count;
  info->stream_bytes = tail.packets.bytes;
  info->metadata = reinterpret_cast<const char*>(tail.metadata.data());
  info->metadata_size = tail.metadata.size();
  info->first_pts = store.first_pts();
  info->end_pts = tail.end_pts;
  info->torn = store.torn() ? 1 : 0;
}

void stf_reader_free(stf_reader* reader) { delete reader; }

stf_status stf_reader_index(stf_reader* reader, uint64_t first, uint64_t n, stf_index_row* rows, stf_error* error) {
  return stf::at_border(error, [&]() -> stf_status {
    Store& store = reader->store;
    STF_TRY(check_range(first, n, store.tail().fragments, "fragments", error));
    for (uint64_t at = first; at < first + n;) {
      std::shared_ptr<const Page> page;
      STF_TRY(store.page_of_fragment(at, page, error));
      for (uint64_t i = at - page->first_fragment; i < page->rows.size() && at < first + n; ++i, ++at)
        *rows++ = index_row(*page, page->rows[i]);
    }
    return STF_OK;
  });
}

stf_status stf_reader_times(stf_reader* reader, uint64_t first, uint64_t n, int64_t* pts, int64_t* durations,
                            stf_error* error) {
  return stf::at_border(error, [&]() -> stf_status {
    Store& store = reader->store;
    STF_TRY(check_range(first, n, store.tail().frames, "frames", error));
    if (!store.header().has_times()) {
      if (pts != nullptr) std::fill_n(pts, n, STF_NO_TIME);
      if (durations != nullptr) std::fill_n(durations, n, 0);
      return STF_OK;
    }
    for (uint64_t at = first; at < first + n;) {
      std::shared_ptr<const Page> page;
      STF_TRY(store.page_of_frame(at, page, error));
      for (uint64_t i = at - page->t0; i < page->t && at < first + n; ++i, ++at) {
        if (pts != nullptr) pts[at - first] = page->times.pts[i];
        if (durations != nullptr) durations[at - first] = page->times.durations[i];
      }
    }
    return STF_OK;
  });
}

stf_status stf_reader_find_time(stf_reader* reader, int64_t pts, uint64_t* frame, stf_error* error) {
  return stf::at_border(error, [&]() -> stf_status {
    Store& store = reader->store;
    if (!store.header().has_times() || store.tail().frames == 0)
      return stf::fail(error, STF_E_ARGUMENT, "the store has no frame times");
    std::shared_ptr<const Page> page;
    STF_TRY(store.page_of_time(pts, page, error));
    const std::vector<int64_t>& all = page->times.pts;
    const auto after = std::upper_bound(all.begin(), all.end(), pts);
    *frame = page->t0 + static_cast<uint64_t>(after == all.begin() ? 0 : after - all.begin() - 1);
    return STF_OK;
  });
}

stf_status stf_reader_fragment(stf_reader* reader, uint64_t fragment, void* out, size_t capacity, size_t* size,
                               stf_error* error) {
  return stf::at_border(error, [&]() -> stf_status {
    Store& store = reader->store;
    STF_TRY(check_range(fragment, 1, store.tail().fragments, "fragments", error));
    std::shared_ptr<const Page> page;
    STF_TRY(store.page_of_fragment(fragment, page, error));
    const size_t i = fragment - page->first_fragment;
    const Row& row = page->rows[i];
    *size = static_cast<size_t>(row.bytes);
    if (out == nullptr) return STF_OK;
    stf_error why{};
    stf_status status = STF_OK;
    if (row.missing()) {
      status = stf::fail(&why, STF_E_CORRUPT_FRAGMENT, "it was lost before a repair");
    } else if (capacity < row.bytes) {
      status = stf::fail(&why, STF_E_CAPACITY, "its %zu bytes do not fit into %zu", *size, capacity);
    } else {
      status = store.read_coded(*page, i, static_cast<uint8_t*>(out), &why);
    }
    if (status == STF_OK) return STF_OK;
    store.blame(*page, i, &why);
    if (error != nullptr) *error = why;
    return status;
  });
}

}  // extern "C"
