/* markup.c - the XML declaration, names, start and end tags, and the markup that this language does not have
 *
 * SPDX-License-Identifier: MIT */
#include "internal.h"

#include <string.h>

/* From a `<` that reference_peek has seen. Choice 12: it is under the byte limits from here, and so is the byte
 * after it. */
void reference_begin_markup(reference_reader *r, reference_place place)
{
    r->tag_begin = r->position;
    r->tag_stop = (uint64_t)r->position + r->limits.tag;
    if (place == REFERENCE_FIRST_LEVEL)
        r->element_stop = (uint64_t)r->position + r->limits.element;
    reference_skip(r);
}

/* ---- What is missing from the language --------------------------------------------------------------------------- */

/* After `<!`, at the next character: RFC 6120 11.1, design 6.4. Returns that character, unless it shows a
 * restricted construct. */
static uint32_t after_exclamation_mark(reference_reader *r)
{
    reference_skip(r);
    r->tag_stop = REFERENCE_NO_STOP; /* choice 12: neither a tag nor a declaration */
    uint32_t c = reference_peek(r);
    if (c == '-') /* XML 2.5 [15] Comment */
        reference_leave(r, WEIR_E_COMMENT, r->position);
    if (c == 'D') /* XML 2.8 [28] doctypedecl */
        reference_leave(r, WEIR_E_DOCTYPE, r->position);
    return c;
}

/* design 6.4: `<!` outside the first-level elements, from the `!`. `section` is the code of text at this place. */
_Noreturn void reference_markup_outside(reference_reader *r, weir_status section)
{
    uint32_t c = after_exclamation_mark(r);
    reference_leave(r, c == '[' ? section : WEIR_E_SYNTAX, r->position);
}

static void literal(reference_reader *r, const char *text, weir_status fault)
{
    for (; *text != '\0'; text++) {
        if (reference_peek(r) != (uint8_t)*text)
            reference_leave(r, fault, r->position);
        reference_skip(r);
    }
}

/* XML 2.7 [19] CDStart, from the `!`; design 6.4. */
void reference_cdata_start(reference_reader *r)
{
    after_exclamation_mark(r);
    literal(r, "[CDATA[", WEIR_E_SYNTAX);
}

/* ---- XML declaration --------------------------------------------------------------------------------------------- */

/* XML 2.8 [25] Eq, and the quote that begins a value (XML 2.3 [10], 2.8 [24], 4.3.3 [80]); choice 6. Returns the
 * quote. */
static uint32_t equals_and_quote(reference_reader *r)
{
    reference_skip_space(r);
    literal(r, "=", WEIR_E_SYNTAX);
    reference_skip_space(r);
    uint32_t quote = reference_peek(r);
    if (quote != '"' && quote != '\'')
        reference_leave(r, WEIR_E_SYNTAX, r->position);
    return quote;
}

/* design 6.6: whether it is "a beginning of digits, dot, digits"; a whole one where `whole` is set. */
static bool is_version_number(weir_slice text, bool whole)
{
    size_t before = 0, at, after;
    while (before < text.size && reference_is_digit(text.data[before]))
        before++;
    at = before;
    if (at < text.size && text.data[at] == '.')
        at++;
    after = at;
    while (after < text.size && reference_is_digit(text.data[after]))
        after++;
    if (after < text.size || before == 0)
        return false;
    return !whole || (at > before && after > at);
}

/* XML 4.3.3 [81] EncName */
static bool is_encoding_name(weir_slice text)
{
    if (text.size == 0 || !reference_is_letter(text.data[0]))
        return false;
    for (size_t i = 1; i < text.size; i++) {
        uint32_t c = text.data[i];
        if (!reference_is_letter(c) && !reference_is_digit(c) && c != '.' && c != '_' && c != '-')
            return false;
    }
    return true;
}

static uint32_t lower_case(uint32_t c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

/* XML 2.8 [24] VersionInfo and 4.3.3 [80] EncodingDecl from their Eq on, where one value alone is right; design
 * 6.6. `wanted` is that value in lower case. */
static void declared_value(reference_reader *r, const char *wanted, bool version)
{
    uint32_t quote = equals_and_quote(r);
    reference_skip(r);
    size_t begin = r->position;
    for (size_t i = 0;; i++) {
        uint32_t c = reference_peek(r);
        bool over = i == strlen(wanted);
        if (over ? c == quote : lower_case(c) == (uint8_t)wanted[i]) {
            reference_skip(r);
            if (over)
                return;
            continue;
        }
        bool closed = c == quote;
        weir_slice text = {r->bytes + begin, r->position + (closed ? 0 : r->width) - begin};
        weir_status fault = WEIR_E_SYNTAX;
        if (version && is_version_number(text, closed))
            fault = WEIR_E_XML_VERSION;
        if (!version && is_encoding_name(text))
            fault = WEIR_E_ENCODING;
        reference_leave(r, fault, r->position);
    }
}

/* After the value of version or encoding: white space, if there is any, and the next character. RFC 6120 11.5: no
 * XML 2.9 [32] SDDecl. */
static uint32_t next_in_declaration(reference_reader *r, bool *spaced)
{
    *spaced = reference_is_space(reference_peek(r));
    reference_skip_space(r);
    uint32_t c = reference_peek(r);
    if (*spaced && c == 's')
        reference_leave(r, WEIR_E_STANDALONE, r->position);
    return c;
}

/* XML 2.8 [23] XMLDecl, from the `?` of one that comes first; design 6.5, 6.6. It is no part of an element, and so
 * under the tag limit alone (design 6.9). */
void reference_declaration(reference_reader *r)
{
    r->element_stop = REFERENCE_NO_STOP;
    literal(r, "?xml", WEIR_E_PROCESSING_INSTRUCTION);
    if (!reference_is_space(reference_peek(r))) /* else it is XML 2.6 [16] PI */
        reference_leave(r, WEIR_E_PROCESSING_INSTRUCTION, r->position);
    reference_skip_space(r);
    literal(r, "version", WEIR_E_SYNTAX);
    declared_value(r, "1.0", true);
    bool spaced;
    if (next_in_declaration(r, &spaced) == 'e' && spaced) {
        literal(r, "encoding", WEIR_E_SYNTAX);
        declared_value(r, "utf-8", false);
        next_in_declaration(r, &spaced);
    }
    literal(r, "?>", WEIR_E_SYNTAX);
    r->tag_stop = REFERENCE_NO_STOP;
}

/* ---- Names ------------------------------------------------------------------------------------------------------- */

/* design 5, row 1: not NAME, but SYNTAX where it is out of place after a name. */
static bool may_follow_name(uint32_t c)
{
    return reference_is_space(c) || c == '/' || c == '>' || c == '=' || c == '<' || c == '"' || c == '\'';
}

/* NS 3 [4] NCName: Name without the colon. */
static void nc_name(reference_reader *r)
{
    uint32_t c = reference_peek(r);
    if (!reference_is_name_start(c) || c == ':')
        reference_leave(r, WEIR_E_NAME, r->position);
    while (reference_is_name_char(c) && c != ':') {
        reference_skip(r);
        c = reference_peek(r);
    }
}

/* NS 4 [7] QName, and that its end is one. */
static reference_qname qualified_name(reference_reader *r)
{
    reference_qname name = {0};
    size_t begin = r->position, local = r->position;
    nc_name(r);
    if (reference_peek(r) == ':') { /* NS 4 [8] PrefixedName */
        name.prefix.data = r->bytes + begin;
        name.prefix.size = r->position - begin;
        reference_skip(r);
        local = r->position;
        nc_name(r);
    }
    if (!may_follow_name(reference_peek(r))) /* a second colon among them */
        reference_leave(r, WEIR_E_NAME, r->position);
    name.begin = begin;
    name.raw.data = r->bytes + begin;
    name.raw.size = r->position - begin;
    name.local.data = r->bytes + local;
    name.local.size = r->position - local;
    return name;
}

/* ---- Tags -------------------------------------------------------------------------------------------------------- */

/* XML 3.1 [41] Attribute, after the white space before it; choice 6. */
static void attribute(reference_reader *r)
{
    uint32_t c = reference_peek(r);
    if (c == '=' || c == '<' || c == '"' || c == '\'')
        reference_leave(r, WEIR_E_SYNTAX, r->position);
    if (!reference_is_name_start(c) || c == ':') /* NS 4 [7] */
        reference_leave(r, WEIR_E_NAME, r->position);
    if (r->tag.attribute_count == r->limits.attributes) /* design 6.9, choice 14 */
        reference_leave(r, WEIR_E_LIMIT_ATTRIBUTES, r->position);

    reference_attribute read = {0};
    read.name = qualified_name(r);
    read.value = reference_attribute_value(r, equals_and_quote(r));
    /* NS 3 [1] NSAttName */
    read.declares = reference_is(read.name.raw, "xmlns") || reference_is(read.name.prefix, "xmlns");

    r->tag.attributes = (reference_attribute *)reference_grow(r->tag.attributes, &r->tag.attribute_room,
                                                              r->tag.attribute_count, sizeof read);
    r->tag.attributes[r->tag.attribute_count] = read;
    r->tag.attribute_count++;
}

/* XML 3.1 [40] STag and [44] EmptyElemTag after the name: (S Attribute)* S? and '>' or '/>'; choice 6. */
static void attributes_and_end(reference_reader *r)
{
    for (;;) {
        bool spaced = reference_is_space(reference_peek(r));
        reference_skip_space(r);
        uint32_t c = reference_peek(r);
        r->tag.empty = c == '/';
        if (c == '/' || c == '>')
            break;
        if (!spaced) /* XML 3.1 [40] */
            reference_leave(r, WEIR_E_SYNTAX, r->position);
        attribute(r);
    }
    literal(r, r->tag.empty ? "/>" : ">", WEIR_E_SYNTAX);
}

/* design 6.9, choices 13, 14, 16: depth, then elements, at the first character of the name. */
static void judge_depth_and_elements(reference_reader *r)
{
    if (r->tag.depth > r->limits.depth)
        reference_leave(r, WEIR_E_LIMIT_DEPTH, r->position);
    if (r->tag.place == REFERENCE_HEADER)
        return;
    if (r->tag.place == REFERENCE_FIRST_LEVEL)
        r->elements_within = 0;
    if (r->elements_within == r->limits.elements)
        reference_leave(r, WEIR_E_LIMIT_ELEMENTS, r->position);
    r->elements_within++;
}

/* XML 3.1 [40] STag and [44] EmptyElemTag, after the `<`; then what is judged at the `>` (design 6.8, 6.9). On
 * return the tag is in r->tag, and its declarations are in scope. */
void reference_start_tag(reference_reader *r, reference_place place)
{
    uint32_t c = reference_peek(r);
    if (!reference_is_name_start(c) || c == ':') /* NS 4 [7] */
        reference_leave(r, WEIR_E_NAME, r->position);
    r->tag.place = place;
    r->tag.begin = r->tag_begin;
    r->tag.depth = r->depth_outside + (uint32_t)r->element_count + 1;
    r->tag.attribute_count = 0;
    judge_depth_and_elements(r);
    r->tag.name = qualified_name(r);
    attributes_and_end(r);
    r->tag.end = r->position;
    r->tag_stop = REFERENCE_NO_STOP;
    reference_bind(r);
    reference_whole_tag(r);
}

/* XML 3.1 [42] ETag, from the `/`; XML 3 (WFC: Element Type Match); design 6.10, choice 7. */
void reference_end_tag(reference_reader *r, weir_slice open_name)
{
    reference_skip(r);
    size_t begin = r->position;
    for (;;) {
        uint32_t c = reference_peek(r);
        size_t read = r->position - begin;
        if (read + r->width <= open_name.size && memcmp(r->bytes + r->position, open_name.data + read, r->width) == 0) {
            reference_skip(r);
            continue;
        }
        bool ends = reference_is_space(c) || c == '>';
        if (read == open_name.size && ends)
            break;
        bool mismatch = reference_is_name_char(c) || (read > 0 && ends); /* of another name, else XML 3.1 [42] */
        reference_leave(r, mismatch ? WEIR_E_TAG_MISMATCH : WEIR_E_SYNTAX, r->position);
    }
    reference_skip_space(r);
    literal(r, ">", WEIR_E_SYNTAX);
    r->tag_stop = REFERENCE_NO_STOP;
}
