// Fragments that are streams of a registered codec: samples there and back, which packets a read takes, damage.

#include "stream_fixture.hpp"

using namespace fixture;

namespace {

constexpr stf_format kGray8{STF_UINT8, 8, 1, 0, 0, STF_LAYOUT_GRAY, {0, 0}};

// What is in a fragment.
struct Collected {
  stf_stream stream{};
  std::vector<stf_packet> packets;
};

Collected collect(const std::vector<uint8_t>& coded) {
  Collected c;
  size_t n = 0;
  stf_error error{};
  CHECK_STATUS(stf_fragment_stream(nullptr, coded.data(), coded.size(), &c.stream, nullptr, 0, &n, &error), STF_OK);
  c.packets.resize(n);
  if (n > 1)
    CHECK_STATUS(
        stf_fragment_stream(nullptr, coded.data(), coded.size(), &c.stream, c.packets.data(), n - 1, &n, &error),
        STF_E_CAPACITY);
  CHECK_STATUS(stf_fragment_stream(nullptr, coded.data(), coded.size(), &c.stream, c.packets.data(), n, &n, &error),
               STF_OK);
  return c;
}

std::vector<uint8_t> wrap(const ToyCodec& toy, const stf_format& format, stf_size size, const stf_stream& stream,
                          const std::vector<stf_packet>& packets, bool verify, stf_status expected = STF_OK) {
  size_t bytes = stream.extradata_size, written = 0;
  for (const stf_packet& p : packets) bytes += p.size;
  std::vector<uint8_t> coded(stf_fragment_wrap_bound(packets.size(), bytes));
  stf_error error{};
  CHECK_STATUS(stf_fragment_wrap(&toy.env, &format, size, &stream, packets.data(), packets.size(), 0, verify,
                                 coded.data(), coded.size(), &written, &error),
               expected);
  coded.resize(written);
  return coded;
}

stf_status decode(const ToyCodec& toy, const std::vector<uint8_t>& coded, const stf_fragment_request& request,
                  const stf_video& video, stf_work* work = nullptr, stf_error* error = nullptr) {
  return stf_fragment_decode(&toy.env, coded.data(), coded.size(), &request, &video, work, error);
}

}  // namespace

TEST("every format comes back exactly, padded, shifted, with components to spare") {
  check::Random random;
  for (const stf_format& format : all_formats()) {
    ToyCodec toy;
    if (format.bits <= 12) toy.shift = static_cast<uint8_t>(random.in(0, 3));
    toy.padding = random.in(0, 9);
    if (format.components == 1) toy.extra_components = static_cast<uint8_t>(random.in(0, 3));
    if (format.components == 2) toy.extra_components = random.in(0, 1) ? 2 : 0;
    if (format.components == 3) toy.extra_components = static_cast<uint8_t>(random.in(0, 1));
    toy.hidden_packets = random.in(0, 1) != 0;
    toy.start_codes = random.in(0, 1) != 0;
    const stf_size size{random.in(1, 20), random.in(1, 9), random.in(1, 9)};
    const Picture picture(format, size, random, static_cast<int>(random.in(0, 4)));
    const auto coded = toy_fragment(toy, picture);
    Picture out(format, size, random, static_cast<int>(random.in(0, 4)));
    out.clear();
    stf_error error{};
    CHECK_STATUS(decode(toy, coded, {}, out.video, nullptr, &error), STF_OK);
    CHECK(out.same_samples(picture));
    CHECK(out.gaps_untouched());
    stf_fragment_info info;
    CHECK_STATUS(stf_fragment_info_read(nullptr, coded.data(), coded.size(), &info, nullptr), STF_OK);
    CHECK(info.codec == STF_CODEC_H264 && info.profile == 2 && info.samples_crc_known == 1);
  }
}

TEST("boxes and frames: only the packets that they need are decoded") {
  check::Random random;
  ToyCodec toy;
  toy.hidden_packets = false;
  const stf_size size{21, 7, 10};
  const Picture picture(kGray8, size, random, 0);
  const auto coded = toy_fragment(toy, picture);
  for (int round = 0; round < 300; ++round) {
    std::vector<uint32_t> frames;
    for (uint32_t t = 0; t < size.t; ++t)
      if (random.in(0, 5) == 0) frames.push_back(t);
    stf_fragment_request r{};
    r.frames = frames.data();
    r.n_frames = static_cast<uint32_t>(frames.size());
    r.y0 = random.in(0, 6), r.y1 = random.in(r.y0 + 1, 7), r.x0 = random.in(0, 9), r.x1 = random.in(r.x0 + 1, 10);
    if (frames.empty()) continue;
    std::vector<uint8_t> memory(frames.size() * 70, 0xCC);
    stf_video out{};
    out.planes[0] = {memory.data(), 70, 10, 1};
    stf_work work{};
    stf_error error{};
    CHECK_STATUS(decode(toy, coded, r, out, &work, &error), STF_OK);
    for (size_t i = 0; i < frames.size(); ++i)
      for (uint32_t y = r.y0; y < r.y1; ++y)
        for (uint32_t x = r.x0; x < r.x1; ++x)
          CHECK_EQ(memory[i * 70 + (y - r.y0) * 10 + x - r.x0], *picture.address(0, frames[i], y, x));
    // Even frames from the key frame on, and the odd ones that are wanted.
    size_t expected = 0;
    for (uint32_t first = 0; first < size.t; first += 8) {
      uint32_t last = UINT32_MAX;
      for (const uint32_t t : ToyCodec::order(size.t))
        if (t / 8 == first / 8 && std::count(frames.begin(), frames.end(), t)) last = t;
      if (last == UINT32_MAX) continue;
      for (const uint32_t t : ToyCodec::order(size.t)) {
        if (t / 8 != first / 8) continue;
        expected += t % 2 == 0 || std::count(frames.begin(), frames.end(), t);
        if (t == last) break;
      }
    }
    CHECK_EQ(work.frames, expected);
    CHECK_EQ(work.samples_out, frames.size() * (r.y1 - r.y0) * (r.x1 - r.x0));
  }
}

TEST("an encoder's result is decoded and compared; what is no smaller than samples is stored as samples") {
  check::Random random;
  const stf_size size{4, 6, 8};
  const Picture picture(kGray8, size, random, 0);
  ToyCodec toy;
  const auto encode_with = [&](const stf_encode_options& options, stf_error* error, std::vector<uint8_t>* coded) {
    size_t bound = 0, written = 0;
    CHECK_STATUS(stf_fragment_bound(&kGray8, size, &bound, nullptr), STF_OK);
    coded->resize(bound);
    const stf_status status = stf_fragment_encode(&toy.env, &options, &picture.video, coded->data(), bound, &written,
                                                  error);
    coded->resize(written);
    return status;
  };
  stf_error error{};
  std::vector<uint8_t> coded;
  CHECK_STATUS(encode_with(toy.options(), &error, &coded), STF_OK);
  stf_fragment_info info;
  CHECK_STATUS(stf_fragment_info_read(nullptr, coded.data(), coded.size(), &info, nullptr), STF_OK);
  CHECK(info.profile == 0 && info.codec == STF_CODEC_STF);
  toy.wrong_by = 3;
  CHECK_STATUS(encode_with(toy.options(), &error, &coded), STF_E_CODEC);
  CHECK(std::strstr(error.message, "not lossless") != nullptr);
  CHECK_STATUS(encode_with(toy.options(STF_NO_MAX_ERROR), &error, &coded), STF_OK);  // stored raw: exact after all
  toy.wrong_by = 0;
  toy.lose_frame = 2;
  CHECK_STATUS(encode_with(toy.options(), &error, &coded), STF_E_CORRUPT_FRAGMENT);
  toy.codec.decode = nullptr;
  CHECK_STATUS(encode_with(toy.options(), &error, &coded), STF_E_CODEC);
  toy.codec.encode = nullptr;
  CHECK_STATUS(encode_with(toy.options(), &error, &coded), STF_E_CODEC);
  toy.env.n_codecs = 0;
  CHECK_STATUS(encode_with(toy.options(), &error, &coded), STF_E_CODEC);
  CHECK(std::strstr(error.message, "h264") != nullptr);
}

TEST("packets go in and come out; those that make no fragment are refused") {
  check::Random random;
  ToyCodec toy;
  const stf_size size{11, 5, 6};
  const Picture picture(kGray8, size, random, 0);
  const auto coded = toy_fragment(toy, picture);
  const Collected c = collect(coded);
  CHECK_EQ(c.packets.size(), size_t{11});
  CHECK(c.stream.extradata_size == 5 && std::memcmp(c.stream.extradata, "extra", 5) == 0);
  CHECK(wrap(toy, kGray8, size, c.stream, c.packets, true) == coded);
  // On trust there is no CRC of the samples, and no decoder is needed.
  ToyCodec none;
  none.env.n_codecs = 0;
  const auto trusted = wrap(none, kGray8, size, c.stream, c.packets, false);
  stf_fragment_info info;
  CHECK_STATUS(stf_fragment_info_read(nullptr, trusted.data(), trusted.size(), &info, nullptr), STF_OK);
  CHECK(info.samples_crc_known == 0 && info.samples_crc == 0);
  Picture out(kGray8, size, random, 0);
  CHECK_STATUS(decode(toy, trusted, {}, out.video), STF_OK);
  CHECK(out.same_samples(picture));
  CHECK_STATUS(decode(none, trusted, {}, out.video), STF_E_CODEC);
  wrap(none, kGray8, size, c.stream, c.packets, true, STF_E_CODEC);

  auto bad = c.packets;
  bad[0].flags = 0;
  wrap(toy, kGray8, size, c.stream, bad, false, STF_E_ARGUMENT);
  bad = c.packets;
  bad[3].frame = bad[4].frame;
  wrap(toy, kGray8, size, c.stream, bad, false, STF_E_ARGUMENT);
  bad = c.packets;
  bad.pop_back();
  wrap(toy, kGray8, size, c.stream, bad, false, STF_E_ARGUMENT);
  bad = c.packets;
  bad[2].frame = 11;
  wrap(toy, kGray8, size, c.stream, bad, false, STF_E_ARGUMENT);
  const auto with = [&](auto change) {
    stf_stream s = c.stream;
    change(s);
    wrap(toy, kGray8, size, s, c.packets, false, STF_E_ARGUMENT);
  };
  with([](stf_stream& s) { s.codec = STF_CODEC_STF; });
  with([](stf_stream& s) { s.codec = STF_CODEC_MISSING; });
  with([](stf_stream& s) { s.y = 4; });
  with([](stf_stream& s) { s.x = 6 + 128; });
  with([](stf_stream& s) { s.bits = 17; });
  with([](stf_stream& s) { s.bits = 7; });
  with([](stf_stream& s) { s.shift = 1; });
  with([](stf_stream& s) { s.components = 0; });
  with([](stf_stream& s) { s.sub_x = 1; });
  // A frame does not come, though there is a packet.
  toy.lose_frame = 5;
  wrap(toy, kGray8, size, c.stream, c.packets, true, STF_E_CORRUPT_FRAGMENT);
}

TEST("any damage is refused or gives samples of the right shape") {
  check::Random random;
  const stf_format format{STF_UINT16, 10, 3, 1, 1, STF_LAYOUT_PLANES, {0, 0}};
  ToyCodec toy;
  toy.hidden_packets = true;
  toy.padding = 3;
  const stf_size size{9, 6, 7};
  const Picture picture(format, size, random, 0);
  const auto coded = toy_fragment(toy, picture);
  Picture out(format, size, random, 0);
  size_t decoded = 0;
  const auto attempt = [&](std::vector<uint8_t> bytes, uint32_t flags) {
    stf_fragment_info info;
    if (stf_fragment_info_read(nullptr, bytes.data(), bytes.size(), &info, nullptr) != STF_OK) return;
    if (std::memcmp(&info.format, &format, sizeof format) != 0 || info.size.t != size.t || info.size.y != size.y ||
        info.size.x != size.x)
      return;
    stf_fragment_request request{};
    request.flags = flags;
    stf_error error{};
    const stf_status status = decode(toy, bytes, request, out.video, nullptr, &error);
    if (status == STF_OK) ++decoded;
    if (flags == 0) CHECK(status != STF_OK);
    CHECK(out.gaps_untouched());
  };
  for (size_t i = 0; i < coded.size(); i += check::step())
    for (int bit = 0; bit < 8; ++bit) {
      auto bytes = coded;
      bytes[i] ^= static_cast<uint8_t>(1 << bit);
      attempt(bytes, 0);
      if (i < 200) attempt(bytes, STF_SKIP_CODED_CRC | STF_SKIP_SAMPLES_CRC);
    }
  for (size_t n = 0; n < coded.size(); n += 7) attempt({coded.begin(), coded.begin() + static_cast<ptrdiff_t>(n)}, 0);
  CHECK(decoded > 0);
}

TEST("a stream's limit on samples is that of a frame") {
  ToyCodec toy;
  std::vector<uint8_t> frame(1);
  stf_stream s{};
  s.codec = STF_CODEC_H264, s.components = 1, s.bits = 8, s.y = 4000, s.x = 4000;
  std::vector<stf_packet> packets;
  for (int t = 0; t < 100; ++t) packets.push_back({frame.data(), 1, t, t == 0 ? STF_PACKET_KEY : 0});
  const auto coded = wrap(toy, kGray8, {100, 4000, 4000}, s, packets, false);
  stf_fragment_info info;
  CHECK_STATUS(stf_fragment_info_read(nullptr, coded.data(), coded.size(), &info, nullptr), STF_OK);
  stf_env env = toy.env;
  env.limits.max_samples = 1000 * 1000;
  CHECK_STATUS(stf_fragment_info_read(&env, coded.data(), coded.size(), &info, nullptr), STF_E_LIMIT);
}

CHECK_MAIN()
