// Any bytes as a store: open, index, times, a few reads, verify and repair; what repair makes of it must open again.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "stfrag/stfrag.h"

namespace {

using Bytes = std::vector<uint8_t>;

stf_status append(void* opaque, const void* data, size_t size) {
  auto* out = static_cast<Bytes*>(opaque);
  const auto* p = static_cast<const uint8_t*>(data);
  out->insert(out->end(), p, p + size);
  return STF_OK;
}

// Returns whether it opened.
bool use(const stf_env& env, const void* data, size_t size) {
  const stf_memory memory{data, size};
  stf_source source;
  stf_source_memory(&memory, &source);
  stf_error error;
  stf_reader* reader = nullptr;
  if (stf_reader_open(&env, &source, &reader, &error) != STF_OK) return false;
  stf_store_info info;
  stf_reader_get_info(reader, &info);

  stf_colour colour;
  if (stf_reader_colour(reader, &colour, &error) == STF_OK && (colour.model > 2 || colour.matrix == 0)) std::abort();

  const uint64_t rows = info.fragments < 64 ? info.fragments : 64;
  std::vector<stf_index_row> index(rows);
  if (rows) stf_reader_index(reader, 0, rows, index.data(), &error);
  std::vector<int64_t> pts(8);
  if (info.frames) stf_reader_times(reader, 0, info.frames < 8 ? info.frames : 8, pts.data(), nullptr, &error);
  uint64_t frame;
  stf_reader_find_time(reader, 3, &frame, &error);

  for (uint64_t i = 0; i < 4 && i < info.packet_records; ++i) {
    const uint64_t record = i % 2 ? i / 2 : info.packet_records - 1 - i / 2;
    size_t packets_size = 0;
    if (stf_reader_packets(reader, record, nullptr, nullptr, nullptr, 0, &packets_size, &error) != STF_OK) continue;
    Bytes packets(packets_size);
    stf_reader_packets(reader, record, nullptr, nullptr, packets.data(), packets.size(), &packets_size, &error);
  }

  const uint32_t y = info.desc.y < 64 ? info.desc.y : 64, x = info.desc.x < 64 ? info.desc.x : 64;
  Bytes planes[STF_MAX_COMPONENTS];
  stf_video out{};
  for (uint32_t c = 0; c < info.desc.format.components; ++c) {
    const size_t item = stf_itemsize(info.desc.format.dtype);
    planes[c].resize(2 * item * (y + 4) * (x + 4));
    out.planes[c] = {planes[c].data(), static_cast<ptrdiff_t>(item * (y + 4) * (x + 4)),
                     static_cast<ptrdiff_t>(item * (x + 4)), static_cast<ptrdiff_t>(item)};
  }
  const uint64_t frames[2] = {info.frames ? info.frames - 1 : 0, 0};
  stf_request request{};
  request.frames = frames;
  request.n_frames = 2;
  request.y0 = info.desc.y - y;
  request.y1 = info.desc.y;
  request.x1 = x;
  for (const uint8_t seams : {0, 1}) {
    request.seams = seams;
    if (info.frames) stf_reader_read(reader, &request, &out, nullptr, &error);
  }
  stf_reader_free(reader);
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  stf_env env;
  stf_env_init(&env);
  env.limits.max_samples = 1u << 18;
  env.limits.max_index_bytes = 1u << 20;
  use(env, data, size);

  const stf_memory memory{data, size};
  stf_source source;
  stf_source_memory(&memory, &source);
  stf_error error;
  stf_verify_report verified;
  stf_verify(&env, &source, 1, nullptr, nullptr, &verified, &error);

  Bytes repaired;
  const stf_sink sink{&repaired, append};
  stf_repair_report report;
  if (stf_repair(&env, &source, &sink, &report, &error) == STF_OK && !use(env, repaired.data(), repaired.size())) {
    std::fprintf(stderr, "repair made a store that does not open\n");
    std::abort();
  }
  return 0;
}
