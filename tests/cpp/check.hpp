// The few lines of a test framework that the C++ tests need: TEST("name") { CHECK(...); }, and a main().
#pragma once

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "stfrag/stfrag.h"

namespace check {

struct Test {
  const char* name;
  void (*run)();
};
inline std::vector<Test>& tests() {
  static std::vector<Test> all;
  return all;
}
struct Register {
  Register(const char* name, void (*run)()) { tests().push_back({name, run}); }
};
inline int failures = 0;

inline void failed(const char* file, int line, const std::string& what) {
  std::fprintf(stderr, "%s:%d: %s\n", file, line, what.c_str());
  if (++failures >= 20) {
    std::fprintf(stderr, "too many failures\n");
    std::exit(1);
  }
}

// Tests that try every byte of something try every step-th where the environment says so (under sanitizers).
inline size_t step() {
  const char* text = std::getenv("STFRAG_TEST_STEP");
  const long value = text != nullptr ? std::strtol(text, nullptr, 10) : 1;
  return value > 1 ? static_cast<size_t>(value) : 1;
}

// A small deterministic random generator (xorshift64*).
struct Random {
  uint64_t state = 0x9E3779B97F4A7C15ull;
  uint64_t next() {
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * 0x2545F4914F6CDD1Dull;
  }
  // In [low, high].
  uint32_t in(uint32_t low, uint32_t high) {
    return low + static_cast<uint32_t>((next() >> 32) % (uint64_t{high} - low + 1));
  }
};

}  // namespace check

#define CHECK(condition) ((condition) ? (void)0 : check::failed(__FILE__, __LINE__, "CHECK(" #condition ") failed"))
#define CHECK_EQ(a, b)                                                                                            \
  do {                                                                                                            \
    const auto check_a_ = (a);                                                                                    \
    const auto check_b_ = (b);                                                                                    \
    if (!(check_a_ == check_b_))                                                                                  \
      check::failed(                                                                                              \
          __FILE__, __LINE__,                                                                                     \
          std::string(#a " == " #b " failed: ") + std::to_string(check_a_) + " and " + std::to_string(check_b_)); \
  } while (0)
// An stf_status, shown by name.
#define CHECK_STATUS(expression, expected)                                                              \
  do {                                                                                                  \
    const stf_status check_s_ = (expression);                                                           \
    if (check_s_ != (expected))                                                                         \
      check::failed(__FILE__, __LINE__, std::string(#expression " gave ") + stf_status_name(check_s_)); \
  } while (0)

#define CHECK_JOIN_(a, b) a##b
#define CHECK_JOIN(a, b) CHECK_JOIN_(a, b)
#define TEST(name)                                                                                 \
  static void CHECK_JOIN(test_, __LINE__)();                                                       \
  static const check::Register CHECK_JOIN(register_, __LINE__)(name, CHECK_JOIN(test_, __LINE__)); \
  static void CHECK_JOIN(test_, __LINE__)()

// Define once per executable. Arguments: parts of names of tests to run; none: all.
#define CHECK_MAIN()                                                                       \
  int main(int argc, char** argv) {                                                        \
    for (const check::Test& test : check::tests()) {                                       \
      bool wanted = argc < 2;                                                              \
      for (int i = 1; i < argc; ++i) wanted |= std::strstr(test.name, argv[i]) != nullptr; \
      if (!wanted) continue;                                                               \
      const int before = check::failures;                                                  \
      test.run();                                                                          \
      std::printf("%s %s\n", check::failures == before ? "ok  " : "FAIL", test.name);      \
    }                                                                                      \
    return check::failures != 0;                                                           \
  }
