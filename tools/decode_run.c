/* decode_run.c - bytes in, event log out: both decoders behind one rule of restarts
 *
 * SPDX-License-Identifier: MIT */
#include "decode_run.h"

#include "../parser/reference/reference.h"
#include "decode_restart.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the reference decoder wants whole. */
typedef struct collected {
    uint8_t *bytes;
    size_t size, room;
    size_t *ends;    /* of the messages */
    uint64_t *leads; /* of the messages */
    size_t count, ends_room;
} collected;

struct decoding {
    const decode_options *options;
    event_log *log;
    void (*observe)(void *, const weir_event *);
    void *context;

    decode_result result;
    bool over; /* the result holds the verdict or the trouble */

    weir_decoder decoder;
    void *workspace;
    uint64_t offset; /* bytes given to the decoder */
    uint64_t settled;
    weir_status last; /* type of the last event */

    /* A stream can be restarted between first-level elements: after an event that leaves the decoder there, until the
     * next `<` is given to it; in websocket framing at the beginning of a message. */
    bool opened, closed, between;
    restart_mark mark;
    uint8_t held[RESTART_MARK_MAX + 1]; /* may be the beginning of a sign; not yet given to the decoder */
    size_t held_size;
    size_t restarted; /* how many of options->restarts are done */

    /* WebSocket file */
    bool in_message;
    size_t digits;
    uint64_t length; /* as far as it is read; in a message: what is left of it */
    uint64_t lead;   /* bytes of the file before here that are lengths */

    decode_trouble fault; /* of a WebSocket file, where the reference decoder has yet to decode what comes before it */
    uint64_t fault_position;

    collected whole;
};

static void stop(decoding *run, decode_trouble trouble, uint64_t position)
{
    if (!run->over) {
        run->over = true;
        run->result.trouble = trouble;
        run->result.trouble_position = position;
    }
}

static bool restarts_at(const decoding *run, uint64_t *offset)
{
    bool waits = run->options->restart == DECODE_RESTART_AT && run->restarted < run->options->restart_count;

    if (waits) {
        *offset = run->options->restarts[run->restarted];
    }
    return waits;
}

static void judge(decoding *run, weir_status code, uint64_t offset, uint64_t lead)
{
    uint64_t at;

    if (code == WEIR_E_MISUSE) {
        stop(run, DECODE_BROKEN, offset);
    }
    if (run->fault != DECODE_FINE &&
        (code >= 0 || (code == WEIR_E_END && run->in_message && offset == run->whole.size))) {
        stop(run, run->fault, run->fault_position);
    }
    if (restarts_at(run, &at) && (code >= 0 || offset > at || (offset == at && code != WEIR_E_END))) {
        stop(run, DECODE_BAD_RESTART, at);
    }
    if (!run->over) {
        run->over = true;
        run->result.code = code;
        run->result.offset = run->result.bytes = offset;
        run->result.position = offset + lead;
    }
}

/* ---- Events ---- */

static void take_event(decoding *run, const weir_event *event)
{
    bool piece = (event->type == WEIR_TEXT || event->type == WEIR_SPACE) && event->type == run->last;
    weir_framing framing = run->options->config.framing;
    uint64_t at;

    if (restarts_at(run, &at) && event->end > at) {
        stop(run, DECODE_BAD_RESTART, at);
        return;
    }
    run->result.events += piece ? 0 : 1;
    run->last = event->type;
    run->settled = event->end;
    run->between = false;
    switch (event->type) {
    case WEIR_STREAM_OPENED:
        run->opened = true;
        restart_mark_set(&run->mark, event->name.prefix, event->name.local);
        run->between = framing == WEIR_FRAMING_STREAM;
        break;
    case WEIR_SPACE: run->between = true; break;
    case WEIR_ELEMENT_END:
        if (event->depth == (framing == WEIR_FRAMING_DOCUMENT ? 1 : 2)) {
            run->result.stanzas++;
            run->between = framing == WEIR_FRAMING_STREAM;
        }
        break;
    case WEIR_STREAM_CLOSED: run->closed = true; break;
    default: break;
    }
    if (run->observe != NULL) {
        run->observe(run->context, event);
    }
    log_event(run->log, event);
}

static void note_restart(decoding *run, uint64_t offset)
{
    log_restart(run->log, offset);
    run->opened = run->between = false;
    run->last = WEIR_OK;
    run->restarted++;
}

/* ---- The decoder ---- */

/* Refused inside a character that has begun: its fault comes with the next byte. */
static void restart(decoding *run)
{
    if (weir_restart(&run->decoder, NULL) == WEIR_OK) {
        note_restart(run, run->offset);
    }
    run->between = false;
}

/* How many of the bytes the decoder may have before a restart must be thought of. */
static size_t plain(const decoding *run, const uint8_t *bytes, size_t size)
{
    uint64_t at;
    const uint8_t *tag = NULL;

    if (restarts_at(run, &at) && (at > run->offset || (at == run->offset && run->between)) && at - run->offset < size) {
        size = (size_t)(at - run->offset);
    }
    if (run->between && run->options->restart != DECODE_RESTART_NONE && size > 0) {
        tag = memchr(bytes, '<', size);
    }
    return tag != NULL ? (size_t)(tag - bytes) : size;
}

/* The decoder has had the plain bytes: `bytes` begin at a place of --restart=OFF, or with `<` between first-level
 * elements. Answers how many bytes it kept. */
static size_t decide(decoding *run, const uint8_t *bytes, size_t size)
{
    restart_sign sign = RESTART_NO;
    uint64_t at;

    if (restarts_at(run, &at) && at == run->offset) {
        if (run->between) {
            restart(run);
        }
        return 0;
    }
    if (run->options->restart == DECODE_RESTART_AUTO) {
        sign = restart_sign_of(&run->mark, run->options->config.framing == WEIR_FRAMING_STREAM, bytes, size);
    }
    if (sign == RESTART_MAYBE) {
        memcpy(run->held, bytes, size);
        run->held_size = size;
        return size;
    }
    if (sign == RESTART_YES) {
        restart(run);
    }
    run->between = false;
    return 0;
}

static void give(decoding *run, const uint8_t *bytes, size_t size)
{
    while (!run->over) {
        size_t part = plain(run, bytes, size);
        weir_slice input = {bytes, part};
        weir_event event;
        weir_status status = weir_next(&run->decoder, &input, &event);
        size_t used = part - input.size;

        bytes += used;
        size -= used;
        run->offset += used;
        if (status < 0) {
            judge(run, status, weir_last_error(&run->decoder)->offset, run->lead);
        } else if (status > 0) {
            take_event(run, &event);
        } else if (size == 0) {
            return;
        } else {
            size_t kept = decide(run, bytes, size);

            bytes += kept;
            size -= kept;
        }
    }
}

/* In pieces of --chunk. */
static void give_chunks(decoding *run, const uint8_t *bytes, size_t size,
                        void (*receive)(decoding *, const uint8_t *, size_t))
{
    size_t most = run->options->chunk > 0 ? run->options->chunk : size;

    while (size > 0 && !run->over) {
        size_t part = size < most ? size : most;

        receive(run, bytes, part);
        bytes += part;
        size -= part;
    }
}

static void give_held(decoding *run)
{
    size_t size = run->held_size;

    run->held_size = 0;
    run->between = false;
    give_chunks(run, run->held, size, give);
}

static void give_after_held(decoding *run, const uint8_t *bytes, size_t size)
{
    while (run->held_size > 0 && size > 0 && !run->over) {
        restart_sign sign;

        run->held[run->held_size++] = *bytes++;
        size--;
        sign =
            restart_sign_of(&run->mark, run->options->config.framing == WEIR_FRAMING_STREAM, run->held, run->held_size);
        if (sign == RESTART_YES) {
            restart(run);
        }
        if (sign != RESTART_MAYBE) {
            give_held(run);
        }
    }
    if (size > 0) {
        give(run, bytes, size);
    }
}

/* The end of the input, or of a message. */
static void finish(decoding *run)
{
    weir_status code;
    bool websocket = run->options->config.framing == WEIR_FRAMING_WEBSOCKET;

    give_held(run);
    if (run->over) {
        return;
    }
    code = weir_finish(&run->decoder);
    if (!websocket || code != WEIR_COMPLETE) {
        judge(run, code, code < 0 ? weir_last_error(&run->decoder)->offset : run->offset, run->lead);
    }
}

/* ---- The reference decoder ---- */

/* A larger block for `count` items of `size` bytes, or NULL: the old one is as it was. */
static void *enlarge(void *block, size_t *room, size_t count, size_t size)
{
    size_t wanted = *room < 256 ? 256 : *room;
    void *larger;

    while (wanted < count) {
        if (wanted > SIZE_MAX / 2 / size) {
            return NULL;
        }
        wanted *= 2;
    }
    larger = realloc(block, wanted * size);
    *room = larger != NULL ? wanted : *room;
    return larger;
}

static void collect(decoding *run, const uint8_t *bytes, size_t size)
{
    collected *whole = &run->whole;

    if (size == 0) { /* then either pointer may be NULL, which memcpy does not take */
        return;
    }
    if (size > whole->room - whole->size) {
        uint8_t *larger =
            size > SIZE_MAX - whole->size ? NULL : enlarge(whole->bytes, &whole->room, whole->size + size, 1);

        if (larger == NULL) {
            stop(run, DECODE_NO_MEMORY, 0);
            return;
        }
        whole->bytes = larger;
    }
    memcpy(whole->bytes + whole->size, bytes, size);
    whole->size += size;
}

static void collect_message_end(decoding *run)
{
    collected *whole = &run->whole;

    if (whole->count == whole->ends_room) {
        size_t room = whole->ends_room;
        size_t *ends = enlarge(whole->ends, &room, whole->count + 1, sizeof *ends);
        uint64_t *leads;

        whole->ends = ends != NULL ? ends : whole->ends;
        room = whole->ends_room;
        leads = enlarge(whole->leads, &room, whole->count + 1, sizeof *leads);
        whole->leads = leads != NULL ? leads : whole->leads;
        if (ends == NULL || leads == NULL) {
            stop(run, DECODE_NO_MEMORY, 0);
            return;
        }
        whole->ends_room = room;
    }
    whole->ends[whole->count] = whole->size;
    whole->leads[whole->count++] = run->lead;
}

static void reference_event(void *context, const weir_event *event)
{
    decoding *run = context;

    if (!run->over) {
        take_event(run, event);
    }
}

static bool reference_restart(void *context, size_t offset, weir_slice header, weir_limits *limits)
{
    decoding *run = context;
    const collected *whole = &run->whole;
    size_t end = whole->size;
    uint64_t at;
    bool restarts = false;

    (void)limits;
    (void)header; /* the mark has it */
    if (run->options->config.framing == WEIR_FRAMING_WEBSOCKET) {
        size_t message = 0;

        while (message < whole->count && whole->ends[message] <= offset) {
            message++;
        }
        end = message < whole->count ? whole->ends[message] : end;
    }
    if (run->options->restart == DECODE_RESTART_AUTO) {
        restarts = restart_sign_of(&run->mark, run->options->config.framing == WEIR_FRAMING_STREAM,
                                   whole->bytes + offset, end - offset) == RESTART_YES;
    } else if (restarts_at(run, &at)) {
        restarts = at == offset;
    }
    if (restarts && !run->over) {
        note_restart(run, offset);
    }
    return restarts;
}

/* The lead of the message that holds the offset; its end is what its END is about, and else belongs to the next one. */
static uint64_t reference_lead(const decoding *run, weir_status code, uint64_t offset)
{
    const collected *whole = &run->whole;

    for (size_t i = 0; i < whole->count && code < 0; i++) {
        if (whole->ends[i] > offset || (whole->ends[i] == offset && code == WEIR_E_END)) {
            return whole->leads[i];
        }
    }
    return run->lead;
}

static void decode_whole(decoding *run)
{
    const collected *whole = &run->whole;
    weir_config config = run->options->config;
    reference_input input = {whole->bytes, whole->size, whole->ends, whole->count};
    reference_callbacks callbacks = {run, reference_event, reference_restart};
    reference_verdict verdict;

    config.kernel = WEIR_KERNEL_AUTO; /* it has none */
    verdict = reference_decode(&config, &input, &callbacks);
    run->offset = verdict.offset;
    judge(run, verdict.code, verdict.offset, reference_lead(run, verdict.code, verdict.offset));
}

/* ---- Files ---- */

static void receive(decoding *run, const uint8_t *bytes, size_t size)
{
    if (run->options->reference) {
        collect(run, bytes, size);
    } else {
        give_chunks(run, bytes, size, give_after_held);
    }
}

static void end_message(decoding *run)
{
    run->in_message = false;
    run->digits = 0;
    if (run->options->reference) {
        collect_message_end(run);
    } else {
        finish(run);
    }
}

/* Bytes of messages received so far. */
static uint64_t given(const decoding *run)
{
    return run->options->reference ? run->whole.size : run->offset + run->held_size;
}

/* One byte of a length. Nineteen digits fit 64 bits. */
static void receive_length(decoding *run, uint8_t byte)
{
    run->lead++;
    if (byte == '\n' && run->digits > 0) {
        run->in_message = true;
        run->between = run->opened && !run->closed;
        if (run->length == 0) {
            end_message(run);
        }
    } else if (byte >= '0' && byte <= '9' && run->digits < 19) {
        run->length = (run->digits > 0 ? run->length * 10 : 0) + (uint64_t)(byte - '0');
        run->digits++;
    } else {
        stop(run, DECODE_BAD_MESSAGES, given(run) + run->lead - 1);
    }
}

static void receive_messages(decoding *run, const uint8_t *bytes, size_t size)
{
    while (size > 0 && !run->over) {
        size_t part = 1;

        if (!run->in_message) {
            receive_length(run, *bytes);
        } else {
            part = run->length < size ? (size_t)run->length : size;
            run->length -= part;
            receive(run, bytes, part);
            if (run->length == 0 && !run->over) {
                end_message(run);
            }
        }
        bytes += part;
        size -= part;
    }
}

decoding *decoding_new(const decode_options *options, event_log *log, void (*observe)(void *, const weir_event *),
                       void *context)
{
    decoding *run = calloc(1, sizeof *run);
    size_t size = weir_workspace_size(&options->config.limits);

    if (run == NULL) {
        return NULL;
    }
    run->options = options;
    run->log = log;
    run->observe = observe;
    run->context = context;
    if (size == 0) {
        stop(run, DECODE_BAD_LIMITS, 0);
    } else if (!options->reference && !weir_kernel_available(options->config.kernel)) {
        stop(run, DECODE_NO_KERNEL, 0);
    } else if (!options->reference) {
        run->workspace = malloc(size);
        if (run->workspace == NULL) {
            stop(run, DECODE_NO_MEMORY, 0);
        } else if (weir_init(&run->decoder, &options->config, run->workspace, size) != WEIR_OK) {
            stop(run, DECODE_BROKEN, 0);
        }
    }
    return run;
}

bool decoding_feed(decoding *run, const void *bytes, size_t size)
{
    if (run->options->config.framing == WEIR_FRAMING_WEBSOCKET) {
        receive_messages(run, bytes, size);
    } else if (size > 0 && !run->over) {
        receive(run, bytes, size);
    }
    if (run->log->failed) {
        run->over = true;
        run->result.trouble = DECODE_NO_MEMORY;
    }
    return !run->over;
}

uint64_t decoding_settled(const decoding *run)
{
    return run->options->reference ? 0 : run->settled + run->lead;
}

/* The decoder has seen what comes before the fault of a WebSocket file; so must the reference decoder. */
static void decode_before_fault(decoding *run)
{
    const collected *whole = &run->whole;

    run->fault = run->result.trouble;
    run->fault_position = run->result.trouble_position;
    run->over = false;
    run->result = (decode_result){0};
    run->in_message = run->in_message && whole->size > (whole->count > 0 ? whole->ends[whole->count - 1] : 0);
    if (run->in_message) {
        collect_message_end(run);
    }
    decode_whole(run);
}

static void end_file(decoding *run)
{
    bool websocket = run->options->config.framing == WEIR_FRAMING_WEBSOCKET;

    if (websocket && (run->in_message || run->digits > 0)) {
        stop(run, DECODE_CUT_MESSAGES, given(run) + run->lead);
    }
    if (run->options->reference &&
        (run->result.trouble == DECODE_BAD_MESSAGES || run->result.trouble == DECODE_CUT_MESSAGES)) {
        decode_before_fault(run);
    } else if (!run->over && run->options->reference) {
        decode_whole(run);
    } else if (!run->over && !websocket) {
        finish(run);
    } else if (!run->over) {
        judge(run, WEIR_COMPLETE, run->offset, run->lead);
    }
}

decode_result decoding_end(decoding *run)
{
    decode_result result;

    end_file(run);
    result = run->result;
    if (result.trouble == DECODE_FINE) {
        log_verdict(run->log, result.code, result.offset);
    }
    if (run->log->failed) {
        result.trouble = DECODE_NO_MEMORY;
    }
    free(run->workspace);
    free(run->whole.bytes);
    free(run->whole.ends);
    free(run->whole.leads);
    free(run);
    return result;
}

decode_result decode_run(const decode_options *options, const void *bytes, size_t size, event_log *log)
{
    decoding *run = decoding_new(options, log, NULL, NULL);

    if (run == NULL) {
        return (decode_result){.trouble = DECODE_NO_MEMORY};
    }
    decoding_feed(run, bytes, size);
    return decoding_end(run);
}

int decode_exit(const decode_result *result)
{
    if (result->trouble != DECODE_FINE) {
        return 2;
    }
    return result->code == WEIR_COMPLETE ? 0 : result->code == WEIR_NEED_MORE ? 3 : 1;
}

void decode_trouble_text(const decode_result *result, char message[DECODE_MESSAGE_MAX])
{
    const char *text = "";

    switch (result->trouble) {
    case DECODE_FINE: break;
    case DECODE_NO_MEMORY: text = "out of memory"; break;
    case DECODE_NO_KERNEL: text = "this machine, or this build, has not the kernel that --kernel names"; break;
    case DECODE_BAD_LIMITS: text = "these --limits need more memory than can be addressed"; break;
    case DECODE_BAD_MESSAGES:
        text = "no WebSocket file (decimal length, line feed, that many bytes, repeated), from byte";
        break;
    case DECODE_CUT_MESSAGES: text = "the WebSocket file ends inside a message or its length, at byte"; break;
    case DECODE_BAD_RESTART:
        text = "--restart names a place that is not between first-level elements with a byte after it:";
        break;
    case DECODE_BROKEN: text = "the decoder broke its contract; this is a bug in Weir, at byte"; break;
    }
    if (result->trouble < DECODE_BAD_MESSAGES) {
        snprintf(message, DECODE_MESSAGE_MAX, "%s", text);
    } else {
        snprintf(message, DECODE_MESSAGE_MAX, "%s %" PRIu64, text, result->trouble_position);
    }
}
