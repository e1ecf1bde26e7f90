/* next.c - weir_next: where what kind of event may come, and the usual end of an element (usual.h)
 *
 * SPDX-License-Identifier: MIT */
#include "scan.h"
#include "usual.h"

/* In a first-level element, or its own end in stream framing: where an end has no rules but to match its start. */
WEIR_INLINE bool inside_first_level(const weir_decoder *d)
{
    return d->depth > 2 || (d->depth == 2 && d->framing != WEIR_FRAMING_WEBSOCKET);
}

WEIR_OUTLINE weir_status leave_prefixes(weir_decoder *d, uint32_t bindings)
{
    weir_leave_bindings(d, bindings);
    return WEIR_ELEMENT_END;
}

/* The end of such an element, whose tag has so many bytes: none for that of an empty-element tag. */
WEIR_INLINE weir_status take_end_tag(weir_decoder *d, weir_slice *input, const weir_frame *f, uint32_t size,
                                     weir_event *e)
{
    uint32_t outside = f->bindings;
    e->type = WEIR_ELEMENT_END;
    e->depth = d->depth;
    e->begin = d->offset;
    e->end = d->offset + size;
    e->start = f->begin;
    e->attribute_count = 0;
    e->declaration_count = 0;
    e->self_contained = false;
    weir_event_name(d, f, e);
    d->state = WEIR_S_CONTENT;
    if (d->depth == 2 && d->framing == WEIR_FRAMING_STREAM) {
        e->self_contained = d->self_contained;
        d->state = WEIR_S_BETWEEN;
        d->element_stop = WEIR_NEVER;
    }
    d->scope = f->name;
    d->depth--;
    d->brackets = 0;
    if (size != 0) /* the input may be none, whose place is NULL */
        (void)weir_advance(d, input, size, WEIR_ELEMENT_END);
    if (d->bindings == outside)
        return WEIR_ELEMENT_END;
    if (d->bindings != outside + 1 || weir_bindings(d)[outside].prefix_size != 0)
        return leave_prefixes(d, outside);
    d->bindings = outside; /* a default namespace is in no order */
    return WEIR_ELEMENT_END;
}

WEIR_OUTLINE weir_status due_end(weir_decoder *d, weir_slice *input, weir_event *e)
{
    if (!inside_first_level(d))
        return weir_any_event(d, input, e);
    return take_end_tag(d, input, weir_top(d), 0, e);
}

/* An end tag whose name is long, or which has white space behind it (XML 3.1 [42]), or few bytes; or another. */
WEIR_OUTLINE weir_status odd_end_tag(weir_decoder *d, weir_slice *input, weir_event *e)
{
    const weir_frame *f = weir_top(d);
    uint32_t end = weir_whole(d, input);
    uint32_t at = f->size + 2;
    if (end > d->limits.tag)
        end = d->limits.tag;
    if (at >= end || !weir_equal(input->data + 2, weir_scope(d) + f->name, f->size))
        return weir_any_event(d, input, e);
    at += weir_scan_space(input->data + at, end - at);
    if (at == end || input->data[at] != '>')
        return weir_any_event(d, input, e);
    return take_end_tag(d, input, f, at + 1, e);
}

/* Whether two runs, in WEIR_SPARE bytes each, are equal in so many bytes. */
WEIR_INLINE bool begin_alike(const uint8_t *a, const uint8_t *b, uint32_t size)
{
    static const uint8_t all[2 * WEIR_SPARE] = {255, 255, 255, 255, 255, 255, 255, 255,
                                                255, 255, 255, 255, 255, 255, 255, 255};
    const uint8_t *mask = all + (WEIR_SPARE - size);
    return (((weir_load8(a) ^ weir_load8(b)) & weir_load8(mask)) |
            ((weir_load8(a + 8) ^ weir_load8(b + 8)) & weir_load8(mask + 8))) == 0;
}

WEIR_OUTLINE weir_status end_tag(weir_decoder *d, weir_slice *input, weir_event *e)
{
    const uint8_t *in = input->data;
    const weir_frame *f = weir_top(d);
    uint32_t size = f->size;
    if (!inside_first_level(d))
        return weir_any_event(d, input, e);
    if (size > WEIR_SPARE || size + 3 > d->limits.tag || size + 3 > d->element_stop - d->offset ||
        input->size < 3 + WEIR_SPARE || in[size + 2] != '>' || !begin_alike(in + 2, weir_scope(d) + f->name, size))
        return odd_end_tag(d, input, e);
    return take_end_tag(d, input, f, size + 3, e);
}

/* How many bytes are left to the nearest limit of a tag that earlier chunks began. */
WEIR_INLINE uint64_t left_in_tag(const weir_decoder *d)
{
    return (d->tag_stop < d->element_stop ? d->tag_stop : d->element_stop) - d->offset;
}

/* A few plain bytes of a name or a value in such a tag: they join those. */
WEIR_OUTLINE weir_status carry(weir_decoder *d, weir_slice *input, weir_event *e)
{
    const uint8_t *in = input->data;
    size_t size = input->size;
    uint32_t carried = d->carried;
    uint8_t plain = d->state == WEIR_S_VALUE ? WEIR_C_VALUE : WEIR_C_NAME;
    uint8_t *to = d->workspace + d->tag_at + carried;
    if (left_in_tag(d) < size)
        return weir_any_event(d, input, e);
    for (size_t i = 0; i < size; i++) {
        if ((weir_class[in[i]] & plain) == 0)
            return weir_any_event(d, input, e);
        to[i] = in[i];
    }
    d->carried = carried + (uint32_t)size;
    return weir_advance(d, input, (uint32_t)size, WEIR_NEED_MORE);
}

/* A few bytes of an end tag's name that earlier chunks began, up to the end of a character. */
WEIR_OUTLINE weir_status match(weir_decoder *d, weir_slice *input, weir_event *e)
{
    const weir_frame *f = weir_top(d);
    const uint8_t *name = weir_scope(d) + f->name + d->matched;
    uint32_t left = f->size - d->matched;
    uint32_t size = (uint32_t)input->size;
    if (left_in_tag(d) < size || left < size || !weir_equal(input->data, name, size) ||
        (left != size && (name[size] & 0xc0) == 0x80))
        return weir_any_event(d, input, e);
    d->matched += size;
    return weir_advance(d, input, size, WEIR_NEED_MORE);
}

WEIR_INLINE bool in_name_or_value(const weir_decoder *d)
{
    return d->state == WEIR_S_VALUE || d->state == WEIR_S_ATTRIBUTE_NAME || d->state == WEIR_S_TAG_NAME;
}

/* Where the start of an element, its end or text may come. */
WEIR_INLINE weir_status next_inside(weir_decoder *d, weir_slice *input, weir_event *e)
{
    const uint8_t *in = input->data;
    if (in[0] != '<')
        return d->state == WEIR_S_CONTENT ? weir_usual_text(d, input, e) : weir_any_event(d, input, e);
    if (input->size >= 4 && in[1] == '/')
        return end_tag(d, input, e);
    if (input->size < 4 || ((weir_class[in[1]] & WEIR_C_START) == 0 && in[1] < 0x80))
        return weir_any_event(d, input, e);
    return weir_usual_start_tag(d, input, e);
}

weir_status weir_next(weir_decoder *d, weir_slice *input, weir_event *event)
{
    if (d == NULL || input == NULL || event == NULL || (input->data == NULL && input->size != 0))
        return WEIR_E_MISUSE;
    if ((d->state == WEIR_S_CONTENT || d->state == WEIR_S_BETWEEN) && input->size != 0 &&
        (d->utf8_left | d->text_used) == 0)
        return next_inside(d, input, event);
    if (d->state == WEIR_S_DUE_END)
        return due_end(d, input, event);
    if (input->size == 0 || input->size >= WEIR_SHORT || (d->utf8_left | d->text_used) != 0)
        return weir_any_event(d, input, event);
    if (in_name_or_value(d))
        return carry(d, input, event);
    return d->state == WEIR_S_END_NAME ? match(d, input, event) : weir_any_event(d, input, event);
}
