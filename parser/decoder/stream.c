/* stream.c - what XMPP adds to XML: framing, the stream header, content namespaces, the close (RFC 6120 4, 11.7; RFC
 * 7395 3)
 *
 * SPDX-License-Identifier: MIT */
#include "internal.h"
#include "scan.h"

/* ---- Between and after first-level elements ---------------------------------------------------------------------- */

weir_status weir_space_run(weir_decoder *d, weir_cursor *c, weir_event *e)
{
    uint32_t size = weir_scan_space(c->in + c->at, c->end - c->at);
    if (size != 0) { /* RFC 6120 11.7 */
        e->type = WEIR_SPACE;
        e->depth = d->depth;
        e->begin = c->base + c->at;
        e->end = e->begin + size;
        e->text = weir_slice_of(c->in + c->at, size);
        c->at += size;
        return WEIR_SPACE;
    }
    return c->in[c->at] == '<' ? weir_tag_opens(d, c, WEIR_S_BETWEEN_LT, e) : WEIR_GO_ON;
}

/* After a `<`: what is refused by its name wherever it stands. `text` is the code for the beginning of CDATA here. */
static weir_status on_bang(weir_decoder *d, uint32_t code, weir_status text)
{
    weir_status fault = code == '-'   ? WEIR_E_COMMENT /* RFC 6120 11.1 */
                        : code == 'D' ? WEIR_E_DOCTYPE /* RFC 6120 11.1 */
                        : code == '[' ? text
                                      : WEIR_E_SYNTAX; /* XML 2.8 [22] */
    return weir_fault(d, fault, d->char_begin);
}

static void begin_bang(weir_decoder *d, weir_cursor *c, uint32_t state)
{
    d->state = state;
    d->tag_open = false;
    d->tag_stop = WEIR_NEVER; /* choice 12 */
    weir_cut(d, c);
}

static weir_status on_between_lt(weir_decoder *d, weir_cursor *c, uint32_t code)
{
    if (code == '/') {
        d->element_stop = WEIR_NEVER; /* choice 12 */
        weir_cut(d, c);
        weir_end_tag_begins(d);
        return WEIR_GO_ON;
    }
    if (code == '?')
        return weir_fault(d, WEIR_E_PROCESSING_INSTRUCTION, d->char_begin); /* RFC 6120 11.1; design 6.5 */
    if (code == '!') {
        begin_bang(d, c, WEIR_S_BETWEEN_BANG);
        return WEIR_GO_ON;
    }
    return weir_name_begins(d, code);
}

/* Choice 1: no tag may begin here. */
static weir_status misplaced(weir_decoder *d)
{
    bool message = d->framing == WEIR_FRAMING_WEBSOCKET; /* RFC 7395 3.3.3; XML 2.1 [1] */
    return weir_fault(d, message ? WEIR_E_MESSAGE : WEIR_E_SYNTAX, d->char_begin);
}

static weir_status on_misc(weir_decoder *d, weir_cursor *c, uint32_t code)
{
    if (code == '<') {
        weir_open_tag(d, c, WEIR_S_MISC_LT);
        return WEIR_GO_ON;
    }
    return weir_is_space(code) && !d->frame_open ? WEIR_GO_ON : misplaced(d);
}

static weir_status on_misc_lt(weir_decoder *d, weir_cursor *c, uint32_t code)
{
    if (code == '?')
        return weir_fault(d, WEIR_E_PROCESSING_INSTRUCTION, d->char_begin); /* RFC 6120 11.1; design 6.5 */
    if (code == '!') {
        begin_bang(d, c, WEIR_S_MISC_BANG);
        return WEIR_GO_ON;
    }
    if (code != '/' || !d->frame_open)
        return misplaced(d);
    weir_end_tag_begins(d);
    return WEIR_GO_ON;
}

weir_status weir_on_outside(weir_decoder *d, weir_cursor *c, uint32_t code)
{
    switch (d->state) {
    case WEIR_S_BETWEEN:
        return weir_fault(d, WEIR_E_TEXT_OUTSIDE, d->char_begin); /* RFC 6120 11.7: the run took white space and `<` */
    case WEIR_S_BETWEEN_LT: return on_between_lt(d, c, code);
    case WEIR_S_BETWEEN_BANG: return on_bang(d, code, WEIR_E_TEXT_OUTSIDE);
    case WEIR_S_CLOSED:
        return weir_is_space(code) ? WEIR_GO_ON : weir_fault(d, WEIR_E_AFTER_CLOSE, d->char_begin); /* RFC 6120 4.4 */
    case WEIR_S_MISC: return on_misc(d, c, code);
    case WEIR_S_MISC_LT: return on_misc_lt(d, c, code);
    default: return on_bang(d, code, d->framing == WEIR_FRAMING_WEBSOCKET ? WEIR_E_MESSAGE : WEIR_E_SYNTAX);
    }
}

/* ---- Rules for a start tag --------------------------------------------------------------------------------------- */

static uint32_t content_bit(uint32_t known)
{
    switch (known) {
    case WEIR_NS_CLIENT: return WEIR_CONTENT_CLIENT;
    case WEIR_NS_SERVER: return WEIR_CONTENT_SERVER;
    case WEIR_NS_COMPONENT_ACCEPT: return WEIR_CONTENT_COMPONENT_ACCEPT;
    case WEIR_NS_COMPONENT_CONNECT: return WEIR_CONTENT_COMPONENT_CONNECT;
    default: return 0;
    }
}

static bool local_is(const weir_tag *t, const char *name)
{
    const weir_frame *f = t->frame;
    uint32_t skip = f->prefix != 0 ? f->prefix + 1 : 0;
    return weir_is(t->bytes + 1 + skip, f->size - skip, name);
}

/* One declaration of a header; the default namespace is a content namespace only where the header is prefixed. */
static void judge_header_declaration(weir_decoder *d, weir_tag *t, const weir_part *p, const weir_binding *b)
{
    bool prefixed = t->frame->prefix != 0;
    if (b->prefix_size == 0) {
        if (!prefixed || b->known == WEIR_NS_EMPTY)
            return;
        if ((content_bit(b->known) & d->accepted) == 0)
            weir_note(t, p->name, WEIR_R_HEADER, WEIR_E_CONTENT_NAMESPACE); /* RFC 6120 4.8.2, 4.8.3 */
        d->own_content = b->known;
        return;
    }
    bool framing = d->framing == WEIR_FRAMING_WEBSOCKET && b->known == WEIR_NS_FRAMING;
    bool allowed = b->known == WEIR_NS_STREAM || framing || content_bit(b->known) != 0 ||
                   b->known == WEIR_NS_DIALBACK || b->known == WEIR_NS_XML;
    if (!allowed)
        weir_note(t, p->name, WEIR_R_HEADER, WEIR_E_HEADER_DECLARATION); /* RFC 6120 4.8.5; choice 22 */
}

/* `digits.digits`; numbers above 65535 become 65535. False: it has another form (RFC 6120 4.7.5). */
static bool parse_version(const uint8_t *value, uint32_t size, uint32_t *major, uint32_t *minor)
{
    uint32_t numbers[2] = {0, 0};
    uint32_t digits[2] = {0, 0};
    uint32_t part = 0;
    for (uint32_t i = 0; i < size; i++) {
        if (value[i] == '.' && part == 0) {
            part = 1;
        } else if (value[i] >= '0' && value[i] <= '9') {
            numbers[part] = numbers[part] * 10 + (value[i] - (uint32_t)'0');
            if (numbers[part] > 65535)
                numbers[part] = 65535;
            digits[part] = 1;
        } else {
            return false;
        }
    }
    *major = numbers[0];
    *minor = numbers[1];
    return part == 1 && digits[0] != 0 && digits[1] != 0;
}

static void judge_version(weir_tag *t, const weir_part *p, const weir_attribute *a)
{
    uint32_t major, minor;
    if (p->colon != 0 || !weir_is(t->bytes + p->name, p->name_end - p->name, "version"))
        return;
    if (!parse_version(a->value.data, (uint32_t)a->value.size, &major, &minor) || major > 1)
        weir_note(t, p->name, WEIR_R_HEADER, WEIR_E_STREAM_VERSION); /* RFC 6120 4.7.5 */
}

/* RFC 6120 4.7 to 4.8, RFC 7395 3.3 */
static void judge_header(weir_decoder *d, weir_tag *t)
{
    bool websocket = d->framing == WEIR_FRAMING_WEBSOCKET;
    uint32_t expected = websocket ? WEIR_NS_FRAMING : WEIR_NS_STREAM;
    bool close = websocket && local_is(t, "close"); /* choice 23 */
    if (weir_known_of(d, t->frame->binding) != expected)
        weir_note(t, 1, WEIR_R_STREAM_NAMESPACE, WEIR_E_STREAM_NAMESPACE); /* RFC 6120 4.8.1, RFC 7395 3.3.2 */
    if (!close && !local_is(t, websocket ? "open" : "stream"))
        weir_note(t, 1, WEIR_R_ROOT_NAME, WEIR_E_ROOT_NAME); /* RFC 6120 4.2, RFC 7395 3.3.1 */
    if (t->frame->prefix != 0 && !weir_is(t->bytes + 1, t->frame->prefix, "stream"))
        weir_note(t, 1, WEIR_R_STREAM_PREFIX, WEIR_E_STREAM_PREFIX); /* RFC 6120 4.8.5 */
    if (close)
        return;
    const weir_part *parts = weir_parts(d);
    const weir_binding *binding = weir_bindings(d) + t->frame->bindings;
    const weir_attribute *attribute = (const weir_attribute *)(const void *)(d->workspace + d->attributes_at);
    for (uint32_t i = 0; i < d->parts; i++) {
        if ((parts[i].flags & WEIR_PART_DECLARES) != 0)
            judge_header_declaration(d, t, parts + i, binding++);
        else
            judge_version(t, parts + i, attribute++);
    }
}

/* A first-level element's own namespace (RFC 6120 4.8.3; choice 21) */
static void judge_first_level(weir_decoder *d, weir_tag *t, uint32_t known)
{
    if (known == WEIR_NS_CLIENT || known == WEIR_NS_SERVER) {
        if (d->own_content == WEIR_NS_OTHER && (content_bit(known) & d->accepted) != 0)
            d->own_content = known;
        if (d->own_content != known)
            weir_note(t, 1, WEIR_R_CONTENT_NAMESPACE, WEIR_E_CONTENT_NAMESPACE); /* RFC 6120 4.8.2, 4.8.3 */
    }
    if (d->framing == WEIR_FRAMING_WEBSOCKET && known == WEIR_NS_FRAMING && local_is(t, "open"))
        weir_note(t, 1, WEIR_R_MESSAGE, WEIR_E_MESSAGE); /* RFC 7395 3.4: a new stream wants a restart */
}

void weir_judge_element(weir_decoder *d, weir_tag *t)
{
    uint32_t known = weir_known_of(d, t->frame->binding);
    if (t->frame->prefix != 0 && (known == WEIR_NS_CLIENT || known == WEIR_NS_SERVER))
        weir_note(t, 1, WEIR_R_CONTENT_PREFIX, WEIR_E_CONTENT_PREFIX); /* RFC 6120 4.8.5 */
    if (d->depth == 1) {
        judge_header(d, t);
        return;
    }
    if (known == WEIR_NS_STREAM && local_is(t, "stream"))
        weir_note(t, 1, WEIR_R_NESTED_STREAM, WEIR_E_NESTED_STREAM); /* RFC 6120 4.3.3 */
    if (d->depth == 2)
        judge_first_level(d, t, known);
}

/* ---- Events ------------------------------------------------------------------------------------------------------ */

static void header_attribute(weir_header *h, const weir_attribute *a)
{
    const uint8_t *local = a->name.local.data;
    uint32_t size = (uint32_t)a->name.local.size;
    uint32_t major, minor;
    if (a->name.prefix.size != 0) {
        if (weir_is(a->name.prefix.data, (uint32_t)a->name.prefix.size, "xml") && weir_is(local, size, "lang")) {
            h->lang = a->value; /* RFC 6120 4.7.4 */
            h->present |= WEIR_HAS_LANG;
        }
    } else if (weir_is(local, size, "to")) {
        h->to = a->value; /* RFC 6120 4.7.2 */
        h->present |= WEIR_HAS_TO;
    } else if (weir_is(local, size, "from")) {
        h->from = a->value; /* RFC 6120 4.7.1 */
        h->present |= WEIR_HAS_FROM;
    } else if (weir_is(local, size, "id")) {
        h->id = a->value; /* RFC 6120 4.7.3 */
        h->present |= WEIR_HAS_ID;
    } else if (weir_is(local, size, "version") &&
               parse_version(a->value.data, (uint32_t)a->value.size, &major, &minor)) {
        h->version_major = (uint16_t)major; /* RFC 6120 4.7.5 */
        h->version_minor = (uint16_t)minor;
        h->present |= WEIR_HAS_VERSION;
    }
}

void weir_header_event(const weir_decoder *d, const weir_tag *t, weir_event *e)
{
    weir_header *h = &e->header;
    h->present = 0;
    h->version_major = 0; /* RFC 6120 4.7.5: what absence means */
    h->version_minor = 9;
    h->to = weir_slice_of(NULL, 0);
    h->from = h->to;
    h->id = h->to;
    h->lang = h->to;
    h->content = h->to;
    for (uint32_t i = 0; i < t->attributes; i++)
        header_attribute(h, e->attributes + i);
    if (t->frame->prefix != 0 && weir_namespace_of(d, t->frame->fallback).size != 0) {
        h->content = weir_namespace_of(d, t->frame->fallback);
        h->present |= WEIR_HAS_CONTENT;
    }
}

static void pop(weir_decoder *d)
{
    const weir_frame *f = weir_top(d);
    if (d->bindings != f->bindings)
        weir_leave_bindings(d, f->bindings);
    d->scope = f->name;
    d->depth--;
}

/* An `open` or `close` of websocket framing ends: the stream around the messages stays as depth 1, with nothing in
 * scope. */
static weir_status frame_ends(weir_decoder *d, weir_cursor *c)
{
    pop(d);
    weir_frame *stream = weir_frames(d);
    stream->fallback = WEIR_NONE;
    d->depth = 1;
    d->frame_open = false;
    d->element_stop = WEIR_NEVER;
    d->state = WEIR_S_MISC;
    weir_cut(d, c);
    return WEIR_GO_ON;
}

weir_status weir_element_ends(weir_decoder *d, weir_cursor *c, uint64_t begin, weir_event *e)
{
    const weir_frame *f = weir_top(d);
    uint32_t first = weir_first_level(d);
    if (d->frame_open)
        return frame_ends(d, c);
    e->type = WEIR_ELEMENT_END;
    e->depth = d->depth;
    e->begin = begin;
    e->end = c->base + c->at;
    e->start = f->begin;
    e->attribute_count = 0;
    e->declaration_count = 0;
    e->self_contained = d->depth == first && d->self_contained;
    weir_event_name(d, f, e);
    d->state = WEIR_S_CONTENT;
    if (d->depth == first) {
        d->element_stop = WEIR_NEVER;
        d->state = d->framing == WEIR_FRAMING_STREAM ? WEIR_S_BETWEEN : WEIR_S_MISC;
    } else if (d->depth < first) {
        e->type = WEIR_STREAM_CLOSED; /* RFC 6120 4.4 */
        d->closed = true;
        d->state = WEIR_S_CLOSED;
    }
    pop(d);
    return e->type;
}
