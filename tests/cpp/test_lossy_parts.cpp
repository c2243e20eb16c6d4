// The pieces of the lossy profile, each against something simpler.

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "bytes_fixture.hpp"
#include "check.hpp"
#include "common/env.hpp"
#include "lossy/default_models.hpp"
#include "lossy/enc_motion.hpp"
#include "lossy/enc_residual.hpp"
#include "lossy/intra.hpp"
#include "lossy/motion.hpp"
#include "lossy/syntax.hpp"
#include "lossy_frame_fixture.hpp"

using namespace stf::lossy;
using fixture::Frame;
using fixture::geometry_of;

namespace {

// Sizes of transform blocks: no side is longer than twice the other.
template <typename F>
void each_size(F&& f) {
  for (int log_w = 2; log_w <= 5; ++log_w)
    for (int log_h = std::max(2, log_w - 1); log_h <= std::min(5, log_w + 1); ++log_h) f(log_w, log_h);
}

}  // namespace

TEST("scans visit every coefficient once, low frequencies first") {
  each_size([](int log_w, int log_h) {
    const uint16_t* order = scan(log_w, log_h);
    std::vector<uint8_t> seen(size_t{1} << (log_w + log_h), 0);
    int before = 0;
    for (size_t i = 0; i < seen.size(); ++i) {
      const int y = order[i] >> 8, x = order[i] & 255;
      CHECK(y < 1 << log_h && x < 1 << log_w);
      CHECK_EQ(seen[static_cast<size_t>(y << log_w | x)]++, 0);
      CHECK(x + y >= before);
      before = x + y;
    }
  });
}

TEST("transforms: what goes forth comes back, every kind and size, with the finest quantizer") {
  check::Random random;
  each_size([&](int log_w, int log_h) {
    const int w = 1 << log_w, h = 1 << log_h;
    for (unsigned type = 0; type < (std::max(log_w, log_h) > 4 ? 1u : 4u); ++type)
      for (const int bits : {10, 11, 12})
        for (int round = 0; round < 24; ++round) {
          const auto largest = static_cast<uint32_t>((1 << bits) - 1);
          std::vector<Sample> source(static_cast<size_t>(w * h)), out(source.size());
          for (size_t i = 0; i < source.size(); ++i) {
            const bool far = round % 4 == 3;  // opposite extremes
            source[i] = static_cast<Sample>(round % 4 == 0 ? random.in(0, largest)
                                            : far          ? (random.in(0, 1) ? largest : 0)
                                                           : largest / 2 + random.in(0, 40));
            out[i] = static_cast<Sample>(far              ? largest - source[i]
                                         : round % 4 == 1 ? random.in(0, largest)
                                                          : largest / 2);
          }
          if (round == 7)
            std::fill(source.begin(), source.end(), static_cast<Sample>(largest)),
                std::fill(out.begin(), out.end(), Sample{0});
          double energy = 0;
          for (size_t i = 0; i < source.size(); ++i) energy += (source[i] - out[i]) * (source[i] - out[i]);
          energy /= static_cast<double>(source.size());
          alignas(32) int16_t coefficients[32 * 32], levels[32 * 32] = {};
          const TransformShape shape{log_w, log_h, type};
          transform_forward(shape, bits, source.data(), w, out.data(), w, coefficients);
          const int count = quantise(shape, 0, 256, coefficients, levels);
          if (count > 0) reconstruct(shape, 0, bits, count, levels, out.data(), w);
          for (const int16_t level : levels) CHECK_EQ(level, 0);
          // A uniform error of a step of 0.63 in samples of 8 bits, and 1.2 % of the residual: so near to orthonormal
          // are the matrices.
          const double step = 0.63 * (1 << (bits - 8));
          double squares = 0;
          for (size_t i = 0; i < source.size(); ++i) squares += (source[i] - out[i]) * (source[i] - out[i]);
          const double mean = squares / static_cast<double>(source.size());
          if (mean > step * step / 12 * 2 + 1 + 0.012 * 0.012 * energy)
            check::failed(__FILE__, __LINE__,
                          std::to_string(w) + "x" + std::to_string(h) + " type " + std::to_string(type) + " bits " +
                              std::to_string(bits) + ": mean squared error " + std::to_string(mean));
        }
  });
}

TEST("any levels with any quantizer give samples in range") {
  check::Random random;
  each_size([&](int log_w, int log_h) {
    const int w = 1 << log_w, h = 1 << log_h;
    for (int round = 0; round < 200; ++round) {
      const int bits = static_cast<int>(random.in(10, 12));
      std::vector<Sample> out(static_cast<size_t>(w * h));
      for (Sample& s : out) s = static_cast<Sample>(random.in(0, 1) ? (1 << bits) - 1 : 0);
      alignas(32) int16_t levels[32 * 32] = {};
      const int count = static_cast<int>(random.in(1, static_cast<uint32_t>(w * h)));
      const uint16_t* order = scan(log_w, log_h);
      for (int i = 0; i < count; ++i)
        levels[(order[i] >> 8) << log_w | (order[i] & 255)] = static_cast<int16_t>(
            random.in(0, 2) == 0 ? (random.in(0, 1) ? kMaxLevel : -kMaxLevel) : static_cast<int>(random.in(0, 8)) - 4);
      const TransformShape shape{log_w, log_h, std::max(log_w, log_h) > 4 ? 0u : random.in(0, 3)};
      reconstruct(shape, static_cast<int>(random.in(0, 1) ? random.in(0, 255) : 255), bits, count, levels, out.data(),
                  w);
      for (const Sample s : out) CHECK(s < 1 << bits);
      for (const int16_t level : levels) CHECK_EQ(level, 0);
    }
  });
}

TEST("coefficients are read as they were written") {
  check::Random random;
  each_size([&](int log_w, int log_h) {
    const int n = 1 << (log_w + log_h);
    const uint16_t* order = scan(log_w, log_h);
    for (int round = 0; round < 50; ++round) {
      const auto written = std::make_unique<CoefficientModels>(), read = std::make_unique<CoefficientModels>();
      stf::RangeEncoder encoder(stf::default_allocator());
      Writer writer(encoder);
      std::vector<int16_t> blocks[3];
      int counts[3];
      for (int b = 0; b < 3; ++b) {
        blocks[b].assign(static_cast<size_t>(n), 0);
        counts[b] = static_cast<int>(random.in(1, static_cast<uint32_t>(n)));
        for (int i = 0; i < counts[b]; ++i) {
          int level = static_cast<int>(random.in(0, round % 5 == 0 ? 65534u : 6u)) - (round % 5 == 0 ? kMaxLevel : 3);
          if (i + 1 == counts[b] && level == 0) level = -1;
          blocks[b][static_cast<size_t>((order[i] >> 8) << log_w | (order[i] & 255))] = static_cast<int16_t>(level);
        }
        CHECK_EQ(code_coefficients(writer, *written, log_w, log_h, counts[b], blocks[b].data()), counts[b]);
      }
      const std::vector<uint8_t> bytes = fixture::bytes_of(encoder.finish());
      stf::RangeDecoder decoder(bytes.data(), bytes.size());
      Reader reader(decoder);
      for (int b = 0; b < 3; ++b) {
        std::vector<int16_t> levels(static_cast<size_t>(n), 0);
        CHECK_EQ(code_coefficients(reader, *read, log_w, log_h, 0, levels.data()), counts[b]);
        CHECK(levels == blocks[b]);
      }
      CHECK(decoder.finish());
    }
  });
}

TEST("vectors are read as they were written, the farthest included") {
  check::Random random;
  const int m = kMaxVector;
  std::vector<std::pair<MotionVector, MotionVector>> pairs;
  const auto at = [](int x, int y) { return MotionVector{static_cast<int16_t>(x), static_cast<int16_t>(y)}; };
  pairs.push_back({at(-m, m), at(m, -m)});
  pairs.push_back({at(m, m), at(-m, -m)});
  pairs.push_back({at(0, 0), at(0, 0)});
  const auto part = [&] { return static_cast<int>(random.in(0, static_cast<uint32_t>(2 * m))) - m; };
  for (int i = 0; i < 500; ++i) pairs.push_back({at(part(), part()), at(part(), part())});
  for (int i = 0; i < 500; ++i)
    pairs.push_back(
        {at(static_cast<int>(random.in(0, 9)) - 4, 1), at(static_cast<int>(random.in(0, 40)) - 20, part())});
  const auto written = std::make_unique<LumaModels>(), read = std::make_unique<LumaModels>();
  stf::RangeEncoder encoder(stf::default_allocator());
  Writer writer(encoder);
  for (auto& [predicted, v] : pairs) code_vector(writer, *written, predicted, v);
  const std::vector<uint8_t> bytes = fixture::bytes_of(encoder.finish());
  stf::RangeDecoder decoder(bytes.data(), bytes.size());
  Reader reader(decoder);
  for (const auto& [predicted, v] : pairs) {
    MotionVector back;
    code_vector(reader, *read, predicted, back);
    CHECK(back == v);
  }
  CHECK(decoder.finish());
}

TEST("the search keeps to vectors that can be written") {
  check::Random random;
  // Ramps, so that farther is always better.
  Frame frame(geometry_of(1, 10, 4096, 16, 0, 0), random);
  for (int y = 0; y < frame.g.h; ++y)
    for (int x = 0; x < frame.g.w; ++x) {
      frame.pictures[0].planes[0].row(y)[x] = 1000;
      frame.pictures[1].planes[0].row(y)[x] = static_cast<Sample>(x / 5);
    }
  BorderedLuma bordered;
  CHECK(bordered.allocate(stf::resolve(nullptr), frame.g));
  bordered.fill(frame.pictures[1].planes[0]);
  for (const int sign : {1, -1}) {
    if (sign < 0)
      for (int x = 0; x < frame.g.w; ++x)
        for (int y = 0; y < frame.g.h; ++y) frame.pictures[0].planes[0].row(y)[x] = 0;
    const MotionVector start{static_cast<int16_t>(sign * (kMaxVector - 9)), 0};
    const Lambda lambda(100, 10, 26);
    const FoundMotion found = search_motion(*frame.state, {.reference = 0,
                                                           .block = {sign > 0 ? 0 : 4080, 0, 16, 16},
                                                           .source = frame.pictures[0].planes[0],
                                                           .bordered = bordered,
                                                           .predicted = start,
                                                           .starts = {&start, 1},
                                                           .lambda = lambda,
                                                           .effort = {16, true}});
    CHECK(std::abs(found.v.x) <= kMaxVector && std::abs(found.v.y) <= kMaxVector);
    CHECK(std::abs(found.v.x) > kMaxVector - 16);
  }
}

TEST("candidates for motion are ones that can be predicted from, whatever surrounds the block") {
  check::Random random;
  for (int round = 0; round < 400; ++round) {
    Frame frame(
        geometry_of(1, 10, 8 * static_cast<int>(random.in(1, 10)), 8 * static_cast<int>(random.in(1, 10)), 0, 0),
        random);
    FrameState& f = *frame.state;
    f.references = random.in(1, 2);
    const auto vector = [&] {
      const auto part = [&] {
        return static_cast<int16_t>(random.in(0, 1) ? kMaxVector - 1 : static_cast<int>(random.in(0, 40)) - 20);
      };
      MotionVector v{part(), part()};
      if (random.in(0, 1)) v.x = static_cast<int16_t>(-v.x);
      return v;
    };
    uint32_t times[3] = {random.in(0, 1023), 0, 0};
    for (int i = 1; i < 3; ++i) do
        times[i] = random.in(0, 1023);
      while (times[i] == times[0]);
    for (int i = 0; i < 3; ++i) {
      Picture& p = frame.pictures[i];
      p.time = times[i];
      for (int& d : p.reference_distance) d = random.in(0, 4) == 0 ? 0 : static_cast<int>(random.in(0, 2046)) - 1023;
      for (Cell& cell : p.cells) {
        cell = {};
        cell.motion.references = static_cast<uint8_t>(random.in(0, i == 0 && f.references == 1 ? 1 : 3));
        for (int r = 0; r < 2; ++r)
          if (cell.motion.references >> r & 1) cell.motion.v[r] = vector();
        if (random.in(0, 3)) cell.log_w = cell.log_h = 3;
      }
    }
    for (int y = 0; y < frame.g.h; y += 8)
      for (int x = 0; x < frame.g.w; x += 8) {
        const int w = std::min(8 << random.in(0, 3), frame.g.w - x), h = std::min(8 << random.in(0, 3), frame.g.h - y);
        const Candidates found = find_candidates(f, {x, y, w, h});
        for (const Motion& m : found.at) {
          CHECK(m.references >= 1 && m.references <= (f.references == 2 ? 3 : 1));
          for (int r = 0; r < 2; ++r) {
            CHECK(std::abs(m.v[r].x) <= kMaxVector && std::abs(m.v[r].y) <= kMaxVector);
            if (!(m.references >> r & 1)) CHECK(m.v[r] == MotionVector{});
          }
        }
      }
  }
}

TEST("prediction from anywhere reads the nearest samples of the reference") {
  check::Random random;
  for (int round = 0; round < 300; ++round) {
    const int sub_x = static_cast<int>(random.in(0, 1)), sub_y = static_cast<int>(random.in(0, 1));
    Frame frame(geometry_of(3, static_cast<int>(random.in(10, 12)), 8 * static_cast<int>(random.in(1, 9)),
                            8 * static_cast<int>(random.in(1, 9)), sub_x, sub_y),
                random);
    const unsigned c = random.in(0, 1);
    const int log_x = 2 + frame.g.sub_x[c], log_y = 2 + frame.g.sub_y[c];
    const int w = 8 >> frame.g.sub_x[c], h = 8 >> frame.g.sub_y[c];
    const Plane& plane = frame.pictures[1].planes[c];
    const int x = w * static_cast<int>(random.in(0, static_cast<uint32_t>(plane.w / w - 1)));
    const int y = h * static_cast<int>(random.in(0, static_cast<uint32_t>(plane.h / h - 1)));
    const int range = round % 2 ? 60 : 8000;
    const int dx = (static_cast<int>(random.in(0, static_cast<uint32_t>(2 * range))) - range) >> log_x;
    const int dy = (static_cast<int>(random.in(0, static_cast<uint32_t>(2 * range))) - range) >> log_y;
    Motion motion;
    motion.references = kA;
    motion.v[0] = {static_cast<int16_t>(dx << log_x), static_cast<int16_t>(dy << log_y)};
    Sample out[64];
    predict_inter(*frame.state, motion, c, {x, y, w, h}, out, w);
    for (int v = 0; v < h; ++v)
      for (int u = 0; u < w; ++u)
        CHECK_EQ(out[v * w + u],
                 plane.row(std::clamp(y + v + dy, 0, plane.h - 1))[std::clamp(x + u + dx, 0, plane.w - 1)]);
    // At fractions, far away: the corner alone.
    motion.references = kBoth;
    motion.v[0] = motion.v[1] = {static_cast<int16_t>(-kMaxVector + 3), static_cast<int16_t>(-kMaxVector + 1)};
    const Plane& other = frame.pictures[2].planes[c];
    predict_inter(*frame.state, motion, c, {x, y, w, h}, out, w);
    for (int i = 0; i < w * h; ++i) CHECK_EQ(out[i], (plane.at[0] + other.at[0] + 1) >> 1);
  }
}

TEST("edges at the corners of pictures hold what there is") {
  check::Random random;
  for (const int sub : {0, 1}) {
    Frame frame(geometry_of(3, 10, 16, 8, sub, sub), random);
    FrameState& f = *frame.state;
    for (unsigned c = 0; c < 2; ++c) {
      const Plane& plane = f.current->planes[c];
      for (const int size : {4, 8, 16, 32}) {
        // Nothing is decoded yet: the middle of the range, everywhere.
        f.begin(frame.pictures[0]);
        Edges e;
        e.gather(f, c, {0, 0, size, size});
        CHECK(!e.has_top && !e.has_left);
        for (int i = -1; i < 2 * size; ++i) CHECK(e.top()[i] == 512 && e.left()[i] == 512);
      }
      // All but the last block is: beyond it the last sample is repeated.
      f.units[c].fill({0, 0, plane.w, plane.h}, UnitMap::kCoded);
      const int x = plane.w - 4, y = plane.h - 4;
      Edges e;
      e.gather(f, c, {x, y, 4, 4});
      CHECK(e.has_top == (y > 0) && e.has_left);
      for (int i = 0; i < 8; ++i) {
        CHECK_EQ(e.left()[i], plane.row(y + std::min(i, 3))[x - 1]);
        CHECK_EQ(e.top()[i], y > 0 ? plane.row(y - 1)[x + std::min(i, 3)] : plane.row(y)[x - 1]);
      }
      CHECK_EQ(e.top()[-1], y > 0 ? plane.row(y - 1)[x - 1] : plane.row(y)[x - 1]);
      CHECK_EQ(e.left()[-1], e.top()[-1]);
      // In the last column of the first row there is none above; in the first column none to the left.
      e.gather(f, c, {x, 0, 4, 4});
      CHECK(!e.has_top && e.has_left);
      for (int i = 0; i < 8; ++i) CHECK_EQ(e.top()[i], plane.row(0)[x - 1]);
      if (y > 0) {
        e.gather(f, c, {0, y, 4, 4});
        CHECK(e.has_top && !e.has_left);
        for (int i = 0; i < 8; ++i) CHECK_EQ(e.left()[i], plane.row(y - 1)[0]);
      }
    }
  }
}

TEST("intra prediction of flat edges is flat, every mode, direction and size") {
  each_size([](int log_w, int log_h) {
    const int w = 1 << log_w, h = 1 << log_h;
    for (int mode = 0; mode <= kDirectional; ++mode)
      for (int direction = 0; direction <= (mode == kDirectional ? 32 : 0); ++direction) {
        Edges e;
        e.has_top = e.has_left = true;
        for (int i = -1; i < w + h; ++i) e.top()[i] = e.left()[i] = 777;
        std::vector<Sample> out(static_cast<size_t>(w * h), 0);
        predict_intra(e, {mode, direction}, log_w, log_h, out.data(), w);
        for (const Sample s : out) CHECK_EQ(s, 777);
      }
  });
}

namespace {

// Every symbol of a model has room.
struct CheckModel {
  template <unsigned N, unsigned Limit>
  void operator()(stf::AdaptiveModel<N, Limit>& model) {
    for (unsigned s = 0; s < N; ++s) CHECK(model.low(s) + stf::kCdfFloor <= model.high(s));
    ++models;
  }
  int models = 0;
};

}  // namespace

TEST("in the built-in tables every symbol is possible") {
  const auto luma = std::make_unique<LumaModels>();
  const auto chroma = std::make_unique<ChromaModels>();
  set_defaults(*luma, *chroma);
  CheckModel check;
  luma->visit(check);
  chroma->visit(check);
  CHECK(check.models > 500);
}

TEST("the cost of a symbol is about the logarithm of its probability") {
  CHECK_EQ(bits_of(32768), 0u);
  uint32_t before = ~0u;
  for (uint32_t p = stf::kCdfFloor; p <= 32768; ++p) {
    const uint32_t bits = bits_of(p);
    CHECK(bits <= before);
    before = bits;
    CHECK(std::fabs(bits / 512.0 - (15 - std::log2(p))) < 0.03 + 6.0 / p);
  }
}

CHECK_MAIN()
