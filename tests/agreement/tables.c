/* tables.c - see tables.h
 *
 * SPDX-License-Identifier: MIT */
#include "tables.h"

typedef struct range {
    uint32_t first, last;
} range;

/* [2] Char ::= #x9 | #xA | #xD | [#x20-#xD7FF] | [#xE000-#xFFFD] | [#x10000-#x10FFFF] */
static const range chars[] = {{0x9, 0x9},     {0xA, 0xA},       {0xD, 0xD},
                              {0x20, 0xD7FF}, {0xE000, 0xFFFD}, {0x10000, 0x10FFFF}};

/* [4] NameStartChar ::= ":" | [A-Z] | "_" | [a-z] | [#xC0-#xD6] | [#xD8-#xF6] | [#xF8-#x2FF] | [#x370-#x37D] |
 * [#x37F-#x1FFF] | [#x200C-#x200D] | [#x2070-#x218F] | [#x2C00-#x2FEF] | [#x3001-#xD7FF] | [#xF900-#xFDCF] |
 * [#xFDF0-#xFFFD] | [#x10000-#xEFFFF] */
static const range name_starts[] = {{':', ':'},       {'A', 'Z'},       {'_', '_'},       {'a', 'z'},
                                    {0xC0, 0xD6},     {0xD8, 0xF6},     {0xF8, 0x2FF},    {0x370, 0x37D},
                                    {0x37F, 0x1FFF},  {0x200C, 0x200D}, {0x2070, 0x218F}, {0x2C00, 0x2FEF},
                                    {0x3001, 0xD7FF}, {0xF900, 0xFDCF}, {0xFDF0, 0xFFFD}, {0x10000, 0xEFFFF}};

/* [4a] NameChar ::= NameStartChar | "-" | "." | [0-9] | #xB7 | [#x0300-#x036F] | [#x203F-#x2040] */
static const range name_more[] = {{'-', '-'}, {'.', '.'}, {'0', '9'}, {0xB7, 0xB7}, {0x300, 0x36F}, {0x203F, 0x2040}};

static bool in_any(const range *ranges, size_t count, uint32_t c)
{
    for (size_t i = 0; i < count; i++) {
        if (c >= ranges[i].first && c <= ranges[i].last)
            return true;
    }
    return false;
}

#define IN(ranges, c) in_any(ranges, sizeof(ranges) / sizeof(ranges)[0], c)

bool table_is_char(uint32_t c)
{
    return IN(chars, c);
}

bool table_is_name_start(uint32_t c)
{
    return IN(name_starts, c);
}

bool table_is_name(uint32_t c)
{
    return IN(name_starts, c) || IN(name_more, c);
}

/* Table 3-7, column by column: first byte, second, third, fourth. */
static const struct {
    range bytes[4];
    size_t length;
} table_3_7[] = {
    {{{0x00, 0x7F}}, 1},
    {{{0xC2, 0xDF}, {0x80, 0xBF}}, 2},
    {{{0xE0, 0xE0}, {0xA0, 0xBF}, {0x80, 0xBF}}, 3},
    {{{0xE1, 0xEC}, {0x80, 0xBF}, {0x80, 0xBF}}, 3},
    {{{0xED, 0xED}, {0x80, 0x9F}, {0x80, 0xBF}}, 3},
    {{{0xEE, 0xEF}, {0x80, 0xBF}, {0x80, 0xBF}}, 3},
    {{{0xF0, 0xF0}, {0x90, 0xBF}, {0x80, 0xBF}, {0x80, 0xBF}}, 4},
    {{{0xF1, 0xF3}, {0x80, 0xBF}, {0x80, 0xBF}, {0x80, 0xBF}}, 4},
    {{{0xF4, 0xF4}, {0x80, 0x8F}, {0x80, 0xBF}, {0x80, 0xBF}}, 4},
};

static size_t row_of(uint8_t first)
{
    size_t row = 0;
    while (row < sizeof table_3_7 / sizeof table_3_7[0] && !in_any(&table_3_7[row].bytes[0], 1, first))
        row++;
    return row;
}

size_t table_utf8(const uint8_t *bytes, size_t size, uint32_t *character, size_t *bad)
{
    static const uint8_t marks[5] = {0, 0x00, 0xC0, 0xE0, 0xF0};
    size_t row = size > 0 ? row_of(bytes[0]) : 0;
    *bad = 0;
    if (size == 0 || row == sizeof table_3_7 / sizeof table_3_7[0])
        return 0;
    size_t length = table_3_7[row].length;
    *character = (uint32_t)(bytes[0] ^ marks[length]);
    for (*bad = 1; *bad < length; (*bad)++) {
        if (*bad == size || !in_any(&table_3_7[row].bytes[*bad], 1, bytes[*bad]))
            return 0;
        *character = *character * 64 + (bytes[*bad] ^ 0x80u);
    }
    return length;
}

size_t table_encode(uint32_t c, uint8_t to[4])
{
    size_t length = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const uint8_t marks[5] = {0, 0x00, 0xC0, 0xE0, 0xF0};
    for (size_t i = length; i > 1; i--) {
        to[i - 1] = (uint8_t)(0x80 | (c & 0x3F));
        c >>= 6;
    }
    to[0] = (uint8_t)(marks[length] | c);
    return length;
}
