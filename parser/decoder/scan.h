/* scan.h - the scanning kernels
 *
 * Each returns the length of a prefix of p[0 .. n-1] that is plain for its use. 0 is always a correct answer, and
 * nothing past p[n - 1] is read: what stops a scan is judged by scalar code, one character at a time. A kernel that
 * skips more is only faster.
 *
 * SPDX-License-Identifier: MIT */
#ifndef WEIR_SCAN_H
#define WEIR_SCAN_H

#include "vectors.h"

static inline uint32_t weir_scan_class(const uint8_t *p, uint32_t n, uint8_t plain)
{
    uint32_t i = 0;
    while (i < n && (weir_class[p[i]] & plain) != 0)
        i++;
    return i;
}

static inline uint32_t weir_scan_value_portable(const uint8_t *p, uint32_t n, uint8_t quote)
{
    uint32_t i = 0;
    while (i < n && ((weir_class[p[i]] & WEIR_C_VALUE) != 0 || ((p[i] == '\'' || p[i] == '"') && p[i] != quote)))
        i++;
    return i;
}

WEIR_INLINE uint32_t weir_scan_value(uint32_t kernel, const uint8_t *p, uint32_t n, uint8_t quote)
{
    uint32_t i = 0;
#ifdef WEIR_HAVE_VECTORS
    if (kernel != WEIR_KERNEL_PORTABLE) {
        weir_vector quotes = weir_every(quote);
        for (; n - i >= 16; i += 16) {
            weir_stops stops = weir_stops_value(weir_load(p + i), quotes);
            if (stops != 0)
                return i + weir_first_stop(stops);
        }
    }
#endif
    (void)kernel;
    return i + weir_scan_value_portable(p + i, n - i, quote);
}

/* What stops which scan in 64 bytes: bit i stands for byte i. */
typedef struct weir_masks {
    uint64_t name;  /* no plain character of a name; `:` stops, too */
    uint64_t value; /* `<`, `&`, both quotes, below U+0020 and above U+007F */
} weir_masks;

#ifdef WEIR_HAVE_SSE2
weir_masks weir_masks_sse2(const uint8_t *p);
#endif
#ifdef WEIR_HAVE_AVX2
#define WEIR_AVX2 __attribute__((target("avx2,bmi,bmi2")))
WEIR_AVX2 weir_masks weir_masks_avx2(const uint8_t *p);
WEIR_AVX2 uint32_t weir_text_avx2(const uint8_t *p, uint32_t n); /* multi-byte characters, too */
#endif
#ifdef WEIR_HAVE_NEON
weir_masks weir_masks_neon(const uint8_t *p);
uint32_t weir_text_neon(const uint8_t *p, uint32_t n);
#endif

#ifdef WEIR_HAVE_VECTORS
/* Text by the widest vectors; 0 where there are none. */
WEIR_INLINE uint32_t weir_scan_wide(uint32_t kernel, const uint8_t *p, uint32_t n)
{
#ifdef WEIR_HAVE_AVX2
    if (kernel == WEIR_KERNEL_AVX2)
        return weir_text_avx2(p, n);
#endif
#ifdef WEIR_HAVE_NEON
    if (kernel == WEIR_KERNEL_NEON)
        return weir_text_neon(p, n);
#endif
    (void)kernel;
    (void)p;
    (void)n;
    return 0;
}
#endif

WEIR_INLINE uint32_t weir_scan_text(uint32_t kernel, const uint8_t *p, uint32_t n)
{
    uint32_t i = 0;
#ifdef WEIR_HAVE_VECTORS
    if (kernel != WEIR_KERNEL_PORTABLE) {
        for (; n - i >= 16; i += 16) {
            weir_stops stops = weir_stops_text(weir_load(p + i));
            if (stops != 0) { /* short text ends here */
                i += weir_first_stop(stops);
                return p[i] >= 0x80 ? i + weir_scan_wide(kernel, p + i, n - i) : i;
            }
            if (n - i >= 48)
                i += weir_scan_wide(kernel, p + i + 16, n - i - 16);
        }
    }
#endif
    (void)kernel;
    return i + weir_scan_class(p + i, n - i, WEIR_C_TEXT);
}

/* As far as short text goes: of ASCII, and some 64 bytes. */
WEIR_INLINE uint32_t weir_scan_short_text(uint32_t kernel, const uint8_t *p, uint32_t n)
{
#ifdef WEIR_HAVE_VECTORS
    if (kernel != WEIR_KERNEL_PORTABLE && n >= 16) {
        uint32_t i = 0;
        for (; i < 64 && n - i >= 16; i += 16) {
            weir_stops stops = weir_stops_text(weir_load(p + i));
            if (stops != 0)
                return i + weir_first_stop(stops);
        }
        return i;
    }
#endif
    (void)kernel;
    return weir_scan_class(p, n < 64 ? n : 64, WEIR_C_TEXT);
}

static inline uint32_t weir_scan_space(const uint8_t *p, uint32_t n)
{
    return weir_scan_class(p, n, WEIR_C_SPACE);
}

/* A reference that lies whole at p; `*code` is its character. 0: none that is plain, or it is cut. */
uint32_t weir_scan_reference(const uint8_t *p, uint32_t n, uint32_t *code);

/* Whole characters above U+007F that are Char: Unicode table 3-7 without U+FFFE and U+FFFF. */
uint32_t weir_scan_multibyte(const uint8_t *p, uint32_t n);

/* ---- Names (XML 2.3 [4], [4a], NS 4 [7]) ------------------------------------------------------------------------- */

/* Bytes of the character at p if it begins a name; 0: it does not, or it is cut. n is not 0. */
WEIR_INLINE uint32_t weir_name_start(const uint8_t *p, uint32_t n)
{
    return p[0] < 0x80 ? (weir_class[p[0]] & WEIR_C_START) != 0 : weir_wide_name_start(p, n);
}

/* The end of the bytes from `at` on that go on a name. */
WEIR_INLINE uint32_t weir_name_bytes(const uint8_t *in, uint32_t at, uint32_t end)
{
    at += weir_scan_class(in + at, end - at, WEIR_C_NAME);
    return at == end || in[at] < 0x80 ? at : weir_wide_name_bytes(in, at, end);
}

#endif
