// The lossy profile through the fragment API: what the encoder says is what a decoder gives, whole and in part, from
// every instruction set; quality follows the quantizer; what it does not take is refused.

#include <new>
#include <numeric>

#include "common/env.hpp"
#include "common/structure.hpp"
#include "fragment/header.hpp"
#include "lossy_fixture.hpp"
#include "memory_fixture.hpp"

using namespace fixture;

namespace {

std::vector<stf_format> lossy_formats() {
  return {lossy_gray(STF_UINT8, 8),      lossy_gray(STF_UINT8, 2),       lossy_gray(STF_INT8, 8),
          lossy_gray(STF_INT8, 5),       lossy_gray(STF_UINT16, 10),     lossy_gray(STF_UINT16, 11),
          lossy_gray(STF_UINT16, 7),     lossy_gray(STF_INT16, 12),      lossy_planes(8, 3, 1, 1),
          lossy_planes(8, 3, 1, 0),      lossy_planes(8, 3, 0, 1),       lossy_planes(8, 3, 0, 0),
          lossy_planes(8, 2, 0, 0),      lossy_planes(8, 4, 1, 1),       lossy_planes(10, 3, 1, 0),
          lossy_planes(10, 3, 1, 1),     lossy_planes(12, 4, 0, 1),      lossy_planes(9, 3, 1, 1),
          lossy_pixels(STF_UINT8, 8, 3), lossy_pixels(STF_UINT8, 8, 4),  lossy_pixels(STF_UINT16, 12, 3),
          lossy_pixels(STF_INT8, 8, 3),  lossy_pixels(STF_INT16, 10, 4), lossy_pixels(STF_UINT8, 8, 2)};
}

// Encode and decode all; the header and the sums of errors are true.
void check_round_trip(const stf_format& format, const stf_size& size, const stf_encode_options& options,
                      check::Random& random) {
  const int before = check::failures;
  Picture picture(format, size, random, static_cast<int>(random.in(0, 4)));
  if (random.in(0, 3) != 0) fill_motion(picture, random);
  stf_error error{};
  stf::EncodedFragment coded;
  CHECK_STATUS(stf::encode_fragment(stf::resolve(nullptr), options, picture.video, coded, &error), STF_OK);
  const std::vector<uint8_t> bytes(coded.bytes.begin(), coded.bytes.end());
  const stf_fragment_info info = info_of(bytes);
  CHECK(info.profile == stf::kProfileLossy || info.profile == stf::kProfileRaw);
  Picture back(format, size, random, static_cast<int>(random.in(0, 4)));
  back.clear();
  stf_work work{};
  CHECK_STATUS(stf_fragment_decode(nullptr, bytes.data(), bytes.size(), nullptr, &back.video, &work, &error), STF_OK);
  const Errors errors = errors_of(picture, back);
  CHECK_EQ(errors.largest, info.max_error_achieved);
  for (uint32_t c = 0; c < format.components; ++c) CHECK_EQ(errors.sse[c], coded.sse[c]);
  CHECK_EQ(work.frames, size.t);
  CHECK_EQ(work.samples, picture.samples());
  CHECK_EQ(work.samples_out, picture.samples());
  if (info.profile == stf::kProfileLossy) {
    CHECK_EQ(info.max_error, stf::kNoMaxError);
    const int structure = options.structure == STF_STRUCTURE_AUTO ? int{STF_STRUCTURE_DYADIC} : options.structure;
    CHECK_EQ(info.structure, structure);
    CHECK_EQ(info.lanes, 1);
    CHECK_EQ(info.codec, STF_CODEC_STF);
  } else {
    CHECK_EQ(info.max_error, 0u);
    CHECK_EQ(errors.largest, 0u);
  }
  CHECK(back.gaps_untouched());
  if (check::failures != before)
    std::fprintf(stderr, "  %s: %s\n", describe(format, size, options).c_str(), error.message);
}

}  // namespace

TEST("lossy: round trips of every format at small and odd sizes") {
  check::Random random;
  for (const stf_format& format : lossy_formats())
    for (const stf_size& size : {stf_size{1, 1, 1}, stf_size{1, 7, 9}, stf_size{3, 8, 8}, stf_size{2, 1, 40},
                                 stf_size{4, 33, 2}, stf_size{3, 24, 17}}) {
      static constexpr uint8_t kEfforts[] = {1, 5, 9};
      check_round_trip(format, size, lossy_options(random.in(0, 255), kEfforts[random.in(0, 2)], random.in(0, 3)),
                       random);
    }
}

TEST("lossy: round trips of larger pictures, every effort and structure") {
  check::Random random;
  unsigned round = 0;
  for (const stf_format& format : {lossy_planes(8, 3, 1, 1), lossy_pixels(STF_UINT8, 8, 3), lossy_planes(10, 3, 1, 0),
                                   lossy_gray(STF_INT16, 12), lossy_planes(8, 4, 0, 1)})
    for (const uint8_t effort : {1, 2, 3, 4, 5, 6, 7, 8, 9}) {
      const unsigned quantizer = round % 5 == 4 ? random.in(0, 255) : 40 * (round % 5);
      check_round_trip(format, round % 2 ? stf_size{5, 65, 67} : stf_size{2, 72, 130},
                       lossy_options(quantizer, effort, round % 4), random);
      ++round;
    }
  check_round_trip(lossy_planes(8, 3, 1, 1), {9, 64, 130}, lossy_options(100), random);
  check_round_trip(lossy_planes(8, 3, 1, 1), {6, 33, 40}, lossy_options(100, 5, STF_STRUCTURE_AUTO), random);
  check_round_trip(lossy_gray(STF_UINT8, 8), {33, 16, 24}, lossy_options(110, 1), random);
  check_round_trip(lossy_gray(STF_UINT8, 8), {33, 16, 24}, lossy_options(110, 1, STF_STRUCTURE_CHAIN), random);
  check_round_trip(lossy_gray(STF_UINT8, 8), {1, 1, 4000}, lossy_options(60, 1), random);
  check_round_trip(lossy_gray(STF_UINT8, 8), {2, 4000, 1}, lossy_options(60, 1), random);
  check_round_trip(lossy_gray(STF_UINT8, 8), {1024, 3, 2}, lossy_options(30, 1), random);
}

TEST("lossy: every quantizer") {
  check::Random random;
  for (unsigned quantizer = 0; quantizer < 256; ++quantizer)
    check_round_trip(quantizer % 2 ? lossy_planes(8, 3, 1, 1) : lossy_gray(STF_UINT16, 12), {2, 19, 22},
                     lossy_options(quantizer, 3), random);
}

TEST("lossy: a finer quantizer takes more bytes and gives better samples") {
  check::Random random;
  for (const stf_format& format :
       {lossy_gray(STF_UINT8, 8), lossy_planes(10, 3, 1, 1), lossy_pixels(STF_UINT8, 8, 3)}) {
    Picture picture(format, {5, 64, 96}, random, 0), back(format, {5, 64, 96}, random, 0);
    fill_motion(picture, random);
    double better = 101;
    size_t more = ~size_t{0};
    for (const unsigned quantizer : {20u, 60u, 90u, 120u, 150u, 190u}) {
      const stf_encode_options options = lossy_options(quantizer);
      const std::vector<uint8_t> coded = encode(picture.video, &options);
      CHECK_STATUS(stf_fragment_decode(nullptr, coded.data(), coded.size(), nullptr, &back.video, nullptr, nullptr),
                   STF_OK);
      const double psnr = psnr_of(picture, back);
      if (psnr >= better || coded.size() >= more)
        check::failed(__FILE__, __LINE__,
                      "PSNR " + std::to_string(psnr) + " in " + std::to_string(coded.size()) + " bytes, " +
                          describe(format, picture.video.size, options));
      better = psnr;
      more = coded.size();
      if (quantizer == 90) CHECK(psnr > 37);
    }
  }
}

TEST("lossy: quantizer 0 is nearly exact at 8 bits") {
  check::Random random;
  for (const stf_format& format : {lossy_gray(STF_UINT8, 8), lossy_planes(8, 3, 1, 1), lossy_gray(STF_INT8, 8)}) {
    Picture picture(format, {3, 40, 56}, random, 0);
    fill_motion(picture, random);
    const stf_encode_options options = lossy_options(0, 5, STF_STRUCTURE_INTRA);
    const stf_fragment_info info = info_of(encode(picture.video, &options));
    CHECK_EQ(info.profile, stf::kProfileLossy);
    CHECK(info.max_error_achieved <= 2);
  }
}

TEST("lossy: what is constant stays constant") {
  check::Random random;
  for (const stf_format& format : {lossy_gray(STF_UINT8, 8), lossy_planes(8, 3, 1, 1), lossy_gray(STF_UINT16, 12)})
    for (const unsigned quantizer : {0u, 60u, 104u, 160u})
      for (const uint32_t of_256 : {0u, 77u, 128u, 255u}) {
        Picture picture(format, {4, 70, 90}, random, 0), back(format, {4, 70, 90}, random, 0);
        const uint32_t top = (1u << format.bits) - 1, value = of_256 * top / 255;
        picture.each([&](uint32_t, uint32_t, uint32_t, uint32_t, uint8_t* at) { picture.store(at, value); });
        const stf_encode_options options = lossy_options(quantizer);
        const std::vector<uint8_t> coded = encode(picture.video, &options);
        CHECK(coded.size() < 160);
        CHECK_STATUS(stf_fragment_decode(nullptr, coded.data(), coded.size(), nullptr, &back.video, nullptr, nullptr),
                     STF_OK);
        int32_t least = 1 << 30, most = -1;
        back.each([&](uint32_t c, uint32_t, uint32_t, uint32_t, uint8_t* at) {
          if (c != 0) return;
          least = std::min(least, sample_at(back, at));
          most = std::max(most, sample_at(back, at));
        });
        // A mean is coded with the precision of the quantizer at the most.
        if (most - least > (quantizer > 104 ? 1 << (format.bits - 8) : 0))
          check::failed(__FILE__, __LINE__,
                        std::to_string(least) + " .. " + std::to_string(most) + " of " + std::to_string(value) + ", " +
                            describe(format, picture.video.size, options));
      }
}

TEST("lossy: noise that would not get smaller is stored as it is") {
  check::Random random;
  const stf_format format = lossy_planes(8, 3, 1, 1);
  Picture picture(format, {3, 33, 35}, random, 0), back(format, {3, 33, 35}, random, 0);
  picture.each([&](uint32_t, uint32_t, uint32_t, uint32_t, uint8_t* at) { picture.store(at, random.in(0, 255)); });
  const stf_encode_options options = lossy_options(0);
  const std::vector<uint8_t> coded = encode(picture.video, &options);
  const stf_fragment_info info = info_of(coded);
  CHECK_EQ(info.profile, stf::kProfileRaw);
  CHECK_EQ(info.max_error, 0u);
  CHECK_STATUS(stf_fragment_decode(nullptr, coded.data(), coded.size(), nullptr, &back.video, nullptr, nullptr),
               STF_OK);
  CHECK(back.same_samples(picture));
}

TEST("lossy: frames, components and boxes equal the whole and touch what they need") {
  check::Random random;
  for (const stf_format& format : {lossy_planes(8, 3, 1, 1), lossy_planes(10, 4, 1, 0), lossy_pixels(STF_UINT8, 8, 4),
                                   lossy_gray(STF_INT8, 8), lossy_planes(8, 2, 0, 0)})
    for (const uint8_t structure :
         {STF_STRUCTURE_DYADIC, STF_STRUCTURE_CHAIN, STF_STRUCTURE_INTRA, STF_STRUCTURE_OUTWARD}) {
      const stf_size size{7, 35, 43};
      Picture picture(format, size, random, 0), whole(format, size, random, 0), part(format, size, random, 0);
      fill_motion(picture, random);
      const stf_encode_options options = lossy_options(110, 3, structure);
      const std::vector<uint8_t> coded = encode(picture.video, &options);
      CHECK_EQ(info_of(coded).profile, stf::kProfileLossy);
      CHECK_STATUS(stf_fragment_decode(nullptr, coded.data(), coded.size(), nullptr, &whole.video, nullptr, nullptr),
                   STF_OK);
      const stf::Structure frames(structure, size.t);
      const bool rgb = format.layout == STF_LAYOUT_INTERLEAVED && format.components >= 3;
      for (uint32_t t = 0; t < size.t; ++t)
        for (uint32_t components = 1; components < 1u << format.components; ++components) {
          part.clear();
          stf_fragment_request request{};
          request.frames = request.targets = &t;
          request.n_frames = 1;
          request.components = components;
          stf_work work{};
          CHECK_STATUS(stf_fragment_decode(nullptr, coded.data(), coded.size(), &request, &part.video, &work, nullptr),
                       STF_OK);
          bool same = true;
          part.each([&](uint32_t c, uint32_t at, uint32_t y, uint32_t x, uint8_t* sample) {
            const size_t item = stf_itemsize(format.dtype);
            if (at == t && components >> c & 1) {
              same &= std::memcmp(sample, whole.address(c, at, y, x), item) == 0;
            } else {  // others stay as they were
              for (size_t i = 0; i < item; ++i) same &= sample[i] == kGap;
            }
          });
          CHECK(same);
          std::vector<uint8_t> needed(size.t, 0);
          needed[t] = 1;
          frames.close(needed);
          const auto n = static_cast<uint64_t>(std::accumulate(needed.begin(), needed.end(), 0));
          CHECK_EQ(work.frames, n);
          // The first component alone reads none of the others.
          uint64_t samples = 0;
          for (uint32_t c = 0; c < (components == 1 && !rgb ? 1u : format.components); ++c) {
            uint32_t rows, columns;
            stf_plane_extent(&format, c, size.y, size.x, &rows, &columns);
            samples += uint64_t{rows} * columns * n;
          }
          CHECK_EQ(work.samples, samples);
        }
      // A box of some frames, into adjacent frames.
      const uint32_t some[] = {1, 4, 5}, to[] = {0, 1, 2};
      stf_fragment_request request{};
      request.frames = some;
      request.targets = to;
      request.n_frames = 3;
      request.y0 = 10, request.y1 = 31, request.x0 = 16, request.x1 = 43;
      Picture box(format, {3, request.y1 - request.y0, request.x1 - request.x0}, random, 0);
      CHECK_STATUS(stf_fragment_decode(nullptr, coded.data(), coded.size(), &request, &box.video, nullptr, nullptr),
                   STF_OK);
      bool same = true;
      box.each([&](uint32_t c, uint32_t at, uint32_t y, uint32_t x, uint8_t* sample) {
        const bool chroma = c == 1 || c == 2;
        const uint32_t from_y = request.y0 >> (chroma ? format.sub_y : 0),
                       from_x = request.x0 >> (chroma ? format.sub_x : 0);
        same &= std::memcmp(sample, whole.address(c, some[at], y + from_y, x + from_x), stf_itemsize(format.dtype)) ==
                0;
      });
      CHECK(same);
    }
}

TEST("lossy: gray does not even look at chroma") {
  check::Random random;
  const stf_format format = lossy_planes(8, 3, 1, 1);
  const stf_size size{1, 40, 48};
  Picture picture(format, size, random, 0), whole(format, size, random, 0), gray(format, size, random, 0);
  fill_motion(picture, random);
  const stf_encode_options options = lossy_options(60, 3);
  std::vector<uint8_t> coded = encode(picture.video, &options);
  CHECK_STATUS(stf_fragment_decode(nullptr, coded.data(), coded.size(), nullptr, &whole.video, nullptr, nullptr),
               STF_OK);
  coded.back() ^= 0x55;  // the chroma of the only frame is what comes last
  stf_fragment_request request{};
  request.flags = STF_SKIP_CODED_CRC | STF_SKIP_SAMPLES_CRC;
  request.components = 1;
  CHECK_STATUS(stf_fragment_decode(nullptr, coded.data(), coded.size(), &request, &gray.video, nullptr, nullptr),
               STF_OK);
  bool same = true;
  gray.each([&](uint32_t c, uint32_t t, uint32_t y, uint32_t x, uint8_t* at) {
    if (c == 0) same &= *at == *whole.address(c, t, y, x);
  });
  CHECK(same);
}

TEST("lossy: the same bytes and samples from every instruction set and any memory") {
  check::Random random;
  for (const stf_format& format : {lossy_gray(STF_UINT8, 8), lossy_planes(8, 3, 1, 1), lossy_planes(10, 3, 1, 0),
                                   lossy_planes(12, 3, 0, 1), lossy_pixels(STF_UINT8, 8, 3), lossy_gray(STF_INT16, 12)})
    for (const uint8_t effort : {1, 3, 5, 6, 7, 9}) {
      const stf_size size{random.in(1, 5), random.in(1, 70), random.in(1, 90)};
      Picture picture(format, size, random, 0), expected(format, size, random, 0), back(format, size, random, 0);
      fill_motion(picture, random);
      const stf_encode_options options = lossy_options(random.in(0, 180), effort, random.in(0, 3));
      CHECK_STATUS(stf_cpu_mask("scalar"), STF_OK);
      const std::vector<uint8_t> coded = encode_in(picture.video, options, 0);
      CHECK_STATUS(stf_fragment_decode(nullptr, coded.data(), coded.size(), nullptr, &expected.video, nullptr, nullptr),
                   STF_OK);
      for (const char* level : {"scalar", "sse4.1", "avx2", "neon"}) {
        if (stf_cpu_mask(level) != STF_OK || std::string(stf_cpu_name()) != level) continue;
        if (encode_in(picture.video, options, 0x5B) != coded || encode_in(picture.video, options, 0xFF) != coded)
          check::failed(__FILE__, __LINE__,
                        std::string("other bytes: ") + level + ", " + describe(format, size, options));
        for (const uint8_t fill : {0x5B, 0xFF}) {
          Filled filled{fill};
          const stf_env env = filled.env();
          back.clear();
          CHECK_STATUS(stf_fragment_decode(&env, coded.data(), coded.size(), nullptr, &back.video, nullptr, nullptr),
                       STF_OK);
          if (!back.same_samples(expected))
            check::failed(__FILE__, __LINE__,
                          std::string("other samples: ") + level + ", " + describe(format, size, options));
        }
      }
      CHECK_STATUS(stf_cpu_mask(nullptr), STF_OK);
    }
}

TEST("lossy: what it does not take is refused, and says why") {
  check::Random random;
  const struct {
    stf_format format;
    const char* message;
  } cases[] = {{lossy_gray(STF_UINT16, 13), "2 to 12 bits, not 13"},
               {lossy_gray(STF_UINT16, 16), "2 to 12 bits, not 16"},
               {lossy_gray(STF_INT16, 16), "max_error"},
               {lossy_gray(STF_BOOL, 1), "2 to 12 bits"},
               {lossy_gray(STF_UINT8, 1), "2 to 12 bits, not 1"},
               {lossy_planes(8, 3, 2, 2), "quartered"},
               {lossy_planes(8, 3, 2, 0), "quartered"},
               {lossy_planes(8, 4, 0, 2), "quartered"}};
  for (const auto& c : cases) {
    Picture picture(c.format, {2, 9, 9}, random, 0);
    const stf_encode_options options = lossy_options(100);
    std::vector<uint8_t> out(4096);
    size_t written = 1;
    stf_error error{};
    CHECK_STATUS(stf_fragment_encode(nullptr, &options, &picture.video, out.data(), out.size(), &written, &error),
                 STF_E_UNSUPPORTED);
    CHECK_EQ(written, 0u);
    if (std::strstr(error.message, c.message) == nullptr) check::failed(__FILE__, __LINE__, error.message);
  }
}

TEST("lossy: headers that contradict the profile are refused") {
  check::Random random;
  const stf_format format = lossy_planes(8, 3, 1, 1);
  Picture picture(format, {2, 16, 16}, random, 0);
  fill_motion(picture, random);
  const stf_encode_options options = lossy_options(100);
  const std::vector<uint8_t> good = encode(picture.video, &options);
  stf_fragment_info info = info_of(good);
  CHECK_EQ(info.profile, stf::kProfileLossy);
  const auto status_of = [&](auto&& change, stf_error* error) {
    stf_fragment_info changed = info;
    change(changed);
    stf::ByteWriter header(stf::default_allocator());
    const size_t payload = good.size() - static_cast<size_t>(info.header_bytes);
    stf::write_header(changed, payload, header);
    std::vector<uint8_t> bad(header.data(), header.data() + header.size());
    bad.insert(bad.end(), good.end() - static_cast<ptrdiff_t>(payload), good.end());
    stf::seal(bad.data(), bad.size());
    stf_fragment_request request{};
    request.flags = STF_SKIP_SAMPLES_CRC;
    Picture back(changed.format, changed.size, random, 0);
    return stf_fragment_decode(nullptr, bad.data(), bad.size(), &request, &back.video, nullptr, error);
  };
  stf_error error{};
  CHECK_STATUS(status_of([](stf_fragment_info&) {}, &error), STF_OK);
  CHECK_STATUS(status_of([](stf_fragment_info& i) { i.lanes = 2; }, &error), STF_E_CORRUPT_FRAGMENT);
  CHECK(std::strstr(error.message, "lossy profile") != nullptr);
  CHECK_STATUS(status_of(
                   [](stf_fragment_info& i) {
                     i.max_error = 300;
                     i.max_error_achieved = 0;
                   },
                   &error),
               STF_E_CORRUPT_FRAGMENT);
  CHECK_STATUS(status_of([](stf_fragment_info& i) { i.format.sub_x = 2; }, &error), STF_E_CORRUPT_FRAGMENT);
  CHECK_STATUS(status_of([](stf_fragment_info& i) { i.format = lossy_gray(STF_UINT16, 14); }, &error),
               STF_E_CORRUPT_FRAGMENT);
  CHECK_STATUS(status_of([](stf_fragment_info& i) { i.structure = 5; }, &error), STF_E_UNSUPPORTED);
  CHECK_STATUS(status_of([](stf_fragment_info& i) { i.tables = 1; }, &error), STF_E_UNSUPPORTED);
  // Another size or structure: the payload no longer fits.
  CHECK_STATUS(status_of([](stf_fragment_info& i) { i.size.t = 3; }, &error), STF_E_CORRUPT_FRAGMENT);
  CHECK_STATUS(status_of([](stf_fragment_info& i) { i.format = lossy_gray(STF_UINT8, 8); }, &error),
               STF_E_CORRUPT_FRAGMENT);
}

CHECK_MAIN()
