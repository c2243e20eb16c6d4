// The scalar kernels of fixed predictors: the reference that checkasm holds the vectors against.

#include "dsp/predict_rows.hpp"

namespace stf {
namespace {

template <typename Sample>
void errors(const PredictBlock<Sample>& block, unsigned refs, int step, uint32_t out[kFixedKinds]) {
  each_fixed_kind(refs, [&](PredictKind kind) { out[static_cast<unsigned>(kind)] = 0; });
  errors_scalar(block, refs, step, 0, out);
}

template <typename Sample>
bool fold_block(PredictKind kind, const PredictBlock<Sample>& block, Sample* z, ptrdiff_t z_stride) {
  return fold_scalar(kind, block, 0, z, z_stride) != 0;
}

template <typename Sample>
void unfold_row(const Sample* z, const Sample* p, const Sample* q, size_t n, int range, Sample* x) {
  unfold_scalar(z, p, q, 0, n, range, x);
}

void fill_scalar(PredictKernels& k) {
  k.errors_8 = errors<uint8_t>;
  k.errors_16 = errors<uint16_t>;
  k.fold_8 = fold_block<uint8_t>;
  k.fold_16 = fold_block<uint16_t>;
  k.unfold_8 = unfold_row<uint8_t>;
  k.unfold_16 = unfold_row<uint16_t>;
}

}  // namespace

const KernelTables<PredictKernels>& predict_tables() {
  static const KernelTables<PredictKernels> tables(fill_scalar, STF_KERNEL_LEVELS);
  return tables;
}

}  // namespace stf
