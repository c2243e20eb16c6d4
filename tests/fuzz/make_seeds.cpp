// fuzz_seeds FOLDER: small valid fragments, stores and entropy-coded streams of many kinds to start from, in the
// folders fragment, store, stream and entropy.

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "../cpp/lossy_tools_fixture.hpp"
#include "stfrag/stfrag.h"

void make_stream_seeds(const std::string& folder);

namespace {

using Bytes = std::vector<uint8_t>;

struct Case {
  const char* name;
  stf_format format;
  stf_size size;
};

const Case kCases[] = {
    {"gray8", {STF_UINT8, 8, 1, 0, 0, STF_LAYOUT_GRAY, {}}, {5, 20, 33}},
    {"gray16", {STF_UINT16, 16, 1, 0, 0, STF_LAYOUT_GRAY, {}}, {4, 17, 19}},
    {"signed16", {STF_INT16, 16, 1, 0, 0, STF_LAYOUT_GRAY, {}}, {3, 9, 31}},
    {"mask", {STF_BOOL, 1, 1, 0, 0, STF_LAYOUT_GRAY, {}}, {4, 24, 24}},
    {"rgb8", {STF_UINT8, 8, 3, 0, 0, STF_LAYOUT_INTERLEAVED, {}}, {3, 16, 18}},
    {"yuv420", {STF_UINT8, 8, 3, 1, 1, STF_LAYOUT_PLANES, {}}, {6, 35, 37}},
    {"yuva422p10", {STF_UINT16, 10, 4, 1, 0, STF_LAYOUT_PLANES, {}}, {2, 15, 21}},
    {"yuv440p12", {STF_UINT16, 12, 3, 0, 1, STF_LAYOUT_PLANES, {}}, {4, 26, 43}},
    {"gray8_large", {STF_UINT8, 8, 1, 0, 0, STF_LAYOUT_GRAY, {}}, {3, 72, 70}},
    {"one", {STF_UINT8, 8, 1, 0, 0, STF_LAYOUT_GRAY, {}}, {1, 1, 1}},
};

struct Picture {
  Bytes memory[STF_MAX_COMPONENTS];
  stf_video video{};

  explicit Picture(const Case& what, unsigned kind) {
    video.format = what.format;
    video.size = what.size;
    const size_t item = stf_itemsize(what.format.dtype);
    uint32_t state = 12345 + kind;
    for (uint32_t c = 0; c < what.format.components; ++c) {
      uint32_t y, x;
      stf_plane_extent(&what.format, c, what.size.y, what.size.x, &y, &x);
      memory[c].resize(item * what.size.t * y * x);
      video.planes[c] = {memory[c].data(), static_cast<ptrdiff_t>(item * y * x), static_cast<ptrdiff_t>(item * x),
                         static_cast<ptrdiff_t>(item)};
      for (uint32_t t = 0; t < what.size.t; ++t)
        for (uint32_t i = 0; i < y * x; ++i) {
          state = state * 1664525u + 1013904223u;
          uint32_t v = kind == 0 ? (i % x + t) * 5 + (i / x) * 3 + c * 40 + (state >> 30) : (state >> 16);
          v &= (1u << what.format.bits) - 1;
          uint8_t* at = memory[c].data() + (size_t{t} * y * x + i) * item;
          at[0] = static_cast<uint8_t>(v);
          if (item == 2) at[1] = static_cast<uint8_t>(v >> 8);
        }
    }
  }
};

void save(const std::string& path, const Bytes& bytes) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

stf_status append(void* opaque, const void* data, size_t size) {
  auto* out = static_cast<Bytes*>(opaque);
  const auto* p = static_cast<const uint8_t*>(data);
  out->insert(out->end(), p, p + size);
  return STF_OK;
}

#define CHECK(call)                                           \
  do {                                                        \
    if ((call) != STF_OK) {                                   \
      std::fprintf(stderr, "%s: %s\n", #call, error.message); \
      return 1;                                               \
    }                                                         \
  } while (0)

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: fuzz_seeds FOLDER\n");
    return 2;
  }
  const std::string root = argv[1];
  std::filesystem::create_directories(root + "/fragment");
  std::filesystem::create_directories(root + "/store");
  stf_error error{};
  for (const Case& what : kCases)
    for (unsigned kind = 0; kind < 3; ++kind) {
      const Picture picture(what, kind % 2);
      stf_encode_options options;
      stf_encode_options_init(&options);
      options.structure = kind == 0 ? STF_STRUCTURE_DYADIC : kind == 1 ? STF_STRUCTURE_CHAIN : STF_STRUCTURE_OUTWARD;
      options.max_error = kind == 2 ? 3 : 0;
      const std::string name = std::string(what.name) + (kind == 0 ? "_smooth" : kind == 1 ? "_noise" : "_near");
      size_t bound, written;
      CHECK(stf_fragment_bound(&what.format, what.size, &bound, &error));
      for (const uint8_t effort : {1, 5, 9}) {  // each has a coder of residuals of its own
        options.effort = effort;
        Bytes coded(bound);
        CHECK(stf_fragment_encode(nullptr, &options, &picture.video, coded.data(), bound, &written, &error));
        coded.resize(written);
        save(root + "/fragment/" + name + "_effort" + std::to_string(effort), coded);
      }
      options.effort = 5;
      // The lossy profile: the structures in turn, from nearly exact to coarse.
      if (what.format.bits > 1 && what.format.bits <= 12) {
        options.max_error = STF_NO_MAX_ERROR;
        options.quantizer = static_cast<uint8_t>(60 + 50 * kind);
        options.structure = static_cast<uint8_t>(kind);
        Bytes coded(bound);
        CHECK(stf_fragment_encode(nullptr, &options, &picture.video, coded.data(), bound, &written, &error));
        coded.resize(written);
        save(root + "/fragment/" + what.name + "_lossy" + std::to_string(kind), coded);
        options.structure = static_cast<uint8_t>(kind % 2);
        options.max_error = kind == 2 ? 3 : 0;
      }

      stf_store_desc desc{};
      desc.format = what.format;
      desc.y = what.size.y;
      desc.x = what.size.x;
      desc.fragment_t = 2;
      desc.fragment_y = desc.fragment_x = 16;
      desc.time_base_num = 1;
      desc.time_base_den = 25;
      Bytes store;
      const stf_sink sink{&store, append};
      stf_writer* writer = nullptr;
      CHECK(stf_writer_create(nullptr, &sink, &desc, &options, &writer, &error));
      std::vector<int64_t> pts;
      for (uint32_t t = 0; t < what.size.t; ++t) pts.push_back(2 * t + (t > 2));
      CHECK(stf_writer_put_packets(writer, "packets", 7, -1000, 40000, &error));
      CHECK(stf_writer_append(writer, &picture.video, pts.data(), nullptr, &error));
      if (kind)
        for (int i = 0; i < 64; ++i) CHECK(stf_writer_put_packets(writer, "more", 4, i, i + 5, &error));
      CHECK(stf_writer_finish(writer, "{}", 2, &error));
      stf_writer_free(writer);
      save(root + "/store/" + name, store);
    }
  // All tools of the lossy profile.
  struct Tools {
    const char* name;
    stf_format format;
    stf_size size;
    uint8_t structure, quantizer, aq;
  };
  const Tools tools[] = {
      {"gray", {STF_UINT8, 8, 1, 0, 0, STF_LAYOUT_GRAY, {}}, {3, 72, 100}, STF_STRUCTURE_DYADIC, 120, 64},
      {"420", {STF_UINT8, 8, 3, 1, 1, STF_LAYOUT_PLANES, {}}, {4, 40, 72}, STF_STRUCTURE_DYADIC, 100, 32},
      {"422p10", {STF_UINT16, 10, 3, 1, 0, STF_LAYOUT_PLANES, {}}, {2, 33, 90}, STF_STRUCTURE_CHAIN, 150, 16},
      {"440p12", {STF_UINT16, 12, 4, 0, 1, STF_LAYOUT_PLANES, {}}, {3, 36, 68}, STF_STRUCTURE_OUTWARD, 180, 0},
      {"444", {STF_UINT8, 8, 3, 0, 0, STF_LAYOUT_PLANES, {}}, {1, 70, 66}, STF_STRUCTURE_INTRA, 90, 64},
  };
  for (const Tools& of : tools) {
    const Bytes coded = fixture::encode_all_tools(of.format, of.size, of.structure, of.quantizer, of.aq);
    if (coded.empty()) return 1;
    save(root + "/fragment/" + of.name + "_tools", coded);
  }
  make_stream_seeds(root + "/stream");
  std::filesystem::create_directories(root + "/entropy");
  Bytes symbols(3000), coded(stf_rans_bound(symbols.size()) + stf_range_bound(symbols.size()));
  for (size_t i = 0; i < symbols.size(); ++i) symbols[i] = static_cast<uint8_t>((i * i >> 7) % 23);
  for (uint32_t lanes : {1u, 8u, 32u}) {
    stf_rans_options options{};
    options.lanes = lanes;
    size_t written;
    CHECK(stf_rans_encode(&options, symbols.data(), symbols.size(), coded.data(), coded.size(), &written, &error));
    save(root + "/entropy/rans" + std::to_string(lanes), Bytes(coded.data(), coded.data() + written));
  }
  size_t written;
  CHECK(stf_range_encode(symbols.data(), nullptr, symbols.size(), 32, coded.data(), coded.size(), &written, &error));
  save(root + "/entropy/range", Bytes(coded.data(), coded.data() + written));
  return 0;
}
