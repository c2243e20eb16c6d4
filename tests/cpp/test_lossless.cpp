// The lossless profile on its own: round trips over sizes, depths, components, structures, lanes, efforts; parts of a
// fragment; determinism; damaged payloads.

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <vector>

#include "bytes_fixture.hpp"
#include "check.hpp"
#include "common/env.hpp"
#include "lossless/lossless.hpp"

using namespace stf;
using check::Random;

namespace {

struct Clip {
  WorkVideo video;
  std::vector<uint8_t> bytes[4];
  size_t plane_bytes(unsigned c) const {
    return size_t{video.t} * video.planes[c].y * video.planes[c].x * work_itemsize(video.bits);
  }
};

Clip make_clip(unsigned bits, unsigned components, uint32_t t, uint32_t y, uint32_t x, unsigned sub_y, unsigned sub_x) {
  Clip clip;
  clip.video.bits = static_cast<uint8_t>(bits);
  clip.video.components = static_cast<uint8_t>(components);
  clip.video.t = t;
  for (unsigned c = 0; c < components; ++c) {
    WorkPlane& p = clip.video.planes[c];
    const bool chroma = components >= 3 && (c == 1 || c == 2);
    p.y = chroma ? (y + (1u << sub_y) - 1) >> sub_y : y;
    p.x = chroma ? (x + (1u << sub_x) - 1) >> sub_x : x;
    p.row_stride = p.x;
    p.frame_stride = size_t{p.y} * p.x;
    clip.bytes[c].resize(clip.plane_bytes(c));
    p.data = clip.bytes[c].data();
  }
  return clip;
}

void put(Clip& clip, unsigned c, uint32_t t, uint32_t y, uint32_t x, uint32_t value) {
  const WorkPlane& p = clip.video.planes[c];
  if (clip.video.bits <= 8) p.row<uint8_t>(t, y)[x] = static_cast<uint8_t>(value);
  else p.row<uint16_t>(t, y)[x] = static_cast<uint16_t>(value);
}

enum Pattern { kConstant, kNoise, kSmooth, kMoving, kSparse, kBlack, kExtremes, kPatterns };

void fill(Clip& clip, Pattern pattern, Random& rng) {
  const uint32_t top = (1u << clip.video.bits) - 1;
  for (unsigned c = 0; c < clip.video.components; ++c) {
    const WorkPlane& p = clip.video.planes[c];
    const uint32_t constant = rng.in(0, top);
    for (uint32_t t = 0; t < clip.video.t; ++t) {
      for (uint32_t y = 0; y < p.y; ++y) {
        for (uint32_t x = 0; x < p.x; ++x) {
          uint32_t v = 0;
          switch (pattern) {
            case kConstant: v = constant; break;
            case kNoise: v = rng.in(0, top); break;
            case kSmooth: v = (x * 3 + y * 5 + t) * top / (3 * p.x + 5 * p.y + clip.video.t); break;
            case kMoving: {
              const uint32_t u = (x + 2 * t) * 7 ^ (y + t) * 13;
              v = (u * 2654435761u >> 20) * top >> 12;
              break;
            }
            case kSparse: v = rng.in(0, 3) * (top / 3); break;
            case kBlack: v = rng.in(0, 400) == 0 ? rng.in(0, top) : 0; break;
            case kExtremes: v = rng.in(0, 1) ? top : 0; break;
            case kPatterns: break;
          }
          put(clip, c, t, y, x, v);
        }
      }
    }
  }
}

const stf_env env = resolve(nullptr);

std::vector<uint8_t> encode(const Clip& clip, LosslessParams params, LosslessParams& used) {
  Array<uint8_t> out(env);
  CHECK_EQ(lossless_encode(env, params, clip.video, out, &used), STF_OK);
  return fixture::bytes_of(out);
}

stf_status decode(const std::vector<uint8_t>& payload, const LosslessParams& used, Clip& clip,
                  const std::vector<uint8_t>& wanted, uint32_t components, stf_work& work) {
  stf_error error{};
  // Exactly as long as the payload, so that a sanitizer sees every step outside.
  const std::vector<uint8_t> exact(payload.begin(), payload.end());
  return lossless_decode(env, used, {exact, wanted.data(), components}, clip.video, &work, &error);
}

void round_trip(const Clip& clip, LosslessParams params) {
  LosslessParams used{};
  const std::vector<uint8_t> payload = encode(clip, params, used);
  const WorkVideo& v = clip.video;
  Clip back = make_clip(v.bits, v.components, v.t, v.planes[0].y, v.planes[0].x, 0, 0);
  for (unsigned c = 0; c < v.components; ++c) {
    back.video.planes[c] = v.planes[c];
    back.bytes[c].assign(clip.bytes[c].size(), 0xA5);
    back.video.planes[c].data = back.bytes[c].data();
  }
  stf_work work{};
  CHECK_EQ(decode(payload, used, back, std::vector<uint8_t>(v.t, 1), 15, work), STF_OK);
  CHECK_EQ(work.frames, v.t);
  bool same = true;
  for (unsigned c = 0; c < v.components; ++c) same &= back.bytes[c] == clip.bytes[c];
  if (!same)
    check::failed(__FILE__, __LINE__,
                  "round trip of " + std::to_string(v.bits) + " bits, " + std::to_string(v.components) + " x " +
                      std::to_string(v.t) + " x " + std::to_string(v.planes[0].y) + " x " +
                      std::to_string(v.planes[0].x) + ", effort " + std::to_string(params.effort));
}

uint32_t ceil_log2(uint32_t n) {
  uint32_t k = 0;
  while ((1u << k) < n) ++k;
  return k;
}

}  // namespace

TEST("round trips over everything") {
  Random rng;
  for (unsigned bits = 1; bits <= 16; ++bits) {
    for (int pattern = 0; pattern < kPatterns; ++pattern) {
      const unsigned components = rng.in(1, 4);
      const unsigned sub = components >= 3 ? rng.in(0, 2) : 0, sub_y = components >= 3 ? rng.in(0, 2) : 0;
      Clip clip = make_clip(bits, components, rng.in(1, 9), rng.in(1, 50), rng.in(1, 70), sub_y, sub);
      fill(clip, static_cast<Pattern>(pattern), rng);
      round_trip(clip, {static_cast<uint8_t>(rng.in(0, 3)), static_cast<uint8_t>(rng.in(0, 32)),
                        static_cast<uint8_t>(rng.in(1, 9)), rng.in(0, 1) != 0});
    }
  }
}

TEST("tiny and narrow fragments") {
  Random rng;
  for (const auto& [t, y, x] : {std::array<uint32_t, 3>{1, 1, 1},
                                {2, 1, 1},
                                {3, 1, 2},
                                {1, 2, 1},
                                {5, 1, 33},
                                {4, 33, 1},
                                {17, 3, 17},
                                {33, 16, 16}}) {
    for (unsigned bits : {1u, 8u, 11u, 16u}) {
      Clip clip = make_clip(bits, 3, t, y, x, 1, 1);
      fill(clip, kNoise, rng);
      for (uint8_t structure = 0; structure <= STF_STRUCTURE_OUTWARD; ++structure)
        round_trip(clip, {structure, 0, 5, false});
    }
  }
}

TEST("every number of lanes, every effort") {
  Random rng;
  Clip clip = make_clip(8, 3, 4, 40, 56, 1, 1);
  fill(clip, kMoving, rng);
  for (uint8_t lanes = 1; lanes <= 32; ++lanes) round_trip(clip, {0, lanes, 1, false});
  for (uint8_t effort = 1; effort <= 9; ++effort) round_trip(clip, {0, 0, effort, false});
}

TEST("rows with gaps: nothing outside of the rectangle is touched") {
  Random rng;
  Clip clip = make_clip(8, 1, 3, 20, 30, 0, 0);
  fill(clip, kSmooth, rng);
  LosslessParams used{};
  const std::vector<uint8_t> payload = encode(clip, {0, 0, 5, false}, used);
  Clip back = make_clip(8, 1, 3, 25, 41, 0, 0);
  std::fill(back.bytes[0].begin(), back.bytes[0].end(), uint8_t{0xEE});
  back.video.planes[0].y = 20;
  back.video.planes[0].x = 30;
  stf_work work{};
  CHECK_EQ(decode(payload, used, back, {1, 1, 1}, 1, work), STF_OK);
  for (uint32_t t = 0; t < 3; ++t)
    for (uint32_t y = 0; y < 25; ++y)
      for (uint32_t x = 0; x < 41; ++x)
        CHECK_EQ(int{back.bytes[0][(t * 25 + y) * 41 + x]},
                 y < 20 && x < 30 ? int{clip.bytes[0][(t * 20 + y) * 30 + x]} : 0xEE);
}

TEST("any frame and component alone") {
  Random rng;
  for (const uint32_t t : {1u, 2u, 3u, 9u, 32u, 33u, 48u}) {
    Clip clip = make_clip(8, 3, t, 24, 40, 1, 1);
    fill(clip, kMoving, rng);
    LosslessParams used{};
    const std::vector<uint8_t> payload = encode(clip, {STF_STRUCTURE_DYADIC, 0, 5, false}, used);
    for (uint32_t frame = 0; frame < t; ++frame) {
      Clip back = make_clip(8, 3, t, 24, 40, 1, 1);
      std::vector<uint8_t> wanted(t, 0);
      wanted[frame] = 1;
      stf_work work{};
      back.video.planes[1].data = back.video.planes[2].data = nullptr;
      CHECK_EQ(decode(payload, used, back, wanted, 1, work), STF_OK);
      CHECK(work.frames <= 2 + ceil_log2(t));
      CHECK_EQ(work.samples, work.frames * 24 * 40);
      const size_t size = 24 * 40;
      CHECK(std::equal(clip.bytes[0].begin() + static_cast<ptrdiff_t>(frame * size),
                       clip.bytes[0].begin() + static_cast<ptrdiff_t>((frame + 1) * size),
                       back.bytes[0].begin() + static_cast<ptrdiff_t>(frame * size)));
      back = make_clip(8, 3, t, 24, 40, 1, 1);
      CHECK_EQ(decode(payload, used, back, wanted, 4, work), STF_OK);
      const size_t chroma = 12 * 20;
      CHECK(std::equal(clip.bytes[2].begin() + static_cast<ptrdiff_t>(frame * chroma),
                       clip.bytes[2].begin() + static_cast<ptrdiff_t>((frame + 1) * chroma),
                       back.bytes[2].begin() + static_cast<ptrdiff_t>(frame * chroma)));
    }
  }
}

TEST("the same input gives the same bytes, whatever the instruction set") {
  Random rng;
  for (unsigned bits : {8u, 12u}) {
    Clip clip = make_clip(bits, 1, 5, 60, 70, 0, 0);
    fill(clip, kMoving, rng);
    LosslessParams used{};
    const std::vector<uint8_t> first = encode(clip, {0, 0, 7, false}, used);
    CHECK(first == encode(clip, {0, 0, 7, false}, used));
    CHECK_EQ(stf_cpu_mask("scalar"), STF_OK);
    CHECK(first == encode(clip, {0, 0, 7, false}, used));
    CHECK_EQ(stf_cpu_mask(nullptr), STF_OK);
  }
}

TEST("a constant fragment is tiny, noise hardly grows") {
  Random rng;
  LosslessParams used{};
  Clip clip = make_clip(8, 3, 32, 256, 256, 1, 1);
  fill(clip, kConstant, rng);
  const size_t constant = encode(clip, {0, 0, 5, false}, used).size();
  CHECK(constant < 1200);
  Clip noise = make_clip(8, 1, 8, 64, 64, 0, 0);
  fill(noise, kNoise, rng);
  CHECK(encode(noise, {0, 0, 5, false}, used).size() < noise.bytes[0].size() * 103 / 100);
}

TEST("interleaved components that are alike cost little more than one") {
  Random rng;
  Clip one = make_clip(8, 1, 2, 64, 64, 0, 0), three = make_clip(8, 3, 2, 64, 64, 0, 0);
  fill(one, kNoise, rng);
  for (unsigned c = 0; c < 3; ++c) std::copy(one.bytes[0].begin(), one.bytes[0].end(), three.bytes[c].begin());
  LosslessParams used{};
  CHECK(encode(three, {0, 0, 5, true}, used).size() < encode(one, {0, 0, 5, true}, used).size() * 11 / 10);
}

TEST("damaged payloads end in an error or in wrong samples, soon") {
  Random rng;
  for (unsigned bits : {8u, 16u}) {
    for (const uint8_t effort : {uint8_t{1}, uint8_t{6}}) {
      Clip clip = make_clip(bits, 3, 5, 34, 50, bits == 8, bits == 8);
      fill(clip, bits == 8 ? kMoving : kSmooth, rng);
      LosslessParams used{};
      const std::vector<uint8_t> good = encode(clip, {0, 0, effort, bits == 16}, used);
      for (int round = 0; round < 600; ++round) {
        std::vector<uint8_t> bad = good;
        const uint32_t kind = rng.in(0, 3);
        if (kind == 0) bad.resize(rng.in(0, static_cast<uint32_t>(bad.size())));
        const uint32_t edits = kind == 0 ? rng.in(0, 1) : rng.in(1, 4);
        // The header and the frame table are the interesting part.
        const auto end = static_cast<uint32_t>(kind == 1 ? std::min<size_t>(bad.size(), 200) : bad.size());
        for (uint32_t i = 0; i < edits && end > 0; ++i) bad[rng.in(0, end - 1)] = static_cast<uint8_t>(rng.next());
        Clip back = make_clip(bits, 3, 5, 34, 50, bits == 8, bits == 8);
        stf_work work{};
        std::vector<uint8_t> wanted(5, 0);
        for (auto& w : wanted) w = rng.in(0, 1) != 0;
        LosslessParams params = used;
        if (kind == 3) {
          params.structure = static_cast<uint8_t>(rng.in(0, 3));
          params.lanes = static_cast<uint8_t>(rng.in(1, 32));
        }
        const stf_status status = decode(bad, params, back, wanted, rng.in(1, 7), work);
        CHECK(status == STF_OK || status == STF_E_CORRUPT_FRAGMENT);
      }
    }
  }
}

CHECK_MAIN()
