/* run.c - see run.h
 *
 * SPDX-License-Identifier: MIT */
#include "run.h"

#include "arena.h"
#define FUZZ_ARENA_ITSELF
#include "reference_memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An open element, as its start was recorded. */
typedef struct open_element {
    uint64_t begin;
    size_t name, name_size;
} open_element;

typedef struct runner {
    const fuzz_input *in;
    const fuzz_sink *sink;
    fuzz_record *record;
    weir_decoder decoder;
    unsigned workspace;
    size_t workspace_size;
    open_element *open; /* by depth */
    uint32_t depth;
    uint32_t depth_limit;
    uint64_t last_end;
    uint64_t last_offset;
    uint64_t events, chunks;
    uint32_t without_bytes; /* events in a row that took none */
    uint32_t places;
    uint8_t header[64];
    size_t header_size; /* 0: too long to be a sign */
    bool opened, closed, changed_limits;
    bool between; /* at last_end a stream may be restarted */
} runner;

static bool reporting; /* a second break while one is reported must not begin anew */

static void broken(const runner *r, const char *invariant, const char *what)
{
    if (!reporting)
        fuzz_broken(invariant, what, r->in, NULL);
}

/* ---- One event ------------------------------------------------------------------------------- */

static void check_start(runner *r, const weir_event *event)
{
    if (event->depth != r->depth + 1)
        broken(r, "11 (balance)", "a start tag is not one deeper");
    if (event->depth > r->depth_limit && !(event->depth == 2 && r->in->config.framing == WEIR_FRAMING_WEBSOCKET))
        broken(r, "11 (balance)", "depth is above its limit");
    r->depth = event->depth;
    open_element *open = &r->open[event->depth];
    open->begin = event->begin;
    open->name = r->record->name;
    open->name_size = r->record->name_size;
}

static void check_end(runner *r, const weir_event *event)
{
    const fuzz_record *record = r->record;
    const open_element *open = &r->open[event->depth <= r->depth ? event->depth : 0];
    bool close_message = event->type == WEIR_STREAM_CLOSED && r->in->config.framing == WEIR_FRAMING_WEBSOCKET;
    if (close_message) {
        r->depth = 0;
        return;
    }
    if (event->depth != r->depth || event->start != open->begin)
        broken(r, "11 (balance)", "an end that belongs to no start");
    else if (open->name_size != record->name_size ||
             memcmp(record->bytes + open->name, record->bytes + record->name, record->name_size) != 0)
        broken(r, "11 (balance)", "an end has another name than its start");
    r->depth = event->depth - 1;
}

static void check_text(runner *r, const weir_event *event, const weir_slice *left)
{
    (void)left;
    if (event->text.size == 0)
        broken(r, "weir.h (TEXT)", "text without characters");
    if (event->depth != r->depth || (event->type == WEIR_SPACE) != (r->depth == 1 && r->opened))
        broken(r, "11 (balance)", "text at a depth where none is open");
    if (event->type == WEIR_TEXT && event->text.size > event->end - event->begin)
        broken(r, "4 (linear)", "text is longer than its source");
}

static void check_event(runner *r, weir_status status, const weir_event *event, const weir_slice *left)
{
    uint64_t offset = weir_offset(&r->decoder);
    bool text = event->type == WEIR_TEXT;
    if (event->type != status || status > WEIR_STREAM_CLOSED)
        broken(r, "weir.h (weir_next)", "the status is not the event's type");
    if (event->begin > event->end || event->begin < r->last_end)
        broken(r, "weir.h (weir_event)", "offsets of events run back");
    if (event->end != offset && (!text || event->end > offset))
        broken(r, "7 (exact consumption)", "bytes behind the event were taken");
    r->last_end = event->end;
    r->events++;
    r->without_bytes = offset == r->last_offset ? r->without_bytes + 1 : 0;
    r->last_offset = offset;
    if (r->without_bytes > 1) /* but for the end of an empty-element tag */
        broken(r, "4 (linear)", "two events in a row took no byte");
    switch (event->type) {
    case WEIR_STREAM_OPENED: /* fall through */
    case WEIR_ELEMENT_START: check_start(r, event); break;
    case WEIR_ELEMENT_END: /* fall through */
    case WEIR_STREAM_CLOSED: check_end(r, event); break;
    default: check_text(r, event, left);
    }
}

static void note_place(runner *r, const weir_event *event)
{
    weir_framing framing = r->in->config.framing;
    if (event->type == WEIR_STREAM_OPENED) {
        weir_slice prefix = event->name.prefix, local = event->name.local;
        r->opened = true;
        r->header_size = 0;
        if (prefix.size + 1 + local.size <= sizeof r->header) {
            if (prefix.size > 0) {
                memcpy(r->header, prefix.data, prefix.size);
                r->header[prefix.size] = ':';
                r->header_size = prefix.size + 1;
            }
            memcpy(r->header + r->header_size, local.data, local.size);
            r->header_size += local.size;
        }
        /* After an empty header its close is due. */
        r->between = framing == WEIR_FRAMING_STREAM && r->in->bytes[event->end - 2] != '/';
        return;
    }
    if (event->type == WEIR_STREAM_CLOSED)
        r->closed = true;
    r->between = framing == WEIR_FRAMING_STREAM &&
                 (event->type == WEIR_SPACE || (event->type == WEIR_ELEMENT_END && event->depth == 2));
}

static void deliver(runner *r, weir_status status, const weir_event *event, const weir_slice *left)
{
    fuzz_record_event(r->record, event);
    if (r->sink->log != NULL)
        log_event(r->sink->log, event);
    if (r->sink->event != NULL)
        r->sink->event(r->sink->context, event);
    check_event(r, status, event, left);
    note_place(r, event);
}

/* ---- Restart, park, error -------------------------------------------------------------------- */

static void restart_if_due(runner *r)
{
    uint64_t offset = weir_offset(&r->decoder);
    if (!r->between || offset != r->last_end || offset >= r->in->size)
        return;
    if (!fuzz_restarts(r->in, (size_t)offset, r->header, r->header_size, &r->places)) {
        r->between = false; /* one question a place */
        return;
    }
    bool change = r->in->change_limits && !r->changed_limits;
    if (weir_restart(&r->decoder, change ? &r->in->later : NULL) != WEIR_OK)
        broken(r, "weir.h (weir_restart)", "refused where a stream may begin");
    if (change)
        r->depth_limit = r->in->later.depth;
    r->changed_limits |= change;
    fuzz_record_restart(r->record, offset);
    if (r->sink->log != NULL)
        log_restart(r->sink->log, offset);
    r->between = false;
    r->opened = false;
    r->depth = 0;
}

static void park(runner *r)
{
    static uint8_t *parked;
    static size_t room;
    size_t size = weir_parked_size(&r->decoder);
    if (size > room) {
        free(parked);
        room = size * 2;
        parked = malloc(room);
    }
    if (parked == NULL || weir_park(&r->decoder, parked, size) != WEIR_OK)
        broken(r, "weir.h (weir_park)", "refused");
    memset(&r->decoder, 0x5a, sizeof r->decoder);
    fuzz_workspace_gone(r->workspace);
    r->workspace = 1 - r->workspace;
    void *workspace = fuzz_workspace(r->workspace, r->workspace_size);
    if (weir_unpark(&r->decoder, parked, size, workspace, r->workspace_size) != WEIR_OK)
        broken(r, "weir.h (weir_unpark)", "refused");
}

static fuzz_verdict check_error(runner *r, weir_status status, uint64_t offset)
{
    static const uint8_t bytes[] = "<a/>";
    weir_error error = *weir_last_error(&r->decoder);
    weir_slice none = {NULL, 0}, some = {bytes, 4};
    weir_event event;
    if (error.code != status || error.offset > offset)
        broken(r, "weir.h (weir_error)", "it is not what the call returned, or not of a byte that was given");
    if (weir_next(&r->decoder, &none, &event) != status || weir_next(&r->decoder, &some, &event) != status ||
        weir_finish(&r->decoder) != status || weir_restart(&r->decoder, NULL) != status ||
        weir_last_error(&r->decoder)->code != error.code || weir_last_error(&r->decoder)->offset != error.offset)
        broken(r, "6 (final errors)", "a later call did not repeat the error");
    return (fuzz_verdict){status, error.offset};
}

/* ---- The run --------------------------------------------------------------------------------- */

/* One chunk; `begin` is its offset. */
static fuzz_verdict feed(runner *r, size_t begin, size_t size)
{
    uint8_t *chunk = fuzz_chunk(r->in->bytes + begin, size);
    weir_slice input = {chunk, size};
    fuzz_verdict verdict = {WEIR_NEED_MORE, 0};
    r->chunks++;
    for (;;) {
        weir_event event;
        restart_if_due(r);
        verdict.code = weir_next(&r->decoder, &input, &event);
        if (verdict.code <= 0)
            break;
        deliver(r, verdict.code, &event, &input);
        if (input.size > size || weir_offset(&r->decoder) + input.size != begin + size) {
            broken(r, "7 (exact consumption)", "offset and input left do not add up");
            break;
        }
    }
    if (verdict.code < 0)
        verdict = check_error(r, verdict.code, begin + size);
    else if (input.size != 0 || weir_offset(&r->decoder) != begin + size)
        broken(r, "weir.h (weir_next)", "needs more, but left some");
    fuzz_chunk_gone();
    return verdict;
}

static fuzz_verdict message(runner *r, size_t begin, size_t end)
{
    fuzz_verdict verdict;
    do {
        size_t stop = begin < end ? fuzz_chunk_end(r->in, begin, end) : end;
        if (r->in->park)
            park(r);
        if (r->in->empty_chunks) {
            verdict = feed(r, begin, 0);
            if (verdict.code < 0)
                return verdict;
        }
        verdict = feed(r, begin, stop - begin);
        if (verdict.code < 0)
            return verdict;
        begin = stop;
    } while (begin < end);
    verdict.code = weir_finish(&r->decoder);
    verdict.offset = end;
    if (verdict.code < 0)
        return check_error(r, verdict.code, end);
    return verdict;
}

static fuzz_verdict messages(runner *r)
{
    bool websocket = r->in->config.framing == WEIR_FRAMING_WEBSOCKET;
    fuzz_verdict verdict = {WEIR_NEED_MORE, 0};
    size_t begin = 0;
    for (size_t i = 0; i < r->in->message_count; i++) {
        if (websocket && r->opened && !r->closed) {
            r->depth = 1;
            r->between = begin < r->in->message_ends[i];
            r->last_end = begin;
        }
        verdict = message(r, begin, r->in->message_ends[i]);
        if (verdict.code < 0)
            return verdict;
        if (websocket && verdict.code != WEIR_COMPLETE)
            broken(r, "weir.h (weir_finish)", "a message is neither whole nor refused");
        begin = r->in->message_ends[i];
    }
    if (r->in->config.framing == WEIR_FRAMING_STREAM && (verdict.code == WEIR_COMPLETE) != r->closed &&
        (verdict.code == WEIR_COMPLETE || weir_finish(&r->decoder) != WEIR_NEED_MORE))
        broken(r, "weir.h (weir_finish)", "complete without a closing tag");
    return verdict;
}

static size_t largest_workspace(const fuzz_input *in)
{
    size_t now = weir_workspace_size(&in->config.limits);
    size_t later = in->change_limits ? weir_workspace_size(&in->later) : 0;
    return now > later ? now : later;
}

fuzz_verdict fuzz_decode(const fuzz_input *in, const fuzz_sink *sink)
{
    static fuzz_record own;
    static open_element open[FUZZ_DEPTH_MAX * 2 + 2];
    static runner r;
    memset(&r, 0, offsetof(runner, header));
    r.header_size = 0;
    r.opened = r.closed = r.changed_limits = r.between = false;
    r.in = in;
    r.sink = sink;
    r.record = sink->record != NULL ? sink->record : &own;
    r.open = open;
    r.depth_limit = in->config.limits.depth;
    r.workspace_size = largest_workspace(in);
    fuzz_record_clear(r.record);
    void *workspace = fuzz_workspace(0, r.workspace_size);
    if (weir_init(&r.decoder, &in->config, workspace, r.workspace_size) != WEIR_OK)
        broken(&r, "weir.h (weir_init)", "refused");
    fuzz_verdict verdict = messages(&r);
    if (5 * r.events > 3 * in->size + 10 * r.chunks) /* `x<a/>` again and again; a chunk begins and ends inside of something */
        broken(&r, "4 (linear)", "more events than bytes and chunks explain");
    fuzz_workspace_gone(r.workspace);
    fuzz_record_verdict(r.record, verdict.code, verdict.offset);
    if (sink->log != NULL)
        log_verdict(sink->log, verdict.code, verdict.offset);
    return verdict;
}

/* ---- The reference decoder ------------------------------------------------------------------- */

typedef struct reference_runner {
    const fuzz_input *in;
    const fuzz_sink *sink;
    uint32_t places;
    bool changed_limits;
} reference_runner;

static void on_event(void *context, const weir_event *event)
{
    const reference_runner *r = context;
    if (r->sink->record != NULL)
        fuzz_record_event(r->sink->record, event);
    if (r->sink->log != NULL)
        log_event(r->sink->log, event);
    if (r->sink->event != NULL)
        r->sink->event(r->sink->context, event);
}

static bool on_place(void *context, size_t offset, weir_slice header, weir_limits *limits)
{
    reference_runner *r = context;
    size_t header_size = header.size <= 64 ? header.size : 0;
    if (!fuzz_restarts(r->in, offset, header.data, header_size, &r->places))
        return false;
    if (r->in->change_limits && !r->changed_limits)
        *limits = r->in->later;
    r->changed_limits = true;
    if (r->sink->record != NULL)
        fuzz_record_restart(r->sink->record, offset);
    if (r->sink->log != NULL)
        log_restart(r->sink->log, offset);
    return true;
}

fuzz_verdict fuzz_decode_reference(const fuzz_input *in, const fuzz_sink *sink)
{
    reference_runner r = {in, sink, 0, false};
    reference_input input = {in->bytes, in->size, in->message_ends, in->message_count};
    reference_callbacks callbacks = {&r, on_event, on_place};
    if (sink->record != NULL)
        fuzz_record_clear(sink->record);
    reference_verdict verdict = reference_decode(&in->config, &input, &callbacks);
    fuzz_reference_free_all();
    if (sink->record != NULL)
        fuzz_record_verdict(sink->record, verdict.code, verdict.offset);
    if (sink->log != NULL)
        log_verdict(sink->log, verdict.code, verdict.offset);
    return (fuzz_verdict){verdict.code, verdict.offset};
}

/* ---- The report ------------------------------------------------------------------------------ */

static void write_error(void *context, const char *bytes, size_t size)
{
    (void)context;
    fwrite(bytes, 1, size, stderr);
}

static void print_log(const char *title, const fuzz_input *in, bool reference)
{
    static fuzz_record record;
    event_log log;
    fuzz_sink sink = {.record = &record, .log = &log};
    fprintf(stderr, "--- %s\n", title);
    log_init(&log, LOG_TEXT, write_error, NULL);
    if (reference)
        (void)fuzz_decode_reference(in, &sink);
    else
        (void)fuzz_decode(in, &sink);
    log_free(&log);
}

_Noreturn void fuzz_broken(const char *invariant, const char *what, const fuzz_input *in, const fuzz_input *other)
{
    reporting = true;
    fuzz_chunk_gone();
    fprintf(stderr, "==== fuzz: invariant %s does not hold: %s\n", invariant, what);
    fuzz_input_print(in);
    print_log("the decoder", in, false);
    if (other != NULL) {
        fuzz_input_print(other);
        print_log("the decoder, for that", other, false);
    }
    print_log("the reference decoder", in, true);
    fprintf(stderr, "==== fuzz: invariant %s\n", invariant);
    abort();
}
