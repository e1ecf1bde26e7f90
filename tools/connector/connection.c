/* connection.c - see connection.h
 *
 * SPDX-License-Identifier: MIT */
#include "connection.h"
#include "domain.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

/* Rounds of one connection_run, so that a peer who never stops sending does not keep others waiting. */
#define ROUNDS_MAX 16

typedef enum connection_phase {
    PHASE_CLEAR,
    PHASE_STARTING, /* TLS is due: output goes out first */
    PHASE_HANDSHAKE,
    PHASE_SECURE
} connection_phase;

/* Bytes that came and were not taken yet: those from `begin` to `end`. */
typedef struct connection_bytes {
    size_t begin, end;
    uint8_t bytes[CONNECTION_BUFFER];
} connection_bytes;

struct connection {
    int socket;
    connection_phase phase;
    connection_handler handler;
    tls_settings tls_settings;
    tls *tls;
    sasl_gnu *sasl;
    negotiator negotiator;
    void *workspace;
    uint64_t real;    /* the caller's clock */
    uint64_t now;     /* the negotiator's: the time that SASL took on our side is left out, as the peer waited for us */
    uint64_t skew;    /* what was left out */
    uint64_t sent_at; /* when bytes were last taken by the socket, or there were none to take */
    uint32_t stall;   /* how long it may take none, once negotiated; 0: as long as it likes */
    bool stepped;     /* SASL was at work since the clock was read */
    bool begun;        /* the negotiator */
    bool finishing;    /* the negotiator asked for the end of the transport */
    bool end_of_input; /* TCP ended, as recv said */
    int failed;        /* errno of the socket; 0: none */
    bool reported;     /* the end of the transport, to the negotiator */
    bool shut;         /* our side of TCP was ended, in clear */
    bool paused, full, ended;
    bool frozen;
    bool busy; /* more can be done without waiting */
    tls_failure_kind failure;
    const char *failure_text;
    connection_bytes network; /* in clear the stream, else TLS records */
    connection_bytes stream;  /* what TLS carried */
};

static bool send_records(connection *c);

static bool random_bytes(void *context, uint8_t *bytes, size_t size)
{
    (void)context;
    return getentropy(bytes, size) == 0;
}

static bool stopped(const connection *c)
{
    return c->ended || c->frozen;
}

static size_t waiting(const connection_bytes *buffer)
{
    return buffer->end - buffer->begin;
}

/* ---- SASL: that of sasl_gnu.h, and a mark that it was at work ---- */

static bool sasl_start(void *context, sasl_mechanism mechanism, sasl_binding_use use, sasl_binding binding)
{
    return sasl_gnu_functions.start(((connection *)context)->sasl, mechanism, use, binding);
}

static sasl_result sasl_step(void *context, const char *input, size_t input_size, char *output, size_t room,
                             size_t *size)
{
    connection *c = context;

    c->stepped = true;
    return sasl_gnu_functions.step(c->sasl, input, input_size, output, room, size);
}

static void sasl_end(void *context)
{
    sasl_gnu_functions.end(((connection *)context)->sasl);
}

static const char *sasl_reason(void *context)
{
    return sasl_gnu_functions.reason(((connection *)context)->sasl);
}

static const char *sasl_condition(void *context)
{
    return sasl_gnu_functions.condition(((connection *)context)->sasl);
}

static const char *sasl_username(void *context)
{
    return sasl_gnu_functions.username(((connection *)context)->sasl);
}

/* ---- Reports to the negotiator and the handler ------------------------------------------------------------------- */

static void report(connection *c, negotiator_transport_end how, const char *detail)
{
    if (!c->reported) {
        c->reported = true;
        negotiator_transport(&c->negotiator, how, detail, c->now);
    }
}

static void report_error(connection *c)
{
    char text[128];

    report(c, NEGOTIATOR_TRANSPORT_RESET, strerror_r(c->failed, text, sizeof text));
}

static void show_wire(connection *c, bool sent, const uint8_t *bytes, size_t size)
{
    if (c->handler.wire != NULL && size > 0) {
        c->handler.wire(c->handler.context, c, sent, c->phase == PHASE_SECURE, (weir_slice){bytes, size});
    }
}

/* Bytes left unread would make the kernel send a reset, which can overtake what was sent last: an alert, a
 * close_notify. */
static void finish(connection *c)
{
    uint8_t unread[1024];

    if (c->failed == 0) {
        shutdown(c->socket, SHUT_WR);
        for (int i = 0; i < ROUNDS_MAX && recv(c->socket, unread, sizeof unread, MSG_DONTWAIT) > 0; i++) {
        }
    }
    close(c->socket);
    c->socket = -1;
    c->ended = true;
}

/* The negotiator offers EXTERNAL to who has a trusted certificate; SASL must know whose it is. The domain is that of
 * the header under TLS: the one before it came in clear (RFC 6120 5.4.3.3, 13.7.2). */
static void certify(connection *c, const weir_event *header)
{
    char from[DOMAIN_MAX];
    weir_slice name = header->header.from;

    if (!c->tls_settings.receiving || !c->tls_settings.server || c->phase != PHASE_SECURE || name.size == 0 ||
        name.size >= sizeof from || memchr(name.data, '\0', name.size) != NULL) {
        return;
    }
    memcpy(from, name.data, name.size);
    from[name.size] = '\0';
    if (tls_peer_is(c->tls, from)) {
        sasl_gnu_certified(c->sasl, from);
    }
}

static void take_event(connection *c, const negotiator_event *event)
{
    switch (event->type) {
    case NEGOTIATOR_HEADER: certify(c, event->xml); break;
    case NEGOTIATOR_START_TLS: c->phase = PHASE_STARTING; break;
    case NEGOTIATOR_CLOSE_TRANSPORT: c->finishing = true; break;
    default: break;
    }
    if (c->handler.event != NULL) {
        c->handler.event(c->handler.context, c, event);
    }
    if (event->type == NEGOTIATOR_ENDED && !c->ended) {
        if (c->phase == PHASE_SECURE) {
            tls_close(c->tls);
            send_records(c);
        }
        finish(c);
    }
}

/* Gives the negotiator what the transport brought, and the clock in any case. */
static bool negotiate(connection *c, connection_bytes *buffer)
{
    negotiator_event event;
    bool progress = false;

    while (!stopped(c) && !c->stepped) {
        weir_slice input = {buffer->bytes + buffer->begin, c->paused ? 0 : waiting(buffer)};
        size_t before = input.size;
        negotiator_event_type type = negotiator_next(&c->negotiator, &input, c->now, &event);

        buffer->begin += before - input.size;
        progress = progress || before > input.size || type != NEGOTIATOR_WAIT;
        if (type == NEGOTIATOR_WAIT) {
            break;
        }
        take_event(c, &event);
    }
    return progress;
}

/* ---- The socket -------------------------------------------------------------------------------------------------- */

/* How many bytes the socket took; an error is kept for when all that came was read: the peer may have said why. */
static size_t send_some(connection *c, const uint8_t *bytes, size_t size)
{
    ssize_t count;

    if (c->failed != 0 || size == 0 || stopped(c)) {
        return 0;
    }
    do {
        count = send(c->socket, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    } while (count < 0 && errno == EINTR);
    if (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
        c->failed = errno;
        c->paused = false;
    }
    c->sent_at = count > 0 ? c->now : c->sent_at;
    return count > 0 ? (size_t)count : 0;
}

static bool receive(connection *c)
{
    connection_bytes *buffer = &c->network;
    ssize_t count;

    if (waiting(buffer) == 0) {
        buffer->begin = buffer->end = 0;
    }
    if ((connection_events(c) & POLLIN) == 0) {
        return false;
    }
    if (buffer->begin > 0) {
        memmove(buffer->bytes, buffer->bytes + buffer->begin, waiting(buffer));
        buffer->end -= buffer->begin;
        buffer->begin = 0;
    }
    do {
        count = recv(c->socket, buffer->bytes + buffer->end, sizeof buffer->bytes - buffer->end, MSG_DONTWAIT);
    } while (count < 0 && errno == EINTR);
    if (count > 0) {
        if (c->phase == PHASE_CLEAR || c->phase == PHASE_STARTING) {
            show_wire(c, false, buffer->bytes + buffer->end, (size_t)count);
        }
        buffer->end += (size_t)count;
    } else if (count == 0) {
        c->end_of_input = true;
    } else if (errno != EAGAIN && errno != EWOULDBLOCK) {
        c->failed = errno;
        c->end_of_input = true;
    }
    return count >= 0 || c->end_of_input;
}

/* ---- In clear ---------------------------------------------------------------------------------------------------- */

static bool send_clear(connection *c)
{
    weir_slice output = negotiator_output(&c->negotiator);
    size_t count = send_some(c, output.data, output.size);

    if (count > 0) {
        show_wire(c, true, output.data, count);
        negotiator_sent(&c->negotiator, count, c->now);
    }
    /* What is said last, a stream error, must arrive: the peer reads it and ends its side (RFC 6120 4.9.1.1). */
    if (c->finishing && count == output.size && c->failed == 0 && !c->shut) {
        c->shut = shutdown(c->socket, SHUT_WR) == 0;
    }
    return count > 0;
}

static void end_tls(connection *c, negotiator_transport_end how)
{
    c->failure = tls_failure(c->tls, &c->failure_text);
    report(c, how, c->failure_text);
}

/* What is left of the input, the receiving entity's first bytes of TLS, stays in `network`. */
static bool start_tls(connection *c)
{
    const char *why = "";

    if (negotiator_output(&c->negotiator).size > 0 || (c->tls_settings.receiving && waiting(&c->network) == 0)) {
        return false;
    }
    c->tls = tls_new(&c->tls_settings, &why);
    if (c->tls == NULL) {
        c->failure = TLS_FAILURE_INTERNAL;
        c->failure_text = why;
        report(c, NEGOTIATOR_TRANSPORT_TLS, why);
        return true;
    }
    c->phase = PHASE_HANDSHAKE;
    return true;
}

static bool run_clear(connection *c)
{
    bool progress = send_clear(c);

    progress = receive(c) || progress;
    progress = negotiate(c, &c->network) || progress;
    if (stopped(c) || c->stepped) {
        return c->stepped;
    }
    if (c->end_of_input && waiting(&c->network) == 0 && !c->reported) {
        if (c->failed != 0) {
            report_error(c);
        } else {
            report(c, NEGOTIATOR_TRANSPORT_CLOSED, NULL);
        }
        return true;
    }
    if (c->phase == PHASE_STARTING && !c->reported) {
        progress = start_tls(c) || progress;
    }
    return progress;
}

/* ---- Under TLS --------------------------------------------------------------------------------------------------- */

static bool send_records(connection *c)
{
    const uint8_t *bytes;
    size_t size, count, total = 0;

    while ((size = tls_output(c->tls, &bytes)) > 0 && (count = send_some(c, bytes, size)) > 0) {
        tls_sent(c->tls, count);
        total += count;
    }
    return total > 0;
}

static bool feed_records(connection *c)
{
    size_t count = tls_received(c->tls, c->network.bytes + c->network.begin, waiting(&c->network));

    c->network.begin += count;
    if (c->end_of_input && waiting(&c->network) == 0) {
        tls_ended(c->tls);
    }
    return count > 0;
}

static void secure(connection *c)
{
    const tls_facts *facts = tls_facts_of(c->tls);
    uint8_t data[TLS_BINDING_MAX];
    size_t size = 0;
    negotiator_tls learned = {.verified = facts->verified, .tls13 = strcmp(facts->version, "TLSv1.3") == 0};

    learned.binding = tls_binding(c->tls, data, sizeof data, &size);
    /* Going on without would be the downgrade that channel binding is there to prevent. */
    if (learned.binding != SASL_BINDING_NONE && !sasl_gnu_bind(c->sasl, learned.binding, data, size)) {
        report(c, NEGOTIATOR_TRANSPORT_RESET, "the channel binding could not be kept");
    }
    explicit_bzero(data, sizeof data);
    c->phase = PHASE_SECURE;
    if (c->handler.secured != NULL) {
        c->handler.secured(c->handler.context, c, facts);
    }
    negotiator_secured(&c->negotiator, &learned, c->now);
}

static bool run_handshake(connection *c)
{
    bool progress = receive(c);
    tls_status status;

    progress = feed_records(c) || progress;
    status = tls_handshake(c->tls);
    progress = send_records(c) || progress;
    if (status == TLS_OK) {
        secure(c);
        progress = true;
    } else if (status == TLS_FAILED && !c->reported) {
        if (c->failed != 0) {
            report_error(c);
        } else {
            end_tls(c, NEGOTIATOR_TRANSPORT_TLS);
        }
        if (c->failure == TLS_FAILURE_CERTIFICATE && c->handler.secured != NULL) {
            c->handler.secured(c->handler.context, c, tls_facts_of(c->tls));
        }
        progress = true;
    }
    /* The clock, and what the reports above did; no byte of the network goes there. */
    c->stream.begin = c->stream.end = 0;
    return negotiate(c, &c->stream) || progress;
}

static bool send_stream(connection *c)
{
    bool progress = false;
    weir_slice output;
    size_t count;

    while ((output = negotiator_output(&c->negotiator)).size > 0 &&
           tls_write(c->tls, output.data, output.size, &count) == TLS_OK && count > 0) {
        show_wire(c, true, output.data, count);
        negotiator_sent(&c->negotiator, count, c->now);
        progress = true;
    }
    if (c->finishing && output.size == 0 && !tls_closed(c->tls)) {
        tls_close(c->tls);
        progress = true;
    }
    return send_records(c) || progress;
}

/* All was sent, close_notify included, or nothing can be. */
static bool flushed(connection *c)
{
    const uint8_t *bytes;

    return c->failed != 0 ||
           (negotiator_output(&c->negotiator).size == 0 && tls_closed(c->tls) && tls_output(c->tls, &bytes) == 0);
}

/* One record into `stream`, or the end of TLS to the negotiator: after all that came before it. */
static bool read_stream(connection *c)
{
    size_t count = 0;
    tls_status status;

    if (waiting(&c->stream) > 0 || c->reported) {
        return false;
    }
    c->stream.begin = c->stream.end = 0;
    status = tls_read(c->tls, c->stream.bytes, sizeof c->stream.bytes, &count);
    if (status == TLS_OK) {
        show_wire(c, false, c->stream.bytes, count);
        c->stream.end = count;
        return count > 0;
    }
    if (status == TLS_CLOSED && (!c->finishing || flushed(c))) {
        report(c, NEGOTIATOR_TRANSPORT_CLOSED, NULL);
    }
    if (status == TLS_FAILED) {
        const char *text;

        if (c->failed != 0) {
            report_error(c);
        } else if (tls_failure(c->tls, &text) == TLS_FAILURE_TRUNCATED) {
            report(c, NEGOTIATOR_TRANSPORT_CUT, text);
        } else {
            end_tls(c, NEGOTIATOR_TRANSPORT_TLS);
        }
    }
    return c->reported;
}

static bool run_secure(connection *c)
{
    bool progress = send_stream(c);

    progress = receive(c) || progress;
    progress = feed_records(c) || progress;
    progress = read_stream(c) || progress;
    progress = negotiate(c, &c->stream) || progress;
    if (stopped(c) || c->stepped) {
        return c->stepped;
    }
    progress = send_stream(c) || progress;
    if (c->full && negotiator_output(&c->negotiator).size == 0) {
        c->full = false;
        if (c->handler.room != NULL) {
            c->handler.room(c->handler.context, c);
        }
    }
    return progress;
}

/* ---- What the caller sees ---------------------------------------------------------------------------------------- */

static bool has_output(const connection *c)
{
    const uint8_t *bytes;

    return negotiator_output(&c->negotiator).size > 0 || (c->phase == PHASE_SECURE && tls_output(c->tls, &bytes) > 0);
}

static uint64_t stalled_at(const connection *c)
{
    return c->stall > 0 && negotiator_ready(&c->negotiator) && has_output(c) ? c->sent_at + c->stall : UINT64_MAX;
}

static void read_clock(connection *c, uint64_t now)
{
    now = now > c->real ? now : c->real;
    c->skew += c->stepped ? now - c->real : 0;
    c->stepped = false;
    c->real = now;
    c->now = now - c->skew;
}

void connection_run(connection *c, uint64_t now)
{
    bool progress = true;

    read_clock(c, now);
    c->sent_at = has_output(c) ? c->sent_at : c->now;
    /* After work of SASL the caller comes back at once, with a clock that knows how long it took. */
    for (int i = 0; progress && !stopped(c) && !c->stepped && i < ROUNDS_MAX; i++) {
        switch (c->phase) {
        case PHASE_CLEAR:
        case PHASE_STARTING: progress = run_clear(c); break;
        case PHASE_HANDSHAKE: progress = run_handshake(c); break;
        case PHASE_SECURE: progress = run_secure(c); break;
        }
    }
    if (!stopped(c) && c->now >= stalled_at(c)) {
        report(c, NEGOTIATOR_TRANSPORT_RESET, "too long without the peer taking what is sent");
        negotiate(c, &c->stream);
    }
    c->busy = progress && !stopped(c);
}

int connection_socket(const connection *c)
{
    return c->socket;
}

short connection_events(const connection *c)
{
    const uint8_t *bytes;
    bool under_tls = c->phase == PHASE_HANDSHAKE || c->phase == PHASE_SECURE;
    /* From STARTTLS on everything is TLS's: nothing is read before it is there. */
    bool held = c->paused || (c->phase == PHASE_STARTING && !c->tls_settings.receiving);
    bool in = !c->end_of_input && !c->frozen && !held && waiting(&c->network) < sizeof c->network.bytes;
    bool out = under_tls ? tls_output(c->tls, &bytes) > 0 : negotiator_output(&c->negotiator).size > 0;

    return (short)((in ? POLLIN : 0) | (out && c->failed == 0 && !c->frozen ? POLLOUT : 0));
}

uint64_t connection_deadline(const connection *c)
{
    uint64_t deadline = negotiator_deadline(&c->negotiator), stalled = stalled_at(c);

    if (c->frozen || c->busy) {
        return c->frozen ? UINT64_MAX : c->real;
    }
    deadline = deadline < stalled ? deadline : stalled;
    return deadline < UINT64_MAX - c->skew ? deadline + c->skew : UINT64_MAX;
}

negotiator_send_result connection_send(connection *c, const void *bytes, size_t size, weir_error *error, uint64_t now)
{
    bool first = !has_output(c);
    negotiator_send_result result = negotiator_send(&c->negotiator, bytes, size, error, now - c->skew);

    c->sent_at = first ? now - c->skew : c->sent_at;
    c->full = c->full || result == NEGOTIATOR_SEND_FULL;
    return result;
}

void connection_close(connection *c, uint64_t now)
{
    negotiator_close(&c->negotiator, now - c->skew);
}

void connection_refuse(connection *c, const char *condition, const char *detail, uint64_t now)
{
    negotiator_refuse(&c->negotiator, condition, detail, now - c->skew);
}

void connection_pause(connection *c, bool paused)
{
    c->paused = paused && c->failed == 0;
}

void connection_abort(connection *c, bool reset)
{
    const struct linger none = {.l_onoff = 1, .l_linger = 0};

    if (!c->ended) {
        if (reset) {
            setsockopt(c->socket, SOL_SOCKET, SO_LINGER, &none, sizeof none);
        }
        close(c->socket);
        c->socket = -1;
        c->ended = true;
    }
}

void connection_freeze(connection *c)
{
    c->frozen = true;
}

bool connection_ended(const connection *c)
{
    return c->ended;
}

bool connection_ready(const connection *c)
{
    return negotiator_ready(&c->negotiator);
}

const char *connection_jid(const connection *c)
{
    return negotiator_jid(&c->negotiator);
}

tls_failure_kind connection_tls_failure(const connection *c, const char **text)
{
    *text = c->failure_text;
    return c->failure;
}

connection *connection_new(int socket, const connection_settings *settings, const connection_handler *handler,
                           uint64_t now, const char **why)
{
    negotiator_config config = settings->negotiation;
    size_t size = negotiator_workspace_size(&config);
    connection *c = calloc(1, sizeof *c);

    *why = "no memory";
    if (c == NULL) {
        close(socket);
        return NULL;
    }
    c->socket = socket;
    c->handler = *handler;
    c->tls_settings = settings->tls;
    c->now = c->real = c->sent_at = now;
    c->stall = settings->stall;
    c->failure_text = "";
    c->workspace = malloc(size > 0 ? size : 1);
    c->sasl = sasl_gnu_new(config.role == NEGOTIATOR_RECEIVING, settings->accounts, settings->account_count);
    if (c->workspace == NULL || c->sasl == NULL) {
        connection_free(c);
        return NULL;
    }
    config.sasl = (sasl_functions){.start = sasl_start,
                                   .step = sasl_step,
                                   .end = sasl_end,
                                   .reason = sasl_reason,
                                   .condition = sasl_condition,
                                   .username = sasl_username};
    config.sasl_context = c;
    config.random = random_bytes;
    c->begun = negotiator_init(&c->negotiator, &config, c->workspace, size);
    if (!c->begun) {
        *why = "the settings of the stream are out of range";
        connection_free(c);
        return NULL;
    }
    negotiator_open(&c->negotiator, now);
    return c;
}

void connection_free(connection *c)
{
    if (c == NULL) {
        return;
    }
    if (c->begun) {
        negotiator_wipe(&c->negotiator);
    }
    free(c->workspace);
    if (c->socket >= 0) {
        close(c->socket);
    }
    tls_free(c->tls);
    sasl_gnu_free(c->sasl);
    explicit_bzero(c, sizeof *c);
    free(c);
}
