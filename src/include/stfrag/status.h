/* SPDX-License-Identifier: BSD-3-Clause
 *
 * status.h - how every stfrag function reports what happened.
 *
 * A function that can fail returns an stf_status and hands lengths and handles back through
 * pointers, so an error can never be mistaken for a size. Most take a last argument of type
 * stf_error *, which may be NULL; when given, it receives a one-line message that says what was
 * wrong and what to do, and, for damaged fragments, which one and where.
 */
#ifndef STFRAG_STATUS_H
#define STFRAG_STATUS_H

#include <stdint.h>

#include "stfrag/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What a call came to. Zero is success, everything else a failure; values never change meaning. */
typedef enum stf_status {
  STF_OK = 0,
  STF_E_ARGUMENT = 1,         /**< a parameter is out of its documented range */
  STF_E_MEMORY = 2,           /**< the allocator returned NULL */
  STF_E_LIMIT = 3,            /**< a declared limit (stf_limits) would be exceeded */
  STF_E_CORRUPT_FRAGMENT = 4, /**< a fragment's bytes are damaged */
  STF_E_CORRUPT_STORE = 5,    /**< a store is damaged outside of its fragments */
  STF_E_UNSUPPORTED = 6,      /**< a newer version, or a feature that this build lacks */
  STF_E_CODEC = 7,            /**< no decoder or encoder is registered for the fragment's codec */
  STF_E_IO = 8,               /**< a read or write callback failed */
  STF_E_CANCELLED = 9,        /**< the cancel callback asked to stop */
  STF_E_CAPACITY = 10,        /**< the destination buffer is too small */
  STF_E_INTERNAL = 11         /**< a bug in stfrag: please report it */
} stf_status;

/** Where and why a call failed. */
typedef struct stf_error {
  stf_status status;
  int64_t fragment; /**< row of the fragment in the index, or -1 */
  uint64_t t0, t1;  /**< its box in frames and samples, half-open; all zero if unknown */
  uint32_t y0, y1, x0, x1;
  char message[256]; /**< one line, NUL-terminated, no newline */
} stf_error;

/** Name of a status: "STF_E_LIMIT"; "STF_E_?" for a value that is not one. Never NULL. */
STF_API const char *stf_status_name(int status);

/** Version of the library as "major.minor.patch". */
STF_API const char *stf_version(void);

/** The newest format version of fragments and stores that this library reads, and the one that it writes: 1. Version 0
 *  was never released; what development versions wrote of it is refused. */
STF_API uint32_t stf_format_version(void);

#ifdef __cplusplus
}
#endif
#endif
