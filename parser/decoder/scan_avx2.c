/* scan_avx2.c - blocks of 64 bytes by AVX2, and text: plain ASCII and UTF-8 in one pass
 *
 * SPDX-License-Identifier: MIT */
#include "scan.h"

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

WEIR_AVX2 static inline __m256i lower_nibbles(__m256i v)
{
    return _mm256_and_si256(v, _mm256_set1_epi8(0x0f));
}

WEIR_AVX2 static inline __m256i upper_nibbles(__m256i v)
{
    return lower_nibbles(_mm256_srli_epi16(v, 4));
}

WEIR_AVX2 static inline __m256i by_nibbles(__m256i v, const uint8_t *lower, const uint8_t *upper)
{
    return _mm256_and_si256(_mm256_shuffle_epi8(twice(lower), v), _mm256_shuffle_epi8(twice(upper), upper_nibbles(v)));
}

/* ---- Blocks of 64 bytes ------------------------------------------------------------------------------------------ */

WEIR_AVX2 static inline uint64_t bits32(__m256i a, __m256i b)
{
    return (uint64_t)(uint32_t)_mm256_movemask_epi8(b) << 32 | (uint32_t)_mm256_movemask_epi8(a);
}

WEIR_AVX2 weir_masks weir_masks_avx2(const uint8_t *p)
{
    const __m256i none = _mm256_setzero_si256();
    const __m256i up = _mm256_set1_epi8(0x60); /* which brings 0x20 to 0x80, where a mask is made */
    __m256i first = load32(p);
    __m256i second = load32(p + 32);
    __m256i first_is = by_nibbles(first, weir_lower_markup, weir_upper_markup);
    __m256i second_is = by_nibbles(second, weir_lower_markup, weir_upper_markup);
    uint64_t stops = bits32(_mm256_adds_epu8(first_is, up), _mm256_adds_epu8(second_is, up));
    weir_masks m;
    m.name = stops | bits32(_mm256_cmpeq_epi8(first_is, none), _mm256_cmpeq_epi8(second_is, none));
    m.value = stops | bits32(first, second);
    return m;
}

/* ---- Text -------------------------------------------------------------------------------------------------------- */

/* 0: plain ASCII of text, or above U+007F. */
WEIR_AVX2 static inline __m256i text_class(__m256i v)
{
    return by_nibbles(v, weir_lower_text, weir_upper_text);
}

/* Bit i: byte i is no plain ASCII of text, and below U+0080. */
WEIR_AVX2 static inline uint32_t ascii_stops(__m256i v)
{
    return ~(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(text_class(v), _mm256_setzero_si256()));
}

/* Bit i: bytes up to i are malformed UTF-8, or U+FFFE or U+FFFF (XML 2.2 [2]); `before` are the 32 bytes before. */
WEIR_AVX2 static uint32_t utf8_faults(__m256i v, __m256i before)
{
    __m256i joint = _mm256_permute2x128_si256(before, v, 0x21);
    __m256i one = _mm256_alignr_epi8(v, joint, 15);
    __m256i two = _mm256_alignr_epi8(v, joint, 14);
    __m256i three = _mm256_alignr_epi8(v, joint, 13);
    __m256i wrong = _mm256_and_si256(_mm256_and_si256(_mm256_shuffle_epi8(twice(weir_first_upper), upper_nibbles(one)),
                                                      _mm256_shuffle_epi8(twice(weir_first_lower), lower_nibbles(one))),
                                     _mm256_shuffle_epi8(twice(weir_second_upper), upper_nibbles(v)));
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

/* The bytes up to the 128 that are not all plain ASCII. */
WEIR_AVX2 static inline uint32_t ascii_run(const uint8_t *p, uint32_t n)
{
    uint32_t i = 0;
    for (; n - i >= 128; i += 128) {
        __m256i v0 = load32(p + i), v1 = load32(p + i + 32), v2 = load32(p + i + 64), v3 = load32(p + i + 96);
        __m256i is = _mm256_or_si256(_mm256_or_si256(text_class(v0), text_class(v1)),
                                     _mm256_or_si256(text_class(v2), text_class(v3)));
        __m256i v = _mm256_or_si256(_mm256_or_si256(v0, v1), _mm256_or_si256(v2, v3));
        if (_mm256_movemask_epi8(v) != 0 || !_mm256_testz_si256(is, is))
            break;
    }
    return i;
}

WEIR_AVX2 uint32_t weir_text_avx2(const uint8_t *p, uint32_t n)
{
    __m256i before = _mm256_setzero_si256();
    bool ascii = true;  /* all of `before` */
    uint32_t plain = 0; /* so many vectors in a row */
    uint32_t i = 0;
    while (n - i >= 32) {
        __m256i v = load32(p + i);
        uint32_t stops = ascii_stops(v);
        if (!ascii || _mm256_movemask_epi8(v) != 0) {
            /* a character that a stop cuts is malformed at the stop; so is one that `before` cut */
            uint32_t faults = utf8_faults(v, before);
            uint32_t judged = stops == 0 ? 0xffffffffu : stops ^ (stops - 1);
            if ((faults & judged) != 0)
                return weir_whole_characters(p, i);
            ascii = _mm256_movemask_epi8(v) == 0;
            plain = 0;
        }
        if (stops != 0)
            return i + (uint32_t)__builtin_ctz(stops);
        before = v;
        i += 32;
        plain++;
        if (plain == 2) { /* then `before` is as good as any ASCII */
            i += ascii_run(p + i, n - i);
            plain = 0;
        }
    }
    return weir_whole_characters(p, i);
}
#endif
