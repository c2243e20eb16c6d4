#include <cstdlib>
#include <numeric>

#include "entropy/statistics.hpp"
#include "lossless/encoder.hpp"

namespace stf::lossless {
namespace {

template <typename Sample>
void choose_map(const WorkVideo& video, unsigned c, SampleMap& map) {
  const uint32_t all = 1u << video.bits;
  std::vector<uint8_t> used(all, 0);
  const WorkPlane& plane = video.planes[c];
  for (uint32_t t = 0; t < video.t; ++t) {
    for (uint32_t y = 0; y < plane.y; ++y) {
      const Sample* const row = plane.row<Sample>(t, y);
      for (uint32_t x = 0; x < plane.x; ++x) used[row[x]] = 1;
    }
    // Whatever else there is, too many values are in use for anything but identity.
    if (std::accumulate(used.begin(), used.end(), 0u) * 4 > all * 3) {
      map.kind = Mapping::kIdentity;
      map.range = all;
      return;
    }
  }
  uint32_t low = all, high = 0, count = 0;
  for (uint32_t v = 0; v < all; ++v) {
    if (!used[v]) continue;
    low = std::min(low, v);
    high = v;
    ++count;
  }
  const uint32_t span = high - low + 1;
  if (count * 4 <= span * 3 && span > 16) {
    map.kind = Mapping::kRanks;
    map.range = count;
    for (uint32_t v = low; v <= high; ++v)
      if (used[v]) map.values.push_back(static_cast<uint16_t>(v));
  } else if (span * 4 <= all * 3) {
    map.kind = Mapping::kOffset;
    map.low = low;
    map.range = span;
  } else {
    map.kind = Mapping::kIdentity;
    map.range = all;
  }
}

// What three components would cost after a colour transform, by their median predictor's residuals.
template <typename Sample>
uint64_t colour_cost(const WorkVideo& video, Colour colour, int range) {
  const auto x = static_cast<int>(video.planes[0].x);
  std::vector<uint16_t> rows[2][3];
  for (auto& pair : rows)
    for (auto& row : pair) row.assign(static_cast<size_t>(x), 0);
  uint64_t cost = 0;
  const uint32_t t_step = std::max(1u, video.t / 4), y_step = video.planes[0].y > 512 ? 8 : 4;
  for (uint32_t t = 0; t < video.t; t += t_step) {
    for (uint32_t y = 1; y < video.planes[0].y; y += y_step) {
      for (uint32_t k = 0; k < 2; ++k) {
        const Sample* in[3];
        uint16_t* out[3];
        for (unsigned c = 0; c < 3; ++c) {
          in[c] = video.planes[c].row<Sample>(t, y - 1 + k);
          out[c] = rows[k][c].data();
        }
        if (colour == Colour::kNone) {
          for (unsigned c = 0; c < 3; ++c) std::copy(in[c], in[c] + x, out[c]);
        } else {
          colour_forward(colour, range, in, out, x);
        }
      }
      for (unsigned c = 0; c < 3; ++c) {
        const auto &n = rows[0][c], &r = rows[1][c];
        for (int i = 1; i < x; ++i)
          cost += log2_fixed(magnitude(fold(r[i], median(r[i - 1], n[i], n[i - 1]), range)) * 2 + 1) >> 8;
      }
    }
  }
  return cost;
}

template <typename Sample>
Colour choose_colour(const WorkVideo& video, int range) {
  Colour best = Colour::kNone;
  uint64_t least = colour_cost<Sample>(video, best, range);
  for (const Colour colour : {Colour::kDifferenceGreen, Colour::kLumaGreen}) {
    const uint64_t cost = colour_cost<Sample>(video, colour, range);
    if (cost < least) {
      least = cost;
      best = colour;
    }
  }
  return best;
}

template <typename In, typename Sample>
void load(const WorkVideo& video, Encoder<Sample>& e) {
  const Header& h = e.header;
  for (uint32_t t = 0; t < video.t; ++t) {
    for (unsigned c = 0; c < video.components; ++c) {
      const Frame<Sample> f = e.frames.frame(t, c);
      const SampleMap& map = h.map[c];
      if (h.colour != Colour::kNone && c < 3) {
        if (c == 0) {
          for (int y = 0; y < f.y; ++y) {
            const In* in[3];
            Sample* out[3];
            for (unsigned k = 0; k < 3; ++k) {
              in[k] = video.planes[k].row<In>(t, static_cast<uint32_t>(y));
              out[k] = e.frames.frame(t, k).row(y);
            }
            colour_forward(h.colour, static_cast<int>(map.range), in, out, f.x);
          }
        }
      } else {
        std::vector<Sample> rank;
        if (map.kind == Mapping::kRanks) {
          rank.assign(size_t{1} << video.bits, 0);
          for (size_t i = 0; i < map.values.size(); ++i) rank[map.values[i]] = static_cast<Sample>(i);
        }
        for (int y = 0; y < f.y; ++y) {
          const In* const in = video.planes[c].row<In>(t, static_cast<uint32_t>(y));
          Sample* const out = f.row(y);
          if (map.kind == Mapping::kRanks) {
            for (int x = 0; x < f.x; ++x) out[x] = rank[in[x]];
          } else {
            for (int x = 0; x < f.x; ++x) out[x] = static_cast<Sample>(in[x] - map.low);
          }
        }
      }
    }
    for (unsigned c = 0; c < video.components; ++c) e.frames.frame(t, c).pad();
  }
}

}  // namespace

void choose_maps(const WorkVideo& video, const Shape& shape, bool rgb_hint, Header& header) {
  const bool deep = video.bits > 8;
  bool identity = true;
  for (unsigned c = 0; c < video.components; ++c) {
    if (deep) choose_map<uint16_t>(video, c, header.map[c]);
    else choose_map<uint8_t>(video, c, header.map[c]);
    identity &= header.map[c].kind == Mapping::kIdentity;
  }
  if (video.components < 3 || !shape.has_previous(1) || !shape.has_previous(2)) return;
  // A colour transform needs the full range of all components: one that leaves gaps has them filled.
  if (!identity) {
    if (!rgb_hint) return;
    for (unsigned c = 0; c < video.components; ++c)
      if (header.map[c].kind == Mapping::kRanks || header.map[c].range < 2) return;
    for (unsigned c = 0; c < video.components; ++c) header.map[c] = {Mapping::kIdentity, 0, 1u << video.bits, {}};
  }
  const int range = 1 << video.bits;
  header.colour = deep ? choose_colour<uint16_t>(video, range) : choose_colour<uint8_t>(video, range);
}

template <typename Sample>
bool load_frames(const WorkVideo& video, Encoder<Sample>& e) {
  if (!e.frames.allocate(e.env, e.shape, e.shape.t)) return false;
  if (video.bits <= 8) load<uint8_t>(video, e);
  else load<uint16_t>(video, e);
  return true;
}

template bool load_frames(const WorkVideo&, Encoder<uint8_t>&);
template bool load_frames(const WorkVideo&, Encoder<uint16_t>&);

}  // namespace stf::lossless
