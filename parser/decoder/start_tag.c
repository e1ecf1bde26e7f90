/* start_tag.c - a start tag that is whole: values normalised, names resolved, rules judged, event made
 *
 * SPDX-License-Identifier: MIT */
#include "internal.h"

/* ---- Attribute values (XML 3.3.3) -------------------------------------------------------------------------------- */

/* Resolves the reference at from[i], a `&`; its grammar was judged as its bytes came. Returns the index after its
 * `;`. */
static uint32_t resolve_reference(const uint8_t *from, uint32_t i, uint32_t *code)
{
    if (from[i + 1] == '#') {
        bool hex = from[i + 2] == 'x';
        uint32_t value = 0;
        for (i += hex ? 3 : 2; from[i] != ';'; i++) {
            uint32_t digit = from[i] <= '9' ? from[i] - (uint32_t)'0' : (from[i] | 0x20u) - 'a' + 10;
            value = value * (hex ? 16 : 10) + digit;
        }
        *code = value;
        return i + 1;
    }
    *code = from[i + 1] == 'l'   ? '<'
            : from[i + 1] == 'g' ? '>'
            : from[i + 1] == 'q' ? '"'
            : from[i + 2] == 'm' ? '&'
                                 : '\'';
    return i + (from[i + 1] == 'l' || from[i + 1] == 'g' ? 4 : from[i + 2] == 'm' ? 5 : 6);
}

/* Writes never pass reads, so `to` may be `from`. */
uint32_t weir_normalise(const uint8_t *from, uint32_t size, uint8_t *to)
{
    uint32_t used = 0;
    for (uint32_t i = 0; i < size;) {
        uint32_t code;
        if (from[i] == '&') {
            i = resolve_reference(from, i, &code);
            used += weir_utf8_write(code, to + used);
        } else if (weir_is_space(from[i])) {
            i += from[i] == 0x0d && i + 1 < size && from[i + 1] == 0x0a ? 2 : 1; /* XML 2.11 */
            to[used++] = 0x20;
        } else {
            to[used++] = from[i++];
        }
    }
    return used;
}

static void normalise_values(weir_decoder *d, const weir_tag *t)
{
    weir_part *parts = weir_parts(d);
    for (uint32_t i = 0; i < d->parts; i++) {
        weir_part *p = parts + i;
        if ((p->flags & WEIR_PART_REWRITE) == 0)
            continue;
        p->value_end = p->value + weir_normalise(t->bytes + p->value, p->value_end - p->value,
                                                 d->workspace + d->tag_at + p->value);
        p->flags |= WEIR_PART_MOVED;
    }
}

/* ---- The tag ----------------------------------------------------------------------------------------------------- */

/* Where the bytes of the tag lie; the end of one that a chunk cut joins the rest in the workspace. */
static const uint8_t *tag_bytes(weir_decoder *d, const weir_cursor *c)
{
    if (d->carried == 0)
        return c->in + (0u - c->tag);
    uint8_t *tag = d->workspace + d->tag_at;
    weir_copy(tag + d->carried, c->in, c->at);
    return tag;
}

/* Makes the frame of the element; its namespace is not known yet. */
static weir_status push_frame(weir_decoder *d, weir_tag *t)
{
    uint32_t size = d->name_end - 1;
    if (d->limits.scope + WEIR_XML_SCOPE - d->scope < size)
        return weir_fault(d, WEIR_E_LIMIT_SCOPE, d->tag_begin + 1); /* RFC 6120 13.12; choice 15 */
    uint32_t fallback = d->depth == 0 ? WEIR_NONE : weir_top(d)->fallback;
    weir_frame *f = weir_frames(d) + d->depth;
    weir_copy(weir_scope(d) + d->scope, t->bytes + 1, size);
    f->begin = d->tag_begin;
    f->name = d->scope;
    f->size = size;
    f->prefix = d->name_colon != 0 ? d->name_colon - 1 : 0;
    f->binding = WEIR_NONE;
    f->fallback = fallback;
    f->bindings = d->bindings;
    d->scope += size;
    d->depth++;
    t->frame = f;
    return WEIR_GO_ON;
}

static void start_event(weir_decoder *d, const weir_cursor *c, const weir_tag *t, weir_event *e)
{
    e->type = WEIR_ELEMENT_START;
    e->depth = d->depth;
    e->begin = d->tag_begin;
    e->end = c->base + c->at;
    e->attributes = (const weir_attribute *)(const void *)(d->workspace + d->attributes_at);
    e->declarations = (const weir_declaration *)(const void *)(d->workspace + d->declarations_at);
    e->attribute_count = t->attributes;
    e->declaration_count = t->declared;
    weir_event_name(d, t->frame, e);
}

/* The events of framing: the stream header, and in websocket framing `open` and `close`. */
static weir_status framed(weir_decoder *d, weir_cursor *c, const weir_tag *t, bool empty, weir_event *e)
{
    uint32_t first = weir_first_level(d);
    if (d->framing == WEIR_FRAMING_STREAM) {
        if (d->depth == first)
            return WEIR_ELEMENT_START;
        e->type = WEIR_STREAM_OPENED;
        weir_header_event(d, t, e);
        if (!empty)
            d->state = WEIR_S_BETWEEN;
        return e->type;
    }
    if (d->depth == first && weir_known_of(d, t->frame->binding) != WEIR_NS_FRAMING)
        return WEIR_ELEMENT_START;
    bool close = e->name.local.size == 5; /* the rules left `open` as the header, and `close` */
    if (d->depth == first && !weir_is(e->name.local.data, (uint32_t)e->name.local.size, "close"))
        return WEIR_ELEMENT_START;
    e->type = close ? WEIR_STREAM_CLOSED : WEIR_STREAM_OPENED; /* RFC 7395 3.3.1; choice 24 */
    e->depth = 1;
    e->start = e->begin;
    if (!close)
        weir_header_event(d, t, e);
    d->closed = close;
    d->frame_open = true;
    d->state = WEIR_S_MISC;
    if (empty)
        (void)weir_element_ends(d, c, d->tag_begin, e);
    return e->type;
}

/* The only namespace that has a rule for an unprefixed element inside a stanza: NESTED_STREAM. */
static bool is_stream_namespace(const weir_decoder *d, const weir_tag *t)
{
    return weir_known_of(d, t->frame->binding) == WEIR_NS_STREAM;
}

weir_status weir_start_tag(weir_decoder *d, weir_cursor *c, bool empty, weir_event *e)
{
    weir_tag t;
    t.bytes = tag_bytes(d, c);
    t.worst = 0;
    t.code = WEIR_OK;
    t.attributes = 0;
    t.declared = 0;
    t.may_repeat = false;
    d->tag_open = false;
    d->carried = 0;
    d->tag_stop = WEIR_NEVER;
    if ((d->tag_flags & WEIR_TAG_REWRITE) != 0)
        normalise_values(d, &t);
    weir_status status = push_frame(d, &t);
    if (status == 0)
        status = (d->tag_flags & WEIR_TAG_XMLNS) != 0 ? weir_declare(d, &t) : WEIR_GO_ON;
    if (status != 0)
        return status;
    weir_resolve(d, &t);
    if (t.may_repeat)
        weir_duplicates(d, &t);
    if (d->framing != WEIR_FRAMING_DOCUMENT && (d->depth <= 2 || t.frame->prefix != 0 || is_stream_namespace(d, &t)))
        weir_judge_element(d, &t);
    if (t.code != 0)
        return weir_fault(d, t.code, d->tag_begin + (t.worst >> 8));
    d->state = empty ? WEIR_S_DUE_END : WEIR_S_CONTENT;
    start_event(d, c, &t, e);
    if (d->depth > 2 || d->framing == WEIR_FRAMING_DOCUMENT)
        return WEIR_ELEMENT_START;
    return framed(d, c, &t, empty, e);
}
