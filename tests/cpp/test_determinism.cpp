// A fragment's bytes are a function of its samples and parameters alone: not of the instruction set, of what was in
// memory before, or of threads.

#include <cstring>
#include <new>
#include <string>

#include "memory_fixture.hpp"
#include "store_fixture.hpp"

using namespace fixture;
using fixture::encode_in;

namespace {

std::vector<uint8_t> encode_in(const stf_video& video, uint8_t effort, uint8_t structure, uint8_t fill) {
  stf_encode_options options;
  stf_encode_options_init(&options);
  options.effort = effort;
  options.structure = structure;
  return encode_in(video, options, fill);
}

// Decode one frame and all frames from such memory.
bool decodes_in(const Picture& picture, const std::vector<uint8_t>& coded, Picture& back, uint8_t fill) {
  Filled filled{fill};
  const stf_env env = filled.env();
  back.clear();
  CHECK_STATUS(stf_fragment_decode(&env, coded.data(), coded.size(), nullptr, &back.video, nullptr, nullptr), STF_OK);
  bool same = back.same_samples(picture);
  for (uint32_t t = 0; t < picture.video.size.t; ++t) {  // without the CRC of the samples
    back.clear();
    stf_fragment_request request{};
    request.frames = &t;
    request.n_frames = 1;
    request.targets = &t;
    CHECK_STATUS(stf_fragment_decode(&env, coded.data(), coded.size(), &request, &back.video, nullptr, nullptr),
                 STF_OK);
    picture.each([&](uint32_t c, uint32_t at, uint32_t y, uint32_t x, uint8_t* sample) {
      if (at == t) same &= std::memcmp(sample, back.address(c, t, y, x), stf_itemsize(picture.video.format.dtype)) == 0;
    });
  }
  return same;
}

constexpr const char* kLevels[] = {"scalar", "sse4.1", "avx2", "neon"};

std::string describe(const stf_format& f, int effort, const char* level) {
  return "dtype " + std::to_string(f.dtype) + ", " + std::to_string(f.bits) + " bits, " + std::to_string(f.components) +
         " components, effort " + std::to_string(effort) + ", " + level;
}

}  // namespace

TEST("the same bytes from every instruction set and any memory, every dtype and effort") {
  check::Random random;
  const stf_format formats[] = {
      {STF_UINT8, 8, 1, 0, 0, STF_LAYOUT_GRAY, {}},          {STF_BOOL, 1, 1, 0, 0, STF_LAYOUT_GRAY, {}},
      {STF_INT8, 8, 2, 0, 0, STF_LAYOUT_INTERLEAVED, {}},    {STF_UINT8, 8, 3, 0, 0, STF_LAYOUT_INTERLEAVED, {}},
      {STF_UINT8, 8, 3, 1, 1, STF_LAYOUT_PLANES, {}},        {STF_UINT16, 10, 4, 1, 0, STF_LAYOUT_PLANES, {}},
      {STF_UINT16, 12, 3, 0, 0, STF_LAYOUT_INTERLEAVED, {}}, {STF_UINT16, 16, 1, 0, 0, STF_LAYOUT_GRAY, {}},
      {STF_INT16, 16, 3, 2, 2, STF_LAYOUT_PLANES, {}}};
  for (const stf_format& format : formats) {
    for (const uint8_t effort : {1, 2, 3, 5, 7, 9}) {
      const stf_size size{random.in(1, 6), random.in(1, 45), random.in(1, 75)};
      Picture picture(format, size, random, random.in(0, 1) != 0), back(format, size, random, 0);
      const auto structure = static_cast<uint8_t>(random.in(0, 3));
      CHECK_STATUS(stf_cpu_mask("scalar"), STF_OK);
      const std::vector<uint8_t> expected = encode_in(picture.video, effort, structure, 0);
      for (const char* level : kLevels) {
        if (stf_cpu_mask(level) != STF_OK || std::string(stf_cpu_name()) != level) continue;
        if (encode_in(picture.video, effort, structure, 0x5B) != expected ||
            encode_in(picture.video, effort, structure, 0xFF) != expected)
          check::failed(__FILE__, __LINE__, "other bytes: " + describe(format, effort, level));
        if (!decodes_in(picture, expected, back, 0x5B) || !decodes_in(picture, expected, back, 0xFF))
          check::failed(__FILE__, __LINE__, "other samples: " + describe(format, effort, level));
      }
      CHECK_STATUS(stf_cpu_mask(nullptr), STF_OK);
    }
  }
}

TEST("the same store from 1 and 4 threads on every instruction set") {
  Video video(kYuv420, {11, 40, 56});
  video.fill(4);
  const auto desc = desc_of(video, 4, 16, 32, STF_CUT_BALANCED);
  const Bytes expected = make_store(video, desc);
  stf_pool* pool = nullptr;
  CHECK_STATUS(stf_pool_create(4, &pool), STF_OK);
  stf_env env;
  stf_env_init(&env);
  env.runner = stf_pool_runner(pool);
  for (const char* level : kLevels) {
    if (stf_cpu_mask(level) != STF_OK || std::string(stf_cpu_name()) != level) continue;
    CHECK(make_store(video, desc) == expected);
    CHECK(make_store(video, desc, "{}", &env) == expected);
  }
  CHECK_STATUS(stf_cpu_mask(nullptr), STF_OK);
  stf_pool_free(pool);
}

namespace {

// Memory that ends after so many allocations.
struct Scarce {
  int left;
  static void* alloc(void* opaque, size_t size) {
    if (static_cast<Scarce*>(opaque)->left-- <= 0) return nullptr;
    return ::operator new(size + 1, std::align_val_t{64}, std::nothrow);
  }
  static void free(void*, void* p) { ::operator delete(p, std::align_val_t{64}); }
};

}  // namespace

TEST("without memory it is STF_E_MEMORY, whichever allocation fails, at efforts of every kind") {
  check::Random random;
  const stf_format format{STF_UINT8, 8, 3, 1, 1, STF_LAYOUT_PLANES, {0, 0}};
  Picture picture(format, {4, 33, 35}, random, 0), back(format, {4, 33, 35}, random, 0);
  picture.each([&](uint32_t c, uint32_t t, uint32_t y, uint32_t x, uint8_t* at) {
    picture.store(at, (3 * x + 2 * y + t + 40 * c + random.in(0, 3)) & 255);
  });
  for (const uint8_t effort : {1, 5, 9}) {
    stf_encode_options options;
    stf_encode_options_init(&options);
    options.effort = effort;
    size_t bound = 0, size = 0;
    CHECK_STATUS(stf_fragment_bound(&format, picture.video.size, &bound, nullptr), STF_OK);
    std::vector<uint8_t> coded(bound);
    const auto until_it_works = [](auto&& call) {
      for (int allocations = 0;; ++allocations) {
        Scarce scarce{allocations};
        stf_env env;
        stf_env_init(&env);
        env.allocator = {&scarce, Scarce::alloc, Scarce::free};
        const stf_status status = call(env);
        if (status == STF_OK) return allocations;
        CHECK_STATUS(status, STF_E_MEMORY);
      }
    };
    CHECK(until_it_works([&](stf_env& env) {
            return stf_fragment_encode(&env, &options, &picture.video, coded.data(), bound, &size, nullptr);
          }) > 3);
    CHECK(until_it_works([&](stf_env& env) {
            return stf_fragment_decode(&env, coded.data(), size, nullptr, &back.video, nullptr, nullptr);
          }) > 3);
    CHECK(back.same_samples(picture));
  }
}

CHECK_MAIN()
