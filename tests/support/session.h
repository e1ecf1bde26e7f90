/* session.h - a decoder with its workspace, and what it says in short
 *
 * SPDX-License-Identifier: MIT */
#ifndef TESTS_SESSION_H
#define TESTS_SESSION_H

#include "../../parser/weir.h"

typedef struct session {
    weir_decoder decoder;
    weir_config config;
    void *workspace; /* of exactly the size asked for */
    size_t workspace_size;
} session;

/* Default limits, any content, the best kernel. */
void session_begin(session *s, weir_framing framing);

/* `workspace_size` 0: what config's limits need. Fails the test when weir_init does. */
void session_begin_with(session *s, const weir_config *config, size_t workspace_size);

void session_end(session *s);

/* Gives all of the text, and says what came, a sign an event: O opened, < start, > end, t text, _ space, C closed; after an
 * error its name and offset, "!SYNTAX@12". Text in several pieces is one t, white space likewise. A static buffer. */
const char *give(session *s, const char *text);

const char *give_bytes(session *s, const void *bytes, size_t size);

/* The next event, which must be of this type. */
void expect_event(session *s, weir_slice *input, weir_event *event, weir_status type);

bool slice_is(weir_slice slice, const char *text);

weir_slice slice_of(const char *text);

#define STREAM_HEADER                                                                                                  \
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0' to='a'>"
#define WEBSOCKET_HEADER "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' version='1.0' to='a'/>"
#define WEBSOCKET_CLOSE "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>"

#endif
