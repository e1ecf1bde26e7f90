/* tag.c - the bytes of start tags and end tags (XML 3.1 [40] to [44], NS 4)
 *
 * SPDX-License-Identifier: MIT */
#include "internal.h"
#include "scan.h"

/* Offset of the character at hand from the `<` of its tag; below 2^31 by the tag limit. */
static uint32_t here(const weir_decoder *d)
{
    return (uint32_t)(d->char_begin - d->tag_begin);
}

void weir_open_tag(weir_decoder *d, weir_cursor *c, uint32_t state)
{
    d->tag_begin = c->base + (c->at - 1);
    d->tag_stop = d->tag_begin + d->limits.tag;
    if (d->depth + 1 == weir_first_level(d) && state != WEIR_S_MISC_LT)
        d->element_stop = d->tag_begin + d->limits.element; /* choices 12, 13 */
    d->carried = 0;
    d->parts = 0;
    d->tag_open = true;
    c->tag = 0u - (c->at - 1);
    d->state = state;
    weir_cut(d, c);
}

/* The first character of a start tag's name is in. */
static weir_status name_begins(weir_decoder *d)
{
    uint32_t depth = d->depth + 1;
    if (depth > d->limits.depth)
        return weir_fault(d, WEIR_E_LIMIT_DEPTH, d->char_begin); /* RFC 6120 13.12; design 6.9 */
    if (depth == weir_first_level(d)) {
        d->elements = 0;
        d->self_contained = true;
        d->outer_bindings = d->bindings;
    }
    if (depth >= weir_first_level(d) && ++d->elements > d->limits.elements)
        return weir_fault(d, WEIR_E_LIMIT_ELEMENTS, d->char_begin); /* RFC 6120 13.12; design 6.9 */
    d->name_colon = 0;
    d->tag_flags = 0;
    d->state = WEIR_S_TAG_NAME;
    return WEIR_GO_ON;
}

weir_status weir_name_begins(weir_decoder *d, uint32_t code)
{
    if (!weir_is_name_start(code))
        return weir_fault(d, WEIR_E_NAME, d->char_begin); /* NS 4 [7] */
    return name_begins(d);
}

/* ---- Runs -------------------------------------------------------------------------------------------------------- */

static weir_status name_run(weir_decoder *d, weir_cursor *c, weir_event *e);

/* Start tags that usual_tag.c leaves: those of other than usual kinds, and those that a chunk's end cuts. */
weir_status weir_tag_opens(weir_decoder *d, weir_cursor *c, uint32_t state, weir_event *e)
{
    c->at++;
    weir_open_tag(d, c, state);
    d->brackets = 0;
    if (c->at == c->end || weir_name_start(c->in + c->at, c->end - c->at) == 0)
        return WEIR_GO_ON;
    d->char_begin = c->base + c->at;
    weir_status status = name_begins(d);
    return status != 0 ? status : name_run(d, c, e);
}

/* The character above U+007F at p, and its size; 0: it is malformed, or not whole. */
static uint32_t multibyte(const uint8_t *p, uint32_t n, uint32_t *code)
{
    uint32_t size = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    if (n < size || weir_scan_multibyte(p, size) != size)
        return 0;
    *code = p[0] & (0x7fu >> size);
    for (uint32_t i = 1; i < size; i++)
        *code = *code << 6 | (p[i] & 0x3fu);
    return size;
}

uint32_t weir_wide_name_start(const uint8_t *p, uint32_t n)
{
    uint32_t code = 0;
    uint32_t size = multibyte(p, n, &code);
    return weir_is_name_start(code) ? size : 0;
}

uint32_t weir_wide_name_bytes(const uint8_t *in, uint32_t at, uint32_t end)
{
    while (at < end && in[at] >= 0x80) {
        uint32_t code = 0;
        uint32_t size = multibyte(in + at, end - at, &code);
        if (!weir_is_name_char(code)) /* XML 2.3 [4a] */
            break;
        at += size;
        at += weir_scan_class(in + at, end - at, WEIR_C_NAME);
    }
    return at;
}

/* The end of the plain qualified name that goes on at `at`; a colon that parts it well is written to `*colon`. */
static uint32_t qualified_name(const weir_cursor *c, uint32_t at, uint32_t *colon)
{
    const uint8_t *in = c->in;
    uint32_t end = c->end;
    at = weir_name_bytes(in, at, end);
    if (end - at >= 2 && in[at] == ':' && *colon == 0 && weir_name_start(in + at + 1, end - at - 1) != 0) {
        *colon = at + c->tag;
        at = weir_name_bytes(in, at + 1, end);
    }
    return at;
}

/* How many bytes at `at` of a value that a scan left need no judging but perhaps rewriting: a multi-byte character,
 * white space, a reference that is whole. */
static uint32_t unplain(weir_decoder *d, const uint8_t *in, uint32_t at, uint32_t end)
{
    uint32_t code;
    if (in[at] >= 0x80)
        return weir_scan_multibyte(in + at, end - at);
    uint32_t size = weir_is_space(in[at]) ? 1 : in[at] == '&' ? weir_scan_reference(in + at, end - at, &code) : 0;
    if (size != 0) {
        weir_parts(d)[d->parts].flags |= WEIR_PART_REWRITE; /* XML 3.3.3 */
        d->tag_flags |= WEIR_TAG_REWRITE;
    }
    return size;
}

/* The end of the bytes of the value at hand that need no judging. */
static uint32_t value_bytes(weir_decoder *d, const uint8_t *in, uint32_t at, uint32_t end, uint8_t quote)
{
    for (;;) {
        at += weir_scan_value(d->kernel, in + at, end - at, quote);
        uint32_t size = at < end ? unplain(d, in, at, end) : 0;
        if (size == 0)
            return at;
        at += size;
    }
}

/* Takes what stands between a name and its value, from `at` on. The index of the value; or 0, and the state and c->at
 * say how far it went. */
static uint32_t equals_run(weir_decoder *d, weir_cursor *c, uint32_t at)
{
    const uint8_t *in = c->in;
    uint32_t end = c->end;
    if (at < end && in[at] != '=') {
        uint32_t space = weir_scan_space(in + at, end - at);
        d->state = space != 0 ? WEIR_S_ATTRIBUTE_EQ : WEIR_S_ATTRIBUTE_NAME;
        at += space;
    } else {
        d->state = WEIR_S_ATTRIBUTE_NAME;
    }
    c->at = at;
    if (at == end || in[at] != '=')
        return 0;
    at++;
    if (at < end && in[at] != '\'' && in[at] != '"')
        at += weir_scan_space(in + at, end - at);
    if (at == end || (in[at] != '\'' && in[at] != '"')) {
        d->state = WEIR_S_ATTRIBUTE_QUOTE;
        c->at = at;
        return 0;
    }
    return at + 1;
}

/* Takes the attribute that begins at `at`, as far as it is plain and here. The index after its closing quote; or 0,
 * and the state and c->at say how far it went. */
static uint32_t attribute_run(weir_decoder *d, weir_cursor *c, weir_part *part, uint32_t at)
{
    const uint8_t *in = c->in;
    uint32_t tag = c->tag;
    uint32_t colon = 0;
    if (in[at] == 'x')
        d->tag_flags |= WEIR_TAG_XMLNS;
    part->name = at + tag;
    at = qualified_name(c, at, &colon);
    part->name_end = at + tag;
    part->colon = colon;
    part->flags = 0;
    at = equals_run(d, c, at);
    if (at == 0)
        return 0;
    uint8_t quote = in[at - 1];
    part->value = at + tag;
    at = value_bytes(d, in, at, c->end, quote);
    part->value_end = at + tag;
    if (at == c->end || in[at] != quote) {
        d->quote = quote;
        d->state = WEIR_S_VALUE;
        c->at = at;
        return 0;
    }
    return at + 1;
}

/* The white space at `at` is followed by the byte that is returned; or by nothing that can be taken here: then 0. */
static uint8_t after_space(const weir_cursor *c, uint32_t *at)
{
    uint32_t next = *at + 1; /* usually the name: one space */
    if ((weir_class[c->in[next]] & WEIR_C_START) == 0) {
        next += weir_scan_space(c->in + next, c->end - next);
        if (next == c->end) {
            *at = next - 1; /* the last one stays, so that the state stays true */
            return 0;
        }
    }
    *at = next;
    return c->in[next];
}

/* Takes whole attributes and the end of the tag, from `at` on, in state TAG_AFTER. It ends there, before a byte that
 * may follow a value, or with an attribute half-way. */
static weir_status attributes_run(weir_decoder *d, weir_cursor *c, uint32_t at, weir_event *e)
{
    const uint8_t *in = c->in;
    while (c->end - at >= 2) {
        uint8_t byte = in[at];
        uint32_t space = at;
        if ((weir_class[byte] & WEIR_C_SPACE) != 0)
            byte = after_space(c, &at);
        if (byte == '>' || (byte == '/' && c->end - at >= 2 && in[at + 1] == '>')) {
            c->at = at + (byte == '/' ? 2 : 1);
            return weir_start_tag(d, c, byte == '/', e);
        }
        if (byte == 0 || byte == '/')
            break;
        if (at == space || weir_name_start(in + at, c->end - at) == 0 || d->parts >= d->limits.attributes) {
            at = at == space ? at : at - 1;
            break;
        }
        at = attribute_run(d, c, weir_parts(d) + d->parts, at);
        if (at == 0)
            return WEIR_GO_ON;
        d->parts++;
    }
    d->state = WEIR_S_TAG_AFTER;
    c->at = at;
    return WEIR_GO_ON;
}

static void value_ends(weir_decoder *d, uint32_t end)
{
    weir_parts(d)[d->parts].value_end = end;
    d->parts++;
    d->state = WEIR_S_TAG_AFTER;
}

static weir_status name_run(weir_decoder *d, weir_cursor *c, weir_event *e)
{
    const uint8_t *in = c->in;
    uint32_t at = qualified_name(c, c->at, &d->name_colon);
    c->at = at;
    if (at == c->end || (in[at] != '>' && in[at] != '/' && !weir_is_space(in[at])))
        return WEIR_GO_ON;
    d->name_end = at + c->tag;
    d->state = WEIR_S_TAG_AFTER;
    return attributes_run(d, c, at, e);
}

weir_status weir_tag_run(weir_decoder *d, weir_cursor *c, weir_event *e)
{
    if (d->state == WEIR_S_TAG_NAME)
        return name_run(d, c, e);
    if (d->state == WEIR_S_TAG_AFTER)
        return attributes_run(d, c, c->at, e);
    if (d->state == WEIR_S_ATTRIBUTE_NAME)
        c->at = weir_name_bytes(c->in, c->at, c->end);
    else
        c->at = value_bytes(d, c->in, c->at, c->end, d->quote);
    return WEIR_GO_ON;
}

/* ---- Start tags, a character at a time --------------------------------------------------------------------------- */

static weir_status fault_here(weir_decoder *d, weir_status code)
{
    return weir_fault(d, code, d->char_begin);
}

/* A character that neither belongs to a begun name nor may follow it (design 5, row 1). */
static weir_status ends_no_name(weir_decoder *d, uint32_t code)
{
    bool known =
        weir_is_space(code) || code == '/' || code == '>' || code == '=' || code == '<' || code == '\'' || code == '"';
    return fault_here(d, known ? WEIR_E_SYNTAX : WEIR_E_NAME); /* XML 3.1 [40]; NS 4 [7] */
}

/* After the element's name, or a value: white space, `/` or `>`. */
static weir_status on_tag_after(weir_decoder *d, weir_cursor *c, uint32_t code, weir_event *e)
{
    if (code == '>')
        return weir_start_tag(d, c, false, e);
    if (code == '/')
        d->state = WEIR_S_TAG_SLASH;
    else if (weir_is_space(code))
        d->state = WEIR_S_TAG_SPACE;
    else
        return fault_here(d, WEIR_E_SYNTAX); /* XML 3.1 [40] */
    return WEIR_GO_ON;
}

/* True when a begun qualified name goes on with `code`; a colon is written to `*colon` and `local` becomes the state.
 */
static bool name_goes_on(weir_decoder *d, uint32_t code, uint32_t *colon, uint32_t local)
{
    if (weir_is_name_char(code))
        return true;
    if (code != ':' || *colon != 0)
        return false;
    *colon = here(d);
    d->state = local;
    return true;
}

/* The run takes the byte that may follow the name. */
static weir_status on_tag_name(weir_decoder *d, uint32_t code)
{
    return name_goes_on(d, code, &d->name_colon, WEIR_S_TAG_LOCAL) ? WEIR_GO_ON : ends_no_name(d, code);
}

static weir_status on_tag_space(weir_decoder *d, weir_cursor *c, uint32_t code, weir_event *e)
{
    if (weir_is_space(code) || code == '>' || code == '/')
        return on_tag_after(d, c, code, e);
    if (!weir_is_name_start(code)) /* choice 6 */
        return fault_here(d, code == '=' || code == '<' || code == '\'' || code == '"' ? WEIR_E_SYNTAX : WEIR_E_NAME);
    if (d->parts >= d->limits.attributes)
        return fault_here(d, WEIR_E_LIMIT_ATTRIBUTES); /* RFC 6120 13.12; design 6.9 */
    weir_part *part = weir_parts(d) + d->parts;
    part->name = here(d);
    part->colon = 0;
    part->flags = 0;
    if (code == 'x')
        d->tag_flags |= WEIR_TAG_XMLNS;
    d->state = WEIR_S_ATTRIBUTE_NAME;
    return WEIR_GO_ON;
}

static weir_status on_attribute_name(weir_decoder *d, uint32_t code)
{
    weir_part *part = weir_parts(d) + d->parts;
    if (name_goes_on(d, code, &part->colon, WEIR_S_ATTRIBUTE_LOCAL))
        return WEIR_GO_ON;
    if (code != '=' && !weir_is_space(code))
        return ends_no_name(d, code);
    part->name_end = here(d);
    d->state = code == '=' ? WEIR_S_ATTRIBUTE_QUOTE : WEIR_S_ATTRIBUTE_EQ;
    return WEIR_GO_ON;
}

/* The character after the colon of a qualified name (NS 4 [7]). */
static weir_status on_local(weir_decoder *d, uint32_t code, uint32_t next)
{
    if (!weir_is_name_start(code))
        return fault_here(d, WEIR_E_NAME); /* NS 4 [7] */
    d->state = next;
    return WEIR_GO_ON;
}

/* XML 3.1 [41], [25] */
static weir_status on_attribute_equals(weir_decoder *d, uint32_t code)
{
    if (code == '=')
        d->state = WEIR_S_ATTRIBUTE_QUOTE;
    else if (!weir_is_space(code))
        return fault_here(d, WEIR_E_SYNTAX); /* XML 2.8 [25] */
    return WEIR_GO_ON;
}

static weir_status on_attribute_quote(weir_decoder *d, weir_cursor *c, uint32_t code)
{
    if (weir_is_space(code))
        return WEIR_GO_ON;
    if (code != '\'' && code != '"')
        return fault_here(d, WEIR_E_SYNTAX); /* XML 3.1 [10] */
    d->quote = (uint8_t)code;
    weir_parts(d)[d->parts].value = c->at + c->tag;
    d->state = WEIR_S_VALUE;
    return WEIR_GO_ON;
}

/* The run has taken white space, and references that lie whole in the chunk. */
static weir_status on_value(weir_decoder *d, uint32_t code)
{
    if (code == d->quote) {
        value_ends(d, here(d));
        return WEIR_GO_ON;
    }
    if (code == '<')
        return fault_here(d, WEIR_E_LESS_THAN); /* XML 3.1 (WFC: No < in Attribute Values) */
    if (code == '&') {
        weir_reference_begins(d, true);
        weir_parts(d)[d->parts].flags |= WEIR_PART_REWRITE; /* XML 3.3.3 */
        d->tag_flags |= WEIR_TAG_REWRITE;
    }
    return WEIR_GO_ON;
}

weir_status weir_on_tag(weir_decoder *d, weir_cursor *c, uint32_t code, weir_event *e)
{
    switch (d->state) {
    case WEIR_S_TAG_NAME: return on_tag_name(d, code);
    case WEIR_S_TAG_LOCAL: return on_local(d, code, WEIR_S_TAG_NAME);
    case WEIR_S_TAG_AFTER: return on_tag_after(d, c, code, e);
    case WEIR_S_TAG_SPACE: return on_tag_space(d, c, code, e);
    case WEIR_S_ATTRIBUTE_NAME: return on_attribute_name(d, code);
    case WEIR_S_ATTRIBUTE_LOCAL: return on_local(d, code, WEIR_S_ATTRIBUTE_NAME);
    case WEIR_S_ATTRIBUTE_EQ: return on_attribute_equals(d, code);
    case WEIR_S_ATTRIBUTE_QUOTE: return on_attribute_quote(d, c, code);
    case WEIR_S_VALUE: return on_value(d, code);
    default: return code == '>' ? weir_start_tag(d, c, true, e) : fault_here(d, WEIR_E_SYNTAX); /* XML 3.1 [44] */
    }
}

/* ---- End tags, a character at a time ----------------------------------------------------------------------------- */

void weir_end_tag_begins(weir_decoder *d)
{
    d->matched = 0;
    d->tag_open = false;
    d->state = WEIR_S_END_NAME;
}

static weir_status end_tag_ends(weir_decoder *d, weir_cursor *c, weir_event *e)
{
    d->tag_stop = WEIR_NEVER;
    return weir_element_ends(d, c, d->tag_begin, e);
}

/* The character must be the next one of the open element's name, or end a name that is whole (design 6.10). */
static weir_status on_end_name(weir_decoder *d, weir_cursor *c, uint32_t code, weir_event *e)
{
    const weir_frame *f = weir_top(d);
    uint32_t left = f->size - d->matched;
    if (left >= d->utf8_size && weir_equal(weir_scope(d) + f->name + d->matched, d->utf8, d->utf8_size)) {
        d->matched += d->utf8_size;
        return WEIR_GO_ON;
    }
    if (left == 0 && code == '>')
        return end_tag_ends(d, c, e);
    if (left == 0 && weir_is_space(code)) {
        d->state = WEIR_S_END_SPACE;
        return WEIR_GO_ON;
    }
    bool ends_shorter = d->matched != 0 && left != 0 && (code == '>' || weir_is_space(code));
    if (ends_shorter || weir_is_name_char(code) || code == ':')
        return fault_here(d, WEIR_E_TAG_MISMATCH); /* XML 3 (WFC: Element Type Match) */
    return fault_here(d, WEIR_E_SYNTAX);           /* XML 3.1 [42] */
}

weir_status weir_on_end_tag(weir_decoder *d, weir_cursor *c, uint32_t code, weir_event *e)
{
    if (d->state == WEIR_S_END_NAME)
        return on_end_name(d, c, code, e);
    if (code == '>')
        return end_tag_ends(d, c, e);
    return weir_is_space(code) ? WEIR_GO_ON : fault_here(d, WEIR_E_SYNTAX); /* XML 3.1 [42] */
}
