// The parts of the container by themselves: cover checks against counting, times, pages, directory entries, file
// descriptors.

#include <fcntl.h>
#include <unistd.h>
#include <cerrno>
#include <cstdio>

#include "bytes_fixture.hpp"
#include "check.hpp"
#include "container/format/cover.hpp"
#include "container/format/page.hpp"
#include "container/format/tail.hpp"
#include "container/format/times.hpp"
#include "stfrag/stfrag.h"

using namespace stf::store;
using stf::Box;

namespace {

constexpr uint64_t kMany = 1 << 20;  // rows

// How often each sample of a y x x picture is in a box.
std::vector<int> counts(const std::vector<Box>& boxes, uint32_t y, uint32_t x) {
  std::vector<int> n(size_t{y} * x);
  for (const Box& box : boxes)
    for (uint32_t r = box.y0; r < box.y1; ++r)
      for (uint32_t c = box.x0; c < box.x1; ++c) ++n[r * x + c];
  return n;
}

// Cut a box at random, down to small ones.
void split(const Box& box, check::Random& random, std::vector<Box>& out) {
  const uint32_t h = box.y1 - box.y0, w = box.x1 - box.x0;
  if (random.in(0, 3) == 0 || (h < 2 && w < 2)) {
    out.push_back(box);
  } else if (w < 2 || (h >= 2 && random.in(0, 1))) {
    const uint32_t at = random.in(box.y0 + 1, box.y1 - 1);
    split({box.y0, at, box.x0, box.x1}, random, out);
    split({at, box.y1, box.x0, box.x1}, random, out);
  } else {
    const uint32_t at = random.in(box.x0 + 1, box.x1 - 1);
    split({box.y0, box.y1, box.x0, at}, random, out);
    split({box.y0, box.y1, at, box.x1}, random, out);
  }
}

}  // namespace

TEST("exact cover and what is left of it, against counting") {
  check::Random random;
  int exact = 0;
  for (int i = 0; i < 3000; ++i) {
    const uint32_t y = random.in(1, 12), x = random.in(1, 12);
    std::vector<Box> boxes;
    split({0, y, 0, x}, random, boxes);
    for (auto k = static_cast<uint32_t>(boxes.size()); k > 1; --k) std::swap(boxes[k - 1], boxes[random.in(0, k - 1)]);
    for (uint32_t n = random.in(0, 2); n > 0 && !boxes.empty(); --n) {  // spoil it
      const uint32_t k = random.in(0, static_cast<uint32_t>(boxes.size()) - 1);
      switch (random.in(0, 2)) {
        case 0: boxes.erase(boxes.begin() + k); break;
        case 1: boxes.push_back(boxes[k]); break;
        default:
          boxes[k] = {random.in(0, y - 1), 0, random.in(0, x - 1), 0};
          boxes[k].y1 = random.in(boxes[k].y0 + 1, y);
          boxes[k].x1 = random.in(boxes[k].x0 + 1, x);
      }
    }
    bool once = true, most_once = true;
    for (int n : counts(boxes, y, x)) once &= n == 1, most_once &= n <= 1;
    exact += once;
    CHECK(covers(boxes, y, x) == once);
    CHECK(disjoint(boxes) == most_once);
    if (!most_once) continue;
    std::vector<Box> rest;
    uint64_t budget = 1u << 20;
    CHECK(complement(boxes, y, x, budget, rest));
    rest.insert(rest.end(), boxes.begin(), boxes.end());
    CHECK(covers(rest, y, x));
  }
  CHECK(exact > 300 && exact < 2700);
}

TEST("times come back exactly, and only what is written is read") {
  check::Random random;
  for (int i = 0; i < 3000; ++i) {
    const size_t n = random.in(1, i % 10 ? 12 : 1024);
    FrameTimes times;
    int64_t at = i % 7 == 0 ? INT64_MIN + 1 : static_cast<int64_t>(random.next()) / 4;
    const bool constant = random.in(0, 1), gapless = random.in(0, 1);
    for (size_t k = 0; k < n; ++k) {
      times.pts.push_back(at);
      const int64_t step = constant && random.in(0, 9) ? 3003 : random.in(1, 100000);
      times.durations.push_back(gapless ? step : i % 3 ? 0 : random.in(0, 3));
      at += step;
    }
    stf::ByteWriter out(stf::default_allocator());
    write_times(out, times);
    FrameTimes back;
    stf::ByteReader in(out.data(), out.size());
    read_times(in, n, back);
    CHECK(in.ok() && in.left() == 0 && back.pts == times.pts && back.durations == times.durations);
    // Any other bytes either fail or are the one way to write other times.
    std::vector<uint8_t> other(out.data(), out.data() + out.size());
    other[random.in(0, static_cast<uint32_t>(other.size()) - 1)] ^= static_cast<uint8_t>(1u << random.in(0, 7));
    stf::ByteReader again(other.data(), other.size());
    read_times(again, n, back);
    if (again.ok()) {
      CHECK(times_valid(back.pts.data(), back.durations.data(), n));
      stf::ByteWriter rewritten(stf::default_allocator());
      write_times(rewritten, back);
      CHECK(rewritten.size() == again.position() && std::memcmp(rewritten.data(), other.data(), rewritten.size()) == 0);
    }
  }
  const auto size = [](std::vector<int64_t> pts, std::vector<int64_t> durations) {
    stf::ByteWriter out(stf::default_allocator());
    write_times(out, {std::move(pts), std::move(durations)});
    return out.size();
  };
  CHECK_EQ(size({0, 1, 2, 3}, {1, 1, 1, 1}), 5u);
  CHECK_EQ(size({0, 1, 2, 3}, {0, 0, 0, 0}), 4u);
}

TEST("pages come back, and damaged ones are refused or are pages") {
  check::Random random;
  stf_store_desc desc{};
  desc.format = {STF_UINT8, 8, 3, 1, 1, STF_LAYOUT_PLANES, {}};
  desc.y = 46, desc.x = 70;
  desc.fragment_t = 4, desc.fragment_y = desc.fragment_x = 16;
  desc.time_base_num = desc.time_base_den = 1;
  const StoreHeader header = make_header(desc);
  for (int i = 0; i < 400; ++i) {
    Page page;
    page.t0 = random.in(0, 100000);
    page.t = random.in(1, 20);
    for (uint32_t k = 0; k < page.t; ++k) page.times.pts.push_back(40 * k), page.times.durations.push_back(40);
    std::vector<Box> boxes;
    split({0, 23, 0, 35}, random, boxes);
    for (const Box& box : boxes) {
      Row row;
      row.box = {2 * box.y0, 2 * box.y1, 2 * box.x0, 2 * box.x1};
      row.codec = random.in(0, 3) ? 0 : random.in(0, 1) ? STF_CODEC_MISSING : STF_CODEC_AV1;
      if (!row.missing()) row.bytes = random.in(1, 1u << random.in(0, 20)), row.crc = random.in(0, UINT32_MAX);
      if (!random.in(0, 3)) row.sse[random.in(0, 2)] = random.next();
      page.rows.push_back(row);
    }
    page.offset = uint64_t{1} << 40;
    CHECK(place_rows(page, 8));
    stf::ByteWriter written(stf::default_allocator());
    write_page(header, page, written);
    std::vector<uint8_t> body = fixture::bytes_of(written.buffer());
    Page back;
    std::string why;
    CHECK(read_page(header, body.data(), body.size(), page.offset, kMany, back, why));
    CHECK(!read_page(header, body.data(), body.size(), page.offset, page.rows.size() - 1, back, why));
    CHECK(read_page(header, body.data(), body.size(), page.offset, page.rows.size(), back, why));
    CHECK(back.begin == page.begin && back.rows.size() == page.rows.size() && back.times.pts == page.times.pts);
    for (size_t k = 0; k < page.rows.size(); ++k) {
      const Row &a = page.rows[k], &b = back.rows[k];
      CHECK(a.box == b.box && a.codec == b.codec && a.offset == b.offset && a.bytes == b.bytes && a.crc == b.crc);
      CHECK(std::equal(std::begin(a.sse), std::end(a.sse), std::begin(b.sse)));
    }
    CHECK(!read_page(header, body.data(), body.size(), 50, kMany, back, why) || page.offset - page.begin < 42);
    body[random.in(0, static_cast<uint32_t>(body.size()) - 1)] ^= static_cast<uint8_t>(1u << random.in(0, 7));
    if (read_page(header, body.data(), body.size(), page.offset, kMany, back, why))
      CHECK(rows_cover(header, back.rows));
    const size_t cut = random.in(0, static_cast<uint32_t>(body.size()) - 1);
    CHECK(!read_page(header, body.data(), cut, page.offset, kMany, back, why));
  }
}

TEST("file descriptors") {
  char name[] = "/tmp/stf_test_XXXXXX";
  const int fd = mkstemp(name);
  CHECK(fd >= 0);
  unlink(name);
  stf_error error{};
  stf_sink sink;
  stf_source source;
  CHECK_STATUS(stf_sink_fd(fd, &sink, &error), STF_OK);
  std::vector<uint8_t> data(300000);
  for (size_t i = 0; i < data.size(); ++i) data[i] = static_cast<uint8_t>(i * 7 + i / 256);
  CHECK_STATUS(sink.write(sink.opaque, data.data(), data.size()), STF_OK);
  CHECK_STATUS(stf_source_fd(fd, &source, &error), STF_OK);
  CHECK_EQ(source.size, data.size());
  std::vector<uint8_t> back(1000);
  CHECK_STATUS(source.read_at(source.opaque, 123456, back.data(), back.size()), STF_OK);
  CHECK(std::equal(back.begin(), back.end(), data.begin() + 123456));
  CHECK_EQ(lseek(fd, 0, SEEK_CUR), static_cast<off_t>(data.size()));  // not moved
  CHECK(ftruncate(fd, 100) == 0);
  CHECK_STATUS(source.read_at(source.opaque, 99, back.data(), 2), STF_E_IO);
  close(fd);
  CHECK_STATUS(stf_source_fd(fd, &source, &error), STF_E_IO);
  CHECK_STATUS(stf_sink_fd(-1, &sink, &error), STF_E_IO);
  int ends[2];
  CHECK(pipe(ends) == 0);
  CHECK_STATUS(stf_source_fd(ends[0], &source, &error), STF_E_IO);
  close(ends[0]), close(ends[1]);

  const int full = open("/dev/full", O_WRONLY);
  if (full < 0) return;
  stf_store_desc desc{};
  desc.format = {STF_UINT8, 8, 1, 0, 0, STF_LAYOUT_GRAY, {}};
  desc.y = desc.x = desc.fragment_t = desc.fragment_y = desc.fragment_x = 8;
  CHECK_STATUS(stf_sink_fd(full, &sink, &error), STF_OK);
  stf_writer* writer = nullptr;
  CHECK_STATUS(stf_writer_create(nullptr, &sink, &desc, nullptr, &writer, &error), STF_E_IO);
  CHECK(std::strstr(error.message, "no space left on device") != nullptr);
  close(full);
}

TEST("what cannot be written is refused when the writer is made") {
  const auto status = [](auto change) {
    stf_store_desc desc{};
    desc.format = {STF_UINT8, 8, 3, 1, 1, STF_LAYOUT_PLANES, {}};
    desc.y = 1080, desc.x = 1920;
    desc.fragment_t = 32, desc.fragment_y = desc.fragment_x = 256;
    change(desc);
    const stf_sink sink{nullptr, [](void*, const void*, size_t) { return STF_OK; }};
    stf_writer* writer = nullptr;
    stf_error error{};
    const stf_status s = stf_writer_create(nullptr, &sink, &desc, nullptr, &writer, &error);
    CHECK((s == STF_OK) == (writer != nullptr) && (s == STF_OK || error.message[0] != 0));
    stf_writer_free(writer);
    return s;
  };
  CHECK_STATUS(status([](stf_store_desc&) {}), STF_OK);
  CHECK_STATUS(status([](stf_store_desc& d) { d.fragment_y = 255; }), STF_E_ARGUMENT);
  CHECK_STATUS(status([](stf_store_desc& d) { d.fragment_y = 255, d.cut_y = STF_CUT_BALANCED; }), STF_OK);
  CHECK_STATUS(status([](stf_store_desc& d) { d.fragment_t = 1025; }), STF_E_ARGUMENT);
  CHECK_STATUS(status([](stf_store_desc& d) { d.fragment_t = 1000, d.cut_t = STF_CUT_BALANCED; }), STF_E_ARGUMENT);
  CHECK_STATUS(status([](stf_store_desc& d) { d.y = 20000, d.fragment_y = 17000; }), STF_E_ARGUMENT);
  CHECK_STATUS(status([](stf_store_desc& d) { d.fragment_t = 300, d.fragment_y = d.fragment_x = 4096; }),
               STF_E_ARGUMENT);
  CHECK_STATUS(status([](stf_store_desc& d) { d.y = d.x = INT32_MAX, d.fragment_y = d.fragment_x = 2; }), STF_E_LIMIT);
  CHECK_STATUS(status([](stf_store_desc& d) { d.y = 0; }), STF_E_ARGUMENT);
  CHECK_STATUS(status([](stf_store_desc& d) { d.x = 1u << 31; }), STF_E_ARGUMENT);
  CHECK_STATUS(status([](stf_store_desc& d) { d.time_base_num = 1; }), STF_E_ARGUMENT);
  CHECK_STATUS(status([](stf_store_desc& d) { d.cut_x = 9; }), STF_E_ARGUMENT);
  CHECK_STATUS(status([](stf_store_desc& d) { d.format.bits = 9; }), STF_E_ARGUMENT);
}

CHECK_MAIN()
