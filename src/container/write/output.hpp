// Writing a store front to back: records, offsets, the growing directory and the tail. The writer and repair both
// write through it; neither ever goes back in the file.
#pragma once

#include <functional>
#include <vector>

#include "container/format/page.hpp"
#include "container/format/tail.hpp"

namespace stf::store {

class Output {
 public:
  // Begin a new store. Call start() next.
  Output(const stf_env& env, const stf_sink& sink, StoreHeader header);
  // Go on with a store of `size` bytes, which ends at `end` and is torn if that is less.
  Output(const stf_env& env, const stf_sink& sink, Tail tail, uint64_t end, uint64_t size);

  stf_status start(stf_error* error);

  // Write a slab: the fragments of page.rows that are not missing, then the page. Rows have everything but offsets,
  // which are filled in. `put` writes the coded form of row i with put_bytes().
  using PutCoded = std::function<stf_status(size_t row, stf_error* error)>;
  stf_status slab(Page& page, const PutCoded& put, stf_error* error);
  stf_status put_bytes(const void* data, size_t size, stf_error* error);

  // Write packets of other streams, which play from `begin` to `end`, in microseconds.
  stf_status put_packets(const void* data, size_t size, int64_t begin, int64_t end, stf_error* error);

  // Write metadata at once, so that it survives a crash.
  stf_status put_metadata(const void* data, size_t size, stf_error* error);

  // Write the tail. NULL metadata: keep what there is.
  stf_status finish(const void* metadata, size_t size, stf_error* error);

  const StoreHeader& header() const { return tail_.header; }
  const Tail& tail() const { return tail_; }
  uint64_t position() const { return position_; }

 private:
  stf_status put_record(uint8_t type, const void* body, size_t size, Entry* place, stf_error* error);
  stf_status put_record(uint8_t type, const ByteWriter& body, Entry* place, stf_error* error);
  stf_status add_entry(Entry entry, stf_error* error);
  stf_status flush(stf_error* error);

  stf_env env_;
  stf_sink sink_;
  Tail tail_;              // as it would be written now
  uint64_t position_ = 0;  // in the file, of the next byte
  Array<uint8_t> buffer_;  // bytes not handed to the sink yet: they end at position_
};

}  // namespace stf::store
