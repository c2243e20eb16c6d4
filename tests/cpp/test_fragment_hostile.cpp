// Damaged and malicious fragments: refused with the right status, never a crash, never silent.

#include <cstdint>
#include <vector>

#include "bytes_fixture.hpp"
#include "fragment/header.hpp"
#include "hostile_fixture.hpp"

using namespace fixture;

namespace {

std::vector<stf_format> some_formats() {
  return {{STF_UINT8, 8, 1, 0, 0, STF_LAYOUT_GRAY, {0, 0}},     {STF_UINT8, 8, 3, 1, 1, STF_LAYOUT_PLANES, {0, 0}},
          {STF_INT16, 12, 1, 0, 0, STF_LAYOUT_GRAY, {0, 0}},    {STF_UINT8, 8, 3, 0, 0, STF_LAYOUT_INTERLEAVED, {0, 0}},
          {STF_UINT16, 16, 2, 0, 0, STF_LAYOUT_PLANES, {0, 0}}, {STF_BOOL, 1, 1, 0, 0, STF_LAYOUT_GRAY, {0, 0}}};
}

// Smooth motion, so that more than the raw profile is under test.
std::vector<uint8_t> make_fragment(const stf_format& format, stf_size size, check::Random& random) {
  Picture picture(format, size, random, 0);
  const uint32_t top = (1u << format.bits) - 1;
  picture.each([&](uint32_t c, uint32_t t, uint32_t y, uint32_t x, uint8_t* at) {
    picture.store(at, (x * 5 + y * 3 + t + c * 7 + random.in(0, 1)) / 2 & top);
  });
  return encode(picture.video);
}

// The same fragment with other bytes between its fields and its payload.
std::vector<uint8_t> with_extensions(const std::vector<uint8_t>& coded, const std::vector<uint8_t>& extensions) {
  stf_fragment_info info;
  CHECK_STATUS(stf_fragment_info_read(nullptr, coded.data(), coded.size(), &info, nullptr), STF_OK);
  size_t fields = 8;
  while (coded[fields] & 0x80) ++fields;
  ++fields;
  const auto end = static_cast<size_t>(info.header_bytes) - 1;  // of the fields: there lies the end of the extensions
  stf::ByteWriter out(stf::default_allocator());
  out.bytes(coded.data(), 8);
  out.uvarint(coded.size() - fields + extensions.size() - 1);
  out.bytes(coded.data() + fields, end - fields);
  out.bytes(extensions.data(), extensions.size());
  out.bytes(coded.data() + end + 1, coded.size() - end - 1);
  stf::seal(out.buffer().data(), out.size());
  return fixture::bytes_of(out.buffer());
}

}  // namespace

TEST("every flipped byte is noticed") {
  check::Random random;
  for (const stf_format& format : some_formats()) {
    const std::vector<uint8_t> coded = make_fragment(format, {3, 9, 11}, random);
    CHECK_STATUS(try_decode(coded, 0), STF_OK);
    for (size_t i = 0; i < coded.size(); ++i)
      for (uint8_t flip : {0x01, 0x80, 0xFF}) {
        std::vector<uint8_t> bad = coded;
        bad[i] ^= flip;
        CHECK(is_honest(try_decode(bad, 0)));
      }
  }
}

TEST("every truncation and every tail is noticed") {
  check::Random random;
  for (const stf_format& format : some_formats()) {
    const std::vector<uint8_t> coded = make_fragment(format, {3, 9, 11}, random);
    for (size_t n = 1; n < coded.size(); ++n) {
      const std::vector<uint8_t> bad(coded.begin(), coded.begin() + static_cast<ptrdiff_t>(n));
      CHECK_STATUS(try_decode(bad, STF_SKIP_CODED_CRC | STF_SKIP_SAMPLES_CRC), STF_E_CORRUPT_FRAGMENT);
    }
    std::vector<uint8_t> longer = coded;
    longer.push_back(0);
    stf_error error{};
    CHECK_STATUS(try_decode(longer, STF_SKIP_CODED_CRC, &error), STF_E_CORRUPT_FRAGMENT);
    CHECK(std::strstr(error.message, "bytes follow its end") != nullptr);
  }
}

TEST("with the checksums off, damage is an error or wrong samples, nothing worse") {
  check::Random random;
  for (const stf_format& format : some_formats()) {
    const std::vector<uint8_t> coded = make_fragment(format, {5, 17, 19}, random);
    for (size_t i = 0; i < coded.size(); ++i)
      for (int k = 0; k < 6; ++k) {
        std::vector<uint8_t> bad = coded;
        bad[i] = static_cast<uint8_t>(k < 2 ? (k ? 0xFF : 0) : random.in(0, 255));
        if (k == 5) bad[random.in(8, static_cast<uint32_t>(bad.size() - 1))] ^= 0x10;
        const stf_status status = try_decode(bad, STF_SKIP_CODED_CRC | STF_SKIP_SAMPLES_CRC);
        CHECK(status == STF_OK || is_honest(status));
        // The checksum of the samples catches what the format lets pass.
        const stf_status checked = try_decode(bad, STF_SKIP_CODED_CRC);
        CHECK(checked == STF_OK || is_honest(checked));
      }
  }
}

TEST("wrong samples are noticed by their checksum alone") {
  check::Random random;
  const std::vector<uint8_t> coded = make_fragment(some_formats()[0], {3, 9, 11}, random);
  stf_fragment_info info;
  CHECK_STATUS(stf_fragment_info_read(nullptr, coded.data(), coded.size(), &info, nullptr), STF_OK);
  std::vector<uint8_t> bad = coded;
  bad[static_cast<size_t>(info.header_bytes) - 2] ^= 1;  // the last byte of samples_crc
  stf::seal(bad.data(), bad.size());
  stf_error error{};
  CHECK_STATUS(try_decode(bad, 0, &error), STF_E_CORRUPT_FRAGMENT);
  CHECK(std::strstr(error.message, "checksum of its samples") != nullptr);
  CHECK_STATUS(try_decode(bad, STF_SKIP_SAMPLES_CRC), STF_OK);
}

TEST("extensions: ancillary ones are skipped, critical ones refused") {
  check::Random random;
  const std::vector<uint8_t> coded = make_fragment(some_formats()[1], {3, 9, 11}, random);
  CHECK(with_extensions(coded, {0}) == coded);
  CHECK_STATUS(try_decode(with_extensions(coded, {2, 0, 0}), 0), STF_OK);
  CHECK_STATUS(try_decode(with_extensions(coded, {2, 3, 1, 2, 3, 0xFE, 1, 1, 9, 0}), 0), STF_OK);
  CHECK_STATUS(try_decode(with_extensions(coded, {3, 0, 0}), 0), STF_E_UNSUPPORTED);
  CHECK_STATUS(try_decode(with_extensions(coded, {2, 1, 7, 5, 0, 0}), 0), STF_E_UNSUPPORTED);
  CHECK_STATUS(try_decode(with_extensions(coded, {1, 0, 0}), 0), STF_E_CORRUPT_FRAGMENT);
  CHECK_STATUS(try_decode(with_extensions(coded, {2, 0xFF, 0xFF, 3, 0}), 0), STF_E_CORRUPT_FRAGMENT);
  CHECK_STATUS(try_decode(with_extensions(coded, {2, 0x80, 0, 0}), 0), STF_E_CORRUPT_FRAGMENT);
}

TEST("other versions are refused by name") {
  check::Random random;
  std::vector<uint8_t> coded = make_fragment(some_formats()[0], {1, 4, 4}, random);
  CHECK(coded[3] == 1 && stf_format_version() == 1);
  for (const auto& [version, words] : {std::pair{7, "needs format version 7"}, {0, "format version 0"}}) {
    coded[3] = static_cast<uint8_t>(version);
    stf_error error{};
    CHECK_STATUS(try_decode(coded, 0, &error), STF_E_UNSUPPORTED);
    CHECK(std::strstr(error.message, words) != nullptr);
    CHECK(std::strstr(error.message, "reads version 1") != nullptr);
  }
}

TEST("limits hold before anything is allocated") {
  check::Random random;
  const std::vector<uint8_t> coded = make_fragment(some_formats()[0], {4, 20, 20}, random);
  stf_env env;
  stf_env_init(&env);
  env.allocator.alloc = [](void*, size_t) -> void* {
    check::failed(__FILE__, __LINE__, "allocated beyond a limit");
    return nullptr;
  };
  stf_video video{};
  env.limits.max_samples = 1599;
  stf_error error{};
  CHECK_STATUS(stf_fragment_decode(&env, coded.data(), coded.size(), nullptr, &video, nullptr, &error), STF_E_LIMIT);
  env.limits.max_samples = 0;
  env.limits.max_coded_bytes = coded.size() - 1;
  CHECK_STATUS(stf_fragment_decode(&env, coded.data(), coded.size(), nullptr, &video, nullptr, &error), STF_E_LIMIT);
}

TEST("an allocator that gives nothing is an error") {
  check::Random random;
  const stf_format format{STF_INT16, 12, 1, 0, 0, STF_LAYOUT_GRAY, {0, 0}};
  Picture picture(format, {2, 8, 8}, random, 0);
  const std::vector<uint8_t> coded = encode(picture.video);
  stf_env env;
  stf_env_init(&env);
  env.allocator.alloc = [](void*, size_t) -> void* { return nullptr; };
  std::vector<uint8_t> out(1000);
  size_t written = 0;
  CHECK_STATUS(stf_fragment_encode(&env, nullptr, &picture.video, out.data(), out.size(), &written, nullptr),
               STF_E_MEMORY);
  CHECK_STATUS(stf_fragment_decode(&env, coded.data(), coded.size(), nullptr, &picture.video, nullptr, nullptr),
               STF_E_MEMORY);
}

CHECK_MAIN()
