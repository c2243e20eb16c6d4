// The scalar kernels of motion compensation: the reference that checkasm holds the vectors against.

#include "dsp/inter.hpp"

#include <algorithm>

namespace stf {
namespace {

constexpr int kTaps = 6, kBefore = 2;

template <typename T>
int32_t filtered(const T* at, ptrdiff_t step, const int16_t* taps) {
  int32_t sum = 0;
  for (int i = 0; i < kTaps; ++i) sum += taps[i] * at[(i - kBefore) * step];
  return sum;
}

void interpolate(const uint16_t* in, ptrdiff_t stride, int width, int height, const InterTaps& taps, int bits,
                 int16_t* out) {
  const int16_t *taps_x = taps.x, *taps_y = taps.y;
  const int shift = bits - 8;
  int16_t between[(kPredictionStride + kTaps - 1) * kPredictionStride];
  const bool both = taps_x != nullptr && taps_y != nullptr;
  const int first = both ? -kBefore : 0, last = both ? height + kTaps - 1 - kBefore : height;
  if (both || taps_y == nullptr) {
    for (int y = first; y < last; ++y) {
      const uint16_t* row = in + y * stride;
      int16_t* to = (both ? between : out) + (y - first) * kPredictionStride;
      for (int x = 0; x < width; ++x)
        to[x] = static_cast<int16_t>(taps_x ? filtered(row + x, 1, taps_x) >> shift : row[x] << (14 - bits));
    }
  }
  if (taps_y == nullptr) return;
  for (int y = 0; y < height; ++y, out += kPredictionStride)
    for (int x = 0; x < width; ++x)
      out[x] = static_cast<int16_t>(
          both ? filtered(between + (y + kBefore) * kPredictionStride + x, kPredictionStride, taps_y) >> 6
               : filtered(in + y * stride + x, stride, taps_y) >> shift);
}

void put(const int16_t* p, uint16_t* out, ptrdiff_t stride, int width, int height, int bits) {
  for (int y = 0; y < height; ++y, p += kPredictionStride, out += stride)
    for (int x = 0; x < width; ++x)
      out[x] = static_cast<uint16_t>(std::clamp((p[x] + (1 << (13 - bits))) >> (14 - bits), 0, (1 << bits) - 1));
}

void average(const int16_t* p, const int16_t* q, uint16_t* out, ptrdiff_t stride, int width, int height, int bits) {
  for (int y = 0; y < height; ++y, p += kPredictionStride, q += kPredictionStride, out += stride)
    for (int x = 0; x < width; ++x)
      out[x] = static_cast<uint16_t>(std::clamp((p[x] + q[x] + (1 << (14 - bits))) >> (15 - bits), 0, (1 << bits) - 1));
}

void scale(const uint16_t* in, uint16_t* out, int n, int weight, int offset, int largest) {
  for (int x = 0; x < n; ++x)
    out[x] = static_cast<uint16_t>(std::clamp(((in[x] * weight + 128) >> 8) + offset, 0, largest));
}

void fill_scalar(InterKernels& kernels) { kernels = {interpolate, put, average, scale}; }

}  // namespace

const KernelTables<InterKernels>& inter_tables() {
  static const KernelTables<InterKernels> tables(fill_scalar, STF_KERNEL_LEVELS);
  return tables;
}

}  // namespace stf
