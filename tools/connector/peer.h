/* peer.h - a receiving entity on loopback, for tests and the demonstration; not a server to deploy
 *
 * It listens on 127.0.0.1, takes any number of connections up to a bound, negotiates each with the receiving side of
 * negotiator.h, and then answers: a message or presence comes back to its sender, a ping (XEP-0199) gets its result,
 * any other request service-unavailable. It keeps no roster, routes nothing, stores nothing.
 *
 * Server to server it answers on a connection of its own, in the other direction, which it opens with the first answer
 * (RFC 6120 4.5): `back` says where to. Both authenticate by EXTERNAL; dialback (XEP-0220) is not implemented.
 *
 *     peer *p = peer_new(&settings, now, &why);
 *     for (;;) {
 *         count = peer_poll(p, fds, peer_poll_size(p));
 *         poll(fds, count, until peer_deadline(p, now) at the latest);
 *         peer_run(p, now);
 *     }
 *     peer_free(p)
 *
 * SPDX-License-Identifier: MIT */
#ifndef PEER_H
#define PEER_H

#include "connector.h"

typedef struct peer peer;

typedef struct peer_handler { /* each may be NULL; `number` counts the connections from 1 */
    void (*accepted)(void *context, peer *p, unsigned number);
    void (*secured)(void *context, peer *p, unsigned number, const tls_facts *facts);
    void (*event)(void *context, peer *p, unsigned number, const negotiator_event *event);
    /* The bytes of the stream; for tests alone. */
    void (*wire)(void *context, peer *p, unsigned number, bool sent, bool under_tls, weir_slice bytes);
    void (*back)(void *context, peer *p, const connector_event *event); /* of the connection in the other direction */
    void *context;
} peer_handler;

/* What it points to must live as long as the peer. */
typedef struct peer_settings {
    const char *domain;
    const sasl_account *accounts;
    size_t account_count;
    uint16_t port;       /* 0: one that is free */
    bool direct_tls;     /* else STARTTLS, required */
    bool server;         /* s2s */
    bool silent;         /* stanzas are taken and not answered */
    uint32_t mechanisms; /* offered: a sum of SASL_ALLOWED; -PLUS where there is a channel binding */
    const tls_identity *identity;
    const char *ca_file, *ca_pem; /* s2s: what clients' certificates are judged by */
    int tls_min, tls_max;
    negotiator_times times;
    uint32_t stall;                 /* see connection.h; 0: never */
    weir_limits before, after;      /* of the decoder, before and after authentication */
    size_t connections;             /* at once; more wait to be accepted */
    const connector_settings *back; /* s2s: the way back; NULL: no answers */
} peer_settings;

/* Every SCRAM mechanism, the default times, small limits, 64 connections. */
void peer_settings_default(peer_settings *settings);

peer *peer_new(const peer_settings *settings, const peer_handler *handler, uint64_t now, const char **why);
void peer_free(peer *p); /* cuts what is not ended; NULL is legal */

uint16_t peer_port(const peer *p);

size_t peer_poll_size(const peer *p);
size_t peer_poll(peer *p, struct pollfd *fds, size_t room);
uint64_t peer_deadline(peer *p, uint64_t now);
void peer_run(peer *p, uint64_t now);

/* Closes every stream, and takes no new connections (RFC 6120 4.4); peer_open_count falls to 0 within the deadlines. */
void peer_close(peer *p, uint64_t now);

/* Ends the connection at once: with a reset of TCP, or with TCP's orderly end and nothing of TLS. For tests. */
typedef enum peer_cut { PEER_CUT_RESET, PEER_CUT_END } peer_cut;
void peer_abort(peer *p, unsigned number, peer_cut how);
/* Nothing is read, written or answered on it any more. For tests. */
void peer_freeze(peer *p, unsigned number);
/* Sends one stanza on it, as negotiator_send. */
negotiator_send_result peer_send(peer *p, unsigned number, const void *bytes, size_t size, uint64_t now);

unsigned peer_accepted(const peer *p); /* ever */
size_t peer_open_count(const peer *p); /* connections that have not ended, the one in the other direction included */

#endif
