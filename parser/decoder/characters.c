/* characters.c - see characters.h
 *
 * SPDX-License-Identifier: MIT */
#include "scan.h"

/* Sums of the bits of characters.h for each byte; bytes above 0x7f are judged as code points. */
const uint8_t weir_class[256] = {
    0,  0,  0,  0,  0,  0,  0,  0,  0,  41, 41, 0,  0,  33, 0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,
    0,  0,  0,  0,  0,  0,  57, 56, 40, 56, 56, 56, 32, 40, 56, 56, 56, 56, 56, 60, 60, 56, 60, 60, 60, 60,
    60, 60, 60, 60, 60, 60, 56, 56, 32, 56, 56, 56, 56, 62, 62, 62, 62, 62, 62, 62, 62, 62, 62, 62, 62, 62,
    62, 62, 62, 62, 62, 62, 62, 62, 62, 62, 62, 62, 62, 56, 56, 48, 56, 62, 56, 62, 62, 62, 62, 62, 62, 62,
    62, 62, 62, 62, 62, 62, 62, 62, 62, 62, 62, 62, 62, 62, 62, 62, 62, 62, 62, 56, 56, 56, 56, 56,
};

bool weir_is_name_start(uint32_t c)
{
    if (c < 0x80)
        return (weir_class[c] & WEIR_C_START) != 0;
    return (c >= 0xc0 && c <= 0x2ff && c != 0xd7 && c != 0xf7) || (c >= 0x370 && c <= 0x1fff && c != 0x37e) ||
           c == 0x200c || c == 0x200d || (c >= 0x2070 && c <= 0x218f) || (c >= 0x2c00 && c <= 0x2fef) ||
           (c >= 0x3001 && c <= 0xd7ff) || (c >= 0xf900 && c <= 0xfdcf) || (c >= 0xfdf0 && c <= 0xfffd) ||
           (c >= 0x10000 && c <= 0xeffff);
}

bool weir_is_name_char(uint32_t c)
{
    if (c < 0x80)
        return (weir_class[c] & WEIR_C_NAME) != 0;
    return weir_is_name_start(c) || c == 0xb7 || (c >= 0x300 && c <= 0x36f) || c == 0x203f || c == 0x2040;
}

bool weir_is_char(uint32_t c)
{
    if (c < 0x80)
        return (weir_class[c] & WEIR_C_CHAR) != 0;
    return c <= 0xd7ff || (c >= 0xe000 && c <= 0xfffd) || (c >= 0x10000 && c <= 0x10ffff);
}

uint32_t weir_utf8_write(uint32_t c, uint8_t *to)
{
    if (c < 0x80) {
        to[0] = (uint8_t)c;
        return 1;
    }
    if (c < 0x800) {
        to[0] = (uint8_t)(0xc0 | c >> 6);
        to[1] = (uint8_t)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        to[0] = (uint8_t)(0xe0 | c >> 12);
        to[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
        to[2] = (uint8_t)(0x80 | (c & 0x3f));
        return 3;
    }
    to[0] = (uint8_t)(0xf0 | c >> 18);
    to[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
    to[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
    to[3] = (uint8_t)(0x80 | (c & 0x3f));
    return 4;
}

uint32_t weir_scan_multibyte(const uint8_t *p, uint32_t n)
{
    uint32_t i = 0;
    while (n - i >= 2) {
        uint32_t first = p[i], second = p[i + 1];
        if (first >= 0xc2 && first <= 0xdf && (second & 0xc0) == 0x80) {
            i += 2;
        } else if (first >= 0xe0 && first <= 0xef && n - i >= 3) {
            uint32_t code = (first & 0x0f) << 12 | (second & 0x3f) << 6 | (p[i + 2] & 0x3fu);
            if ((second & 0xc0) != 0x80 || (p[i + 2] & 0xc0) != 0x80 || code < 0x800 || (code & 0xf800) == 0xd800 ||
                code > 0xfffd)
                break;
            i += 3;
        } else if (first >= 0xf0 && first <= 0xf4 && n - i >= 4) {
            uint32_t top = (first & 7) << 6 | (second & 0x3f); /* the upper nine bits of the code point */
            if ((second & 0xc0) != 0x80 || (p[i + 2] & 0xc0) != 0x80 || (p[i + 3] & 0xc0) != 0x80 || top < 0x10 ||
                top > 0x10f)
                break;
            i += 4;
        } else {
            break;
        }
    }
    return i;
}
