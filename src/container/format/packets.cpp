#include "container/format/packets.hpp"

#include <algorithm>

#include "common/border.hpp"
#include "common/status.hpp"
#include "container/check/scan.hpp"
#include "container/read/store.hpp"

namespace stf::store {
namespace {

constexpr uint64_t kPlaceMin = 4;  // bytes that a place takes at least

// Modulo 2^64.
int64_t difference(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}
int64_t sum(int64_t a, int64_t b) { return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b)); }

void write_times(ByteWriter& out, int64_t begin, int64_t end, int64_t from) {
  out.svarint(difference(begin, from));
  out.uvarint(static_cast<uint64_t>(difference(end, begin)));
}

void read_times(ByteReader& in, int64_t from, int64_t& begin, int64_t& end) {
  begin = sum(from, in.svarint());
  const uint64_t length = in.uvarint_in(0, static_cast<uint64_t>(difference(INT64_MAX, begin)));
  end = sum(begin, static_cast<int64_t>(length));
  if (!packet_times_valid(begin, end)) in.fail();
}

void write_places(ByteWriter& out, const std::vector<PacketPlace>& places) {
  uint64_t at = 0;
  int64_t time = 0;
  for (const PacketPlace& place : places) {
    out.uvarint(place.offset - at);
    out.uvarint(place.length);
    write_times(out, place.begin, place.end, time);
    at = place.offset + place.length;
    time = place.begin;
  }
}

void read_places(ByteReader& in, uint64_t n, uint64_t limit, std::vector<PacketPlace>& places) {
  places.clear();
  if (n > in.left() / kPlaceMin) return in.fail();
  uint64_t at = 0;
  int64_t time = 0;
  for (uint64_t i = 0; i < n && in.ok(); ++i) {
    PacketPlace place;
    place.offset = at + in.uvarint_in(i == 0 ? sizeof kSignature : 0, limit - at);
    place.length = in.uvarint_in(kRecordHeadMin, limit - place.offset);
    read_times(in, time, place.begin, place.end);
    at = place.offset + place.length;
    time = place.begin;
    places.push_back(place);
  }
}

bool starts_group(uint64_t number) { return number != 0 && number % kPacketGroup == 0; }
// Numbers of the last group of `count` records.
uint64_t last_group(uint64_t count) { return count == 0 ? 0 : (count - 1) / kPacketGroup * kPacketGroup; }

}  // namespace

bool packet_times_valid(int64_t begin, int64_t end) {
  return begin <= end && (begin != STF_NO_TIME || end == STF_NO_TIME);
}

void PacketIndex::write_next(ByteWriter& out, const void* data, size_t size, int64_t begin, int64_t end) const {
  out.uvarint(count);
  write_times(out, begin, end, 0);
  if (starts_group(count)) write_places(out, group);
  out.bytes(data, size);
}

void PacketIndex::add(const PacketPlace& place, size_t size) {
  if (starts_group(count)) group.clear();
  group.push_back(place);
  count += 1;
  bytes += size;
}

void write_packet_index(ByteWriter& out, const PacketIndex& index) {
  out.uvarint(index.count);
  out.uvarint(index.bytes);
  write_places(out, index.group);
}

bool read_packet_index(const uint8_t* body, size_t size, uint64_t limit, PacketIndex& index) {
  ByteReader in(body, size);
  index.count = in.uvarint_in(1, limit / kRecordHeadMin);
  index.bytes = in.uvarint_in(1, limit);
  if (in.ok()) read_places(in, index.count - last_group(index.count), limit, index.group);
  return in.ok() && in.left() == 0;
}

bool read_packet_head(const uint8_t* body, size_t size, uint64_t offset, PacketHead& head) {
  ByteReader in(body, size);
  head.number = in.uvarint_in(0, INT64_MAX);
  read_times(in, 0, head.begin, head.end);
  head.before.clear();
  if (in.ok() && starts_group(head.number)) read_places(in, kPacketGroup, offset, head.before);
  head.size = in.position();
  return in.ok() && in.left() != 0;
}

stf_status Packets::place(const Store& store, uint64_t number, PacketPlace& place, stf_error* error) {
  const PacketIndex& index = store.tail().packets;
  uint64_t first = last_group(index.count);  // of the group that is looked into
  const std::vector<PacketPlace>* group = &index.group;
  const std::lock_guard lock(mutex_);
  // Each group lies before the one that names it: offsets fall, so that this ends.
  for (size_t i = 0; number < first; ++i, first -= kPacketGroup) {
    if (i == groups_.size()) {
      const PacketPlace& at = group->front();
      Array<uint8_t> body(store.env());
      PacketHead head;
      STF_TRY(store.read_record(at.offset, at.length, kPacketsRecord, "a record of packets", body, error));
      if (!read_packet_head(body.data(), body.size(), at.offset, head) || head.number != first)
        return fail(error, STF_E_CORRUPT_STORE, "the list of packets is damaged: use repair");
      groups_.push_back(std::move(head.before));
    }
    group = &groups_[i];
  }
  place = (*group)[number - first];
  return STF_OK;
}

stf_status Packets::read(const Store& store, uint64_t number, Array<uint8_t>& body, PacketHead& head,
                         stf_error* error) {
  PacketPlace at;
  STF_TRY(place(store, number, at, error));
  STF_TRY(store.read_record(at.offset, at.length, kPacketsRecord, "a record of packets", body, error));
  if (!read_packet_head(body.data(), body.size(), at.offset, head) || head.number != number || head.begin != at.begin ||
      head.end != at.end)
    return fail(error, STF_E_CORRUPT_STORE, "packets at %llu are not what the list of packets says: use repair",
                static_cast<unsigned long long>(at.offset));
  return STF_OK;
}

void PacketCheck::see(const Scanned& record) {
  PacketHead head;
  if (!read_packet_head(record.body.data(), record.body.size(), record.offset, head)) head.number = UINT64_MAX;
  seen_.push_back({record.offset, record.end - record.offset, head.begin, head.end});
  numbers_.push_back(head.number);
}

stf_status PacketCheck::run(Store& store, stf_error* error) const {
  const uint64_t count = store.tail().packets.count;
  if (seen_.size() != count)
    return fail(error, STF_E_CORRUPT_STORE, "there are %zu records of packets, the tail knows of %llu: use repair",
                seen_.size(), static_cast<unsigned long long>(count));
  for (uint64_t number = 0; number < count; ++number) {
    PacketPlace place;
    STF_TRY(store.packets().place(store, number, place, error));
    if (numbers_[number] != number || !(seen_[number] == place))
      return fail(error, STF_E_CORRUPT_STORE, "packets at %llu are not what the list of packets says: use repair",
                  static_cast<unsigned long long>(seen_[number].offset));
  }
  return STF_OK;
}

}  // namespace stf::store

// NOLINTNEXTLINE(readability-function-size): public, in C
extern "C" stf_status stf_reader_packets(stf_reader* reader, uint64_t record, int64_t* begin_us, int64_t* end_us,
                                         void* out, size_t capacity, size_t* size, stf_error* error) {
  using namespace stf::store;
  return stf::at_border(error, [&]() -> stf_status {
    Store& store = reader->store;
    const uint64_t count = store.tail().packets.count;
    if (record >= count)
      return stf::fail(error, STF_E_ARGUMENT, "there is no record %llu of packets: there are %llu",
                       static_cast<unsigned long long>(record), static_cast<unsigned long long>(count));
    PacketPlace place;
    STF_TRY(store.packets().place(store, record, place, error));
    if (begin_us != nullptr) *begin_us = place.begin;
    if (end_us != nullptr) *end_us = place.end;
    if (place.length > store.env().limits.max_index_bytes + kRecordHeadMax)
      return stf::fail(error, STF_E_LIMIT, "a record of packets takes %llu bytes, more than max_index_bytes",
                       static_cast<unsigned long long>(place.length));
    if (size != nullptr) *size = static_cast<size_t>(place.length);
    if (out == nullptr) return STF_OK;
    stf::Array<uint8_t> body(store.env());
    PacketHead head;
    STF_TRY(store.packets().read(store, record, body, head, error));
    const size_t bytes = body.size() - head.size;
    if (size != nullptr) *size = bytes;
    if (bytes > capacity)
      return stf::fail(error, STF_E_CAPACITY, "the %zu bytes of packets do not fit into %zu", bytes, capacity);
    std::copy(body.begin() + head.size, body.end(), static_cast<uint8_t*>(out));
    return STF_OK;
  });
}
