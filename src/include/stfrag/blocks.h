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

#ifdef __cplusplus
}
#endif
#endif
