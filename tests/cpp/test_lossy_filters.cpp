// What a frame says of its quantisers, its references' scalings and its filters, and what these do.

#include <cmath>
#include <string>
#include <vector>

#include "bytes_fixture.hpp"
#include "lossy/deblock.hpp"
#include "lossy/default_models.hpp"
#include "lossy/directional.hpp"
#include "lossy/scaling.hpp"
#include "lossy/syntax.hpp"
#include "lossy_frame_fixture.hpp"

using namespace stf::lossy;
using fixture::Frame;
using fixture::geometry_of;

namespace {

using Samples = std::vector<Sample>;

Samples samples_of(const Plane& plane) {
  Samples out;
  for (int y = 0; y < plane.h; ++y) out.insert(out.end(), plane.row(y), plane.row(y) + plane.w);
  return out;
}

// Fill a plane with value(x, y).
template <typename F>
void paint(const Plane& plane, F&& value) {
  for (int y = 0; y < plane.h; ++y)
    for (int x = 0; x < plane.w; ++x) plane.row(y)[x] = static_cast<Sample>(value(x, y));
}

// All of the picture intra blocks of 8 x 8 with one quantiser.
void cut_small(FrameState& f, int q) {
  f.q = f.chroma_q = q;
  for (int y = 0; y < f.geometry->h; y += kCell)
    for (int x = 0; x < f.geometry->w; x += kCell) {
      CodingBlock b;
      b.x = static_cast<uint16_t>(x);
      b.y = static_cast<uint16_t>(y);
      b.log_w = b.log_h = kCellLog;
      b.q = static_cast<uint8_t>(q);
      f.remember(b);
    }
}

void filter_all(const FrameState& f, uint8_t choice, unsigned components) {
  const stf_env env = stf::resolve(nullptr);
  DirectionalFilter filter(env, f);
  for (unsigned c = 0; c < components; ++c) {
    CHECK(filter.begin(c));
    filter.apply(std::vector<uint8_t>(f.geometry->superblocks(), choice).data());
  }
}

}  // namespace

TEST("quantisers of groups are read as they were written, however the picture is cut") {
  check::Random random;
  for (int round = 0; round < 300; ++round) {
    Frame frame(
        geometry_of(1, 10, 8 * static_cast<int>(random.in(1, 20)), 8 * static_cast<int>(random.in(1, 20)), 0, 0),
        random);
    FrameState& f = *frame.state;
    f.q = static_cast<int>(random.in(0, 255));
    f.varies = round % 4 != 0;
    set_defaults(f.luma, f.chroma);
    std::vector<CodingBlock> written;
    stf::RangeEncoder encoder(stf::default_allocator());
    Writer writer(encoder);
    const auto each = [&](auto&& partition, auto&& block) {
      for (int y = 0; y < frame.g.h; y += kSuperblock)
        for (int x = 0; x < frame.g.w; x += kSuperblock) visit_blocks(frame.g, x, y, kSuperblockLog, partition, block);
    };
    std::vector<unsigned> cuts;
    each([&](int, int, int) { return cuts.emplace_back(random.in(0, 3)); },
         [&](int x, int y, int log_w, int log_h) {
           CodingBlock b;
           b.x = static_cast<uint16_t>(x);
           b.y = static_cast<uint16_t>(y);
           b.log_w = static_cast<uint8_t>(log_w);
           b.log_h = static_cast<uint8_t>(log_h);
           b.skip = random.in(0, 2) == 0;
           // Far from what is around, and at the ends of the scale.
           const int steps = static_cast<int>(random.in(0, 2 * kMostSteps)) - kMostSteps;
           const int q = f.quantiser_around(x, y) + kQuantiserStep * steps;
           b.q = static_cast<uint8_t>(std::clamp(q, 0, 255));
           const int wanted = b.q;
           code_quantiser(writer, f, b);
           if (!f.varies) {
             CHECK_EQ(b.q, f.q);
           } else if (FrameState::begins_group(b)) {
             CHECK_EQ(b.q, b.skip && FrameState::fills_group(b) ? f.quantiser_around(x, y)
                           : q == wanted                        ? wanted
                                                                : int{b.q});
           } else {
             CHECK_EQ(b.q, f.cell(x & -kGroup, y & -kGroup)->q);
           }
           f.remember(b);
           written.push_back(b);
         });
    const std::vector<uint8_t> bytes = fixture::bytes_of(encoder.finish());
    stf::RangeDecoder decoder(bytes.data(), bytes.size());
    Reader reader(decoder);
    f.begin(frame.pictures[0]);
    set_defaults(f.luma, f.chroma);
    size_t i = 0;
    auto cut = cuts.begin();
    each([&](int, int, int) { return *cut++; },
         [&](int, int, int, int) {
           CodingBlock b = written[i];
           b.q = 77;
           code_quantiser(reader, f, b);
           // Only what the scale's ends cut off may be told in another way.
           if (b.q != written[i].q) CHECK(written[i].q < 4 || written[i].q > 251);
           b.q = written[i++].q;
           f.remember(b);
         });
    CHECK(decoder.finish());
  }
}

TEST("scalings are read as they were written, the farthest included") {
  check::Random random;
  for (int round = 0; round < 100; ++round) {
    Frame frame(geometry_of(4, 10, 8, 8, 0, 0), random);
    FrameState& f = *frame.state;
    f.references = random.in(1, 2);
    const unsigned from = round & 1, to = round & 1 ? 4 : 1;
    for (unsigned r = 0; r < f.references; ++r)
      for (unsigned c = from; c < to && round >= 10; ++c) {
        const uint32_t kind = random.in(0, 3);
        f.scaling[r][c].weight = static_cast<int>(kind == 0 ? 0 : kind == 1 ? 1023 : random.in(0, 1023));
        f.scaling[r][c].offset = kind == 0 ? -8192 : kind == 1 ? 8191 : static_cast<int>(random.in(0, 16383)) - 8192;
      }
    stf::RangeEncoder encoder(stf::default_allocator());
    Writer writer(encoder);
    code_scalings(writer, f, from, to);
    const std::vector<uint8_t> bytes = fixture::bytes_of(encoder.finish());
    stf::RangeDecoder decoder(bytes.data(), bytes.size());
    Reader reader(decoder);
    FrameState back;
    back.references = f.references;
    code_scalings(reader, back, from, to);
    CHECK(decoder.finish());
    for (unsigned r = 0; r < f.references; ++r)
      for (unsigned c = 0; c < 4; ++c) CHECK(back.scaling[r][c] == f.scaling[r][c]);
  }
}

TEST("scaled references are clamped, and those that are not scaled stay themselves") {
  check::Random random;
  for (const int bits : {10, 12}) {
    Frame frame(geometry_of(3, bits, 40, 24, 1, 1), random);
    FrameState& f = *frame.state;
    const int top = frame.g.largest();
    f.scaling[0][0] = {1023, 8191};
    f.scaling[0][2] = {300, -50};
    f.scaling[1][1] = {0, -8192};
    f.scaling[1][2] = {1023, -8192};
    ScaledReferences scaled(f.geometry->components);
    CHECK(scaled.apply(stf::resolve(nullptr), f, 0, 1));
    CHECK(f.from[0][2].at == frame.pictures[1].planes[2].at);
    CHECK(scaled.apply(stf::resolve(nullptr), f, 1, 3));
    for (unsigned r = 0; r < 2; ++r)
      for (unsigned c = 0; c < 3; ++c) {
        const Scaling& s = f.scaling[r][c];
        const Plane &from = frame.pictures[1 + r].planes[c], &to = f.from[r][c];
        CHECK((to.at == from.at) == (s == Scaling{}));
        for (int y = 0; y < from.h; ++y)
          for (int x = 0; x < from.w; ++x)
            CHECK_EQ(to.row(y)[x], std::clamp(((from.row(y)[x] * s.weight + 128) >> 8) + s.offset, 0, top));
      }
  }
}

TEST("filters are said of superblocks that have a residual") {
  check::Random random;
  for (int round = 0; round < 60; ++round) {
    Frame frame(geometry_of(1, 10, 200, 136, 0, 0), random);
    FrameState& f = *frame.state;
    cut_small(f, 100);
    std::vector<uint8_t> written(f.geometry->superblocks()), read(written.size());
    std::vector<bool> skipped(written.size());
    size_t i = 0;
    for (int y = 0; y < f.geometry->h; y += kSuperblock)
      for (int x = 0; x < f.geometry->w; x += kSuperblock, ++i) {
        written[i] = static_cast<uint8_t>(random.in(0, 3));
        skipped[i] = random.in(0, 1) != 0;
        for (int v = y; v < std::min(y + kSuperblock, f.geometry->h) && skipped[i]; v += kCell)
          for (int u = x; u < std::min(x + kSuperblock, f.geometry->w); u += kCell) f.cell(u, v)->skip = true;
      }
    stf::AdaptiveModel<kFilters> to, from;
    stf::RangeEncoder encoder(stf::default_allocator());
    Writer writer(encoder);
    std::vector<uint8_t> choices = written;
    CHECK_EQ(code_filters(writer, f, to, round % 5 != 0, choices.data()), round % 5 != 0);
    const std::vector<uint8_t> bytes = fixture::bytes_of(encoder.finish());
    stf::RangeDecoder decoder(bytes.data(), bytes.size());
    Reader reader(decoder);
    CHECK_EQ(code_filters(reader, f, from, false, read.data()), round % 5 != 0);
    CHECK(decoder.finish());
    if (round % 5 == 0) continue;
    for (i = 0; i < read.size(); ++i) CHECK_EQ(read[i], skipped[i] ? 0 : written[i]);
  }
}

TEST("a flat picture passes all filters as it is") {
  check::Random random;
  for (const int value : {0, 300, 1023}) {
    Frame frame(geometry_of(3, 10, 72, 40, 1, 0), random);
    FrameState& f = *frame.state;
    cut_small(f, 255);
    for (unsigned c = 0; c < 3; ++c) paint(f.current->planes[c], [&](int, int) { return value; });
    for (unsigned c = 0; c < 3; ++c) deblock(f, c);
    for (const uint8_t choice : {1, 2, 3}) filter_all(f, choice, 3);
    for (unsigned c = 0; c < 3; ++c)
      for (const Sample s : samples_of(f.current->planes[c])) CHECK_EQ(s, value);
  }
}

TEST("noise along edges of any direction is smoothed, the edge itself and what is skipped stay") {
  check::Random random;
  for (const int bits : {10, 11, 12})
    for (int direction = 0; direction < 8; ++direction)
      for (const uint8_t choice : {1, 2, 3}) {
        Frame frame(geometry_of(1, bits, 72, 72, 0, 0), random);
        FrameState& f = *frame.state;
        cut_small(f, 112);
        const int scale = 1 << (bits - 8), high = 230 * scale, low = 20 * scale;
        const double angle = direction * std::acos(-1.0) / 8;
        Samples clean, noisy;
        paint(f.current->planes[0], [&](int x, int y) {
          const double across = std::cos(angle) * (y - 36) - std::sin(angle) * (x - 36);
          clean.push_back(static_cast<Sample>(across > 0 ? high : low));
          noisy.push_back(static_cast<Sample>(
              clean.back() + static_cast<int>(random.in(0, static_cast<uint32_t>(6 * scale))) - 3 * scale));
          return noisy.back();
        });
        f.cell(8, 16)->skip = true;
        filter_all(f, choice, 1);
        const Samples out = samples_of(f.current->planes[0]);
        double before = 0, after = 0;
        for (size_t i = 0; i < out.size(); ++i) {
          const int x = static_cast<int>(i) % 72, y = static_cast<int>(i) / 72;
          if (x / 8 == 1 && y / 8 == 2) {
            CHECK_EQ(out[i], noisy[i]);
            continue;
          }
          before += (noisy[i] - clean[i]) * (noisy[i] - clean[i]);
          after += (out[i] - clean[i]) * (out[i] - clean[i]);
          CHECK(std::abs(out[i] - clean[i]) <= 6 * scale);  // weights sum to 3 / 2
        }
        if (after >= 0.75 * before)
          check::failed(__FILE__, __LINE__,
                        "direction " + std::to_string(direction) + ", choice " + std::to_string(choice) +
                            ": the error falls from " + std::to_string(before) + " to " + std::to_string(after));
      }
}

TEST("chroma follows the directions of luma before it was filtered") {
  check::Random random;
  Frame frame(geometry_of(3, 10, 72, 48, 1, 1), random);
  FrameState& f = *frame.state;
  cut_small(f, 220);
  const Samples luma = samples_of(f.current->planes[0]), chroma = samples_of(f.current->planes[1]);
  const std::vector<uint8_t> all(f.geometry->superblocks(), 3);
  Samples results[2];
  for (const bool both : {true, false}) {
    size_t i = 0;
    paint(f.current->planes[0], [&](int, int) { return luma[i++]; });
    i = 0;
    paint(f.current->planes[1], [&](int, int) { return chroma[i++]; });
    const stf_env env = stf::resolve(nullptr);
    DirectionalFilter filter(env, f);
    CHECK(filter.begin(0));
    if (both) filter.apply(all.data());
    CHECK(filter.begin(1));
    filter.apply(all.data());
    results[both] = samples_of(f.current->planes[1]);
  }
  CHECK(results[0] == results[1]);
  CHECK(results[0] != chroma);
}

TEST("deblocking takes the mean of both sides' quantisers") {
  check::Random random;
  for (const unsigned c : {0u, 1u})
    for (const int offset : {-300, -9, 0, 30, 300}) {
      Samples results[2];
      for (const bool apart : {false, true}) {
        Frame frame(geometry_of(3, 10, 16, 16, 0, 0), random);
        FrameState& f = *frame.state;
        cut_small(f, 150);
        f.chroma_q = std::clamp(f.q + offset, 0, 255);
        for (int y = 0; y < 16 && apart; y += 8) {
          f.cell(0, y)->q = 151;
          f.cell(8, y)->q = 148;  // the mean is rounded up
        }
        paint(f.current->planes[c], [&](int x, int y) { return 500 + (x >= 8 ? 12 : 0) + (y & 1); });
        deblock(f, c);
        results[apart] = samples_of(f.current->planes[c]);
      }
      CHECK(results[0] == results[1]);
      if (offset >= 0 || c == 0) CHECK(results[0][7] != 500);
    }
}

CHECK_MAIN()
