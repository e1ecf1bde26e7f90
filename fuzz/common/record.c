/* record.c - see record.h
 *
 * SPDX-License-Identifier: MIT */
#include "record.h"

#include <stdlib.h>
#include <string.h>

typedef struct entry {
    uint64_t begin, end, start;
    uint32_t type, depth, attributes, declarations, present, versions, self_contained, text_size;
} entry;

_Static_assert(sizeof(entry) == FUZZ_RECORD_VERDICT, "the size of an entry");

static uint8_t *more(fuzz_record *r, size_t size)
{
    if (size > r->room - r->size) {
        r->room = (r->size + size) * 2 + 4096;
        r->bytes = realloc(r->bytes, r->room);
        if (r->bytes == NULL)
            abort();
    }
    uint8_t *to = r->bytes + r->size;
    r->size += size;
    return to;
}

static void put_bytes(fuzz_record *r, weir_slice slice)
{
    uint8_t *to = more(r, slice.size);
    if (slice.size <= 16) {
        for (size_t i = 0; i < slice.size; i++)
            to[i] = slice.data[i];
    } else {
        memcpy(to, slice.data, slice.size);
    }
}

static void put_slice(fuzz_record *r, weir_slice slice)
{
    uint32_t size = (uint32_t)slice.size;
    memcpy(more(r, sizeof size), &size, sizeof size);
    put_bytes(r, slice);
}

static void put_name(fuzz_record *r, const weir_name *name)
{
    put_slice(r, name->namespace_name);
    put_slice(r, name->prefix);
    put_slice(r, name->local);
}

static void put_entry(fuzz_record *r, entry *e)
{
    if (r->no_offsets) {
        e->begin = e->end = e->start = 0;
    } else {
        e->begin -= r->base;
        e->end -= r->base;
        e->start -= e->type == WEIR_ELEMENT_END || e->type == WEIR_STREAM_CLOSED ? r->base : 0;
    }
    memcpy(more(r, sizeof *e), e, sizeof *e);
}

static void put_text(fuzz_record *r, const weir_event *event)
{
    entry e = {event->begin, event->end, 0, (uint32_t)event->type, event->depth, 0, 0, 0, 0, 0, 0};
    if (r->kind != event->type) {
        r->kind = event->type;
        r->held = r->size;
        put_entry(r, &e);
    }
    memcpy(&e, r->bytes + r->held, sizeof e);
    e.text_size += (uint32_t)event->text.size;
    e.end = r->no_offsets ? 0 : event->end - r->base;
    memcpy(r->bytes + r->held, &e, sizeof e);
    put_bytes(r, event->text);
}

static void put_header(fuzz_record *r, const weir_header *h)
{
    put_slice(r, h->to);
    put_slice(r, h->from);
    put_slice(r, h->id);
    put_slice(r, h->lang);
    put_slice(r, h->content);
}

static void put_lists(fuzz_record *r, const weir_event *event)
{
    for (uint32_t i = 0; i < event->declaration_count; i++) {
        put_slice(r, event->declarations[i].prefix);
        put_slice(r, event->declarations[i].namespace_name);
    }
    for (uint32_t i = 0; i < event->attribute_count; i++) {
        put_name(r, &event->attributes[i].name);
        put_slice(r, event->attributes[i].value);
    }
}

static void put_tag(fuzz_record *r, const weir_event *event)
{
    entry e = {event->begin, event->end, 0, (uint32_t)event->type, event->depth, 0, 0, 0, 0, 0, 0};
    const weir_header *h = &event->header;
    if (event->type == WEIR_ELEMENT_END || event->type == WEIR_STREAM_CLOSED)
        e.start = event->start;
    if (event->type != WEIR_ELEMENT_END) {
        e.attributes = event->attribute_count;
        e.declarations = event->declaration_count;
    } else {
        e.self_contained = event->self_contained && event->depth <= 2;
    }
    if (event->type == WEIR_STREAM_OPENED) {
        e.present = h->present;
        e.versions = (uint32_t)h->version_major << 16 | h->version_minor;
    }
    r->kind = (weir_status)0;
    put_entry(r, &e);
    r->name = r->size;
    put_name(r, &event->name);
    r->name_size = r->size - r->name;
    if (event->type == WEIR_STREAM_OPENED)
        put_header(r, h);
    if (event->type != WEIR_ELEMENT_END)
        put_lists(r, event);
}

void fuzz_record_clear(fuzz_record *r)
{
    r->size = 0;
    r->kind = (weir_status)0;
    r->base = 0;
}

void fuzz_record_event(fuzz_record *r, const weir_event *event)
{
    if (event->type == WEIR_TEXT || event->type == WEIR_SPACE)
        put_text(r, event);
    else
        put_tag(r, event);
}

void fuzz_record_restart(fuzz_record *r, uint64_t offset)
{
    entry e = {offset, offset, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    r->kind = (weir_status)0;
    put_entry(r, &e);
}

void fuzz_record_verdict(fuzz_record *r, weir_status code, uint64_t offset)
{
    entry e = {offset, offset, 0, (uint32_t)code, UINT32_MAX, 0, 0, 0, 0, 0, 0};
    r->kind = (weir_status)0;
    put_entry(r, &e);
}

bool fuzz_record_equal(const fuzz_record *a, const fuzz_record *b)
{
    return a->size == b->size && (a->size == 0 || memcmp(a->bytes, b->bytes, a->size) == 0);
}
