// Any bytes as a fragment that is the stream of another codec: its packets, wrapped again, and decoding with the toy
// codec of the tests, whole and in part, with the checks and without, so that mutations get past them.

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "../cpp/stream_fixture.hpp"

namespace {

using Bytes = std::vector<uint8_t>;

// What wrap() makes of the packets of a fragment must have the same packets again.
void wrap_again(const stf_env& env, const stf_fragment_info& info, const stf_stream& stream,
                const std::vector<stf_packet>& packets) {
  size_t bytes = stream.extradata_size, written = 0;
  for (const stf_packet& p : packets) bytes += p.size;
  Bytes coded(stf_fragment_wrap_bound(packets.size(), bytes));
  stf_error error;
  if (stf_fragment_wrap(&env, &info.format, info.size, &stream, packets.data(), packets.size(), 0, 0, coded.data(),
                        coded.size(), &written, &error) != STF_OK)
    std::abort();
  stf_stream again;
  size_t n = 0;
  std::vector<stf_packet> found(packets.size());
  if (stf_fragment_stream(&env, coded.data(), written, &again, found.data(), found.size(), &n, &error) != STF_OK ||
      n != packets.size())
    std::abort();
  for (size_t i = 0; i < n; ++i)
    if (found[i].size != packets[i].size || found[i].frame != packets[i].frame || found[i].flags != packets[i].flags ||
        (found[i].size != 0 && std::memcmp(found[i].data, packets[i].data, found[i].size) != 0))
      std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fixture::ToyCodec toy;
  toy.env.limits.max_samples = 1u << 13;  // of a frame: streams pass frame by frame
  const stf_env& env = toy.env;
  stf_error error;

  stf_stream stream;
  size_t n = 0;
  if (stf_fragment_stream(&env, data, size, &stream, nullptr, 0, &n, &error) != STF_OK) return 0;
  std::vector<stf_packet> packets(n);
  if (stf_fragment_stream(&env, data, size, &stream, packets.data(), n, &n, &error) != STF_OK) std::abort();
  stf_fragment_info info;
  if (stf_fragment_info_read(&env, data, size, &info, &error) != STF_OK) return 0;
  wrap_again(env, info, stream, packets);
  toy.codec.id = stream.codec;

  stf_video out{};
  out.format = info.format;
  out.size = info.size;
  Bytes planes[STF_MAX_COMPONENTS];
  const size_t item = stf_itemsize(info.format.dtype);
  for (uint32_t c = 0; c < info.format.components; ++c) {
    uint32_t y, x;
    stf_plane_extent(&info.format, c, info.size.y, info.size.x, &y, &x);
    planes[c].resize(size_t{info.size.t} * y * x * item);
    out.planes[c] = {planes[c].data(), static_cast<ptrdiff_t>(item * y * x), static_cast<ptrdiff_t>(item * x),
                     static_cast<ptrdiff_t>(item)};
  }
  stf_fragment_request all{};
  stf_fragment_decode(&env, data, size, &all, &out, nullptr, &error);
  all.flags = STF_SKIP_CODED_CRC | STF_SKIP_SAMPLES_CRC;
  stf_fragment_decode(&env, data, size, &all, &out, nullptr, &error);

  // Two frames of a part of the picture, the last first.
  const uint32_t frames[2] = {info.size.t / 2, info.size.t - 1}, targets[2] = {1, 0};
  stf_fragment_request part{};
  part.frames = frames;
  part.targets = targets;
  part.n_frames = frames[0] < frames[1] ? 2 : 1;
  if (part.n_frames == 1) part.targets = nullptr;
  part.y0 = info.size.y / 3;
  part.y1 = info.size.y;
  part.x0 = info.size.x / 3;
  part.x1 = info.size.x;
  part.flags = STF_SKIP_CODED_CRC | STF_SKIP_SAMPLES_CRC;
  stf_fragment_decode(&env, data, size, &part, &out, nullptr, &error);
  return 0;
}
