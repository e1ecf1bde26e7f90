/* negotiator.h - the negotiation of an XMPP stream, for either end, without socket, clock or allocation
 *
 * Bytes in, bytes and requests out. The negotiator takes the bytes that the transport brought (after TLS, once there is
 * TLS), answers with bytes to send, and says by events what the driver has to do: start TLS, show what was
 * negotiated, deliver a stanza, end the transport. Time is told to it, SASL is behind the functions of sasl.h, random
 * bytes are behind a callback, so that a test or a fuzzer plays the whole world.
 *
 *     negotiator_init(&n, &config, workspace, negotiator_workspace_size(&config));
 *     negotiator_open(&n, now);                       as soon as the transport is there
 *     for (;;) {
 *         while (negotiator_next(&n, &input, now, &event) != NEGOTIATOR_WAIT)
 *             ... one event; NEGOTIATOR_ENDED: stop ...
 *         output = negotiator_output(&n); ... send ...; negotiator_sent(&n, count, now);
 *         ... wait for bytes, for room to send, or until negotiator_deadline(&n) ...
 *     }
 *     negotiator_wipe(&n);
 *
 * What the driver owes:
 *   - `now` is milliseconds of a clock that does not go back (if it does, the negotiator takes the latest it saw).
 *   - All bytes that the transport brought go through negotiator_next, in order, before anything else is reported of
 *     it. Bytes left in `input` at NEGOTIATOR_WAIT must be offered again, before others: there are such while output
 *     has to be sent first, and where TLS begins at the receiving entity (NEGOTIATOR_START_TLS).
 *   - negotiator_sent counts bytes handed to the transport, or to TLS. An answer that arrives while its question was
 *     not handed over yet is refused: nobody can answer what was not asked.
 *   - negotiator_next is called when the deadline has come, with empty input if there is none.
 *
 * Slices in events point into the input, the workspace or the struct, and die at the next call of any function that
 * takes the negotiator by a non-const pointer. The struct holds no pointer into itself. Threads: negotiators share
 * nothing.
 *
 * What it never does: send credentials before negotiator_secured said that the peer's certificate is right; go on in
 * clear after TLS was asked for; try a second, weaker mechanism; send anything after its closing tag; end later than
 * its deadlines.
 *
 * RFC 6120 section 4 (streams), 5 (STARTTLS), 6 (SASL), 7 (binding), 13.8, 13.9; RFC 7590; XEP-0368; XEP-0440 (read, to
 * say what is wrong).
 *
 * SPDX-License-Identifier: MIT */
#ifndef NEGOTIATOR_H
#define NEGOTIATOR_H

#include "../../parser/weir.h"
#include "sasl.h"

/* ---- Configuration ----------------------------------------------------------------------------------------------- */

typedef enum negotiator_role { NEGOTIATOR_INITIATING, NEGOTIATOR_RECEIVING } negotiator_role;

/* How the transport is secured. It always is: there is no third. */
typedef enum negotiator_security {
    NEGOTIATOR_STARTTLS,   /* asked for even where it is not offered (RFC 7590 3.1); receiving: required */
    NEGOTIATOR_DIRECT_TLS, /* before the first byte (XEP-0368): the first event is NEGOTIATOR_START_TLS */
} negotiator_security;

/* Milliseconds; each phase has its own, counted from its begin. What trickles in does not put a deadline off. 0: never,
 * except for `close` and `step`, which 0 makes the default. */
typedef struct negotiator_times {
    uint32_t tls;       /* from NEGOTIATOR_START_TLS to negotiator_secured */
    uint32_t step;      /* each answer of the peer during the negotiation, complete; from our question, and anew from
                         * when all of it was handed over */
    uint32_t keepalive; /* after so long without sending: one space (RFC 6120 4.6.1), only after the negotiation */
    uint32_t idle;      /* after so long without receiving, once negotiated, the connection is given up */
    uint32_t close;     /* from our closing tag to the peer's, then as much for the end of the transport */
} negotiator_times;

#define NEGOTIATOR_DEFAULT_TLS 10000u
#define NEGOTIATOR_DEFAULT_STEP 10000u
#define NEGOTIATOR_DEFAULT_KEEPALIVE 150000u
#define NEGOTIATOR_DEFAULT_IDLE 0u
#define NEGOTIATOR_DEFAULT_CLOSE 5000u

/* The strings must live as long as the negotiator. They are escaped where they are written; local, remote and lang may
 * hold nothing that would have to be: no white space, quotes, `&`, `<`, `>` (RFC 7622 3.3.1). */
typedef struct negotiator_config {
    negotiator_role role;
    negotiator_security security;
    bool server;               /* s2s: content namespace jabber:server, no binding */
    bool probe;                /* initiating: close after the features that offer authentication; a certificate
                                * that is wrong does not stop it, as nothing secret is sent */
    const char *local;         /* initiating: bare JID (server: its domain) or NULL, sent as `from` only under TLS
                                * (4.7.1); receiving: its domain */
    const char *remote;        /* initiating: the domain (`to`); receiving: NULL */
    const char *resource;      /* initiating: asked for in binding; NULL: the server chooses */
    const char *lang;          /* xml:lang of our headers; NULL: none */
    weir_limits before, after; /* of the decoder, before and after authentication; `after` also of what is sent */
    size_t output;             /* bytes of the output buffer, at least NEGOTIATOR_OUTPUT_MIN; the longest stanza that
                                * negotiator_send takes is NEGOTIATOR_RESERVE shorter */
    negotiator_times times;
    sasl_policy policy;  /* initiating: mechanisms that may be tried; receiving: mechanisms offered */
    sasl_functions sasl; /* one exchange at a time */
    void *sasl_context;
    bool (*random)(void *context, uint8_t *bytes, size_t size); /* for ids; false: the negotiation fails */
    void *random_context;
} negotiator_config;

#define NEGOTIATOR_OUTPUT_MIN 16384u
#define NEGOTIATOR_OUTPUT_DEFAULT 65536u
#define NEGOTIATOR_RESERVE 1024u /* of the output buffer, kept for stream error, closing tag, keepalive */

/* Default times, limits and output size; SCRAM mechanisms allowed; STARTTLS; all else zero. */
void negotiator_config_default(negotiator_config *config, negotiator_role role);

/* Bytes of workspace; 0 when a limit or the output size is out of range. */
size_t negotiator_workspace_size(const negotiator_config *config);

/* What the driver learned from TLS. */
typedef struct negotiator_tls {
    bool verified;        /* the peer's certificate was checked against the domain; receiving: against its `from`, if it
                           * has one (EXTERNAL is offered only then) */
    sasl_binding binding; /* the channel binding that the driver put into the SASL context (tls-exporter: RFC 9266 on
                           * TLS 1.3; tls-unique: RFC 5929 on TLS 1.2 with the extended master secret) */
    bool tls13;           /* for the advice in errors */
} negotiator_tls;

/* ---- Events ------------------------------------------------------------------------------------------------------ */

typedef enum negotiator_event_type {
    /* Nothing to do before bytes, room for output, an answer of the driver, or the deadline. */
    NEGOTIATOR_WAIT = 0,
    /* The peer's stream header; xml. */
    NEGOTIATOR_HEADER,
    /* One feature of <stream:features/>: name, required. Before it, its parts: <mechanism/> and <channel-binding/>
     * (XEP-0440), each with its name, and what it names in text. */
    NEGOTIATOR_FEATURE,
    /* The handshake is due: send all output, then make it; answer by negotiator_secured or negotiator_transport. Not
     * given where a byte follows that may not be there. Initiating: from here on all bytes of the transport are TLS's.
     * Receiving: white space may still come before TLS (real clients send it), so go on giving what arrives to
     * negotiator_next until, all output being sent, it leaves bytes in the input: with those TLS begins. In either
     * role, a byte given to negotiator_next that may not be there ends the negotiation. */
    NEGOTIATOR_START_TLS,
    /* The mechanism of this exchange: mechanism, use, binding. */
    NEGOTIATOR_MECHANISM,
    /* The exchange is complete; initiating: where the mechanism has a signature of the server, it was right. Receiving:
     * text is who it is, as sasl.h says. */
    NEGOTIATOR_AUTHENTICATED,
    /* text: the full JID. */
    NEGOTIATOR_BOUND,
    /* Stanzas may go both ways (negotiator_send). */
    NEGOTIATOR_READY,
    /* xml: one event of the decoder (START, TEXT, END) of a first-level element and what is in it; also of elements
     * that are no stanzas (4.8.4), and after our closing tag (4.4). */
    NEGOTIATOR_STANZA,
    /* Our last byte is in the output: send it all, then close_notify, then read and discard until the peer's, or the
     * end of TCP; then report by negotiator_transport. Bytes may still be given to negotiator_next. Outcome and what
     * belongs to it as far as they are known: CLOSED may still become CLOSED_BARE. */
    NEGOTIATOR_CLOSE_TRANSPORT,
    /* Outcome and what belongs to it; final: every later call gives it again. It may come without CLOSE_TRANSPORT: then
     * nothing is to be said, and the transport is ended at once. */
    NEGOTIATOR_ENDED
} negotiator_event_type;

/* How it ended. The order is that of weir-connect's exit codes. */
typedef enum negotiator_outcome {
    NEGOTIATOR_CLOSED = 0,        /* both closing tags, and close_notify of the peer (without TLS: the end of TCP) */
    NEGOTIATOR_CLOSED_BARE,       /* both closing tags, no close_notify of the peer */
    NEGOTIATOR_TRUNCATED,         /* the transport ended before the peer's closing tag */
    NEGOTIATOR_TIMED_OUT,         /* a deadline passed; detail says of what */
    NEGOTIATOR_REFUSED,           /* the peer broke the protocol, or closed before the negotiation was complete; detail:
                                   * which rule, with its section */
    NEGOTIATOR_INVALID_XML,       /* the decoder refused the peer's bytes; error has code and offset */
    NEGOTIATOR_STREAM_ERROR,      /* the peer sent a stream error; condition, and its words in text */
    NEGOTIATOR_TLS_FAILED,        /* <failure/> of STARTTLS, certificate not verified, or the driver's report */
    NEGOTIATOR_NOT_AUTHENTICATED, /* no mechanism that the policy allows, or <failure/> (condition, text), or a wrong
                                   * signature of the server */
    NEGOTIATOR_NOT_BOUND,         /* binding not offered, or refused (condition) */
    NEGOTIATOR_TRANSPORT_FAILED,  /* reset, no route, … as the driver reported */
    NEGOTIATOR_INTERNAL,          /* no random bytes, SASL library failed */
    NEGOTIATOR_ABANDONED          /* negotiator_close where no closing tag can be sent: before negotiator_open, or while
                                   * TLS is asked for or made (5.4.3.1) */
} negotiator_outcome;

const char *negotiator_outcome_name(negotiator_outcome outcome); /* "closed", "timed-out", … */

/* `type` is always set, `xml` NULL where it has none; other fields only where the type's line names them. */
typedef struct negotiator_event {
    negotiator_event_type type;
    const weir_event *xml;
    weir_name name;
    weir_slice text;
    bool required;
    sasl_mechanism mechanism;
    sasl_binding_use use;
    sasl_binding binding;
    /* ENDED, CLOSE_TRANSPORT */
    negotiator_outcome outcome;
    weir_error error;      /* code 0: none */
    const char *condition; /* of the peer's stream error, SASL failure or stanza error (a defined name, or
                            * "undefined-condition"), or of the stream error that we sent; "" else. Never NULL */
    const char *detail;    /* an English text, without secrets; "" when there is nothing to say */
    bool ready;            /* the negotiation had been complete */
    bool sent_error;       /* condition is that of a stream error that we sent */
    bool after_close;      /* other bytes than white space came after the peer's closing tag; they were not looked at */
} negotiator_event;

/* ---- The negotiator ---------------------------------------------------------------------------------------------- */

typedef struct negotiator negotiator; /* at the end of this file */

/* Copies the config, not its strings. False: a missing string or callback, a size or limit out of range, a workspace
 * too small or misaligned (as malloc gives it is right). Nothing is sent before negotiator_open. */
bool negotiator_init(negotiator *n, const negotiator_config *config, void *workspace, size_t size);

/* The transport is there. A second call does nothing. */
void negotiator_open(negotiator *n, uint64_t now);

/* Goes on to the next event, taking bytes from `input` as weir_next does. `input` may be NULL: no bytes. */
negotiator_event_type negotiator_next(negotiator *n, weir_slice *input, uint64_t now, negotiator_event *event);

/* Bytes to send; `count` of them were handed to the transport or to TLS. */
weir_slice negotiator_output(const negotiator *n);
void negotiator_sent(negotiator *n, size_t count, uint64_t now);

/* When negotiator_next must be called at the latest; UINT64_MAX: no deadline. */
uint64_t negotiator_deadline(const negotiator *n);

/* The answer to NEGOTIATOR_START_TLS: the handshake is complete. All that was learned before is forgotten (5.4.3.3).
 * Out of place, it does nothing and returns false. */
bool negotiator_secured(negotiator *n, const negotiator_tls *tls, uint64_t now);

typedef enum negotiator_transport_end {
    NEGOTIATOR_TRANSPORT_CLOSED, /* the peer's close_notify came; without TLS: the end of TCP */
    NEGOTIATOR_TRANSPORT_CUT,    /* TCP ended without close_notify, under TLS */
    NEGOTIATOR_TRANSPORT_RESET,  /* reset, unreachable, a system call that failed */
    NEGOTIATOR_TRANSPORT_TLS     /* the handshake failed, a certificate was wrong, an alert came */
} negotiator_transport_end;

/* The transport ended, how, and why (`detail`: copied, without secrets, may be NULL). All its bytes were given to
 * negotiator_next before. The next event is NEGOTIATOR_ENDED. A second call does nothing. */
void negotiator_transport(negotiator *n, negotiator_transport_end how, const char *detail, uint64_t now);

typedef enum negotiator_send_result {
    NEGOTIATOR_SEND_TAKEN,     /* in the output, whole */
    NEGOTIATOR_SEND_FULL,      /* back-pressure: not taken; again when negotiator_output was sent */
    NEGOTIATOR_SEND_TOO_LARGE, /* never fits: longer than config.output - NEGOTIATOR_RESERVE */
    NEGOTIATOR_SEND_INVALID,   /* not exactly one first-level element that a strict peer accepts; `error`, if not NULL,
                                * says where and why */
    NEGOTIATOR_SEND_NOT_READY  /* before NEGOTIATOR_READY, after negotiator_close, or after the end */
} negotiator_send_result;

/* Sends one first-level element, given as the bytes to send. They are decoded first, as the peer will, after our header
 * and with the limits of config.after: nothing that would close the stream, open another, or be two elements gets
 * through. */
negotiator_send_result negotiator_send(negotiator *n, const void *bytes, size_t size, weir_error *error, uint64_t now);

/* Closes: our closing tag is sent after what negotiator_send took, nothing after it; what arrives is still delivered
 * until the peer's closing tag or the deadline (4.4). At any time, any number of times. */
void negotiator_close(negotiator *n, uint64_t now);

/* Closes with a stream error of our own: `condition` is one of RFC 6120 4.9.3, for instance "not-authorized"; the
 * outcome is REFUSED with `detail` (copied). For what the application refuses; out of place (before the header was
 * exchanged, after our closing tag) it is negotiator_close. */
void negotiator_refuse(negotiator *n, const char *condition, const char *detail, uint64_t now);

/* Ends a SASL exchange that is open and clears all it knows. Safe at any time after negotiator_init; only init is then
 * allowed. */
void negotiator_wipe(negotiator *n);

bool negotiator_ready(const negotiator *n);      /* between NEGOTIATOR_READY and our closing tag */
const char *negotiator_jid(const negotiator *n); /* the full JID that was bound, of the initiating entity; "" before */

/* ---- Private ----------------------------------------------------------------------------------------------------- */

#define NEGOTIATOR_JID_MAX 3071u /* RFC 7622 3.1 */
#define NEGOTIATOR_TEXT_MAX 4096u
#define NEGOTIATOR_DETAIL_MAX 256u

struct negotiator {
    negotiator_config config;
    negotiator_tls tls;
    weir_decoder decoder, checker; /* of what comes; of what negotiator_send is given */
    weir_event xml;
    uint8_t *memory, *checker_memory, *output;
    size_t memory_size, output_used;
    uint64_t queued, sent; /* bytes ever put into the output, and taken from it */
    uint64_t asked;        /* `queued` after our last question */
    uint64_t now, step_at, sent_at, received_at;
    uint32_t state, part, due;  /* negotiator_private.h */
    uint32_t offered, bindings; /* of <stream:features/>: mechanisms and channel bindings, as sets */
    uint32_t features, feature; /* set of those seen that matter; the one that is being read */
    uint32_t rounds, failures;  /* of the SASL exchange; of the peer's tries */
    sasl_mechanism mechanism;
    sasl_binding_use use;
    sasl_binding binding;
    bool secured, authenticated, ready;
    bool header_sent, header_seen, closing_sent, closing_seen;
    bool exchange, complete; /* of SASL: begun; nothing more is expected */
    bool in_text, text_cut, required, has_condition;
    bool decided, sent_error, after_close, checking;
    negotiator_outcome outcome;
    weir_error error;
    const char *fault, *fault_condition; /* of the response header; acted upon at what follows it */
    char condition[40];
    char detail[NEGOTIATOR_DETAIL_MAX];
    char id[256]; /* of a binding request, ours or the peer's */
    char jid[NEGOTIATOR_JID_MAX + 1];
    char from[NEGOTIATOR_JID_MAX + 1]; /* receiving: of the initial header */
    uint32_t text_size;
    uint8_t text[NEGOTIATOR_TEXT_MAX]; /* of the element that is being read; of the peer's error */
    uint8_t reply[SASL_MESSAGE_MAX];   /* of SASL */
};

#endif
