// How a kernel family is chosen by instruction set; docs/hacking.md shows how to add one.
//
// A family is a struct of function pointers. Its scalar version fills the whole table; then each instruction set, from
// the oldest to the newest, overwrites what it does better. All tables are made once; which is used follows the
// processor and stf_cpu_mask() at the time of the call.
#pragma once

#include <cstddef>
#include <cstdint>

#include "cpu/cpu.hpp"

// X(argument, namespace of the instruction set, its flag, its name), oldest first. Must agree with STF_ISAS in CMake,
// which defines STF_HAVE_*; *_simd.cpp files themselves are compiled without.
#if defined(STF_HAVE_avx2)
#define STF_FOR_EACH_ISA(X, argument) X(argument, sse41, Cpu::kSse41, "sse4.1") X(argument, avx2, Cpu::kAvx2, "avx2")
#elif defined(STF_HAVE_neon)
#define STF_FOR_EACH_ISA(X, argument) X(argument, neon, Cpu::kNeon, "neon")
#else
#define STF_FOR_EACH_ISA(X, argument)
#endif

namespace stf {

// Choose the version of a kernel for samples of this type.
template <typename Sample, typename Eight, typename Sixteen>
constexpr auto by_depth([[maybe_unused]] Eight eight, [[maybe_unused]] Sixteen sixteen) {
  if constexpr (sizeof(Sample) == 1) return eight;
  else return sixteen;
}

template <typename Kernels>
class KernelTables {
 public:
  using Fill = void (*)(Kernels&);
  struct Level {
    Cpu need;
    const char* name;
    Fill fill;
  };

  // fill_scalar, then { need, name, fill } of each instruction set, oldest first: STF_KERNEL_LEVELS.
  template <size_t N>
  KernelTables(Fill fill_scalar, const Level (&levels)[N]) {
    static_assert(N <= kMaxLevels);
    Kernels kernels{};
    fill_scalar(kernels);
    add(Cpu::kScalar, "scalar", kernels);
    for (const Level& level : levels) {
      if (level.fill == nullptr) continue;
      level.fill(kernels);
      add(level.need, level.name, kernels);
    }
  }

  // The table for the best instruction set that this processor has and the mask allows.
  const Kernels& best() const {
    const uint32_t flags = cpu_flags();
    size_t i = count_ - 1;
    while (i > 0 && !(flags & static_cast<uint32_t>(need_[i]))) --i;
    return tables_[i];
  }

  // Every table, the scalar one first: for checkasm.
  size_t count() const { return count_; }
  const Kernels& table(size_t i) const { return tables_[i]; }
  const char* name(size_t i) const { return names_[i]; }
  bool available(size_t i) const { return i == 0 || (cpu_flags() & static_cast<uint32_t>(need_[i])) != 0; }

 private:
  static constexpr size_t kMaxLevels = 4;
  void add(Cpu need, const char* name, const Kernels& kernels) {
    need_[count_] = need;
    names_[count_] = name;
    tables_[count_++] = kernels;
  }

  size_t count_ = 0;
  Cpu need_[kMaxLevels + 1];
  const char* names_[kMaxLevels + 1];
  Kernels tables_[kMaxLevels + 1];
};

}  // namespace stf

#define STF_DECLARE_FILL_(Kernels, isa, need, name) \
  namespace isa {                                   \
  void fill(Kernels& kernels);                      \
  }
#define STF_KERNEL_LEVEL_(unused, isa, need, name) {need, name, isa::fill},

// Declares what the instruction sets' files define; goes in namespace stf, after the struct.
#define STF_DECLARE_KERNELS(Kernels) STF_FOR_EACH_ISA(STF_DECLARE_FILL_, Kernels)
// The second argument of a KernelTables, in namespace stf; the last entry is for builds without SIMD.
#define STF_KERNEL_LEVELS                                                    \
  {                                                                          \
    STF_FOR_EACH_ISA(STF_KERNEL_LEVEL_, ) { Cpu::kScalar, nullptr, nullptr } \
  }
