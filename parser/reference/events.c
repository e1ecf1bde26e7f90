/* events.c - the events of weir.h
 *
 * SPDX-License-Identifier: MIT */
#include "internal.h"

static weir_name event_name(weir_slice namespace_name, const reference_qname *name)
{
    weir_name given = {namespace_name, name->prefix, name->local};
    return given;
}

/* The element of the tag that was read, its attributes and its declarations, in the order of the tag. */
static void fill_from_tag(reference_reader *r, weir_event *event)
{
    event->begin = r->tag.begin;
    event->end = r->tag.end;
    event->depth = r->tag.depth;
    event->name = event_name(r->tag.namespace_name, &r->tag.name);
    for (size_t i = 0; i < r->tag.attribute_count; i++) {
        const reference_attribute *a = &r->tag.attributes[i];
        if (a->declares) {
            weir_declaration declaration = {{NULL, 0}, a->value};
            if (a->name.prefix.size > 0)
                declaration.prefix = a->name.local;
            r->event_declarations = (weir_declaration *)reference_grow(
                r->event_declarations, &r->event_declaration_room, event->declaration_count, sizeof declaration);
            r->event_declarations[event->declaration_count] = declaration;
            event->declaration_count++;
        } else {
            weir_attribute attribute = {event_name(a->namespace_name, &a->name), a->value};
            r->event_attributes = (weir_attribute *)reference_grow(r->event_attributes, &r->event_attribute_room,
                                                                   event->attribute_count, sizeof attribute);
            r->event_attributes[event->attribute_count] = attribute;
            event->attribute_count++;
        }
    }
    event->attributes = r->event_attributes;
    event->declarations = r->event_declarations;
}

static void deliver(reference_reader *r, const weir_event *event)
{
    r->callbacks->event(r->callbacks->context, event);
}

/* design 6.12: a text without characters is no event. */
void reference_deliver_text(reference_reader *r)
{
    if (r->text.size == 0)
        return;
    weir_event event = {0};
    event.type = WEIR_TEXT;
    event.depth = r->depth_outside + (uint32_t)r->element_count;
    event.begin = r->text_begin;
    event.end = r->text_end;
    event.text = r->text;
    r->text.size = 0;
    deliver(r, &event);
}

/* RFC 6120 11.7, choice 11: one character of white space, from the input as it is. */
void reference_deliver_space(reference_reader *r)
{
    weir_event event = {0};
    event.type = WEIR_SPACE;
    event.depth = 1;
    event.begin = r->position;
    event.end = r->position + 1;
    event.text.data = r->bytes + r->position;
    event.text.size = 1;
    deliver(r, &event);
}

void reference_deliver_opened(reference_reader *r)
{
    weir_event event = {0};
    event.type = WEIR_STREAM_OPENED;
    fill_from_tag(r, &event);
    event.header = reference_header(r);
    deliver(r, &event);
}

void reference_deliver_start(reference_reader *r)
{
    weir_event event = {0};
    event.type = WEIR_ELEMENT_START;
    fill_from_tag(r, &event);
    deliver(r, &event);
}

/* Of the innermost open element. */
static void deliver_end_of(reference_reader *r, weir_status type, size_t begin, size_t end)
{
    const reference_element *element = &r->elements[r->element_count - 1];
    weir_event event = {0};
    event.type = type;
    event.depth = r->depth_outside + (uint32_t)r->element_count;
    event.begin = begin;
    event.end = end;
    event.name = event_name(element->namespace_name, &element->name);
    event.start = element->begin;
    uint32_t first_level = r->framing == WEIR_FRAMING_DOCUMENT ? 1 : 2;
    event.self_contained = type == WEIR_ELEMENT_END && event.depth == first_level && r->self_contained;
    deliver(r, &event);
}

void reference_deliver_end(reference_reader *r, size_t begin, size_t end)
{
    deliver_end_of(r, WEIR_ELEMENT_END, begin, end);
}

/* RFC 6120 4.4 */
void reference_deliver_closed(reference_reader *r, size_t begin, size_t end)
{
    deliver_end_of(r, WEIR_STREAM_CLOSED, begin, end);
}

/* RFC 7395 3.6, choice 24 */
void reference_deliver_close_message(reference_reader *r)
{
    weir_event event = {0};
    event.type = WEIR_STREAM_CLOSED;
    fill_from_tag(r, &event);
    event.depth = 1;
    event.start = r->tag.begin;
    deliver(r, &event);
}
