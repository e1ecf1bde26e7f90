/* tls.h - one end of a TLS connection over memory, by OpenSSL
 *
 * Bytes from the network in, bytes for the network out, no socket: the driver moves them. TLS 1.2 and up; no resumption,
 * renegotiation, early data or compression. Contract, to be completed by its owner.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TLS_H
#define TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sasl.h"

typedef struct tls_settings {
    bool receiving;
    bool server;             /* s2s: ALPN xmpp-server, receiving asks for the peer's certificate */
    bool direct;             /* ALPN is offered only on direct TLS (XEP-0368); its absence in the answer is tolerated */
    const char *domain;      /* initiating: SNI, and what the certificate must be for (not the SRV target): RFC 6125, dNSName and XmppAddr; receiving: made on the spot for it */
    const char *ca_file;     /* NULL: the system's */
    const char *certificate_file, *key_file; /* initiating: for EXTERNAL, or NULL; receiving: NULL makes one on the spot */
    int min_version, max_version; /* 12, 13; 0: no wish */
} tls_settings;

typedef struct tls tls;

typedef enum tls_status {
    TLS_OK,           /* something was done */
    TLS_WANT_INPUT,   /* nothing without more bytes from the network */
    TLS_CLOSED,       /* the peer's close_notify came; all it sent before was read */
    TLS_FAILED        /* tls_failure says why; the alert, if any, is among the output */
} tls_status;

/* What kind of failure, so that exit codes and transcripts tell a wrong certificate from a broken handshake. */
typedef enum tls_failure_kind { TLS_FAILURE_NONE, TLS_FAILURE_HANDSHAKE, TLS_FAILURE_CERTIFICATE, TLS_FAILURE_ALERT, TLS_FAILURE_TRUNCATED, TLS_FAILURE_INTERNAL } tls_failure_kind;

tls *tls_new(const tls_settings *settings, const char **why); /* NULL: *why says what is wrong (CA file unreadable, …) */
void tls_free(tls *session);
tls_status tls_handshake(tls *session);                                             /* goes on; TLS_OK: done, and the certificate is right */
bool tls_received(tls *session, const uint8_t *bytes, size_t size);                  /* from the network; bounded: false when the caller must read first */
size_t tls_output(tls *session, const uint8_t **bytes);                              /* for the network; valid until the next call */
void tls_sent(tls *session, size_t count);
tls_status tls_read(tls *session, uint8_t *plain, size_t room, size_t *count);
tls_status tls_write(tls *session, const uint8_t *plain, size_t size, size_t *count); /* bounded output: may take less */
void tls_close(tls *session);                                                        /* sends close_notify, once */
void tls_ended(tls *session);                                                        /* TCP ended; without close_notify it was truncated */
tls_failure_kind tls_failure(const tls *session, const char **text);

typedef struct tls_facts { /* for the transcript */
    const char *version, *cipher, *alpn; /* alpn "" when none was selected */
    const char *names;                   /* of the peer's certificate, separated by ", " */
    const char *issuer, *expiry;         /* expiry as YYYY-MM-DDTHH:MM:SSZ */
    bool verified, extended_master_secret;
} tls_facts;
const tls_facts *tls_facts_of(tls *session);

/* Channel binding for sasl_gnu_bind: tls-exporter on 1.3 (RFC 9266), tls-unique only on 1.2 with the extended master secret (RFC 7627); NONE otherwise. */
sasl_binding tls_binding(tls *session, uint8_t *data, size_t room, size_t *size);

#endif
