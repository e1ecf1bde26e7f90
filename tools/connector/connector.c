/* connector.c - see connector.h
 *
 * SPDX-License-Identifier: MIT */
#include "connector.h"
#include "descriptor.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef enum connector_phase { PHASE_RESOLVE, PHASE_REACH, PHASE_STREAM, PHASE_ENDED } connector_phase;

struct connector {
    connector_phase phase;
    connector_settings settings;
    connector_handler handler;
    char *password;
    resolver *resolver;
    const resolver_target *targets;
    size_t target_count, target;
    int socket; /* while it connects; -1: none */
    uint64_t now, phase_end;
    bool timed_out; /* a target did */
    bool closing;   /* before there was a stream */
    connection *connection;
};

void connector_settings_default(connector_settings *settings)
{
    negotiator_config config;

    negotiator_config_default(&config, NEGOTIATOR_INITIATING);
    *settings = (connector_settings){.resolve = 10000,
                                     .reach = 10000,
                                     .times = config.times,
                                     .stall = config.times.step,
                                     .policy = {.allowed = SASL_ALLOWED_DEFAULT},
                                     .limits = config.after};
}

static void tell(connector *c, const connector_event *event)
{
    if (c->handler.event != NULL) {
        c->handler.event(c->handler.context, c, event);
    }
}

static void end(connector *c, connector_end how, const char *text)
{
    c->phase = PHASE_ENDED;
    if (c->socket >= 0) {
        close(c->socket);
        c->socket = -1;
    }
    tell(c, &(connector_event){.type = CONNECTOR_ENDED, .end = how, .text = text});
}

/* ---- The stream -------------------------------------------------------------------------------------------------- */

static void on_secured(void *context, connection *stream, const tls_facts *facts)
{
    connector *c = context;

    (void)stream;
    tell(c, &(connector_event){.type = CONNECTOR_SECURED, .facts = facts, .text = ""});
}

static void on_event(void *context, connection *stream, const negotiator_event *event)
{
    connector *c = context;

    (void)stream;
    tell(c, &(connector_event){.type = CONNECTOR_STREAM, .stream = event, .text = ""});
    if (event->type == NEGOTIATOR_ENDED) {
        end(c, CONNECTOR_END_STREAM, event->detail);
    }
}

static void on_room(void *context, connection *stream)
{
    connector *c = context;

    (void)stream;
    if (c->handler.room != NULL) {
        c->handler.room(c->handler.context, c);
    }
}

static void on_wire(void *context, connection *stream, bool sent, bool under_tls, weir_slice bytes)
{
    connector *c = context;

    (void)stream;
    if (c->handler.wire != NULL) {
        c->handler.wire(c->handler.context, c, sent, under_tls, bytes);
    }
}

static void fill_in(const connector *c, const resolver_target *target, connection_settings *settings)
{
    const connector_settings *s = &c->settings;
    negotiator_config *config = &settings->negotiation;

    negotiator_config_default(config, NEGOTIATOR_INITIATING);
    config->security = target->direct_tls ? NEGOTIATOR_DIRECT_TLS : NEGOTIATOR_STARTTLS;
    config->server = s->server;
    config->probe = s->probe;
    config->local = s->address;
    config->remote = s->domain;
    config->resource = s->resource;
    config->after = s->limits;
    config->times = s->times;
    config->policy = s->policy;
    settings->stall = s->stall;
    settings->tls = (tls_settings){.server = s->server,
                                   .direct = target->direct_tls,
                                   .domain = s->domain,
                                   .ca_file = s->ca_file,
                                   .ca_pem = s->ca_pem,
                                   .identity = s->identity,
                                   .min_version = s->tls_min,
                                   .max_version = s->tls_max};
}

static void forget_password(connector *c)
{
    if (c->password != NULL) {
        explicit_bzero(c->password, strlen(c->password));
        free(c->password);
        c->password = NULL;
    }
}

static void open_stream(connector *c)
{
    const connector_settings *s = &c->settings;
    const resolver_target *target = &c->targets[c->target];
    const connection_handler handler = {.secured = on_secured,
                                        .event = on_event,
                                        .room = on_room,
                                        .wire = c->handler.wire != NULL ? on_wire : NULL,
                                        .context = c};
    /* A certificate may be for several accounts: which is meant is said (RFC 6120 6.3.8, XEP-0178 2). A password is for
     * one. */
    bool external = s->policy.allowed == SASL_ALLOWED(SASL_EXTERNAL) && s->username != NULL;
    const sasl_account account = {.username = s->username,
                                  .password = c->password,
                                  .authzid = external ? s->address : NULL,
                                  .hostname = s->domain};
    connection_settings settings = {.accounts = &account, .account_count = 1};
    const char *why;

    fill_in(c, target, &settings);
    tell(c, &(connector_event){.type = CONNECTOR_CONNECTED, .target = target, .text = ""});
    c->phase = PHASE_STREAM;
    c->connection = connection_new(c->socket, &settings, &handler, c->now, &why);
    c->socket = -1;
    forget_password(c); /* the connection has its own */
    if (c->connection == NULL) {
        end(c, CONNECTOR_END_INTERNAL, why);
    } else if (c->closing) {
        connection_close(c->connection, c->now);
    }
}

/* ---- Look-up and connection -------------------------------------------------------------------------------------- */

static void miss(connector *c, const char *why)
{
    if (c->socket >= 0) {
        close(c->socket);
        c->socket = -1;
    }
    tell(c, &(connector_event){.type = CONNECTOR_MISSED, .target = &c->targets[c->target], .text = why});
    c->target++;
}

/* Begins with the target at hand. false: it failed at once. */
static bool begin_target(connector *c)
{
    const resolver_target *target = &c->targets[c->target];
    const int on = 1;
    char text[128];

    c->phase_end = c->now + c->settings.reach;
    tell(c, &(connector_event){.type = CONNECTOR_TRYING, .target = target, .text = ""});
    c->socket = descriptor_keep(socket(target->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (c->socket >= 0) {
        /* Each answer is waited for: nothing is gained by holding back small segments. */
        setsockopt(c->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (connect(c->socket, (const struct sockaddr *)&target->address, target->address_size) == 0 ||
            errno == EINPROGRESS) {
            return true;
        }
    }
    miss(c, strerror_r(errno, text, sizeof text));
    return false;
}

static void next_target(connector *c)
{
    while (c->phase == PHASE_REACH && c->target < c->target_count && !begin_target(c)) {
    }
    if (c->phase == PHASE_REACH && c->target == c->target_count) {
        end(c, c->timed_out ? CONNECTOR_END_TIMED_OUT : CONNECTOR_END_UNREACHABLE,
            c->timed_out ? "no address took the connection in time" : "no address took the connection");
    }
}

static void run_resolve(connector *c)
{
    switch (resolver_run(c->resolver)) {
    case RESOLVER_WAIT:
        if (c->now >= c->phase_end) {
            end(c, CONNECTOR_END_TIMED_OUT, "the look-up took too long");
        }
        break;
    case RESOLVER_DONE:
        c->targets = resolver_targets(c->resolver, &c->target_count);
        c->phase = PHASE_REACH;
        tell(c, &(connector_event){.type = CONNECTOR_FOUND, .text = resolver_text(c->resolver)});
        next_target(c);
        break;
    case RESOLVER_NO_SERVICE:
    case RESOLVER_FAILED: end(c, CONNECTOR_END_NOT_FOUND, resolver_text(c->resolver)); break;
    }
}

static void run_reach(connector *c)
{
    struct pollfd writable = {.fd = c->socket, .events = POLLOUT};
    socklen_t size = sizeof(int);
    int error = 0;
    char text[128];

    if (poll(&writable, 1, 0) > 0) {
        if (getsockopt(c->socket, SOL_SOCKET, SO_ERROR, &error, &size) != 0) {
            error = errno;
        }
        if (error == 0) {
            open_stream(c);
            return;
        }
        miss(c, strerror_r(error, text, sizeof text));
        next_target(c);
    } else if (c->now >= c->phase_end) {
        c->timed_out = true;
        miss(c, "no answer in time");
        next_target(c);
    }
}

/* ---- What the caller sees ---------------------------------------------------------------------------------------- */

connector *connector_new(const connector_settings *settings, const connector_handler *handler, uint64_t now,
                         const char **why)
{
    const resolver_request request = {.domain = settings->domain,
                                      .connect = settings->connect,
                                      .server = settings->server,
                                      .starttls = settings->starttls || !settings->direct,
                                      .direct = settings->direct || !settings->starttls,
                                      .nameservers = settings->nameservers};
    connector *c = calloc(1, sizeof *c);

    *why = "no memory";
    if (c == NULL) {
        return NULL;
    }
    c->settings = *settings;
    c->handler = *handler;
    c->socket = -1;
    c->now = now;
    c->phase_end = now + settings->resolve;
    c->password = settings->password != NULL ? strdup(settings->password) : NULL;
    c->settings.password = NULL;
    if (settings->password == NULL || c->password != NULL) {
        c->resolver = resolver_new(&request, why);
    }
    if (c->resolver == NULL) {
        connector_free(c);
        return NULL;
    }
    return c;
}

void connector_free(connector *c)
{
    if (c == NULL) {
        return;
    }
    connection_free(c->connection);
    resolver_free(c->resolver);
    if (c->socket >= 0) {
        close(c->socket);
    }
    forget_password(c);
    free(c);
}

size_t connector_poll(connector *c, struct pollfd *fds, size_t room)
{
    switch (c->phase) {
    case PHASE_RESOLVE: return resolver_poll(c->resolver, fds, room);
    case PHASE_REACH: fds[0] = (struct pollfd){.fd = c->socket, .events = POLLOUT}; return 1;
    case PHASE_STREAM:
        /* A descriptor that nothing is wanted of would still report its end, again and again. */
        fds[0] = (struct pollfd){.fd = -1, .events = connection_events(c->connection)};
        fds[0].fd = fds[0].events != 0 ? connection_socket(c->connection) : -1;
        return 1;
    case PHASE_ENDED: break;
    }
    return 0;
}

uint64_t connector_deadline(connector *c, uint64_t now)
{
    int timeout;

    switch (c->phase) {
    case PHASE_RESOLVE:
        timeout = resolver_timeout(c->resolver);
        return timeout >= 0 && now + (uint64_t)timeout < c->phase_end ? now + (uint64_t)timeout : c->phase_end;
    case PHASE_REACH: return c->phase_end;
    case PHASE_STREAM: return connection_deadline(c->connection);
    case PHASE_ENDED: break;
    }
    return UINT64_MAX;
}

void connector_run(connector *c, uint64_t now)
{
    connector_phase before;

    c->now = now > c->now ? now : c->now;
    do {
        if (c->closing && (c->phase == PHASE_RESOLVE || c->phase == PHASE_REACH)) {
            end(c, CONNECTOR_END_ABANDONED, "closed before there was a connection");
        }
        before = c->phase;
        switch (c->phase) {
        case PHASE_RESOLVE: run_resolve(c); break;
        case PHASE_REACH: run_reach(c); break;
        case PHASE_STREAM: connection_run(c->connection, c->now); break;
        case PHASE_ENDED: break;
        }
    } while (c->phase != before);
}

negotiator_send_result connector_send(connector *c, const void *bytes, size_t size, weir_error *error, uint64_t now)
{
    return c->connection != NULL ? connection_send(c->connection, bytes, size, error, now) : NEGOTIATOR_SEND_NOT_READY;
}

void connector_pause(connector *c, bool paused)
{
    if (c->connection != NULL) {
        connection_pause(c->connection, paused);
    }
}

void connector_close(connector *c, uint64_t now)
{
    c->closing = true;
    if (c->connection != NULL) {
        connection_close(c->connection, now);
    }
}

bool connector_ended(const connector *c)
{
    return c->phase == PHASE_ENDED;
}

bool connector_ready(const connector *c)
{
    return c->connection != NULL && connection_ready(c->connection);
}

const char *connector_jid(const connector *c)
{
    return c->connection != NULL ? connection_jid(c->connection) : "";
}

tls_failure_kind connector_tls_failure(const connector *c, const char **text)
{
    *text = "";
    return c->connection != NULL ? connection_tls_failure(c->connection, text) : TLS_FAILURE_NONE;
}
