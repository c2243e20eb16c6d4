// Packets of other streams: written between slabs, found again from the tail, appended to, torn, cut off, hostile.

#include <string>

#include "bytes_fixture.hpp"
#include "container/format/packets.hpp"
#include "container/format/record.hpp"
#include "container/format/tail.hpp"
#include "store_fixture.hpp"

using namespace fixture;
using namespace stf::store;

namespace {

struct Run {
  Bytes bytes;
  int64_t begin, end;
  bool operator==(const Run&) const = default;
};

Run run_of(uint64_t number) {
  check::Random random{number + 99};
  Bytes bytes(random.in(1, 60));
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random.next() >> 50);
  if (number == 0) return {bytes, STF_NO_TIME, STF_NO_TIME};
  return {bytes, static_cast<int64_t>(number) * 1000 - 500, static_cast<int64_t>(number) * 1000 + 300};
}

stf_status put(stf_writer* writer, uint64_t number, stf_error* error) {
  const Run run = run_of(number);
  return stf_writer_put_packets(writer, run.bytes.data(), run.bytes.size(), run.begin, run.end, error);
}

// Frames [first, first + 20) of a store, `runs` records of packets before and among them, from number `number` on.
void write_part(stf_writer* writer, const Video& video, uint32_t first, uint64_t number, uint64_t runs) {
  stf_error error{};
  for (uint32_t t = 0; t < 20; ++t) {
    for (uint64_t i = runs * t / 20; i < runs * (t + 1) / 20; ++i) CHECK_OK(put(writer, number + i, &error));
    const stf_video one = video.part(t, 1);
    const auto pts = times_of(first + t, 1);
    CHECK_OK(stf_writer_append(writer, &one, pts.data(), nullptr, &error));
  }
}

struct Maker {
  Video video{kGray8, {20, 8, 8}};
  stf_store_desc desc{};

  Maker() {
    video.fill(5);
    desc = desc_of(video, 3, 8, 8);
    desc.time_base_num = 1, desc.time_base_den = 1000;
  }
  Bytes make(uint64_t runs) const {
    stf_error error{};
    Bytes bytes;
    const stf_sink sink = sink_to(bytes);
    stf_writer* writer = nullptr;
    CHECK_OK(stf_writer_create(nullptr, &sink, &desc, nullptr, &writer, &error));
    write_part(writer, video, 0, 0, runs);
    CHECK_OK(stf_writer_finish(writer, "{}", 2, &error));
    stf_writer_stats stats;
    stf_writer_get_stats(writer, &stats);
    uint64_t sum = 0;
    for (uint64_t i = 0; i < runs; ++i) sum += run_of(i).bytes.size();
    CHECK_EQ(stats.stream_bytes, sum);
    stf_writer_free(writer);
    return bytes;
  }
  // Appends `runs` more records and 20 frames.
  Bytes append(Bytes bytes, uint32_t first, uint64_t number, uint64_t runs, bool finish = true) const {
    stf_error error{};
    const Bytes before = bytes;
    const stf_memory memory{before.data(), before.size()};
    stf_source source;
    stf_source_memory(&memory, &source);
    const stf_sink sink = sink_to(bytes);
    stf_writer* writer = nullptr;
    CHECK_OK(stf_writer_append_to(nullptr, &source, &sink, nullptr, &writer, &error));
    write_part(writer, video, first, number, runs);
    if (finish) CHECK_OK(stf_writer_finish(writer, nullptr, 0, &error));
    stf_writer_free(writer);
    return bytes;
  }
};

std::vector<Run> runs_of(Opened& store, bool backwards = false) {
  std::vector<Run> found(store.info.packet_records);
  stf_error& error = store.error;
  for (uint64_t i = 0; i < found.size(); ++i) {
    const uint64_t number = backwards ? found.size() - 1 - i : i;
    Run& run = found[number];
    size_t size = 0;
    CHECK_OK(stf_reader_packets(store.reader, number, &run.begin, &run.end, nullptr, 0, &size, &error));
    run.bytes.resize(size);
    CHECK_OK(stf_reader_packets(store.reader, number, nullptr, nullptr, run.bytes.data(), size, &size, &error));
    run.bytes.resize(size);
  }
  return found;
}

std::vector<Run> expected(uint64_t runs) {
  std::vector<Run> all;
  for (uint64_t i = 0; i < runs; ++i) all.push_back(run_of(i));
  return all;
}

stf_status verify(const Bytes& bytes, stf_verify_report* report, stf_error* error) {
  const stf_memory memory{bytes.data(), bytes.size()};
  stf_source source;
  stf_source_memory(&memory, &source);
  return stf_verify(nullptr, &source, 0, nullptr, nullptr, report, error);
}

stf_status repair(const Bytes& bytes, Bytes& fixed, stf_repair_report* report, stf_error* error) {
  fixed.clear();
  const stf_memory memory{bytes.data(), bytes.size()};
  stf_source source;
  stf_source_memory(&memory, &source);
  const stf_sink sink = sink_to(fixed);
  return stf_repair(nullptr, &source, &sink, report, error);
}

}  // namespace

TEST("packets come back, any number of them, in any order of asking") {
  const Maker maker;
  for (uint64_t runs : {0, 1, 2, 63, 64, 65, 128, 129, 300}) {
    const Bytes bytes = maker.make(runs);
    Opened store(bytes);
    stf_error& error = store.error;
    CHECK_OK(store.status);
    CHECK_EQ(store.info.packet_records, runs);
    CHECK(runs_of(store) == expected(runs));
    Opened again(bytes);
    CHECK(runs_of(again, true) == expected(runs));
    uint64_t sum = 0;
    for (const Run& run : expected(runs)) sum += run.bytes.size();
    CHECK_EQ(store.info.stream_bytes, sum);
    stf_verify_report report;
    CHECK_OK(verify(bytes, &report, &error));
    CHECK_STATUS(stf_reader_packets(store.reader, runs, nullptr, nullptr, nullptr, 0, nullptr, &error), STF_E_ARGUMENT);
    if (runs != 0) {
      uint8_t byte;
      size_t size = 0;
      CHECK_STATUS(stf_reader_packets(store.reader, 0, nullptr, nullptr, &byte, 0, &size, &error), STF_E_CAPACITY);
      CHECK_EQ(size, run_of(0).bytes.size());
    }
    Video out(kGray8, {1, 1, 1});
    CHECK_OK(store.read(sequence(0, 20), 0, 8, 0, 8, 0, out));
    CHECK(store.equals_crop(maker.video, sequence(0, 20), 0, 0, 0, out));
  }
}

TEST("a writer refuses packets that make no sense") {
  const Maker maker;
  struct Bad {
    size_t size;
    int64_t begin, end;
  };
  for (const Bad& bad : {Bad{0, 0, 0}, Bad{1, 1, 0}, Bad{1, STF_NO_TIME, 0}}) {
    stf_error error{};
    Bytes bytes;
    const stf_sink sink = sink_to(bytes);
    stf_writer* writer = nullptr;
    CHECK_OK(stf_writer_create(nullptr, &sink, &maker.desc, nullptr, &writer, &error));
    CHECK_STATUS(stf_writer_put_packets(writer, "x", bad.size, bad.begin, bad.end, &error), STF_E_ARGUMENT);
    stf_writer_free(writer);
  }
  stf_env env;
  stf_env_init(&env);
  env.limits.max_index_bytes = 4096;
  stf_error error{};
  Bytes bytes;
  const stf_sink sink = sink_to(bytes);
  stf_writer* writer = nullptr;
  CHECK_OK(stf_writer_create(&env, &sink, &maker.desc, nullptr, &writer, &error));
  const Bytes large(5000);
  CHECK_STATUS(stf_writer_put_packets(writer, large.data(), large.size(), 0, 0, &error), STF_E_LIMIT);
  stf_writer_free(writer);
}

TEST("times of packets: the extremes") {
  const Maker maker;
  struct Times {
    int64_t begin, end;
  };
  const Times all[] = {{INT64_MIN + 1, INT64_MAX},
                       {STF_NO_TIME, STF_NO_TIME},
                       {INT64_MAX, INT64_MAX},
                       {-5, 7},
                       {INT64_MIN + 1, INT64_MIN + 1}};
  stf_error error{};
  Bytes bytes;
  const stf_sink sink = sink_to(bytes);
  stf_writer* writer = nullptr;
  CHECK_OK(stf_writer_create(nullptr, &sink, &maker.desc, nullptr, &writer, &error));
  for (const Times& times : all) CHECK_OK(stf_writer_put_packets(writer, "abc", 3, times.begin, times.end, &error));
  write_part(writer, maker.video, 0, 0, 0);
  CHECK_OK(stf_writer_finish(writer, "{}", 2, &error));
  stf_writer_free(writer);
  Opened store(bytes);
  CHECK_OK(store.status);
  for (uint64_t i = 0; i < std::size(all); ++i) {
    int64_t begin = 0, end = 0;
    CHECK_OK(stf_reader_packets(store.reader, i, &begin, &end, nullptr, 0, nullptr, &store.error));
    CHECK(begin == all[i].begin && end == all[i].end);
  }
}

TEST("appending goes on with the list; a torn append is as if it had not been") {
  const Maker maker;
  for (uint64_t first : {0, 3, 64, 100}) {
    const Bytes start = maker.make(first);
    const Bytes more = maker.append(start, 20, first, 70);
    stf_error error{};
    stf_verify_report verified;
    {
      Opened store(more);
      CHECK_OK(store.status);
      CHECK(runs_of(store) == expected(first + 70));
      CHECK_OK(verify(more, &verified, &error));
    }
    // Torn, then appended to again.
    Bytes torn = maker.append(start, 20, first, 5, false);
    Opened old(torn);
    CHECK(old.info.torn == 1 && old.info.packet_records == first);
    CHECK(runs_of(old) == expected(first));
    const Bytes again = maker.append(torn, 20, first, 66);
    Opened store(again);
    CHECK_OK(store.status);
    CHECK(runs_of(store) == expected(first + 66));
    CHECK_OK(verify(again, &verified, &error));
    // Without its tail, both appends are found; the later one counts.
    Bytes cut(again.begin(), again.end() - 10), fixed;
    stf_repair_report report;
    CHECK_OK(repair(cut, fixed, &report, &error));
    Opened whole(fixed);
    CHECK(runs_of(whole) == expected(first + 66));
    CHECK_EQ(whole.info.frames, 40u);
    CHECK_OK(verify(fixed, &verified, &error));
  }
}

TEST("repair keeps all whole records of a file that is cut off anywhere") {
  const Maker maker;
  const Bytes bytes = maker.make(80);
  Opened store(bytes);
  std::vector<uint64_t> ends;  // of the records
  for (size_t at = 0; at + 18 < bytes.size(); ++at) {
    RecordHead head;
    if (parse_record_head(bytes.data() + at, bytes.size() - at, head) && head.type == kPacketsRecord)
      ends.push_back(at + head.size + head.length);
  }
  CHECK_EQ(ends.size(), 80u);
  for (size_t cut = bytes.size() - 1; cut > 200; cut -= 7) {
    const Bytes broken(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(cut));
    Bytes fixed;
    stf_error error{};
    stf_repair_report report;
    if (repair(broken, fixed, &report, &error) != STF_OK) continue;  // no frame yet
    const auto whole = static_cast<uint64_t>(
        std::count_if(ends.begin(), ends.end(), [&](uint64_t end) { return end <= cut; }));
    Opened opened(fixed);
    CHECK_OK(opened.status);
    CHECK(runs_of(opened) == expected(whole));
    CHECK_EQ(report.packet_records_kept, whole);
    stf_verify_report verified;
    CHECK_OK(verify(fixed, &verified, &error));
  }
}

TEST("a flipped byte costs one record; all others are kept by repair and the pictures read") {
  const Maker maker;
  const Bytes bytes = maker.make(70);
  Opened store(bytes);
  check::Random random{3};
  for (int round = 0; round < 60; ++round) {
    uint64_t number = random.in(1, 69);
    if (round == 0) number = 64;
    // Where it is: found by its bytes.
    const Run run = run_of(number);
    const auto at = std::search(bytes.begin(), bytes.end(), run.bytes.begin(), run.bytes.end());
    if (run.bytes.size() < 12 || at == bytes.end()) continue;
    Bytes broken = bytes;
    broken[static_cast<size_t>(at - bytes.begin()) + random.in(0, 11)] ^= 0x40;
    stf_error error{};
    stf_verify_report verified;
    CHECK_STATUS(verify(broken, &verified, &error), STF_E_CORRUPT_STORE);
    CHECK_EQ(verified.corrupt_sections, 1u);
    Opened opened(broken);
    CHECK_OK(opened.status);
    Bytes out(4096);
    size_t size = 0;
    CHECK_STATUS(
        stf_reader_packets(opened.reader, number, nullptr, nullptr, out.data(), out.size(), &size, &opened.error),
        STF_E_CORRUPT_STORE);
    Video frames(kGray8, {1, 1, 1});
    CHECK_OK(opened.read(sequence(0, 20), 0, 8, 0, 8, 0, frames));
    Bytes fixed;
    stf_repair_report report;
    CHECK_OK(repair(broken, fixed, &report, &error));
    CHECK(report.packet_records_kept == 69 && report.packet_records_lost == 1);
    auto kept = expected(70);
    kept.erase(kept.begin() + static_cast<ptrdiff_t>(number));
    Opened whole(fixed);
    CHECK(runs_of(whole) == kept);
  }
}

TEST("hostile lists: changed, with their CRCs made right again, end and take no memory") {
  const Maker maker;
  const Bytes bytes = maker.make(200);
  // Change single bytes of the tail and of records that hold a group.
  std::vector<std::pair<size_t, RecordHead>> records;
  for (size_t at = 0; at + 18 < bytes.size(); ++at) {
    RecordHead head;
    if (!parse_record_head(bytes.data() + at, bytes.size() - at, head) || head.length > bytes.size() - at) continue;
    if (head.type == kTailRecord || (head.type == kPacketsRecord && head.length > 200)) records.push_back({at, head});
  }
  CHECK_EQ(records.size(), 4u);
  size_t opened_all = 0;
  for (const auto& [at, head] : records)
    for (uint64_t i = 0; i < head.length; ++i)
      for (uint8_t change : {1, 0x80, 0xFF}) {
        Bytes hostile = bytes;
        uint8_t* body = hostile.data() + at + head.size;
        body[i] ^= change;
        const uint32_t crc = record_crc(head, body, static_cast<size_t>(head.length));
        std::memcpy(hostile.data() + at + 4, &crc, 4);
        Opened store(hostile);
        if (store.status != STF_OK) continue;
        for (uint64_t number : {uint64_t{0}, store.info.packet_records / 2, store.info.packet_records - 1}) {
          Bytes out(4096);
          size_t size = 0;
          opened_all += stf_reader_packets(store.reader, number, nullptr, nullptr, out.data(), out.size(), &size,
                                           &store.error) == STF_OK;
        }
        stf_error error{};
        stf_verify_report verified;
        verify(hostile, &verified, &error);
      }
  CHECK(opened_all > 0);
}

TEST("impossible lists are refused") {
  PacketIndex index, read;
  for (uint64_t i = 0; i < 3; ++i) index.add({100 + 50 * i, 50, 5, 9}, 10);
  const auto bytes_of = [](const PacketIndex& what) {
    stf::ByteWriter out(stf::default_allocator());
    write_packet_index(out, what);
    return fixture::bytes_of(out.buffer());
  };
  const Bytes good = bytes_of(index);
  CHECK(read_packet_index(good.data(), good.size(), 1000, read) && read.group == index.group && read.count == 3);
  CHECK(!read_packet_index(good.data(), good.size(), 240, read));       // beyond the end
  CHECK(!read_packet_index(good.data(), good.size() - 1, 1000, read));  // cut off
  PacketIndex more = index;
  more.count = 4;
  CHECK(!read_packet_index(bytes_of(more).data(), bytes_of(more).size(), 1000, read));
  more.count = UINT64_MAX;
  CHECK(!read_packet_index(bytes_of(more).data(), bytes_of(more).size(), 1000, read));
  more = index;
  more.group[1].offset = 90;  // back
  CHECK(!read_packet_index(bytes_of(more).data(), bytes_of(more).size(), 1000, read));
  more = index;
  more.group[0].end = 4;  // before it begins
  CHECK(!read_packet_index(bytes_of(more).data(), bytes_of(more).size(), 1000, read));
}

CHECK_MAIN()
