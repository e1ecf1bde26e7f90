/* decode.c - see decode.h
 *
 * SPDX-License-Identifier: MIT */
#include "decode.h"

#include "../../parser/reference/reference.h"

#include <stdlib.h>
#include <string.h>

void trial_begin(trial *t, const weir_config *config)
{
    memset(t, 0, sizeof *t);
    t->config = *config;
    t->workspace_size = weir_workspace_size(&config->limits);
    t->workspace = malloc(t->workspace_size);
    if (t->workspace == NULL || t->workspace_size == 0)
        abort();
    t->chunk_room = 4096;
    t->chunk = malloc(t->chunk_room);
    if (t->chunk == NULL)
        abort();
}

void trial_end(trial *t)
{
    free(t->workspace);
    free(t->chunk);
}

/* ---- The decoder ---- */

static void take(trial *t, const weir_event *event, const sink *out)
{
    if (event->type == WEIR_STREAM_OPENED)
        t->opened = true;
    out->event(out->context, event);
}

/* weir_restart before a header would change nothing that shows, and reference.h does not ask there. */
static void restart_where_allowed(trial *t, uint64_t offset, const sink *out)
{
    if (t->opened && weir_restart(&t->decoder, NULL) == WEIR_OK) {
        t->opened = false;
        out->restart(out->context, offset);
    }
}

#define BEHIND 32 /* bytes after a chunk that are wrong everywhere, for who looks at them */

static void place_chunk(trial *t, const uint8_t *bytes, size_t size)
{
    if (t->chunk_room < size + BEHIND) {
        free(t->chunk);
        t->chunk_room = size + BEHIND;
        t->chunk = malloc(t->chunk_room);
        if (t->chunk == NULL)
            abort();
    }
    memcpy(t->chunk, bytes, size);
    memset(t->chunk + size, 0xff, BEHIND);
}

/* The chunk lies where the one before it lay. False: an error. */
static bool feed(trial *t, const input *in, size_t begin, size_t end, const sink *out)
{
    place_chunk(t, in->bytes + begin, end - begin);
    weir_slice rest = {t->chunk, end - begin};
    weir_event event;
    weir_status status;
    while ((status = weir_next(&t->decoder, &rest, &event)) > 0)
        take(t, &event, out);
    if (status < 0)
        out->verdict(out->context, status, weir_last_error(&t->decoder)->offset);
    return status == WEIR_NEED_MORE;
}

static size_t chunk_end(const input *in, const plan *how, size_t begin, size_t message_end)
{
    size_t end = message_end;
    if (how->chunk > 0 && how->chunk < end - begin)
        end = begin + how->chunk;
    for (size_t i = 0; i < 2; i++) {
        if (how->splits[i] > begin && how->splits[i] < end)
            end = how->splits[i];
    }
    for (size_t i = 0; i < in->restart_count; i++) {
        if (in->restarts[i] > begin && in->restarts[i] < end)
            end = in->restarts[i];
    }
    return end;
}

/* Bytes from `begin` to the end of the message, and the end itself. False: the verdict is known. */
static bool feed_message(trial *t, const input *in, const plan *how, size_t begin, size_t message_end, const sink *out)
{
    while (begin < message_end) {
        for (size_t i = 0; i < in->restart_count; i++) {
            if (in->restarts[i] == begin)
                restart_where_allowed(t, begin, out);
        }
        size_t end = chunk_end(in, how, begin, message_end);
        if (!feed(t, in, begin, end, out))
            return false;
        begin = end;
    }
    weir_status status = weir_finish(&t->decoder);
    if (status == WEIR_COMPLETE && t->config.framing == WEIR_FRAMING_WEBSOCKET)
        return true;
    out->verdict(out->context, status, status < 0 ? weir_last_error(&t->decoder)->offset : in->size);
    return false;
}

void trial_decode(trial *t, const input *in, const plan *how, const sink *out)
{
    weir_config config = t->config;
    config.kernel = how->kernel;
    t->opened = false;
    if (weir_init(&t->decoder, &config, t->workspace, t->workspace_size) != WEIR_OK) {
        out->verdict(out->context, WEIR_E_MISUSE, 0);
        return;
    }
    if (config.framing != WEIR_FRAMING_WEBSOCKET) {
        feed_message(t, in, how, 0, in->size, out);
        return;
    }
    size_t begin = 0;
    for (size_t i = 0; i < in->message_count; i++) {
        if (!feed_message(t, in, how, begin, in->message_ends[i], out))
            return;
        begin = in->message_ends[i];
    }
    out->verdict(out->context, WEIR_COMPLETE, in->size);
}

/* ---- The reference decoder ---- */

typedef struct reference_context {
    const input *in;
    const sink *out;
} reference_context;

static void reference_event(void *context, const weir_event *event)
{
    const reference_context *c = context;
    c->out->event(c->out->context, event);
}

static bool reference_restart(void *context, size_t offset, weir_slice header, weir_limits *limits)
{
    (void)header;
    (void)limits;
    const reference_context *c = context;
    for (size_t i = 0; i < c->in->restart_count; i++) {
        if (c->in->restarts[i] == offset) {
            c->out->restart(c->out->context, offset);
            return true;
        }
    }
    return false;
}

void reference_run(const weir_config *config, const input *in, const sink *out)
{
    reference_context context = {in, out};
    reference_input whole = {in->bytes, in->size, in->message_ends, in->message_count};
    reference_callbacks callbacks = {&context, reference_event, reference_restart};
    reference_verdict verdict = reference_decode(config, &whole, &callbacks);
    out->verdict(out->context, verdict.code, verdict.offset);
}
