/* negotiation_watch.c - the oracles of negotiation.h, and SASL by a stub
 *
 * SPDX-License-Identifier: MIT */
#include "arena.h"
#include "negotiation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void watch_fail(const negotiation *n, const char *what)
{
    fprintf(stderr, "==== fuzz: %s\n", what);
    fprintf(stderr, "---- state %u, %s, time %llu, outcome %s: %s\n", n->negotiator.state,
            n->config.role == NEGOTIATOR_INITIATING ? "initiating" : "receiving", (unsigned long long)n->now,
            negotiator_outcome_name(n->negotiator.outcome), n->negotiator.detail);
    weir_slice output = negotiator_output(&n->negotiator);
    fprintf(stderr, "---- said: %.*s\n---- to say: %.*s\n", (int)n->said, (const char *)n->output, (int)output.size,
            (const char *)output.data);
    abort();
}

/* ---- SASL -------------------------------------------------------------------------------------------------------- */

#define CANARY "sing-canary-sing"
#define CANARY_BASE64 "AGp1bGlldABzaW5nLWNhbmFyeS1zaW5n" /* of NUL juliet NUL canary */

/* A password looks like this as text, in base64 at each of three places, in hexadecimal, backwards. */
static const char *const canaries[] = {CANARY,
                                       "c2luZy1jYW5hcnktc2lu",
                                       "NpbmctY2FuYXJ5LXNpb",
                                       "zaW5nLWNhbmFyeS1zaW",
                                       "73696e672d63616e6172792d73696e67",
                                       "gnis-yranac-gnis"};

static bool has_canary(const void *bytes, size_t size)
{
    for (size_t i = 0; i < sizeof canaries / sizeof *canaries && size != 0; i++) {
        if (memmem(bytes, size, canaries[i], strlen(canaries[i])) != NULL)
            return true;
    }
    return false;
}

/* Engines learn what they see compared: what the input itself brings is no leak. */
static bool leaks(const negotiation *n, const void *bytes, size_t size)
{
    return has_canary(bytes, size) && !has_canary(n->input, n->size);
}

static bool stub_start(void *context, sasl_mechanism mechanism, sasl_binding_use use, sasl_binding binding)
{
    negotiation *n = context;
    bool initiating = n->config.role == NEGOTIATOR_INITIATING;
    if (!n->secured || (initiating && !n->tls.verified) || (initiating && n->config.probe))
        watch_fail(n, "SASL begins before TLS is verified, or in a probe");
    if ((n->config.policy.allowed & SASL_ALLOWED(mechanism)) == 0)
        watch_fail(n, "a mechanism that is not allowed");
    if (sasl_mechanism_is_plus(mechanism) && (use != SASL_BINDING_USED || binding == SASL_BINDING_NONE))
        watch_fail(n, "-PLUS without channel binding");
    if (n->exchange)
        watch_fail(n, "an exchange begins inside another");
    n->exchange = true;
    n->complete = n->proved = false;
    n->steps = 0;
    n->mechanism = mechanism;
    return n->forced != 4;
}

static bool at_once(sasl_mechanism mechanism)
{
    return mechanism == SASL_PLAIN || mechanism == SASL_EXTERNAL || mechanism == SASL_ANONYMOUS;
}

static sasl_result stub_result(negotiation *n, const char *input, size_t size)
{
    uint32_t forced = n->forced;
    char first = input != NULL && size != 0 ? *input : 0;
    n->forced = 0;
    if (forced == 1 || first == '!')
        return SASL_REFUSED;
    if (forced == 2 || first == '?')
        return SASL_BROKEN;
    if (forced == 3 || at_once(n->mechanism))
        return SASL_COMPLETE;
    return n->steps == 0 || first == 'c' ? SASL_CONTINUE : SASL_COMPLETE;
}

static sasl_result stub_step(void *context, const char *input, size_t input_size, char *output, size_t room,
                             size_t *size)
{
    negotiation *n = context;
    bool initiating = n->config.role == NEGOTIATOR_INITIATING;
    if (!n->exchange || n->complete)
        watch_fail(n, "a step outside an exchange");
    if (initiating && (input == NULL) != (n->steps == 0))
        watch_fail(n, "a step without what came");
    sasl_result result = stub_result(n, input, input_size);
    const char *answer = n->steps++ != 0 && initiating && result == SASL_COMPLETE ? "" : CANARY_BASE64;
    *size = strlen(answer) < room ? strlen(answer) : room;
    memcpy(output, answer, *size);
    n->complete = result != SASL_CONTINUE;
    n->proved = result == SASL_COMPLETE;
    return result;
}

static void stub_end(void *context)
{
    negotiation *n = context;
    n->exchange = false;
}

static const char *stub_reason(void *context)
{
    (void)context;
    return "the stub refused";
}

static const char *stub_condition(void *context)
{
    (void)context;
    return "not-authorized";
}

static const char *stub_username(void *context)
{
    (void)context;
    return "juliet";
}

const sasl_functions negotiation_stub = {stub_start, stub_step, stub_end, stub_reason, stub_condition, stub_username};

/* ---- The beginning ----------------------------------------------------------------------------------------------- */

void watch_begin(negotiation *n)
{
    weir_limits limits = {24, 32, 32, 4096, 8192, 65536, 1000};
    weir_config config = {.framing = WEIR_FRAMING_STREAM,
                          .content = n->config.server ? WEIR_CONTENT_SERVER : WEIR_CONTENT_CLIENT,
                          .limits = limits};
    n->now = 1000000;
    n->random = 0;
    n->no_random = n->start_tls = n->secured = n->header = n->authenticated = n->bound = n->ready = false;
    n->closing = n->ended = n->text = n->peer_header = n->said_closing = n->exchange = n->complete = false;
    n->carried = n->recorded = n->said = 0;
    n->handed = n->watched = n->question[0] = n->question[1] = 0;
    n->auths = n->steps = n->forced = 0;
    size_t size = weir_workspace_size(&limits);
    if (weir_init(&n->peer, &config, fuzz_workspace(1, size), size) != WEIR_OK)
        watch_fail(n, "the watching decoder does not begin");
}

/* ---- Events ------------------------------------------------------------------------------------------------------ */

static void record(negotiation *n, const void *bytes, size_t size)
{
    size_t left = sizeof n->record - n->recorded;
    size = size < left ? size : left;
    if (size != 0)
        memcpy(n->record + n->recorded, bytes, size);
    n->recorded += size;
}

static void record_number(negotiation *n, uint64_t number)
{
    record(n, &number, sizeof number);
}

static void record_slice(negotiation *n, weir_slice slice)
{
    record_number(n, slice.size);
    record(n, slice.data, slice.size);
}

/* Pieces of text are one text. */
static void record_stanza(negotiation *n, const weir_event *xml)
{
    if (xml->type == WEIR_TEXT) {
        if (!n->text)
            record(n, "t", 1);
        record(n, xml->text.data, xml->text.size);
        n->text = true;
        return;
    }
    record(n, n->text ? "." : "", n->text ? 1 : 0);
    n->text = false;
    record_number(n, (uint64_t)xml->type << 32 | xml->depth);
    record_number(n, xml->begin);
    record_slice(n, xml->name.namespace_name);
    record_slice(n, xml->name.local);
    for (uint32_t i = 0; xml->type == WEIR_ELEMENT_START && i < xml->attribute_count; i++)
        record_slice(n, xml->attributes[i].value);
}

static void record_event(negotiation *n, const negotiator_event *event)
{
    if (event->type == NEGOTIATOR_STANZA) {
        record_stanza(n, event->xml);
        return;
    }
    record_number(n, event->type);
    record_slice(n, event->text);
    if (event->type == NEGOTIATOR_FEATURE) {
        record_slice(n, event->name.local);
        record_number(n, event->required);
    } else if (event->type == NEGOTIATOR_MECHANISM) {
        record_number(n, (uint64_t)event->mechanism << 16 | (uint64_t)event->use << 8 | (uint64_t)event->binding);
    } else if (event->type == NEGOTIATOR_CLOSE_TRANSPORT || event->type == NEGOTIATOR_ENDED) {
        record_number(n,
                      (uint64_t)event->outcome << 8 | (uint64_t)event->ready << 2 | (uint64_t)event->sent_error << 1);
        record_number(n, event->after_close);
        record_number(n, (uint64_t)-event->error.code);
        record_number(n, event->error.offset);
        record(n, event->condition, strlen(event->condition));
        record(n, event->detail, strlen(event->detail));
    }
}

static void demand(const negotiation *n, bool right, const char *what)
{
    if (!right)
        watch_fail(n, what);
}

/* What answers a question that was not handed over is nobody's answer. At `authenticated` the next is already put. */
static void watch_answer(const negotiation *n, const negotiator_event *event)
{
    bool answer =
        event->type == NEGOTIATOR_HEADER || event->type == NEGOTIATOR_START_TLS || event->type == NEGOTIATOR_BOUND;
    bool answered = event->type == NEGOTIATOR_AUTHENTICATED;
    if (n->config.role == NEGOTIATOR_INITIATING && (answer || answered))
        demand(n, n->question[answer] <= n->handed, "an answer before the question");
}

static void watch_order(negotiation *n, const negotiator_event *event)
{
    bool going = !n->closing && !n->ended;
    bool initiating = n->config.role == NEGOTIATOR_INITIATING;
    watch_answer(n, event);
    switch (event->type) {
    case NEGOTIATOR_HEADER: demand(n, going && !n->ready, "a header out of order"); break;
    case NEGOTIATOR_FEATURE: demand(n, going && !n->ready && initiating, "a feature out of order"); break;
    case NEGOTIATOR_START_TLS:
        demand(n, going && !n->secured && !n->start_tls, "TLS is asked for twice");
        n->start_tls = true;
        break;
    case NEGOTIATOR_MECHANISM: demand(n, going && n->secured && !n->authenticated, "a mechanism out of order"); break;
    case NEGOTIATOR_AUTHENTICATED:
        demand(n, going && n->secured && !n->authenticated, "authenticated out of order");
        demand(n, !initiating || n->tls.verified, "authenticated by nobody knows whom");
        demand(n, n->sasl != NULL || n->proved, "authenticated without proof");
        n->authenticated = true;
        break;
    case NEGOTIATOR_BOUND:
        demand(n, going && n->authenticated && !n->bound && !n->config.server, "bound out of order");
        n->bound = true;
        break;
    case NEGOTIATOR_READY:
        demand(n, going && n->authenticated && !n->ready && n->bound == !n->config.server, "ready out of order");
        n->ready = true;
        break;
    case NEGOTIATOR_STANZA: demand(n, going && n->ready, "a stanza out of order"); break;
    case NEGOTIATOR_CLOSE_TRANSPORT:
        demand(n, going, "the transport is closed twice");
        n->closing = true;
        break;
    case NEGOTIATOR_ENDED:
    case NEGOTIATOR_WAIT: break;
    }
}

static void watch_end(negotiation *n, const negotiator_event *event)
{
    demand(n, negotiator_output(&n->negotiator).size == 0, "output after the end");
    demand(n, negotiator_deadline(&n->negotiator) == UINT64_MAX, "a deadline after the end");
    demand(n, !n->exchange, "an exchange is left open");
    demand(n, !negotiator_ready(&n->negotiator), "ready after the end");
    demand(n, !n->ended || n->end.outcome == event->outcome, "another end after the end");
    demand(n, event->outcome != NEGOTIATOR_INVALID_XML || event->error.code < 0, "no error where XML was refused");
    n->end = *event;
}

void watch_event(negotiation *n, const negotiator_event *event)
{
    if (event->type == NEGOTIATOR_WAIT) {
        uint64_t deadline = negotiator_deadline(&n->negotiator);
        demand(n, deadline > n->negotiator.now, "a deadline that passed waits");
        demand(n, deadline != UINT64_MAX || negotiator_ready(&n->negotiator), "nothing ends this");
        return;
    }
    demand(n, !n->ended || event->type == NEGOTIATOR_ENDED, "an event after the end");
    demand(n, !leaks(n, event->detail, strlen(event->detail)), "the password in an event");
    watch_order(n, event);
    if (event->type == NEGOTIATOR_ENDED) {
        watch_end(n, event);
    }
    /* START_TLS is seen or not, where bytes follow that may not be there; what comes of it is the same. */
    if (event->type != NEGOTIATOR_START_TLS && !n->ended) {
        record_event(n, event);
    }
    n->ended = n->ended || event->type == NEGOTIATOR_ENDED;
}

/* ---- Output ------------------------------------------------------------------------------------------------------ */

static bool is_in(const weir_event *xml, const char *namespace_name)
{
    weir_slice name = xml->name.namespace_name;
    return name.size == strlen(namespace_name) && memcmp(name.data, namespace_name, name.size) == 0;
}

static bool is_named(const weir_event *xml, const char *local)
{
    return xml->name.local.size == strlen(local) && memcmp(xml->name.local.data, local, xml->name.local.size) == 0;
}

/* What may be said when, as somebody would who knows nothing of the negotiator's insides. */
static void watch_request(negotiation *n, const weir_event *xml)
{
    bool initiating = n->config.role == NEGOTIATOR_INITIATING;
    bool tls = is_in(xml, "urn:ietf:params:xml:ns:xmpp-tls"), sasl = is_in(xml, "urn:ietf:params:xml:ns:xmpp-sasl");
    bool streams = is_in(xml, "http://etherx.jabber.org/streams");
    if (tls) {
        demand(n, !n->secured && is_named(xml, initiating ? "starttls" : "proceed"), "TLS is talked of under TLS");
    } else if (sasl && initiating) {
        bool auth = is_named(xml, "auth");
        demand(n, n->secured && n->tls.verified && !n->authenticated && (auth || is_named(xml, "response")),
               "SASL out of order");
        n->auths += auth;
        demand(n, n->auths <= 1, "a second try");
    } else if (sasl) {
        demand(n, (n->secured || is_named(xml, "failure")) && !n->authenticated, "SASL out of order");
    } else if (streams) {
        demand(n, is_named(xml, "error") || (!initiating && is_named(xml, "features")), "an element of the stream");
    } else {
        demand(n, n->secured && (n->authenticated || n->negotiator.authenticated), "a stanza before authentication");
    }
}

static void watch_xml(negotiation *n, const uint8_t *bytes, size_t size)
{
    weir_slice input = {bytes, size};
    weir_event xml;
    weir_status status;
    demand(n, !n->said_closing, "something after the closing tag");
    if (n->peer_header && size > 5 && memcmp(bytes, "<?xml", 5) == 0) {
        demand(n, weir_restart(&n->peer, NULL) == WEIR_OK, "a header inside an element");
    }
    while ((status = weir_next(&n->peer, &input, &xml)) > 0) {
        n->peer_header = n->peer_header || status == WEIR_STREAM_OPENED;
        n->said_closing = n->said_closing || status == WEIR_STREAM_CLOSED;
        demand(n, !n->said_closing || input.size == 0, "something after the closing tag");
        if (status == WEIR_ELEMENT_START && xml.depth == 2)
            watch_request(n, &xml);
    }
    demand(n, status == WEIR_NEED_MORE, "what is sent is not what a strict peer accepts");
}

void watch_output(negotiation *n)
{
    weir_slice output = negotiator_output(&n->negotiator);
    uint64_t queued = n->handed + output.size;
    if (queued <= n->watched)
        return;
    size_t size = (size_t)(queued - n->watched);
    const uint8_t *bytes = output.data + (output.size - size);
    n->watched = queued;
    n->question[0] = n->question[1];
    n->question[1] = queued;
    watch_xml(n, bytes, size);
}

void watch_secrets(const negotiation *n)
{
    bool verified = n->secured && (n->config.role == NEGOTIATOR_RECEIVING || n->tls.verified);
    demand(n, verified || !leaks(n, n->output, n->said), "the password before TLS is verified");
}
