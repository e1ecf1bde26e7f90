/* connection.h - one TCP connection with its XMPP stream: moves bytes between the socket, TLS and the negotiator
 *
 * For either end: connector.h connects and makes one, peer.h accepts and makes one. It decides nothing of the protocol;
 * what is asked for and refused is the negotiator's (negotiator.h), what is trusted is TLS's (tls.h).
 *
 *     connection *c = connection_new(socket, &settings, &handler, now, &why);
 *     while (!connection_ended(c)) {
 *         poll the socket for connection_events(c), until connection_deadline(c) at the latest
 *         connection_run(c, now)
 *     }
 *     connection_free(c)
 *
 * `now` is milliseconds of a clock that does not go back; tests give their own. Deadlines are the negotiator's, but
 * one: once negotiated, output of which the peer takes nothing for `stall` ends the connection. The time that SASL
 * takes on our side (PBKDF2) is on no deadline: after it connection_run returns, and must be called again at once.
 * Memory is bounded: the negotiator's workspace, TLS_BUFFER each way, and two buffers of CONNECTION_BUFFER.
 *
 * SPDX-License-Identifier: MIT */
#ifndef CONNECTION_H
#define CONNECTION_H

#include "negotiator.h"
#include "sasl_gnu.h"
#include "tls.h"

#define CONNECTION_BUFFER 16384u

typedef struct connection connection;

/* Each function may be NULL. They may call connection_send, _close, _refuse, _pause, _abort and
 * _freeze, but neither _run nor _free. */
typedef struct connection_handler {
    void (*secured)(void *context, connection *c,
                    const tls_facts *facts); /* the handshake is complete, or its certificate was refused */
    void (*event)(void *context, connection *c, const negotiator_event *event); /* every one but WAIT */
    void (*room)(void *context, connection *c); /* output was sent, after connection_send had said FULL */
    /* The bytes of the stream, in clear or as TLS carries them. For tests alone: passwords pass here. */
    void (*wire)(void *context, connection *c, bool sent, bool under_tls, weir_slice bytes);
    void *context;
} connection_handler;

/* Copied, but not the strings and the identity in it. `sasl`, `sasl_context` and `random` of the negotiation are set
 * here. */
typedef struct connection_settings {
    negotiator_config negotiation;
    tls_settings tls;
    const sasl_account *accounts; /* copied */
    size_t account_count;
    uint32_t stall; /* milliseconds, once negotiated, that the peer may take nothing of what is sent; 0: any time */
} connection_settings;

/* Takes the socket, which must be connected and not block; also when it fails. NULL: *why. */
connection *connection_new(int socket, const connection_settings *settings, const connection_handler *handler,
                           uint64_t now, const char **why);
/* Closes the socket as it is; what is not ended is cut. NULL is legal. Wipes. */
void connection_free(connection *c);

int connection_socket(const connection *c);        /* -1 once ended */
short connection_events(const connection *c);      /* POLLIN, POLLOUT */
uint64_t connection_deadline(const connection *c); /* UINT64_MAX: none */
void connection_run(connection *c, uint64_t now);  /* does what can be done, calls the handler */

/* As negotiator_send, _close and _refuse; the bytes go with the next connection_run, which must be called. */
negotiator_send_result connection_send(connection *c, const void *bytes, size_t size, weir_error *error, uint64_t now);
void connection_close(connection *c, uint64_t now);
void connection_refuse(connection *c, const char *condition, const char *detail, uint64_t now);

/* Back-pressure the other way: what is not read is not delivered, and TCP tells the peer to wait. */
void connection_pause(connection *c, bool paused);

/* Ends TCP at once, by a reset or in its own order, and tells nobody: no event follows, connection_ended is true. */
void connection_abort(connection *c, bool reset);
/* For tests: from now on it does nothing at all, and has no deadline. */
void connection_freeze(connection *c);

bool connection_ended(const connection *c); /* the negotiator said ENDED; the socket is closed */
bool connection_ready(const connection *c); /* negotiator_ready */
const char *connection_jid(const connection *c);

/* How TLS failed, if it did, for the exit status: NONE otherwise. */
tls_failure_kind connection_tls_failure(const connection *c, const char **text);

#endif
