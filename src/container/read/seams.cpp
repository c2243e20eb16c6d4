#include "container/read/seams.hpp"

#include <algorithm>

#include "container/planes.hpp"

namespace stf::store {
namespace {

constexpr uint32_t kLeast = 4;  // of stf_seam.before and .after

// A box with its axes swapped, so that borders between rows are found as those between columns are.
Box turned(const Box& b) { return {b.x0, b.x1, b.y0, b.y1}; }

struct Neighbours {
  uint32_t before, after;  // rows of the page, left and right of a border (or above and below)
  uint32_t at;
};

// Pairs of fragments that meet at a border between columns (or rows) in `within` or along its sides.
std::vector<Neighbours> neighbours(const Page& page, const Box& within, bool between_rows) {
  struct Item {
    Box box;
    uint32_t row;
  };
  std::vector<Item> items;
  const Box area = between_rows ? turned(within) : within;
  for (size_t i = 0; i < page.rows.size(); ++i) {
    if (!page.rows[i].readable() || page.rows[i].missing()) continue;
    const Box box = between_rows ? turned(page.rows[i].box) : page.rows[i].box;
    if (box.y0 < area.y1 && area.y0 < box.y1 && box.x0 <= area.x1 && area.x0 <= box.x1)
      items.push_back({box, static_cast<uint32_t>(i)});
  }
  // By where they end; those that end in the same column do not overlap, so they are in order of their rows, too.
  std::sort(items.begin(), items.end(), [](const Item& a, const Item& b) {
    return a.box.x1 != b.box.x1 ? a.box.x1 < b.box.x1 : a.box.y0 < b.box.y0;
  });
  std::vector<Neighbours> out;
  for (const Item& after : items) {
    const auto first = std::partition_point(items.begin(), items.end(), [&](const Item& before) {
      return before.box.x1 != after.box.x0 ? before.box.x1 < after.box.x0 : before.box.y1 <= after.box.y0;
    });
    for (auto before = first; before != items.end() && before->box.x1 == after.box.x0 && before->box.y0 < after.box.y1;
         ++before) {
      const uint32_t begin = std::max({area.y0, before->box.y0, after.box.y0}),
                     end = std::min({area.y1, before->box.y1, after.box.y1});
      if (begin < end) out.push_back({before->row, after.row, after.box.x0});
    }
  }
  return out;
}

// Samples of a fragment across a border, of component c.
uint32_t extent(const stf_format& format, uint32_t c, const Box& box, bool between_rows) {
  const Box own = plane_box(format, c, box);
  return between_rows ? own.y1 - own.y0 : own.x1 - own.x0;
}

uint32_t reach_of(uint32_t extent) { return std::min(STF_SEAM_REACH, extent / 2); }

// Mean squared error in 1/256.
uint32_t noise_of(const stf_format& format, uint32_t c, uint32_t frames, const Row& row) {
  const uint64_t samples = plane_box(format, c, row.box).area() * frames;
  const uint64_t sse = std::min(row.sse[c], UINT64_MAX / 512);
  return static_cast<uint32_t>(std::min<uint64_t>((sse * 256 + samples / 2) / samples, UINT32_MAX));
}

// Widen [*begin, *end) by what borders between columns (or rows) whose reach touches `box` read.
void widen(const stf_format& format, uint32_t components, const Page& page, const Box& box, bool between_rows,
           uint32_t* begin, uint32_t* end) {
  const uint32_t from = between_rows ? box.y0 : box.x0, to = between_rows ? box.y1 : box.x1;
  // A border beyond the box may reach into it, by this many samples of component 0 at most.
  const uint32_t most = STF_SEAM_REACH << 2;
  Box area = box;
  (between_rows ? area.y0 : area.x0) = from - std::min(from, most);
  (between_rows ? area.y1 : area.x1) = to + most;  // fragments end at the picture
  for (const Neighbours& n : neighbours(page, area, between_rows)) {
    const Row &before = page.rows[n.before], &after = page.rows[n.after];
    for (uint32_t c = 0; c < format.components; ++c) {
      if (!(components >> c & 1)) continue;
      const bool chroma = format.components >= 3 && (c == 1 || c == 2);
      const unsigned shift = chroma ? (between_rows ? format.sub_y : format.sub_x) : 0;
      const uint32_t back = reach_of(extent(format, c, before.box, between_rows)),
                     ahead = reach_of(extent(format, c, after.box, between_rows));
      if (back < kLeast || ahead < kLeast) continue;
      if (noise_of(format, c, page.t, before) == 0 && noise_of(format, c, page.t, after) == 0) continue;
      const uint32_t first = n.at - (back << shift), last = n.at + (ahead << shift);
      if (first >= to || last <= from) continue;
      *begin = std::min(*begin, first);
      *end = std::max(*end, last);
    }
  }
}

}  // namespace

Box seam_box(const stf_format& format, uint32_t components, const Page& page, const Box& box) {
  Box out = box, touched = box;
  if (format.components >= 3 && (components & 6) != 0) {  // whole samples of chroma
    const auto down = [](uint32_t v, unsigned s) { return v >> s << s; };
    const auto up = [](uint32_t v, unsigned s) { return (v + (1u << s) - 1) >> s << s; };
    touched = {down(box.y0, format.sub_y), up(box.y1, format.sub_y), down(box.x0, format.sub_x),
               up(box.x1, format.sub_x)};
  }
  widen(format, components, page, touched, true, &out.y0, &out.y1);
  touched.y0 = std::min(touched.y0, out.y0);
  touched.y1 = std::max(touched.y1, out.y1);
  widen(format, components, page, touched, false, &out.x0, &out.x1);
  // Of an odd picture, half of the last sample of chroma lies outside.
  uint32_t height = 0, width = 0;
  for (const Row& row : page.rows) {
    if (!row.readable()) continue;
    height = std::max(height, row.box.y1);
    width = std::max(width, row.box.x1);
  }
  return {out.y0, std::min(out.y1, height), out.x0, std::min(out.x1, width)};
}

std::vector<stf_seam> seams_of(const stf_format& format, uint32_t c, const Page& page, const Box& box,
                               const std::vector<uint8_t>& lossy) {
  const bool chroma = format.components >= 3 && (c == 1 || c == 2);
  const Box own = plane_box(format, c, box);
  std::vector<stf_seam> out;
  for (const bool between_rows : {false, true}) {
    const unsigned shift = chroma ? (between_rows ? format.sub_y : format.sub_x) : 0;
    const uint32_t from = between_rows ? own.y0 : own.x0, to = between_rows ? own.y1 : own.x1;
    const uint32_t low = between_rows ? own.x0 : own.y0, high = between_rows ? own.x1 : own.y1;
    for (const Neighbours& n : neighbours(page, box, between_rows)) {
      const Row &before = page.rows[n.before], &after = page.rows[n.after];
      const Box a = plane_box(format, c, before.box), b = plane_box(format, c, after.box);
      stf_seam seam{};
      const uint32_t at = n.at >> shift;
      const uint32_t back = reach_of(extent(format, c, before.box, between_rows)),
                     ahead = reach_of(extent(format, c, after.box, between_rows));
      seam.noise_before = lossy[n.before] ? noise_of(format, c, page.t, before) : 0;
      seam.noise_after = lossy[n.after] ? noise_of(format, c, page.t, after) : 0;
      if (back < kLeast || ahead < kLeast || (seam.noise_before == 0 && seam.noise_after == 0)) continue;
      if (at < from + back || at + ahead > to) continue;
      const uint32_t begin = std::max({low, between_rows ? a.x0 : a.y0, between_rows ? b.x0 : b.y0});
      const uint32_t end = std::min({high, between_rows ? a.x1 : a.y1, between_rows ? b.x1 : b.y1});
      if (begin >= end) continue;
      seam.at = at - from;
      seam.begin = begin - low;
      seam.end = end - low;
      seam.before = static_cast<uint8_t>(back);
      seam.after = static_cast<uint8_t>(ahead);
      seam.between_rows = between_rows;
      out.push_back(seam);
    }
  }
  return out;
}

}  // namespace stf::store
