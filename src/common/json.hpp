// Reading JSON (RFC 8259) from a text that nobody has checked: step by step, without memory of its own and without
// recursion. A text is bounded by its size, nesting by kMaxDepth.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace stf {

class JsonReader {
 public:
  static constexpr unsigned kMaxDepth = 512;

  explicit JsonReader(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  // Whether the whole text is one JSON value, in valid UTF-8. Then all steps below may rely on it.
  static bool valid(std::string_view text);

  enum class Kind { kNull, kFalse, kTrue, kNumber, kString, kArray, kObject };
  // The kind of the value that comes next. The text is valid.
  Kind kind();

  // Step into the object that comes next; then, for each member, key() gives its name (as it is written, without
  // quotes) or false at the end, and what follows is its value, which is to be read or skipped.
  void enter_object();
  bool key(std::string_view* name);

  // Read a string or a number as it is written, strings without quotes.
  std::string_view scalar();
  // Skip the value that comes next, whatever it is.
  void skip();

  // Whether a string, as it is written, stands for this ASCII text: \u0061 is an a.
  static bool equals(std::string_view written, std::string_view text);

 private:
  void space();
  bool skip_checked();
  bool skip_string();
  bool skip_number();
  bool skip_word(std::string_view word);

  const char *at_, *end_;
};

}  // namespace stf
