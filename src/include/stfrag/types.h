/* SPDX-License-Identifier: BSD-3-Clause
 *
 * types.h - the nouns: sample formats, planes, boxes, and the environment (allocator, runner,
 * limits, codecs, cancellation) that an embedder may supply.
 */
#ifndef STFRAG_TYPES_H
#define STFRAG_TYPES_H

#include <stddef.h>
#include <stdint.h>

#include "stfrag/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define STF_MAX_COMPONENTS 4
#define STF_MAX_FRAGMENT_T 1024u            /**< frames in a fragment */
#define STF_MAX_FRAGMENT_YX 16384u          /**< rows, and columns, in a fragment */
#define STF_MAX_FRAGMENT_SAMPLES (1u << 28) /**< samples in a fragment, all components together */

/** Type of a sample in memory. One byte for UINT8, INT8 and BOOL, two (native order) for the others. */
typedef enum stf_dtype {
  STF_UINT8 = 0,
  STF_INT8 = 1,
  STF_UINT16 = 2,
  STF_INT16 = 3,
  STF_BOOL = 4 /**< one byte, 0 or 1; any other value is refused by the encoder */
} stf_dtype;

/** How a caller sees the components; it is stored, and changes nothing in how they are coded. */
typedef enum stf_layout {
  STF_LAYOUT_GRAY = 0,        /**< T x Y x X, one component */
  STF_LAYOUT_INTERLEAVED = 1, /**< T x Y x X x C, 1..4 components, none subsampled */
  STF_LAYOUT_PLANES = 2       /**< a tuple of T x Y x X planes, 1..4, the 2nd and 3rd maybe subsampled */
} stf_layout;

/** What a sample is. Components 1 and 2 of three or more may be subsampled; the last of 2 or 4 is alpha. */
typedef struct stf_format {
  uint8_t dtype;       /**< stf_dtype */
  uint8_t bits;        /**< significant bits, 1..8*itemsize; samples outside of them are refused.
                           For signed types the width in two's complement. 1 for BOOL */
  uint8_t components;  /**< 1..4 */
  uint8_t sub_x;       /**< log2 of the horizontal subsampling of components 1 and 2: 0, 1 or 2 */
  uint8_t sub_y;       /**< log2 of the vertical one: 0, 1 or 2 */
  uint8_t layout;      /**< stf_layout */
  uint8_t reserved[2]; /**< zero */
} stf_format;

/** Frames, rows and columns, in samples of component 0. */
typedef struct stf_size {
  uint32_t t, y, x;
} stf_size;

/** One component in memory. Strides are in bytes, may be negative or zero (for sources only), and need
 *  not be multiples of anything; `data` is the address of sample (0, 0, 0). The extent of component c is
 *  ceil(y / 2^sub_y) x ceil(x / 2^sub_x) for c = 1, 2 of a format of three or more, else y x x. */
typedef struct stf_plane {
  void *data;
  ptrdiff_t stride_t, stride_y, stride_x;
} stf_plane;

/** A stack of frames in memory: what is encoded, and where decoding writes to. */
typedef struct stf_video {
  stf_format format;
  stf_size size;
  stf_plane planes[STF_MAX_COMPONENTS];
} stf_video;

/** Memory for what grows with samples or coded bytes: planes, payloads, records, scratch. Bookkeeping, which frames,
 *  fragments and metadata bound (handles, index pages, lists of what is to be done), comes from operator new, as does all
 *  memory of functions that take no stf_env. `alloc` returns memory aligned to 64 bytes, or NULL: then the call fails with
 *  STF_E_MEMORY. Called by several threads at once. */
typedef struct stf_allocator {
  void *opaque;
  void *(*alloc)(void *opaque, size_t size);
  void (*free)(void *opaque, void *address); /**< address may be NULL */
} stf_allocator;

/** One piece of parallel work: called once for every index in [0, count), in any order, on any thread.
 *  Never throws; keeps its own record of failures. */
typedef void (*stf_job)(void *job_opaque, uint32_t index);

/** Runs jobs: an embedder's own thread pool, or stf_pool_runner(). `run` calls job(job_opaque, i) exactly
 *  once for every i in [0, count), returns when all of them have returned, and may be called by several
 *  threads at once. `poll` (may be NULL) is to be called by the thread that entered `run`, about every
 *  50 ms while it waits. */
typedef struct stf_runner {
  void *opaque;
  void (*run)(void *opaque, stf_job job, void *job_opaque, uint32_t count, void (*poll)(void *poll_opaque),
              void *poll_opaque);
  uint32_t threads; /**< how many jobs may run at once; scales scratch memory */
} stf_runner;

/** What hostile input may make a call use. Zero means the default. */
typedef struct stf_limits {
  uint64_t max_samples;     /**< samples in one fragment; default STF_MAX_FRAGMENT_SAMPLES */
  uint64_t max_coded_bytes; /**< bytes of one fragment's coded form; default 2^32 - 1 */
  uint64_t max_index_bytes; /**< bytes of one page, directory, metadata block or tail; default 2^26.
                                  A sixth of it bounds the fragments in one page */
  uint64_t reserved[5];     /**< zero */
} stf_limits;

struct stf_codec; /* codec.h */

/** Everything that an embedder may supply. Initialise with stf_env_init(), then change what you need.
 *  It is copied by handles (readers, writers); what its pointers point to must outlive them. */
typedef struct stf_env {
  stf_allocator allocator;
  stf_runner runner; /**< run == NULL: on the calling thread */
  stf_limits limits;
  int (*cancel)(void *cancel_opaque); /**< non-zero asks to stop; called on the thread that entered; may be NULL */
  void *cancel_opaque;
  const struct stf_codec *codecs; /**< coders of fragments other than the native one */
  size_t n_codecs;
  uint64_t reserved[4]; /**< zero */
} stf_env;

/** Fill in the defaults: malloc, the calling thread, default limits, no cancellation, no codecs. */
STF_API void stf_env_init(stf_env *env);

/** A thread pool that any number of callers can share. */
typedef struct stf_pool stf_pool;

/** Start a pool in which `threads` jobs (1..256) of one call run at once, the caller's thread included. */
STF_API stf_status stf_pool_create(uint32_t threads, stf_pool **pool);
/** A runner on this pool, valid until stf_pool_free(). */
STF_API stf_runner stf_pool_runner(stf_pool *pool);
/** Join and free the threads. NULL is allowed. Not from inside a job. */
STF_API void stf_pool_free(stf_pool *pool);

/** Bytes of one sample: 1 or 2; 0 if dtype is not an stf_dtype. */
STF_API size_t stf_itemsize(uint8_t dtype);
/** Rows and columns of component c of a picture of y rows and x columns. */
STF_API void stf_plane_extent(const stf_format *format, uint32_t component, uint32_t y, uint32_t x, uint32_t *plane_y,
                              uint32_t *plane_x);
/** STF_OK if the format is one that can be coded; else STF_E_ARGUMENT with a message. */
STF_API stf_status stf_format_check(const stf_format *format, stf_error *error);

/** Names of the instruction sets: "scalar", "sse4.1", "avx2", "avx512", "neon". */
STF_API const char *stf_cpu_name(void);
/** Restrict SIMD dispatch to the named set and below, for tests. NULL or "" lifts it. Also read once from
 *  the environment variable STFRAG_CPU. Returns STF_E_ARGUMENT for an unknown name and STF_E_UNSUPPORTED
 *  for one that this processor lacks. Not while other stfrag calls run. */
STF_API stf_status stf_cpu_mask(const char *name);

#ifdef __cplusplus
}
#endif
#endif
