/* roundtrip.c - fuzz target: the events written as XML again give the same events (invariant 10)
 *
 * Also where the input was rejected or cut short: what was delivered before is a beginning of a stream.
 *
 * SPDX-License-Identifier: MIT */
#include "common/run.h"
#include "common/target.h"

#include <stdlib.h>
#include <string.h>

typedef struct writer {
    uint8_t *bytes;
    size_t size, room;
    size_t ends[FUZZ_MESSAGES_MAX + 1];
    size_t messages;
    bool websocket;
} writer;

static void put(writer *w, const void *bytes, size_t size)
{
    if (size > w->room - w->size) {
        w->room = (w->size + size) * 2 + 4096;
        w->bytes = realloc(w->bytes, w->room);
        if (w->bytes == NULL)
            abort();
    }
    if (size > 0)
        memcpy(w->bytes + w->size, bytes, size);
    w->size += size;
}

static void put_text(writer *w, const char *text)
{
    put(w, text, strlen(text));
}

static void put_slice(writer *w, weir_slice slice)
{
    put(w, slice.data, slice.size);
}

/* XML 2.4, 2.11, 3.3.3: what would not come back as it is goes as a reference. */
static void put_escaped(writer *w, weir_slice slice, bool value)
{
    for (size_t i = 0; i < slice.size; i++) {
        uint8_t byte = slice.data[i];
        switch (byte) {
        case '<': put_text(w, "&lt;"); break;
        case '>': put_text(w, "&gt;"); break;
        case '&': put_text(w, "&amp;"); break;
        case '\r': put_text(w, "&#13;"); break;
        case '\'': put_text(w, value ? "&apos;" : "'"); break;
        case '\n': put_text(w, value ? "&#xA;" : "\n"); break;
        case '\t': put_text(w, value ? "&#x9;" : "\t"); break;
        default: put(w, &byte, 1);
        }
    }
}

static void put_name(writer *w, const weir_name *name)
{
    put_slice(w, name->prefix);
    put_text(w, name->prefix.size > 0 ? ":" : "");
    put_slice(w, name->local);
}

static void put_start(writer *w, const weir_event *event)
{
    put_text(w, "<");
    put_name(w, &event->name);
    for (uint32_t i = 0; i < event->declaration_count; i++) {
        const weir_declaration *declaration = &event->declarations[i];
        put_text(w, declaration->prefix.size > 0 ? " xmlns:" : " xmlns");
        put_slice(w, declaration->prefix);
        put_text(w, "='");
        put_escaped(w, declaration->namespace_name, true);
        put_text(w, "'");
    }
    for (uint32_t i = 0; i < event->attribute_count; i++) {
        put_text(w, " ");
        put_name(w, &event->attributes[i].name);
        put_text(w, "='");
        put_escaped(w, event->attributes[i].value, true);
        put_text(w, "'");
    }
}

static void end_message(writer *w)
{
    if (w->websocket && w->messages < FUZZ_MESSAGES_MAX)
        w->ends[w->messages++] = w->size;
}

static void put_end(writer *w, const weir_event *event)
{
    put_text(w, "</");
    put_name(w, &event->name);
    put_text(w, ">");
    if (event->depth == 2)
        end_message(w);
}

static void on_event(void *context, const weir_event *event)
{
    writer *w = context;
    bool frame = w->websocket && event->depth == 1;
    switch (event->type) {
    case WEIR_STREAM_OPENED: /* fall through */
    case WEIR_ELEMENT_START:
        put_start(w, event);
        put_text(w, frame ? "/>" : ">");
        if (frame)
            end_message(w);
        break;
    case WEIR_STREAM_CLOSED:
        if (!frame) {
            put_end(w, event);
            break;
        }
        put_start(w, event);
        put_text(w, "/>");
        end_message(w);
        break;
    case WEIR_ELEMENT_END: put_end(w, event); break;
    case WEIR_TEXT: put_escaped(w, event->text, false); break;
    default: put_slice(w, event->text); /* white space between first-level elements is no character data: as it is */
    }
}

/* Invariant 10 is about limits at their maximum: here, ones that nothing written can pass. */
static void raise_limits(weir_limits *limits, size_t size)
{
    limits->depth = FUZZ_DEPTH_MAX * 2;
    limits->attributes = limits->bindings = (uint32_t)size / 4 + 4;
    limits->scope = limits->tag = limits->element = limits->elements = (uint32_t)size + 4;
}

/* What a rejected input did not finish is not finished in what was written. */
static bool verdicts_fit(weir_status first, weir_status second)
{
    return first == WEIR_COMPLETE ? second == WEIR_COMPLETE
                                  : second == WEIR_NEED_MORE || second == WEIR_E_END || second == WEIR_COMPLETE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static fuzz_record first = {.no_offsets = true}, second = {.no_offsets = true};
    static writer w;
    fuzz_input in;
    if (!fuzz_input_read(&in, data, size))
        return 0;
    in.restart = FUZZ_RESTART_NEVER;
    w.size = w.messages = 0;
    w.websocket = in.config.framing == WEIR_FRAMING_WEBSOCKET;
    fuzz_sink sink = {.record = &first, .event = on_event, .context = &w};
    fuzz_verdict verdict = fuzz_decode(&in, &sink);
    if (w.size == 0 || (w.websocket && (w.messages == FUZZ_MESSAGES_MAX || w.messages == 0)))
        return 0;

    fuzz_input written = in;
    raise_limits(&written.config.limits, w.size);
    written.bytes = w.bytes;
    written.size = w.size;
    if (!w.websocket || w.ends[w.messages - 1] != w.size)
        w.ends[w.messages++] = w.size;
    written.message_ends = w.ends;
    written.message_count = w.messages;
    fuzz_verdict again = fuzz_decode(&written, &(fuzz_sink){.record = &second});
    /* The verdicts are the last entries, of one size. */
    size_t events = first.size - FUZZ_RECORD_VERDICT;
    if (!verdicts_fit(verdict.code, again.code) || first.size != second.size ||
        memcmp(first.bytes, second.bytes, events) != 0)
        fuzz_broken("10 (round trip)", "the events, written as XML, give other events", &in, &written);
    return 0;
}
