// The pieces that everything else stands on: checksums, numbers in bytes, statuses.

#include <cstdint>
#include <vector>

#include "check.hpp"
#include "common/bytes.hpp"

TEST("CRC-32C: published values, every way to compute it, chaining") {
  const char* digits = "123456789";
  const std::vector<uint8_t> zeros(32, 0), ones(32, 0xFF);
  check::Random random;
  std::vector<uint8_t> data(60000);
  for (uint8_t& byte : data) byte = static_cast<uint8_t>(random.in(0, 255));
  for (const char* level : {"scalar", "sse4.1", "avx2"}) {
    if (stf_cpu_mask(level) != STF_OK) continue;
    CHECK_EQ(stf_crc32c(0, digits, 9), 0xE3069283u);
    CHECK_EQ(stf_crc32c(0, zeros.data(), 32), 0x8A9136AAu);
    CHECK_EQ(stf_crc32c(0, ones.data(), 32), 0x62A8AB43u);
    CHECK_EQ(stf_crc32c(0x1234u, nullptr, 0), 0x1234u);
    for (int i = 0; i < 200; ++i) {
      const size_t size = i < 100 ? random.in(0, 3000) : random.in(0, 60000),
                   from = random.in(0, 60000 - (uint32_t)size);
      const size_t cut = random.in(0, static_cast<uint32_t>(size));
      const uint32_t whole = stf_crc32c(7, data.data() + from, size);
      CHECK_EQ(stf_crc32c(stf_crc32c(7, data.data() + from, cut), data.data() + from + cut, size - cut), whole);
      stf_cpu_mask("scalar");
      CHECK_EQ(stf_crc32c(7, data.data() + from, size), whole);
      stf_cpu_mask(level);
    }
  }
  stf_cpu_mask(nullptr);
}

TEST("numbers to bytes and back; longer forms of varints are errors") {
  check::Random random;
  for (int i = 0; i < 2000; ++i) {
    const uint64_t u = random.next() >> random.in(0, 63);
    const auto s = static_cast<int64_t>(random.next()) >> random.in(0, 63);
    stf::ByteWriter out(stf::default_allocator());
    out.uvarint(u), out.svarint(s), out.u16(0xBEEF), out.u32(0xDEADBEEF), out.u64(u);
    stf::ByteReader in(out.data(), out.size());
    CHECK_EQ(in.uvarint(), u);
    CHECK_EQ(in.svarint(), s);
    CHECK_EQ(in.u16(), 0xBEEF);
    CHECK_EQ(in.u32(), 0xDEADBEEFu);
    CHECK_EQ(in.u64(), u);
    CHECK(in.ok() && in.left() == 0);
    for (size_t cut = 0; cut < out.size(); ++cut) {
      stf::ByteReader part(out.data(), cut);
      part.uvarint(), part.svarint(), part.u16(), part.u32(), part.u64();
      CHECK(!part.ok());
    }
  }
  const auto fails = [](std::vector<uint8_t> bytes) {
    stf::ByteReader in(bytes.data(), bytes.size());
    in.uvarint();
    return !in.ok();
  };
  CHECK(fails({}));
  CHECK(fails({0x80}));
  CHECK(fails({0x80, 0x00}));
  CHECK(fails({0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02}));
  CHECK(fails({0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01}));
  CHECK(!fails({0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01}));
}

TEST("statuses have names") {
  for (int status = 0; status <= STF_E_INTERNAL; ++status) CHECK(std::strcmp(stf_status_name(status), "STF_E_?") != 0);
  CHECK(std::strcmp(stf_status_name(STF_E_INTERNAL + 1), "STF_E_?") == 0);
  CHECK(std::strcmp(stf_status_name(-1), "STF_E_?") == 0);
}

CHECK_MAIN()
