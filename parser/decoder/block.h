/* block.h - 64 bytes at once: masks of what stops which scan
 *
 * A byte is classified once however many names and values lie around it; the masks are then walked. The portable
 * kernel looks at one byte after another.
 *
 * SPDX-License-Identifier: MIT */
#ifndef WEIR_BLOCK_H
#define WEIR_BLOCK_H

#include "scan.h"

/* The bytes from `at` on; those that are not there stop every scan. */
typedef struct weir_block {
    uint64_t name;
    const uint8_t *at;
    uint64_t value;
} weir_block;

/* By any kernel but the portable one. */
WEIR_INLINE weir_masks weir_masks_of(uint32_t kernel, const uint8_t *p)
{
    (void)kernel;
#ifdef WEIR_HAVE_AVX2
    if (kernel == WEIR_KERNEL_AVX2)
        return weir_masks_avx2(p);
#endif
#if defined(WEIR_HAVE_SSE2)
    return weir_masks_sse2(p);
#elif defined(WEIR_HAVE_NEON)
    return weir_masks_neon(p);
#else
    weir_masks none = {0, 0};
    (void)p;
    return none;
#endif
}

/* Of fewer than 64 bytes: the rest is 0, which stops every scan. */
WEIR_OUTLINE weir_masks weir_last_masks(uint32_t kernel, const uint8_t *p, size_t n)
{
    uint8_t tail[64] = {0};
    memcpy(tail, p, n);
    return weir_masks_of(kernel, tail);
}

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

/* Classifies the block that begins at `p`, not past `end`. */
WEIR_INLINE void weir_block_begin(uint32_t kernel, const uint8_t *p, const uint8_t *end, weir_block *b)
{
    b->at = p;
    if (kernel != WEIR_KERNEL_PORTABLE) { /* of which nothing is kept */
        weir_masks m = end - p >= 64 ? weir_masks_of(kernel, p) : weir_last_masks(kernel, p, (size_t)(end - p));
        b->name = m.name;
        b->value = m.value;
    }
}

/* The end of the plain bytes from `p` on: of a name, or of a value, where the other kind of quote stops, too. */
WEIR_INLINE const uint8_t *weir_block_end(uint32_t kernel, const uint8_t *p, const uint8_t *end, weir_block *b,
                                          bool name)
{
    size_t skip = (size_t)(p - b->at);
    uint64_t stops = skip < 64 ? (name ? b->name : b->value) >> skip : 0;
    if (stops != 0)
        return p + weir_first_bit(stops);
    if (kernel == WEIR_KERNEL_PORTABLE)
        return p + weir_scan_class(p, (uint32_t)(end - p), name ? WEIR_C_NAME : WEIR_C_VALUE);
    if (skip < 64)
        p = b->at + 64;
    for (;; p += 64) {
        weir_block_begin(kernel, p, end, b);
        stops = name ? b->name : b->value;
        if (stops != 0)
            return p + weir_first_bit(stops);
    }
}

WEIR_INLINE const uint8_t *weir_block_name(uint32_t kernel, const uint8_t *p, const uint8_t *end, weir_block *b)
{
    return weir_block_end(kernel, p, end, b, true);
}

WEIR_INLINE const uint8_t *weir_block_value(uint32_t kernel, const uint8_t *p, const uint8_t *end, weir_block *b)
{
    return weir_block_end(kernel, p, end, b, false);
}

#endif
