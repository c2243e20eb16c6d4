/* SPDX-License-Identifier: BSD-3-Clause
 *
 * blocks.h - the building blocks on their own: transforms, entropy coders, metrics, tiling.
 * Provisional until 1.0: names and signatures may change between minor versions.
 */
#ifndef STFRAG_BLOCKS_H
#define STFRAG_BLOCKS_H

#include "stfrag/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --------------------------------------------------------------------------------------------------- transforms */

/** Axes of a block: samples along T, Y and X are 4, 8, 16 or 32; 1 for T, or for T and Y, leaves that axis out.
 *  Blocks are contiguous (T x Y x X, X fastest) and follow each other without gaps. */
typedef struct stf_block {
  uint32_t t, y, x;
} stf_block;

#define STF_MAX_SCALE_BITS 8u

/** Integer DCT-II of `blocks` blocks, in place: 2^scale_bits times the orthonormal DCT, each axis rounded to
 *  integers (half up), X first, then Y, then T. Results saturate; |x| * 2^scale_bits * sqrt(t * y * x) < 2^31 is
 *  enough that none does.
 *  @param scale_bits  0 .. STF_MAX_SCALE_BITS: fraction bits of the coefficients */
STF_API stf_status stf_dct(stf_block block, uint32_t scale_bits, int32_t *data, size_t blocks, stf_error *error);
/** Its inverse: T first, then Y, then X, which also divides by 2^scale_bits. The same bits on every machine. */
STF_API stf_status stf_idct(stf_block block, uint32_t scale_bits, int32_t *data, size_t blocks, stf_error *error);

/** Walsh-Hadamard transform of `blocks` blocks, in place: sums with signs +1 and -1, unscaled, natural (Hadamard)
 *  order. STF_E_ARGUMENT, data untouched, unless |x| * t * y * x < 2^31 for all x. */
STF_API stf_status stf_hadamard(stf_block block, int32_t *data, size_t blocks, stf_error *error);
/** Its inverse: the same sums divided by t * y * x, rounded half up. Exact for what stf_hadamard() made. */
STF_API stf_status stf_ihadamard(stf_block block, int32_t *data, size_t blocks, stf_error *error);

#ifdef __cplusplus
}
#endif
#endif
