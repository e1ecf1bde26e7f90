/* tls.h - one end of a TLS connection over memory, by OpenSSL
 *
 * Bytes from the network in, bytes for the network out, no socket: the driver moves them.
 *
 *     const char *why;
 *     tls *session = tls_new(&settings, &why);
 *     while ((status = tls_handshake(session)) != TLS_OK) send tls_output, tls_sent; receive, tls_received
 *     then for each turn:
 *         tls_received(what came); tls_read until it is not TLS_OK; tls_write; send tls_output, tls_sent
 *     end: tls_close; send; read on until TLS_CLOSED, or tls_ended when TCP ended: tls_read then says truncated
 *     tls_free
 *
 * TLS 1.2 and up (RFC 7590, RFC 9325 3.1.1), forward secrecy and AEAD alone (RFC 9325 4.2); no resumption,
 * renegotiation, early data or compression. No switch makes the check of the certificate lax, and there is no way round
 * one that failed. After TLS_FAILED nothing is ever read or written again but the alert, which is among the output.
 *
 * Memory: TLS_BUFFER bytes each way, one record, and what OpenSSL needs for a handshake, which is bounded.
 * No clock but the system's, against which certificates are checked; deadlines are the driver's.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TLS_H
#define TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sasl.h"

#define TLS_BUFFER 65536u

/* A certificate with its key, and what else of the chain is sent: for the receiving entity, or for EXTERNAL. May be
 * shared by any number of sessions, and freed before them. */
typedef struct tls_identity tls_identity;

/* Made on the spot: ECDSA P-256, self-signed, subjectAltName dNSName with the A-labels of the domain (an address:
 * iPAddress), good for a week. NULL: *why says why. */
tls_identity *tls_identity_made(const char *domain, const char **why);
tls_identity *tls_identity_read(const char *certificate_file, const char *key_file, const char **why); /* PEM */
/* The certificate (never the key) as PEM with a NUL, for `ca_pem` or `ca_file` of the other end; its length, 0: no
 * room. */
size_t tls_identity_pem(const tls_identity *identity, char *pem, size_t room);
void tls_identity_free(tls_identity *identity);

typedef struct tls_settings {
    bool receiving;
    /* s2s: ALPN xmpp-server, not xmpp-client; SRVName _xmpp-server; the receiving entity asks for a certificate */
    bool server;
    /* Direct TLS: ALPN is offered, and answered where it is offered (XEP-0368 3); no answer is tolerated */
    bool direct;
    /* Initiating: SNI, and what the certificate must be for (RFC 6120 13.7.2), never the SRV target. U-labels and
     * A-labels alike, or an address */
    const char *domain;
    const char *ca_file;          /* trusted instead of the system's; PEM */
    const char *ca_pem;           /* likewise, in memory */
    const tls_identity *identity; /* receiving: needed; initiating: NULL, or for EXTERNAL */
    int min_version, max_version; /* 12, 13; 0: no wish */
} tls_settings;

typedef struct tls tls;

typedef enum tls_status {
    TLS_OK,          /* something was done; handshake: complete, and the certificate is right */
    TLS_WANT_INPUT,  /* nothing without more bytes from the network (output may wait, though) */
    TLS_WANT_OUTPUT, /* nothing before output was sent */
    TLS_CLOSED,      /* the peer's close_notify came; all that it sent before was read */
    TLS_FAILED       /* final; tls_failure says why; the alert, if any, is among the output */
} tls_status;

/* What kind of failure, so that exit codes and transcripts tell a wrong certificate from a broken handshake. */
typedef enum tls_failure_kind {
    TLS_FAILURE_NONE,
    TLS_FAILURE_HANDSHAKE,   /* before the handshake was complete: no common version, not TLS at all, … */
    TLS_FAILURE_CERTIFICATE, /* the peer's certificate: expired, self-signed, for another name, … */
    TLS_FAILURE_ALERT,       /* the peer sent a fatal alert */
    TLS_FAILURE_RECORD,      /* after the handshake: a record that cannot be read */
    TLS_FAILURE_TRUNCATED,   /* tls_ended without the peer's close_notify (RFC 8446 6.1) */
    TLS_FAILURE_INTERNAL     /* out of memory, library failure */
} tls_failure_kind;

/* NULL: *why says what is wrong (CA file unreadable, …). */
tls *tls_new(const tls_settings *settings, const char **why);
void tls_free(tls *session); /* NULL is legal */

tls_status tls_handshake(tls *session);

/* From the network: takes as many as there is room for, and says how many; the rest is for later, after tls_read (or
 * tls_handshake) made room. What comes after the peer's close_notify, or after a failure, is taken and dropped. */
size_t tls_received(tls *session, const uint8_t *bytes, size_t size);
void tls_ended(tls *session); /* the network's end: TCP ended, in good order or not */

/* For the network: how many bytes wait there; 0: none. There may be more behind them: ask again after tls_sent. */
size_t tls_output(tls *session, const uint8_t **bytes);
void tls_sent(tls *session, size_t count); /* the first `count` of them are gone */

/* At most one record a call. TLS_OK: *count (above 0) bytes. Also after tls_close, as long as the peer sends. */
tls_status tls_read(tls *session, uint8_t *plain, size_t room, size_t *count);

/* TLS_OK: *count bytes were taken, perhaps fewer than size; 0 only of 0. TLS_WANT_OUTPUT: none, the output is full
 * (or the handshake not complete). TLS_CLOSED: none, after tls_close. TLS_WANT_INPUT does not occur. */
tls_status tls_write(tls *session, const uint8_t *plain, size_t size, size_t *count);

/* close_notify goes to the output, once, as soon as there is room. At any time, any number of times; before the
 * handshake is complete there is nothing to close, and it does nothing. */
void tls_close(tls *session);
bool tls_closed(const tls *session); /* our close_notify went to the output */

/* Kind, and an English text, what is the peer's in it escaped: "the certificate is for a.example, not for
 * b.example". */
tls_failure_kind tls_failure(const tls *session, const char **text);

/* For the transcript; of a certificate that was refused as well. Printable ASCII, the rest as \xNN, cut at a bound. */
typedef struct tls_facts {
    const char *version, *cipher; /* "TLSv1.3", "TLS_AES_256_GCM_SHA384"; "" before */
    const char *alpn;             /* "" when none was selected */
    const char *names;  /* in the peer's certificate: dNSName, XmppAddr, SRVName, iPAddress, with ", " between */
    const char *issuer; /* as RFC 2253 writes it; of these three each is "" without a certificate */
    const char *expiry; /* YYYY-MM-DDTHH:MM:SSZ */
    bool verified;      /* initiating: trusted, and for the domain; receiving: one came and is trusted */
    bool extended_master_secret; /* true on TLS 1.3 */
} tls_facts;
const tls_facts *tls_facts_of(tls *session); /* valid until the next call of it */

/* Receiving, s2s: whether the peer's certificate, verified, is for this domain, for EXTERNAL (RFC 6120 13.7.2). */
bool tls_peer_is(const tls *session, const char *domain);

/* Channel binding for sasl_gnu_bind: tls-exporter on TLS 1.3 (RFC 9266), tls-unique on 1.2 with the extended master
 * secret alone (RFC 7627 1). NONE otherwise, before the handshake is complete, and without room. */
#define TLS_BINDING_MAX 64 /* enough room for all */
sasl_binding tls_binding(tls *session, uint8_t *data, size_t room, size_t *size);

#endif
