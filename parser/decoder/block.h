/* block.h - 64 bytes at once: masks of what stops which scan
 *
 * A byte is classified once however many names and values lie around it; the masks are then walked. The portable
 * kernel looks at one byte after another.
 *
 * SPDX-License-Identifier: MIT */
#ifndef WEIR_BLOCK_H
#define WEIR_BLOCK_H

#include "scan.h"

/* Bit i stands for the byte at `at` + i; bytes that are not there stop every scan. */
typedef struct weir_block {
    uint64_t name;  /* no plain character of a name; `:` stops, too */
    uint64_t value; /* `<`, `&`, both quotes, below U+0020 and above U+007F */
    uint32_t at;
} weir_block;

#ifdef WEIR_HAVE_SSE2
uint32_t weir_blocks_sse2(const uint8_t *in, uint32_t end, uint32_t at, weir_block *b, bool name);
#endif
#ifdef WEIR_HAVE_AVX2
WEIR_AVX2 uint32_t weir_blocks_avx2(const uint8_t *in, uint32_t end, uint32_t at, weir_block *b, bool name);
#endif
#ifdef WEIR_HAVE_NEON
uint32_t weir_blocks_neon(const uint8_t *in, uint32_t end, uint32_t at, weir_block *b, bool name);
#endif

/* Goes on, block by block, to the first byte at or after `at` that stops a scan: of a name, or else of a value. */
WEIR_INLINE uint32_t weir_blocks(uint32_t kernel, const uint8_t *in, uint32_t end, uint32_t at, weir_block *b,
                                 bool name)
{
#ifdef WEIR_HAVE_AVX2
    if (kernel == WEIR_KERNEL_AVX2)
        return weir_blocks_avx2(in, end, at, b, name);
#endif
#ifdef WEIR_HAVE_SSE2
    if (kernel == WEIR_KERNEL_SSE2)
        return weir_blocks_sse2(in, end, at, b, name);
#endif
#ifdef WEIR_HAVE_NEON
    if (kernel == WEIR_KERNEL_NEON)
        return weir_blocks_neon(in, end, at, b, name);
#endif
    (void)kernel;
    b->at = at - 64; /* nothing is kept */
    return at + weir_scan_class(in + at, end - at, name ? WEIR_C_NAME : WEIR_C_VALUE);
}

/* ---- Scans ------------------------------------------------------------------------------------------------------- */

WEIR_INLINE uint32_t weir_first_bit(uint64_t mask)
{
#ifdef __GNUC__
    return (uint32_t)__builtin_ctzll(mask);
#else
    uint32_t bit = 0;
    while ((mask >> bit & 1) == 0)
        bit++;
    return bit;
#endif
}

/* The end of the plain bytes of a name from `at` on. */
WEIR_INLINE size_t weir_block_name(uint32_t kernel, const uint8_t *in, size_t end, weir_block *b, size_t at)
{
    size_t skip = at - b->at;
    uint64_t stops = skip < 64 ? b->name >> skip : 0;
    if (stops != 0)
        return at + weir_first_bit(stops);
    return weir_blocks(kernel, in, (uint32_t)end, skip < 64 ? b->at + 64 : (uint32_t)at, b, true);
}

/* The end of the plain bytes of a value from `at` on; the other kind of quote stops, too. */
WEIR_INLINE size_t weir_block_value(uint32_t kernel, const uint8_t *in, size_t end, weir_block *b, size_t at)
{
    size_t skip = at - b->at;
    uint64_t stops = skip < 64 ? b->value >> skip : 0;
    if (stops != 0)
        return at + weir_first_bit(stops);
    return weir_blocks(kernel, in, (uint32_t)end, skip < 64 ? b->at + 64 : (uint32_t)at, b, false);
}

#endif
