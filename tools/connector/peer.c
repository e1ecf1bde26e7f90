/* peer.c - see peer.h
 *
 * SPDX-License-Identifier: MIT */
#include "peer.h"
#include "descriptor.h"
#include "peer_answer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 64
#define DEAF 100 /* milliseconds without accepting, where descriptors or memory ran out */

/* One accepted connection. */
typedef struct peer_link {
    peer *peer;
    unsigned number;
    connection *connection;
    peer_answer answer;
    char sender[PEER_ADDRESS_MAX];
    bool waiting; /* the answer is whole and was not taken yet */
} peer_link;

struct peer {
    peer_settings settings;
    peer_handler handler;
    sasl_account none; /* where there are no accounts: ANONYMOUS and EXTERNAL */
    int socket;
    uint16_t port;
    bool closing;
    uint64_t now, deaf_until;
    unsigned accepted;
    peer_link **links; /* settings.connections of them; NULL: free */
    connector *back;
    bool back_failed;
};

void peer_settings_default(peer_settings *settings)
{
    negotiator_config config;

    negotiator_config_default(&config, NEGOTIATOR_RECEIVING);
    *settings = (peer_settings){.mechanisms = SASL_ALLOWED_DEFAULT,
                                .times = config.times,
                                .stall = config.times.step,
                                .before = config.before,
                                .after = config.after,
                                .connections = 64};
    settings->after.element = 65536;
    settings->after.tag = 65536;
}

/* ---- Answers ----------------------------------------------------------------------------------------------------- */

static void start_back(peer *p);

/* Where the answer of a link goes, now. Server to server it is another connection (RFC 6120 4.5). */
static negotiator_send_result send_answer(peer_link *link, weir_slice text)
{
    peer *p = link->peer;

    if (!p->settings.server) {
        return connection_send(link->connection, text.data, text.size, NULL, p->now);
    }
    start_back(p);
    return p->back_failed ? NEGOTIATOR_SEND_TAKEN : connector_send(p->back, text.data, text.size, NULL, p->now);
}

/* What is not taken now waits, and nothing more is read from who sends it. */
static void answer(peer_link *link)
{
    peer *p = link->peer;
    negotiator_send_result result = send_answer(link, peer_answer_text(&link->answer));

    if (result == NEGOTIATOR_SEND_TOO_LARGE || result == NEGOTIATOR_SEND_INVALID) {
        peer_answer_refuse(&link->answer);
        result = send_answer(link, peer_answer_text(&link->answer));
    }
    link->waiting = result == NEGOTIATOR_SEND_FULL || (p->settings.server && result == NEGOTIATOR_SEND_NOT_READY);
    connection_pause(link->connection, link->waiting);
}

static void answer_waiting(peer *p)
{
    for (size_t i = 0; i < p->settings.connections; i++) {
        if (p->links[i] != NULL && p->links[i]->waiting && !connection_ended(p->links[i]->connection)) {
            answer(p->links[i]);
        }
    }
}

static void on_back_event(void *context, connector *c, const connector_event *event)
{
    peer *p = context;

    (void)c;
    if (p->handler.back != NULL) {
        p->handler.back(p->handler.context, p, event);
    }
    if (event->type == CONNECTOR_ENDED) {
        p->back_failed = true;
    }
}

static void on_back_room(void *context, connector *c)
{
    (void)c;
    answer_waiting(context);
}

static void start_back(peer *p)
{
    const connector_handler handler = {.event = on_back_event, .room = on_back_room, .context = p};
    const char *why;

    if (p->back == NULL && !p->back_failed) {
        p->back = p->settings.back != NULL ? connector_new(p->settings.back, &handler, p->now, &why) : NULL;
        p->back_failed = p->back == NULL;
    }
}

/* ---- Connections ------------------------------------------------------------------------------------------------- */

static void on_secured(void *context, connection *c, const tls_facts *facts)
{
    peer_link *link = context;
    const peer_handler *handler = &link->peer->handler;

    (void)c;
    if (handler->secured != NULL) {
        handler->secured(handler->context, link->peer, link->number, facts);
    }
}

static void on_event(void *context, connection *c, const negotiator_event *event)
{
    peer_link *link = context;
    peer *p = link->peer;

    if (event->type == NEGOTIATOR_BOUND && event->text.size < sizeof link->sender) {
        memcpy(link->sender, event->text.data, event->text.size);
        link->sender[event->text.size] = '\0';
    }
    if (p->handler.event != NULL) {
        p->handler.event(p->handler.context, p, link->number, event);
    }
    if (event->type == NEGOTIATOR_STANZA && !p->settings.silent && !connection_ended(c) &&
        peer_answer_add(&link->answer, event->xml, link->sender, p->settings.domain)) {
        answer(link);
    }
}

static void on_room(void *context, connection *c)
{
    peer_link *link = context;

    (void)c;
    if (link->waiting) {
        answer(link);
    }
}

static void on_wire(void *context, connection *c, bool sent, bool under_tls, weir_slice bytes)
{
    peer_link *link = context;
    const peer_handler *handler = &link->peer->handler;

    (void)c;
    handler->wire(handler->context, link->peer, link->number, sent, under_tls, bytes);
}

static void fill_in(const peer *p, connection_settings *settings)
{
    const peer_settings *s = &p->settings;
    negotiator_config *config = &settings->negotiation;

    negotiator_config_default(config, NEGOTIATOR_RECEIVING);
    config->security = s->direct_tls ? NEGOTIATOR_DIRECT_TLS : NEGOTIATOR_STARTTLS;
    config->server = s->server;
    config->local = s->domain;
    config->before = s->before;
    config->after = s->after;
    config->times = s->times;
    config->policy.allowed = s->mechanisms;
    settings->stall = s->stall;
    settings->tls = (tls_settings){.receiving = true,
                                   .server = s->server,
                                   .direct = s->direct_tls,
                                   .domain = s->domain,
                                   .ca_file = s->ca_file,
                                   .ca_pem = s->ca_pem,
                                   .identity = s->identity,
                                   .min_version = s->tls_min,
                                   .max_version = s->tls_max};
    settings->accounts = s->account_count > 0 ? s->accounts : &p->none;
    settings->account_count = s->account_count > 0 ? s->account_count : 1;
}

static void free_link(peer_link *link)
{
    connection_free(link->connection);
    peer_answer_free(&link->answer);
    free(link);
}

/* Takes the socket. NULL: no memory. */
static peer_link *new_link(peer *p, int socket)
{
    connection_handler handler = {
        .secured = on_secured, .event = on_event, .room = on_room, .wire = p->handler.wire != NULL ? on_wire : NULL};
    connection_settings settings;
    peer_link *link = calloc(1, sizeof *link);
    const char *why;

    if (link == NULL) {
        close(socket);
        return NULL;
    }
    handler.context = link;
    link->peer = p;
    link->number = ++p->accepted;
    peer_answer_init(&link->answer, p->settings.server);
    fill_in(p, &settings);
    if (p->handler.accepted != NULL) {
        p->handler.accepted(p->handler.context, p, link->number);
    }
    link->connection = connection_new(socket, &settings, &handler, p->now, &why);
    if (link->connection == NULL) {
        free_link(link);
        return NULL;
    }
    return link;
}

static size_t free_place(const peer *p)
{
    size_t i = 0;

    while (i < p->settings.connections && p->links[i] != NULL) {
        i++;
    }
    return i;
}

static bool listening(const peer *p)
{
    return !p->closing && p->now >= p->deaf_until && free_place(p) < p->settings.connections;
}

static void accept_connections(peer *p)
{
    const int on = 1;

    while (listening(p)) {
        int socket = descriptor_keep(accept4(p->socket, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC));

        if (socket >= 0) {
            setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            p->links[free_place(p)] = new_link(p, socket);
        } else if (errno != EINTR && errno != ECONNABORTED) {
            p->deaf_until = errno == EAGAIN || errno == EWOULDBLOCK ? p->deaf_until : p->now + DEAF;
            return;
        }
    }
}

static void run_back(peer *p)
{
    if (p->back != NULL) {
        connector_run(p->back, p->now);
    }
    if (p->back == NULL || connector_ended(p->back)) {
        connector_free(p->back);
        p->back = NULL;
    }
    /* Answers that wait are tried with what there is now; the next ones may try again. */
    answer_waiting(p);
    p->back_failed = false;
    if (p->back != NULL && peer_open_count(p) == 1 && connector_ready(p->back)) {
        connector_close(p->back, p->now); /* nobody is left to answer to */
        connector_run(p->back, p->now);
    }
}

void peer_run(peer *p, uint64_t now)
{
    p->now = now > p->now ? now : p->now;
    accept_connections(p);
    for (size_t i = 0; i < p->settings.connections; i++) {
        if (p->links[i] == NULL) {
            continue;
        }
        connection_run(p->links[i]->connection, p->now);
        if (connection_ended(p->links[i]->connection)) {
            free_link(p->links[i]);
            p->links[i] = NULL;
        }
    }
    if (p->settings.server) {
        run_back(p);
    }
}

/* ---- What the caller sees ---------------------------------------------------------------------------------------- */

static bool listen_on(peer *p)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(p->settings.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    const int on = 1;

    p->socket = descriptor_keep(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (p->socket < 0 || setsockopt(p->socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(p->socket, (const struct sockaddr *)&address, size) != 0 || listen(p->socket, BACKLOG) != 0 ||
        getsockname(p->socket, (struct sockaddr *)&address, &size) != 0) {
        return false;
    }
    p->port = ntohs(address.sin_port);
    return true;
}

peer *peer_new(const peer_settings *settings, const peer_handler *handler, uint64_t now, const char **why)
{
    peer *p = calloc(1, sizeof *p);

    *why = "no memory";
    if (p == NULL) {
        return NULL;
    }
    *p = (peer){
        .settings = *settings, .handler = *handler, .none = {.hostname = settings->domain}, .socket = -1, .now = now};
    p->links = calloc(settings->connections, sizeof *p->links);
    if (p->links != NULL && !listen_on(p)) {
        *why = "cannot listen on that port of loopback";
        peer_free(p);
        return NULL;
    }
    if (p->links == NULL) {
        peer_free(p);
        return NULL;
    }
    return p;
}

void peer_free(peer *p)
{
    if (p == NULL) {
        return;
    }
    for (size_t i = 0; p->links != NULL && i < p->settings.connections; i++) {
        if (p->links[i] != NULL) {
            free_link(p->links[i]);
        }
    }
    connector_free(p->back);
    free(p->links);
    if (p->socket >= 0) {
        close(p->socket);
    }
    free(p);
}

uint16_t peer_port(const peer *p)
{
    return p->port;
}

size_t peer_poll_size(const peer *p)
{
    return 1 + p->settings.connections + CONNECTOR_POLL_MAX;
}

size_t peer_poll(peer *p, struct pollfd *fds, size_t room)
{
    size_t count = 0;

    if (room < peer_poll_size(p)) {
        return 0;
    }
    if (listening(p)) {
        fds[count++] = (struct pollfd){.fd = p->socket, .events = POLLIN};
    }
    for (size_t i = 0; i < p->settings.connections; i++) {
        if (p->links[i] != NULL) {
            const connection *c = p->links[i]->connection;
            short events = connection_events(c);

            /* A descriptor that nothing is wanted of would still report its end, again and again. */
            fds[count++] = (struct pollfd){.fd = events != 0 ? connection_socket(c) : -1, .events = events};
        }
    }
    if (p->back != NULL) {
        count += connector_poll(p->back, fds + count, room - count);
    }
    return count;
}

uint64_t peer_deadline(peer *p, uint64_t now)
{
    uint64_t deadline = p->back != NULL ? connector_deadline(p->back, now) : UINT64_MAX;

    if (!p->closing && p->deaf_until > p->now && p->deaf_until < deadline) {
        deadline = p->deaf_until;
    }
    for (size_t i = 0; i < p->settings.connections; i++) {
        uint64_t own = p->links[i] != NULL ? connection_deadline(p->links[i]->connection) : UINT64_MAX;

        deadline = own < deadline ? own : deadline;
    }
    return deadline;
}

void peer_close(peer *p, uint64_t now)
{
    p->closing = true;
    for (size_t i = 0; i < p->settings.connections; i++) {
        if (p->links[i] != NULL) {
            connection_close(p->links[i]->connection, now);
        }
    }
    if (p->back != NULL) {
        connector_close(p->back, now);
    }
    p->now = now > p->now ? now : p->now;
}

static connection *find(const peer *p, unsigned number)
{
    for (size_t i = 0; i < p->settings.connections; i++) {
        if (p->links[i] != NULL && p->links[i]->number == number) {
            return p->links[i]->connection;
        }
    }
    return NULL;
}

void peer_abort(peer *p, unsigned number, peer_cut how)
{
    connection *c = find(p, number);

    if (c != NULL) {
        connection_abort(c, how == PEER_CUT_RESET);
    }
}

void peer_freeze(peer *p, unsigned number)
{
    connection *c = find(p, number);

    if (c != NULL) {
        connection_freeze(c);
    }
}

negotiator_send_result peer_send(peer *p, unsigned number, const void *bytes, size_t size, uint64_t now)
{
    connection *c = find(p, number);

    return c != NULL ? connection_send(c, bytes, size, NULL, now) : NEGOTIATOR_SEND_NOT_READY;
}

unsigned peer_accepted(const peer *p)
{
    return p->accepted;
}

size_t peer_open_count(const peer *p)
{
    size_t count = p->back != NULL ? 1 : 0;

    for (size_t i = 0; i < p->settings.connections; i++) {
        count += p->links[i] != NULL ? 1 : 0;
    }
    return count;
}
