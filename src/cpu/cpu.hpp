// What this processor can do, as far as stfrag uses it.
#pragma once

#include <cstdint>

namespace stf {

enum class Cpu : uint32_t { kScalar = 0, kSse41 = 1, kSse42 = 2, kAvx2 = 4, kAvx512 = 8, kNeon = 16 };

// Feature bits that the processor and the operating system (XCR0) have and the mask leaves on.
uint32_t cpu_flags();
inline bool cpu_has(Cpu feature) { return (cpu_flags() & static_cast<uint32_t>(feature)) != 0; }

}  // namespace stf
