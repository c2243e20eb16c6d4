// Records of packets of other streams than the pictures (sound, subtitles, ...), which the core does not look into, and
// where they are: in groups of 64, of which the last is in the tail, each other one in the first record of the group
// after it (docs/format.md, 6.1).
#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "common/bytes.hpp"
#include "stfrag/store.h"

namespace stf::store {

class Store;
struct Scanned;

inline constexpr size_t kPacketGroup = 64;
inline constexpr uint64_t kPacketsExtension = 1;  // of the tail

// Where a record of packets is, and when its packets play.
struct PacketPlace {
  uint64_t offset = 0, length = 0;                 // of the record, envelope included
  int64_t begin = STF_NO_TIME, end = STF_NO_TIME;  // microseconds

  bool operator==(const PacketPlace&) const = default;
};

// What the tail says of all records of packets.
struct PacketIndex {
  uint64_t count = 0, bytes = 0;   // records; bytes of what was put into them
  std::vector<PacketPlace> group;  // the last group

  // The body of record number `count`, with the group that is complete then at its beginning.
  void write_next(ByteWriter& out, const void* data, size_t size, int64_t begin, int64_t end) const;
  // Take note that a record was written.
  void add(const PacketPlace& place, size_t size);
};

// Whether packets of one record can play from `begin` to `end`.
bool packet_times_valid(int64_t begin, int64_t end);

void write_packet_index(ByteWriter& out, const PacketIndex& index);
// Read the list of records; false for anything impossible. Records must end at or before `limit`.
bool read_packet_index(const uint8_t* body, size_t size, uint64_t limit, PacketIndex& index);

// What stands before the packets in the body of a record that lies at `offset`.
struct PacketHead {
  uint64_t number = 0;
  int64_t begin = 0, end = 0;
  std::vector<PacketPlace> before;  // the group before, if this is the first of its group
  size_t size = 0;                  // of all this
};
bool read_packet_head(const uint8_t* body, size_t size, uint64_t offset, PacketHead& head);

// Finds the records of an open store. Thread-safe; groups are read once, from the last one back.
class Packets {
 public:
  stf_status place(const Store& store, uint64_t number, PacketPlace& place, stf_error* error);
  // Read the body of a record, and what stands before its packets.
  stf_status read(const Store& store, uint64_t number, Array<uint8_t>& body, PacketHead& head, stf_error* error);

 private:
  std::mutex mutex_;
  std::vector<std::vector<PacketPlace>> groups_;  // from the one before the tail's back
};

// For verify: that the records of packets seen in a file are those that its list names, in order.
class PacketCheck {
 public:
  void see(const Scanned& record);
  // STF_E_CORRUPT_STORE if they are not.
  stf_status run(Store& store, stf_error* error) const;

 private:
  std::vector<PacketPlace> seen_;
  std::vector<uint64_t> numbers_;
};

}  // namespace stf::store
