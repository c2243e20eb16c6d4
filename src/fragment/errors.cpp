#include "fragment/errors.hpp"

#include <algorithm>

#include "common/work.hpp"
#include "dsp/metrics.hpp"

namespace stf {

void CodingErrors::add(uint32_t c, const void* source, const void* decoded, uint32_t n, unsigned bits) {
  const MetricKernels& k = metric_kernels();
  const uint64_t squares = bits <= 8
                               ? k.sse_8(static_cast<const uint8_t*>(source), static_cast<const uint8_t*>(decoded), n)
                               : k.sse_16(static_cast<const uint16_t*>(source), static_cast<const uint16_t*>(decoded),
                                          n);
  if (squares == 0) return;
  sse[c] += squares;
  with_sample_type(bits, [&](auto sample) {
    using Sample = decltype(sample);
    const auto *p = static_cast<const Sample*>(source), *q = static_cast<const Sample*>(decoded);
    for (uint32_t i = 0; i < n; ++i)
      largest = std::max(largest, static_cast<uint32_t>(p[i] > q[i] ? p[i] - q[i] : q[i] - p[i]));
  });
}

}  // namespace stf
