/* SPDX-License-Identifier: BSD-3-Clause
 *
 * stfrag.h - the whole public C99 API: include this.
 *
 *   status.h    how calls report what happened
 *   types.h     formats, planes, environment (allocator, runner, limits, cancellation)
 *   fragment.h  one fragment <-> bytes
 *   codec.h     fragments that are streams of other codecs, and how to register those
 *   store.h     many fragments in one file: reader, writer, verify, repair
 *   blocks.h    the building blocks: transforms, entropy coders, metrics, tiling (provisional until 1.0)
 *
 * Functions are thread-safe unless said otherwise: calls on different handles never interfere, a reader may be
 * used by many threads at once, a writer by one at a time.
 */
#ifndef STFRAG_STFRAG_H
#define STFRAG_STFRAG_H

#include "stfrag/blocks.h"
#include "stfrag/codec.h"
#include "stfrag/fragment.h"
#include "stfrag/status.h"
#include "stfrag/store.h"
#include "stfrag/types.h"

#endif
