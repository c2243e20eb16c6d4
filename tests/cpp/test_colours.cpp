// What the metadata of a store says of its colours, and texts that are no metadata at all.

#include <string>

#include "common/json.hpp"
#include "container/read/colours.hpp"
#include "store_fixture.hpp"

using namespace fixture;

namespace {

struct Said {
  stf_status status;
  stf_colour colour;
};

Said said(const std::string& metadata, const stf_format& format = kYuv420, uint32_t rows = 480) {
  stf_store_desc desc{};
  desc.format = format;
  desc.y = rows;
  Said s{};
  stf_error error{};
  // Exactly as long as the text, so that a sanitizer sees every step outside.
  const std::vector<char> exact(metadata.begin(), metadata.end());
  s.status = stf::store::colour_of(desc, {exact.data(), exact.size()}, &s.colour, &error);
  return s;
}

bool is(const Said& s, int model, int matrix, int full, int alpha, int bits) {
  return s.status == STF_OK && s.colour.model == model && s.colour.matrix == matrix && s.colour.full_range == full &&
         s.colour.alpha == alpha && s.colour.out_bits == bits;
}

std::string with(const std::string& members) { return R"({"stfrag":{"kind":"video",)" + members + "}}"; }
std::string with_colour(const std::string& colour) { return with(R"("colour":)" + colour); }

}  // namespace

TEST("colours: what a document says") {
  CHECK(is(said(""), 1, 6, 0, 0, 8));
  CHECK(is(said("", kYuv420, 720), 1, 1, 0, 0, 8));
  CHECK(is(said(with_colour(R"({"matrix":"bt709","range":"full"})")), 1, 1, 1, 0, 8));
  CHECK(is(said(with_colour(R"({"range":null,"matrix":"bt2020nc"})")), 1, 9, 0, 0, 8));
  CHECK(is(said(with_colour(R"({"matrix":5,"range":2})")), 1, 5, 1, 0, 8));
  CHECK(is(said(with_colour(R"({"matrix":"\u0062t709"})")), 1, 1, 0, 0, 8));
  CHECK(is(said(with_colour(R"({"matrix":"bt470bg","matrix":null})")), 1, 6, 0, 0, 8));
  CHECK(is(said(with_colour("7")), 1, 6, 0, 0, 8));
  CHECK(is(said(with_colour(R"({"matrix":9})"), kYuva422p10), 1, 9, 0, 1, 16));
  CHECK(is(said(with(R"("rgb":true)"), {STF_UINT8, 8, 3, 0, 0, STF_LAYOUT_PLANES, {}}), 0, 1, 1, 0, 8));
  CHECK(is(said(with(R"("rgb":[ ])"), {STF_UINT8, 8, 3, 0, 0, STF_LAYOUT_PLANES, {}}), 1, 6, 0, 0, 8));
  CHECK(is(said(with(R"("rgb":0.0e5)"), {STF_UINT8, 8, 3, 0, 0, STF_LAYOUT_PLANES, {}}), 1, 6, 0, 0, 8));
  CHECK(is(said(with(R"("a":1)"), kGray8), 2, 1, 1, 0, 8));
  CHECK(is(said(R"({"stfrag":{"kind":"array"},"stfrag":{"kind":"video"}})"), 1, 6, 0, 0, 8));
}

TEST("colours: arrays have none, and not every matrix is converted") {
  CHECK_STATUS(said("", kGray8).status, STF_E_UNSUPPORTED);
  CHECK_STATUS(said(R"({"stfrag":{"kind":"array"}})").status, STF_E_UNSUPPORTED);
  CHECK_STATUS(said(R"({"stfrag":{"kind":null}})").status, STF_E_UNSUPPORTED);
  CHECK_STATUS(said(with(R"("a":1)"), kInt16).status, STF_E_UNSUPPORTED);
  for (const char* matrix : {"\"fcc\"", "\"no such\"", "8", "-1", "1.0", "1e0", "99999999999999999999", "[1]", "{}"})
    CHECK_STATUS(said(with_colour(std::string(R"({"matrix":)") + matrix + "}")).status, STF_E_UNSUPPORTED);
  const Said s = said(with_colour(R"({"matrix":"fcc","range":"full"})"));
  CHECK(s.colour.model == 1 && s.colour.full_range == 1);
}

TEST("colours: what is no JSON says nothing, wherever it is cut or damaged") {
  const std::string text = with_colour(R"({"matrix":"bt709","range":"full","x":[1,-2.5e3,"\u00e9\n",{},true]})");
  CHECK(is(said(text), 1, 1, 1, 0, 8));
  for (size_t n = 0; n < text.size(); ++n) CHECK(is(said(text.substr(0, n)), 1, 6, 0, 0, 8));
  for (size_t i = 0; i < text.size(); ++i)
    for (const char c : {'\0', '"', '\\', '{', ']', ',', '\xff'}) {
      std::string bad = text;
      bad[i] = c;
      said(bad);
    }
  for (const char* bad : {"{} x", "{\"a\":01}", "{\"a\":1,}", "[1,]", "{\"a\" 1}", "\"\x01\"", "\"\xc0\xaf\"", "tru",
                          "-", "{\"a\":\"\\u12g4\"}", "\"\\x\""})
    CHECK(!stf::JsonReader::valid(bad));
  for (const char* good : {"{}", " [ ] ", "0", "-0.5E+7", "\"\\u12aF\xc3\xa9\"", "[[],{\"a\":[]}]", "null"})
    CHECK(stf::JsonReader::valid(good));
  const auto nested = [](size_t n) { return std::string(n, '[') + std::string(n, ']'); };
  CHECK(stf::JsonReader::valid(nested(stf::JsonReader::kMaxDepth)));
  CHECK(!stf::JsonReader::valid(nested(stf::JsonReader::kMaxDepth + 1)));
  CHECK(!stf::JsonReader::valid(std::string(1 << 20, '[')));
}

TEST("colours: a reader hands them out") {
  Video video(kYuv420, {2, 16, 16});
  video.fill(1);
  const Bytes store = make_store(video, desc_of(video, 2, 16, 16), with_colour(R"({"matrix":"bt709"})"));
  Opened opened(store);
  stf_colour colour{};
  stf_error error{};
  CHECK_OK(stf_reader_colour(opened.reader, &colour, &error));
  CHECK(colour.model == 1 && colour.matrix == 1 && colour.full_range == 0);
  CHECK_STATUS(stf_reader_colour(opened.reader, nullptr, &error), STF_E_ARGUMENT);
}

CHECK_MAIN()
