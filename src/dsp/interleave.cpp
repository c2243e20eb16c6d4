// The scalar interleaving kernels: the reference that checkasm holds the vectors against.

#include "dsp/interleave.hpp"

#include <cstring>

namespace stf {
namespace {

template <typename T, size_t step>
void gather(T* to, const void* from, size_t n) {
  const auto* p = static_cast<const uint8_t*>(from);
  for (size_t i = 0; i < n; ++i) std::memcpy(to + i, p + i * step * sizeof(T), sizeof(T));
}

template <typename T, size_t count>
void join(void* to, const T* const* from, size_t n) {
  auto* p = static_cast<uint8_t*>(to);
  for (size_t i = 0; i < n; ++i)
    for (size_t c = 0; c < count; ++c) std::memcpy(p + (i * count + c) * sizeof(T), from[c] + i, sizeof(T));
}

void fill_scalar(InterleaveKernels& k) {
  k.gather_8[2] = gather<uint8_t, 2>, k.gather_8[3] = gather<uint8_t, 3>, k.gather_8[4] = gather<uint8_t, 4>;
  k.gather_16[2] = gather<uint16_t, 2>, k.gather_16[3] = gather<uint16_t, 3>, k.gather_16[4] = gather<uint16_t, 4>;
  k.join_8[2] = join<uint8_t, 2>, k.join_8[3] = join<uint8_t, 3>, k.join_8[4] = join<uint8_t, 4>;
  k.join_16[2] = join<uint16_t, 2>, k.join_16[3] = join<uint16_t, 3>, k.join_16[4] = join<uint16_t, 4>;
}

}  // namespace

const KernelTables<InterleaveKernels>& interleave_tables() {
  static const KernelTables<InterleaveKernels> tables(fill_scalar, STF_KERNEL_LEVELS);
  return tables;
}

}  // namespace stf
