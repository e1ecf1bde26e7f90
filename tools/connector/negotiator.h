/* negotiator.h - the negotiation of an XMPP stream, for either end, without socket, clock or allocation
 *
 * Bytes in, bytes and requests out. The negotiator takes the bytes that the transport brought (after TLS, once there is
 * TLS), answers with bytes to send, and says by events what the driver has to do: start TLS, show what was
 * negotiated, deliver a stanza, end the transport. Time is told to it, SASL is behind the functions of sasl.h, random bytes
 * behind a callback, so that a test or a fuzzer plays the whole world.
 *
 *     negotiator_init(&n, &config, workspace, size); negotiator_open(&n, now)
 *     whenever something happened:
 *         while (negotiator_next(&n, &input, now, &event) != NEGOTIATOR_WAIT) ... one event ...
 *         send negotiator_output(&n), then negotiator_sent(&n, count)
 *         wait for bytes, room, or negotiator_deadline(&n)
 *
 * RFC 6120 section 4 (streams), 5 (STARTTLS), 6 (SASL), 7 (binding); section 13.9.4, 13.8; RFC 7590; XEP-0368.
 *
 * SPDX-License-Identifier: MIT */
#ifndef NEGOTIATOR_H
#define NEGOTIATOR_H

#include "../../parser/weir.h"
#include "sasl.h"

typedef enum negotiator_role { NEGOTIATOR_INITIATING, NEGOTIATOR_RECEIVING } negotiator_role;

/* How the transport is secured. */
typedef enum negotiator_security {
    NEGOTIATOR_STARTTLS,   /* mandatory: asked for even where it is not offered (RFC 7590 3.1) */
    NEGOTIATOR_DIRECT_TLS, /* the handshake was made before the first byte (XEP-0368); negotiator_secured comes first */
} negotiator_security;

/* Milliseconds; each phase has its own, counted from its begin. */
typedef struct negotiator_times {
    uint32_t tls;       /* from the request to negotiator_secured */
    uint32_t step;      /* each answer of the peer during the negotiation */
    uint32_t keepalive; /* after so long without sending: one space (4.6.1), only after the negotiation; 0: never */
    uint32_t idle;      /* after so long without receiving, the connection is given up; 0: never */
    uint32_t close;     /* from our closing tag to the peer's, then as much for the end of the transport */
} negotiator_times;

typedef struct negotiator_config {
    negotiator_role role;
    negotiator_security security;
    bool server;                /* s2s: content namespace jabber:server, no binding */
    bool probe;                 /* initiating: close after the features that offer authentication were seen */
    const char *local;          /* initiating: bare JID or empty (`from`, sent only under TLS, 4.7.1); receiving: its domain */
    const char *remote;         /* initiating: the domain (`to`); receiving: NULL */
    const char *resource;       /* asked for in binding; NULL: the server chooses */
    const char *lang;           /* xml:lang of our headers; NULL: none */
    weir_limits before, after;  /* limits of the decoder before and after authentication */
    negotiator_times times;
    sasl_policy policy;         /* initiating: which mechanisms may be tried (sasl.h) */
    sasl_functions sasl;        /* one exchange at a time */
    void *sasl_context;
    bool (*random)(void *context, uint8_t *bytes, size_t size); /* ids; false: the negotiation fails */
    void *random_context;
} negotiator_config;

/* What the driver learned from TLS. Authenticity was checked before by the driver; a failed check is a transport failure. */
typedef struct negotiator_tls {
    bool verified;               /* the peer's certificate was checked against the domain */
    bool exporter, unique;       /* channel bindings that the driver put into the SASL context (RFC 9266; RFC 5929 with EMS) */
    bool tls13;
} negotiator_tls;

typedef enum negotiator_event_type {
    NEGOTIATOR_WAIT = 0,      /* nothing to do before bytes, room for output, an answer of the driver, or the deadline */
    NEGOTIATOR_HEADER,        /* the peer's stream header; xml */
    NEGOTIATOR_FEATURE,       /* one child of <stream:features/>; name, and for a mechanism its name in text */
    NEGOTIATOR_START_TLS,     /* send all output first, then the handshake; ends with negotiator_secured or _transport */
    NEGOTIATOR_MECHANISM,     /* mechanism chosen, and what of channel binding; text, binding */
    NEGOTIATOR_AUTHENTICATED, /* the exchange is complete and, for SCRAM, the server's signature was right */
    NEGOTIATOR_BOUND,         /* text: the full JID */
    NEGOTIATOR_READY,         /* stanzas may go both ways (negotiator_send) */
    NEGOTIATOR_STANZA,        /* xml: one event of the decoder, of a first-level element and what is in it, as it comes */
    NEGOTIATOR_CLOSE_TRANSPORT, /* both closing tags were seen, or a stream error was sent: send all output, then close_notify, read
                                 * and discard until the peer's, report by negotiator_transport */
    NEGOTIATOR_ENDED          /* outcome and detail; final: every later call gives it again */
} negotiator_event_type;

/* How it ended. The order is that of weir-connect's exit codes. */
typedef enum negotiator_outcome {
    NEGOTIATOR_CLOSED = 0,       /* both closing tags, close_notify both ways */
    NEGOTIATOR_CLOSED_BARE,      /* both closing tags, no close_notify of the peer */
    NEGOTIATOR_TRUNCATED,        /* the transport ended before the peer's closing tag */
    NEGOTIATOR_TIMED_OUT,        /* a deadline passed; detail says of which phase */
    NEGOTIATOR_REFUSED,          /* the peer broke the protocol; detail says which rule */
    NEGOTIATOR_INVALID_XML,      /* the decoder refused the peer's bytes; error has code and offset */
    NEGOTIATOR_STREAM_ERROR,     /* the peer sent a stream error; detail: condition */
    NEGOTIATOR_TLS_FAILED,       /* no STARTTLS, or its failure, or the driver's report */
    NEGOTIATOR_NOT_AUTHENTICATED, /* no mechanism that the policy allows, or <failure/>, or a wrong signature of the server */
    NEGOTIATOR_NOT_BOUND,
    NEGOTIATOR_TRANSPORT_FAILED, /* reset, no route, … as the driver reported */
    NEGOTIATOR_INTERNAL          /* no random bytes, SASL library failed */
} negotiator_outcome;

/* The owner of this header completes it: struct negotiator_event, the functions named above, back-pressure of
 * negotiator_send (refused while output is full), negotiator_close (any time, any number of times), negotiator_transport
 * (how the transport ended: end with or without close_notify, reset, TLS alert, timeout of connect …), struct negotiator. */

#endif
