/* drive.c - see drive.h
 *
 * SPDX-License-Identifier: MIT */
#include "drive.h"

#include "../../tools/log.h"
#include "memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct driver {
    const test_case *c;
    const drive_plan *plan;
    weir_decoder *decoder;
    void *workspace;
    size_t workspace_size;
    event_log log;
    FILE *out;
    uint64_t *begins; /* of the open elements, by depth */
    uint32_t open;
    uint64_t last_end;
    char *header;
    size_t header_size;
    bool between; /* at `last_end`, between first-level elements, where a new stream may begin */
    bool closed;
    bool broken;
} driver;

static void write_log(void *context, const char *bytes, size_t size)
{
    fwrite(bytes, 1, size, context);
}

static void broken(driver *d, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    log_flush(&d->log);
    fprintf(d->out, "broken: at %llu: ", (unsigned long long)weir_offset(d->decoder));
    vfprintf(d->out, format, arguments);
    fputc('\n', d->out);
    va_end(arguments);
    d->broken = true;
}

/* The one exception of weir.h: what may be the end mark of a CDATA section, and lies behind the end of the text. */
static bool mark_was_taken(const driver *d, const weir_event *event)
{
    uint64_t taken = weir_offset(d->decoder) - event->end;
    return event->type == WEIR_TEXT && event->end < weir_offset(d->decoder) && taken <= 3 &&
           memcmp(d->c->bytes + event->end, "]]>", taken) == 0;
}

/* Invariant 11, with invariant 7: nothing is taken beyond the event. */
static void check_event(driver *d, const weir_event *event, const uint8_t *chunk, size_t chunk_size)
{
    uint32_t limit = d->c->options.config.limits.depth;
    bool document = d->c->options.config.framing == WEIR_FRAMING_DOCUMENT;
    if (event->begin > event->end || event->begin < d->last_end)
        broken(d, "event from %llu to %llu", (unsigned long long)event->begin, (unsigned long long)event->end);
    if (event->end != weir_offset(d->decoder) && !mark_was_taken(d, event))
        broken(d, "event ends at %llu, taken was more", (unsigned long long)event->end);
    if (event->depth > limit && !(limit == 1 && d->c->options.config.framing == WEIR_FRAMING_WEBSOCKET))
        broken(d, "depth %u", event->depth);
    d->last_end = event->end;
    switch (event->type) {
    case WEIR_STREAM_OPENED:
    case WEIR_ELEMENT_START:
        if (event->depth != d->open + 1)
            broken(d, "start at depth %u in %u", event->depth, d->open);
        d->open = event->depth;
        d->begins[d->open] = event->begin;
        break;
    case WEIR_ELEMENT_END:
        if (event->depth != d->open || event->start != d->begins[d->open])
            broken(d, "end at depth %u in %u, start %llu", event->depth, d->open, (unsigned long long)event->start);
        d->open = event->depth - 1;
        break;
    case WEIR_STREAM_CLOSED:
        /* The first message of websocket framing may be a <close/> (CONFORMANCE.md choice 23). */
        if (event->depth != 1 || (d->open != 1 && d->header != NULL))
            broken(d, "close at depth %u in %u", event->depth, d->open);
        d->open = 0;
        d->closed = true;
        break;
    case WEIR_TEXT:
    case WEIR_SPACE:
        if (event->depth != d->open || (event->depth < 2 && event->type == WEIR_TEXT && !document))
            broken(d, "text at depth %u in %u", event->depth, d->open);
        if (event->text.size == 0 ||
            !lies_in(event->text.data, event->text.size, chunk, chunk_size, d->workspace, d->workspace_size))
            broken(d, "text of %zu bytes outside of input and workspace", event->text.size);
        break;
    default: broken(d, "event %d", event->type);
    }
}

static void note_place(driver *d, const weir_event *event)
{
    weir_framing framing = d->c->options.config.framing;
    if (event->type == WEIR_STREAM_OPENED) {
        const weir_name *name = &event->name;
        free(d->header);
        d->header = must_allocate(name->prefix.size + name->local.size + 1);
        d->header_size = 0;
        if (name->prefix.size > 0) {
            memcpy(d->header, name->prefix.data, name->prefix.size);
            d->header[name->prefix.size] = ':';
            d->header_size = name->prefix.size + 1;
        }
        memcpy(d->header + d->header_size, name->local.data, name->local.size);
        d->header_size += name->local.size;
        /* After an empty header its closing is due. */
        d->between = framing == WEIR_FRAMING_STREAM && d->c->bytes[event->end - 2] != '/';
    } else {
        d->between = framing == WEIR_FRAMING_STREAM &&
                     (event->type == WEIR_SPACE || (event->type == WEIR_ELEMENT_END && event->depth == 2));
    }
}

static void restart_if_due(driver *d)
{
    size_t offset = (size_t)weir_offset(d->decoder);
    if (!d->between || offset != d->last_end || !case_restarts_at(d->c, offset, d->header, d->header_size))
        return;
    weir_status status = weir_restart(d->decoder, NULL);
    if (status != WEIR_OK)
        broken(d, "restart: %d", status);
    log_restart(&d->log, offset);
    d->between = false;
    d->open = 0;
}

/* Parked, wiped, unparked: another struct and another workspace, as when the connection wakes up elsewhere. */
static void park(driver *d)
{
    size_t size = weir_parked_size(d->decoder);
    uint8_t *parked = must_allocate(size);
    void *workspace = must_allocate(d->workspace_size);
    weir_decoder *decoder = must_allocate(sizeof *decoder);
    if (weir_park(d->decoder, parked, size) != WEIR_OK)
        broken(d, "park");
    memset(d->workspace, 0xa5, d->workspace_size);
    memset(d->decoder, 0xa5, sizeof *d->decoder);
    memset(decoder, 0x5a, sizeof *decoder);
    if (weir_unpark(decoder, parked, size, workspace, d->workspace_size) != WEIR_OK)
        broken(d, "unpark");
    free(parked);
    free(d->workspace);
    free(d->decoder);
    d->workspace = workspace;
    d->decoder = decoder;
}

/* Invariant 6, and what weir.h says about the input after an error. */
static void check_error(driver *d, weir_status status, const weir_slice *left, uint64_t chunk_begin, size_t size)
{
    weir_error error = *weir_last_error(d->decoder);
    uint64_t left_begin = chunk_begin + (size - left->size);
    if (error.code != status)
        broken(d, "status %d, error %d", status, error.code);
    if (left_begin != (error.offset > chunk_begin ? error.offset : chunk_begin))
        broken(d, "input left begins at %llu, error at %llu", (unsigned long long)left_begin,
               (unsigned long long)error.offset);
    weir_event event;
    weir_slice none = {NULL, 0}, more = {(const uint8_t *)"<a/>", 4};
    if (weir_next(d->decoder, &none, &event) != status || weir_next(d->decoder, &more, &event) != status ||
        more.size != 4 || weir_finish(d->decoder) != status || weir_restart(d->decoder, NULL) != status ||
        weir_last_error(d->decoder)->offset != error.offset || weir_last_error(d->decoder)->code != status)
        broken(d, "error %d is not final", status);
    log_verdict(&d->log, status, error.offset);
}

/* One chunk. False: decoding has ended. */
static bool feed(driver *d, size_t begin, size_t size)
{
    if (d->plan->park)
        park(d);
    uint8_t *chunk = chunk_place(d->c->bytes + begin, size);
    weir_slice input = {chunk, size};
    weir_status status = WEIR_NEED_MORE;
    do {
        if (input.size > 0)
            restart_if_due(d);
        weir_event event;
        status = d->broken ? WEIR_NEED_MORE : weir_next(d->decoder, &input, &event);
        if (status > 0) {
            if (event.type != status)
                broken(d, "status %d, event %d", status, event.type);
            log_event(&d->log, &event);
            check_event(d, &event, chunk, size);
            note_place(d, &event);
        }
    } while (status > 0 && !d->broken);
    if (status < 0)
        check_error(d, status, &input, begin, size);
    else if (!d->broken && (input.size > 0 || weir_offset(d->decoder) != begin + size))
        broken(d, "need more, with %zu bytes left", input.size);
    chunk_remove(chunk, size);
    return status == WEIR_NEED_MORE && !d->broken;
}

static size_t chunk_end(const driver *d, size_t begin, size_t message_end)
{
    size_t end = message_end;
    if (d->plan->chunk > 0 && d->plan->chunk < end - begin)
        end = begin + d->plan->chunk;
    if (begin < d->plan->split && d->plan->split < end)
        end = d->plan->split;
    for (size_t i = 0; i < d->c->options.restart_count; i++) {
        size_t restart = (size_t)d->c->options.restarts[i];
        if (begin < restart && restart < end)
            end = restart;
    }
    return end;
}

static void decode(driver *d)
{
    size_t begin = 0;
    weir_status status = WEIR_NEED_MORE;
    bool websocket = d->c->options.config.framing == WEIR_FRAMING_WEBSOCKET;
    for (size_t i = 0; i < d->c->message_count; i++) {
        size_t message_end = d->c->message_ends[i];
        d->between = websocket && d->header != NULL && !d->closed;
        if (websocket && d->header != NULL)
            d->open = 1;
        do {
            /* An empty chunk between any two changes nothing; a message may be one. */
            size_t end = chunk_end(d, begin, message_end);
            if (!feed(d, begin, 0) || (begin < end && !feed(d, begin, end - begin)))
                return;
            begin = end;
        } while (begin < message_end);
        status = weir_finish(d->decoder);
        if (status < 0) {
            weir_slice none = {NULL, 0};
            check_error(d, status, &none, begin, 0);
            return;
        }
    }
    if (d->c->message_count == 0)
        status = WEIR_COMPLETE;
    if (status != (d->c->options.config.framing == WEIR_FRAMING_STREAM ? weir_finish(d->decoder) : WEIR_COMPLETE))
        broken(d, "finish: %d", status);
    log_verdict(&d->log, status, d->c->size);
}

char *drive(const test_case *c, const drive_plan *plan)
{
    char *text = NULL;
    size_t text_size = 0;
    driver d = {.c = c, .plan = plan};
    weir_config config = c->options.config;
    config.kernel = plan->kernel;
    d.workspace_size = weir_workspace_size(&config.limits);
    d.workspace = must_allocate(d.workspace_size);
    d.decoder = must_allocate(sizeof *d.decoder);
    d.begins = must_allocate(((size_t)config.limits.depth + 3) * sizeof *d.begins);
    d.out = open_memstream(&text, &text_size);
    log_init(&d.log, LOG_TEXT, write_log, d.out);
    weir_status status = weir_init(d.decoder, &config, d.workspace, d.workspace_size);
    if (status == WEIR_OK)
        decode(&d);
    else
        fprintf(d.out, "broken: init: %d\n", status);
    log_free(&d.log);
    fclose(d.out);
    free(d.header);
    free(d.begins);
    free(d.decoder);
    free(d.workspace);
    return text;
}

const char *drive_describe(const drive_plan *plan)
{
    static char text[128];
    snprintf(text, sizeof text, "kernel %s, chunks of %zu (0: whole), split at %zu%s", weir_kernel_name(plan->kernel),
             plan->chunk, plan->split, plan->park ? ", parked" : "");
    return text;
}

bool logs_equal(const char *path, const char *how, const char *expected, const char *actual)
{
    if (strcmp(expected, actual) == 0)
        return true;
    const char *a = expected, *b = actual;
    size_t line = 1;
    for (;;) {
        size_t m = strcspn(a, "\n"), n = strcspn(b, "\n");
        if (m != n || memcmp(a, b, m) != 0 || a[m] != b[n]) {
            fprintf(stderr, "%s (%s): line %zu of the log differs\n  expected: %.*s\n  actual:   %.*s\n", path, how,
                    line, (int)m, a, (int)n, b);
            return false;
        }
        if (a[m] == '\0')
            return true;
        a += m + 1;
        b += n + 1;
        line++;
    }
}

const char *log_verdict_line(const char *log)
{
    size_t at = strlen(log);
    at -= at > 0 && log[at - 1] == '\n';
    while (at > 0 && log[at - 1] != '\n')
        at--;
    return log + at;
}
