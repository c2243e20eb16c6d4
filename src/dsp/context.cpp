// The scalar context kernels: the reference that checkasm holds the vectors against.

#include "dsp/context_rows.hpp"

namespace stf {
namespace {

template <typename Sample>
void magnitudes(const Sample* z, size_t n, Sample* m) {
  for (size_t i = 0; i < n; ++i) m[i] = static_cast<Sample>(magnitude(z[i]));
}

template <typename Sample, typename Energy>
void above(const Sample* north, const Sample* north2, size_t n, bool west, Energy* energy) {
  above_scalar(north, north2, 0, n, west, energy);
}

template <typename Sample, typename Energy>
void contexts(const Energy* energy, const Sample* m, const uint8_t* detail, size_t n, unsigned levels,
              uint16_t* context) {
  contexts_scalar(energy, m, detail, 0, n, levels, context);
}

template <typename Sample>
void detail(const DetailRows<Sample>& from, size_t n, unsigned shift, uint8_t* level) {
  detail_scalar(from, 0, n, shift, level);
}

void fill_scalar(ContextKernels& k) {
  k.magnitudes_8 = magnitudes<uint8_t>;
  k.magnitudes_16 = magnitudes<uint16_t>;
  k.above_8 = above<uint8_t, uint16_t>;
  k.above_16 = above<uint16_t, uint32_t>;
  k.contexts_8 = contexts<uint8_t, uint16_t>;
  k.contexts_16 = contexts<uint16_t, uint32_t>;
  k.detail_8 = detail<uint8_t>;
  k.detail_16 = detail<uint16_t>;
}

}  // namespace

const KernelTables<ContextKernels>& context_tables() {
  static const KernelTables<ContextKernels> tables(fill_scalar, STF_KERNEL_LEVELS);
  return tables;
}

}  // namespace stf
