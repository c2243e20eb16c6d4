// The C API of the transforms: checks, then dsp/transform_blocks.hpp.

#include <algorithm>

#include "blocks/planes.hpp"
#include "common/border.hpp"
#include "common/status.hpp"
#include "dsp/transform_blocks.hpp"
#include "stfrag/blocks.h"

namespace stf {

stf_status check_block(stf_block block, stf_error* error) {
  const auto known = [](uint32_t size) { return transform_index(size) >= 0; };
  const bool one = block.t == 1 && block.y == 1, two = block.t == 1 && known(block.y),
             three = known(block.t) && known(block.y);
  if (!known(block.x) || !(one || two || three))
    return fail(error, STF_E_ARGUMENT, "no transform of %u x %u x %u samples: sizes are 4, 8, 16 and 32", block.t,
                block.y, block.x);
  return STF_OK;
}

namespace {

stf_status check_blocks(stf_block block, const int32_t* data, size_t blocks, stf_error* error) {
  STF_TRY(check_block(block, error));
  if (data == nullptr && blocks != 0) return fail(error, STF_E_ARGUMENT, "data is NULL");
  return STF_OK;
}

BlockShape shape_of(stf_block block) { return {block.t, block.y, block.x}; }

template <typename F>
stf_status run_dct(stf_block block, uint32_t scale_bits, int32_t* data, size_t blocks, stf_error* error, F&& f) {
  return at_border(error, [&] {
    STF_TRY(check_blocks(block, data, blocks, error));
    if (scale_bits > STF_MAX_SCALE_BITS)
      return fail(error, STF_E_ARGUMENT, "scale_bits is %u: it must be 0 to %u", scale_bits, STF_MAX_SCALE_BITS);
    f(transform_kernels(), shape_of(block), static_cast<int>(scale_bits), data, blocks);
    return STF_OK;
  });
}

}  // namespace
}  // namespace stf

extern "C" {

stf_status stf_dct(stf_block block, uint32_t scale_bits, int32_t* data, size_t blocks, stf_error* error) {
  return stf::run_dct(block, scale_bits, data, blocks, error, stf::dct_forward);
}

stf_status stf_idct(stf_block block, uint32_t scale_bits, int32_t* data, size_t blocks, stf_error* error) {
  return stf::run_dct(block, scale_bits, data, blocks, error, stf::dct_inverse);
}

stf_status stf_hadamard(stf_block block, int32_t* data, size_t blocks, stf_error* error) {
  return stf::at_border(error, [&] {
    STF_TRY(stf::check_blocks(block, data, blocks, error));
    const size_t samples = stf::shape_of(block).samples();
    const stf::TransformKernels& kernels = stf::transform_kernels();
    // A quick bound, and only if that does not do, the exact one.
    uint64_t largest = uint64_t{kernels.magnitude(data, samples * blocks)} + 1;
    if (largest * samples > INT32_MAX) {
      largest = 0;
      for (size_t i = 0; i < samples * blocks; ++i) {
        const int64_t v = data[i];
        largest = std::max(largest, static_cast<uint64_t>(v < 0 ? -v : v));
      }
    }
    if (largest * samples > INT32_MAX)
      return stf::fail(error, STF_E_ARGUMENT,
                       "values up to %llu overflow a Hadamard transform of %zu samples: at most %zu",
                       static_cast<unsigned long long>(largest), samples, INT32_MAX / samples);
    stf::hadamard_forward(kernels, stf::shape_of(block), data, blocks);
    return STF_OK;
  });
}

stf_status stf_ihadamard(stf_block block, int32_t* data, size_t blocks, stf_error* error) {
  return stf::at_border(error, [&] {
    STF_TRY(stf::check_blocks(block, data, blocks, error));
    stf::hadamard_inverse(stf::transform_kernels(), stf::shape_of(block), data, blocks);
    return STF_OK;
  });
}

}  // extern "C"
