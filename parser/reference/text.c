/* text.c - character data, CDATA sections, references, attribute values
 *
 * SPDX-License-Identifier: MIT */
#include "internal.h"

#include <string.h>

/* design 6.11, 6.12: from now on the character is certain; its source lies from `begin` to the position. */
static void append_text(reference_reader *r, uint32_t c, size_t begin)
{
    if (r->text.size == 0) {
        r->text.data = r->written + r->written_size;
        r->text_begin = begin;
    }
    size_t before = r->written_size;
    reference_write(r, c);
    r->text.size += r->written_size - before;
    r->text_end = r->position;
}

/* XML 2.11: CR LF is one line feed, and so is a CR alone; choice 10: the CR waits for the next byte, whatever that
 * is. */
static void text_line_end(reference_reader *r)
{
    size_t begin = r->position;
    reference_skip(r);
    if (r->position == r->end)
        reference_unfinished(r);
    if (reference_within_limits(r, r->position) && r->bytes[r->position] == '\n')
        r->position++;
    append_text(r, '\n', begin);
}

/* One character that stands for itself, but for line ends. */
static void text_character(reference_reader *r, uint32_t c)
{
    if (c == '\r') {
        text_line_end(r);
        return;
    }
    size_t begin = r->position;
    reference_skip(r);
    append_text(r, c, begin);
}

/* XML 4.6: the five. */
static const struct {
    const char *text; /* after the `&` */
    uint32_t character;
} predefined[] = {{"lt;", '<'}, {"gt;", '>'}, {"amp;", '&'}, {"apos;", '\''}, {"quot;", '"'}};

/* XML 4.1 [68] EntityRef, after the `&`; design 6.7, choice 8. */
static uint32_t entity_reference(reference_reader *r)
{
    size_t begin = r->position;
    for (;;) {
        uint32_t c = reference_peek(r);
        size_t last = r->position;
        reference_skip(r);
        size_t size = r->position - begin;
        bool leaves = true;
        for (size_t i = 0; i < sizeof predefined / sizeof predefined[0]; i++) {
            const char *text = predefined[i].text;
            if (size > strlen(text) || memcmp(text, r->bytes + begin, size) != 0)
                continue;
            if (size == strlen(text))
                return predefined[i].character;
            leaves = false;
        }
        if (!leaves)
            continue;
        /* What stands before the character began one of the five, so that it is a Name (XML 2.3 [5]) or nothing. */
        bool begun = last > begin;
        bool entity = begun ? reference_is_name_char(c) || c == ';' : reference_is_name_start(c);
        reference_leave(r, entity ? WEIR_E_ENTITY : WEIR_E_AMPERSAND, last); /* RFC 6120 11.1; XML 2.4 */
    }
}

static bool digit_value(uint32_t c, uint32_t base, uint32_t *value)
{
    if (reference_is_digit(c))
        *value = c - '0';
    else if (base == 16 && c >= 'a' && c <= 'f')
        *value = c - 'a' + 10;
    else if (base == 16 && c >= 'A' && c <= 'F')
        *value = c - 'A' + 10;
    else
        return false;
    return true;
}

/* XML 4.1 [66] CharRef, from the `#`; design 6.7, choice 8. */
static uint32_t character_reference(reference_reader *r)
{
    reference_skip(r);
    uint32_t base = 10;
    if (reference_peek(r) == 'x') {
        base = 16;
        reference_skip(r);
    }
    uint32_t value = 0, digit;
    bool digits = false;
    uint32_t c;
    for (c = reference_peek(r); digit_value(c, base, &digit); c = reference_peek(r)) {
        digits = true;
        value = value * base + digit;
        if (value > 0x10ffff) /* XML 4.1 (WFC: Legal Character), whatever follows */
            reference_leave(r, WEIR_E_CHAR_REFERENCE, r->position);
        reference_skip(r);
    }
    if (c != ';' || !digits)
        reference_leave(r, WEIR_E_SYNTAX, r->position);
    if (!reference_is_char(value)) /* XML 4.1 (WFC: Legal Character) */
        reference_leave(r, WEIR_E_CHAR_REFERENCE, r->position);
    reference_skip(r);
    return value;
}

/* XML 4.1 [67] Reference, from the `&`: the character that it stands for. */
static uint32_t reference(reference_reader *r)
{
    reference_skip(r);
    return reference_peek(r) == '#' ? character_reference(r) : entity_reference(r);
}

/* XML 2.4 [14] CharData and XML 4.1 [67] Reference, up to the next `<`. */
void reference_char_data(reference_reader *r)
{
    size_t brackets = 0; /* `]` that stand directly before the position */
    for (uint32_t c = reference_peek(r); c != '<'; c = reference_peek(r)) {
        if (c == '>' && brackets >= 2) /* XML 2.4 [14], choice 9 */
            reference_leave(r, WEIR_E_CDATA_END, r->position);
        brackets = c == ']' ? brackets + 1 : 0;
        if (c == '&') {
            size_t begin = r->position;
            c = reference(r);
            append_text(r, c, begin);
        } else {
            text_character(r, c);
        }
    }
    reference_deliver_text(r);
}

/* XML 2.7 [21] CDEnd: whether it is here, at a `]`. It is looked for no further than the first byte that differs,
 * because that byte makes the `]` certain (choice 10). */
static bool at_cdata_end(reference_reader *r)
{
    return reference_byte_at(r, r->position + 1) == ']' && reference_byte_at(r, r->position + 2) == '>';
}

/* XML 2.7 [20] CData and [21] CDEnd */
void reference_cdata_section(reference_reader *r)
{
    for (uint32_t c = reference_peek(r); c != ']' || !at_cdata_end(r); c = reference_peek(r))
        text_character(r, c);
    r->position += 3;
    reference_deliver_text(r);
}

/* XML 2.3 [10] AttValue, from its quote, normalised as XML 3.3.3 says for CDATA, after the line ends of XML 2.11. */
weir_slice reference_attribute_value(reference_reader *r, uint32_t quote)
{
    reference_skip(r);

    size_t before = r->written_size;
    for (uint32_t c = reference_peek(r); c != quote; c = reference_peek(r)) {
        if (c == '<') /* XML 3.1 (WFC: No < in Attribute Values) */
            reference_leave(r, WEIR_E_LESS_THAN, r->position);
        if (c == '&') {
            reference_write(r, reference(r));
            continue;
        }
        reference_skip(r);
        if (c == '\r' && reference_peek(r) == '\n')
            reference_skip(r);
        reference_write(r, reference_is_space(c) ? ' ' : c);
    }
    reference_skip(r);
    weir_slice value = {r->written + before, r->written_size - before};
    return value;
}
