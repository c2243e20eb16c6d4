// Going through a file record by record without trusting any index: for repair, and for what verify finds between the
// slabs. Damage is skipped by looking for the next sync bytes that begin a valid record.
#pragma once

#include <string>
#include <vector>

#include "container/format/header.hpp"
#include "container/format/record.hpp"
#include "container/format/tail.hpp"

namespace stf::store {

// A part of a source in memory, moved along as it is asked for.
class SourceWindow {
 public:
  SourceWindow(const stf_env& env, const stf_source& source) : source_(source), bytes_(env) {}

  // Bytes [offset, offset + size) of the source, which must have them. Valid until the next call.
  stf_status get(uint64_t offset, size_t size, const uint8_t** data, stf_error* error);
  // The CRC of bytes [offset, offset + size) of the source.
  stf_status crc(uint64_t offset, uint64_t size, uint32_t* crc, stf_error* error);

 private:
  const stf_source& source_;
  Array<uint8_t> bytes_;
  uint64_t begin_ = 0;
};

// The bytes that may still be looked at in vain, which keeps the time for hostile files in proportion to their size.
class ScanBudget {
 public:
  explicit ScanBudget(uint64_t file_size) : left_(64 * (uint64_t{1} << 20) + 8 * file_size) {}
  bool spend(uint64_t bytes) {
    if (bytes > left_) return false;
    left_ -= bytes;
    return true;
  }

 private:
  uint64_t left_;
};

// A valid record that a scan found.
struct Scanned {
  explicit Scanned(const stf_env& env) : body(env) {}

  uint8_t type = 0;
  uint64_t offset = 0, end = 0;  // envelope included; of a tail also its footer, if that is whole
  uint64_t skipped = 0;          // bytes before it that belong to no valid record
  Array<uint8_t> body;           // of any type but a fragment
  FragmentFields fields;         // of a fragment
  uint64_t coded_offset = 0, coded_bytes = 0;
  bool intact = false;  // whether the coded form has its CRC
};

class Scanner {
 public:
  // Scan from byte `from` to byte `to`. `has_times`: whether the store's header says that frames have times.
  Scanner(const stf_env& env, const stf_source& source, bool has_times, uint64_t from, uint64_t to, ScanBudget& effort)
      : env_(env), window_(env, source), has_times_(has_times), at_(from), to_(to), effort_(effort) {}

  // Find the next valid record; false at the end, with what was skipped before it in record.skipped.
  stf_status next(Scanned& record, bool* found, stf_error* error);
  // After a damaged fragment that reaches beyond the end, nothing can follow unless the file was appended to.
  void set_appended() { appended_ = true; }

 private:
  stf_status try_record(uint64_t offset, Scanned& record, bool* valid, stf_error* error);
  stf_status try_fragment(const RecordHead& head, Scanned& record, bool* valid, stf_error* error);
  stf_status looks_like_record(uint64_t offset, bool* yes, stf_error* error);

  const stf_env& env_;
  SourceWindow window_;
  bool has_times_;
  uint64_t at_, to_;
  ScanBudget& effort_;
  bool appended_ = false;
};

// Find the header of a damaged store, in its header record, else from any tail. STF_E_CORRUPT_STORE if there is none.
stf_status find_header(const stf_env& env, const stf_source& source, StoreHeader& header, stf_error* error);

// Whether the body of a tail record at `offset` is one of this very file.
bool genuine_tail(const Scanned& record, const StoreHeader& header, Tail& tail);

}  // namespace stf::store
