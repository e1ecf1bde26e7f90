/* connector.h - the initiating entity: looks a domain up, connects, secures, authenticates, and closes an XMPP stream
 *
 * A thin driver over resolver.h and connection.h, and through it over negotiator.h, tls.h and sasl_gnu.h. Each phase
 * has its deadline: look-up, connection, TLS, each answer of the negotiation, idle (with white-space keepalive), close.
 *
 *     connector *c = connector_new(&settings, &handler, now, &why);
 *     while (!connector_ended(c)) {
 *         count = connector_poll(c, fds, CONNECTOR_POLL_MAX);
 *         poll(fds, count, until connector_deadline(c, now) at the latest);
 *         connector_run(c, now);
 *     }
 *     connector_free(c)
 *
 * Targets are tried in the order of the resolver, one after the other, until one takes the TCP connection. What happens
 * from there on is final: no other target is tried after a failure of TLS or authentication, where it would be a
 * second try with what the first one refused.
 *
 * SPDX-License-Identifier: MIT */
#ifndef CONNECTOR_H
#define CONNECTOR_H

#include "connection.h"
#include "resolver.h"

typedef struct connector connector;

/* Strings and identity must live as long as the connector; the password is copied, and wiped by connector_free. */
typedef struct connector_settings {
    const char *domain;      /* to whom; the certificate is checked against it */
    const char *address;     /* bare JID of the account (server: our domain); NULL: none (ANONYMOUS, probe) */
    const char *username;    /* its local part, or NULL */
    const char *password;    /* or NULL */
    const char *resource;    /* or NULL: the server chooses */
    bool server, probe;      /* see negotiator.h */
    bool starttls, direct;   /* which may be used; neither: both, as the records say */
    const char *connect;     /* HOST:PORT given by hand, or NULL */
    const char *nameservers; /* or NULL: the system's */
    const char *ca_file, *ca_pem;
    const tls_identity *identity; /* for EXTERNAL, or NULL */
    int tls_min, tls_max;         /* 12, 13; 0: no wish */
    sasl_policy policy;
    uint32_t resolve, reach; /* milliseconds for the look-up, and for each target to take the connection */
    negotiator_times times;
    uint32_t stall;     /* see connection.h; 0: never */
    weir_limits limits; /* of the decoder, once authenticated */
} connector_settings;

void connector_settings_default(connector_settings *settings);

typedef enum connector_event_type {
    CONNECTOR_FOUND,     /* text: what the look-up found */
    CONNECTOR_TRYING,    /* target */
    CONNECTOR_MISSED,    /* target, text: why it did not take the connection */
    CONNECTOR_CONNECTED, /* target */
    CONNECTOR_SECURED,   /* facts; not verified: the certificate was refused */
    CONNECTOR_STREAM,    /* stream: an event of the negotiator, ENDED too */
    CONNECTOR_ENDED      /* how, text; after it nothing comes */
} connector_event_type;

typedef enum connector_end {
    CONNECTOR_END_STREAM,      /* as the last CONNECTOR_STREAM said: its outcome */
    CONNECTOR_END_NOT_FOUND,   /* no such domain, service or address */
    CONNECTOR_END_UNREACHABLE, /* no target took the connection */
    CONNECTOR_END_TIMED_OUT,   /* of look-up or connection */
    CONNECTOR_END_ABANDONED,   /* connector_close before there was a stream */
    CONNECTOR_END_INTERNAL
} connector_end;

typedef struct connector_event {
    connector_event_type type;
    const resolver_target *target;
    const tls_facts *facts;
    const negotiator_event *stream;
    connector_end end;
    const char *text; /* never NULL */
} connector_event;

typedef struct connector_handler {
    void (*event)(void *context, connector *c, const connector_event *event);
    void (*room)(void *context, connector *c); /* connector_send had said FULL; now there is room. May be NULL */
    void (*wire)(void *context, connector *c, bool sent, bool under_tls, weir_slice bytes); /* for tests; may be NULL */
    void *context;
} connector_handler;

connector *connector_new(const connector_settings *settings, const connector_handler *handler, uint64_t now,
                         const char **why);
void connector_free(connector *c); /* at any time; cuts what is not ended; NULL is legal */

#define CONNECTOR_POLL_MAX RESOLVER_POLL_MAX

size_t connector_poll(connector *c, struct pollfd *fds, size_t room);
uint64_t connector_deadline(connector *c, uint64_t now); /* UINT64_MAX: none */
void connector_run(connector *c, uint64_t now);

/* See connection.h. Before the stream is there: NEGOTIATOR_SEND_NOT_READY. */
negotiator_send_result connector_send(connector *c, const void *bytes, size_t size, weir_error *error, uint64_t now);
void connector_pause(connector *c, bool paused);

/* Closes, at any time, any number of times (RFC 6120 4.4); connector_run must follow. */
void connector_close(connector *c, uint64_t now);

bool connector_ended(const connector *c);
bool connector_ready(const connector *c);
const char *connector_jid(const connector *c); /* the full JID that was bound; "" before */
tls_failure_kind connector_tls_failure(const connector *c, const char **text); /* NONE: TLS did not fail */

#endif
