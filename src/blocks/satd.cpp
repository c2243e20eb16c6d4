// The C API of SATD: differences of two planes, block by block through the Hadamard transform.

#include <cstdlib>

#include "blocks/planes.hpp"
#include "common/border.hpp"
#include "common/env.hpp"
#include "dsp/transform_blocks.hpp"
#include "stfrag/blocks.h"

namespace stf {
namespace {

// Differences of one block: t x y x x samples from (t0, y0, x0).
template <typename T>
void differences(const stf_plane& a, const stf_plane& b, uint32_t t0, uint32_t y0, uint32_t x0, BlockShape shape,
                 int32_t* out) {
  T row_a[32], row_b[32];
  const auto at = [x0](const stf_plane& plane) {
    stf_plane moved = plane;
    moved.data = static_cast<uint8_t*>(plane.data) + static_cast<ptrdiff_t>(x0) * plane.stride_x;
    return moved;
  };
  const stf_plane from_a = at(a), from_b = at(b);
  for (uint32_t t = 0; t < shape.t; ++t)
    for (uint32_t y = 0; y < shape.y; ++y, out += shape.x) {
      const T* pa = row_of(from_a, t0 + t, y0 + y, shape.x, row_a);
      const T* pb = row_of(from_b, t0 + t, y0 + y, shape.x, row_b);
      for (uint32_t x = 0; x < shape.x; ++x) out[x] = int32_t{pa[x]} - int32_t{pb[x]};
    }
}

template <typename T>
stf_status satd(const stf_plane& a, const stf_plane& b, stf_size size, BlockShape shape, uint64_t* sums,
                stf_error* error) {
  const TransformKernels& kernels = transform_kernels();
  const size_t samples = shape.samples();
  // Rows of small blocks together fill the vectors.
  const size_t batch = samples >= 4096 ? 1 : 4096 / samples;
  Buffer<int32_t> block(resolve(nullptr), samples * batch);
  if (!block) return fail(error, STF_E_MEMORY, "out of memory");
  size_t waiting = 0;
  const auto flush = [&] {
    hadamard_forward(kernels, shape, block.data(), waiting);
    for (size_t i = 0; i < waiting; ++i) *sums++ = kernels.sum_magnitudes(block.data() + i * samples, samples);
    waiting = 0;
  };
  for (uint32_t t = 0; t < size.t; t += shape.t)
    for (uint32_t y = 0; y < size.y; y += shape.y)
      for (uint32_t x = 0; x < size.x; x += shape.x) {
        differences<T>(a, b, t, y, x, shape, block.data() + waiting * samples);
        if (++waiting == batch) flush();
      }
  flush();
  return STF_OK;
}

}  // namespace
}  // namespace stf

extern "C" stf_status stf_satd(uint8_t dtype, const stf_plane* a, const stf_plane* b, stf_size size, stf_block block,
                               uint64_t* sums, stf_error* error) {
  return stf::at_border(error, [&] {
    STF_TRY(stf::check_pair(a, b, size, error));
    STF_TRY(stf::check_block(block, error));
    if (size.t % block.t != 0 || size.y % block.y != 0 || size.x % block.x != 0)
      return stf::fail(error, STF_E_ARGUMENT, "%u x %u x %u samples are not whole blocks of %u x %u x %u", size.t,
                       size.y, size.x, block.t, block.y, block.x);
    const stf::BlockShape shape{block.t, block.y, block.x};
    if (dtype == STF_UINT8) return stf::satd<uint8_t>(*a, *b, size, shape, sums, error);
    if (dtype == STF_UINT16) return stf::satd<uint16_t>(*a, *b, size, shape, sums, error);
    if (dtype == STF_INT16) return stf::satd<int16_t>(*a, *b, size, shape, sums, error);
    return stf::fail(error, STF_E_ARGUMENT, "no SATD of dtype %u: samples are uint8, uint16 or int16", dtype);
  });
}
