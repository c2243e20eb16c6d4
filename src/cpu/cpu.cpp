// CPUID says what the processor has; XCR0 says what the operating system saves. Both must agree: an AVX-512 coder
// once crashed in a virtual machine for want of the second check.

#include "cpu/cpu.hpp"

#include <atomic>
#include <cstdlib>
#include <cstring>

#include "stfrag/types.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <cpuid.h>
#endif

namespace stf {
namespace {

struct Level {
  const char* name;
  uint32_t flags;  // everything up to and with this level
  uint32_t need;   // what the processor must have for it
};
constexpr Level kLevels[] = {
    {"scalar", 0, 0}, {"sse4.1", 1, 1}, {"avx2", 1 | 2 | 4, 4}, {"avx512", 1 | 2 | 4 | 8, 8}, {"neon", 16, 16},
};

uint32_t detect() {
  uint32_t flags = 0;
#if defined(__x86_64__) && defined(__GNUC__)
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return 0;
  constexpr unsigned kSsse3 = 1u << 9, kSse41 = 1u << 19, kSse42 = 1u << 20, kPopcnt = 1u << 23, kOsxsave = 1u << 27,
                     kAvx = 1u << 28;
  if ((c & kSsse3) && (c & kSse41) && (c & kPopcnt)) flags |= static_cast<uint32_t>(Cpu::kSse41);
  if ((flags != 0) && (c & kSse42)) flags |= static_cast<uint32_t>(Cpu::kSse42);
  if (!(c & kOsxsave) || !(c & kAvx)) return flags;
  unsigned xcr0, high;
  __asm__("xgetbv" : "=a"(xcr0), "=d"(high) : "c"(0));
  if ((xcr0 & 6) != 6) return flags;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return flags;
  constexpr unsigned kBmi1 = 1u << 3, kAvx2 = 1u << 5, kBmi2 = 1u << 8, kF = 1u << 16, kDq = 1u << 17, kBw = 1u << 30,
                     kVl = 1u << 31;
  if ((b & kAvx2) && (b & kBmi1) && (b & kBmi2)) flags |= static_cast<uint32_t>(Cpu::kAvx2);
  constexpr unsigned k512 = kF | kDq | kBw | kVl;
  if ((flags & static_cast<uint32_t>(Cpu::kAvx2)) && (b & k512) == k512 && (xcr0 & 0xe0) == 0xe0)
    flags |= static_cast<uint32_t>(Cpu::kAvx512);
#elif defined(__aarch64__)
  flags |= static_cast<uint32_t>(Cpu::kNeon);
#endif
  return flags;
}

const Level* find(const char* name) {
  for (const Level& level : kLevels)
    if (std::strcmp(level.name, name) == 0) return &level;
  return nullptr;
}

std::atomic<uint32_t>& mask() {
  static std::atomic<uint32_t> value = [] {
    const char* wanted = std::getenv("STFRAG_CPU");
    const Level* level = wanted ? find(wanted) : nullptr;
    return level ? level->flags : ~0u;
  }();
  return value;
}

}  // namespace

uint32_t cpu_flags() {
  static const uint32_t detected = detect();
  return detected & mask().load(std::memory_order_relaxed);
}

}  // namespace stf

extern "C" {

const char* stf_cpu_name(void) {
  const uint32_t flags = stf::cpu_flags();
  const char* name = "scalar";
  for (const stf::Level& level : stf::kLevels)
    if (level.need != 0 && (flags & level.need)) name = level.name;
  return name;
}

stf_status stf_cpu_mask(const char* name) {
  if (name == nullptr || *name == '\0') {
    stf::mask() = ~0u;
    return STF_OK;
  }
  const stf::Level* level = stf::find(name);
  if (level == nullptr) return STF_E_ARGUMENT;
  if (level->need != 0 && !(stf::detect() & level->need)) return STF_E_UNSUPPORTED;
  stf::mask() = level->flags;
  return STF_OK;
}

}  // extern "C"
