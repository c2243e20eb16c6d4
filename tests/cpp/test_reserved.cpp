// Reserved space of the public structs: where it is not zero, a caller asks for what this library does not know.

#include <string>

#include "store_fixture.hpp"

using namespace fixture;

namespace {

// `call` must work with a struct as it is, and be refused once one of its reserved words (or bytes) is not zero.
template <typename Word, size_t N, typename Call>
void check_refused(Word (&reserved)[N], Call&& call) {
  stf_error error{};
  CHECK_OK(call(&error));
  for (Word& word : reserved) {
    word = 1;
    CHECK_STATUS(call(&error), STF_E_ARGUMENT);
    CHECK(std::strstr(error.message, "reserved") != nullptr);
    word = 0;
  }
  CHECK_OK(call(&error));
}

}  // namespace

TEST("reserved fields of the fragment calls must be zero") {
  Video video(kYuv420, {2, 16, 16}), back(kYuv420, {2, 16, 16});
  video.fill(1);
  stf_env env;
  stf_env_init(&env);
  stf_encode_options options;
  stf_encode_options_init(&options);
  stf_fragment_request request{};
  Bytes coded(4096);
  size_t size = 0;
  const auto encode = [&](stf_error* error) {
    return stf_fragment_encode(&env, &options, &video.video, coded.data(), coded.size(), &size, error);
  };
  const auto decode = [&](stf_error* error) {
    return stf_fragment_decode(&env, coded.data(), size, &request, &back.video, nullptr, error);
  };
  check_refused(options.reserved, encode);
  check_refused(env.reserved, encode);
  check_refused(env.limits.reserved, encode);
  check_refused(video.video.format.reserved, encode);
  check_refused(request.reserved, decode);
  check_refused(env.reserved, decode);
  check_refused(env.limits.reserved, [&](stf_error* error) {
    stf_fragment_info info;
    return stf_fragment_info_read(&env, coded.data(), size, &info, error);
  });
}

TEST("reserved fields of stores must be zero") {
  Video video(kYuv420, {2, 16, 16}), out(kYuv420, {2, 16, 16});
  video.fill(1);
  stf_env env;
  stf_env_init(&env);
  stf_encode_options options;
  stf_encode_options_init(&options);
  stf_store_desc desc = desc_of(video, 2, 16, 16);
  Bytes bytes;
  const stf_sink sink = sink_to(bytes);
  const auto create = [&](stf_error* error) {
    stf_writer* writer = nullptr;
    const stf_status status = stf_writer_create(&env, &sink, &desc, &options, &writer, error);
    stf_writer_free(writer);
    return status;
  };
  check_refused(env.reserved, create);
  check_refused(desc.reserved, create);
  check_refused(options.reserved, create);

  const Bytes store = make_store(video, desc);
  const stf_memory memory{store.data(), store.size()};
  stf_source source;
  stf_source_memory(&memory, &source);
  check_refused(env.reserved, [&](stf_error* error) {
    stf_reader* reader = nullptr;
    const stf_status status = stf_reader_open(&env, &source, &reader, error);
    stf_reader_free(reader);
    return status;
  });
  check_refused(env.reserved,
                [&](stf_error* error) { return stf_verify(&env, &source, 0, nullptr, nullptr, nullptr, error); });
  check_refused(env.reserved, [&](stf_error* error) { return stf_repair(&env, &source, &sink, nullptr, error); });

  Opened opened(store);
  stf_request request{};
  request.n_frames = 2;
  request.y1 = request.x1 = 16;
  const auto read = [&](stf_error* error) {
    return stf_reader_read(opened.reader, &request, &out.video, nullptr, error);
  };
  check_refused(request.reserved, read);
  for (uint32_t c = 0; c < 3; ++c) out.set_plane(c, 2, 16, 16, 1);
  request.output = STF_OUTPUT_RGB;
  request.colour = {1, 1, 0, 0, 8, {}};
  check_refused(request.colour.reserved, read);

  Bytes coded(65536);
  size_t size = 0;
  stf_error error{};
  CHECK_OK(stf_reader_fragment(opened.reader, 0, coded.data(), coded.size(), &size, &error));
  for (const uint8_t reserved : {1, 0}) {
    stf_coded_fragment fragment{};
    fragment.y1 = fragment.x1 = 16;
    fragment.data = coded.data();
    fragment.size = size;
    fragment.reserved = reserved;
    stf_writer* writer = nullptr;
    CHECK_OK(stf_writer_create(&env, &sink, &desc, &options, &writer, &error));
    CHECK_STATUS(stf_writer_append_coded(writer, 2, nullptr, nullptr, &fragment, 1, &error),
                 reserved ? STF_E_ARGUMENT : STF_OK);
    stf_writer_free(writer);
  }
}

TEST("reserved fields of streams and blocks must be zero") {
  stf_env env;
  stf_env_init(&env);
  stf_stream stream{};
  stream.codec = STF_CODEC_H264;
  stream.components = 1;
  stream.bits = 8;
  stream.y = stream.x = 16;
  const stf_packet packet{"packet", 6, 0, STF_PACKET_KEY};
  Bytes out(4096);
  size_t written = 0;
  const auto wrap = [&](stf_error* error) {
    return stf_fragment_wrap(&env, &kGray8, {1, 16, 16}, &stream, &packet, 1, 0, 0, out.data(), out.size(), &written,
                             error);
  };
  check_refused(stream.reserved_words, wrap);
  check_refused(env.reserved, wrap);
  stf_error error{};
  stream.reserved = 1;
  CHECK_STATUS(wrap(&error), STF_E_ARGUMENT);

  stf_rans_options options{};
  const Bytes symbols(100, 7);
  Bytes coded(stf_rans_bound(symbols.size())), back(symbols.size());
  check_refused(options.reserved, [&](stf_error* e) {
    return stf_rans_encode(&options, symbols.data(), symbols.size(), coded.data(), coded.size(), &written, e);
  });
  check_refused(options.reserved, [&](stf_error* e) {
    return stf_rans_decode(&options, coded.data(), written, back.data(), back.size(), e);
  });

  Video video(kGray8, {1, 16, 32});
  stf_seam seam{};
  seam.at = 16;
  seam.end = 16;
  seam.noise_before = seam.noise_after = 256;
  seam.before = seam.after = 8;
  for (const uint8_t reserved : {1, 0}) {
    seam.reserved = reserved;
    CHECK_STATUS(stf_seam_filter(STF_UINT8, 8, &video.video.planes[0], video.video.size, &seam, 1, &error),
                 reserved ? STF_E_ARGUMENT : STF_OK);
  }
}

CHECK_MAIN()
