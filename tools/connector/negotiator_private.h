/* negotiator_private.h - what the files of the negotiator share
 *
 * The shape: negotiator.c takes one event of the decoder after the other. Of a first-level element, the state says what
 * it may be (negotiator_begin: it becomes a part, or is refused); the part says what may be in it (inside) and what it
 * means once it is complete. What has to be said without another byte is due (enum due), and is said first.
 *
 *     negotiator.c           the loop, time, the functions of the header
 *     negotiator_parts.c     which element may come in which state; texts and errors that the peer sends
 *     negotiator_streams.c   headers and restarts (RFC 6120 4.3.3, 4.7), STARTTLS (5)
 *     negotiator_features.c  <stream:features/> of both ends (4.3.2)
 *     negotiator_mechanism.c which mechanism is tried
 *     negotiator_sasl.c      SASL of both ends (6)
 *     negotiator_bind.c      resource binding of both ends (7)
 *     negotiator_send.c      stanzas to send
 *     negotiator_close.c     every way to end (4.4, 4.9)
 *
 * SPDX-License-Identifier: MIT */
#ifndef NEGOTIATOR_PRIVATE_H
#define NEGOTIATOR_PRIVATE_H

#include "negotiator.h"
#include "writer.h"

#define NS_STREAMS "http://etherx.jabber.org/streams"
#define NS_TLS "urn:ietf:params:xml:ns:xmpp-tls"
#define NS_SASL "urn:ietf:params:xml:ns:xmpp-sasl"
#define NS_BIND "urn:ietf:params:xml:ns:xmpp-bind"
#define NS_STREAM_ERRORS "urn:ietf:params:xml:ns:xmpp-streams"
#define NS_STANZA_ERRORS "urn:ietf:params:xml:ns:xmpp-stanzas"
#define NS_CHANNEL_BINDING "urn:xmpp:sasl-cb:0" /* XEP-0440 */

#define NEGOTIATOR_ROOM                                                                                                \
    8192u                        /* of the output, before anything is read during the negotiation: more than any answer
                               * takes */
#define NEGOTIATOR_ROUNDS_MAX 8u /* of a SASL exchange; SCRAM needs 2 */
#define NEGOTIATOR_FAILURES_MAX 3u /* tries of the peer: 6.4.5 says 2 to 5 */

enum negotiator_state {
    STATE_NEW,
    STATE_TLS,      /* the handshake is due or under way */
    STATE_HEADER,   /* the peer's stream header is to come */
    STATE_FEATURES, /* initiating */
    STATE_STARTTLS, /* initiating: <proceed/> or <failure/> is to come */
    STATE_SASL,     /* initiating: answer to <auth/> or <response/> */
    STATE_BIND,     /* initiating: answer to our request */
    STATE_REQUEST,  /* receiving: the peer is to ask for what was offered */
    STATE_READY,
    STATE_CLOSING,   /* our closing tag was sent, the peer's is to come */
    STATE_TRANSPORT, /* nothing is sent any more; the transport is to end */
    STATE_ENDED
};

/* What the first-level element at hand is. */
enum negotiator_part {
    PART_IGNORED,
    PART_STANZA,
    PART_STREAM_ERROR,
    PART_FEATURES,
    PART_PROCEED,
    PART_TLS_FAILURE,
    PART_CHALLENGE,
    PART_SUCCESS,
    PART_SASL_FAILURE,
    PART_BOUND,        /* the answer to our binding request */
    PART_STANZA_ERROR, /* likewise, type='error' */
    PART_STARTTLS,
    PART_AUTH,
    PART_RESPONSE,
    PART_ABORT,
    PART_BIND /* a binding request */
};

/* What is due, in this order: lowest bit first. */
enum negotiator_due {
    DUE_START_TLS = 1,
    DUE_MECHANISM = 2,
    DUE_AUTHENTICATED = 4,
    DUE_BOUND = 8,
    DUE_READY = 16,
    DUE_CLOSE_TRANSPORT = 32
};

/* Features that the initiating entity knows; of the answer to a binding request, that there was a <jid/>. */
enum negotiator_feature {
    FEATURE_OTHER = 0,
    FEATURE_MECHANISMS = 1,
    FEATURE_BIND = 2,
    FEATURE_CHANNEL_BINDING = 4,
    FEATURE_BOUND = 8
};

/* Offered beside those that we speak; in one set with SASL_ALLOWED of these. */
#define OFFERED_OTHER_SCRAM (1u << 30) /* SCRAM of another hash, with or without -PLUS */
#define OFFERED_OTHER_PLUS (1u << 31)  /* any other -PLUS */

/* ---- negotiator.c */
void negotiator_enter(negotiator *n, enum negotiator_state state); /* a new step; after the end it does nothing */
const char *negotiator_content(const negotiator *n);               /* jabber:client or jabber:server */
writer negotiator_writer(negotiator *n);                           /* on the free part of the output */
void negotiator_tick(negotiator *n, uint64_t now);
void negotiator_say(negotiator *n, writer *w); /* what cannot be written ends it: INTERNAL */
void negotiator_ask(negotiator *n, writer *w); /* the same, of what has to be answered */

/* ---- negotiator_parts.c */
bool negotiator_slice_is(weir_slice slice, const char *text);
bool negotiator_name_is(const weir_name *name, const char *namespace_name, const char *local);
weir_slice negotiator_attribute(const weir_event *xml, const char *local); /* data NULL: it is not there */
void negotiator_begin(negotiator *n);
negotiator_event_type negotiator_inside(negotiator *n, negotiator_event *event);
void negotiator_complete(negotiator *n);
void negotiator_collect(negotiator *n); /* the text of an event */
void negotiator_collect_nothing(negotiator *n);

/* ---- negotiator_streams.c */
void negotiator_send_header(negotiator *n);
bool negotiator_write_header(negotiator *n, writer *w);                          /* receiving; false: no random bytes */
negotiator_event_type negotiator_header(negotiator *n, negotiator_event *event); /* the peer's came */
void negotiator_starttls(negotiator *n);                                         /* receiving: asked for */
void negotiator_begin_tls(negotiator *n);
void negotiator_restart(negotiator *n, const weir_limits *limits); /* a new stream, both ways */
void negotiator_tls_input(negotiator *n, weir_slice *input);
bool negotiator_same(weir_slice a, const char *b);                      /* but for the case of ASCII letters */
bool negotiator_random_base64(negotiator *n, char *text, size_t bytes); /* a multiple of 3, or 20 */

/* ---- negotiator_features.c */
negotiator_event_type negotiator_read_feature(negotiator *n, negotiator_event *event);
void negotiator_features_complete(negotiator *n);
void negotiator_write_features(negotiator *n, writer *w);
uint32_t negotiator_offered(const negotiator *n); /* receiving: mechanisms, as a set */

/* ---- negotiator_mechanism.c */
typedef struct mechanism_choice {
    sasl_mechanism mechanism;
    sasl_binding_use use;
    sasl_binding binding;
} mechanism_choice;

/* What the name of a mechanism adds to the set of those offered. */
uint32_t negotiator_mechanism_bit(const char *name, size_t size);

/* False: none may be tried, *why says why. `bindings`: a set of 1u << sasl_binding that the server listed (XEP-0440);
 * 0: it listed none. */
bool negotiator_choose(uint32_t offered, uint32_t bindings, const sasl_policy *policy, const negotiator_tls *tls,
                       mechanism_choice *choice, const char **why);

/* ---- negotiator_sasl.c */
void negotiator_authenticate(negotiator *n);
void negotiator_challenge(negotiator *n);
void negotiator_success(negotiator *n);
void negotiator_sasl_failure(negotiator *n);
void negotiator_auth(negotiator *n);
void negotiator_response(negotiator *n);
void negotiator_abort(negotiator *n);
void negotiator_end_exchange(negotiator *n);
bool negotiator_is_authenticated(const negotiator *n); /* receiving: whether the header's `from` is who n->jid says */

/* ---- negotiator_bind.c */
void negotiator_bind(negotiator *n);
void negotiator_read_binding(negotiator *n); /* what is in a binding request, or in its answer */
void negotiator_bound(negotiator *n);
void negotiator_not_bound(negotiator *n);
void negotiator_bind_request(negotiator *n); /* complete */
bool negotiator_is_bind_request(negotiator *n);

/* ---- negotiator_send.c */
bool negotiator_is_ours(const weir_event *event); /* an element of stream, TLS or SASL */
void negotiator_make_ready(negotiator *n);        /* the negotiation is complete */

/* ---- negotiator_close.c */
void negotiator_decide(negotiator *n, negotiator_outcome outcome, const char *detail); /* the first decision stays */
void negotiator_fail(negotiator *n, negotiator_outcome outcome, const char *condition, const char *detail);
void negotiator_give_up(negotiator *n, negotiator_outcome outcome, const char *detail);   /* closes, no error of the
                                                                                         * stream */
void negotiator_break_off(negotiator *n, negotiator_outcome outcome, const char *detail); /* where no XML can be sent */
void negotiator_close_stream(negotiator *n);
void negotiator_peer_closed(negotiator *n);
void negotiator_stream_error(negotiator *n);
void negotiator_invalid_xml(negotiator *n);
void negotiator_time_out(negotiator *n);

#endif
