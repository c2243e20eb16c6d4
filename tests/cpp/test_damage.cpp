// Damaged stores: nothing crashes, nothing wrong is read, verify finds it, repair saves what is whole. And sources
// and sinks that fail.

#include <functional>
#include <set>

#include "container/format/record.hpp"
#include "store_fixture.hpp"

using namespace fixture;

namespace {

struct Verified {
  stf_status status;
  stf_verify_report report{};
  std::vector<stf_error> problems;
  stf_error error{};
};

Verified verify(const Bytes& bytes, bool deep = false) {
  Verified v;
  const stf_memory memory{bytes.data(), bytes.size()};
  stf_source source;
  stf_source_memory(&memory, &source);
  v.status = stf_verify(
      nullptr, &source, deep,
      [](void* opaque, const stf_error* what) { static_cast<Verified*>(opaque)->problems.push_back(*what); }, &v,
      &v.report, &v.error);
  return v;
}

struct Repaired {
  stf_status status;
  Bytes bytes;
  stf_repair_report report{};
  stf_error error{};
};

Repaired repair(const Bytes& bytes) {
  Repaired r;
  const stf_memory memory{bytes.data(), bytes.size()};
  stf_source source;
  stf_source_memory(&memory, &source);
  const stf_sink sink = sink_to(r.bytes);
  r.status = stf_repair(nullptr, &source, &sink, &r.report, &r.error);
  return r;
}

// Read every frame; "exact" if all are right, "typed" for a typed error, "silent" if anything wrong came back.
enum Outcome { kExact, kTyped, kSilent };
Outcome read_all(const Bytes& bytes, const Video& whole) {
  Opened store(bytes);
  if (store.status != STF_OK)
    return store.status == STF_E_CORRUPT_STORE || store.status == STF_E_UNSUPPORTED ? kTyped : kSilent;
  if (store.info.frames != whole.video.size.t) return kSilent;
  Outcome outcome = kExact;
  for (uint64_t t = 0; t < store.info.frames; ++t) {
    Video out(whole.video.format, {1, 1, 1});
    const stf_status status = store.read({t}, 0, store.info.desc.y, 0, store.info.desc.x, 0, out);
    if (status == STF_OK) {
      if (!store.equals_crop(whole, {t}, 0, 0, 0, out)) return kSilent;
    } else if (status == STF_E_CORRUPT_FRAGMENT || status == STF_E_CORRUPT_STORE || status == STF_E_UNSUPPORTED) {
      outcome = kTyped;
    } else {
      return kSilent;
    }
  }
  return outcome;
}

std::vector<stf_index_row> index_of(const Bytes& bytes) {
  Opened store(bytes);
  CHECK_STATUS(store.status, STF_OK);
  std::vector<stf_index_row> rows(store.info.fragments);
  if (store.reader) stf_reader_index(store.reader, 0, rows.size(), rows.data(), nullptr);
  return rows;
}

stf_store_desc timed(stf_store_desc desc) {
  desc.time_base_num = 1;
  desc.time_base_den = 25;
  return desc;
}

// How many fragments of `rows` are in a repaired store with the same bytes.
size_t kept(const Bytes& original, const std::vector<stf_index_row>& rows, const Bytes& repaired) {
  std::set<std::tuple<uint64_t, uint32_t, uint32_t>> have;
  for (const stf_index_row& row : index_of(repaired))
    if (row.codec != STF_CODEC_MISSING) have.insert({row.t0, row.y0, row.x0});
  size_t n = 0;
  for (const stf_index_row& row : rows) n += have.count({row.t0, row.y0, row.x0});
  (void)original;
  return n;
}

}  // namespace

TEST("verify: a whole store") {
  for (const stf_format& format : {kGray8, kYuva422p10}) {
    Video video(format, {17, 30, 41});
    video.fill(2);
    const Bytes bytes = make_store(video, timed(desc_of(video, 4, 16, 16)), std::string(20000, 'm'));
    for (bool deep : {false, true}) {
      const Verified v = verify(bytes, deep);
      CHECK_STATUS(v.status, STF_OK);
      CHECK_EQ(v.report.fragments, 5u * 2 * 3);
      CHECK_EQ(v.report.frames, 17u);
      CHECK_EQ(v.report.corrupt_fragments + v.report.corrupt_sections + v.report.missing_fragments, 0u);
    }
  }
}

TEST("one byte flipped, everywhere") {
  Video video(kYuv420, {7, 14, 18});
  video.fill(4);
  const Bytes bytes = make_store(video, timed(desc_of(video, 3, 8, 12)), "{\"k\": 1}");
  const auto rows = index_of(bytes);
  check::Random random;
  for (size_t i = 0; i < bytes.size(); i += check::step()) {
    Bytes damaged = bytes;
    damaged[i] ^= static_cast<uint8_t>(1u << random.in(0, 7));
    if (read_all(damaged, video) == kSilent) check::failed(__FILE__, __LINE__, "silent damage at " + std::to_string(i));
    int64_t inside = -1;
    for (size_t k = 0; k < rows.size(); ++k)
      if (i >= rows[k].offset && i < rows[k].offset + rows[k].bytes) inside = static_cast<int64_t>(k);
    const Verified v = verify(damaged, i % 5 == 0);
    const std::string where = " at byte " + std::to_string(i);
    if (v.status == STF_OK) check::failed(__FILE__, __LINE__, "verify saw nothing" + where);
    const Repaired r = repair(damaged);
    if (r.status != STF_OK) {
      check::failed(__FILE__, __LINE__, "repair failed" + where + ": " + r.error.message);
      continue;
    }
    if (inside >= 0) {
      if (v.status != STF_E_CORRUPT_FRAGMENT || v.report.corrupt_fragments != 1 || v.report.corrupt_sections != 0 ||
          v.problems.size() != 1 || v.problems[0].fragment != inside ||
          v.problems[0].y0 != rows[static_cast<size_t>(inside)].y0)
        check::failed(__FILE__, __LINE__, "verify did not name the fragment" + where);
      CHECK_EQ(r.report.fragments_kept, rows.size() - 1);
      CHECK_EQ(r.report.fragments_lost, 1u);
    } else {
      if (v.report.corrupt_fragments != 0 || v.report.corrupt_sections == 0 || v.problems.size() != 1)
        check::failed(__FILE__, __LINE__,
                      "verify: not one damaged section" + where + ": " + std::to_string(v.problems.size()) + " " +
                          v.error.message);
      if (r.report.fragments_kept != rows.size() || r.report.fragments_lost != 0)
        check::failed(__FILE__, __LINE__, "repair lost a fragment" + where);
      if (read_all(r.bytes, video) != kExact) check::failed(__FILE__, __LINE__, "repair is not exact" + where);
      Opened again(r.bytes);
      std::vector<int64_t> pts(7);
      CHECK_STATUS(stf_reader_times(again.reader, 0, 7, pts.data(), nullptr, nullptr), STF_OK);
      CHECK(pts == times_of(0, 7));
    }
    CHECK_STATUS(verify(r.bytes, true).status, STF_OK);
    CHECK_EQ(verify(r.bytes).report.missing_fragments, r.report.fragments_lost);
  }
}

TEST("cut off anywhere: repair saves all complete fragments") {
  Video video(kYuv420, {11, 20, 18});
  video.fill(6);
  const std::string metadata = "{\"early\": true}";
  const auto desc = timed(desc_of(video, 3, 8, 12));
  stf_error error{};
  Bytes bytes;
  const stf_sink sink = sink_to(bytes);
  stf_writer* writer = nullptr;
  CHECK_OK(stf_writer_create(nullptr, &sink, &desc, nullptr, &writer, &error));
  CHECK_OK(stf_writer_put_metadata(writer, metadata.data(), metadata.size(), &error));
  write_all(writer, video, true);
  CHECK_OK(stf_writer_finish(writer, metadata.data(), metadata.size(), &error));
  stf_writer_free(writer);
  const auto rows = index_of(bytes);

  for (size_t cut = 0; cut < bytes.size(); cut += check::step()) {
    const Bytes part(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(cut));
    CHECK(Opened(part).status == STF_E_CORRUPT_STORE);
    size_t complete = 0;
    for (const stf_index_row& row : rows) complete += row.offset + row.bytes <= cut;
    const Repaired r = repair(part);
    if (complete == 0) {
      CHECK_STATUS(r.status, STF_E_CORRUPT_STORE);
      continue;
    }
    if (r.status != STF_OK || r.report.fragments_kept != complete || kept(bytes, rows, r.bytes) != complete)
      check::failed(__FILE__, __LINE__,
                    "cut at " + std::to_string(cut) + ": kept " + std::to_string(r.report.fragments_kept) + " of " +
                        std::to_string(complete) + " " + r.error.message);
    Opened store(r.bytes);
    CHECK_STATUS(store.status, STF_OK);
    if (store.status != STF_OK) continue;
    CHECK(std::string(store.info.metadata, store.info.metadata_size) == metadata);
    CHECK_STATUS(verify(r.bytes, true).status, STF_OK);
    std::vector<int64_t> pts(store.info.frames);
    CHECK_STATUS(stf_reader_times(store.reader, 0, store.info.frames, pts.data(), nullptr, nullptr), STF_OK);
    CHECK(pts == times_of(0, static_cast<uint32_t>(store.info.frames)));
    // What is there is exact; what is not is said to be lost.
    for (uint64_t t = 0; t < store.info.frames; ++t)
      for (const auto& [y0, y1] : {std::pair{0u, 8u}, {8u, 16u}, {16u, 20u}}) {
        Video out(kYuv420, {1, 1, 1});
        const stf_status status = store.read({t}, y0, y1, 0, 12, 0, out);
        if (status == STF_OK) {
          CHECK(store.equals_crop(video, {t}, y0, 0, 0, out));
        } else {
          CHECK_STATUS(status, STF_E_CORRUPT_FRAGMENT);
          CHECK(std::strstr(store.error.message, "lost before a repair") != nullptr);
        }
      }
  }
}

TEST("stretches of zeros, and missing stretches") {
  Video video(kGray8, {40, 20, 20});
  video.fill(8);
  const Bytes bytes = make_store(video, timed(desc_of(video, 2, 10, 10)));
  const auto rows = index_of(bytes);
  check::Random random;
  for (int i = 0; i < 300; ++i) {
    Bytes damaged = bytes;
    const uint32_t from = random.in(100, static_cast<uint32_t>(bytes.size()) - 1);
    const uint32_t n = std::min<uint32_t>(random.in(1, 6000), static_cast<uint32_t>(bytes.size()) - from);
    size_t untouched = 0;
    for (const stf_index_row& row : rows) untouched += row.offset + row.bytes <= from || row.offset >= from + n;
    if (i % 2) {
      std::fill_n(damaged.begin() + from, n, uint8_t{0});
      CHECK(read_all(damaged, video) != kSilent);
    } else {
      damaged.erase(damaged.begin() + from, damaged.begin() + from + n);
      CHECK(read_all(damaged, video) == kTyped);
    }
    const Repaired r = repair(damaged);
    if (untouched < 4) continue;
    CHECK_STATUS(r.status, STF_OK);
    // A fragment is lost if its own record and its page are both gone: at most those of the slabs at both ends.
    if (r.report.fragments_kept + 8 < untouched)
      check::failed(__FILE__, __LINE__,
                    "kept " + std::to_string(r.report.fragments_kept) + " of " + std::to_string(untouched));
    CHECK_STATUS(verify(r.bytes, true).status, STF_OK);
  }
}

TEST("bytes put in between cost the one fragment that they are in") {
  Video video(kYuv420, {9, 16, 32});
  video.fill(3);
  const Bytes bytes = make_store(video, timed(desc_of(video, 3, 8, 16)));
  const auto rows = index_of(bytes);
  check::Random random;
  for (int i = 0; i < 100; ++i) {
    const stf_index_row& row = rows[random.in(0, static_cast<uint32_t>(rows.size()) - 1)];
    Bytes damaged = bytes;
    damaged.insert(damaged.begin() + static_cast<ptrdiff_t>(row.offset + random.in(1, 40)), random.in(1, 3000),
                   static_cast<uint8_t>(random.in(0, 255)));
    const Repaired r = repair(damaged);
    CHECK_STATUS(r.status, STF_OK);
    CHECK_EQ(r.report.fragments_kept, rows.size() - 1);
    CHECK(read_all(r.bytes, video) == kTyped);
  }
}

TEST("a store inside a fragment does not confuse repair") {
  Video inner(kGray8, {4, 8, 8});
  inner.fill(1);
  const Bytes hidden = make_store(inner, timed(desc_of(inner, 2, 8, 8)));
  Video video(kGray8, {6, 64, 64});
  video.fill(2);
  std::copy(hidden.begin(), hidden.end(), video.memory[0].begin() + 100);
  const Bytes bytes = make_store(video, timed(desc_of(video, 2, 64, 64)));
  const auto rows = index_of(bytes);
  for (size_t i = 0; i < bytes.size(); i += i < 200 || i > bytes.size() - 600 ? 1 : 97) {
    Bytes damaged = bytes;
    damaged[i] ^= 4;
    const Repaired r = repair(damaged);
    CHECK_STATUS(r.status, STF_OK);
    Opened store(r.bytes);
    CHECK_EQ(store.info.frames, 6u);
    CHECK(r.report.fragments_kept + 1 >= rows.size());
    CHECK(read_all(r.bytes, video) != kSilent);
  }
  const Repaired r = repair(Bytes(bytes.begin(), bytes.end() - 100));
  CHECK_EQ(r.report.fragments_kept, 3u);
}

TEST("torn appends, repaired") {
  Video first(kGray8, {10, 12, 12}), second(kGray8, {10, 12, 12});
  first.fill(1);
  second.fill(2);
  const Bytes start = make_store(first, timed(desc_of(first, 3, 8, 8)));
  const auto append = [&](const Bytes& to, bool finish) {
    stf_error error{};
    Bytes bytes = to;
    const stf_memory memory{to.data(), to.size()};
    stf_source source;
    stf_source_memory(&memory, &source);
    const stf_sink sink = sink_to(bytes);
    stf_writer* writer = nullptr;
    CHECK_OK(stf_writer_append_to(nullptr, &source, &sink, nullptr, &writer, &error));
    write_all(writer, second, true, 10);
    if (finish) CHECK_OK(stf_writer_finish(writer, nullptr, 0, &error));
    stf_writer_free(writer);
    return bytes;
  };
  Bytes torn = append(start, false);
  torn.resize(torn.size() - 37);
  const Bytes again = append(torn, true);
  CHECK_STATUS(verify(again, true).status, STF_OK);
  CHECK_STATUS(verify(torn).status, STF_E_CORRUPT_STORE);
  // The last tail gone: slabs that were written twice are there once.
  const Repaired r = repair(Bytes(again.begin(), again.end() - 30));
  CHECK_STATUS(r.status, STF_OK);
  Opened store(r.bytes);
  CHECK_EQ(store.info.frames, 20u);
  CHECK_EQ(r.report.fragments_lost, 0u);
  Video out(kGray8, {1, 1, 1});
  CHECK_STATUS(store.read(sequence(10, 10), 0, 12, 0, 12, 0, out), STF_OK);
  CHECK(out.memory[0] == second.memory[0]);
  const Repaired partly = repair(torn);
  CHECK_STATUS(partly.status, STF_OK);
  CHECK(partly.report.frames > 10 && partly.report.frames <= 20);
}

TEST("hostile records: changed, with their CRCs made right again") {
  Video video(kYuv420, {9, 20, 18});
  video.fill(5);
  Video one(kGray8, {300, 1, 1});
  one.fill(5);
  for (const Bytes& bytes : {make_store(video, timed(desc_of(video, 2, 8, 8)), "{}"),
                             make_store(one, timed(desc_of(one, 1, 1, 1)), std::string(16500, 'm'))}) {
    struct Place {
      size_t at, body, covered, end;
    };
    std::vector<Place> places;
    for (size_t at = 8; at + 24 < bytes.size();) {
      stf::store::RecordHead head{};
      if (!stf::store::parse_record_head(bytes.data() + at, bytes.size() - at, head)) break;
      Place place{at, at + head.size, head.length, at + head.size + head.length};
      if (head.type == 'F') {
        stf::ByteReader in(bytes.data() + place.body, head.length);
        stf::store::FragmentFields fields;
        stf::store::parse_fragment_fields(in, true, fields);
        place.covered = in.position();
      }
      places.push_back(place);
      at = place.end;
    }
    CHECK(places.size() > 15);
    check::Random random;
    int opened = 0;
    for (int i = 0; i < 700; ++i) {
      Bytes hostile = bytes;
      for (uint32_t n = random.in(1, 2); n > 0; --n) {
        // Mostly what is not a fragment: header, pages, nodes, metadata, tail.
        Place place = places[random.in(0, static_cast<uint32_t>(places.size()) - 1)];
        for (int k = 0; k < 3 && bytes[place.at + 3] == 'F'; ++k)
          place = places[random.in(0, static_cast<uint32_t>(places.size()) - 1)];
        if (random.in(0, 3) == 0) place = places[places.size() - 1];
        for (uint32_t k = random.in(1, 3); k > 0; --k) {
          const auto reach = static_cast<uint32_t>(std::min<size_t>(place.covered, 200));
          uint8_t& b = hostile[place.body + random.in(0, reach - 1)];
          b = random.in(0, 1) ? static_cast<uint8_t>(random.next() >> 56)
                              : static_cast<uint8_t>(b + (random.in(0, 1) ? 1 : 255));
        }
        stf::store::RecordHead head{};
        stf::store::parse_record_head(hostile.data() + place.at, hostile.size() - place.at, head);
        const uint32_t crc = stf::store::record_crc(head, hostile.data() + place.body, place.covered);
        for (size_t k = 0; k < 4; ++k) hostile[place.at + 4 + k] = static_cast<uint8_t>(crc >> (8 * k));
      }
      {
        Opened store(hostile);
        opened += store.status == STF_OK;
        if (store.status == STF_OK) {
          const uint64_t frames = store.info.frames;
          std::vector<stf_index_row> rows(std::min<uint64_t>(store.info.fragments, 1000));
          stf_reader_index(store.reader, 0, rows.size(), rows.data(), nullptr);
          std::vector<int64_t> pts(std::min<uint64_t>(frames, 1000));
          stf_reader_times(store.reader, frames - pts.size(), pts.size(), pts.data(), nullptr, nullptr);
          uint64_t frame;
          stf_reader_find_time(store.reader, 100, &frame, nullptr);
          Video out(kGray8, {1, 1, 1});
          const uint32_t y = std::min(store.info.desc.y, 20u), x = std::min(store.info.desc.x, 18u);
          for (const uint64_t t : {uint64_t{0}, frames / 2, frames - 1})
            if (t < frames) store.read({t}, 0, y, 0, x, 0, out);
        }
      }
      const Verified v = verify(hostile, i % 3 == 0);
      const Repaired r = repair(hostile);
      if (r.status != STF_OK) continue;
      CHECK_STATUS(Opened(r.bytes).status, STF_OK);
      CHECK_EQ(verify(r.bytes).report.corrupt_sections, 0u);
    }
    CHECK(opened > 30 && opened < 670);
  }
}

TEST("rubbish is refused") {
  check::Random random;
  for (size_t n : {0u, 1u, 7u, 8u, 9u, 24u, 100u, 70000u}) {
    Bytes bytes(n);
    for (uint8_t& b : bytes) b = static_cast<uint8_t>(random.next() >> 56);
    Opened store(bytes);
    CHECK_STATUS(store.status, STF_E_CORRUPT_STORE);
    CHECK(std::strstr(store.error.message, "not a stfrag store") != nullptr);
    CHECK(verify(bytes).status == STF_E_CORRUPT_STORE);
    CHECK(repair(bytes).status == STF_E_CORRUPT_STORE);
  }
}

TEST("sources and sinks that fail") {
  Video video(kYuv420, {9, 20, 20});
  video.fill(3);
  const auto desc = timed(desc_of(video, 3, 8, 8));
  const Bytes bytes = make_store(video, desc);
  struct Failing {
    stf_source inner;
    size_t left;
  };
  const stf_memory memory{bytes.data(), bytes.size()};
  for (size_t reads = 0; reads < 40; ++reads) {
    Failing failing{{}, reads};
    stf_source_memory(&memory, &failing.inner);
    const stf_source source{&failing,
                            [](void* opaque, uint64_t offset, void* to, size_t size) {
                              auto* f = static_cast<Failing*>(opaque);
                              if (f->left == 0) return STF_E_IO;
                              --f->left;
                              return f->inner.read_at(f->inner.opaque, offset, to, size);
                            },
                            failing.inner.size};
    stf_reader* reader = nullptr;
    stf_error error{};
    stf_status status = stf_reader_open(nullptr, &source, &reader, &error);
    if (status == STF_OK) {
      Video out(kYuv420, {9, 20, 20});
      stf_request request{};
      request.n_frames = 9;
      request.y1 = request.x1 = 20;
      status = stf_reader_read(reader, &request, &out.video, nullptr, &error);
      if (status == STF_OK) CHECK(out.memory[0] == video.memory[0] && out.memory[2] == video.memory[2]);
      stf_reader_free(reader);
    }
    CHECK(status == STF_OK || status == STF_E_IO);
    CHECK(status == STF_OK || std::strstr(error.message, "failed") != nullptr);
    failing.left = reads;
    stf_verify_report report;
    status = stf_verify(nullptr, &source, 1, nullptr, nullptr, &report, &error);
    CHECK(status == STF_OK || status == STF_E_IO);
    failing.left = reads;
    Bytes repaired;
    const stf_sink sink = sink_to(repaired);
    status = stf_repair(nullptr, &source, &sink, nullptr, &error);
    CHECK(status == STF_OK || status == STF_E_IO);
  }
  struct Full {
    size_t left;
  };
  for (size_t room = 0; room < bytes.size(); room += 13) {
    Full full{room};
    const stf_sink sink{&full, [](void* opaque, const void*, size_t size) {
                          auto* f = static_cast<Full*>(opaque);
                          if (size > f->left) return STF_E_IO;
                          f->left -= size;
                          return STF_OK;
                        }};
    stf_error error{};
    stf_writer* writer = nullptr;
    stf_status status = stf_writer_create(nullptr, &sink, &desc, nullptr, &writer, &error);
    if (status == STF_OK) {
      const auto pts = times_of(0, 9);
      const std::vector<int64_t> durations(9, 3);
      status = stf_writer_append(writer, &video.video, pts.data(), durations.data(), &error);
      if (status == STF_OK) status = stf_writer_finish(writer, nullptr, 0, &error);
      stf_error second{};
      CHECK_STATUS(stf_writer_finish(writer, nullptr, 0, &second), STF_E_ARGUMENT);
    }
    CHECK_STATUS(status, STF_E_IO);
    CHECK(std::strstr(error.message, "writing") != nullptr);
    stf_writer_free(writer);
  }
}

TEST("cancelling") {
  Video video(kGray8, {8, 16, 16});
  video.fill(3);
  const auto desc = desc_of(video, 2, 8, 8);
  const Bytes bytes = make_store(video, desc);
  stf_env env;
  stf_env_init(&env);
  int calls = 0;
  env.cancel_opaque = &calls;
  env.cancel = [](void* opaque) { return ++*static_cast<int*>(opaque) > 3 ? 1 : 0; };
  Opened store(bytes, &env);
  Video out(kGray8, {1, 1, 1});
  CHECK_STATUS(store.read(sequence(0, 8), 0, 16, 0, 16, 0, out), STF_E_CANCELLED);
  calls = 0;
  stf_error error{};
  Bytes half;
  const stf_sink sink = sink_to(half);
  stf_writer* writer = nullptr;
  CHECK_OK(stf_writer_create(&env, &sink, &desc, nullptr, &writer, &error));
  CHECK_STATUS(stf_writer_append(writer, &video.video, nullptr, nullptr, &error), STF_E_CANCELLED);
  stf_writer_free(writer);
}

TEST("coded slabs: exact cover is checked, codecs are named, errors are located") {
  Video video(kGray8, {2, 16, 24});
  video.fill(3);
  stf_error error{};
  auto desc = desc_of(video, 2, 16, 16);
  std::vector<Bytes> coded;
  std::vector<stf_coded_fragment> fragments;
  const auto add = [&](uint32_t y0, uint32_t y1, uint32_t x0, uint32_t x1) {
    stf_video v = video.video;
    v.size = {2, y1 - y0, x1 - x0};
    v.planes[0].data = const_cast<uint8_t*>(video.at(0, 0, y0, x0));
    size_t bound = 0, size = 0;
    CHECK_OK(stf_fragment_bound(&v.format, v.size, &bound, &error));
    Bytes b(bound);
    CHECK_OK(stf_fragment_encode(nullptr, nullptr, &v, b.data(), bound, &size, &error));
    b.resize(size);
    coded.push_back(b);
    stf_coded_fragment f{};
    f.y0 = y0, f.y1 = y1, f.x0 = x0, f.x1 = x1;
    f.sse[0] = coded.size() == 2 ? 77 : 0;
    fragments.push_back(f);
  };
  // Not a grid: a pinwheel.
  add(0, 4, 0, 20), add(0, 12, 20, 24), add(12, 16, 4, 24), add(4, 16, 0, 4), add(4, 12, 4, 20);
  for (size_t i = 0; i < 5; ++i) fragments[i].data = coded[i].data(), fragments[i].size = coded[i].size();
  const auto write = [&](const std::vector<stf_coded_fragment>& list, Bytes& bytes) {
    bytes.clear();
    const stf_sink sink = sink_to(bytes);
    stf_writer* writer = nullptr;
    CHECK_OK(stf_writer_create(nullptr, &sink, &desc, nullptr, &writer, &error));
    stf_status status = stf_writer_append_coded(writer, 2, nullptr, nullptr, list.data(), list.size(), &error);
    if (status == STF_OK) status = stf_writer_finish(writer, nullptr, 0, &error);
    stf_writer_free(writer);
    return status;
  };
  Bytes bytes;
  CHECK_STATUS(write(fragments, bytes), STF_OK);
  {
    Opened store(bytes);
    Video out(kGray8, {1, 1, 1});
    CHECK_STATUS(store.read({1, 0}, 1, 15, 2, 23, 0, out), STF_OK);
    CHECK(store.equals_crop(video, {1, 0}, 1, 2, 0, out));
    CHECK(index_of(bytes)[1].sse[0] == 77 && index_of(bytes)[2].sse[0] == 0);
  }
  // Without its page and a fragment, the rest is still filled up exactly.
  {
    const auto rows = index_of(bytes);
    Bytes damaged(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(rows[4].offset + rows[4].bytes + 5));
    damaged[rows[4].offset + 9] ^= 1;
    const Repaired r = repair(damaged);
    CHECK_STATUS(r.status, STF_OK);
    CHECK_EQ(r.report.fragments_kept, 4u);
    CHECK_EQ(r.report.fragments_lost, 1u);
  }
  auto bad = fragments;
  bad.pop_back();
  CHECK_STATUS(write(bad, bytes), STF_E_ARGUMENT);
  bad = fragments;
  bad[4].x0 -= 1;
  CHECK_STATUS(write(bad, bytes), STF_E_ARGUMENT);
  bad = fragments;
  bad[4].codec = STF_CODEC_H264;
  stf_stream stream{};
  stream.codec = STF_CODEC_H264, stream.components = 1, stream.bits = 8, stream.y = 8, stream.x = 16;
  const stf_packet packets[] = {{"I", 1, 0, STF_PACKET_KEY}, {"P", 1, 1, 0}};
  uint8_t wrapped[200];
  CHECK_OK(stf_fragment_wrap(nullptr, &kGray8, {2, 8, 16}, &stream, packets, 2, 0, 0, wrapped, sizeof wrapped,
                             &bad[4].size, &error));
  bad[4].data = wrapped;
  bad[4].codec = STF_CODEC_STF;
  CHECK_STATUS(write(bad, bytes), STF_OK);
  {
    Opened store(bytes);  // the fragment itself says something else
    Video out(kGray8, {1, 1, 1});
    CHECK_STATUS(store.read({0}, 0, 16, 0, 24, 0, out), STF_E_CORRUPT_FRAGMENT);
  }
  bad[4].codec = STF_CODEC_H264;
  CHECK_STATUS(write(bad, bytes), STF_OK);
  Opened store(bytes);
  Video out(kGray8, {1, 1, 1});
  CHECK_STATUS(store.read({0}, 0, 16, 0, 24, 0, out), STF_E_CODEC);
  CHECK(std::strstr(store.error.message, "h264") != nullptr);
  CHECK_EQ(store.error.fragment, 4);
  CHECK(store.error.y0 == 4 && store.error.x1 == 20 && store.error.t1 == 2);
  CHECK_STATUS(store.read({0}, 0, 4, 0, 20, 0, out), STF_OK);
}

CHECK_MAIN()
