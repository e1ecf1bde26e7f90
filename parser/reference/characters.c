/* characters.c - bytes, characters, and the productions that are sets of characters
 *
 * SPDX-License-Identifier: MIT */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

_Noreturn void reference_leave(reference_reader *r, weir_status code, size_t offset)
{
    r->verdict.code = code;
    r->verdict.offset = offset;
    longjmp(r->out, 1);
}

/* design 6.15: the input ended, which is no fault of what came. */
_Noreturn void reference_unfinished(reference_reader *r)
{
    reference_leave(r, r->framing == WEIR_FRAMING_STREAM ? WEIR_NEED_MORE : WEIR_E_END, r->end);
}

bool reference_within_limits(const reference_reader *r, size_t offset)
{
    return offset < r->element_stop && offset < r->tag_stop;
}

/* design 6.9: a byte too many is at fault before it is looked at; element before tag. */
uint8_t reference_byte_at(reference_reader *r, size_t offset)
{
    if (offset >= r->end)
        reference_unfinished(r);
    if (offset >= r->element_stop)
        reference_leave(r, WEIR_E_LIMIT_ELEMENT, offset);
    if (offset >= r->tag_stop)
        reference_leave(r, WEIR_E_LIMIT_TAG, offset);
    return r->bytes[offset];
}

/* Unicode, table 3-7: well-formed UTF-8 byte sequences. Bytes after the second are 80 to BF. */
static const struct {
    uint8_t first_low, first_high, second_low, second_high;
    size_t width;
} well_formed[] = {
    {0x00, 0x7f, 0x00, 0x00, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
    {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
    {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

/* RFC 3629 4, design 6.1: malformed UTF-8 is at fault at the first byte that cannot continue. */
static uint32_t utf8_character(reference_reader *r)
{
    uint8_t first = reference_byte_at(r, r->position);
    size_t row = 0, rows = sizeof well_formed / sizeof well_formed[0];
    while (row < rows && (first < well_formed[row].first_low || first > well_formed[row].first_high))
        row++;
    if (row == rows)
        reference_leave(r, WEIR_E_UTF8, r->position);

    r->width = well_formed[row].width;
    static const uint8_t payload[5] = {0, 0x7f, 0x1f, 0x0f, 0x07}; /* of a first byte, by width */
    uint32_t c = first & payload[r->width];
    for (size_t i = 1; i < r->width; i++) {
        uint8_t byte = reference_byte_at(r, r->position + i);
        uint8_t low = i == 1 ? well_formed[row].second_low : 0x80;
        uint8_t high = i == 1 ? well_formed[row].second_high : 0xbf;
        if (byte < low || byte > high)
            reference_leave(r, WEIR_E_UTF8, r->position + i);
        c = c << 6 | (byte & 0x3fu);
    }
    return c;
}

/* The character at the position, which it does not pass. What is wrong with it at any place comes first, in the
 * order of design 6.3: byte limits, UTF-8, Char; then the caller looks whether it may stand there. */
uint32_t reference_peek(reference_reader *r)
{
    uint32_t c = utf8_character(r);
    if (c == 0 && r->position - r->first < 2) /* RFC 6120 11.6, design 6.14, choice 4 */
        reference_leave(r, WEIR_E_ENCODING, r->position);
    if (!reference_is_char(c)) /* XML 2.2 */
        reference_leave(r, WEIR_E_CHAR, r->position);
    return c;
}

/* Past the character that reference_peek has read. */
void reference_skip(reference_reader *r)
{
    r->position += r->width;
}

/* XML 2.3 [3] S? */
void reference_skip_space(reference_reader *r)
{
    while (reference_is_space(reference_peek(r)))
        reference_skip(r);
}

/* RFC 3629 3 */
void reference_write(reference_reader *r, uint32_t c)
{
    uint8_t *to = r->written + r->written_size;
    if (c < 0x80) {
        to[0] = (uint8_t)c;
        r->written_size += 1;
    } else if (c < 0x800) {
        to[0] = (uint8_t)(0xc0 | c >> 6);
        to[1] = (uint8_t)(0x80 | (c & 0x3f));
        r->written_size += 2;
    } else if (c < 0x10000) {
        to[0] = (uint8_t)(0xe0 | c >> 12);
        to[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
        to[2] = (uint8_t)(0x80 | (c & 0x3f));
        r->written_size += 3;
    } else {
        to[0] = (uint8_t)(0xf0 | c >> 18);
        to[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
        to[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
        to[3] = (uint8_t)(0x80 | (c & 0x3f));
        r->written_size += 4;
    }
}

/* Room for one item after `count`. There is no verdict for want of memory, so that it ends the program. */
void *reference_grow(void *array, size_t *room, size_t count, size_t item)
{
    if (count < *room)
        return array;
    *room = *room == 0 ? 16 : *room * 2;
    if (*room > SIZE_MAX / item)
        abort();
    array = realloc(array, *room * item);
    if (array == NULL)
        abort();
    return array;
}

/* XML 2.2 [2] Char */
bool reference_is_char(uint32_t c)
{
    return c == 0x9 || c == 0xa || c == 0xd || (c >= 0x20 && c <= 0xd7ff) || (c >= 0xe000 && c <= 0xfffd) ||
           (c >= 0x10000 && c <= 0x10ffff);
}

/* XML 2.3 [3] S, one character of it */
bool reference_is_space(uint32_t c)
{
    return c == 0x20 || c == 0x9 || c == 0xd || c == 0xa;
}

bool reference_is_digit(uint32_t c)
{
    return c >= '0' && c <= '9';
}

/* [A-Za-z] of XML 4.3.3 [81], [A-Z] and [a-z] of XML 2.3 [4] */
bool reference_is_letter(uint32_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* XML 2.3 [4] NameStartChar */
bool reference_is_name_start(uint32_t c)
{
    return c == ':' || reference_is_letter(c) || c == '_' || (c >= 0xc0 && c <= 0xd6) || (c >= 0xd8 && c <= 0xf6) ||
           (c >= 0xf8 && c <= 0x2ff) || (c >= 0x370 && c <= 0x37d) || (c >= 0x37f && c <= 0x1fff) ||
           (c >= 0x200c && c <= 0x200d) || (c >= 0x2070 && c <= 0x218f) || (c >= 0x2c00 && c <= 0x2fef) ||
           (c >= 0x3001 && c <= 0xd7ff) || (c >= 0xf900 && c <= 0xfdcf) || (c >= 0xfdf0 && c <= 0xfffd) ||
           (c >= 0x10000 && c <= 0xeffff);
}

/* XML 2.3 [4a] NameChar */
bool reference_is_name_char(uint32_t c)
{
    return reference_is_name_start(c) || c == '-' || c == '.' || reference_is_digit(c) || c == 0xb7 ||
           (c >= 0x300 && c <= 0x36f) || (c >= 0x203f && c <= 0x2040);
}

bool reference_same(weir_slice a, weir_slice b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

bool reference_is(weir_slice a, const char *text)
{
    return a.size == strlen(text) && (a.size == 0 || memcmp(a.data, text, a.size) == 0);
}
