// What is left of a broken store, found by scanning it from front to back, and put into the order of time.
#pragma once

#include <vector>

#include "container/check/scan.hpp"
#include "container/format/page.hpp"

namespace stf::store {

// A slab of which at least one fragment is whole; without rows, it stands for frames of which nothing is left.
struct SalvagedSlab {
  Page page;                 // offsets are those in the broken file; times may be missing
  std::vector<bool> intact;  // by row
  bool paged = false;        // the rows are those of a valid page, and all there were
  bool appended = false;     // it lies behind a valid tail, which knew of tail_frames frames
  uint64_t tail_frames = 0;
  // Made-up times, where page.times is empty: start, start + step, ...
  int64_t start = 0;
  uint64_t step = 0;

  FrameTimes times() const;
};

// A whole record of packets of other streams.
struct SalvagedPackets {
  uint64_t number = 0;
  uint64_t record = 0;             // offsets in the broken file: of the record,
  uint64_t offset = 0, bytes = 0;  // of its packets
  int64_t begin = 0, end = 0;
};

struct Salvage {
  StoreHeader header;
  std::vector<SalvagedSlab> slabs;       // in the order of the file
  std::vector<SalvagedPackets> packets;  // ascending by number and by place
  std::vector<uint8_t> metadata;
  bool has_tail = false;
  uint64_t frames_known = 0;   // what the last valid tail says; 0 without one
  uint64_t packets_known = 0;  // records of packets; likewise
  uint64_t bytes_skipped = 0;
};

stf_status salvage(const stf_env& env, const stf_source& source, Salvage& result, stf_error* error);

// The slabs that make up the repaired store: each frame once, gaps filled with lost slabs, every slab with times.
// Moves them out of `found`.
std::vector<SalvagedSlab> in_time(Salvage& found, uint64_t file_size);

}  // namespace stf::store
