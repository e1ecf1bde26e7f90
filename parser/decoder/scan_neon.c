/* scan_neon.c - blocks of 64 bytes by NEON, and text: plain ASCII and UTF-8 in one pass
 *
 * SPDX-License-Identifier: MIT */
#include "scan.h"

#ifdef WEIR_HAVE_NEON

/* ---- Blocks of 64 bytes ------------------------------------------------------------------------------------------ */

/* Bit i: byte i is 0xff; others are 0. */
static inline uint64_t bits64(uint8x16_t a, uint8x16_t b, uint8x16_t c, uint8x16_t d)
{
    static const uint8_t places[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    uint8x16_t bit = vld1q_u8(places);
    uint8x16_t lower = vpaddq_u8(vandq_u8(a, bit), vandq_u8(b, bit));
    uint8x16_t upper = vpaddq_u8(vandq_u8(c, bit), vandq_u8(d, bit));
    uint8x16_t all = vpaddq_u8(lower, upper);
    return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(all, all)), 0);
}

static inline uint8x16_t markup(uint8x16_t v)
{
    return weir_by_nibbles(v, weir_lower_markup, weir_upper_markup);
}

/* What is plain in a name, by its class. */
static inline uint8x16_t plain_name(uint8x16_t is)
{
    return vtstq_u8(is, vdupq_n_u8(31));
}

/* What stops a value. */
static inline uint8x16_t stops_value(uint8x16_t v, uint8x16_t is)
{
    return vorrq_u8(vcgeq_u8(is, vdupq_n_u8(0x20)), vcltzq_s8(vreinterpretq_s8_u8(v)));
}

weir_masks weir_masks_neon(const uint8_t *p)
{
    weir_masks m;
    uint8x16_t v0 = vld1q_u8(p), v1 = vld1q_u8(p + 16), v2 = vld1q_u8(p + 32), v3 = vld1q_u8(p + 48);
    uint8x16_t is0 = markup(v0), is1 = markup(v1), is2 = markup(v2), is3 = markup(v3);
    m.name = ~bits64(plain_name(is0), plain_name(is1), plain_name(is2), plain_name(is3));
    m.value = bits64(stops_value(v0, is0), stops_value(v1, is1), stops_value(v2, is2), stops_value(v3, is3));
    return m;
}

/* ---- Text -------------------------------------------------------------------------------------------------------- */

/* Not 0: what is no plain ASCII. */
static inline uint8x16_t special(uint8x16_t v)
{
    return weir_by_nibbles(v, weir_lower_text, weir_upper_text);
}

/* The bytes up to the 64 that are not all plain ASCII. */
static inline uint32_t ascii_run(const uint8_t *p, uint32_t n)
{
    uint32_t i = 0;
    for (; n - i >= 64; i += 64) {
        uint8x16_t first = vorrq_u8(special(vld1q_u8(p + i)), special(vld1q_u8(p + i + 16)));
        uint8x16_t second = vorrq_u8(special(vld1q_u8(p + i + 32)), special(vld1q_u8(p + i + 48)));
        if (vmaxvq_u8(vorrq_u8(first, second)) != 0)
            break;
    }
    return i;
}

/* Not 0: bytes up to here are malformed UTF-8, or U+FFFE or U+FFFF (XML 2.2 [2]); `before` are the 16 bytes before. */
static inline uint8x16_t utf8_faults(uint8x16_t v, uint8x16_t before)
{
    uint8x16_t one = vextq_u8(before, v, 15);
    uint8x16_t two = vextq_u8(before, v, 14);
    uint8x16_t three = vextq_u8(before, v, 13);
    uint8x16_t wrong = vandq_u8(weir_by_nibbles(one, weir_first_lower, weir_first_upper),
                                vqtbl1q_u8(vld1q_u8(weir_second_upper), vshrq_n_u8(v, 4)));
    uint8x16_t due = vorrq_u8(vqsubq_u8(two, vdupq_n_u8(0x60)),    /* 0x80 and up from 0xe0 */
                              vqsubq_u8(three, vdupq_n_u8(0x70))); /* from 0xf0 */
    wrong = veorq_u8(wrong, vandq_u8(due, vdupq_n_u8(0x80)));
    uint8x16_t none = vceqq_u8(vorrq_u8(v, vdupq_n_u8(1)), vdupq_n_u8(0xbf));                          /* BE, BF */
    none = vandq_u8(none, vandq_u8(vceqq_u8(one, vdupq_n_u8(0xbf)), vceqq_u8(two, vdupq_n_u8(0xef)))); /* EF BF */
    return vorrq_u8(wrong, none);
}

uint32_t weir_text_neon(const uint8_t *p, uint32_t n)
{
    uint8x16_t before = vdupq_n_u8(0);
    bool ascii = true;  /* all of `before` */
    uint32_t plain = 0; /* so many vectors in a row */
    uint32_t i = 0;
    while (n - i >= 16) {
        uint8x16_t v = vld1q_u8(p + i);
        uint8x16_t is = special(v);
        uint32_t most = vmaxvq_u8(is);
        if (!ascii || most != 0) {
            uint64_t stops = weir_stops_where(vtstq_u8(is, vdupq_n_u8(WEIR_STOPS_TEXT)));
            /* a character that a stop cuts is malformed at the stop; so is one that `before` cut */
            uint8x16_t wrong = utf8_faults(v, before);
            uint64_t judged = stops == 0 ? ~(uint64_t)0 : stops ^ (stops - 1);
            if ((weir_stops_where(vtstq_u8(wrong, wrong)) & judged) != 0)
                return weir_whole_characters(p, i);
            if (stops != 0)
                return i + weir_first_stop(stops);
            ascii = most == 0;
            plain = 0;
        }
        before = v;
        i += 16;
        plain++;
        if (plain == 4) { /* then `before` is as good as any ASCII */
            i += ascii_run(p + i, n - i);
            plain = 0;
        }
    }
    return weir_whole_characters(p, i);
}
#endif
