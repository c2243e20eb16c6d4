// Frame structures (docs/format.md, section 9): what refers to what, what a frame costs, and which one the encoder
// takes.

#include <algorithm>
#include <vector>

#include "check.hpp"
#include "common/structure.hpp"
#include "fragment_fixture.hpp"

using check::Random;
using stf::Structure;

namespace {

constexpr stf_format kGray8{STF_UINT8, 8, 1, 0, 0, STF_LAYOUT_GRAY, {0, 0}};
constexpr stf_format kGray10{STF_UINT16, 10, 1, 0, 0, STF_LAYOUT_GRAY, {0, 0}};
constexpr stf_format kYuv420{STF_UINT8, 8, 3, 1, 1, STF_LAYOUT_PLANES, {0, 0}};

uint32_t ceil_log2(uint32_t n) {
  uint32_t k = 0;
  while ((1u << k) < n) ++k;
  return k;
}

enum class Scene { kCorrected, kNoise, kMoving, kStill };

// kCorrected: a still picture of which, in each frame, a part is changed a little, as by a codec with skipped blocks.
fixture::Picture film(const stf_format& format, stf_size size, Scene scene) {
  Random random;
  fixture::Picture picture(format, size, random, 0);
  const uint32_t top = (1u << format.bits) - 1;
  std::vector<uint32_t> still(size_t{size.y} * size.x);
  for (uint32_t& v : still) v = top / 4 + random.in(0, top / 2);
  uint32_t frame = 0;
  std::vector<uint8_t> area;
  picture.each([&](uint32_t, uint32_t t, uint32_t y, uint32_t x, uint8_t* at) {
    if (x == 0 && y == 0 && t != frame) {
      frame = t;
      area.assign(size_t{size.y / 8 + 1} * (size.x / 8 + 1), 0);
      for (uint8_t& a : area) a = random.in(0, 3) == 0;
    }
    uint32_t& v = still[size_t{y} * size.x + x];
    switch (scene) {
      case Scene::kCorrected:
        if (!area.empty() && area[size_t{y / 8} * (size.x / 8 + 1) + x / 8]) v = (v + random.in(0, 6) - 3) & top;
        picture.store(at, v);
        break;
      case Scene::kNoise: picture.store(at, random.in(0, top)); break;
      case Scene::kMoving: picture.store(at, still[size_t{y} * size.x + (x + t) % size.x] / 4); break;
      case Scene::kStill: picture.store(at, v); break;
    }
  });
  return picture;
}

std::vector<uint8_t> encode(const fixture::Picture& picture, uint8_t structure, uint8_t effort = 5,
                            int32_t max_error = 0) {
  stf_encode_options options;
  stf_encode_options_init(&options);
  CHECK_EQ(int{options.structure}, STF_STRUCTURE_AUTO);
  options.structure = structure;
  options.effort = effort;
  options.max_error = max_error;
  return fixture::encode(picture.video, &options);
}

int structure_of(const std::vector<uint8_t>& coded) {
  stf_fragment_info info;
  stf_error error{};
  CHECK_STATUS(stf_fragment_info_read(nullptr, coded.data(), coded.size(), &info, &error), STF_OK);
  return info.structure;
}

}  // namespace

TEST("references come before what refers to them, by level and in the order of decoding") {
  for (uint8_t kind = 0; kind <= STF_STRUCTURE_OUTWARD; ++kind) {
    for (uint32_t t = 1; t <= 80; ++t) {
      const Structure s(kind, t);
      std::vector<uint32_t> place(t, t), stored = s.stored();
      for (uint32_t i = 0; i < t; ++i) place[s.decode_order()[i]] = i;
      std::sort(stored.begin(), stored.end());
      std::vector<int> references(s.levels(), -1);
      uint32_t most = 0;
      for (uint32_t i = 0; i < t; ++i) {
        const stf::FrameRefs& r = s.refs(i);
        CHECK(place[i] < t && stored[i] == i);
        CHECK(r.count == 0 || place[r.a] < place[i]);
        CHECK(r.count < 2 || place[r.b] < place[i]);
        CHECK(references[r.level] == -1 || references[r.level] == r.count);  // alike within a level
        references[r.level] = r.count;
        std::vector<uint8_t> wanted(t, 0);
        wanted[i] = 1;
        s.close(wanted);
        most = std::max(most, static_cast<uint32_t>(std::count(wanted.begin(), wanted.end(), 1)));
      }
      switch (kind) {
        case STF_STRUCTURE_DYADIC: CHECK(most <= 2 + ceil_log2(t)); break;
        case STF_STRUCTURE_CHAIN: CHECK_EQ(most, t); break;
        case STF_STRUCTURE_INTRA: CHECK_EQ(most, 1u); break;
        default: CHECK_EQ(most, t / 2 + 1);
      }
    }
  }
}

TEST("outward where a still picture is corrected a little in every frame, and smaller for it") {
  for (const stf_format& format : {kGray8, kGray10, kYuv420}) {
    const fixture::Picture picture = film(format, {32, 112, 128}, Scene::kCorrected);
    for (const uint8_t effort : {1, 5, 9}) {
      const auto chosen = encode(picture, STF_STRUCTURE_AUTO, effort);
      CHECK_EQ(structure_of(chosen), STF_STRUCTURE_OUTWARD);
      CHECK(chosen == encode(picture, STF_STRUCTURE_OUTWARD, effort));
      CHECK(chosen.size() * 100 <= encode(picture, STF_STRUCTURE_DYADIC, effort).size() * 97);
    }
    CHECK_EQ(structure_of(encode(picture, STF_STRUCTURE_AUTO, 5, 1)), STF_STRUCTURE_OUTWARD);  // of levels, too
    CHECK_EQ(structure_of(encode(picture, STF_STRUCTURE_DYADIC)), STF_STRUCTURE_DYADIC);
    CHECK_EQ(structure_of(encode(picture, STF_STRUCTURE_CHAIN)), STF_STRUCTURE_CHAIN);
    CHECK_EQ(structure_of(encode(picture, STF_STRUCTURE_INTRA)), STF_STRUCTURE_INTRA);
  }
}

TEST("dyadic elsewhere: what moves or stands still, few blocks, many frames") {
  for (const Scene scene : {Scene::kMoving, Scene::kStill})
    CHECK_EQ(structure_of(encode(film(kYuv420, {32, 112, 128}, scene), STF_STRUCTURE_AUTO)), STF_STRUCTURE_DYADIC);
  for (const stf_size size :
       {stf_size{65, 64, 64}, {32, 31, 200}, {32, 200, 31}, {2, 112, 128}, {1, 112, 128}, {32, 40, 40}})
    CHECK_EQ(structure_of(encode(film(kGray8, size, Scene::kCorrected), STF_STRUCTURE_AUTO, 1)), STF_STRUCTURE_DYADIC);
}

TEST("the choice is the same on every instruction set and in every arrangement of memory") {
  const fixture::Picture picture = film(kGray8, {16, 112, 128}, Scene::kCorrected);
  const auto expected = encode(picture, STF_STRUCTURE_AUTO);
  CHECK_EQ(structure_of(expected), STF_STRUCTURE_OUTWARD);
  for (const char* level : {"scalar", "sse4.1", "avx2", "neon"})
    if (stf_cpu_mask(level) == STF_OK) CHECK(encode(picture, STF_STRUCTURE_AUTO) == expected);
  CHECK_STATUS(stf_cpu_mask(nullptr), STF_OK);
  for (int arrangement = 1; arrangement <= 4; ++arrangement) {
    Random random;
    fixture::Picture other(kGray8, picture.video.size, random, arrangement);
    other.each(
        [&](uint32_t c, uint32_t t, uint32_t y, uint32_t x, uint8_t* at) { *at = *picture.address(c, t, y, x); });
    CHECK(encode(other, STF_STRUCTURE_AUTO) == expected);
  }
}

TEST("any frame alone from an outward fragment, at the cost of the frames between it and the middle") {
  const fixture::Picture picture = film(kYuv420, {17, 48, 64}, Scene::kCorrected);
  for (const uint8_t effort : {1, 5, 9}) {
    const auto coded = encode(picture, STF_STRUCTURE_OUTWARD, effort);
    for (uint32_t t = 0; t < 17; ++t) {
      Random random;
      fixture::Picture back(kYuv420, {17, 48, 64}, random, 0);
      back.clear();
      stf_fragment_request request{};
      request.frames = request.targets = &t;
      request.n_frames = 1;
      stf_work work{};
      stf_error error{};
      CHECK_STATUS(stf_fragment_decode(nullptr, coded.data(), coded.size(), &request, &back.video, &work, &error),
                   STF_OK);
      CHECK_EQ(work.frames, uint64_t{t < 8 ? 9 - t : t - 7});
      bool same = true;
      picture.each([&](uint32_t c, uint32_t at, uint32_t y, uint32_t x, uint8_t* sample) {
        same &= *back.address(c, at, y, x) == (at == t ? *sample : fixture::kGap);
      });
      CHECK(same);
    }
  }
}

CHECK_MAIN()
