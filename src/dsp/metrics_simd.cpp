// The metrics' kernels, most of them vectorised by the compiler for an instruction set (vec.hpp says how that works).

#include "dsp/metrics.hpp"
#include "dsp/vec.hpp"

#define STF_METRICS STF_ISA
#include "dsp/metrics_rows.hpp"

namespace stf {
namespace STF_ISA {

namespace {

uint64_t sse_8(const uint8_t* a, const uint8_t* b, size_t n) {
  using Bytes = Vec<uint8_t>;
  using Words = Vec<int16_t>;
  constexpr size_t step = kLanes<uint8_t>;
  Vec<int32_t> sums{};  // 65535 samples are far from filling them
  size_t i = 0;
  for (; i + step <= n; i += step) {
    const Bytes x = load<Bytes>(a + i), y = load<Bytes>(b + i);
    const auto apart = as<Vec<uint16_t>>(max(x, y) - min(x, y));
    const Words even = as<Words>(apart & 0xff), odd = as<Words>(apart >> 8);
    sums += multiply_add_pairs(even, even) + multiply_add_pairs(odd, odd);
  }
  uint64_t sum = sse(a + i, b + i, n - i);
  for (size_t k = 0; k < kLanes<int32_t>; ++k) sum += static_cast<uint32_t>(sums[k]);
  return sum;
}

}  // namespace

void fill(MetricKernels& kernels) {
  fill_rows(kernels);
  kernels.sse_8 = sse_8;
}

}  // namespace STF_ISA
}  // namespace stf
