/* scan.c - text by vectors: plain ASCII and UTF-8 in one pass
 *
 * UTF-8 is judged by looking up the nibbles of each byte and of the byte before it, after Keiser and Lemire,
 * "Validating UTF-8 in less than one instruction per byte" (2021): what is wrong with a pair has a bit in all three
 * tables.
 *
 * SPDX-License-Identifier: MIT */
#include "block.h"

/* ---- Blocks of 64 bytes ------------------------------------------------------------------------------------------- */

#ifdef WEIR_HAVE_SSE2

#endif

#ifdef WEIR_HAVE_SSE2
/* Letters, digits, `-`, `.`, `_`: 0xff in their places. */
static __m128i name_bytes16(__m128i v)
{
    __m128i letter = _mm_sub_epi8(_mm_or_si128(v, _mm_set1_epi8(0x20)), _mm_set1_epi8('a'));
    __m128i letters = _mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(25)), letter);
    __m128i digit = _mm_sub_epi8(v, _mm_set1_epi8('-')); /* `-`, `.`, `/`, `0` to `9` */
    __m128i digits = _mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8('9' - '-')), digit);
    digits = _mm_andnot_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('/')), digits);
    return _mm_or_si128(_mm_or_si128(letters, digits), _mm_cmpeq_epi8(v, _mm_set1_epi8('_')));
}

WEIR_INLINE void classify_sse2(const uint8_t *p, weir_block *b)
{
    uint64_t name = 0;
    uint64_t stops = 0;
    for (uint32_t i = 0; i < 64; i += 16) {
        __m128i v = weir_load(p + i);
        __m128i stop = _mm_cmplt_epi8(v, _mm_set1_epi8(0x20)); /* signed: bytes above 0x7f stop too */
        stop = _mm_or_si128(stop, _mm_cmpeq_epi8(v, _mm_set1_epi8('<')));
        stop = _mm_or_si128(stop, _mm_cmpeq_epi8(v, _mm_set1_epi8('"')));
        /* `&` and `'` differ in their last bit */
        stop = _mm_or_si128(stop, _mm_cmpeq_epi8(_mm_or_si128(v, _mm_set1_epi8(1)), _mm_set1_epi8('\'')));
        name |= (uint64_t)(uint32_t)_mm_movemask_epi8(name_bytes16(v)) << i;
        stops |= (uint64_t)(uint32_t)_mm_movemask_epi8(stop) << i;
    }
    b->name = ~name;
    b->value = stops;
}
#endif

#ifdef WEIR_HAVE_AVX2
WEIR_AVX2 static inline __m256i load32(const uint8_t *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

/* A table of 16 in each half: of uint8_t, for a char may be unsigned. */
WEIR_AVX2 static inline __m256i twice(const uint8_t *table)
{
    return _mm256_broadcastsi128_si256(weir_load(table));
}

/* By the nibbles of a byte: bits 0 to 4 for names (`-` and `.`, digits, `A` to `O`, `P` to `Z`, `_`; lower case alike),
 * bits 5 to 7 for what stops a value (controls, quotes and `&`, `<`). Bytes above U+007F have none. */
WEIR_AVX2 static inline __m256i nibbles(__m256i v)
{
    static const uint8_t low[16] = {42, 46, 110, 46, 46, 46, 110, 110, 46, 46, 44, 36, 164, 37, 37, 52};
    static const uint8_t high[16] = {32, 32, 65, 130, 4, 24, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0};
    __m256i upper = _mm256_and_si256(_mm256_srli_epi16(v, 4), _mm256_set1_epi8(0x0f));
    return _mm256_and_si256(_mm256_shuffle_epi8(twice(low), v), _mm256_shuffle_epi8(twice(high), upper));
}

WEIR_AVX2 static inline uint64_t bits32(__m256i a, __m256i b)
{
    return (uint64_t)(uint32_t)_mm256_movemask_epi8(b) << 32 | (uint32_t)_mm256_movemask_epi8(a);
}

WEIR_AVX2 WEIR_INLINE void classify_avx2(const uint8_t *p, weir_block *b)
{
    const __m256i none = _mm256_setzero_si256();
    const __m256i least = _mm256_set1_epi8(0x20);
    __m256i first = load32(p);
    __m256i second = load32(p + 32);
    __m256i first_is = nibbles(first);
    __m256i second_is = nibbles(second);
    uint64_t stops = bits32(_mm256_cmpeq_epi8(_mm256_max_epu8(first_is, least), first_is),
                            _mm256_cmpeq_epi8(_mm256_max_epu8(second_is, least), second_is));
    b->name = stops | bits32(_mm256_cmpeq_epi8(first_is, none), _mm256_cmpeq_epi8(second_is, none));
    b->value = stops | bits32(first, second);
}
#endif

#ifdef WEIR_HAVE_SSE2
/* Fewer than 64 bytes are left: the rest is 0, which stops every scan. */
WEIR_OUTLINE uint32_t last_block_sse2(const uint8_t *in, uint32_t end, uint32_t at, weir_block *b, bool name)
{
    uint8_t tail[64] = {0};
    memcpy(tail, in + at, end - at);
    classify_sse2(tail, b);
    b->at = at;
    return at + weir_first_bit(name ? b->name : b->value);
}

uint32_t weir_blocks_sse2(const uint8_t *in, uint32_t end, uint32_t at, weir_block *b, bool name)
{
    for (; end - at >= 64; at += 64) {
        classify_sse2(in + at, b);
        b->at = at;
        uint64_t stops = name ? b->name : b->value;
        if (stops != 0)
            return at + weir_first_bit(stops);
    }
    return last_block_sse2(in, end, at, b, name);
}
#endif

#ifdef WEIR_HAVE_AVX2
/* Fewer than 64 bytes are left: the rest is 0, which stops every scan. */
WEIR_AVX2 WEIR_OUTLINE uint32_t last_block_avx2(const uint8_t *in, uint32_t end, uint32_t at, weir_block *b, bool name)
{
    uint8_t tail[64] = {0};
    memcpy(tail, in + at, end - at);
    classify_avx2(tail, b);
    b->at = at;
    return at + weir_first_bit(name ? b->name : b->value);
}

WEIR_AVX2 uint32_t weir_blocks_avx2(const uint8_t *in, uint32_t end, uint32_t at, weir_block *b, bool name)
{
    for (; end - at >= 64; at += 64) {
        classify_avx2(in + at, b);
        b->at = at;
        uint64_t stops = name ? b->name : b->value;
        if (stops != 0)
            return at + weir_first_bit(stops);
    }
    return last_block_avx2(in, end, at, b, name);
}
#endif

/* ---- Text ---------------------------------------------------------------------------------------------------------- */

#ifdef WEIR_HAVE_AVX2

/* What can be wrong with two bytes that follow each other (Unicode table 3-7). */
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

WEIR_AVX2 static inline __m256i low_nibbles(__m256i v)
{
    return _mm256_and_si256(v, _mm256_set1_epi8(0x0f));
}

WEIR_AVX2 static inline __m256i high_nibbles(__m256i v)
{
    return low_nibbles(_mm256_srli_epi16(v, 4));
}

/* Bit i: byte i is no plain ASCII of text, and below U+0080. */
WEIR_AVX2 static inline uint32_t ascii_stops(__m256i v)
{
    __m256i line =
        _mm256_or_si256(_mm256_cmpeq_epi8(v, _mm256_set1_epi8('\n')), _mm256_cmpeq_epi8(v, _mm256_set1_epi8('\t')));
    __m256i control = _mm256_cmpeq_epi8(_mm256_min_epu8(v, _mm256_set1_epi8(0x1f)), v);
    __m256i stop = _mm256_andnot_si256(line, control);
    stop = _mm256_or_si256(stop, _mm256_cmpeq_epi8(v, _mm256_set1_epi8(']')));
    stop = _mm256_or_si256(stop, _mm256_cmpeq_epi8(v, _mm256_set1_epi8('<')));
    stop = _mm256_or_si256(stop, _mm256_cmpeq_epi8(v, _mm256_set1_epi8('&')));
    return (uint32_t)_mm256_movemask_epi8(stop);
}

/* Bit i: bytes up to i are malformed UTF-8, or U+FFFE or U+FFFF (XML 2.2 [2]); `before` are the 32 bytes before. */
WEIR_AVX2 static uint32_t utf8_faults(__m256i v, __m256i before)
{
    static const uint8_t first_high[16] =
        WEIR_TABLE(2, 2, 2, 2, 2, 2, 2, 2, WEIR_TWO_BEHIND, WEIR_TWO_BEHIND, WEIR_TWO_BEHIND, WEIR_TWO_BEHIND,
                   WEIR_TOO_SHORT | WEIR_OVERLONG_2, WEIR_TOO_SHORT, WEIR_TOO_SHORT | WEIR_OVERLONG_3 | WEIR_SURROGATE,
                   WEIR_TOO_SHORT | WEIR_TOO_LARGE | WEIR_OVERLONG_4);
    static const uint8_t first_low[16] =
        WEIR_TABLE(WEIR_ANY | WEIR_OVERLONG_3 | WEIR_OVERLONG_2 | WEIR_OVERLONG_4, WEIR_ANY | WEIR_OVERLONG_2, WEIR_ANY,
                   WEIR_ANY, WEIR_ANY | WEIR_TOO_LARGE, WEIR_ABOVE, WEIR_ABOVE, WEIR_ABOVE, WEIR_ABOVE, WEIR_ABOVE,
                   WEIR_ABOVE, WEIR_ABOVE, WEIR_ABOVE, WEIR_ABOVE | WEIR_SURROGATE, WEIR_ABOVE, WEIR_ABOVE);
    static const uint8_t second_high[16] =
        WEIR_TABLE(1, 1, 1, 1, 1, 1, 1, 1, WEIR_BEHIND | WEIR_OVERLONG_3 | WEIR_OVERLONG_4,
                   WEIR_BEHIND | WEIR_OVERLONG_3 | WEIR_TOO_LARGE, WEIR_BEHIND | WEIR_SURROGATE | WEIR_TOO_LARGE,
                   WEIR_BEHIND | WEIR_SURROGATE | WEIR_TOO_LARGE, 1, 1, 1, 1);
    __m256i joint = _mm256_permute2x128_si256(before, v, 0x21);
    __m256i one = _mm256_alignr_epi8(v, joint, 15);
    __m256i two = _mm256_alignr_epi8(v, joint, 14);
    __m256i three = _mm256_alignr_epi8(v, joint, 13);
    __m256i wrong = _mm256_and_si256(_mm256_and_si256(_mm256_shuffle_epi8(twice(first_high), high_nibbles(one)),
                                                      _mm256_shuffle_epi8(twice(first_low), low_nibbles(one))),
                                     _mm256_shuffle_epi8(twice(second_high), high_nibbles(v)));
    __m256i due = _mm256_or_si256(_mm256_subs_epu8(two, _mm256_set1_epi8(0x60)),    /* 0x80 and up from 0xe0 */
                                  _mm256_subs_epu8(three, _mm256_set1_epi8(0x70))); /* from 0xf0 */
    wrong = _mm256_xor_si256(wrong, _mm256_and_si256(due, _mm256_set1_epi8((char)0x80)));
    __m256i none =
        _mm256_cmpeq_epi8(_mm256_or_si256(v, _mm256_set1_epi8(1)), _mm256_set1_epi8((char)0xbf)); /* BE, BF */
    none = _mm256_and_si256(none, _mm256_and_si256(_mm256_cmpeq_epi8(one, _mm256_set1_epi8((char)0xbf)),
                                                   _mm256_cmpeq_epi8(two, _mm256_set1_epi8((char)0xef)))); /* EF BF */
    uint32_t right = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(wrong, _mm256_setzero_si256()));
    return ~right | (uint32_t)_mm256_movemask_epi8(none);
}

/* Without the bytes of a character that does not end before `at`. */
static uint32_t whole_characters(const uint8_t *p, uint32_t at)
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

WEIR_AVX2 uint32_t weir_text_avx2(const uint8_t *p, uint32_t n)
{
    __m256i before = _mm256_setzero_si256();
    bool ascii = true; /* all of `before` */
    uint32_t i = 0;
    for (; n - i >= 32; i += 32) {
        __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)(p + i));
        uint32_t stops = ascii_stops(v);
        if (!ascii || _mm256_movemask_epi8(v) != 0) {
            /* a character that a stop cuts is malformed at the stop; so is one that `before` cut */
            uint32_t faults = utf8_faults(v, before);
            uint32_t judged = stops == 0 ? 0xffffffffu : stops ^ (stops - 1);
            if ((faults & judged) != 0)
                return whole_characters(p, i);
            ascii = _mm256_movemask_epi8(v) == 0;
        }
        if (stops != 0)
            return i + (uint32_t)__builtin_ctz(stops);
        before = v;
    }
    return whole_characters(p, i);
}
#endif
