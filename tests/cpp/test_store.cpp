// Writing and reading stores: any grid, any region, times, index, appending, threads.

#include <atomic>
#include <thread>

#include "store_fixture.hpp"

using namespace fixture;

TEST("random grids and regions equal the crop") {
  check::Random random;
  for (int round = 0; round < 60; ++round) {
    const stf_format formats[] = {kGray8, kYuv420, kYuva422p10, kInt16};
    const stf_format& format = formats[round % 4];
    Video video(format, {random.in(1, 30), random.in(1, 90), random.in(1, 90)});
    video.fill(static_cast<uint64_t>(round));
    const uint8_t cut = round % 3 == 0 ? STF_CUT_EXACT : STF_CUT_BALANCED;
    auto desc = desc_of(video, random.in(1, 12), 2 * random.in(2, 40), 2 * random.in(2, 40), cut);
    if (round & 1) desc.time_base_num = 1, desc.time_base_den = 25;
    const Bytes bytes = make_store(video, desc);
    Opened store(bytes);
    stf_error& error = store.error;
    CHECK_OK(store.status);
    if (store.status != STF_OK) return;
    CHECK_EQ(store.info.frames, video.video.size.t);
    for (int read = 0; read < 20; ++read) {
      const uint32_t y0 = random.in(0, desc.y - 1), x0 = random.in(0, desc.x - 1);
      const uint32_t y1 = random.in(y0 + 1, desc.y), x1 = random.in(x0 + 1, desc.x);
      std::vector<uint64_t> frames;
      for (uint32_t n = random.in(1, 9); n > 0; --n) frames.push_back(random.in(0, video.video.size.t - 1));
      const uint32_t components = random.in(0, (1u << format.components) - 1);
      Video out(format, {1, 1, 1});
      stf_work work{};
      CHECK_OK(store.read(frames, y0, y1, x0, x1, components, out, &work));
      CHECK(store.equals_crop(video, frames, y0, x0, components, out));
      CHECK(work.fragments > 0 && work.bytes > 0);
    }
  }
}

TEST("slabs: exact, balanced, and independent of how frames arrive") {
  for (uint8_t cut : {STF_CUT_EXACT, STF_CUT_BALANCED})
    for (uint32_t t = 1; t <= 20; ++t) {
      Video video(kGray8, {t, 8, 8});
      video.fill(t);
      auto desc = desc_of(video, 6, 8, 8, cut);
      const Bytes whole = make_store(video, desc);
      for (uint32_t step : {1u, 2u, 5u, 7u, 13u}) {
        stf_error error{};
        Bytes bytes;
        const stf_sink sink = sink_to(bytes);
        stf_writer* writer = nullptr;
        CHECK_OK(stf_writer_create(nullptr, &sink, &desc, nullptr, &writer, &error));
        for (uint32_t at = 0; at < t; at += step) {
          const stf_video part = video.part(at, std::min(step, t - at));
          CHECK_OK(stf_writer_append(writer, &part, nullptr, nullptr, &error));
        }
        CHECK_OK(stf_writer_finish(writer, "{}", 2, &error));
        stf_writer_stats stats;
        stf_writer_get_stats(writer, &stats);
        CHECK_EQ(stats.frames, t);
        CHECK_EQ(stats.file_bytes, bytes.size());
        CHECK_EQ(stats.raw_bytes, t * 64u);
        stf_writer_free(writer);
        CHECK(bytes == whole);
      }
      Opened store(whole);
      std::vector<stf_index_row> rows(store.info.fragments);
      stf_error& error = store.error;
      CHECK_OK(stf_reader_index(store.reader, 0, rows.size(), rows.data(), &error));
      uint64_t at = 0;
      for (size_t i = 0; i < rows.size(); ++i) {
        CHECK_EQ(rows[i].t0, at);
        at = rows[i].t1;
        const uint64_t length = rows[i].t1 - rows[i].t0;
        if (i + 1 < rows.size()) CHECK_EQ(length, 6u);
        if (cut == STF_CUT_BALANCED && rows.size() > 1) CHECK(length >= 3 && length <= 9);
      }
      CHECK_EQ(at, t);
    }
}

namespace {

// What a writer asked, and the answers: every third fragment is left out, the others get quantizers of their own.
struct Choices {
  std::vector<stf_fragment_place> places;
  uint64_t fail_at = UINT64_MAX;
  uint8_t codec = STF_CODEC_MISSING;
};

stf_status choose(void* opaque, const stf_fragment_place* place, stf_encode_options* options) {
  auto& choices = *static_cast<Choices*>(opaque);
  choices.places.push_back(*place);
  if (place->fragment == choices.fail_at) return STF_E_LIMIT;
  options->quantizer = static_cast<uint8_t>(60 + 10 * place->fragment);
  if (place->fragment % 3 == 2) options->codec = choices.codec;
  return STF_OK;
}

}  // namespace

TEST("a writer asks how each fragment is encoded") {
  Video video(kYuv420, {7, 30, 44});
  video.fill(1);
  const auto desc = desc_of(video, 4, 16, 24);
  stf_encode_options options;
  stf_encode_options_init(&options);
  options.max_error = STF_NO_MAX_ERROR;
  Bytes stores[2];
  stf_error error{};
  Choices choices;
  for (int one_by_one = 0; one_by_one < 2; ++one_by_one) {
    choices.places.clear();
    const stf_sink sink = sink_to(stores[one_by_one]);
    stf_writer* writer = nullptr;
    CHECK_OK(stf_writer_create(nullptr, &sink, &desc, &options, &writer, &error));
    CHECK_OK(stf_writer_set_choose(writer, choose, &choices, &error));
    for (uint32_t t = 0; t < 7; t += one_by_one ? 1 : 7) {
      const stf_video part = video.part(t, one_by_one ? 1 : 7);
      CHECK_OK(stf_writer_append(writer, &part, nullptr, nullptr, &error));
    }
    CHECK_OK(stf_writer_finish(writer, "{}", 2, &error));
    stf_writer_free(writer);
  }
  CHECK(stores[0] == stores[1]);
  CHECK_EQ(choices.places.size(), 8u);
  Opened store(stores[0]);
  CHECK_OK(store.status);
  stf_index_row rows[8];
  CHECK_OK(stf_reader_index(store.reader, 0, 8, rows, &error));
  for (uint64_t i = 0; i < 8 && choices.places.size() == 8; ++i) {
    const stf_fragment_place& place = choices.places[i];
    CHECK_EQ(place.fragment, i);
    CHECK(place.t0 == rows[i].t0 && place.t1 == rows[i].t1 && place.y0 == rows[i].y0 && place.y1 == rows[i].y1 &&
          place.x0 == rows[i].x0 && place.x1 == rows[i].x1);
    CHECK_EQ(rows[i].codec, i % 3 == 2 ? STF_CODEC_MISSING : STF_CODEC_STF);
    if (i % 3 == 2) continue;
    // The same bytes as of the fragment alone.
    stf_video box = video.part(static_cast<uint32_t>(place.t0), static_cast<uint32_t>(place.t1 - place.t0));
    box.size.y = place.y1 - place.y0, box.size.x = place.x1 - place.x0;
    for (uint32_t c = 0; c < 3; ++c)
      box.planes[c].data = const_cast<uint8_t*>(video.at(c, place.t0, place.y0 >> (c != 0), place.x0 >> (c != 0)));
    size_t bound = 0, written = 0, stored = 0;
    CHECK_OK(stf_fragment_bound(&box.format, box.size, &bound, &error));
    Bytes alone(bound), got(bound);
    options.quantizer = static_cast<uint8_t>(60 + 10 * i);
    CHECK_OK(stf_fragment_encode(nullptr, &options, &box, alone.data(), bound, &written, &error));
    CHECK_OK(stf_reader_fragment(store.reader, i, got.data(), bound, &stored, &error));
    alone.resize(written), got.resize(stored);
    CHECK(alone == got);
  }

  // What it fails with is what the call fails with; a codec cannot be chosen.
  for (const bool other_codec : {false, true}) {
    Bytes bytes;
    const stf_sink sink = sink_to(bytes);
    stf_writer* writer = nullptr;
    Choices bad;
    if (other_codec) bad.codec = STF_CODEC_VP9;
    else bad.fail_at = 3;
    CHECK_OK(stf_writer_create(nullptr, &sink, &desc, &options, &writer, &error));
    CHECK_OK(stf_writer_set_choose(writer, choose, &bad, &error));
    const stf_status status = stf_writer_append(writer, &video.video, nullptr, nullptr, &error);
    CHECK_EQ(status, other_codec ? STF_E_ARGUMENT : STF_E_LIMIT);
    stf_writer_free(writer);
  }
  CHECK_EQ(stf_writer_set_choose(nullptr, choose, nullptr, &error), STF_E_ARGUMENT);
}

TEST("times: exact, found again, refused when they do not ascend") {
  Video video(kGray8, {40, 4, 4});
  video.fill(1);
  auto desc = desc_of(video, 8, 4, 4);
  desc.time_base_num = 1, desc.time_base_den = 90000;
  const Bytes bytes = make_store(video, desc);
  Opened store(bytes);
  stf_error& error = store.error;
  std::vector<int64_t> pts(40), durations(40);
  CHECK_OK(stf_reader_times(store.reader, 0, 40, pts.data(), durations.data(), &error));
  CHECK(pts == times_of(0, 40));
  CHECK(durations == std::vector<int64_t>(40, 3));
  CHECK(store.info.first_pts == 7 && store.info.end_pts == pts.back() + 3);
  for (int64_t at = 0; at < pts.back() + 10; ++at) {
    uint64_t frame = 99;
    CHECK_OK(stf_reader_find_time(store.reader, at, &frame, &error));
    const auto after = std::upper_bound(pts.begin(), pts.end(), at);
    CHECK_EQ(frame, static_cast<uint64_t>(after == pts.begin() ? 0 : after - pts.begin() - 1));
  }
  for (const std::vector<int64_t>& bad : {std::vector<int64_t>{1, 1}, {2, 1}, {STF_NO_TIME, 1}}) {
    Bytes out;
    const stf_sink sink = sink_to(out);
    stf_writer* writer = nullptr;
    CHECK_OK(stf_writer_create(nullptr, &sink, &desc, nullptr, &writer, &error));
    const stf_video two = video.part(0, 2);
    CHECK_STATUS(stf_writer_append(writer, &two, bad.data(), nullptr, &error), STF_E_ARGUMENT);
    CHECK_STATUS(stf_writer_finish(writer, nullptr, 0, &error), STF_E_ARGUMENT);  // after a failure only free
    stf_writer_free(writer);
  }
}

TEST("thousands of slabs: directory nodes of two levels, one read to open") {
  const uint32_t n = 66000;  // above 256^2
  Video video(kGray8, {n, 1, 2});
  video.fill(3);
  auto desc = desc_of(video, 1, 1, 2);
  desc.time_base_num = desc.time_base_den = 1;
  const Bytes bytes = make_store(video, desc);
  struct Counting {
    stf_source inner;
    std::atomic<int> reads{0};
  } counting;
  const stf_memory memory{bytes.data(), bytes.size()};
  stf_source_memory(&memory, &counting.inner);
  const stf_source source{&counting,
                          [](void* opaque, uint64_t offset, void* to, size_t size) {
                            auto* c = static_cast<Counting*>(opaque);
                            ++c->reads;
                            return c->inner.read_at(c->inner.opaque, offset, to, size);
                          },
                          counting.inner.size};
  stf_error error{};
  stf_reader* reader = nullptr;
  CHECK_OK(stf_reader_open(nullptr, &source, &reader, &error));
  CHECK_EQ(counting.reads.load(), 1);
  uint64_t frame = 0;
  CHECK_OK(stf_reader_find_time(reader, 3 * 12345 + 7 + 12345 / 5, &frame, &error));
  CHECK_EQ(frame, 12345u);
  CHECK_EQ(counting.reads.load(), 4);  // two nodes, one page
  stf_reader_free(reader);

  Opened store(bytes);
  check::Random random;
  for (int i = 0; i < 300; ++i) {
    const std::vector<uint64_t> frames{random.in(0, n - 1), random.in(0, n - 1)};
    Video out(kGray8, {1, 1, 1});
    CHECK_OK(store.read(frames, 0, 1, 0, 2, 0, out));
    CHECK(store.equals_crop(video, frames, 0, 0, 0, out));
    stf_index_row row;
    CHECK_OK(stf_reader_index(store.reader, frames[0], 1, &row, &error));
    CHECK_EQ(row.t0, frames[0]);
  }
}

TEST("overhead: at most 80 bytes a fragment, at most 0.5 % where they are large") {
  const auto overhead = [](uint32_t frames, uint32_t t, uint32_t y, uint32_t x, uint32_t fy, uint32_t fx, bool times) {
    Video video(kGray8, {frames, y, x});
    video.fill(1);
    auto desc = desc_of(video, t, fy, fx);
    stf_error error{};
    Bytes bytes;
    const stf_sink sink = sink_to(bytes);
    stf_writer* writer = nullptr;
    if (times) desc.time_base_num = 1, desc.time_base_den = 90000;
    CHECK_OK(stf_writer_create(nullptr, &sink, &desc, nullptr, &writer, &error));
    std::vector<int64_t> pts, durations(frames, 3003);
    for (uint32_t i = 0; i < frames; ++i) pts.push_back(3003 * int64_t{i} + 1000000000);
    CHECK_OK(stf_writer_append(writer, &video.video, times ? pts.data() : nullptr, times ? durations.data() : nullptr,
                               &error));
    CHECK_OK(stf_writer_finish(writer, nullptr, 0, &error));
    stf_writer_stats stats;
    stf_writer_get_stats(writer, &stats);
    stf_writer_free(writer);
    const auto rest = static_cast<double>(stats.file_bytes - stats.fragment_bytes);
    const double each = rest / static_cast<double>(stats.fragments);
    const double share = rest / static_cast<double>(stats.fragment_bytes);
    std::printf("     %llu fragments of %.0f bytes: %.1f bytes each, %.3f %%\n",
                static_cast<unsigned long long>(stats.fragments),
                static_cast<double>(stats.fragment_bytes) / static_cast<double>(stats.fragments), each, 100 * share);
    CHECK(each <= 80);
    if (stats.fragment_bytes >= 16000 * stats.fragments) CHECK(share <= 0.005);
  };
  overhead(3000, 1, 10, 10, 10, 10, true);
  overhead(8000, 4, 10, 10, 10, 10, true);
  overhead(8000, 4, 10, 10, 10, 10, false);
  overhead(320, 8, 64, 64, 16, 16, true);
  overhead(320, 16, 64, 64, 32, 32, true);
  overhead(64, 16, 128, 128, 32, 32, true);
}

TEST("appending, and a torn append") {
  for (bool times : {false, true}) {
    Video video(kYuv420, {30, 21, 37});
    video.fill(5);
    auto desc = desc_of(video, 4, 16, 16);
    if (times) desc.time_base_num = 1, desc.time_base_den = 25;
    Video first(kYuv420, {10, 21, 37}), second(kYuv420, {20, 21, 37});
    for (uint32_t c = 0; c < 3; ++c) {
      std::copy_n(video.memory[c].begin(), first.memory[c].size(), first.memory[c].begin());
      std::copy(video.memory[c].begin() + static_cast<ptrdiff_t>(first.memory[c].size()), video.memory[c].end(),
                second.memory[c].begin());
    }
    const Bytes start = make_store(first, desc, "{\"a\": 1}");
    const auto append = [&](const Bytes& to) {
      stf_error error{};
      Bytes bytes = to;
      const stf_memory memory{to.data(), to.size()};
      stf_source source;
      stf_source_memory(&memory, &source);
      const stf_sink sink = sink_to(bytes);
      stf_writer* writer = nullptr;
      CHECK_OK(stf_writer_append_to(nullptr, &source, &sink, nullptr, &writer, &error));
      if (writer == nullptr) return bytes;
      write_all(writer, second, times, 10);
      CHECK_OK(stf_writer_finish(writer, nullptr, 0, &error));
      stf_writer_free(writer);
      return bytes;
    };
    const auto check_whole = [&](const Bytes& bytes) {
      Opened store(bytes);
      stf_error& error = store.error;
      CHECK_OK(store.status);
      if (store.status != STF_OK) return;
      CHECK_EQ(store.info.frames, 30u);
      CHECK_EQ(store.info.slabs, 8u);
      CHECK_EQ(store.info.torn, 0u);
      CHECK(std::string(store.info.metadata, store.info.metadata_size) == "{\"a\": 1}");
      Video out(kYuv420, {1, 1, 1});
      CHECK_OK(store.read(sequence(0, 30), 0, 21, 0, 37, 0, out));
      CHECK(store.equals_crop(video, sequence(0, 30), 0, 0, 0, out));
      std::vector<int64_t> pts(30);
      if (!times) return;
      CHECK_OK(stf_reader_times(store.reader, 0, 30, pts.data(), nullptr, &error));
      CHECK(pts == times_of(0, 30));
    };
    const Bytes whole = append(start);
    check_whole(whole);
    check::Random random;
    for (size_t cut = start.size() + 1; cut < whole.size(); cut += random.in(1, 400)) {
      const Bytes torn(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(cut));
      Opened store(torn);
      stf_error& error = store.error;
      CHECK_OK(store.status);
      if (store.status != STF_OK) return;
      CHECK_EQ(store.info.frames, 10u);
      CHECK_EQ(store.info.torn, 1u);
      if (cut % 3 == 0) check_whole(append(torn));
    }
    // A damaged end is not a torn append: an old tail would be silently short.
    for (size_t i = whole.size() - 24; i < whole.size(); ++i) {
      Bytes damaged = whole;
      damaged[i] ^= 1;
      CHECK_STATUS(Opened(damaged).status, STF_E_CORRUPT_STORE);
    }
  }
}

TEST("metadata: long, early, none") {
  Video video(kGray8, {2, 4, 4});
  video.fill(1);
  const auto desc = desc_of(video, 2, 4, 4);
  for (size_t size : {size_t{0}, size_t{1}, size_t{16384}, size_t{16385}, size_t{300000}}) {
    const std::string text(size, 'x');
    const Bytes bytes = make_store(video, desc, text);
    Opened store(bytes);
    CHECK_STATUS(store.status, STF_OK);
    CHECK(std::string(store.info.metadata, store.info.metadata_size) == text);
    CHECK(bytes.size() < size + 400);
  }
}

TEST("bytes do not depend on threads, and many threads read at once") {
  Video video(kYuv420, {20, 64, 80});
  video.fill(9);
  const auto desc = desc_of(video, 6, 16, 32, STF_CUT_BALANCED);
  const Bytes one = make_store(video, desc);
  stf_pool* pool = nullptr;
  CHECK_STATUS(stf_pool_create(4, &pool), STF_OK);
  stf_env env;
  stf_env_init(&env);
  env.runner = stf_pool_runner(pool);
  CHECK(make_store(video, desc, "{}", &env) == one);
  {
    const stf_memory memory{one.data(), one.size()};
    stf_source source;
    stf_source_memory(&memory, &source);
    stf_reader* reader = nullptr;
    stf_error error{};
    CHECK_OK(stf_reader_open(&env, &source, &reader, &error));
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (uint64_t seed = 1; seed <= 4; ++seed)
      threads.emplace_back([&, seed] {
        check::Random random{seed * 77};
        for (int i = 0; i < 30; ++i) {
          Video out(kYuv420, {3, 64, 80});
          std::vector<uint64_t> frames{random.in(0, 19), random.in(0, 19), random.in(0, 19)};
          stf_request request{};
          request.frames = frames.data();
          request.n_frames = 3;
          request.y1 = 64, request.x1 = 80;
          if (stf_reader_read(reader, &request, &out.video, nullptr, nullptr) != STF_OK) ++wrong;
          for (uint32_t c = 0; c < 3; ++c)
            for (size_t t = 0; t < 3; ++t)
              if (std::memcmp(out.at(c, t, 0, 0), video.at(c, frames[t], 0, 0),
                              static_cast<size_t>(out.video.planes[c].stride_t)) != 0)
                ++wrong;
        }
      });
    for (std::thread& thread : threads) thread.join();
    CHECK_EQ(wrong.load(), 0);
    stf_reader_free(reader);
  }
  stf_pool_free(pool);
}

TEST("RGB of a box is the crop of the RGB of the whole, duplicates included") {
  for (const auto& [format, out_bits] : {std::pair{kYuv420, 8}, {kYuva422p10, 16}}) {
    const int bits = out_bits;  // clang 14 cannot capture a structured binding
    Video video(format, {5, 27, 45});
    video.fill(11);
    const Bytes bytes = make_store(video, desc_of(video, 3, 16, 16));
    Opened store(bytes);
    const size_t item = bits == 8 ? 1 : 2;
    const auto read = [&](const std::vector<uint64_t>& frames, uint32_t y0, uint32_t y1, uint32_t x0, uint32_t x1) {
      const size_t row = (x1 - x0) * 4 * item, frame = row * (y1 - y0);
      Bytes out(frame * frames.size(), 0xEE);
      stf_video to{};
      for (size_t c = 0; c < 4; ++c)
        to.planes[c] = {out.data() + c * item, static_cast<ptrdiff_t>(frame), static_cast<ptrdiff_t>(row),
                        static_cast<ptrdiff_t>(4 * item)};
      stf_request request{};
      request.frames = frames.data();
      request.n_frames = frames.size();
      request.y0 = y0, request.y1 = y1, request.x0 = x0, request.x1 = x1;
      request.output = STF_OUTPUT_RGB;
      request.colour = {1, 6, 0, 1, static_cast<uint8_t>(bits), {}};
      stf_error& error = store.error;
      CHECK_OK(stf_reader_read(store.reader, &request, &to, nullptr, &error));
      return out;
    };
    const Bytes whole = read(sequence(0, 5), 0, 27, 0, 45);
    check::Random random;
    for (int i = 0; i < 40; ++i) {
      const uint32_t y0 = random.in(0, 26), x0 = random.in(0, 44);
      const uint32_t y1 = random.in(y0 + 1, 27), x1 = random.in(x0 + 1, 45);
      const std::vector<uint64_t> frames{random.in(0, 4), random.in(0, 4), random.in(0, 4)};
      const Bytes out = read(frames, y0, y1, x0, x1);
      const size_t row = (x1 - x0) * 4 * item;
      bool same = true;
      for (size_t t = 0; t < 3; ++t)
        for (uint32_t y = y0; y < y1; ++y)
          same &= std::memcmp(out.data() + (t * (y1 - y0) + (y - y0)) * row,
                              whole.data() + ((frames[t] * 27 + y) * 45 + x0) * 4 * item, row) == 0;
      CHECK(same);
    }
  }
}

CHECK_MAIN()
