/* vectors.h - what the vector kernels share: which are built, 16 bytes at once, tables
 *
 * Tables are looked up by the nibbles of a byte: what is found for the lower one and for the upper one has a bit in
 * common where the byte is of that class. On x86 a byte above 0x7f that is an index as a whole finds 0; on AArch64 an
 * index is made a nibble first.
 *
 * SPDX-License-Identifier: MIT */
#ifndef WEIR_VECTORS_H
#define WEIR_VECTORS_H

#include "internal.h"

#if !defined(WEIR_PORTABLE) && defined(__SSE2__) && defined(__GNUC__) && (defined(__x86_64__) || defined(__i386__))
#define WEIR_HAVE_VECTORS 1
#define WEIR_HAVE_SSE2 1
#include <immintrin.h>
#if !defined(_WIN32) || defined(__clang__) /* gcc does not align the stack for 32-byte vectors there */
#define WEIR_HAVE_AVX2 1                   /* where the machine has it, which weir_init asks */
#endif
#endif

/* Big-endian AArch64 is left out: it numbers the lanes of a vector that is taken for wider ones the other way round. */
#if !defined(WEIR_PORTABLE) && defined(__aarch64__) && defined(__ARM_NEON) && defined(__GNUC__) &&                     \
    !defined(__AARCH64EB__)
#define WEIR_HAVE_VECTORS 1
#define WEIR_HAVE_NEON 1
#include <arm_neon.h>
#endif

/* ---- Tables ------------------------------------------------------------------------------------------------------ */

#if defined(WEIR_HAVE_AVX2) || defined(WEIR_HAVE_NEON)
/* Bits 0 to 4 for names (`-` and `.`, digits, `A` to `O`, `P` to `Z`, `_`; lower case alike), bits 5 to 7 for what
 * stops a value (controls, quotes and `&`, `<`). No byte has both; bytes above U+007F have none. */
static const uint8_t weir_lower_markup[16] = {42, 46, 110, 46, 46, 46, 110, 110, 46, 46, 44, 36, 164, 37, 37, 52};
static const uint8_t weir_upper_markup[16] = {32, 32, 65, 130, 4, 24, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0};

/* What is no plain ASCII of text: bits 0, 1 for controls, 2 for `&`, 3 for `<`, 4 for `]`, 5 for all above U+007F. */
#define WEIR_STOPS_TEXT 31
static const uint8_t weir_lower_text[16] = {35, 35, 35, 35, 35, 35, 39, 35, 35, 34, 34, 35, 43, 51, 35, 35};
static const uint8_t weir_upper_text[16] = {1, 2, 4, 8, 0, 16, 0, 0, 32, 32, 32, 32, 32, 32, 32, 32};

/* UTF-8 is judged by looking up the nibbles of each byte and of the byte before it, after Keiser and Lemire,
 * "Validating UTF-8 in less than one instruction per byte" (2021): what is wrong with a pair has a bit in all three
 * tables. What can be wrong with two bytes that follow each other (Unicode table 3-7): */
#define WEIR_TOO_SHORT 1    /* a first byte, and no continuation */
#define WEIR_TOO_LONG 2     /* ASCII, and a continuation */
#define WEIR_OVERLONG_3 4   /* E0 80..9F */
#define WEIR_TOO_LARGE 8    /* F4 90..BF, F5.. */
#define WEIR_SURROGATE 16   /* ED A0..BF */
#define WEIR_OVERLONG_2 32  /* C0, C1 */
#define WEIR_OVERLONG_4 64  /* F0 80..8F; F5.. 80..8F as well */
#define WEIR_TWO_BEHIND 128 /* two continuations: wrong unless the third or fourth byte of a sequence is due */
#define WEIR_ANY (WEIR_TOO_SHORT | WEIR_TOO_LONG | WEIR_TWO_BEHIND)
#define WEIR_ABOVE (WEIR_ANY | WEIR_TOO_LARGE | WEIR_OVERLONG_4)
#define WEIR_BEHIND (WEIR_TOO_LONG | WEIR_OVERLONG_2 | WEIR_TWO_BEHIND)

#define WEIR_TABLE(...) {__VA_ARGS__} /* laid out like a call */
static const uint8_t weir_first_upper[16] =
    WEIR_TABLE(2, 2, 2, 2, 2, 2, 2, 2, WEIR_TWO_BEHIND, WEIR_TWO_BEHIND, WEIR_TWO_BEHIND, WEIR_TWO_BEHIND,
               WEIR_TOO_SHORT | WEIR_OVERLONG_2, WEIR_TOO_SHORT, WEIR_TOO_SHORT | WEIR_OVERLONG_3 | WEIR_SURROGATE,
               WEIR_TOO_SHORT | WEIR_TOO_LARGE | WEIR_OVERLONG_4);
static const uint8_t weir_first_lower[16] =
    WEIR_TABLE(WEIR_ANY | WEIR_OVERLONG_3 | WEIR_OVERLONG_2 | WEIR_OVERLONG_4, WEIR_ANY | WEIR_OVERLONG_2, WEIR_ANY,
               WEIR_ANY, WEIR_ANY | WEIR_TOO_LARGE, WEIR_ABOVE, WEIR_ABOVE, WEIR_ABOVE, WEIR_ABOVE, WEIR_ABOVE,
               WEIR_ABOVE, WEIR_ABOVE, WEIR_ABOVE, WEIR_ABOVE | WEIR_SURROGATE, WEIR_ABOVE, WEIR_ABOVE);
static const uint8_t weir_second_upper[16] =
    WEIR_TABLE(1, 1, 1, 1, 1, 1, 1, 1, WEIR_BEHIND | WEIR_OVERLONG_3 | WEIR_OVERLONG_4,
               WEIR_BEHIND | WEIR_OVERLONG_3 | WEIR_TOO_LARGE, WEIR_BEHIND | WEIR_SURROGATE | WEIR_TOO_LARGE,
               WEIR_BEHIND | WEIR_SURROGATE | WEIR_TOO_LARGE, 1, 1, 1, 1);
#endif

/* ---- 16 bytes at once -------------------------------------------------------------------------------------------- */

#ifdef WEIR_HAVE_SSE2
typedef __m128i weir_vector;
typedef uint32_t weir_stops; /* bit i: byte i stops the scan */

WEIR_INLINE uint32_t weir_first_stop(weir_stops stops)
{
    return (uint32_t)__builtin_ctz(stops);
}

WEIR_INLINE __m128i weir_every(uint8_t byte)
{
    return _mm_set1_epi8((char)byte);
}

WEIR_INLINE __m128i weir_load(const uint8_t *p)
{
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}

WEIR_INLINE bool weir_holds(__m128i v, uint8_t byte)
{
    return _mm_movemask_epi8(_mm_cmpeq_epi8(v, weir_every(byte))) != 0;
}

WEIR_INLINE uint32_t weir_stops_value(__m128i v, __m128i quote)
{
    __m128i stop = _mm_cmplt_epi8(v, _mm_set1_epi8(0x20)); /* signed: bytes above 0x7f stop too */
    stop = _mm_or_si128(stop, _mm_cmpeq_epi8(v, quote));
    stop = _mm_or_si128(stop, _mm_cmpeq_epi8(v, _mm_set1_epi8('<')));
    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(stop, _mm_cmpeq_epi8(v, _mm_set1_epi8('&'))));
}

WEIR_INLINE uint32_t weir_stops_text(__m128i v)
{
    __m128i line = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('\n')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\t')));
    __m128i stop = _mm_andnot_si128(line, _mm_cmplt_epi8(v, _mm_set1_epi8(0x20)));
    stop = _mm_or_si128(stop, _mm_cmpeq_epi8(v, _mm_set1_epi8(']')));
    stop = _mm_or_si128(stop, _mm_cmpeq_epi8(v, _mm_set1_epi8('<')));
    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(stop, _mm_cmpeq_epi8(v, _mm_set1_epi8('&'))));
}
#endif

#ifdef WEIR_HAVE_NEON
typedef uint8x16_t weir_vector;
typedef uint64_t weir_stops; /* bits 4 * i to 4 * i + 3: byte i stops the scan */

WEIR_INLINE uint32_t weir_first_stop(weir_stops stops)
{
    return (uint32_t)__builtin_ctzll(stops) / 4;
}

WEIR_INLINE uint8x16_t weir_every(uint8_t byte)
{
    return vdupq_n_u8(byte);
}

WEIR_INLINE uint8x16_t weir_load(const uint8_t *p)
{
    return vld1q_u8(p);
}

/* Of bytes that are 0 or 0xff. */
WEIR_INLINE uint64_t weir_stops_where(uint8x16_t v)
{
    return vget_lane_u64(vreinterpret_u64_u8(vshrn_n_u16(vreinterpretq_u16_u8(v), 4)), 0);
}

WEIR_INLINE uint8x16_t weir_lower_nibbles(uint8x16_t v)
{
    return vandq_u8(v, vdupq_n_u8(0x0f));
}

WEIR_INLINE uint8x16_t weir_by_nibbles(uint8x16_t v, const uint8_t *lower, const uint8_t *upper)
{
    return vandq_u8(vqtbl1q_u8(vld1q_u8(lower), weir_lower_nibbles(v)), vqtbl1q_u8(vld1q_u8(upper), vshrq_n_u8(v, 4)));
}

WEIR_INLINE uint64_t weir_stops_value(uint8x16_t v, uint8x16_t quote)
{
    uint8x16_t stop = vcltq_s8(vreinterpretq_s8_u8(v), vdupq_n_s8(0x20)); /* signed: bytes above 0x7f stop too */
    stop = vorrq_u8(stop, vceqq_u8(v, quote));
    stop = vorrq_u8(stop, vceqq_u8(v, vdupq_n_u8('<')));
    return weir_stops_where(vorrq_u8(stop, vceqq_u8(v, vdupq_n_u8('&'))));
}

WEIR_INLINE uint64_t weir_stops_text(uint8x16_t v)
{
    uint8x16_t is = weir_by_nibbles(v, weir_lower_text, weir_upper_text);
    return weir_stops_where(vtstq_u8(is, is));
}
#endif

/* ---- What is left at an end -------------------------------------------------------------------------------------- */

#if defined(WEIR_HAVE_AVX2) || defined(WEIR_HAVE_NEON)
/* Without the bytes of a character that does not end before `at`. */
static inline uint32_t weir_whole_characters(const uint8_t *p, uint32_t at)
{
    uint32_t back = 0;
    while (back < 3 && back < at && (p[at - 1 - back] & 0xc0) == 0x80)
        back++;
    if (back == at || p[at - 1 - back] < 0xc0)
        return at;
    uint8_t first = p[at - 1 - back];
    uint32_t size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    return back + 1 < size ? at - 1 - back : at;
}
#endif

#endif
