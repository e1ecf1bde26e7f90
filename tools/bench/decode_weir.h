/* decode_weir.h - one stream through Weir, with the visible work of the bench
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_DECODE_WEIR_H
#define BENCH_DECODE_WEIR_H

#include "contender.h"
#include "../../parser/weir.h"

/* From the creation of the decoder to its release, in chunks of `chunk` bytes. False: refused, or out of memory. */
bool decode_weir(const weir_config *config, const uint8_t *bytes, size_t size, size_t chunk, work *w);

#endif
