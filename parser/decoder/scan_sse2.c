/* scan_sse2.c - blocks of 64 bytes by SSE2
 *
 * SPDX-License-Identifier: MIT */
#include "scan.h"

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

weir_masks weir_masks_sse2(const uint8_t *p)
{
    weir_masks m = {0, 0};
    for (uint32_t i = 0; i < 64; i += 16) {
        __m128i v = weir_load(p + i);
        __m128i stop = _mm_cmplt_epi8(v, _mm_set1_epi8(0x20)); /* signed: bytes above 0x7f stop too */
        stop = _mm_or_si128(stop, _mm_cmpeq_epi8(v, _mm_set1_epi8('<')));
        stop = _mm_or_si128(stop, _mm_cmpeq_epi8(v, _mm_set1_epi8('"')));
        /* `&` and `'` differ in their last bit */
        stop = _mm_or_si128(stop, _mm_cmpeq_epi8(_mm_or_si128(v, _mm_set1_epi8(1)), _mm_set1_epi8('\'')));
        m.name |= (uint64_t)(uint32_t)_mm_movemask_epi8(name_bytes16(v)) << i;
        m.value |= (uint64_t)(uint32_t)_mm_movemask_epi8(stop) << i;
    }
    m.name = ~m.name;
    return m;
}
#endif
