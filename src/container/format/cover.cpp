// Exact cover by a sweep over rows: the boxes that cross the sweep line are kept ordered by column, so that a box
// which overlaps another meets it as a neighbour when it is put in.

#include "container/format/cover.hpp"

#include <algorithm>
#include <map>

namespace stf::store {
namespace {

struct Event {
  uint32_t y;
  bool start;  // ends sort before starts
  size_t box;
  bool operator<(const Event& other) const { return y != other.y ? y < other.y : start < other.start; }
};

std::vector<Event> events_of(const std::vector<Box>& boxes) {
  std::vector<Event> events;
  events.reserve(2 * boxes.size());
  for (size_t i = 0; i < boxes.size(); ++i) {
    events.push_back({boxes[i].y0, true, i});
    events.push_back({boxes[i].y1, false, i});
  }
  std::sort(events.begin(), events.end());
  return events;
}

using Active = std::map<uint32_t, uint32_t>;  // x0 -> x1 of the boxes on the sweep line

bool insert(Active& active, const Box& box) {
  const auto next = active.lower_bound(box.x0);
  if (next != active.end() && next->first < box.x1) return false;
  if (next != active.begin() && std::prev(next)->second > box.x0) return false;
  active.emplace_hint(next, box.x0, box.x1);
  return true;
}

// Boxes in raster order, in full lines of equal height: what every nominal grid looks like.
bool plain_grid(const std::vector<Box>& boxes, uint32_t y, uint32_t x) {
  uint32_t line_y0 = 0, line_y1 = 0, at_x = x;
  for (const Box& box : boxes) {
    if (at_x == x) {
      line_y0 = line_y1;
      line_y1 = box.y1;
      at_x = 0;
    }
    if (box.y0 != line_y0 || box.y1 != line_y1 || box.x0 != at_x) return false;
    at_x = box.x1;
  }
  return at_x == x && line_y1 == y;
}

}  // namespace

bool disjoint(const std::vector<Box>& boxes) {
  Active active;
  for (const Event& event : events_of(boxes)) {
    if (!event.start) {
      active.erase(boxes[event.box].x0);
    } else if (!insert(active, boxes[event.box])) {
      return false;
    }
  }
  return true;
}

bool covers(const std::vector<Box>& boxes, uint32_t y, uint32_t x) {
  if (boxes.empty()) return false;
  uint64_t left = uint64_t{y} * x;
  for (const Box& box : boxes) {
    if (box.empty() || !box.inside(y, x) || box.area() > left) return false;
    left -= box.area();
  }
  return left == 0 && (plain_grid(boxes, y, x) || disjoint(boxes));
}

bool complement(const std::vector<Box>& boxes, uint32_t y, uint32_t x, uint64_t& budget, std::vector<Box>& rest) {
  const std::vector<Event> events = events_of(boxes);
  Active active;
  std::map<std::pair<uint32_t, uint32_t>, uint32_t> open;  // free columns [x0, x1) -> row where they began
  // From `row` on, the free columns are those between the active boxes.
  const auto step = [&](uint32_t row) {
    std::map<std::pair<uint32_t, uint32_t>, uint32_t> now;
    const auto gap = [&](uint32_t from, uint32_t to) {
      if (from >= to || row >= y) return;
      const auto before = open.find({from, to});
      now[{from, to}] = before != open.end() ? before->second : row;
      if (before != open.end()) open.erase(before);
    };
    uint32_t at = 0;
    for (const auto& [x0, x1] : active) {
      gap(at, x0);
      at = x1;
    }
    gap(at, x);
    for (const auto& [columns, from] : open)
      if (from < row) rest.push_back({from, row, columns.first, columns.second});
    open = std::move(now);
  };
  step(0);
  for (size_t i = 0; i < events.size();) {
    const uint32_t row = events[i].y;
    for (; i < events.size() && events[i].y == row; ++i) {
      const Box& box = boxes[events[i].box];
      if (!events[i].start) {
        active.erase(box.x0);
      } else if (!insert(active, box)) {
        return false;
      }
    }
    const uint64_t cost = active.size() + open.size() + 1;
    if (cost > budget) return false;
    budget -= cost;
    step(row);
  }
  step(y);
  return true;
}

}  // namespace stf::store
