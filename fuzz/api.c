/* api.c - fuzz target: calls in any order
 *
 * The bytes after the header are fed as they are, up to a byte 0xfe: the byte after it is an operation (enum
 * operation), its upper four bits an argument. 0xff is finish. What is refused must change nothing: each stream from
 * its init or restart to its end is decoded by the reference decoder as a stream of its own, and must have given the
 * same events and the same fault (invariants 6, 8 and what weir.h says of each call).
 *
 * SPDX-License-Identifier: MIT */
#include "common/arena.h"
#include "common/run.h"
#include "common/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum operation {
    OP_FINISH,
    OP_RESTART,
    OP_RESTART_LIMITS,
    OP_RESTART_TOO_LARGE,
    OP_INIT,
    OP_INIT_REFUSED,
    OP_PARK,
    OP_PARK_REFUSED,
    OP_UNPARK_REFUSED,
    OP_EMPTY_CHUNK,
    OP_NULLS,
    OP_MOVE,
    OP_WIPE,
    OP_OFFSET,
    OP_TEXTS
};

typedef struct session {
    fuzz_input in; /* of the stream at hand; its bytes are those fed since it began */
    fuzz_record events;
    weir_decoder decoders[2]; /* the struct moves */
    unsigned at, workspace;
    size_t workspace_size;
    uint8_t bytes[FUZZ_SIZE_MAX];
    size_t ends[FUZZ_MESSAGES_MAX];
    uint64_t begin, last_end; /* offsets since init */
    uint32_t depth;
    bool opened, closed, refused; /* refused: no init since */
    bool skip;                    /* white space that comes first is not the stream's */
    weir_error error;
    const fuzz_input *whole; /* for reports */
} session;

static weir_decoder *decoder(session *s)
{
    return &s->decoders[s->at];
}

static void expect(const session *s, bool holds, const char *what)
{
    if (!holds)
        fuzz_broken("6 or weir.h (api)", what, &s->in, NULL);
}

/* ---- A stream begins and ends ---------------------------------------------------------------- */

static void begin_stream(session *s, bool restarted)
{
    fuzz_record_clear(&s->events);
    s->in.size = s->in.message_count = 0;
    s->begin = s->last_end = s->events.base = weir_offset(decoder(s));
    s->depth = 0;
    s->opened = s->closed = false;
    s->skip = restarted && s->in.config.framing == WEIR_FRAMING_STREAM;
}

static bool same_verdict(const session *s, fuzz_verdict verdict)
{
    if (s->error.code != 0)
        return verdict.code == s->error.code && verdict.offset == s->error.offset - s->begin;
    return verdict.code >= 0 || (verdict.code == WEIR_E_END && verdict.offset == s->in.size);
}

static void end_stream(session *s)
{
    static fuzz_record reference;
    bool websocket = s->in.config.framing == WEIR_FRAMING_WEBSOCKET;
    if (s->refused)
        return;
    if (!websocket || s->in.message_count == 0 || s->ends[s->in.message_count - 1] < s->in.size) {
        if (websocket && s->in.size == 0)
            return;
        s->ends[s->in.message_count++] = s->in.size;
    }
    fuzz_verdict verdict = fuzz_decode_reference(&s->in, &(fuzz_sink){.record = &reference});
    size_t size = reference.size - FUZZ_RECORD_VERDICT;
    if (s->events.size != size || (size > 0 && memcmp(s->events.bytes, reference.bytes, size) != 0) ||
        !same_verdict(s, verdict))
        fuzz_broken("8 (agreement, of a stream among other calls)", "its events are not those of its bytes alone",
                    &s->in, NULL);
}

static void initialise(session *s)
{
    void *workspace = fuzz_workspace(s->workspace, s->workspace_size);
    s->refused = false;
    s->error = (weir_error){WEIR_OK, 0};
    expect(s, weir_init(decoder(s), &s->in.config, workspace, s->workspace_size) == WEIR_OK, "init: refused");
    expect(s, weir_offset(decoder(s)) == 0, "init: the offset is not 0");
    begin_stream(s, false);
}

static void note_error(session *s, weir_status status)
{
    weir_error now = *weir_last_error(decoder(s));
    if (s->error.code == 0) {
        s->error = now;
        expect(s, now.code == status, "last error is not what the call returned");
    }
    expect(s, status == s->error.code && now.code == s->error.code && now.offset == s->error.offset,
           "an error was not repeated");
}

/* ---- Calls ----------------------------------------------------------------------------------- */

static void note_event(session *s, const weir_event *event)
{
    fuzz_record_event(&s->events, event);
    s->last_end = event->end;
    if (event->type == WEIR_STREAM_OPENED)
        s->opened = true;
    if (event->type == WEIR_STREAM_CLOSED)
        s->closed = true;
    if (event->type == WEIR_STREAM_OPENED || event->type == WEIR_ELEMENT_START)
        s->depth = event->depth;
    if (event->type == WEIR_ELEMENT_END || event->type == WEIR_STREAM_CLOSED)
        s->depth = event->depth - 1;
}

static bool is_space(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static void remember(session *s, const uint8_t *bytes, size_t size)
{
    for (; s->skip && size > 0 && is_space(*bytes); bytes++, size--)
        s->begin++;
    if (size == 0)
        return;
    s->skip = false;
    s->events.base = s->begin;
    memcpy(s->bytes + s->in.size, bytes, size);
    s->in.size += size;
}

/* The end of an empty-element tag is due: nothing else may be called, and the refusal changes nothing. */
static void call_while_due(session *s, const weir_event *event)
{
    bool frame = s->in.config.framing == WEIR_FRAMING_WEBSOCKET && event->depth == 1;
    bool start = event->type == WEIR_ELEMENT_START || event->type == WEIR_STREAM_OPENED;
    if (!start || frame || s->bytes[event->end - s->begin - 2] != '/')
        return;
    expect(s, weir_finish(decoder(s)) == WEIR_E_MISUSE, "finish: taken while an event is due");
    expect(s, weir_restart(decoder(s), NULL) == WEIR_E_MISUSE, "restart: taken while an event is due");
}

static void feed(session *s, const uint8_t *bytes, size_t size)
{
    bool live = !s->refused && s->error.code == 0;
    weir_slice input = {fuzz_chunk(bytes, size), size};
    weir_event event;
    weir_status status;
    if (live)
        remember(s, bytes, size);
    while ((status = weir_next(decoder(s), &input, &event)) > 0) {
        expect(s, live, "next: an event after an error");
        note_event(s, &event);
        call_while_due(s, &event);
    }
    fuzz_chunk_gone();
    if (status < 0 && s->refused)
        expect(s, status == WEIR_E_MISUSE, "next: not MISUSE where init did not succeed");
    else if (status < 0)
        note_error(s, status);
    else
        expect(s, live && input.size == 0, "next: needs more, but left some, or stands after an error");
}

static void finish(session *s)
{
    bool live = !s->refused && s->error.code == 0;
    if (s->in.message_count + 2 > FUZZ_MESSAGES_MAX)
        return;
    weir_status status = weir_finish(decoder(s));
    if (s->refused) {
        expect(s, status == WEIR_E_MISUSE, "finish: not MISUSE where init did not succeed");
        return;
    }
    if (live && status != WEIR_E_MISUSE && s->in.config.framing == WEIR_FRAMING_WEBSOCKET)
        s->ends[s->in.message_count++] = s->in.size;
    if (status < 0) {
        note_error(s, status);
        expect(s, !live || (status == WEIR_E_END && s->error.offset == weir_offset(decoder(s))),
               "finish: a fault other than END, or END at another place");
    } else {
        expect(s, live, "finish: an error was forgotten");
        expect(s, status == WEIR_COMPLETE || (status == WEIR_NEED_MORE && s->in.config.framing == WEIR_FRAMING_STREAM),
               "finish: a status that it has not");
        expect(s, status == WEIR_NEED_MORE || s->closed || s->in.config.framing != WEIR_FRAMING_STREAM,
               "finish: complete without the closing tag");
    }
}

/* Whether a restart must be taken (1), refused (0), or hangs on what the events do not show (-1). */
static int restart_expected(const session *s)
{
    bool websocket = s->in.config.framing == WEIR_FRAMING_WEBSOCKET;
    if (s->refused || s->error.code != 0 || s->closed || s->depth > 1 || s->in.config.framing == WEIR_FRAMING_DOCUMENT)
        return 0;
    if (websocket)
        return s->in.size == (s->in.message_count > 0 ? s->ends[s->in.message_count - 1] : 0);
    if (!s->opened) {
        for (size_t i = 0; i < s->in.size; i++) {
            if (!is_space(s->bytes[i]))
                return memchr(s->bytes + i, '>', s->in.size - i) == NULL ? 0 : -1;
        }
        return 1;
    }
    return weir_offset(&s->decoders[s->at]) == s->last_end;
}

static void restart(session *s, const weir_limits *limits, bool fits)
{
    int expected = fits ? restart_expected(s) : 0;
    weir_status status = weir_restart(decoder(s), limits);
    expect(s, status <= 0, "restart: a status that it has not");
    expect(s, expected < 0 || (status == WEIR_OK) == (expected > 0), "restart: taken or refused where it must not be");
    if (status == WEIR_OK) {
        end_stream(s);
        if (limits != NULL)
            s->in.config.limits = *limits;
        begin_stream(s, true);
    } else if (!s->refused && s->error.code != 0) {
        note_error(s, status);
    }
}

static void init_refused(session *s, unsigned argument)
{
    weir_config config = s->in.config;
    uint8_t *workspace = fuzz_workspace(s->workspace, s->workspace_size);
    size_t size = s->workspace_size;
    uint32_t *limits[] = {&config.limits.depth,   &config.limits.attributes, &config.limits.bindings,
                          &config.limits.scope,   &config.limits.tag,        &config.limits.element,
                          &config.limits.elements};
    switch (argument) {
    case 7: config.framing = (weir_framing)(WEIR_FRAMING_DOCUMENT + 1); break;
    case 8: config.content = WEIR_CONTENT_ANY + 1; break;
    case 9: config.kernel = WEIR_KERNEL_COUNT; break;
    case 10: size = weir_workspace_size(&config.limits) - 1; break;
    case 11: workspace = NULL; break;
    case 12: workspace += 4; break;
    case 13: break;
    case 14: expect(s, weir_init(NULL, &config, workspace, size) == WEIR_E_MISUSE, "init: took NULL"); return;
    case 15:
        expect(s, weir_workspace_size(NULL) == 0, "workspace size of NULL");
        weir_limits_default(NULL);
        return;
    default:
        *limits[argument] = (s->whole->spare & 1) != 0 ? WEIR_LIMIT_MAX + 1 : 0;
        expect(s, weir_workspace_size(&config.limits) == 0, "workspace size of limits out of range");
    }
    end_stream(s);
    s->refused = true;
    weir_status status = weir_init(decoder(s), argument == 13 ? NULL : &config, workspace, size);
    expect(s, status == WEIR_E_MISUSE, "init: took what it must refuse");
    expect(s, weir_last_error(decoder(s))->code == WEIR_E_MISUSE, "init: MISUSE is not the last error");
    expect(s, weir_parked_size(decoder(s)) == 0, "init refused: has a parked size");
}

/* ---- Parking --------------------------------------------------------------------------------- */

static void park(session *s, unsigned argument, enum operation operation)
{
    size_t size = weir_parked_size(decoder(s));
    uint8_t *parked = malloc(size + 1);
    if (parked == NULL)
        abort();
    expect(s, (size == 0) == s->refused, "parked size: 0, or not 0, where it must not be");
    expect(s, weir_park(decoder(s), parked, size + 1) == WEIR_E_MISUSE, "park: took a wrong size");
    expect(s, weir_park(decoder(s), NULL, size) == WEIR_E_MISUSE, "park: took NULL");
    weir_status status = weir_park(decoder(s), parked, size);
    expect(s, status == (s->refused ? WEIR_E_MISUSE : WEIR_OK), "park");
    if (status == WEIR_OK && operation != OP_PARK_REFUSED) {
        fuzz_workspace_gone(s->workspace);
        memset(decoder(s), 0x5a, sizeof *decoder(s));
        s->workspace = 1 - s->workspace;
        uint8_t *workspace = fuzz_workspace(s->workspace, s->workspace_size);
        if (operation == OP_UNPARK_REFUSED) {
            end_stream(s);
            s->refused = true;
            status = argument % 6 == 0   ? weir_unpark(decoder(s), parked, size - 1, workspace, s->workspace_size)
                     : argument % 6 == 2 ? weir_unpark(decoder(s), parked, 8, workspace, s->workspace_size)
                     : argument % 6 == 3 ? weir_unpark(decoder(s), NULL, size, workspace, s->workspace_size)
                     : argument % 6 == 4 ? weir_unpark(decoder(s), parked, size, NULL, s->workspace_size)
                     : argument % 6 == 1 ? weir_unpark(decoder(s), parked, size, workspace + 4, s->workspace_size)
                                         : weir_unpark(decoder(s), parked, size, workspace, 8);
            expect(s, status == WEIR_E_MISUSE, "unpark: took what it must refuse");
        } else {
            expect(s, weir_unpark(decoder(s), parked, size, workspace, s->workspace_size) == WEIR_OK,
                   "unpark: refused");
        }
    }
    free(parked);
}

static void nulls(session *s)
{
    weir_slice some = {NULL, 3}, none = {NULL, 0};
    weir_event event;
    expect(s,
           weir_next(NULL, &none, &event) == WEIR_E_MISUSE && weir_next(decoder(s), NULL, &event) == WEIR_E_MISUSE &&
               weir_next(decoder(s), &none, NULL) == WEIR_E_MISUSE &&
               weir_next(decoder(s), &some, &event) == WEIR_E_MISUSE && some.size == 3,
           "next: took NULL");
    expect(s,
           weir_finish(NULL) == WEIR_E_MISUSE && weir_restart(NULL, NULL) == WEIR_E_MISUSE &&
               weir_last_error(NULL) != NULL && weir_offset(NULL) == 0 && weir_parked_size(NULL) == 0 &&
               weir_park(NULL, &some, 1) == WEIR_E_MISUSE && weir_unpark(NULL, &some, 1, &some, 1) == WEIR_E_MISUSE,
           "took NULL");
    weir_wipe(NULL);
}

/* Every text is there for every code, and empty for what is none. */
static void texts(const session *s)
{
    for (int code = -WEIR_ERROR_COUNT - 1; code <= 1; code++) {
        weir_status status = (weir_status)code;
        bool error = code < 0 && code >= -WEIR_ERROR_COUNT, condition = error && status != WEIR_E_MISUSE;
        expect(s, (*weir_error_name(status) != '\0') == error && (*weir_error_text(status) != '\0') == error, "texts");
        expect(s,
               (*weir_error_condition(status) != '\0') == condition && (*weir_error_rule(status) != '\0') == condition,
               "conditions");
        const char *element = weir_stream_error(status);
        expect(s, (strstr(element, "><") != NULL && strstr(element, weir_error_condition(status)) != NULL) == condition,
               "stream errors");
    }
    for (weir_kernel kernel = WEIR_KERNEL_AUTO; kernel <= WEIR_KERNEL_COUNT; kernel++)
        expect(s, (*weir_kernel_name(kernel) != '\0') == (kernel < WEIR_KERNEL_COUNT), "kernel names");
    expect(s, strcmp(weir_version(), WEIR_VERSION) == 0, "version");
}

static void move(session *s)
{
    unsigned to = 1 - s->at;
    memcpy(&s->decoders[to], decoder(s), sizeof *decoder(s));
    memset(decoder(s), 0xa5, sizeof *decoder(s));
    s->at = to;
}

static void operate(session *s, uint8_t code)
{
    weir_limits large = s->in.config.limits;
    unsigned argument = code >> 4;
    large.tag = WEIR_LIMIT_MAX;
    switch ((enum operation)(code % 16)) {
    case OP_FINISH: finish(s); break;
    case OP_RESTART: restart(s, NULL, true); break;
    case OP_RESTART_LIMITS: restart(s, &s->whole->later, true); break;
    case OP_RESTART_TOO_LARGE: restart(s, &large, false); break;
    case OP_INIT:
        end_stream(s);
        s->in.config = s->whole->config;
        if (argument < 3)
            s->in.config.framing = (weir_framing)argument;
        initialise(s);
        break;
    case OP_INIT_REFUSED: init_refused(s, argument); break;
    case OP_PARK:         /* fall through */
    case OP_PARK_REFUSED: /* fall through */
    case OP_UNPARK_REFUSED: park(s, argument, (enum operation)(code % 16)); break;
    case OP_EMPTY_CHUNK: feed(s, NULL, 0); break;
    case OP_NULLS: nulls(s); break;
    case OP_MOVE: move(s); break;
    case OP_TEXTS: texts(s); break;
    case OP_WIPE:
        end_stream(s);
        s->refused = true;
        weir_wipe(decoder(s));
        expect(s, weir_last_error(decoder(s))->code == WEIR_E_MISUSE, "wipe: MISUSE is not the last error");
        break;
    default: expect(s, s->refused || weir_offset(decoder(s)) >= s->begin, "offset"); break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static session s;
    static fuzz_input whole;
    if (!fuzz_input_read(&whole, data, size))
        return 0;
    s.whole = &whole;
    s.in = whole;
    s.in.restart = FUZZ_RESTART_NEVER;
    s.in.bytes = s.bytes;
    s.in.message_ends = s.ends;
    s.at = s.workspace = 0;
    s.refused = true;
    size_t now = weir_workspace_size(&whole.config.limits), later = weir_workspace_size(&whole.later);
    s.workspace_size = now > later ? now : later;
    initialise(&s);
    for (size_t i = FUZZ_HEADER; i < size;) {
        size_t end = i;
        while (end < size && data[end] < 0xfe)
            end++;
        for (; i < end;) {
            size_t stop = FUZZ_HEADER + fuzz_chunk_end(&whole, i - FUZZ_HEADER, end - FUZZ_HEADER);
            feed(&s, data + i, stop - i);
            i = stop;
        }
        if (i < size)
            operate(&s, data[i] == 0xff ? OP_FINISH : i + 1 < size ? data[i + 1] : OP_OFFSET);
        i += i < size && data[i] == 0xfe ? 2 : 1;
    }
    end_stream(&s);
    fuzz_workspace_gone(s.workspace);
    return 0;
}
