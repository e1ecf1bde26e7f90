/* session.c - see session.h
 *
 * SPDX-License-Identifier: MIT */
#include "session.h"
#include "stanza_input.h"
#include "stanza_output.h"

#include "../connector/stanza_text.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define INPUT_SIZE 16384
#define PING_ID_SIZE 17
#define UNSENT_READS 64 /* of INPUT_SIZE, at the end */

typedef struct session {
    const connect_options *options;
    transcript transcript;
    connector *connector;
    stanza_input *input;
    stanza_text text; /* of the stanza that comes */
    stanza_output output;
    bool held; /* nothing is read from the server before standard output took what waits */
    weir_slice stanza; /* of the input, that waits to be sent; size 0: none */
    bool input_ended, closed, trouble, ready;
    uint64_t closed_at;
    char ping_id[PING_ID_SIZE];
    uint64_t now, ping_sent; /* 0: not yet */
    bool ping_answered, ping_good, ping_mine;
    connector_end end;
    negotiator_outcome outcome;
} session;

uint64_t session_now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

/* ---- Signals ----------------------------------------------------------------------------------------------------- */

static volatile sig_atomic_t interrupted;

static void interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

void session_catch_signals(void)
{
    /* The second signal finds the default action. */
    struct sigaction catching = {.sa_handler = interrupt, .sa_flags = (int)SA_RESETHAND};

    sigaction(SIGINT, &catching, NULL);
    sigaction(SIGTERM, &catching, NULL);
    signal(SIGPIPE, SIG_IGN); /* the stream is closed in good order all the same */
}

bool session_interrupted(void)
{
    bool was = interrupted != 0;

    interrupted = 0;
    return was;
}

/* ---- Shared with the probe --------------------------------------------------------------------------------------- */

void session_settings(connector_settings *settings, const connect_options *options)
{
    const jid *address = &options->address;
    uint32_t wait = options->timeout;

    connector_settings_default(settings);
    settings->domain = address->domain;
    settings->server = options->from != NULL;
    settings->address = options->from != NULL ? options->from : address->local[0] != '\0' ? address->bare : NULL;
    settings->username = address->local[0] != '\0' ? address->local : NULL;
    settings->resource = address->resource[0] != '\0' ? address->resource : NULL;
    settings->starttls = options->starttls;
    settings->direct = options->direct_tls;
    settings->connect = options->connect;
    settings->nameservers = options->name_server;
    settings->ca_file = options->ca_file;
    settings->tls_min = options->tls_min;
    settings->tls_max = options->tls_max;
    settings->policy = options->policy;
    settings->resolve = settings->reach = settings->stall = wait;
    settings->times = (negotiator_times){
        .tls = wait, .step = wait, .close = wait, .keepalive = options->keepalive, .idle = options->idle};
}

static connect_exit exit_of_outcome(const connector *c, negotiator_outcome outcome)
{
    const char *text;
    tls_failure_kind kind = connector_tls_failure(c, &text);

    switch (outcome) {
    case NEGOTIATOR_CLOSED: return EXIT_CLOSED;
    case NEGOTIATOR_CLOSED_BARE: return EXIT_NO_CLOSE_NOTIFY;
    case NEGOTIATOR_TRUNCATED: return EXIT_TRUNCATED;
    case NEGOTIATOR_TIMED_OUT: return EXIT_TIMED_OUT;
    case NEGOTIATOR_REFUSED: return EXIT_REFUSED;
    case NEGOTIATOR_INVALID_XML: return EXIT_INVALID_XML;
    case NEGOTIATOR_STREAM_ERROR: return EXIT_STREAM_ERROR;
    case NEGOTIATOR_TLS_FAILED:
        return kind == TLS_FAILURE_CERTIFICATE ? EXIT_CERTIFICATE
               : kind == TLS_FAILURE_INTERNAL  ? EXIT_TROUBLE
                                               : EXIT_TLS;
    case NEGOTIATOR_NOT_AUTHENTICATED: return EXIT_NOT_AUTHENTICATED;
    case NEGOTIATOR_NOT_BOUND: return EXIT_NOT_BOUND;
    case NEGOTIATOR_TRANSPORT_FAILED: return EXIT_CONNECTION_LOST;
    case NEGOTIATOR_INTERNAL:
    case NEGOTIATOR_ABANDONED: break;
    }
    return EXIT_TROUBLE;
}

connect_exit session_exit(const connector *c, connector_end end, negotiator_outcome outcome)
{
    switch (end) {
    case CONNECTOR_END_STREAM: return exit_of_outcome(c, outcome);
    case CONNECTOR_END_NOT_FOUND:
    case CONNECTOR_END_UNREACHABLE: return EXIT_UNREACHABLE;
    case CONNECTOR_END_TIMED_OUT: return EXIT_TIMED_OUT;
    case CONNECTOR_END_ABANDONED:
    case CONNECTOR_END_INTERNAL: break;
    }
    return EXIT_TROUBLE;
}

unsigned session_wait(connector *c, unsigned wanted, uint64_t deadline)
{
    struct pollfd fds[CONNECTOR_POLL_MAX + 2];
    size_t count = c != NULL ? connector_poll(c, fds + 2, CONNECTOR_POLL_MAX) : 0;
    uint64_t now = session_now(), own = c != NULL ? connector_deadline(c, now) : UINT64_MAX;
    struct timespec timeout;
    sigset_t blocked, outside;
    int ready;

    deadline = own < deadline ? own : deadline;
    deadline = deadline > now ? deadline - now : 0;
    timeout =
        (struct timespec){.tv_sec = (time_t)(deadline / 1000 % 1000000), .tv_nsec = (long)(deadline % 1000) * 1000000};
    fds[0] = (struct pollfd){.fd = (wanted & SESSION_INPUT) != 0 ? STDIN_FILENO : -1, .events = POLLIN};
    fds[1] = (struct pollfd){.fd = (wanted & SESSION_OUTPUT) != 0 ? STDOUT_FILENO : -1, .events = POLLOUT};
    /* Held back only for the moment between the look at `interrupted` and ppoll: a signal must interrupt a write. */
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGINT);
    sigaddset(&blocked, SIGTERM);
    sigprocmask(SIG_BLOCK, &blocked, &outside);
    ready = interrupted != 0 ? 0 : ppoll(fds, count + 2, &timeout, &outside);
    sigprocmask(SIG_SETMASK, &outside, NULL);
    if (ready <= 0) {
        return 0;
    }
    return (fds[0].revents != 0 ? SESSION_INPUT : 0u) | (fds[1].revents != 0 ? SESSION_OUTPUT : 0u);
}

/* ---- What comes -------------------------------------------------------------------------------------------------- */

static void complain(session *s, const char *text)
{
    s->trouble = true;
    transcript_note(&s->transcript, text, s->now);
    if (s->options->log == CONNECT_LOG_NONE) {
        fprintf(stderr, "weir-connect: %s\n", text);
    }
}

static void close_stream(session *s)
{
    if (!s->closed) {
        s->closed = true;
        s->closed_at = s->now;
        transcript_closing(&s->transcript, s->now);
        connector_close(s->connector, s->now);
    }
}

static bool equal(weir_slice slice, const char *text)
{
    return slice.size == strlen(text) && (slice.size == 0 || memcmp(slice.data, text, slice.size) == 0);
}

static weir_slice attribute(const weir_event *event, const char *name)
{
    for (uint32_t i = 0; i < event->attribute_count; i++) {
        if (event->attributes[i].name.namespace_name.size == 0 && equal(event->attributes[i].name.local, name)) {
            return event->attributes[i].value;
        }
    }
    return (weir_slice){NULL, 0};
}

/* The answer to a ping is one of that id from whom it was sent to: the server (RFC 6120 8.2.3, XEP-0199 4.2). */
static void take_answer(session *s, const weir_event *event)
{
    const jid *address = &s->options->address;
    weir_slice from, type;

    if (event->type != WEIR_ELEMENT_START || event->depth != 2 || !equal(event->name.local, "iq") ||
        !equal(event->name.namespace_name, "jabber:client") || !equal(attribute(event, "id"), s->ping_id)) {
        return;
    }
    from = attribute(event, "from");
    type = attribute(event, "type");
    if ((equal(type, "result") || equal(type, "error")) &&
        (from.size == 0 || equal(from, address->domain) || equal(from, address->bare))) {
        s->ping_answered = true;
        s->ping_good = equal(type, "result");
    }
}

static void take_stanza(session *s, const weir_event *event)
{
    if (stanza_text_add(&s->text, event)) {
        if (s->text.failed || !stanza_output_add(&s->output, stanza_text_whole(&s->text))) {
            complain(s, "a stanza cannot be written to standard output");
            close_stream(s);
        }
        s->held = stanza_output_left(&s->output) > 0;
        connector_pause(s->connector, s->held);
    }
    if (s->ping_sent != 0 && !s->ping_answered) {
        take_answer(s, event);
        if (s->ping_answered) {
            transcript_ping(&s->transcript, s->ping_good ? "answered" : "answered with an error", s->now - s->ping_sent,
                            s->now);
        }
    }
}

static void on_event(void *context, connector *c, const connector_event *event)
{
    session *s = context;

    (void)c;
    s->now = session_now(); /* what came before in the same turn may have taken its time: SCRAM above all */
    transcript_connector(&s->transcript, event, s->now);
    if (event->type == CONNECTOR_STREAM && event->stream->type == NEGOTIATOR_STANZA) {
        take_stanza(s, event->stream->xml);
    }
    if (event->type == CONNECTOR_STREAM && event->stream->type == NEGOTIATOR_READY) {
        s->ready = true;
    }
    if (event->type == CONNECTOR_STREAM && event->stream->type == NEGOTIATOR_ENDED) {
        s->outcome = event->stream->outcome;
    }
    if (event->type == CONNECTOR_ENDED) {
        s->end = event->end;
    }
}

/* ---- What goes --------------------------------------------------------------------------------------------------- */

static void complain_input(session *s, const char *what, const weir_error *error)
{
    char text[256];

    snprintf(text, sizeof text, "%s, byte %llu: %s [%s]", what, (unsigned long long)error->offset,
             weir_error_text(error->code), weir_error_name(error->code));
    complain(s, text);
}

/* false: nothing can be done before something else happened. */
static bool send_waiting(session *s)
{
    weir_error error = {WEIR_OK, 0};

    switch (connector_send(s->connector, s->stanza.data, s->stanza.size, &error, s->now)) {
    case NEGOTIATOR_SEND_TAKEN: s->stanza.size = 0; return true;
    case NEGOTIATOR_SEND_FULL:
    case NEGOTIATOR_SEND_NOT_READY: return false;
    case NEGOTIATOR_SEND_TOO_LARGE: complain(s, "standard input: a stanza is too large to be sent"); break;
    case NEGOTIATOR_SEND_INVALID: complain_input(s, "standard input: a stanza", &error); break;
    }
    s->stanza.size = 0;
    close_stream(s);
    return true;
}

static bool next_stanza(session *s)
{
    weir_error error;

    switch (stanza_input_next(s->input, &s->stanza)) {
    case STANZA_WHOLE: return true;
    case STANZA_ERROR:
        error = stanza_input_error(s->input);
        complain_input(s, "standard input", &error);
        break;
    case STANZA_MORE:
        if (!s->input_ended) {
            return false;
        }
        if (!stanza_input_between(s->input)) {
            complain(s, "standard input ended inside a stanza");
        }
        if (s->options->stay && !s->trouble) {
            return false;
        }
        break;
    case STANZA_END: break;
    }
    close_stream(s);
    return true;
}

static bool send_ping(session *s)
{
    char text[JID_PART_MAX + 256];
    int size = snprintf(text, sizeof text, "<iq type='get' id='%s' to='%s'><ping xmlns='urn:xmpp:ping'/></iq>",
                        s->ping_id, s->options->address.domain);

    /* The domain has none of the characters that would have to be escaped (jid.c). */
    if (connector_send(s->connector, text, (size_t)size, NULL, s->now) != NEGOTIATOR_SEND_TAKEN) {
        complain(s, "the ping cannot be sent");
        close_stream(s);
    }
    s->ping_sent = s->now;
    return true;
}

/* true: something was done, and the connector has to run again. */
static bool pump(session *s)
{
    if (s->closed || !connector_ready(s->connector)) {
        return false;
    }
    if (!s->options->ping) {
        return s->stanza.size > 0 ? send_waiting(s) : next_stanza(s);
    }
    if (s->ping_sent == 0) {
        return send_ping(s);
    }
    if (s->ping_answered || s->now >= s->ping_sent + s->options->timeout) {
        if (!s->ping_answered) {
            transcript_ping(&s->transcript, "no answer", s->now - s->ping_sent, s->now);
        }
        close_stream(s);
        return true;
    }
    return false;
}

static void read_input(session *s)
{
    uint8_t bytes[INPUT_SIZE];
    ssize_t count = read(STDIN_FILENO, bytes, sizeof bytes);

    if (count > 0 && !stanza_input_add(s->input, bytes, (size_t)count)) {
        complain(s, "no memory for standard input");
        close_stream(s);
    }
    if (count < 0 && errno != EINTR && errno != EAGAIN) {
        complain(s, "standard input cannot be read");
        s->input_ended = true;
    }
    s->input_ended = s->input_ended || count == 0;
}

/* ---- Standard output ---- */

static void give_up_output(session *s)
{
    char text[128];
    size_t left = stanza_output_drop(&s->output);

    snprintf(text, sizeof text, "standard output takes no more: %zu bytes of stanzas were not written", left);
    complain(s, text);
}

/* Once the stream is closed the reader has half of the time that the server has for its own closing tag, which may
 * stand behind what is held. */
static uint64_t output_deadline(const session *s)
{
    return s->held && s->closed ? s->closed_at + s->options->timeout / 2 : UINT64_MAX;
}

/* true: nothing is held any more, and the connector has to run again. */
static bool write_output(session *s)
{
    if (!s->held) {
        return false;
    }
    if (!stanza_output_write(&s->output)) {
        complain(s, "a stanza cannot be written to standard output");
        close_stream(s);
    } else if (s->now >= output_deadline(s)) {
        give_up_output(s);
    }
    s->held = stanza_output_left(&s->output) > 0;
    if (!s->held) {
        connector_pause(s->connector, false);
    }
    return !s->held;
}

/* What came last: its reader has as long as everybody else. */
static void finish_output(session *s)
{
    uint64_t deadline = session_now() + s->options->timeout;

    while (stanza_output_left(&s->output) > 0) {
        session_wait(NULL, SESSION_OUTPUT, deadline);
        s->now = session_now();
        if (!stanza_output_write(&s->output)) {
            complain(s, "a stanza cannot be written to standard output");
        } else if (stanza_output_left(&s->output) > 0 && (session_interrupted() || s->now >= deadline)) {
            give_up_output(s);
        }
    }
}

/* ---- The session ------------------------------------------------------------------------------------------------- */

static void loop(session *s)
{
    for (;;) {
        bool reads;
        unsigned there;
        uint64_t deadline;

        do {
            s->now = session_now();
            connector_run(s->connector, s->now);
        } while (!connector_ended(s->connector) && (write_output(s) || pump(s)));
        if (connector_ended(s->connector)) {
            return;
        }
        reads =
            connector_ready(s->connector) && !s->options->ping && !s->input_ended && !s->closed && s->stanza.size == 0;
        deadline = s->ping_sent != 0 && !s->closed ? s->ping_sent + s->options->timeout : UINT64_MAX;
        deadline = output_deadline(s) < deadline ? output_deadline(s) : deadline;
        there = session_wait(s->connector, (reads ? SESSION_INPUT : 0u) | (s->held ? SESSION_OUTPUT : 0u), deadline);
        s->now = session_now();
        if (session_interrupted()) {
            close_stream(s);
        }
        if ((there & SESSION_INPUT) != 0) {
            read_input(s);
        }
    }
}

static void make_ping_id(session *s)
{
    uint8_t bytes[(PING_ID_SIZE - 1) / 2] = {0};

    if (getentropy(bytes, sizeof bytes) != 0) {
        s->trouble = true; /* an id that can be guessed is no reason to stop, but to be told */
    }
    for (size_t i = 0; i < sizeof bytes; i++) {
        snprintf(s->ping_id + 2 * i, 3, "%02x", bytes[i]);
    }
}

/* What was there to be sent, when the server closed; read only as far as it is there. */
static size_t unsent(session *s)
{
    size_t waiting = s->stanza.size;

    s->stanza.size = 0;
    for (int i = 0; i < UNSENT_READS && !s->input_ended && session_wait(NULL, SESSION_INPUT, 0) != 0; i++) {
        read_input(s);
    }
    return waiting + stanza_input_left(s->input);
}

static connect_exit judge(session *s)
{
    connect_exit status = session_exit(s->connector, s->end, s->outcome);
    char text[128];
    size_t left;

    if (status == EXIT_CLOSED && !s->ready) {
        complain(s, "closed before the stream was ready: nothing was sent");
        return EXIT_TROUBLE;
    }
    if (status == EXIT_TLS && s->ready) {
        status = EXIT_CONNECTION_LOST; /* TLS had not failed: somebody on the path, or the server, broke it */
    }
    if (status != EXIT_CLOSED && status != EXIT_NO_CLOSE_NOTIFY) {
        return status;
    }
    if (s->options->ping) {
        return !s->ping_good ? EXIT_UNSATISFIED : s->trouble && status == EXIT_CLOSED ? EXIT_TROUBLE : status;
    }
    left = s->closed ? 0 : unsent(s);
    if (left > 0) {
        snprintf(text, sizeof text, "the server closed first: %zu bytes of standard input were not sent", left);
        complain(s, text);
    }
    return s->trouble && status == EXIT_CLOSED ? EXIT_TROUBLE : status;
}

connect_exit session_run(const connect_options *options, const connector_settings *settings, char *password)
{
    session s = {.options = options, .now = session_now()};
    const connector_handler handler = {.event = on_event, .context = &s};
    connect_exit status;
    const char *why = "no memory";

    transcript_init(&s.transcript, stderr, options->log, s.now);
    stanza_text_init(&s.text);
    make_ping_id(&s);
    s.input = stanza_input_new(settings->server);
    s.connector = s.input != NULL ? connector_new(settings, &handler, s.now, &why) : NULL;
    if (password != NULL) {
        explicit_bzero(password, strlen(password));
    }
    if (s.connector == NULL) {
        complain(&s, why);
        status = EXIT_TROUBLE;
    } else {
        loop(&s);
        finish_output(&s);
        status = judge(&s);
    }
    transcript_end(&s.transcript, status, session_now());
    connector_free(s.connector);
    stanza_input_free(s.input);
    stanza_text_free(&s.text);
    stanza_output_free(&s.output);
    return status;
}
