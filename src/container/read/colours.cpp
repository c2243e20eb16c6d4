#include "container/read/colours.hpp"

#include <algorithm>

#include "common/json.hpp"
#include "common/status.hpp"
#include "container/read/store.hpp"

namespace stf::store {
namespace {

enum Model : uint8_t { kRgb = 0, kYcc = 1, kGray = 2 };  // stf_colour.model

constexpr int kUnknown = -1;                           // a code point that no conversion is for
constexpr int kNoMatrix = 2, kNoRange = 0, kFull = 2;  // unspecified, and a range

struct Name {
  std::string_view name;
  int code;
};
// ISO/IEC 23091-2, as libav spells it.
constexpr Name kMatrices[] = {{"gbr", 0},
                              {"bt709", 1},
                              {"fcc", 4},
                              {"bt470bg", 5},
                              {"smpte170m", 6},
                              {"smpte240m", 7},
                              {"ycgco", 8},
                              {"bt2020nc", 9},
                              {"bt2020c", 10},
                              {"smpte2085", 11},
                              {"chroma-derived-nc", 12},
                              {"chroma-derived-c", 13},
                              {"ictcp", 14},
                              {"ipt-c2", 15},
                              {"ycgco-re", 16},
                              {"ycgco-ro", 17}};
constexpr Name kRanges[] = {{"limited", 1}, {"full", 2}};

// What a document says under "stfrag", as far as colour is concerned.
struct Said {
  bool has_kind = false, video = false, rgb = false;
  int matrix = kNoMatrix, range = kNoRange;
  std::string_view matrix_text = "unknown";
};

// A code point: a name, an integer, or null for one that is not specified.
template <size_t N>
int code_point(JsonReader& in, const Name (&names)[N], int unspecified, std::string_view* text) {
  const JsonReader::Kind kind = in.kind();
  *text = in.scalar();
  switch (kind) {
    case JsonReader::Kind::kNull: return unspecified;
    case JsonReader::Kind::kTrue: return 1;  // as everywhere where true is a number
    case JsonReader::Kind::kFalse: return 0;
    case JsonReader::Kind::kString:
      for (const Name& known : names)
        if (JsonReader::equals(*text, known.name)) return known.code;
      return kUnknown;
    case JsonReader::Kind::kNumber: {
      int value = 0;
      if (*text == "-0") return 0;
      for (const char c : *text) {
        if (c < '0' || c > '9' || value > 9999) return kUnknown;
        value = 10 * value + (c - '0');
      }
      return value;
    }
    default: return kUnknown;
  }
}

// Whether a value is something: not null, false, zero or empty.
bool is_true(JsonReader& in) {
  const JsonReader::Kind kind = in.kind();
  const std::string_view text = in.scalar();
  switch (kind) {
    case JsonReader::Kind::kNull:
    case JsonReader::Kind::kFalse: return false;
    case JsonReader::Kind::kTrue: return true;
    case JsonReader::Kind::kString: return !text.empty();
    case JsonReader::Kind::kNumber: {  // any digit of it but those of the exponent
      const std::string_view digits = text.substr(0, text.find_first_of("eE"));
      return digits.find_first_of("123456789") != std::string_view::npos;
    }
    default:  // anything between the brackets
      return text.substr(1, text.size() - 2).find_first_not_of(" \t\r\n") != std::string_view::npos;
  }
}

void read_colour(JsonReader& in, Said& said) {
  said.matrix = kNoMatrix;
  said.range = kNoRange;
  if (in.kind() != JsonReader::Kind::kObject) return in.skip();
  in.enter_object();
  for (std::string_view name, text; in.key(&name);) {
    if (JsonReader::equals(name, "matrix")) {
      said.matrix = code_point(in, kMatrices, kNoMatrix, &said.matrix_text);
    } else if (JsonReader::equals(name, "range")) {
      said.range = code_point(in, kRanges, kNoRange, &text);
    } else {
      in.skip();
    }
  }
}

void read_description(JsonReader& in, Said& said) {
  said = {};
  if (in.kind() != JsonReader::Kind::kObject) return in.skip();
  in.enter_object();
  for (std::string_view name; in.key(&name);) {
    if (JsonReader::equals(name, "kind")) {
      said.has_kind = true;
      said.video = in.kind() == JsonReader::Kind::kString && JsonReader::equals(JsonReader(in).scalar(), "video");
      in.skip();
    } else if (JsonReader::equals(name, "rgb")) {
      said.rgb = is_true(in);
    } else if (JsonReader::equals(name, "colour")) {
      read_colour(in, said);
    } else {
      in.skip();
    }
  }
}

Said read_document(std::string_view metadata) {
  Said said;
  JsonReader in(metadata);
  if (!JsonReader::valid(metadata) || in.kind() != JsonReader::Kind::kObject) return said;  // some other program's
  in.enter_object();
  for (std::string_view name; in.key(&name);) {
    if (JsonReader::equals(name, "stfrag")) {
      read_description(in, said);
    } else {
      in.skip();
    }
  }
  return said;
}

}  // namespace

stf_status colour_of(const stf_store_desc& desc, std::string_view metadata, stf_colour* colour, stf_error* error) {
  const stf_format& f = desc.format;
  const Said said = read_document(metadata);
  *colour = {};
  const bool video = said.has_kind ? said.video : f.layout == STF_LAYOUT_PLANES;
  if (!video || (f.dtype != STF_UINT8 && f.dtype != STF_UINT16))
    return fail(error, STF_E_UNSUPPORTED, "this store is an array, which has no colours: read its components");
  colour->model = f.components <= 2 ? kGray : said.rgb ? kRgb : kYcc;
  colour->alpha = f.components % 2 == 0;
  colour->full_range = said.range == kFull || (said.range == kNoRange && colour->model != kYcc);
  colour->out_bits = f.bits > 8 ? 16 : 8;
  colour->matrix = 1;
  if (colour->model != kYcc) return STF_OK;
  int matrix = said.matrix;
  if (matrix == kNoMatrix) matrix = desc.y >= 720 ? 1 : 6;
  if (matrix != 1 && matrix != 5 && matrix != 6 && matrix != 9) {
    const auto length = static_cast<int>(std::min<size_t>(said.matrix_text.size(), 40));
    return fail(error, STF_E_UNSUPPORTED, "no conversion to RGB for colour matrix '%.*s': read the stored components",
                length, said.matrix_text.data());
  }
  colour->matrix = static_cast<uint8_t>(matrix);
  return STF_OK;
}

}  // namespace stf::store

extern "C" stf_status stf_reader_colour(const stf_reader* reader, stf_colour* colour, stf_error* error) {
  if (reader == nullptr || colour == nullptr)
    return stf::fail(error, STF_E_ARGUMENT, "reader and colour must not be NULL");
  const stf::store::Tail& tail = reader->store.tail();
  return stf::store::colour_of(
      tail.header.desc, {reinterpret_cast<const char*>(tail.metadata.data()), tail.metadata.size()}, colour, error);
}
