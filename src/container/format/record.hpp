// Records: the envelope that everything in a store is in, and the fragment record (docs/format.md, 1 and 3).
#pragma once

#include <cstdint>
#include <vector>

#include "common/bytes.hpp"
#include "container/format/cover.hpp"
#include "container/format/times.hpp"

namespace stf::store {

inline constexpr uint8_t kSignature[8] = {0x89, 'S', 'T', 'F', 0x0D, 0x0A, 0x1A, 0x0A};
inline constexpr uint8_t kSync[3] = {0xF5, 'S', 'T'};
inline constexpr size_t kRecordHeadMin = 9, kRecordHeadMax = 18;  // sync, type, crc, length

enum RecordType : uint8_t {
  kHeaderRecord = 'H',
  kFragmentRecord = 'F',
  kPageRecord = 'P',
  kDirectoryRecord = 'D',
  kMetadataRecord = 'M',
  kTailRecord = 'T',
  kPacketsRecord = 's'
};

struct RecordHead {
  uint8_t type;
  uint32_t crc;
  uint64_t length;  // of the body
  size_t size;      // of the head itself
};

// Whether `size` bytes begin with a well-formed head; nothing about its CRC.
bool parse_record_head(const uint8_t* data, size_t size, RecordHead& head);

// Compute the CRC of a record that starts with this head: of its type, its length and the `size` bytes given, which
// are the body, or for a fragment its fields before the coded form.
uint32_t record_crc(const RecordHead& head, const void* body, size_t size);

// Write the head of a record of any type but 'F' that has this body. Returns the size of the head.
size_t write_record_head(uint8_t out[kRecordHeadMax], uint8_t type, const void* body, size_t size);
// Append a whole record of any type but 'F'.
void append_record(ByteWriter& out, uint8_t type, const void* body, size_t size);

// What identifies a fragment of a slab: its place, its coding, and a checksum of its coded form.
struct FragmentIdentity {
  Box box;
  uint8_t codec = 0, level = 0, group = 0;
  uint32_t crc = 0;  // of the coded form
};

// What a fragment record says of itself before the coded form.
struct FragmentFields : FragmentIdentity {
  uint64_t t0 = 0;
  uint32_t t = 0;
  FrameTimes times;  // of the slab, in its first fragment only
};

inline constexpr size_t kFragmentFieldsMax = 6 * 10 + 8 + 1024 * 24;  // enough for any valid ones

// Append everything of a fragment record but the coded form of `bytes` bytes that follows. `times` may be NULL.
void append_fragment_head(ByteWriter& out, const FragmentFields& fields, const FrameTimes* times, uint64_t bytes);

// How many bytes append_fragment_head() would write, of which `times_size` are times (0: none).
uint64_t fragment_head_size(const FragmentFields& fields, size_t times_size, uint64_t bytes);

// Parse the fields from the start of a body; what is left in `in` then is the coded form (or its beginning).
void parse_fragment_fields(ByteReader& in, bool store_has_times, FragmentFields& fields);

}  // namespace stf::store
