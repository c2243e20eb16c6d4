#include "container/check/scan.hpp"

#include <algorithm>
#include <cstring>

#include "common/status.hpp"
#include "container/io.hpp"

namespace stf::store {

static constexpr size_t kChunk = size_t{1} << 18;

stf_status SourceWindow::get(uint64_t offset, size_t size, const uint8_t** data, stf_error* error) {
  if (offset < begin_ || size > bytes_.size() || offset - begin_ > bytes_.size() - size) {
    const uint64_t most = source_.size > offset ? source_.size - offset : 0;
    const auto n = static_cast<size_t>(std::min<uint64_t>(std::max(size, kChunk), most));
    if (n < size) return fail(error, STF_E_IO, "the file ends too early");
    bytes_.clear();
    if (bytes_.extend(n) == nullptr) return fail(error, STF_E_MEMORY, "no memory for %zu bytes of the file", n);
    begin_ = offset;
    const stf_status status = read_exactly(source_, offset, bytes_.data(), n, error);
    if (status != STF_OK) {
      bytes_.clear();
      return status;
    }
  }
  *data = bytes_.data() + (offset - begin_);
  return STF_OK;
}

stf_status SourceWindow::crc(uint64_t offset, uint64_t size, uint32_t* crc, stf_error* error) {
  *crc = 0;
  while (size != 0) {
    const auto n = static_cast<size_t>(std::min<uint64_t>(size, kChunk));
    const uint8_t* data = nullptr;
    STF_TRY(get(offset, n, &data, error));
    *crc = stf_crc32c(*crc, data, n);
    offset += n;
    size -= n;
  }
  return STF_OK;
}

stf_status Scanner::looks_like_record(uint64_t offset, bool* yes, stf_error* error) {
  RecordHead head{};
  const uint8_t* data = nullptr;
  *yes = offset == to_;
  if (offset + kRecordHeadMin > to_) return STF_OK;
  const auto n = static_cast<size_t>(std::min<uint64_t>(kRecordHeadMax, to_ - offset));
  STF_TRY(window_.get(offset, n, &data, error));
  *yes = parse_record_head(data, n, head);
  return STF_OK;
}

stf_status Scanner::try_fragment(const RecordHead& head, Scanned& record, bool* valid, stf_error* error) {
  const uint64_t body = record.offset + head.size;
  const auto most = static_cast<size_t>(std::min<uint64_t>({kFragmentFieldsMax, to_ - body, head.length}));
  const uint8_t* data = nullptr;
  STF_TRY(window_.get(body, most, &data, error));
  ByteReader in(data, most);
  parse_fragment_fields(in, has_times_, record.fields);
  if (!in.ok() || in.position() == head.length || record_crc(head, data, in.position()) != head.crc) return STF_OK;
  *valid = true;
  record.coded_offset = body + in.position();
  record.coded_bytes = head.length - in.position();
  record.intact = false;
  // The rest cannot be trusted when it reaches beyond the end or fails its CRC. What follows a damaged fragment is
  // then the next record, as a rule; if it is not, bytes are missing and the next record is looked for inside.
  if (record.coded_bytes > to_ - record.coded_offset) {
    record.end = appended_ ? record.coded_offset : to_;
    return STF_OK;
  }
  record.end = record.coded_offset + record.coded_bytes;
  uint32_t crc;
  STF_TRY(window_.crc(record.coded_offset, record.coded_bytes, &crc, error));
  record.intact = crc == record.fields.crc;
  if (record.intact) return STF_OK;
  bool followed = false;
  STF_TRY(looks_like_record(record.end, &followed, error));
  if (!followed && effort_.spend(record.coded_bytes)) record.end = record.coded_offset;
  return STF_OK;
}

stf_status Scanner::try_record(uint64_t offset, Scanned& record, bool* valid, stf_error* error) {
  *valid = false;
  RecordHead head{};
  const uint8_t* data = nullptr;
  const auto n = static_cast<size_t>(std::min<uint64_t>(kRecordHeadMax, to_ - offset));
  STF_TRY(window_.get(offset, n, &data, error));
  if (!parse_record_head(data, n, head)) return STF_OK;
  record.type = head.type;
  record.offset = offset;
  if (head.type == kFragmentRecord) return try_fragment(head, record, valid, error);

  const uint64_t body = offset + head.size;
  if (head.length > to_ - body || head.length > env_.limits.max_index_bytes || !effort_.spend(head.length))
    return STF_OK;
  const auto length = static_cast<size_t>(head.length);
  STF_TRY(window_.get(body, length, &data, error));
  if (record_crc(head, data, length) != head.crc) return STF_OK;
  *valid = true;
  record.body.clear();
  if (!record.body.append(data, length))
    return fail(error, STF_E_MEMORY, "no memory for %zu bytes of the file", length);
  record.end = body + length;
  if (head.type == kTailRecord && to_ - record.end >= kFooterSize) {
    Footer footer;
    STF_TRY(window_.get(record.end, kFooterSize, &data, error));
    if (read_footer(data, record.end, footer) && footer.offset == offset) record.end += kFooterSize;
  }
  return STF_OK;
}

stf_status Scanner::next(Scanned& record, bool* found, stf_error* error) {
  record.skipped = 0;
  *found = false;
  const uint64_t start = at_;
  while (at_ < to_ && to_ - at_ >= kRecordHeadMin) {
    const uint8_t* data = nullptr;
    const auto n = static_cast<size_t>(std::min<uint64_t>(4096, to_ - at_));
    STF_TRY(window_.get(at_, n, &data, error));
    const auto* sync = static_cast<const uint8_t*>(std::memchr(data, kSync[0], n));
    if (sync == nullptr) {
      at_ += n;
      continue;
    }
    at_ += static_cast<uint64_t>(sync - data);
    if (to_ - at_ < kRecordHeadMin) break;
    STF_TRY(try_record(at_, record, found, error));
    if (*found) {
      record.skipped = at_ - start;
      at_ = record.end;
      return STF_OK;
    }
    ++at_;
  }
  record.skipped = to_ - start;
  at_ = to_;
  return STF_OK;
}

bool genuine_tail(const Scanned& record, const StoreHeader& header, Tail& tail) {
  return record.type == kTailRecord &&
         read_tail(record.body.data(), record.body.size(), record.offset, tail, nullptr) == STF_OK &&
         tail.header.body == header.body;
}

// The header's copy in a tail, wherever that is now.
static bool header_of_tail(const Scanned& record, StoreHeader& header) {
  ByteReader in(record.body.data(), record.body.size());
  const uint64_t version = in.uvarint();
  if (!in.ok() || version_check("store", version, nullptr) != STF_OK) return false;
  const uint64_t size = in.uvarint_in(0, in.left());
  const uint8_t* bytes = in.bytes(static_cast<size_t>(size));
  return in.ok() && parse_header(bytes, static_cast<size_t>(size), header, nullptr) == STF_OK;
}

stf_status find_header(const stf_env& env, const stf_source& source, StoreHeader& header, stf_error* error) {
  ScanBudget effort(source.size);
  Scanned record(env);
  bool found = false;
  const auto parse = [&](const uint8_t* body, size_t size, stf_status* status) {
    *status = parse_header(body, size, header, error);
    return *status == STF_OK || *status == STF_E_UNSUPPORTED;
  };
  stf_status status;
  // Where it should be.
  const uint64_t start = std::min<uint64_t>(sizeof kSignature, source.size);
  Scanner first(env, source, true, start, std::min<uint64_t>(source.size, start + kChunk), effort);
  STF_TRY(first.next(record, &found, error));
  if (found && record.skipped == 0 && record.type == kHeaderRecord &&
      parse(record.body.data(), record.body.size(), &status))
    return status;
  // In a tail, or anywhere; a tail that is not where it says, because bytes are gone before it, is the last resort.
  StoreHeader moved;
  bool have_moved = false;
  Scanner all(env, source, true, 0, source.size, effort);
  for (;;) {
    STF_TRY(all.next(record, &found, error));
    if (!found) {
      if (!have_moved)
        return fail(error, STF_E_CORRUPT_STORE, "no header of a store can be found: there is nothing to repair");
      header = moved;
      return STF_OK;
    }
    if (record.type == kHeaderRecord && parse(record.body.data(), record.body.size(), &status)) return status;
    if (record.type != kTailRecord) continue;
    Tail tail;
    if (read_tail(record.body.data(), record.body.size(), record.offset, tail, nullptr) == STF_OK) {
      header = tail.header;
      return STF_OK;
    }
    have_moved = have_moved || header_of_tail(record, moved);
  }
}

}  // namespace stf::store
