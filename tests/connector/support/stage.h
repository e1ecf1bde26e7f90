/* stage.h - one negotiator, and all that is around it: transport, clock, SASL, random bytes
 *
 * A test gives bytes and reads what was said and what happened, both as text:
 *
 *     hear(w, "<?xml ...");          all events, until nothing more happens
 *     said(w)                        the bytes to send; they count as handed to the transport then
 *     happened(w)                    a word an event since the last call, separated by spaces:
 *
 * header  feature:NAME[!][=TEXT] (! required)  start-tls  mechanism:NAME,p|y|n[,BINDING]  authenticated[=USER]
 * bound=JID  ready  <NAME> and </NAME> and 'TEXT' of stanzas  close-transport:OUTCOME  ended:OUTCOME[,CONDITION]
 *
 * SPDX-License-Identifier: MIT */
#ifndef TESTS_STAGE_H
#define TESTS_STAGE_H

#include "../../../tools/connector/negotiator.h"

/* One step of SASL as the stub plays it: what must come, what goes out, and how it ends. */
typedef struct sasl_play {
    const char *expected; /* NULL: nothing */
    const char *output;
    sasl_result result;
} sasl_play;

typedef struct stage {
    negotiator negotiator;
    negotiator_config config;
    void *memory;
    uint64_t now;
    negotiator_event last; /* of the last ENDED or CLOSE_TRANSPORT */
    char said[65536], happened[16384];
    bool ended;
    size_t chunk; /* bytes given at once; 0: all */
    bool unsent;  /* hear does not hand the output to the transport first */
    /* SASL */
    const sasl_play *play;
    size_t plays, played;
    bool cannot_start, exchange;
    sasl_mechanism mechanism;
    sasl_binding_use use;
    sasl_binding binding;
    const char *username, *condition;
    int started, ended_exchanges;
    /* random bytes: base64 of what the ids shall be, or counted up */
    const char *const *ids;
    bool no_random;
    uint8_t random;
} stage;

/* A config for the RFC's im.example.com, to be changed before stage_begin. */
void stage_config(stage *w, negotiator_role role);
void stage_begin(stage *w); /* init and open; fails the test when init fails */
void stage_end(stage *w);

void hear(stage *w, const char *bytes);
void hear_bytes(stage *w, const void *bytes, size_t size);
void pass(stage *w, uint64_t milliseconds); /* time, and what it brings */
const char *said(stage *w);
const char *happened(stage *w);
void secure(stage *w, const negotiator_tls *tls); /* NULL: verified, TLS 1.3, no binding */
void transport(stage *w, negotiator_transport_end how);

/* Both in one. */
void expect(stage *w, const char *happened, const char *said);
void expect_end(stage *w, negotiator_outcome outcome); /* ended, exactly once; output empty */

/* To a place in the negotiation, by the usual bytes. What was said and happened on the way is forgotten. */
enum place {
    AT_HEADER,
    AT_FEATURES,
    AT_STARTTLS,
    AT_TLS,
    AT_HEADER_2,
    AT_SASL_FEATURES,
    AT_CHALLENGE,
    AT_SUCCESS,
    AT_HEADER_3,
    AT_BIND_FEATURES,
    AT_BIND,
    AT_READY,
    PLACES
};
extern const char *const place_names[PLACES];
void go_to(stage *w, enum place place);      /* initiating */
void receive_to(stage *w, enum place place); /* receiving; AT_FEATURES and the like: the next request is due */

#define DECLARATION "<?xml version='1.0'?>"
#define STREAM_NAMES " xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'"
#define RESPONSE_HEADER DECLARATION "<stream:stream from='im.example.com' id='t7' version='1.0'" STREAM_NAMES ">"
#define INITIAL_HEADER DECLARATION "<stream:stream to='im.example.com' version='1.0'" STREAM_NAMES ">"
#define CLOSING "</stream:stream>"
#define STARTTLS_FEATURES                                                                                              \
    "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>"
#define STARTTLS "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
#define PROCEED "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
#define MECHANISM(name) "<mechanism>" name "</mechanism>"
#define SASL_FEATURES(mechanisms)                                                                                      \
    "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>" mechanisms                                \
    "</mechanisms></stream:features>"
#define CHALLENGE "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>Y2hhbGxlbmdl</challenge>"
#define SUCCESS "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>c2lnbmF0dXJl</success>"
#define AUTH "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'>aW5pdGlhbA==</auth>"
#define RESPONSE "<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>cmVzcG9uc2U=</response>"
#define BIND_FEATURES "<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>"
#define BIND_REQUEST(inside)                                                                                           \
    "<iq id='b1' type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>" inside "</bind></iq>"
#define STREAM_ERROR(condition)                                                                                        \
    "<stream:error><" condition " xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"

#endif
