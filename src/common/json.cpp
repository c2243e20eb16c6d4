#include "common/json.hpp"

#include <bitset>

namespace stf {
namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }

// The value of a hexadecimal digit, or -1.
int hex(char c) {
  if (digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// Four hexadecimal digits, or -1.
int32_t hex4(const char* at, const char* end) {
  if (end - at < 4) return -1;
  int32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit_value = hex(at[i]);
    if (digit_value < 0) return -1;
    value = value << 4 | digit_value;
  }
  return value;
}

// Bytes of the UTF-8 sequence of a code point that begins here, or 0 if it is none.
int utf8_length(const char* at, const char* end) {
  const auto byte = [&](int i) { return static_cast<uint8_t>(at[i]); };
  const uint8_t first = byte(0);
  if (first < 0x80) return 1;
  const int n = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || end - at < n) return 0;
  for (int i = 1; i < n; ++i)
    if ((byte(i) & 0xC0) != 0x80) return 0;
  if (first == 0xE0 && byte(1) < 0xA0) return 0;
  if (first == 0xF0 && byte(1) < 0x90) return 0;
  return first == 0xF4 && byte(1) > 0x8F ? 0 : n;
}

}  // namespace

void JsonReader::space() {
  while (at_ != end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r')) ++at_;
}

bool JsonReader::skip_word(std::string_view word) {
  if (static_cast<size_t>(end_ - at_) < word.size() || std::string_view(at_, word.size()) != word) return false;
  at_ += word.size();
  return true;
}

bool JsonReader::skip_string() {
  if (at_ == end_ || *at_ != '"') return false;
  for (++at_; at_ != end_ && *at_ != '"';) {
    if (static_cast<uint8_t>(*at_) < 0x20) return false;
    if (*at_ == '\\') {
      if (++at_ == end_) return false;
      if (*at_ == 'u') {
        if (hex4(at_ + 1, end_) < 0) return false;
        at_ += 5;
      } else if (std::string_view("\"\\/bfnrt").find(*at_) != std::string_view::npos) {
        ++at_;
      } else {
        return false;
      }
      continue;
    }
    const int n = utf8_length(at_, end_);
    if (n == 0) return false;
    at_ += n;
  }
  if (at_ == end_) return false;
  ++at_;
  return true;
}

bool JsonReader::skip_number() {
  const auto digits = [&] {
    const char* const first = at_;
    while (at_ != end_ && digit(*at_)) ++at_;
    return at_ != first;
  };
  if (at_ != end_ && *at_ == '-') ++at_;
  if (at_ != end_ && *at_ == '0') {
    ++at_;
  } else if (!digits()) {
    return false;
  }
  if (at_ != end_ && *at_ == '.') {
    ++at_;
    if (!digits()) return false;
  }
  if (at_ != end_ && (*at_ == 'e' || *at_ == 'E')) {
    ++at_;
    if (at_ != end_ && (*at_ == '+' || *at_ == '-')) ++at_;
    if (!digits()) return false;
  }
  return true;
}

// Past one value; false if it is none. What is open is kept as a bit a level.
bool JsonReader::skip_checked() {
  std::bitset<kMaxDepth> is_object;
  unsigned depth = 0;
  const auto member = [&] {  // the name of a member and its colon
    space();
    if (!skip_string()) return false;
    space();
    if (at_ == end_ || *at_ != ':') return false;
    ++at_;
    return true;
  };
  for (;;) {
    space();
    if (at_ == end_) return false;
    const char c = *at_;
    if (c == '{' || c == '[') {
      if (depth == kMaxDepth) return false;
      ++at_;
      is_object[depth++] = c == '{';
      space();
      if (at_ == end_) return false;
      if (*at_ != (c == '{' ? '}' : ']')) {
        if (c == '{' && !member()) return false;
        continue;  // with the first value
      }
    } else {
      const bool word = c == 't' ? skip_word("true") : c == 'f' ? skip_word("false") : c == 'n' && skip_word("null");
      if (!word && !(c == '"' ? skip_string() : skip_number())) return false;
    }
    // After a value: what it is in ends, or goes on.
    for (;;) {
      if (depth == 0) return true;
      space();
      if (at_ == end_) return false;
      const bool object = is_object[depth - 1];
      if (*at_ == (object ? '}' : ']')) {
        ++at_;
        --depth;
        continue;
      }
      if (*at_ != ',') return false;
      ++at_;
      if (object && !member()) return false;
      break;
    }
  }
}

bool JsonReader::valid(std::string_view text) {
  JsonReader reader(text);
  if (!reader.skip_checked()) return false;
  reader.space();
  return reader.at_ == reader.end_;
}

JsonReader::Kind JsonReader::kind() {
  space();
  switch (at_ == end_ ? 'n' : *at_) {
    case 'n': return Kind::kNull;
    case 't': return Kind::kTrue;
    case 'f': return Kind::kFalse;
    case '"': return Kind::kString;
    case '[': return Kind::kArray;
    case '{': return Kind::kObject;
    default: return Kind::kNumber;
  }
}

void JsonReader::enter_object() {
  space();
  if (at_ != end_) ++at_;
}

bool JsonReader::key(std::string_view* name) {
  space();
  if (at_ != end_ && *at_ == ',') ++at_;
  space();
  if (at_ == end_ || *at_ != '"') {
    if (at_ != end_) ++at_;
    return false;
  }
  *name = scalar();
  space();
  if (at_ != end_) ++at_;  // the colon
  return true;
}

std::string_view JsonReader::scalar() {
  space();
  const char* const first = at_;
  const bool string = at_ != end_ && *at_ == '"';
  if (!skip_checked()) return {};
  const auto size = static_cast<size_t>(at_ - first);
  return string ? std::string_view(first + 1, size - 2) : std::string_view(first, size);
}

void JsonReader::skip() { skip_checked(); }

bool JsonReader::equals(std::string_view written, std::string_view text) {
  const char *at = written.data(), *const end = at + written.size();
  for (const char expected : text) {
    if (at == end) return false;
    if (*at != '\\') {
      if (*at++ != expected) return false;
      continue;
    }
    if (end - at < 2) return false;
    if (at[1] == 'u') {
      if (hex4(at + 2, end) != static_cast<uint8_t>(expected)) return false;
      at += 6;
    } else {  // of the short ones only the solidus may stand in a name
      if (at[1] != expected || expected != '/') return false;
      at += 2;
    }
  }
  return at == end;
}

}  // namespace stf
