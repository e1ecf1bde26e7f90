/* record.c - see record.h
 *
 * SPDX-License-Identifier: MIT */
#include "record.h"

#include <stdlib.h>
#include <string.h>

/* In front of everything that a record holds. Written as bytes, so nothing in it may be padding. */
typedef struct head {
    uint32_t type, depth;
    uint64_t begin, end, start;
    uint32_t attributes, declarations;
    uint32_t present, version;
    uint32_t self_contained, text_size;
} head;

#define RESTART 100
#define VERDICT 101

void record_init(record *r)
{
    *r = (record){.room = 1 << 16};
    r->bytes = malloc(r->room);
    if (r->bytes == NULL)
        abort();
    record_clear(r);
}

void record_free(record *r)
{
    free(r->bytes);
    r->bytes = NULL;
}

void record_clear(record *r)
{
    r->size = 0;
    r->text_at = SIZE_MAX;
}

static void put(record *r, const void *bytes, size_t size)
{
    while (size > r->room - r->size) {
        r->room *= 2;
        r->bytes = realloc(r->bytes, r->room);
        if (r->bytes == NULL)
            abort();
    }
    if (size > 0)
        memcpy(r->bytes + r->size, bytes, size);
    r->size += size;
}

static void put_slice(record *r, weir_slice slice)
{
    uint32_t size = (uint32_t)slice.size;
    put(r, &size, sizeof size);
    put(r, slice.data, slice.size);
}

static void put_name(record *r, const weir_name *name)
{
    put_slice(r, name->namespace_name);
    put_slice(r, name->prefix);
    put_slice(r, name->local);
}

static void put_lists(record *r, const weir_event *event)
{
    for (uint32_t i = 0; i < event->attribute_count; i++) {
        put_name(r, &event->attributes[i].name);
        put_slice(r, event->attributes[i].value);
    }
    for (uint32_t i = 0; i < event->declaration_count; i++) {
        put_slice(r, event->declarations[i].prefix);
        put_slice(r, event->declarations[i].namespace_name);
    }
}

/* Adjacent pieces of text are one. */
static void put_text(record *r, const weir_event *event)
{
    head h;
    if (r->text_at != SIZE_MAX) {
        memcpy(&h, r->bytes + r->text_at, sizeof h);
        if (h.type == (uint32_t)event->type) {
            h.end = event->end;
            h.text_size += (uint32_t)event->text.size;
            memcpy(r->bytes + r->text_at, &h, sizeof h);
            put(r, event->text.data, event->text.size);
            return;
        }
    }
    h = (head){.type = (uint32_t)event->type, .depth = event->depth, .begin = event->begin, .end = event->end};
    h.text_size = (uint32_t)event->text.size;
    r->text_at = r->size;
    put(r, &h, sizeof h);
    put(r, event->text.data, event->text.size);
}

static void put_header(record *r, const weir_header *header)
{
    put_slice(r, header->to);
    put_slice(r, header->from);
    put_slice(r, header->id);
    put_slice(r, header->lang);
    put_slice(r, header->content);
}

static void record_event(void *context, const weir_event *event)
{
    record *r = context;
    if (event->type == WEIR_TEXT || event->type == WEIR_SPACE) {
        put_text(r, event);
        return;
    }
    head h = {.type = (uint32_t)event->type, .depth = event->depth, .begin = event->begin, .end = event->end};
    bool ends = event->type == WEIR_ELEMENT_END || event->type == WEIR_STREAM_CLOSED;
    if (event->type != WEIR_ELEMENT_END) {
        h.attributes = event->attribute_count;
        h.declarations = event->declaration_count;
    }
    if (event->type == WEIR_STREAM_OPENED) {
        h.present = event->header.present;
        h.version = (uint32_t)event->header.version_major << 16 | event->header.version_minor;
    }
    h.start = ends ? event->start : 0;
    /* Set at depth 2 (document framing: 1); elsewhere it means nothing, but no decoder has a reason to set it there. */
    h.self_contained = event->type == WEIR_ELEMENT_END && event->depth <= 2 && event->self_contained;
    r->text_at = SIZE_MAX;
    put(r, &h, sizeof h);
    put_name(r, &event->name);
    if (event->type == WEIR_STREAM_OPENED)
        put_header(r, &event->header);
    if (event->type != WEIR_ELEMENT_END)
        put_lists(r, event);
}

static void record_mark(void *context, uint32_t type, uint64_t offset)
{
    record *r = context;
    head h = {.type = type, .begin = offset};
    r->text_at = SIZE_MAX;
    put(r, &h, sizeof h);
}

static void record_restart(void *context, uint64_t offset)
{
    record_mark(context, RESTART, offset);
}

static void record_verdict(void *context, weir_status code, uint64_t offset)
{
    record *r = context;
    record_mark(r, VERDICT, offset);
    put(r, &code, sizeof code);
    r->code = code;
    r->offset = offset;
}

sink record_sink(record *r)
{
    return (sink){record_event, record_restart, record_verdict, r};
}

bool record_equal(const record *a, const record *b)
{
    return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}
