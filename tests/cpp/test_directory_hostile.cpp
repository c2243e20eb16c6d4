// Directories whose every record is valid, but which lead to the same page or node from two places.

#include "bytes_fixture.hpp"
#include "container/format/directory.hpp"
#include "container/format/page.hpp"
#include "container/format/tail.hpp"
#include "store_fixture.hpp"

using namespace fixture;
using namespace stf::store;

namespace {

using stf::ByteWriter;

ByteWriter empty() { return ByteWriter(stf::default_allocator()); }

Entry put(ByteWriter& bytes, uint8_t type, const ByteWriter& body, Entry entry) {
  entry.offset = bytes.size();
  append_record(bytes, type, body.data(), body.size());
  entry.length = bytes.size() - entry.offset;
  return entry;
}

Entry put_node(ByteWriter& bytes, uint32_t level, const Entry& child) {
  ByteWriter body = empty();
  write_node({level, {child}}, false, body);
  return put(bytes, kDirectoryRecord, body, child);
}

// What a second path to the same place says: two frames and one fragment later.
Entry later(Entry entry) {
  entry.frame0 += entry.frames;
  entry.fragment0 += entry.fragments;
  return entry;
}

// A store of 2 frames in one fragment, whose directory claims 4 frames in 2 by giving the page (share_node: the node
// above it) twice.
Bytes shared_store(const Video& video, bool share_node) {
  const StoreHeader header = make_header(desc_of(video, 2, 4, 4));
  ByteWriter bytes = empty();
  bytes.bytes(kSignature, sizeof kSignature);
  append_record(bytes, kHeaderRecord, header.body.data(), header.body.size());
  Bytes coded(1024);
  size_t size = 0;
  CHECK_STATUS(stf_fragment_encode(nullptr, nullptr, &video.video, coded.data(), coded.size(), &size, nullptr), STF_OK);

  Page page;
  page.t = 2;
  Row row;
  row.box = {0, 4, 0, 4};
  row.bytes = size;
  row.crc = stf_crc32c(0, coded.data(), size);
  page.rows.push_back(row);
  ByteWriter head = empty();
  append_fragment_head(head, page.fields(row), nullptr, size);
  bytes.bytes(head.data(), head.size());
  bytes.bytes(coded.data(), size);
  ByteWriter body = empty();
  write_page(header, page, body);
  Entry shared;
  shared.frames = 2;
  shared.fragments = 1;
  shared = put(bytes, kPageRecord, body, shared);
  if (share_node) shared = put_node(bytes, 0, shared);

  const uint32_t level = share_node ? 1 : 0;
  Tail tail;
  tail.header = header;
  tail.levels.resize(level + 2);
  tail.levels[level + 1].push_back(put_node(bytes, level, shared));
  tail.levels[level + 1].push_back(put_node(bytes, level, later(shared)));
  tail.offset = bytes.size();
  tail.frames = 4;
  tail.slabs = tail.fragments = 2;
  tail.fragment_bytes = size;
  ByteWriter tail_body = empty();
  write_tail(tail, tail_body);
  const Entry place = put(bytes, kTailRecord, tail_body, {});
  uint8_t footer[kFooterSize];
  write_footer({place.offset, static_cast<uint32_t>(place.length)}, footer);
  bytes.bytes(footer, sizeof footer);
  return bytes_of(bytes.buffer());
}

}  // namespace

TEST("a page or node in two places of the directory is refused, whatever was read before") {
  Video video(kGray8, {2, 4, 4});
  video.fill(1);
  for (const bool share_node : {false, true}) {
    const Bytes bytes = shared_store(video, share_node);
    Opened store(bytes);
    CHECK_STATUS(store.status, STF_OK);
    CHECK_EQ(store.info.frames, 4u);
    Video out(kGray8, {1, 1, 1});
    CHECK_STATUS(store.read({0, 1}, 0, 4, 0, 4, 0, out), STF_OK);  // now it is in the cache
    CHECK(store.equals_crop(video, {0, 1}, 0, 0, 0, out));
    size_t size = 0;
    stf_error error{};
    CHECK_STATUS(stf_reader_fragment(store.reader, 0, nullptr, 0, &size, &error), STF_OK);
    const stf_status second = stf_reader_fragment(store.reader, 1, nullptr, 0, &size, &error);
    CHECK_STATUS(second, STF_E_CORRUPT_STORE);
    if (second == STF_OK) continue;  // what follows would not end
    CHECK_STATUS(store.read({2}, 0, 4, 0, 4, 0, out), STF_E_CORRUPT_STORE);
    stf_index_row rows[2];
    CHECK_STATUS(stf_reader_index(store.reader, 0, 2, rows, nullptr), STF_E_CORRUPT_STORE);
  }
}

TEST("a page of very many lost fragments in a byte each is refused before it takes memory") {
  stf_store_desc desc{};
  desc.format = kGray8;
  desc.y = desc.x = 64;
  desc.fragment_t = 1;
  desc.fragment_y = desc.fragment_x = 64;
  const StoreHeader header = make_header(desc);
  ByteWriter bytes = empty();
  bytes.bytes(kSignature, sizeof kSignature);
  append_record(bytes, kHeaderRecord, header.body.data(), header.body.size());
  Page page;
  page.t = 1;
  for (uint32_t y = 0; y < 64; ++y)
    for (uint32_t x = 0; x < 64; ++x) {
      Row row;
      row.box = {y, y + 1, x, x + 1};
      row.codec = STF_CODEC_MISSING;
      page.rows.push_back(row);
    }
  ByteWriter body = empty();
  write_page(header, page, body);
  CHECK(body.size() < 4200);
  Entry entry;
  entry.frames = 1;
  entry.fragments = page.rows.size();
  entry = put(bytes, kPageRecord, body, entry);
  Tail tail;
  tail.header = header;
  tail.levels = {{entry}};
  tail.offset = bytes.size();
  tail.frames = tail.slabs = 1;
  tail.fragments = entry.fragments;
  ByteWriter tail_body = empty();
  write_tail(tail, tail_body);
  const Entry place = put(bytes, kTailRecord, tail_body, {});
  uint8_t footer[kFooterSize];
  write_footer({place.offset, static_cast<uint32_t>(place.length)}, footer);
  bytes.bytes(footer, sizeof footer);

  const Bytes file = bytes_of(bytes.buffer());
  stf_env env;
  stf_env_init(&env);
  for (const auto& [limit, status] : {std::pair{6u * 4096, STF_E_CORRUPT_FRAGMENT}, {6u * 4095, STF_E_LIMIT}}) {
    env.limits.max_index_bytes = limit;
    Opened store(file, &env);
    CHECK_STATUS(store.status, STF_OK);
    Video out(kGray8, {1, 1, 1});
    CHECK_STATUS(store.read({0}, 0, 1, 0, 1, 0, out), status);
  }
}

TEST("repair of many loose fragments writes no more than such a file can have held") {
  stf_store_desc desc{};
  desc.format = kGray8;
  desc.y = desc.x = 256;
  desc.fragment_t = desc.fragment_y = desc.fragment_x = 1;  // 65536 tiles a slab
  const StoreHeader header = make_header(desc);
  ByteWriter bytes = empty();
  bytes.bytes(kSignature, sizeof kSignature);
  append_record(bytes, kHeaderRecord, header.body.data(), header.body.size());
  for (uint32_t t = 0; t < 300; ++t) {
    FragmentFields fields;
    fields.t0 = t;
    fields.t = 1;
    fields.box = {0, 1, 0, 1};
    fields.crc = stf_crc32c(0, "x", 1);
    ByteWriter record = empty();
    append_fragment_head(record, fields, nullptr, 1);
    record.u8('x');
    bytes.bytes(record.data(), record.size());
  }
  const stf_memory memory{bytes.data(), bytes.size()};
  stf_source source;
  stf_source_memory(&memory, &source);
  Bytes out;
  const stf_sink sink = sink_to(out);
  stf_repair_report report{};
  stf_error error{};
  CHECK_OK(stf_repair(nullptr, &source, &sink, &report, &error));
  CHECK_EQ(report.fragments_kept, 300u);
  CHECK_EQ(report.frames, 300u);
  CHECK(out.size() < 10 * bytes.size() + 65536);
}

CHECK_MAIN()
