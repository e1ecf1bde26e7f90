/* negotiator_streams.c - stream headers and restarts (RFC 6120 4.3.3, 4.7), STARTTLS (5)
 *
 * SPDX-License-Identifier: MIT */
#include "negotiator_private.h"

#include <string.h>

/* ---- Ids --------------------------------------------------------------------------------------------------------- */

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* 4.7.3: unpredictable and non-repeating, so from random bytes alone, and at least 128 bits for a stream. */
bool negotiator_random_base64(negotiator *n, char *text, size_t bytes)
{
    uint8_t random[24] = {0};
    if (!n->config.random(n->config.random_context, random, bytes)) {
        return false;
    }
    size_t size = 0;
    for (size_t i = 0; i < bytes; i += 3) {
        uint32_t three = (uint32_t)random[i] << 16 | (uint32_t)random[i + 1] << 8 | random[i + 2];
        text[size++] = base64[three >> 18];
        text[size++] = base64[three >> 12 & 63];
        text[size++] = i + 1 < bytes ? base64[three >> 6 & 63] : '=';
        text[size++] = i + 2 < bytes ? base64[three & 63] : '=';
    }
    text[size] = 0;
    return true;
}

/* ---- Our header -------------------------------------------------------------------------------------------------- */

static void write_optional(writer *w, const char *begin, const char *value)
{
    if (value != NULL && *value != 0) {
        writer_value(w, begin, strlen(begin), value, strlen(value));
    }
}

static void write_header_end(negotiator *n, writer *w)
{
    writer_literal(w, " version='1.0'");
    write_optional(w, " xml:lang='", n->config.lang);
    write_optional(w, " xmlns='", negotiator_content(n));
    writer_literal(w, " xmlns:stream='" NS_STREAMS "'>");
}

/* The initial stream header, with the XML declaration (11.5). */
void negotiator_send_header(negotiator *n)
{
    writer w = negotiator_writer(n);
    writer_literal(&w, "<?xml version='1.0'?><stream:stream");
    write_optional(&w, " from='", n->secured ? n->config.local : NULL); /* 4.7.1: private before TLS */
    write_optional(&w, " to='", n->config.remote);
    write_header_end(n, &w);
    negotiator_ask(n, &w);
    n->header_sent = true;
    n->header_seen = false;
    negotiator_enter(n, STATE_HEADER);
}

/* The response stream header; `to` is the peer's `from` (4.7.2). */
bool negotiator_write_header(negotiator *n, writer *w)
{
    char id[40];
    if (!negotiator_random_base64(n, id, 20)) {
        return false;
    }
    writer_literal(w, "<?xml version='1.0'?><stream:stream");
    write_optional(w, " from='", n->config.local);
    write_optional(w, " id='", id);
    write_optional(w, " to='", n->from);
    write_header_end(n, w);
    n->header_sent = true;
    return true;
}

/* ---- The peer's header ------------------------------------------------------------------------------------------- */

/* Why it is judged only at what follows: servers that do not know the domain answer with a header that has an empty id
 * or no version, and then the stream error that says so. Nothing is negotiated on such a stream (4.7.3: id MUST be
 * there, unique and unpredictable, and an empty one is neither; 4.7.5), but the error is heard. `from` and `to` are not
 * judged (4.7.1, 4.7.2: be liberal): they prove nothing, TLS and SASL do. */
static void judge_response(negotiator *n, const weir_header *header)
{
    n->fault = NULL;
    if (header->version_major == 0) {
        n->fault = "a response header without version 1.0 (RFC 6120 4.7.5)";
        n->fault_condition = "unsupported-version";
    } else if (header->id.size == 0) {
        n->fault = "a response header without id (RFC 6120 4.7.3)";
        n->fault_condition = "bad-format";
    }
}

static negotiator_event_type read_response(negotiator *n, negotiator_event *event)
{
    if (n->sent < n->asked) {
        negotiator_fail(n, NEGOTIATOR_REFUSED, "policy-violation",
                        "a response header before the initial header was sent");
        return NEGOTIATOR_WAIT;
    }
    judge_response(n, &n->xml.header);
    negotiator_enter(n, STATE_FEATURES);
    event->xml = &n->xml;
    return NEGOTIATOR_HEADER;
}

bool negotiator_same(weir_slice a, const char *b)
{
    if (a.size != strlen(b)) {
        return false;
    }
    for (size_t i = 0; i < a.size; i++) {
        uint8_t x = a.data[i], y = (uint8_t)b[i];
        x = x >= 'A' && x <= 'Z' ? (uint8_t)(x + 32) : x;
        y = y >= 'A' && y <= 'Z' ? (uint8_t)(y + 32) : y;
        if (x != y) {
            return false;
        }
    }
    return true;
}

/* An address that can be told back without escaping (RFC 7622 3.3.1), and is not too long. */
static bool take_from(negotiator *n, weir_slice from)
{
    n->from[0] = 0;
    if (from.size > sizeof n->from - 1) {
        return false;
    }
    for (size_t i = 0; i < from.size; i++) {
        if (from.data[i] <= ' ' || memchr("\"&'<>", from.data[i], 5) != NULL) {
            return false;
        }
    }
    memcpy(n->from, from.data, from.size);
    n->from[from.size] = 0;
    return true;
}

/* NULL: nothing is wrong with it. */
static const char *initial_fault(negotiator *n, const char **detail)
{
    const weir_header *header = &n->xml.header;
    if (header->from.size != 0 && !take_from(n, header->from)) {
        *detail = "the `from` of the initial header is no address (RFC 6120 4.9.3.9)";
        return "invalid-from";
    }
    if (!negotiator_same(header->to, n->config.local)) {
        *detail = "the `to` of the initial header is not this domain (RFC 6120 4.7.2)";
        return "host-unknown";
    }
    if (header->version_major == 0) {
        *detail = "an initial header without version 1.0 (RFC 6120 4.7.5)";
        return "unsupported-version";
    }
    if (n->config.server && n->secured && n->from[0] == 0) {
        *detail = "the initial header of a server without `from` under TLS (RFC 6120 4.7.1)";
        return "invalid-from";
    }
    if (n->authenticated && n->from[0] != 0 && !negotiator_is_authenticated(n)) {
        *detail = "the `from` of the initial header is not who authenticated (RFC 6120 4.9.3.9)";
        return "invalid-from";
    }
    return NULL;
}

static negotiator_event_type read_initial(negotiator *n, negotiator_event *event)
{
    const char *detail = "";
    n->from[0] = 0;
    const char *condition = initial_fault(n, &detail);
    if (condition != NULL) {
        negotiator_fail(n, NEGOTIATOR_REFUSED, condition, detail);
        return NEGOTIATOR_WAIT;
    }
    writer w = negotiator_writer(n);
    if (!negotiator_write_header(n, &w)) {
        negotiator_break_off(n, NEGOTIATOR_INTERNAL, "no random bytes");
        return NEGOTIATOR_WAIT;
    }
    negotiator_write_features(n, &w);
    negotiator_say(n, &w);
    negotiator_enter(n, STATE_REQUEST);
    if (n->authenticated && n->config.server) {
        negotiator_make_ready(n);
    }
    event->xml = &n->xml;
    return NEGOTIATOR_HEADER;
}

negotiator_event_type negotiator_header(negotiator *n, negotiator_event *event)
{
    n->header_seen = true;
    if (n->state != STATE_HEADER) { /* closing: it comes too late to mean anything */
        return NEGOTIATOR_WAIT;
    }
    return n->config.role == NEGOTIATOR_INITIATING ? read_response(n, event) : read_initial(n, event);
}

/* Ours goes first where we are the initiating entity. */
static void await_header(negotiator *n)
{
    if (n->config.role == NEGOTIATOR_INITIATING) {
        negotiator_send_header(n);
    } else {
        n->header_sent = false;
        negotiator_enter(n, STATE_HEADER);
    }
}

/* 4.3.3: no closing tag, new headers. The decoder cannot refuse: it is between first-level elements, and has the
 * memory; if it did, it would refuse the new header, too. */
void negotiator_restart(negotiator *n, const weir_limits *limits)
{
    (void)weir_restart(&n->decoder, limits);
    await_header(n);
}

/* ---- TLS --------------------------------------------------------------------------------------------------------- */

void negotiator_begin_tls(negotiator *n)
{
    negotiator_enter(n, STATE_TLS);
    n->due |= DUE_START_TLS;
}

/* 5.4.2.3: TLS begins right after the `>` of <proceed/>. */
void negotiator_starttls(negotiator *n)
{
    writer w = negotiator_writer(n);
    writer_literal(&w, "<proceed xmlns='" NS_TLS "'/>");
    negotiator_say(n, &w);
    negotiator_begin_tls(n);
}

/* Bytes that come in clear between <proceed/> and the end of the handshake were not protected, and must not be taken
 * for such that were: the command injection of CVE-2011-0411 and its kind. */
void negotiator_tls_input(negotiator *n, weir_slice *input)
{
    bool receiving = n->config.role == NEGOTIATOR_RECEIVING;
    bool starttls = n->config.security == NEGOTIATOR_STARTTLS;
    while (receiving && starttls && input->size != 0 && memchr(" \t\r\n", input->data[0], 4) != NULL) {
        input->data++;
        input->size--;
    }
    if (input->size == 0) {
        return;
    }
    if (!receiving) {
        negotiator_break_off(n, NEGOTIATOR_REFUSED, "bytes in clear where TLS begins (RFC 6120 5.4.3.1)");
    } else if (n->sent < n->queued) {
        negotiator_break_off(n, NEGOTIATOR_REFUSED, "bytes after <starttls/>, before <proceed/> (RFC 6120 5.4.3.1)");
    }
}

/* 5.4.3.3: what was learned in clear is forgotten. */
static void forget(negotiator *n)
{
    n->from[0] = 0;
    n->fault = NULL;
    n->offered = 0;
    n->bindings = 0;
    n->features = 0;
    n->failures = 0;
    negotiator_collect_nothing(n);
}

bool negotiator_secured(negotiator *n, const negotiator_tls *tls, uint64_t now)
{
    negotiator_tick(n, now);
    if (n->state != STATE_TLS || n->due != 0 || n->sent < n->queued) {
        return false;
    }
    n->tls = *tls;
    n->secured = true;
    bool initiating = n->config.role == NEGOTIATOR_INITIATING;
    if (initiating && !tls->verified && !n->config.probe) {
        negotiator_break_off(n, NEGOTIATOR_TLS_FAILED, "the certificate was not verified (RFC 6120 13.7.2)");
        return true;
    }
    forget(n);
    if (n->header_seen) {
        negotiator_restart(n, &n->config.before);
    } else { /* direct TLS: the first stream */
        await_header(n);
    }
    return true;
}
