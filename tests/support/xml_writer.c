/* xml_writer.c - see xml_writer.h
 *
 * SPDX-License-Identifier: MIT */
#include "xml_writer.h"

#include <stdio.h>
#include <stdlib.h>

static void put(xml_writer *w, const char *text)
{
    fputs(text, w->out);
}

static void put_raw(xml_writer *w, weir_slice slice)
{
    if (slice.size > 0)
        fwrite(slice.data, 1, slice.size, w->out);
}

/* White space as it stands would be normalised in a value, and CR anywhere. `>` might end a `]]>`. */
static void put_escaped(xml_writer *w, weir_slice slice, bool value)
{
    for (size_t i = 0; i < slice.size; i++) {
        uint8_t byte = slice.data[i];
        switch (byte) {
        case '&': put(w, "&amp;"); break;
        case '<': put(w, "&lt;"); break;
        case '>': put(w, "&gt;"); break;
        case '"': put(w, "&quot;"); break;
        case '\r': put(w, "&#13;"); break;
        case '\n': put(w, value ? "&#10;" : "\n"); break;
        case '\t': put(w, value ? "&#9;" : "\t"); break;
        default: putc(byte, w->out);
        }
    }
}

static void put_name(xml_writer *w, weir_slice prefix, weir_slice local)
{
    put_raw(w, prefix);
    put(w, prefix.size > 0 && local.size > 0 ? ":" : "");
    put_raw(w, local);
}

static void put_value(xml_writer *w, weir_slice value)
{
    put(w, "=\"");
    put_escaped(w, value, true);
    put(w, "\"");
}

/* The ends of `open` and `close` of websocket framing are no events: their tags are empty. */
static void put_start(xml_writer *w, const weir_event *event)
{
    bool framing = event->type == WEIR_STREAM_OPENED || event->type == WEIR_STREAM_CLOSED;
    put(w, "<");
    put_name(w, event->name.prefix, event->name.local);
    for (uint32_t i = 0; i < event->declaration_count; i++) {
        const weir_declaration *d = &event->declarations[i];
        put(w, d->prefix.size > 0 ? " xmlns:" : " xmlns");
        put_raw(w, d->prefix);
        put_value(w, d->namespace_name);
    }
    for (uint32_t i = 0; i < event->attribute_count; i++) {
        const weir_attribute *a = &event->attributes[i];
        put(w, " ");
        put_name(w, a->name.prefix, a->name.local);
        put_value(w, a->value);
    }
    put(w, framing && w->framing == WEIR_FRAMING_WEBSOCKET ? "/>" : ">");
}

static void put_end(xml_writer *w, const weir_event *event)
{
    put(w, "</");
    put_name(w, event->name.prefix, event->name.local);
    put(w, ">");
}

static void end_message(xml_writer *w)
{
    fflush(w->out);
    if (w->framing == WEIR_FRAMING_WEBSOCKET && w->message_count < XML_WRITER_MARKS)
        w->message_ends[w->message_count++] = w->size;
}

static void put_header(xml_writer *w, const weir_event *event)
{
    fflush(w->out);
    if (w->opened && w->restart_count < XML_WRITER_MARKS)
        w->restarts[w->restart_count++] = w->size;
    w->opened = true;
    put_start(w, event);
}

void xml_writer_begin(xml_writer *w, weir_framing framing)
{
    *w = (xml_writer){.framing = framing};
    w->out = open_memstream(&w->bytes, &w->size);
    if (w->out == NULL)
        abort();
}

void xml_writer_event(void *writer, const weir_event *event)
{
    xml_writer *w = writer;
    switch (event->type) {
    case WEIR_STREAM_OPENED: put_header(w, event); break;
    case WEIR_ELEMENT_START: put_start(w, event); break;
    case WEIR_ELEMENT_END: put_end(w, event); break;
    case WEIR_TEXT: put_escaped(w, event->text, false); break;
    case WEIR_SPACE: put_raw(w, event->text); break;
    case WEIR_STREAM_CLOSED: w->framing == WEIR_FRAMING_WEBSOCKET ? put_start(w, event) : put_end(w, event); break;
    default: abort();
    }
    if (event->depth <= 2 && event->type != WEIR_ELEMENT_START && event->type != WEIR_TEXT)
        end_message(w);
}

void xml_writer_end(xml_writer *w)
{
    fflush(w->out);
    size_t last = w->message_count > 0 ? w->message_ends[w->message_count - 1] : 0;
    if (w->message_count < XML_WRITER_MARKS && (w->framing != WEIR_FRAMING_WEBSOCKET || w->size > last))
        w->message_ends[w->message_count++] = w->size;
    fclose(w->out);
}
