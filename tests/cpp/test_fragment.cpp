// Fragments as whole units through the public interface: round trips over formats, sizes and strides; partial decoding.

#include <algorithm>
#include <cstdint>
#include <vector>

#include "check.hpp"
#include "fragment_fixture.hpp"

using namespace fixture;

TEST("round trip of every dtype, layout and odd size") {
  check::Random random;
  int encoded = 0;
  for (const stf_format& format : all_formats())
    for (const stf_size& size : {stf_size{1, 1, 1}, stf_size{3, 1, 5}, stf_size{2, 7, 1}, stf_size{5, 9, 13}}) {
      Picture picture(format, size, random, encoded++ % 5);
      const std::vector<uint8_t> coded = encode(picture.video);
      Picture decoded(format, size, random, encoded % 5);
      stf_work work{};
      stf_error error{};
      const stf_status status = stf_fragment_decode(nullptr, coded.data(), coded.size(), nullptr, &decoded.video, &work,
                                                    &error);
      CHECK_STATUS(status, STF_OK);
      CHECK(picture.same_samples(decoded));
      CHECK(decoded.gaps_untouched());
      CHECK_EQ(work.fragments, 1u);
      CHECK_EQ(work.frames, size.t);
      CHECK_EQ(work.bytes, coded.size());
      CHECK_EQ(work.samples_out, picture.samples());
      if (check::failures) {
        std::fprintf(stderr, "dtype %u bits %u components %u sub %u,%u layout %u size %u,%u,%u: %s\n", format.dtype,
                     format.bits, format.components, format.sub_x, format.sub_y, format.layout, size.t, size.y, size.x,
                     error.message);
        return;
      }
    }
}

namespace {

// Decode what `request` asks for and compare with the picture, sample by sample.
void check_partial(const Picture& picture, const std::vector<uint8_t>& coded, stf_fragment_request request,
                   check::Random& random, int arrangement, stf_work* work) {
  const stf_format& format = picture.video.format;
  const stf_size size = picture.video.size;
  const bool whole = (request.y0 | request.y1 | request.x0 | request.x1) == 0;
  const uint32_t y0 = request.y0, y1 = whole ? size.y : request.y1, x0 = request.x0, x1 = whole ? size.x : request.x1;
  const uint32_t n = request.frames ? request.n_frames : size.t;
  uint32_t t_end = n;
  for (uint32_t i = 0; request.targets && i < n; ++i) t_end = std::max(t_end, request.targets[i] + 1);
  // A plane's box may be larger than that of a picture of its size (from 1 to 3 at a subsampling of 2: two columns), so
  // the destination is one for the box from the last chroma border on.
  const uint32_t step_y = 1u << format.sub_y, step_x = 1u << format.sub_x;
  Picture out(format, {t_end, y1 - y0 / step_y * step_y, x1 - x0 / step_x * step_x}, random, arrangement);
  out.clear();
  stf_error error{};
  CHECK_STATUS(stf_fragment_decode(nullptr, coded.data(), coded.size(), &request, &out.video, work, &error), STF_OK);

  uint64_t wrong = 0;
  const size_t item = stf_itemsize(format.dtype);
  for (uint32_t c = 0; c < format.components; ++c) {
    const bool chroma = format.components >= 3 && (c == 1 || c == 2);
    const unsigned sy = chroma ? format.sub_y : 0, sx = chroma ? format.sub_x : 0;
    const uint32_t top = y0 >> sy, left = x0 >> sx;
    const uint32_t bottom = (y1 + (1u << sy) - 1) >> sy, right = (x1 + (1u << sx) - 1) >> sx;
    const bool asked = request.components == 0 || (request.components >> c & 1);
    for (uint32_t i = 0; asked && i < n; ++i)
      for (uint32_t y = top; y < bottom; ++y)
        for (uint32_t x = left; x < right; ++x)
          wrong += std::memcmp(picture.address(c, request.frames ? request.frames[i] : i, y, x),
                               out.address(c, request.targets ? request.targets[i] : i, y - top, x - left), item) != 0;
    if (!asked) {
      const Picture untouched = [&] {
        Picture p(format, out.video.size, random, arrangement);
        p.clear();
        return p;
      }();
      wrong += std::memcmp(untouched.address(c, 0, 0, 0), out.address(c, 0, 0, 0), item) != 0;
    }
  }
  CHECK_EQ(wrong, 0u);
  CHECK(out.gaps_untouched());
}

}  // namespace

TEST("partial decoding equals the crop of the whole") {
  check::Random random;
  int profiles[2] = {};
  for (const stf_format& format : all_formats()) {
    const stf_size size{random.in(1, 9), random.in(1, 20), random.in(1, 40)};
    Picture picture(format, size, random, static_cast<int>(random.in(0, 4)));
    const std::vector<uint8_t> coded = encode(picture.video);
    stf_fragment_info info{};
    CHECK_STATUS(stf_fragment_info_read(nullptr, coded.data(), coded.size(), &info, nullptr), STF_OK);
    ++profiles[info.profile];
    for (int round = 0; round < 12; ++round) {
      stf_fragment_request request{};
      std::vector<uint32_t> frames, targets;
      if (round % 3 != 0) {
        for (uint32_t t = 0; t < size.t; ++t)
          if (random.in(0, 1)) frames.push_back(t);
        if (frames.empty()) frames.push_back(random.in(0, size.t - 1));
        request.frames = frames.data();
        request.n_frames = static_cast<uint32_t>(frames.size());
      }
      if (round % 3 == 2) {  // each frame somewhere else, in any order
        for (uint32_t i = 0; i < request.n_frames; ++i) targets.push_back(2 * (request.n_frames - 1 - i));
        request.targets = targets.data();
      }
      if (round % 2 != 0) {
        request.y0 = random.in(0, size.y - 1), request.y1 = random.in(request.y0 + 1, size.y);
        request.x0 = random.in(0, size.x - 1), request.x1 = random.in(request.x0 + 1, size.x);
      }
      if (round % 4 == 3) request.components = random.in(1, (1u << format.components) - 1);
      stf_work work{};
      check_partial(picture, coded, request, random, static_cast<int>(random.in(0, 4)), &work);
      const uint32_t wanted = request.frames ? request.n_frames : size.t;
      CHECK(work.frames >= wanted && work.frames <= size.t);
      if (check::failures) return;
    }
  }
  CHECK(profiles[0] > 10 && profiles[1] > 10);  // both were under test
}

TEST("single frames cost at most 2 + ceil(log2 T) frames") {
  check::Random random;
  const stf_format format{STF_UINT8, 8, 1, 0, 0, STF_LAYOUT_GRAY, {0, 0}};
  for (uint32_t t_end : {1u, 2u, 3u, 9u, 32u, 33u}) {
    Picture picture(format, {t_end, 24, 24}, random, 0);
    picture.each(
        [&](uint32_t, uint32_t t, uint32_t y, uint32_t x, uint8_t* at) { *at = static_cast<uint8_t>(t + y + x); });
    const std::vector<uint8_t> coded = encode(picture.video);
    uint32_t log2 = 0;
    while ((1u << log2) < t_end) ++log2;
    for (uint32_t t = 0; t < t_end; ++t) {
      stf_fragment_request request{};
      request.frames = &t;
      request.n_frames = 1;
      stf_work work{};
      check_partial(picture, coded, request, random, 0, &work);
      CHECK(work.frames <= 2 + log2);
    }
  }
}

TEST("samples outside of their bits are refused, naming value and place") {
  check::Random random;
  struct Case {
    stf_format format;
    int32_t value;
    const char* shown;
  };
  const Case cases[] = {
      {{STF_UINT8, 7, 1, 0, 0, STF_LAYOUT_GRAY, {0, 0}}, 128, "sample 128 at t=1, y=2, x=3 of component 0"},
      {{STF_INT8, 4, 1, 0, 0, STF_LAYOUT_GRAY, {0, 0}}, -9, "sample -9 at t=1, y=2, x=3 of component 0"},
      {{STF_INT8, 4, 1, 0, 0, STF_LAYOUT_GRAY, {0, 0}}, 8, "sample 8 at t=1"},
      {{STF_UINT16, 10, 3, 0, 0, STF_LAYOUT_PLANES, {0, 0}}, 1024, "sample 1024 at t=1, y=2, x=3 of component 0"},
      {{STF_UINT16, 8, 1, 0, 0, STF_LAYOUT_GRAY, {0, 0}}, 256, "does not fit in 8 bits"},
      {{STF_INT16, 12, 1, 0, 0, STF_LAYOUT_GRAY, {0, 0}}, 2048, "two's complement"},
      {{STF_BOOL, 1, 1, 0, 0, STF_LAYOUT_GRAY, {0, 0}}, 2, "a bool sample is 0 or 1"},
      {{STF_BOOL, 1, 1, 0, 0, STF_LAYOUT_GRAY, {0, 0}}, 255, "is 255"},
  };
  for (const Case& bad : cases)
    for (int arrangement = 0; arrangement < 5; ++arrangement) {
      Picture picture(bad.format, {3, 5, 37}, random, arrangement);
      std::memcpy(picture.address(0, 1, 2, 3), &bad.value, stf_itemsize(bad.format.dtype));
      size_t written = 1;
      std::vector<uint8_t> out(10000);
      stf_error error{};
      CHECK_STATUS(stf_fragment_encode(nullptr, nullptr, &picture.video, out.data(), out.size(), &written, &error),
                   STF_E_ARGUMENT);
      CHECK_EQ(written, 0u);
      CHECK(std::strstr(error.message, bad.shown) != nullptr);
    }
}

TEST("options and sizes that cannot be are refused") {
  check::Random random;
  const stf_format format{STF_UINT8, 8, 1, 0, 0, STF_LAYOUT_GRAY, {0, 0}};
  Picture picture(format, {2, 8, 8}, random, 0);
  std::vector<uint8_t> out(1000);
  size_t written = 0;
  stf_error error{};
  const auto with = [&](auto change) {
    stf_encode_options options;
    stf_encode_options_init(&options);
    change(options);
    return stf_fragment_encode(nullptr, &options, &picture.video, out.data(), out.size(), &written, &error);
  };
  CHECK_STATUS(with([](auto&) {}), STF_OK);
  CHECK_STATUS(with([](auto& o) { o.effort = 0; }), STF_E_ARGUMENT);
  CHECK_STATUS(with([](auto& o) { o.effort = 10; }), STF_E_ARGUMENT);
  CHECK_STATUS(with([](auto& o) { o.structure = 4; }), STF_E_ARGUMENT);
  CHECK_STATUS(with([](auto& o) { o.structure = 254; }), STF_E_ARGUMENT);
  CHECK_STATUS(with([](auto& o) { o.lanes = 33; }), STF_E_ARGUMENT);
  CHECK_STATUS(with([](auto& o) { o.max_error = -2; }), STF_E_ARGUMENT);
  CHECK_STATUS(with([](auto& o) { o.max_error = 32768; }), STF_E_ARGUMENT);
  CHECK_STATUS(with([](auto& o) { o.codec = STF_CODEC_H264; }), STF_E_CODEC);
  CHECK_STATUS(with([](auto& o) { o.codec = STF_CODEC_MISSING; }), STF_E_UNSUPPORTED);
  CHECK_STATUS(with([](auto& o) { o.max_error = STF_NO_MAX_ERROR; }), STF_OK);

  stf_video video = picture.video;
  video.size.t = 0;
  CHECK_STATUS(stf_fragment_encode(nullptr, nullptr, &video, out.data(), out.size(), &written, &error), STF_E_ARGUMENT);
  video.size = {1025, 1, 1};
  CHECK_STATUS(stf_fragment_encode(nullptr, nullptr, &video, out.data(), out.size(), &written, &error), STF_E_LIMIT);
  video.size = {2, 16384, 16384};
  CHECK_STATUS(stf_fragment_encode(nullptr, nullptr, &video, out.data(), out.size(), &written, &error), STF_E_LIMIT);
  video = picture.video;
  video.planes[0].data = nullptr;
  CHECK_STATUS(stf_fragment_encode(nullptr, nullptr, &video, out.data(), out.size(), &written, &error), STF_E_ARGUMENT);
  CHECK_STATUS(stf_fragment_encode(nullptr, nullptr, &picture.video, out.data(), 20, &written, &error), STF_E_CAPACITY);
  size_t bound = 0;
  CHECK_STATUS(stf_fragment_bound(&format, {1, 1, 16385}, &bound, &error), STF_E_LIMIT);
  CHECK_STATUS(stf_fragment_bound(&format, {1, 0, 1}, &bound, &error), STF_E_ARGUMENT);
}

TEST("requests that cannot be are refused") {
  check::Random random;
  const stf_format format{STF_UINT8, 8, 3, 1, 1, STF_LAYOUT_PLANES, {0, 0}};
  Picture picture(format, {4, 8, 8}, random, 0);
  const std::vector<uint8_t> coded = encode(picture.video);
  const auto with = [&](auto change) {
    stf_fragment_request request{};
    stf_video destination = picture.video;
    change(request, destination);
    return stf_fragment_decode(nullptr, coded.data(), coded.size(), &request, &destination, nullptr, nullptr);
  };
  static const uint32_t twice[] = {1, 1}, backwards[] = {2, 1}, beyond[] = {4}, none[] = {0};
  CHECK_STATUS(with([](auto&, auto&) {}), STF_OK);
  CHECK_STATUS(with([](auto& r, auto&) { r.frames = twice, r.n_frames = 2; }), STF_E_ARGUMENT);
  CHECK_STATUS(with([](auto& r, auto&) { r.frames = backwards, r.n_frames = 2; }), STF_E_ARGUMENT);
  CHECK_STATUS(with([](auto& r, auto&) { r.frames = beyond, r.n_frames = 1; }), STF_E_ARGUMENT);
  CHECK_STATUS(with([](auto& r, auto&) { r.frames = none, r.n_frames = 0; }), STF_OK);
  CHECK_STATUS(with([](auto& r, auto&) { r.y0 = 3, r.y1 = 3, r.x1 = 8; }), STF_E_ARGUMENT);
  CHECK_STATUS(with([](auto& r, auto&) { r.y1 = 9, r.x1 = 8; }), STF_E_ARGUMENT);
  CHECK_STATUS(with([](auto& r, auto&) { r.components = 8; }), STF_E_ARGUMENT);
  CHECK_STATUS(with([](auto&, auto& d) { d.planes[1].data = nullptr; }), STF_E_ARGUMENT);
  CHECK_STATUS(with([](auto& r, auto& d) { r.components = 1, d.planes[1].data = d.planes[2].data = nullptr; }), STF_OK);
}

TEST("no coded form is longer than its bound") {
  check::Random random;
  for (const stf_format& format : all_formats()) {
    const stf_size size{random.in(1, 3), random.in(1, 9), random.in(1, 50)};
    Picture picture(format, size, random, 0);
    const uint32_t top = (1u << format.bits) - 1;
    picture.each([&](uint32_t, uint32_t, uint32_t, uint32_t, uint8_t* at) { picture.store(at, random.in(0, top)); });
    size_t bound = 0;
    CHECK_STATUS(stf_fragment_bound(&format, size, &bound, nullptr), STF_OK);
    CHECK(encode(picture.video).size() <= bound);
    CHECK(bound <= picture.samples() * stf_itemsize(format.dtype) + 64);
  }
}

CHECK_MAIN()
