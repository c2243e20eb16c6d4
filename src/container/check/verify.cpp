// Verify: every byte of a store is looked at, in the order of the file. Slabs are checked through their pages; what
// lies between them must be valid records, or known to be left over from a torn append.

#include <algorithm>
#include <cstring>

#include "common/border.hpp"
#include "common/env.hpp"
#include "container/check/scan.hpp"
#include "container/io.hpp"
#include "container/jobs.hpp"
#include "container/read/decode.hpp"

namespace stf::store {
namespace {

using Problem = void (*)(void* opaque, const stf_error* what);

class Verify {
 public:
  Verify(const stf_env& env, const stf_source& source, bool deep, Problem problem, void* opaque,
         stf_verify_report& report)
      : env_(env), source_(source), store_(env, source), deep_(deep), problem_(problem), opaque_(opaque),
        report_(report), effort_(source.size) {}

  stf_status run(stf_error* error) {
    stf_error why{};
    const stf_status opened = store_.open(&why);
    if (opened == STF_E_CORRUPT_STORE) {
      section(why);
      const stf_status header = find_header(env_, source_, header_, nullptr);
      if (header == STF_E_MEMORY) return fail(error, header, "no memory to look for a header");
      if (header == STF_OK) {
        store_.assume(header_);
        damage_known_ = 1;
        STF_TRY(between(sizeof kSignature, source_.size, error));
        STF_TRY(flush(error));
      }
    } else if (opened != STF_OK) {
      if (error != nullptr) *error = why;
      return opened;
    } else {
      header_ = store_.header();
      STF_TRY(whole(error));
    }
    if (first_.status != STF_OK && error != nullptr) *error = first_;
    return first_.status;
  }

 private:
  struct Item {
    std::shared_ptr<const Page> page;
    size_t row;
  };

  void tell(const stf_error& what) {
    if (first_.status == STF_OK) first_ = what;
    if (problem_ != nullptr) problem_(opaque_, &what);
  }
  void section(const stf_error& what) {
    report_.corrupt_sections += 1;
    tell(what);
  }

  // A store that opens.
  stf_status whole(stf_error* error) {
    stf_error why{};
    uint8_t signature[sizeof kSignature];
    STF_TRY(read_exactly(source_, 0, signature, sizeof signature, error));
    if (std::memcmp(signature, kSignature, sizeof signature) != 0) {
      fail(&why, STF_E_CORRUPT_STORE, "the signature is damaged: use repair");
      section(why);
    }
    uint64_t at = sizeof kSignature, after = 0;
    for (uint64_t frame = 0; frame < store_.tail().frames; frame = after) {
      std::shared_ptr<const Page> page;
      const stf_status status = store_.page_of_frame(frame, page, &after, &why);
      if (status == STF_E_CORRUPT_STORE) {
        STF_TRY(flush(error));
        section(why);
        damage_known_ += 1;
        continue;
      }
      if (status != STF_OK) {
        if (error != nullptr) *error = why;
        return status;
      }
      STF_TRY(between(at, page->begin, error));
      for (size_t i = 0; i < page->rows.size(); ++i) items_.push_back({page, i});
      next_fragment_ = page->first_fragment + page->rows.size();
      if (items_.size() >= std::max<size_t>(64, 32 * size_t{env_.runner.threads})) STF_TRY(flush(error));
      at = page->end;
    }
    STF_TRY(between(at, store_.tail().offset, error));
    STF_TRY(flush(error));
    const stf_status packets = report_.corrupt_sections == 0 ? packets_.run(store_, &why) : STF_OK;
    if (packets == STF_E_CORRUPT_STORE) {
      section(why);
    } else if (packets != STF_OK) {
      if (error != nullptr) *error = why;
      return packets;
    }
    report_.frames = store_.tail().frames;
    if (store_.torn()) {
      fail(&why, STF_E_CORRUPT_STORE, "%llu bytes follow the last valid tail: an append was torn; use repair",
           static_cast<unsigned long long>(source_.size - store_.end()));
      section(why);
    }
    return STF_OK;
  }

  // What lies between slabs: directory nodes, metadata, old tails; and slabs whose page is damaged, which has been
  // told already and explains one stretch of bytes without a valid record.
  stf_status between(uint64_t from, uint64_t to, stf_error* error) {
    if (from < to) STF_TRY(flush(error));
    for (const Hole& hole : store_.tail().holes) {
      if (hole.offset < from || hole.offset >= to) continue;
      STF_TRY(records(from, hole.offset, error));
      from = std::min(to, hole.offset + hole.size);
    }
    if (from < to) STF_TRY(records(from, to, error));
    damage_known_ = 0;
    return STF_OK;
  }

  stf_status records(uint64_t from, uint64_t to, stf_error* error) {
    Scanner scanner(env_, source_, header_.has_times(), from, to, effort_);
    scanner.set_appended();
    const bool expected = damage_known_ == 0;
    for (uint64_t at = from;;) {
      if (env_.cancel != nullptr && env_.cancel(env_.cancel_opaque) != 0)
        return fail(error, STF_E_CANCELLED, "cancelled");
      Scanned record(env_);
      stf_error why{};
      bool found = false;
      STF_TRY(scanner.next(record, &found, error));
      if (record.skipped != 0) {
        if (damage_known_ != 0) {
          --damage_known_;
        } else {
          fail(&why, STF_E_CORRUPT_STORE, "%s at %llu is damaged (%llu bytes): use repair",
               at == sizeof kSignature ? "the header" : "a record", static_cast<unsigned long long>(at),
               static_cast<unsigned long long>(record.skipped));
          section(why);
        }
      }
      if (!found) return STF_OK;
      if (at == sizeof kSignature && record.skipped == 0 &&
          (record.type != kHeaderRecord ||
           !std::equal(record.body.begin(), record.body.end(), header_.body.begin(), header_.body.end()))) {
        fail(&why, STF_E_CORRUPT_STORE, "the header is not the one that the tail has: use repair");
        section(why);
      }
      at = record.end;
      if (record.type == kPacketsRecord) packets_.see(record);
      if (record.type == kFragmentRecord) {
        if (expected) {
          fail(&why, STF_E_CORRUPT_STORE, "a fragment at %llu is in no page: use repair",
               static_cast<unsigned long long>(record.offset));
          section(why);
        }
        STF_TRY(loose_fragment(record, error));
      }
    }
  }

  // A fragment without a page: its own record says what it is.
  stf_status loose_fragment(const Scanned& record, stf_error* error) {
    const FragmentFields& f = record.fields;
    if (!box_valid(header_, f.t, f.codec, f.box)) return STF_OK;
    auto page = std::make_shared<Page>();
    page->t0 = f.t0;
    page->t = f.t;
    page->times = f.times;
    page->first_fragment = next_fragment_++;
    Row row;
    static_cast<FragmentIdentity&>(row) = f;
    row.offset = record.coded_offset;
    row.bytes = record.coded_bytes;
    page->rows.push_back(row);
    report_.frames = std::max(report_.frames, page->t1());
    items_.push_back({page, 0});
    return items_.size() >= 64 ? flush(error) : STF_OK;
  }

  // Check the fragments gathered so far, in parallel, and tell of them in order.
  stf_status flush(stf_error* error) {
    std::vector<stf_error> found(items_.size());
    std::vector<stf_error> heads(items_.size());
    STF_TRY(run_jobs(
        env_, items_.size(),
        [&](size_t i, stf_error* why) {
          const Page& page = *items_[i].page;
          if (page.rows[items_[i].row].missing()) return STF_OK;
          const stf_status status = check(page, items_[i].row, &heads[i], &found[i]);
          if (status != STF_OK) *why = found[i];
          return status;
        },
        error));
    for (size_t i = 0; i < items_.size(); ++i) {
      report_.fragments += 1;
      report_.missing_fragments += items_[i].page->rows[items_[i].row].missing();
      if (heads[i].status != STF_OK) section(heads[i]);
      if (found[i].status == STF_OK) continue;
      report_.corrupt_fragments += found[i].status == STF_E_CORRUPT_FRAGMENT;
      tell(found[i]);
    }
    items_.clear();
    return STF_OK;
  }

  // A failure of the returned status ends verify; damage only goes to `head` and `found`.
  stf_status check(const Page& page, size_t index, stf_error* head, stf_error* found) {
    const Row& row = page.rows[index];
    ByteWriter expected(env_);
    const bool timed = index == page.times_row() && !page.times.empty();
    append_fragment_head(expected, page.fields(row), timed ? &page.times : nullptr, row.bytes);
    Buffer<uint8_t> stored(env_, expected.size());
    if (!expected.ok() || !stored) return fail(found, STF_E_MEMORY, "no memory for the head of a record");
    STF_TRY(read_exactly(source_, row.offset - stored.size(), stored.data(), stored.size(), found));
    if (std::memcmp(stored.data(), expected.data(), stored.size()) != 0) {
      fail(head, STF_E_CORRUPT_STORE, "its record's head is damaged: use repair");
      store_.blame(page, index, head);
    }
    const stf_status status = deep_ ? decode_all(page, index, found) : check_crc(page, index, found);
    return status == STF_E_IO || status == STF_E_MEMORY ? status : STF_OK;
  }

  stf_status check_crc(const Page& page, size_t index, stf_error* found) {
    const Row& row = page.rows[index];
    if (row.offset > source_.size || row.bytes > source_.size - row.offset) {
      fail(found, STF_E_CORRUPT_FRAGMENT, "it is cut off");
      return store_.blame(page, index, found);
    }
    uint32_t crc = 0;
    STF_TRY(SourceWindow(env_, source_).crc(row.offset, row.bytes, &crc, found));
    if (crc == row.crc) return STF_OK;
    fail(found, STF_E_CORRUPT_FRAGMENT, "its coded bytes are damaged");
    return store_.blame(page, index, found);
  }

  stf_status decode_all(const Page& page, size_t index, stf_error* found) {
    STF_TRY(check_crc(page, index, found));  // before anything of its declared size is allocated
    const Row& row = page.rows[index];
    const stf_format& format = header_.desc.format;
    const size_t item = stf_itemsize(format.dtype);
    const uint32_t y = row.box.y1 - row.box.y0, x = row.box.x1 - row.box.x0;
    // Frames of a stream come one by one, and may all go to the same memory.
    const uint32_t t = row.codec == STF_CODEC_STF ? page.t : 1;
    const uint64_t samples = samples_of(format, t, y, x);
    if (samples > env_.limits.max_samples) {
      fail(found, STF_E_LIMIT, "its samples are more than max_samples");
      return store_.blame(page, index, found);
    }
    Buffer<uint8_t> memory(env_, static_cast<size_t>(samples) * item);
    if (!memory) return fail(found, STF_E_MEMORY, "no memory to decode a fragment");
    stf_video video{};
    video.format = format;
    video.size = {page.t, y, x};
    uint8_t* at = memory.data();
    for (uint32_t c = 0; c < format.components; ++c) {
      uint32_t py, px;
      stf_plane_extent(&format, c, y, x, &py, &px);
      video.planes[c] = {at, t == 1 ? 0 : static_cast<ptrdiff_t>(size_t{py} * px * item),
                         static_cast<ptrdiff_t>(px * item), static_cast<ptrdiff_t>(item)};
      at += size_t{t} * py * px * item;
    }
    stf_work work;
    return decode_row({store_, page, index}, {}, video, &work, found);
  }

  const stf_env& env_;
  const stf_source& source_;
  Store store_;
  StoreHeader header_;
  bool deep_;
  Problem problem_;
  void* opaque_;
  stf_verify_report& report_;
  ScanBudget effort_;
  stf_error first_{};
  std::vector<Item> items_;
  PacketCheck packets_;
  uint64_t next_fragment_ = 0;
  uint64_t damage_known_ = 0;  // damaged pages and nodes told of since the last whole slab
};

}  // namespace
}  // namespace stf::store

extern "C" stf_status stf_verify(const stf_env* env, const stf_source* source, int deep,
                                 void (*problem)(void* opaque, const stf_error* what), void* opaque,
                                 stf_verify_report* report, stf_error* error) {
  return stf::at_border(error, [&]() -> stf_status {
    if (source == nullptr || source->read_at == nullptr)
      return stf::fail(error, STF_E_ARGUMENT, "verify needs a source");
    STF_TRY(stf::check_env(env, error));
    stf_verify_report none, &result = report != nullptr ? *report : none;
    result = {};
    const stf_env resolved = stf::resolve(env);
    return stf::store::Verify(resolved, *source, deep != 0, problem, opaque, result).run(error);
  });
}
