// Pages: the index of one slab (docs/format.md, section 4).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "container/format/header.hpp"
#include "container/format/record.hpp"

namespace stf::store {

// The row of a page that one fragment has.
struct Row : FragmentIdentity {
  uint64_t offset = 0;  // of the coded form in the file; follows from the rows before
  uint64_t bytes = 0;
  uint64_t sse[STF_MAX_COMPONENTS] = {};

  bool missing() const { return codec == STF_CODEC_MISSING; }
  // Rows of other levels and groups are kept, but not read: the ones that are must cover the slab.
  bool readable() const { return level == 0 && group == 0; }
};

struct Page {
  uint64_t t0 = 0;
  uint32_t t = 0;
  FrameTimes times;
  std::vector<Row> rows;
  uint64_t begin = 0;           // where the slab's first record lies, its fragments or the page itself
  uint64_t offset = 0;          // of the page's record
  uint64_t end = 0;             // after that record; known to the directory, not stored
  uint64_t first_fragment = 0;  // row number of rows[0]; known to the directory, not stored

  uint64_t t1() const { return t0 + t; }
  // Which row's record carries the times: the first that is not missing. rows.size() if there is none.
  size_t times_row() const;
  // What the record of a row's fragment says of itself.
  FragmentFields fields(const Row& row) const;
  size_t memory() const { return sizeof *this + rows.size() * sizeof(Row) + times.pts.size() * 16; }
};

// Put offsets into the rows of a page whose record is to lie at (or lies at) page.offset and whose fragments end
// there; sets page.begin. False if they do not fit between `lowest` and there.
bool place_rows(Page& page, uint64_t lowest);

// Write the body of a page record.
void write_page(const StoreHeader& header, const Page& page, ByteWriter& out);

// How many rows a page may have. One that is stored takes 6 bytes at least, but one that is missing may take a single
// byte, which is ninety times as much in memory: the bytes alone would not bound it.
inline uint64_t most_rows(const stf_limits& limits) { return limits.max_index_bytes / 6; }

// Parse and check everything: boxes, exact cover, offsets; at most `most` rows. On failure false, and `why` says what
// was wrong.
bool read_page(const StoreHeader& header, const uint8_t* body, size_t size, uint64_t offset, uint64_t most, Page& page,
               std::string& why);

// Whether a fragment of t frames can have this box: inside the picture, within the format's limits (which are those of
// a frame for streams of other codecs), borders on whole chroma samples.
bool box_valid(const StoreHeader& header, uint32_t t, uint8_t codec, const Box& box);

// Whether the readable rows cover the picture, each sample once.
bool rows_cover(const StoreHeader& header, const std::vector<Row>& rows);

// How many samples of all components t frames of a box have.
uint64_t samples_of(const stf_format& format, uint32_t t, uint64_t y, uint64_t x);

}  // namespace stf::store
