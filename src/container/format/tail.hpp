// The tail: everything that opening a store needs, and the footer that finds it (docs/format.md, section 6).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "container/format/directory.hpp"
#include "container/format/packets.hpp"

namespace stf::store {

inline constexpr uint8_t kEndSignature[8] = {0x89, 'S', 'T', 'F', 'E', 'N', 'D', 0x0A};
inline constexpr size_t kFooterSize = 24;
inline constexpr size_t kTailMax = 65536;         // tail record and footer together
inline constexpr size_t kMetadataInline = 16384;  // longer metadata has a record of its own

// Bytes of the file that belong to no record: what a torn append left before another one went on.
struct Hole {
  uint64_t offset = 0, size = 0;
};
inline constexpr size_t kHolesMax = 256;

struct Tail {
  StoreHeader header;
  uint64_t offset = 0;    // of the tail's record
  uint64_t previous = 0;  // of the tail before it; 0: there is none
  uint64_t frames = 0, slabs = 0, fragments = 0, fragment_bytes = 0;
  int64_t end_pts = STF_NO_TIME;
  std::vector<Hole> holes;
  uint64_t metadata_size = 0;
  uint64_t metadata_offset = 0;            // of the metadata record; 0: the bytes are in the tail
  std::vector<uint8_t> metadata;           // once loaded, wherever they were
  std::vector<std::vector<Entry>> levels;  // levels[k]: entries of level k that are in no node yet
  PacketIndex packets;                     // of other streams

  bool has_times() const { return header.has_times(); }
};

void write_tail(const Tail& tail, ByteWriter& out);

// Parse the body of the tail record at tail.offset. STF_E_CORRUPT_STORE or STF_E_UNSUPPORTED.
stf_status read_tail(const uint8_t* body, size_t size, uint64_t offset, Tail& tail, stf_error* error);

struct Footer {
  uint64_t offset = 0;  // of the tail's record
  uint32_t length = 0;  // of it
};

void write_footer(const Footer& footer, uint8_t out[kFooterSize]);
// Whether these kFooterSize bytes are a footer, and one that can lie at file offset `at`.
bool read_footer(const uint8_t* data, uint64_t at, Footer& footer);

}  // namespace stf::store
