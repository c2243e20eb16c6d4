// Opening a store: one ranged read of its end, which holds the tail; more only for long metadata, or to find an
// earlier tail when an append was torn.

#include <algorithm>
#include <cstring>

#include "common/status.hpp"
#include "container/format/record.hpp"
#include "container/io.hpp"
#include "container/read/store.hpp"

namespace stf::store {
namespace {

constexpr size_t kScanChunk = size_t{1} << 20;
constexpr unsigned kMostFalseFooters = 64;  // footers without a tail: more are no accident

// Whether a tail record is complete right before where the footer should be: then the file is not torn, its footer
// was damaged, and what an earlier tail says would be silently short.
bool complete_tail_at_end(const uint8_t* window, size_t size) {
  if (size < kFooterSize) return false;
  const size_t end = size - kFooterSize;
  for (size_t at = 0; at + kRecordHeadMin <= end; ++at) {
    RecordHead head{};
    if (window[at] == kSync[0] && parse_record_head(window + at, end - at, head) && head.type == kTailRecord &&
        head.size + head.length == end - at && record_crc(head, window + at + head.size, head.length) == head.crc)
      return true;
  }
  return false;
}

}  // namespace

stf_status Store::open(stf_error* error) {
  const auto window_size = static_cast<size_t>(std::min<uint64_t>(kTailMax, source_.size));
  const uint64_t window_at = source_.size - window_size;
  Buffer<uint8_t> window(env_, window_size);
  if (!window) return fail(error, STF_E_MEMORY, "no memory to open a store");
  STF_TRY(read_exactly(source_, window_at, window.data(), window_size, error));
  STF_TRY(find_tail(window.data(), window_at, window_size, error));
  STF_TRY(load_metadata(error));
  roots_.clear();
  for (size_t level = tail_.levels.size(); level-- > 0;)
    for (const Entry& entry : tail_.levels[level]) roots_.push_back({entry, static_cast<uint32_t>(level)});
  return STF_OK;
}

stf_status Store::load_tail(const uint8_t* window, uint64_t window_at, const Footer& footer, Tail& tail,
                            stf_error* error) const {
  Array<uint8_t> body(env_);
  RecordHead head{};
  if (window != nullptr && footer.offset >= window_at) {
    const uint8_t* record = window + (footer.offset - window_at);
    if (!parse_record_head(record, footer.length, head) || head.type != kTailRecord ||
        head.length != footer.length - head.size ||
        record_crc(head, record + head.size, footer.length - head.size) != head.crc)
      return fail(error, STF_E_CORRUPT_STORE, "the tail is damaged: use repair");
    return read_tail(record + head.size, footer.length - head.size, footer.offset, tail, error);
  }
  STF_TRY(read_record(footer.offset, footer.length, kTailRecord, "the tail", body, error));
  return read_tail(body.data(), body.size(), footer.offset, tail, error);
}

stf_status Store::find_tail(const uint8_t* window, uint64_t window_at, size_t window_size, stf_error* error) {
  Footer footer;
  if (window_size >= kFooterSize &&
      read_footer(window + window_size - kFooterSize, source_.size - kFooterSize, footer)) {
    STF_TRY(load_tail(window, window_at, footer, tail_, error));
    end_ = source_.size;
    return STF_OK;
  }
  // Not a whole store. Which kind of not?
  uint8_t start[sizeof kSignature + kRecordHeadMax + 256];
  const auto start_size = static_cast<size_t>(std::min<uint64_t>(sizeof start, source_.size));
  STF_TRY(read_exactly(source_, 0, start, start_size, error));
  if (source_.size == 0) return fail(error, STF_E_CORRUPT_STORE, "not a stfrag store: the file is empty");
  if (std::memcmp(start, kSignature, std::min(start_size, sizeof kSignature)) != 0)
    return fail(error, STF_E_CORRUPT_STORE, "not a stfrag store: it does not begin like one");
  RecordHead head{};
  const uint8_t* at = start + sizeof kSignature;
  if (start_size > sizeof kSignature && parse_record_head(at, start_size - sizeof kSignature, head) &&
      head.type == kHeaderRecord && head.length <= start_size - sizeof kSignature - head.size &&
      record_crc(head, at + head.size, head.length) == head.crc) {
    ByteReader in(at + head.size, head.length);
    const uint64_t version = in.uvarint();
    if (in.ok()) STF_TRY(version_check("store", version, error));
  }
  if (complete_tail_at_end(window, window_size))
    return fail(error, STF_E_CORRUPT_STORE, "the footer is damaged: use repair");
  return find_earlier_tail(error);
}

// Search backwards for the footer of the last tail that is whole and of this very file.
stf_status Store::find_earlier_tail(stf_error* error) {
  const auto unfinished = [&] {
    return fail(error, STF_E_CORRUPT_STORE, "the store has no valid tail: it is unfinished or cut off; use repair");
  };
  Array<uint8_t> chunk(env_);
  unsigned wrong = 0;
  for (uint64_t end = source_.size; end > kFooterSize;) {  // footers that end at `end` or before are still to be seen
    const uint64_t begin = end > kScanChunk ? end - kScanChunk : 0;
    chunk.clear();
    if (chunk.extend(static_cast<size_t>(end - begin)) == nullptr)
      return fail(error, STF_E_MEMORY, "no memory to open a store");
    STF_TRY(read_exactly(source_, begin, chunk.data(), chunk.size(), error));
    for (size_t at = chunk.size() - kFooterSize + 1; at-- > 0;) {
      Footer footer;
      if (chunk[at + 16] != kEndSignature[0] || !read_footer(chunk.data() + at, begin + at, footer)) continue;
      Tail tail;
      const stf_status loaded = load_tail(nullptr, 0, footer, tail, nullptr);
      if (loaded == STF_E_MEMORY) return fail(error, loaded, "no memory to open a store");
      if (loaded == STF_OK) {
        // A store inside a fragment of this one would have to lie where it says and have the same header.
        ByteWriter expected(env_);
        append_record(expected, kHeaderRecord, tail.header.body.data(), tail.header.body.size());
        Buffer<uint8_t> stored(env_, expected.size());
        if (!expected.ok() || !stored) return fail(error, STF_E_MEMORY, "no memory to open a store");
        if (sizeof kSignature + stored.size() <= footer.offset &&
            read_exactly(source_, sizeof kSignature, stored.data(), stored.size(), nullptr) == STF_OK &&
            std::equal(stored.begin(), stored.end(), expected.data())) {
          tail_ = std::move(tail);
          end_ = begin + at + kFooterSize;
          torn_ = true;
          return STF_OK;
        }
      }
      if (++wrong == kMostFalseFooters) return unfinished();
    }
    if (begin == 0) break;
    end = begin + kFooterSize - 1;
  }
  return unfinished();
}

stf_status Store::load_metadata(stf_error* error) {
  if (tail_.metadata_offset == 0) return STF_OK;
  if (tail_.metadata_size > env_.limits.max_index_bytes)
    return fail(error, STF_E_LIMIT, "the metadata takes %llu bytes, more than max_index_bytes",
                static_cast<unsigned long long>(tail_.metadata_size));
  Array<uint8_t> body(env_);
  STF_TRY(read_record(tail_.metadata_offset,
                      kRecordHeadMin - 1 + uvarint_size(tail_.metadata_size) + tail_.metadata_size, kMetadataRecord,
                      "the metadata", body, error));
  tail_.metadata.assign(body.begin(), body.end());
  return STF_OK;
}

}  // namespace stf::store
