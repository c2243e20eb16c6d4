// The scalar reference of the colour kernels.

#include "dsp/colour.hpp"

namespace stf {
namespace {

template <typename T>
void expand(uint16_t* to, const T* from, size_t n, unsigned log2) {
  for (size_t i = 0; i < n; ++i) to[i] = from[i >> log2];
}

template <typename Sum, typename Out>
void ycc(const YccMatrix& m, const YccRows& in, size_t n, const RgbRows<Out>& rgb) {
  const auto round = static_cast<Sum>(Sum{1} << (m.shift - 1));
  const auto out = [&](Sum sum) {
    const Sum v = sum >> m.shift;
    return static_cast<Out>(v < 0 ? 0 : v > m.top ? m.top : v);
  };
  for (size_t i = 0; i < n; ++i) {
    const Sum luma = Sum{in.y[i] - m.y_zero} * m.y + round, u = in.cb[i] - m.c_zero, v = in.cr[i] - m.c_zero;
    rgb.r[i] = out(luma + v * m.cr_r);
    rgb.g[i] = out(luma + u * m.cb_g + v * m.cr_g);
    rgb.b[i] = out(luma + u * m.cb_b);
  }
}

void fill_scalar(ColourKernels& k) {
  k.expand_8 = expand<uint8_t>;
  k.expand_16 = expand<uint16_t>;
  k.ycc_narrow = ycc<int32_t, uint8_t>;
  k.ycc_wide_8 = ycc<int64_t, uint8_t>;
  k.ycc_wide_16 = ycc<int64_t, uint16_t>;
}

}  // namespace

const KernelTables<ColourKernels>& colour_tables() {
  static const KernelTables<ColourKernels> tables(fill_scalar, STF_KERNEL_LEVELS);
  return tables;
}

}  // namespace stf
