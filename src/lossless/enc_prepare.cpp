// How samples are mapped before they are coded (docs/format.md, 12.2): the choice, and the mapping of all frames.

#include <cstdlib>
#include <numeric>

#include "entropy/statistics.hpp"
#include "lossless/encoder.hpp"

namespace stf::lossless {
namespace {

// Choose the map of component c. `used` is scratch memory, a byte for every value that a sample can have.
template <typename Sample>
void choose_map(const WorkVideo& video, unsigned c, uint8_t* used, SampleMap& map) {
  const uint32_t all = 1u << video.bits;
  std::fill_n(used, all, uint8_t{0});
  const WorkPlane plane = video.planes[c];  // a copy, which writes to `used` cannot alias
  for (uint32_t t = 0; t < video.t; ++t) {
    for (uint32_t y = 0; y < plane.y; ++y) {
      const Sample* const row = plane.row<Sample>(t, y);
      for (uint32_t x = 0; x < plane.x; ++x) used[row[x]] = 1;
    }
    // Once more than three quarters of the values are in use, no other map can pay.
    if (std::accumulate(used, used + all, 0u) * 4 > all * 3) {
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

// The price of three components after a colour transform, by the residuals of the median predictor in a sample of rows.
// `memory` has room for two rows of each.
template <typename Sample>
uint64_t colour_cost(const WorkVideo& video, ColourTransform colour, int range, Buffer<uint16_t>& memory) {
  const auto x = static_cast<int>(video.planes[0].x);
  uint16_t* rows[2][3];
  for (size_t k = 0; k < 6; ++k) rows[k / 3][k % 3] = memory.data() + k * static_cast<size_t>(x);
  uint64_t cost = 0;
  const uint32_t t_step = std::max(1u, video.t / 4), y_step = video.planes[0].y > 512 ? 8 : 4;
  for (uint32_t t = 0; t < video.t; t += t_step) {
    for (uint32_t y = 1; y < video.planes[0].y; y += y_step) {
      for (uint32_t k = 0; k < 2; ++k) {
        const Sample* in[3];
        uint16_t* out[3];
        for (unsigned c = 0; c < 3; ++c) {
          in[c] = video.planes[c].row<Sample>(t, y - 1 + k);
          out[c] = rows[k][c];
        }
        if (colour == ColourTransform::kNone) {
          for (unsigned c = 0; c < 3; ++c) std::copy(in[c], in[c] + x, out[c]);
        } else {
          colour_forward(colour, range, in, out, x);
        }
      }
      for (unsigned c = 0; c < 3; ++c) {
        const uint16_t *n = rows[0][c], *r = rows[1][c];
        for (int i = 1; i < x; ++i)
          cost += log2_fixed(magnitude(fold(r[i], median(r[i - 1], n[i], n[i - 1]), range)) * 2 + 1) >> 8;
      }
    }
  }
  return cost;
}

template <typename Sample>
ColourTransform choose_colour(const WorkVideo& video, int range, Buffer<uint16_t>& memory) {
  ColourTransform best = ColourTransform::kNone;
  uint64_t least = colour_cost<Sample>(video, best, range, memory);
  for (const ColourTransform colour : {ColourTransform::kDifferenceGreen, ColourTransform::kLumaGreen}) {
    const uint64_t cost = colour_cost<Sample>(video, colour, range, memory);
    if (cost < least) {
      least = cost;
      best = colour;
    }
  }
  return best;
}

// Map one plane whose component has a map of its own. `rank` has the rank of every value if the map is one of ranks.
template <typename In, typename Sample>
void load_plane(const WorkPlane& from, uint32_t t, const SampleMap& map, const Buffer<Sample>& rank,
                const BorderedPlane<Sample>& to) {
  for (int y = 0; y < to.y; ++y) {
    const In* const in = from.row<In>(t, static_cast<uint32_t>(y));
    Sample* const out = to.row(y);
    if (map.kind == Mapping::kRanks) {
      for (int x = 0; x < to.x; ++x) out[x] = rank[in[x]];
    } else {
      for (int x = 0; x < to.x; ++x) out[x] = static_cast<Sample>(in[x] - map.low);
    }
  }
}

// Map the R, G and B of one frame.
template <typename In, typename Sample>
void load_rgb(const WorkVideo& video, uint32_t t, Encoder<Sample>& e) {
  const BorderedPlane<Sample> first = e.frames.frame(t, 0);
  for (int y = 0; y < first.y; ++y) {
    const In* in[3];
    Sample* out[3];
    for (unsigned k = 0; k < 3; ++k) {
      in[k] = video.planes[k].row<In>(t, static_cast<uint32_t>(y));
      out[k] = e.frames.frame(t, k).row(y);
    }
    colour_forward(e.header.colour, e.range(0), in, out, first.x);
  }
}

template <typename In, typename Sample>
bool load(const WorkVideo& video, Encoder<Sample>& e) {
  const ProfileHeader& h = e.header;
  Buffer<Sample> rank[STF_MAX_COMPONENTS];
  for (unsigned c = 0; c < video.components; ++c) {
    const SampleMap& map = h.map[c];
    if (map.kind != Mapping::kRanks) continue;
    if (!rank[c].allocate(e.env, size_t{1} << video.bits)) return false;
    std::fill(rank[c].begin(), rank[c].end(), Sample{0});
    for (size_t i = 0; i < map.values.size(); ++i) rank[c][map.values[i]] = static_cast<Sample>(i);
  }
  for (uint32_t t = 0; t < video.t; ++t) {
    const unsigned first = h.colour != ColourTransform::kNone ? 3 : 0;
    if (first != 0) load_rgb<In>(video, t, e);
    for (unsigned c = first; c < video.components; ++c)
      load_plane<In>(video.planes[c], t, h.map[c], rank[c], e.frames.frame(t, c));
    for (unsigned c = 0; c < video.components; ++c) e.frames.frame(t, c).pad();
  }
  return true;
}

}  // namespace

bool choose_maps(const stf_env& env, const WorkVideo& video, const Shape& shape, bool rgb_hint, ProfileHeader& header) {
  const bool deep = video.bits > 8;
  Buffer<uint8_t> used;
  if (!used.allocate(env, size_t{1} << video.bits)) return false;
  bool identity = true;
  for (unsigned c = 0; c < video.components; ++c) {
    if (deep) choose_map<uint16_t>(video, c, used.data(), header.map[c]);
    else choose_map<uint8_t>(video, c, used.data(), header.map[c]);
    identity &= header.map[c].kind == Mapping::kIdentity;
  }
  if (video.components < 3 || !shape.has_previous(1) || !shape.has_previous(2)) return true;
  // A colour transform takes the full range of all components: gaps in it would be filled.
  if (!identity) {
    if (!rgb_hint) return true;
    for (unsigned c = 0; c < video.components; ++c)
      if (header.map[c].kind == Mapping::kRanks || header.map[c].range < 2) return true;
    for (unsigned c = 0; c < video.components; ++c) header.map[c] = {Mapping::kIdentity, 0, 1u << video.bits, {}};
  }
  const int range = 1 << video.bits;
  Buffer<uint16_t> rows;
  if (!rows.allocate(env, size_t{6} * video.planes[0].x)) return false;
  header.colour = deep ? choose_colour<uint16_t>(video, range, rows) : choose_colour<uint8_t>(video, range, rows);
  return true;
}

template <typename Sample>
bool load_frames(const WorkVideo& video, Encoder<Sample>& e) {
  if (!e.frames.allocate(e.env, e.shape, e.shape.t)) return false;
  return video.bits <= 8 ? load<uint8_t>(video, e) : load<uint16_t>(video, e);
}

template bool load_frames(const WorkVideo&, Encoder<uint8_t>&);
template bool load_frames(const WorkVideo&, Encoder<uint16_t>&);

}  // namespace stf::lossless
