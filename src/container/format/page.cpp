#include "container/format/page.hpp"

#include <algorithm>

#include "common/status.hpp"

namespace stf::store {
namespace {

// Flags of a row.
constexpr uint8_t kPredictedBox = 1;  // the box is the one that goes on with the raster
constexpr uint8_t kSameCodec = 2;     // codec, level and group are those of the row before
constexpr uint8_t kHasSse = 4;

// The box that a row has unless it says otherwise: to the right of the one before and of its size, or at the start of
// the next line with the width of the first of this one, cut at the picture's edges. The first: the whole picture.
class RasterPrediction {
 public:
  RasterPrediction(uint32_t y, uint32_t x) : y_(y), x_(x), next_{0, y, 0, x} {}

  const Box& next() const { return next_; }

  void take(const Box& box) {
    if (first_ || box.x0 == 0) line_x_ = box.x1 - box.x0;
    first_ = false;
    if (box.x1 < x_) {
      next_ = {box.y0, box.y1, box.x1, end(box.x1, box.x1 - box.x0, x_)};
    } else {
      next_ = {box.y1, end(box.y1, box.y1 - box.y0, y_), 0, end(0, line_x_, x_)};
    }
  }

 private:
  static uint32_t end(uint32_t from, uint32_t length, uint32_t size) { return from + std::min(length, size - from); }
  uint32_t y_, x_, line_x_ = 0;
  bool first_ = true;
  Box next_;
};

}  // namespace

size_t Page::times_row() const {
  size_t i = 0;
  while (i < rows.size() && rows[i].missing()) ++i;
  return i;
}

FragmentFields Page::fields(const Row& row) const {
  FragmentFields f;
  f.t0 = t0;
  f.t = t;
  static_cast<FragmentIdentity&>(f) = row;
  return f;
}

bool place_rows(Page& page, uint64_t lowest) {
  const size_t times_bytes = page.times.empty() ? 0 : times_size(page.times);
  const size_t times_row = page.times_row();
  uint64_t room = page.offset >= lowest ? page.offset - lowest : 0;
  // Lengths first, from the back; the offset of a row is that of the next record less its own coded form.
  uint64_t at = page.offset;
  for (size_t i = page.rows.size(); i-- > 0;) {
    Row& row = page.rows[i];
    row.offset = at;
    if (row.missing()) continue;
    const uint64_t head = fragment_head_size(page.fields(row), i == times_row ? times_bytes : 0, row.bytes);
    if (row.bytes > room || head > room - row.bytes) return false;
    room -= row.bytes + head;
    row.offset = at - row.bytes;
    at = row.offset - head;
  }
  page.begin = at;
  return true;
}

uint64_t samples_of(const stf_format& format, uint32_t t, uint64_t y, uint64_t x) {
  uint64_t sum = 0;
  for (uint32_t c = 0; c < format.components; ++c) {
    uint32_t py, px;
    stf_plane_extent(&format, c, static_cast<uint32_t>(y), static_cast<uint32_t>(x), &py, &px);
    sum += uint64_t{py} * px;  // y and x are below 2^31: no overflow in the sum of four
    if (sum > UINT64_MAX / 1024 / 2) return UINT64_MAX;
  }
  return sum * t;
}

static bool aligned(const StoreHeader& header, const Box& box) {
  const uint32_t y = header.desc.y, x = header.desc.x, ay = header.align_y(), ax = header.align_x();
  return !box.empty() && box.inside(y, x) && box.y0 % ay == 0 && box.x0 % ax == 0 &&
         (box.y1 % ay == 0 || box.y1 == y) && (box.x1 % ax == 0 || box.x1 == x);
}

bool box_valid(const StoreHeader& header, uint32_t t, uint8_t codec, const Box& box) {
  if (!aligned(header, box)) return false;
  const uint32_t rows = box.y1 - box.y0, columns = box.x1 - box.x0;
  return rows <= STF_MAX_FRAGMENT_YX && columns <= STF_MAX_FRAGMENT_YX &&
         samples_of(header.desc.format, codec == STF_CODEC_STF ? t : 1, rows, columns) <= STF_MAX_FRAGMENT_SAMPLES;
}

bool rows_cover(const StoreHeader& header, const std::vector<Row>& rows) {
  std::vector<Box> boxes;
  boxes.reserve(rows.size());
  for (const Row& row : rows)
    if (row.readable()) boxes.push_back(row.box);
  return covers(boxes, header.desc.y, header.desc.x);
}

void write_page(const StoreHeader& header, const Page& page, ByteWriter& out) {
  out.uvarint(page.t0);
  out.uvarint(page.t);
  out.uvarint(page.rows.size());
  if (header.has_times()) write_times(out, page.times);
  RasterPrediction prediction(header.desc.y, header.desc.x);
  Row before;
  for (const Row& row : page.rows) {
    const bool predicted = row.box == prediction.next();
    const bool same = row.codec == before.codec && row.level == before.level && row.group == before.group;
    const bool sse = std::any_of(std::begin(row.sse), std::end(row.sse), [](uint64_t v) { return v != 0; });
    out.u8(static_cast<uint8_t>((predicted ? kPredictedBox : 0) | (same ? kSameCodec : 0) | (sse ? kHasSse : 0)));
    if (!predicted) {
      out.uvarint(row.box.y0);
      out.uvarint(row.box.y1 - row.box.y0);
      out.uvarint(row.box.x0);
      out.uvarint(row.box.x1 - row.box.x0);
    }
    if (!same) {
      out.u8(row.codec);
      out.u8(row.level);
      out.u8(row.group);
    }
    if (!row.missing()) {
      out.uvarint(row.bytes);
      out.u32(row.crc);
    }
    if (sse)
      for (uint32_t c = 0; c < header.desc.format.components; ++c) out.uvarint(row.sse[c]);
    prediction.take(row.box);
    before = row;
  }
}

bool read_page(const StoreHeader& header, const uint8_t* body, size_t size, uint64_t offset, uint64_t most, Page& page,
               std::string& why) {
  ByteReader in(body, size);
  page = {};
  page.offset = offset;
  page.t0 = in.uvarint_in(0, INT64_MAX - STF_MAX_FRAGMENT_T);
  page.t = static_cast<uint32_t>(in.uvarint_in(1, STF_MAX_FRAGMENT_T));
  const uint64_t n = in.uvarint_in(1, size);
  if (header.has_times() && in.ok()) read_times(in, page.t, page.times);
  if (!in.ok() || n > in.left()) return why = "its head", false;
  if (n > most) return why = "too many rows", false;
  page.rows.reserve(std::min<uint64_t>(n, in.left() / 6 + 1));  // a row that is not lost has at least 6 bytes
  RasterPrediction prediction(header.desc.y, header.desc.x);
  Row before;
  for (uint64_t i = 0; i < n; ++i) {
    Row& row = page.rows.emplace_back();
    const uint8_t flags = in.u8();
    if (flags > (kPredictedBox | kSameCodec | kHasSse)) in.fail();
    row.box = prediction.next();
    if (!(flags & kPredictedBox)) {
      row.box.y0 = static_cast<uint32_t>(in.uvarint_in(0, INT32_MAX));
      row.box.y1 = row.box.y0 + static_cast<uint32_t>(in.uvarint_in(1, INT32_MAX));
      row.box.x0 = static_cast<uint32_t>(in.uvarint_in(0, INT32_MAX));
      row.box.x1 = row.box.x0 + static_cast<uint32_t>(in.uvarint_in(1, INT32_MAX));
    }
    row.codec = before.codec;
    row.level = before.level;
    row.group = before.group;
    if (!(flags & kSameCodec)) {
      row.codec = in.u8();
      row.level = in.u8();
      row.group = in.u8();
    }
    if (!row.missing()) {
      row.bytes = in.uvarint_in(1, INT64_MAX);
      row.crc = in.u32();
    }
    if (flags & kHasSse)
      for (uint32_t c = 0; c < header.desc.format.components; ++c) row.sse[c] = in.uvarint();
    if (!in.ok()) return why = "a row", false;
    if (row.missing() ? !aligned(header, row.box) : !box_valid(header, page.t, row.codec, row.box))
      return why = "a box", false;
    prediction.take(row.box);
    before = row;
  }
  if (in.left() != 0) return why = "its length", false;
  if (!rows_cover(header, page.rows)) return why = "boxes that do not cover the picture", false;
  if (!place_rows(page, sizeof kSignature)) return why = "lengths that do not fit the file", false;
  return true;
}

}  // namespace stf::store
