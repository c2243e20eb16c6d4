// Every instruction set's kernels against the scalar ones, on random and extreme input; with --bench, their speed.
//
//   CHECKASM(interleave_tables(), "interleave") {          // `scalar` and `simd` are tables of the family
//     Guarded<uint8_t> a(n), b(n);                         // buffers with guards, checked when they go
//     scalar.kernel(a.data(), n); simd.kernel(b.data(), n);
//     expect(a == b, "kernel at n=%zu", n);
//     bench("kernel", n, [&] { simd.kernel(b.data(), n); });
//   }
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <vector>

#include "cpp/check.hpp"
#include "dsp/dispatch.hpp"

namespace checkasm {

using check::Random;

struct Family {
  const char* name;
  size_t (*count)();
  const char* (*level)(size_t);
  bool (*available)(size_t);
  void (*run)(size_t);
};
std::vector<Family>& families();

extern Random rng;

// Report a difference (once per kernel and level is plenty: repeated messages are dropped).
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void expect(bool same, const char* format, ...);

bool benching();
void print_bench(const char* kernel, double cycles_per_sample);
uint64_t cycles();

// Cycles per sample of f, which handles n samples: the least of many runs. Only with --bench.
template <typename F>
void bench(const char* kernel, size_t n, F&& f) {
  if (!benching()) return;
  uint64_t best = ~uint64_t{0};
  for (int i = 0; i < 400; ++i) {
    const uint64_t start = cycles();
    f();
    const uint64_t took = cycles() - start;
    if (took < best) best = took;
  }
  print_bench(kernel, static_cast<double>(best) / static_cast<double>(n));
}

// n elements, not aligned to more than their size, with guards on both sides that must survive.
template <typename T>
class Guarded {
 public:
  explicit Guarded(size_t n) : memory_(n + 2 * kGuard), n_(n) {
    auto* bytes = reinterpret_cast<uint8_t*>(memory_.data());
    std::memset(bytes, 0xC7, memory_.size() * sizeof(T));
  }
  ~Guarded() {
    const auto* bytes = reinterpret_cast<const uint8_t*>(memory_.data());
    bool intact = true;
    for (size_t i = 0; i < kGuard * sizeof(T); ++i)
      intact &= bytes[i] == 0xC7 && bytes[(kGuard + n_) * sizeof(T) + i] == 0xC7;
    expect(intact, "a kernel wrote outside of its buffer");
  }
  T* data() { return memory_.data() + kGuard; }
  size_t size() const { return n_; }
  T& operator[](size_t i) { return memory_[kGuard + i]; }
  bool operator==(const Guarded& other) const { return memory_ == other.memory_; }

  // Random samples in [low, high], or only the two extremes, by turns.
  void randomise(uint32_t low, uint32_t high) {
    const uint32_t kind = rng.in(0, 3);
    for (size_t i = 0; i < n_; ++i) {
      const uint32_t value = kind == 0 ? (rng.in(0, 1) ? low : high) : rng.in(low, high);
      (*this)[i] = static_cast<T>(value);
    }
  }

 private:
  static constexpr size_t kGuard = 65;
  std::vector<T> memory_;
  size_t n_;
};

struct Register {
  explicit Register(const Family& family) { families().push_back(family); }
};

}  // namespace checkasm

#define CHECKASM_JOIN_(a, b) a##b
#define CHECKASM_JOIN(a, b) CHECKASM_JOIN_(a, b)
// The body of a family's check: `scalar` and `simd` are its tables; it runs for every available level, with --bench for
// the scalar one too.
#define CHECKASM(the_tables, label)                                                                               \
  template <typename Kernels>                                                                                     \
  static void CHECKASM_JOIN(body_, __LINE__)(const Kernels& scalar, const Kernels& simd);                         \
  static const checkasm::Register CHECKASM_JOIN(register_, __LINE__)(                                             \
      checkasm::Family{label, [] { return (the_tables).count(); }, [](size_t i) { return (the_tables).name(i); }, \
                       [](size_t i) { return (the_tables).available(i); },                                        \
                       [](size_t i) {                                                                             \
                         CHECKASM_JOIN(body_, __LINE__)                                                           \
                         ((the_tables).table(0), (the_tables).table(i));                                          \
                       }});                                                                                       \
  template <typename Kernels>                                                                                     \
  static void CHECKASM_JOIN(body_, __LINE__)([[maybe_unused]] const Kernels& scalar, const Kernels& simd)
