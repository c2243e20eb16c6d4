// checkasm [--bench] [part of a family's name ...]

#include "checkasm.hpp"

#include <chrono>
#include <cstdarg>
#include <set>
#include <string>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace checkasm {

Random rng;

namespace {
bool bench_wanted = false;
int failures = 0;
std::string where;  // family and level
std::set<std::string> told;
}  // namespace

std::vector<Family>& families() {
  static std::vector<Family> all;
  return all;
}

void expect(bool same, const char* format, ...) {
  if (same) return;
  ++failures;
  char text[256];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  const std::string line = where + ": " + text;
  if (told.size() < 20 && told.insert(line).second) std::fprintf(stderr, "%s differs from scalar\n", line.c_str());
}

bool benching() { return bench_wanted; }

uint64_t cycles() {
#if defined(__x86_64__)
  _mm_lfence();
  return __rdtsc();
#else
  return static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
#endif
}

void print_bench(const char* kernel, double cycles_per_sample) {
  std::printf("  %-28s %-40s %8.3f cycles/sample\n", where.c_str(), kernel, cycles_per_sample);
}

}  // namespace checkasm

int main(int argc, char** argv) {
  using namespace checkasm;
  std::vector<const char*> parts;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--bench") == 0) {
      bench_wanted = true;
    } else {
      parts.push_back(argv[i]);
    }
  }
  for (const Family& family : families()) {
    bool wanted = parts.empty();
    for (const char* part : parts) wanted |= std::strstr(family.name, part) != nullptr;
    if (!wanted) continue;
    for (size_t level = bench_wanted ? 0 : 1; level < family.count(); ++level) {
      if (!family.available(level)) {
        std::printf("skip %s %s: not on this processor\n", family.name, family.level(level));
        continue;
      }
      where = std::string(family.name) + " " + family.level(level);
      const int before = failures;
      family.run(level);
      std::printf("%s %s\n", failures == before ? "ok  " : "FAIL", where.c_str());
    }
  }
  return failures != 0;
}
