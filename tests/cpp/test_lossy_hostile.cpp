// Damaged and malicious lossy fragments: an error or wrong samples, nothing worse.

#include "common/bytes.hpp"
#include "fragment/header.hpp"
#include "hostile_fixture.hpp"
#include "lossy_fixture.hpp"
#include "lossy_tools_fixture.hpp"

using namespace fixture;

namespace {

// Damage may have changed how many components there are, too.
bool is_harmless(stf_status status) { return status == STF_OK || status == STF_E_ARGUMENT || is_honest(status); }

constexpr uint32_t kUnchecked = STF_SKIP_CODED_CRC | STF_SKIP_SAMPLES_CRC;

struct Case {
  stf_format format;
  stf_size size;
  uint8_t quantizer, structure;
  bool all_tools = false;
};
std::vector<Case> cases() {
  return {{lossy_gray(STF_UINT8, 8), {1, 1, 1}, 60, STF_STRUCTURE_DYADIC},
          {lossy_planes(8, 3, 1, 1), {4, 9, 12}, 100, STF_STRUCTURE_OUTWARD},
          {lossy_planes(8, 3, 1, 1), {5, 19, 17}, 90, STF_STRUCTURE_DYADIC},
          {lossy_planes(10, 3, 1, 0), {3, 9, 37}, 60, STF_STRUCTURE_CHAIN},
          {lossy_planes(12, 4, 0, 1), {2, 33, 8}, 120, STF_STRUCTURE_DYADIC},
          {lossy_pixels(STF_UINT8, 8, 3), {3, 16, 18}, 80, STF_STRUCTURE_INTRA},
          {lossy_gray(STF_INT8, 8), {3, 72, 66}, 140, STF_STRUCTURE_DYADIC},
          {lossy_planes(8, 3, 1, 1), {3, 40, 72}, 110, STF_STRUCTURE_DYADIC, true},
          {lossy_planes(12, 4, 0, 1), {2, 35, 68}, 150, STF_STRUCTURE_CHAIN, true}};
}
std::vector<uint8_t> make_fragment(const Case& of, check::Random& random) {
  if (of.all_tools) return encode_all_tools(of.format, of.size, of.structure, of.quantizer);
  Picture picture(of.format, of.size, random, 0);
  fill_motion(picture, random);
  const stf_encode_options options = lossy_options(of.quantizer, 7, of.structure);
  return encode(picture.video, &options);
}

// A fragment with a right header and the payload that is given.
std::vector<uint8_t> with_payload(const stf_format& format, const stf_size& size, uint8_t structure,
                                  const std::vector<uint8_t>& payload) {
  stf_fragment_info info{};
  info.profile = stf::kProfileLossy;
  info.format = format;
  info.size = size;
  info.structure = structure;
  info.lanes = 1;
  info.max_error = stf::kNoMaxError;
  stf::ByteWriter out(stf::default_allocator());
  stf::write_header(info, payload.size(), out);
  std::vector<uint8_t> coded(out.data(), out.data() + out.size());
  coded.insert(coded.end(), payload.begin(), payload.end());
  return coded;
}

}  // namespace

TEST("lossy: every flipped byte and every truncation is noticed") {
  check::Random random;
  for (const Case& of : cases()) {
    const std::vector<uint8_t> coded = make_fragment(of, random);
    CHECK_STATUS(try_decode(coded, 0), STF_OK);
    for (size_t i = 0; i < coded.size(); i += check::step()) {
      std::vector<uint8_t> bad = coded;
      bad[i] ^= static_cast<uint8_t>(1u << i % 8);
      CHECK(is_honest(try_decode(bad, 0)));
      bad.assign(coded.begin(), coded.begin() + static_cast<ptrdiff_t>(i));
      CHECK(i == 0 || try_decode(bad, kUnchecked) == STF_E_CORRUPT_FRAGMENT);
    }
  }
}

TEST("lossy: with the checksums off, damage is an error or wrong samples") {
  check::Random random;
  for (const Case& of : cases()) {
    const std::vector<uint8_t> coded = make_fragment(of, random);
    for (size_t i = 3; i < coded.size(); i += check::step())
      for (int k = 0; k < 6; ++k) {
        std::vector<uint8_t> bad = coded;
        bad[i] = static_cast<uint8_t>(k < 2 ? (k ? 0xFF : 0) : k == 2 ? bad[i] ^ 1u << i % 8 : random.in(0, 255));
        if (k == 5) bad[random.in(8, static_cast<uint32_t>(bad.size() - 1))] ^= 0x10;
        CHECK(is_harmless(try_decode(bad, kUnchecked, nullptr, k % 2 ? 1 : 0)));
      }
  }
}

TEST("lossy: sections of any bytes, of right and of wrong lengths") {
  check::Random random;
  for (const Case& of : cases())
    for (int round = 0; round < 150; ++round) {
      stf::ByteWriter table(stf::default_allocator());
      const bool chroma = of.format.components > 1;
      table.u8(static_cast<uint8_t>(round % 16 == 15 ? random.in(0, 255)
                                                     : round % 2 && of.format.components >= 3 && !of.format.sub_x &&
                                                           !of.format.sub_y));
      std::vector<uint8_t> bytes;
      const uint32_t longest = round % 3 == 0 ? 2 : 300;
      for (uint32_t t = 0; t < of.size.t; ++t)
        for (int s = 0; s < 1 + chroma; ++s) {
          const uint32_t n = random.in(1, longest);
          table.uvarint(n);
          const uint32_t kind = random.in(0, 3);
          for (uint32_t i = 0; i < n; ++i)
            bytes.push_back(static_cast<uint8_t>(kind == 0 ? 0 : kind == 1 ? 0xFF : random.in(0, 255)));
        }
      std::vector<uint8_t> payload(table.data(), table.data() + table.size());
      payload.insert(payload.end(), bytes.begin(), bytes.end());
      if (round % 16 == 14) payload.push_back(0);
      const std::vector<uint8_t> coded = with_payload(of.format, of.size, of.structure, payload);
      CHECK(is_harmless(try_decode(coded, kUnchecked, nullptr, round % 2)));
    }
}

TEST("lossy: a little payload for a large picture ends where its bytes do, and limits hold first") {
  const std::vector<uint8_t> payload = {0, 2, 0x90, 0x12};
  const std::vector<uint8_t> coded = with_payload(lossy_gray(STF_UINT8, 8), {1, 1024, 1024}, STF_STRUCTURE_INTRA,
                                                  payload);
  CHECK_STATUS(try_decode(coded, kUnchecked), STF_E_CORRUPT_FRAGMENT);
  const std::vector<uint8_t> large = with_payload(lossy_gray(STF_UINT8, 8), {1, 1024, 1025}, STF_STRUCTURE_INTRA,
                                                  payload);
  CHECK_STATUS(try_decode(large, kUnchecked), STF_E_LIMIT);
}

CHECK_MAIN()
