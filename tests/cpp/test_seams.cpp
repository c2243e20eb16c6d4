// The seam filter through the C API: refusals, exact-size buffers (for the sanitizers), and regions of lossy stores.

#include <cstring>

#include "store_fixture.hpp"

using namespace fixture;

namespace {

// A smooth surface with some noise, which is what shows borders.
void fill_smooth(Video& video) {
  check::Random random;
  const unsigned top = (1u << video.video.format.bits) - 1;
  for (uint32_t c = 0; c < video.video.format.components; ++c) {
    uint32_t rows, columns;
    stf_plane_extent(&video.video.format, c, video.video.size.y, video.video.size.x, &rows, &columns);
    for (uint32_t t = 0; t < video.video.size.t; ++t)
      for (uint32_t y = 0; y < rows; ++y)
        for (uint32_t x = 0; x < columns; ++x) {
          const uint32_t v = std::min(top,
                                      (top / 4 + (x * y + 40 * t) * top / 9000 + random.in(0, top / 16)) % (top + 1));
          uint8_t* const at = const_cast<uint8_t*>(video.at(c, t, y, x));
          at[0] = static_cast<uint8_t>(v);
          if (video.video.planes[c].stride_x == 2) at[1] = static_cast<uint8_t>(v >> 8);
        }
  }
}

Bytes lossy_store(const Video& video, uint32_t t, uint32_t y, uint32_t x) {
  stf_error error{};
  Bytes bytes;
  const stf_sink sink = sink_to(bytes);
  const auto desc = desc_of(video, t, y, x);
  stf_encode_options options;
  stf_encode_options_init(&options);
  options.effort = 1;
  options.max_error = STF_NO_MAX_ERROR;
  options.quantizer = 150;
  stf_writer* writer = nullptr;
  CHECK_OK(stf_writer_create(nullptr, &sink, &desc, &options, &writer, &error));
  write_all(writer, video, false);
  CHECK_OK(stf_writer_finish(writer, "{}", 2, &error));
  stf_writer_free(writer);
  return bytes;
}

stf_status read_seams(Opened& store, stf_request request, Video& out, stf_work* work) {
  request.seams = 1;
  return stf_reader_read(store.reader, &request, &out.video, work, &store.error);
}

}  // namespace

TEST("borders that are not inside of the plane are refused, and nothing is changed") {
  stf_error error{};
  Bytes memory(20 * 30, 7), before = memory;
  memory[4] = before[4] = 9;
  const stf_plane plane{memory.data(), 600, 30, 1};
  const stf_size size{1, 20, 30};
  const stf_seam good{15, 0, 20, 512, 512, 0, 8, 8, 0};
  const auto refused = [&](stf_seam bad, stf_size of) {
    const stf_seam both[] = {good, bad};
    CHECK_STATUS(stf_seam_filter(STF_UINT8, 8, &plane, of, both, 2, &error), STF_E_ARGUMENT);
    CHECK(memory == before);
  };
  auto with = [&](auto change) {
    stf_seam bad = good;
    change(bad);
    refused(bad, size);
  };
  with([](stf_seam& s) { s.at = 7; });
  with([](stf_seam& s) { s.at = 23; });
  with([](stf_seam& s) { s.at = UINT32_MAX; });
  with([](stf_seam& s) { s.end = 21; });
  with([](stf_seam& s) { s.begin = 20, s.end = 19; });
  with([](stf_seam& s) { s.before = 3; });
  with([](stf_seam& s) { s.after = 9; });
  with([](stf_seam& s) { s.between_rows = 2; });
  with([](stf_seam& s) { s.between_rows = 1; });  // row 15 of 20 has no 8 after it
  CHECK_STATUS(stf_seam_filter(STF_BOOL, 1, &plane, size, &good, 1, &error), STF_E_ARGUMENT);
  CHECK_STATUS(stf_seam_filter(STF_UINT8, 9, &plane, size, &good, 1, &error), STF_E_ARGUMENT);
  CHECK_STATUS(stf_seam_filter(STF_UINT16, 13, &plane, size, &good, 1, &error), STF_E_ARGUMENT);
  CHECK_STATUS(stf_seam_filter(STF_UINT8, 8, nullptr, size, &good, 1, &error), STF_E_ARGUMENT);
  CHECK_STATUS(stf_seam_filter(STF_UINT8, 8, &plane, size, nullptr, 1, &error), STF_E_ARGUMENT);
  CHECK_STATUS(stf_seam_filter(STF_UINT8, 8, &plane, size, nullptr, 0, &error), STF_OK);
  CHECK_STATUS(stf_seam_filter(STF_UINT8, 8, &plane, size, &good, 1, &error), STF_OK);
}

TEST("any noise and reach, at the edges of the plane") {
  stf_error error{};
  check::Random random;
  for (int round = 0; round < 300; ++round) {
    const uint32_t before = random.in(4, 8), after = random.in(4, 8), lines = random.in(1, 70);
    const uint32_t bits = random.in(1, 12), item = bits > 8 ? 2 : 1;
    const bool rows = random.in(0, 1) != 0;
    Bytes memory((before + after) * size_t{lines} * item);
    for (uint8_t& v : memory) v = static_cast<uint8_t>(random.next() >> 40);
    if (item == 2)
      for (size_t i = 1; i < memory.size(); i += 2) memory[i] &= static_cast<uint8_t>((1u << (bits - 8)) - 1);
    else
      for (uint8_t& v : memory) v &= static_cast<uint8_t>((1u << bits) - 1);
    const stf_size size = rows ? stf_size{1, before + after, lines} : stf_size{1, lines, before + after};
    const stf_plane plane{memory.data(), static_cast<ptrdiff_t>(memory.size()), static_cast<ptrdiff_t>(size.x * item),
                          static_cast<ptrdiff_t>(item)};
    const uint32_t noises[] = {0, 1, 256, 4096, UINT32_MAX};
    stf_seam seam{before,
                  0,
                  lines,
                  noises[random.in(0, 4)],
                  noises[random.in(0, 4)],
                  rows,
                  static_cast<uint8_t>(before),
                  static_cast<uint8_t>(after),
                  0};
    CHECK_STATUS(stf_seam_filter(item == 1 ? STF_UINT8 : STF_UINT16, bits, &plane, size, &seam, 1, &error), STF_OK);
    for (size_t i = 0; i < memory.size() / item; ++i)
      CHECK((memory[i * item] | (item == 2 ? memory[i * 2 + 1] << 8 : 0)) < 1 << bits);
  }
}

TEST("samples with a sign are filtered as those without") {
  stf_error error;
  Bytes plain(32 * 16), with_sign(plain.size());
  for (size_t i = 0; i < plain.size(); ++i) {
    plain[i] = static_cast<uint8_t>(i % 16 < 8 ? 126 : 130);
    with_sign[i] = static_cast<uint8_t>(plain[i] - 128);
  }
  const stf_size size{1, 32, 16};
  const stf_seam seam{8, 0, 32, 4 * 256, 4 * 256, 0, 8, 8, 0};
  const Bytes before = plain;
  const auto plane_of = [](Bytes& memory) { return stf_plane{memory.data(), 512, 16, 1}; };
  const stf_plane one = plane_of(plain), two = plane_of(with_sign);
  CHECK_STATUS(stf_seam_filter(STF_UINT8, 8, &one, size, &seam, 1, &error), STF_OK);
  CHECK_STATUS(stf_seam_filter(STF_INT8, 8, &two, size, &seam, 1, &error), STF_OK);
  CHECK(plain != before);
  for (size_t i = 0; i < plain.size(); ++i) CHECK(with_sign[i] == static_cast<uint8_t>(plain[i] - 128));
}

TEST("regions of a lossy store equal the crop of the whole, with any runner") {
  check::Random random;
  stf_pool* pool = nullptr;
  CHECK_STATUS(stf_pool_create(3, &pool), STF_OK);
  stf_env env;
  stf_env_init(&env);
  env.runner = stf_pool_runner(pool);
  for (const stf_format& format : {kGray8, kYuv420, kYuva422p10}) {
    Video video(format, {5, 75, 93});
    fill_smooth(video);
    const Bytes bytes = lossy_store(video, 3, 24, 38);
    Opened store(bytes), threaded(bytes, &env);
    stf_error& error = store.error;
    Video whole(format, video.video.size), plain(format, video.video.size);
    stf_request all{};
    all.n_frames = 5;
    all.y1 = 75;
    all.x1 = 93;
    CHECK_OK(stf_reader_read(store.reader, &all, &plain.video, nullptr, &error));
    CHECK_OK(read_seams(store, all, whole, nullptr));
    CHECK(whole.memory[0] != plain.memory[0]);
    for (int round = 0; round < 40; ++round) {
      const uint64_t frames[] = {random.in(0, 4), random.in(0, 4), random.in(0, 4)};
      stf_request part{};
      part.frames = frames;
      part.n_frames = 3;
      part.y0 = random.in(0, 74);
      part.y1 = random.in(part.y0 + 1, std::min(75u, part.y0 + 30));
      part.x0 = random.in(0, 92);
      part.x1 = random.in(part.x0 + 1, std::min(93u, part.x0 + 30));
      Video out(format, {3, part.y1 - part.y0 + 1, part.x1 - part.x0 + 1});  // room for odd chroma
      stf_work work{};
      CHECK_OK(read_seams(round & 1 ? threaded : store, part, out, &work));
      uint64_t samples = 0;
      for (uint32_t c = 0; c < format.components; ++c) {
        const bool chroma = c == 1 || c == 2;
        const unsigned sy = chroma ? format.sub_y : 0, sx = chroma ? format.sub_x : 0;
        const uint32_t y0 = part.y0 >> sy, y1 = (part.y1 + (1u << sy) - 1) >> sy;
        const uint32_t x0 = part.x0 >> sx, x1 = (part.x1 + (1u << sx) - 1) >> sx;
        samples += uint64_t{3} * (y1 - y0) * (x1 - x0);
        for (uint32_t i = 0; i < 3; ++i)
          for (uint32_t y = y0; y < y1; ++y)
            CHECK(std::memcmp(out.at(c, i, y - y0, 0), whole.at(c, frames[i], y, x0),
                              (x1 - x0) * stf_itemsize(format.dtype)) == 0);
      }
      CHECK_EQ(work.samples_out, samples);
    }
  }
  stf_pool_free(pool);
}

CHECK_MAIN()
