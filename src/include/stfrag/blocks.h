/* SPDX-License-Identifier: BSD-3-Clause
 *
 * blocks.h - the building blocks on their own: transforms, metrics, the seam filter, entropy coders.
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

/** Sums of absolute transformed differences: stf_hadamard() of a - b, cut into blocks, absolute values added up.
 *  Divided by sqrt(t * y * x) of the block they compare with sums of absolute differences.
 *  @param dtype  STF_UINT8, STF_UINT16 or STF_INT16 (bool and int8 are refused)
 *  @param a, b   T x Y x X samples, any strides
 *  @param size   multiples of the block's axes
 *  @param sums   one for each block, in the order T, Y, X (X fastest) */
STF_API stf_status stf_satd(uint8_t dtype, const stf_plane *a, const stf_plane *b, stf_size size, stf_block block,
                            uint64_t *sums, stf_error *error);

/* ------------------------------------------------------------------------------------------------------ metrics */

/** Sum of squared errors of each frame: sse[size.t], exact.
 *  @param dtype  STF_UINT8 or STF_UINT16; Y and X are at most 65535 */
STF_API stf_status stf_sse(uint8_t dtype, const stf_plane *a, const stf_plane *b, stf_size size, uint64_t *sse,
                           stf_error *error);

/** Structural similarity (Wang et al. 2004) of each frame at one or several scales, each half of the one before.
 *
 *  Windows are 11 x 11, Gaussian with sigma 1.5, K1 = 0.01, K2 = 0.03, population variances; only those that lie
 *  inside of the picture count. A smaller scale is the mean of 2 x 2 samples; an odd last row or column is left out.
 *  The same numbers on every instruction set.
 *  @param dtype       STF_UINT8 or STF_UINT16
 *  @param size        at least 11 rows and columns at the smallest scale, else STF_E_ARGUMENT
 *  @param data_range  the largest sample value, e.g. 255
 *  @param scales      1 .. 16
 *  @param ssim        size.t * scales numbers: mean of luminance * contrast * structure
 *  @param structure   as many: mean of contrast * structure alone */
STF_API stf_status stf_ssim(const stf_env *env, uint8_t dtype, const stf_plane *a, const stf_plane *b, stf_size size,
                            double data_range, uint32_t scales, double *ssim, double *structure, stf_error *error);

/* -------------------------------------------------------------------------------------------------------- seams
 *
 * Fragments are coded apart, so a picture that is put together of lossy ones may have a step at their borders. This
 * filter takes it out: for viewing; sample values are before it. It is what stf_request.seams applies. */

#define STF_SEAM_REACH 8u /**< samples on either side of a border that the filter reads, and may change */

/** A straight border between two parts of a plane. */
typedef struct stf_seam {
  uint32_t at;                        /**< the first column (or row) after the border */
  uint32_t begin, end;                /**< rows (or columns) that it passes, half-open */
  uint32_t noise_before, noise_after; /**< mean squared error of the samples on either side, in 1/256. A side whose
                                           noise is 0 is exact and is not touched */
  uint8_t between_rows;               /**< 0: between columns, a vertical line; 1: between rows */
  uint8_t before, after; /**< how far the filter may reach: 4 .. STF_SEAM_REACH, inside of the plane. Of borders side
                               by side, at most half of the way to the next one, so that no order matters */
  uint8_t reserved;      /**< zero */
} stf_seam;

/** Filter the borders of a plane, in place, in the order given: first all between columns, then all between rows.
 *
 *  Every line across a border is judged by itself. Where it is calm on both sides, in comparison with the noise, a step
 *  is taken out in proportion, over all of the reach; the busier it is, the fewer samples and the smaller a part.
 *  Busy lines (differences of neighbours of 4 times the noise and more) and steps of 8 times the noise and more, which
 *  are edges of the picture, are left alone. Integers: the same samples on every machine.
 *  @param dtype  STF_UINT8, STF_INT8, STF_UINT16 or STF_INT16
 *  @param bits   significant bits of a sample: 1 .. 12. Samples are 0 .. 2^bits - 1, with a sign half below 0: others on
 *                a line that is filtered are brought into that range
 *  @param plane  size.t frames, any strides
 *  @param size   each frame has the same borders
 *  @return STF_E_ARGUMENT, with nothing changed, if a border or its reach is not inside of the plane */
STF_API stf_status stf_seam_filter(uint8_t dtype, uint32_t bits, const stf_plane *plane, stf_size size,
                                   const stf_seam *seams, size_t n, stf_error *error);

/* ------------------------------------------------------------------------------------------------- entropy coding
 *
 * Streams that say by themselves how many symbols they hold and how to read them; docs/format.md, section 10.5.
 * Damaged bytes give STF_E_CORRUPT_FRAGMENT. There is no checksum in them. */

/** How often every value occurs in symbols[0..n): counts[256]. */
STF_API void stf_histogram(const uint8_t *symbols, size_t n, uint64_t *counts);

/** Turn counts (at most 256 of them) into integer probabilities freq[0..alphabet) that sum to 4096: at least 1 for
 *  each symbol that occurs, 0 for the others, and no others code these counts in fewer bits. All counts zero: symbol
 *  0 gets 4096. */
STF_API stf_status stf_normalize(const uint32_t *counts, size_t alphabet, uint16_t *freq, stf_error *error);

/** Static rANS with interleaved lanes. Zero-initialise, then set what you need. */
typedef struct stf_rans_options {
  const uint8_t *contexts; /**< n context numbers; the statistics of symbol i are those of contexts[i]. NULL: one */
  const uint16_t *tables;  /**< n_tables rows of `alphabet` probabilities, each summing to 4096; row c is that of
                                context c. They are not stored, and the decoder needs the same ones. NULL: tables are
                                made from the symbols, similar contexts share one, and they are stored */
  uint32_t n_tables;       /**< 1..256; ignored if tables is NULL */
  uint32_t alphabet;       /**< symbols lie below it: 1..256, and 0 means 256; decoders need it with `tables` only */
  uint32_t lanes;          /**< 1..32; 0 chooses by n. Ignored by decoders */
  uint64_t reserved[4];    /**< zero */
} stf_rans_options;

/** The most bytes that stf_rans_encode() writes for n symbols. */
STF_API size_t stf_rans_bound(size_t n);
STF_API stf_status stf_rans_encode(const stf_rans_options *options, const uint8_t *symbols, size_t n, void *out,
                                   size_t capacity, size_t *written, stf_error *error);
/** How many symbols a stream of stf_rans_encode() or stf_range_encode() says it has. A few bytes can stand for any
 *  number of symbols: compare with what you are ready to allocate. */
STF_API stf_status stf_entropy_count(const void *data, size_t size, uint64_t *n, stf_error *error);
/** Decode exactly n symbols, which must be what stf_entropy_count() says. */
STF_API stf_status stf_rans_decode(const stf_rans_options *options, const void *data, size_t size, uint8_t *symbols,
                                   size_t n, stf_error *error);

/** The most bytes that stf_range_encode() writes for n symbols. */
STF_API size_t stf_range_bound(size_t n);
/** Adaptive range coding: nothing is stored but the symbols, whose probabilities are learned on the way, for each
 *  context apart. Slower than rANS; better for few symbols or changing statistics.
 *  @param contexts  n numbers, or NULL
 *  @param alphabet  symbols lie below it: 1..256; above 16 they are coded in two halves */
STF_API stf_status stf_range_encode(const uint8_t *symbols, const uint8_t *contexts, size_t n, uint32_t alphabet,
                                    void *out, size_t capacity, size_t *written, stf_error *error);
STF_API stf_status stf_range_decode(const void *data, size_t size, const uint8_t *contexts, uint8_t *symbols, size_t n,
                                    stf_error *error);

#ifdef __cplusplus
}
#endif
#endif
