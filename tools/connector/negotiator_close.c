/* negotiator_close.c - every way to end (RFC 6120 4.4, 4.9)
 *
 *     close_stream   our closing tag, then the peer's or the deadline, then the transport
 *     give_up        the same, with an outcome that is decided already
 *     fail           a stream error of ours (4.9.1.1), then the transport
 *     break_off      nothing that could be said may be said: the end
 *
 * The first outcome that is decided stays.
 *
 * SPDX-License-Identifier: MIT */
#include "negotiator_private.h"

#include <stdio.h>
#include <string.h>

const char *negotiator_outcome_name(negotiator_outcome outcome)
{
    static const char *const names[] = {
        "closed",     "closed-bare",       "truncated", "timed-out",        "refused",  "invalid-xml", "stream-error",
        "tls-failed", "not-authenticated", "not-bound", "transport-failed", "internal", "abandoned"};
    return (unsigned)outcome < sizeof names / sizeof *names ? names[outcome] : "";
}

void negotiator_decide(negotiator *n, negotiator_outcome outcome, const char *detail)
{
    if (!n->decided) {
        n->decided = true;
        n->outcome = outcome;
        if (detail != NULL) { /* NULL: what it is stays */
            snprintf(n->detail, sizeof n->detail, "%s", detail);
        }
    }
}

static void to_transport(negotiator *n)
{
    negotiator_end_exchange(n);
    n->due = DUE_CLOSE_TRANSPORT;
    negotiator_enter(n, STATE_TRANSPORT);
}

static void end(negotiator *n)
{
    negotiator_end_exchange(n);
    writer_clear(n->output, n->output_used);
    n->output_used = 0;
    n->sent = n->queued;
    n->due = 0;
    n->state = STATE_ENDED;
}

void negotiator_break_off(negotiator *n, negotiator_outcome outcome, const char *detail)
{
    negotiator_decide(n, outcome, detail);
    end(n);
}

/* ---- Our closing tag --------------------------------------------------------------------------------------------- */

/* Is the other side, or will it soon be, listening for TLS and not for XML (5.4.3.1)? */
static bool tls_begins(const negotiator *n)
{
    return n->state == STATE_TLS || n->state == STATE_STARTTLS;
}

/* 4.9.1.2, 4.4: where our header did not go out yet, it goes first. */
static void write_header_first(negotiator *n, writer *w)
{
    if (!n->header_sent && !negotiator_write_header(n, w)) {
        w->failed = true;
    }
}

void negotiator_close_stream(negotiator *n)
{
    writer w = negotiator_writer(n);
    write_header_first(n, &w);
    writer_literal(&w, "</stream:stream>");
    n->closing_sent = true;
    n->due = 0;
    n->part = n->part == PART_STANZA || n->part == PART_STREAM_ERROR ? n->part : PART_IGNORED;
    negotiator_end_exchange(n);
    negotiator_say(n, &w);
    negotiator_enter(n, STATE_CLOSING);
}

void negotiator_give_up(negotiator *n, negotiator_outcome outcome, const char *detail)
{
    if (outcome != NEGOTIATOR_CLOSED) { /* of that the peer's closing tag decides */
        negotiator_decide(n, outcome, detail);
    } else {
        snprintf(n->detail, sizeof n->detail, "%s", detail);
    }
    negotiator_close_stream(n);
}

void negotiator_close(negotiator *n, uint64_t now)
{
    negotiator_tick(n, now);
    if (n->state >= STATE_CLOSING) {
        return;
    }
    if (n->state == STATE_NEW) {
        negotiator_break_off(n, NEGOTIATOR_ABANDONED, "closed before it was open");
    } else if (tls_begins(n)) {
        negotiator_break_off(n, NEGOTIATOR_ABANDONED, "closed where TLS begins (RFC 6120 5.4.3.1)");
    } else {
        negotiator_close_stream(n);
    }
}

/* ---- Our stream error -------------------------------------------------------------------------------------------- */

static bool send_error(negotiator *n, const char *condition, const char *text)
{
    size_t size;
    bool header_sent = n->header_sent;
    writer room = negotiator_writer(n), *w = &room;
    write_header_first(n, w);
    writer_literal(w, "<stream:error><");
    writer_text(w, condition, strlen(condition));
    writer_literal(w, " xmlns='" NS_STREAM_ERRORS "'/>");
    if (text != NULL) {
        writer_literal(w, "<text xmlns='" NS_STREAM_ERRORS "' xml:lang='en'>");
        writer_text(w, text, strlen(text));
        writer_literal(w, "</text>");
    }
    writer_literal(w, "</stream:error></stream:stream>");
    if (!writer_end(w, &size)) {
        n->header_sent = header_sent;
        return false;
    }
    n->output_used += size;
    n->queued += size;
    return true;
}

/* 4.9.1.1: the error, and the closing tag at once. The peer's is not waited for: what comes after a fault means
 * nothing. */
void negotiator_fail(negotiator *n, negotiator_outcome outcome, const char *condition, const char *detail)
{
    if (tls_begins(n) || n->state == STATE_ENDED) {
        negotiator_break_off(n, outcome, detail);
        return;
    }
    negotiator_decide(n, outcome, detail);
    if (!n->closing_sent) {
        n->sent_error = send_error(n, condition, detail) || send_error(n, condition, NULL);
        n->closing_sent = true;
        if (n->sent_error) {
            snprintf(n->condition, sizeof n->condition, "%s", condition);
        }
    }
    to_transport(n);
}

void negotiator_refuse(negotiator *n, const char *condition, const char *detail, uint64_t now)
{
    negotiator_tick(n, now);
    if (n->state >= STATE_FEATURES && n->state <= STATE_READY && !tls_begins(n)) {
        negotiator_fail(n, NEGOTIATOR_REFUSED, condition, detail);
    } else {
        negotiator_close(n, now);
    }
}

void negotiator_invalid_xml(negotiator *n)
{
    const weir_error *error = weir_last_error(&n->decoder);
    n->error = n->decided ? n->error : *error;
    negotiator_fail(n, NEGOTIATOR_INVALID_XML, weir_error_condition(error->code), weir_error_text(error->code));
}

/* ---- The peer's end ---------------------------------------------------------------------------------------------- */

/* 4.4: answered with ours, after what was taken to be sent; with both seen, the transport ends. */
void negotiator_peer_closed(negotiator *n)
{
    n->closing_seen = true;
    if (n->fault != NULL) {
        negotiator_decide(n, NEGOTIATOR_REFUSED, n->fault);
    }
    if (!n->closing_sent && n->state != STATE_READY) {
        negotiator_decide(n, NEGOTIATOR_REFUSED, "the peer closed the stream before the negotiation was complete");
    }
    if (!n->closing_sent) {
        negotiator_close_stream(n);
    }
    negotiator_decide(n, NEGOTIATOR_CLOSED, NULL);
    to_transport(n);
}

/* 4.9.1.1: the entity that receives the stream error closes the stream. */
void negotiator_stream_error(negotiator *n)
{
    if (n->condition[0] == 0) {
        memcpy(n->condition, "undefined-condition", sizeof "undefined-condition"); /* 4.9.2 */
    }
    n->has_condition = true;
    negotiator_decide(n, NEGOTIATOR_STREAM_ERROR, "the peer sent a stream error (RFC 6120 4.9)");
    if (!n->closing_sent) {
        negotiator_close_stream(n);
    }
}

/* ---- Deadlines, and the end of the transport --------------------------------------------------------------------- */

static const char *awaited(const negotiator *n)
{
    switch ((enum negotiator_state)n->state) {
    case STATE_TLS: return "the TLS handshake";
    case STATE_HEADER: return "the stream header";
    case STATE_FEATURES: return "the stream features";
    case STATE_STARTTLS: return "the answer to <starttls/>";
    case STATE_SASL: return "the exchange of SASL";
    case STATE_BIND: return "the answer to the binding request";
    case STATE_REQUEST: return "a request of the peer";
    case STATE_CLOSING: return "the peer's closing tag";
    case STATE_TRANSPORT: return "the end of the transport";
    case STATE_NEW:
    case STATE_READY:
    case STATE_ENDED: break;
    }
    return "anything of the peer";
}

void negotiator_time_out(negotiator *n)
{
    char detail[80];
    snprintf(detail, sizeof detail, "too long without %s", awaited(n));
    if (n->state == STATE_TRANSPORT) {
        n->outcome = n->outcome == NEGOTIATOR_CLOSED ? NEGOTIATOR_CLOSED_BARE : n->outcome;
        end(n);
    } else if (n->state == STATE_CLOSING) {
        negotiator_decide(n, NEGOTIATOR_TIMED_OUT, detail); /* 4.4: both streams are void */
        to_transport(n);
    } else {
        negotiator_fail(n, NEGOTIATOR_TIMED_OUT, "connection-timeout", detail); /* 4.9.3.4 */
    }
}

static void end_after_closing(negotiator *n, negotiator_transport_end how)
{
    bool clean = how == NEGOTIATOR_TRANSPORT_CLOSED || (how == NEGOTIATOR_TRANSPORT_CUT && !n->secured);
    n->outcome = n->outcome == NEGOTIATOR_CLOSED && !clean ? NEGOTIATOR_CLOSED_BARE : n->outcome;
    end(n);
}

void negotiator_transport(negotiator *n, negotiator_transport_end how, const char *detail, uint64_t now)
{
    char text[120];
    negotiator_tick(n, now);
    snprintf(text, sizeof text, "the transport ended before %s", awaited(n));
    detail = detail != NULL && *detail != 0 ? detail : text;
    if (n->state == STATE_ENDED) {
        return;
    }
    if (n->state == STATE_TRANSPORT) {
        end_after_closing(n, how);
    } else if (how == NEGOTIATOR_TRANSPORT_TLS || n->state == STATE_TLS) {
        negotiator_break_off(n, NEGOTIATOR_TLS_FAILED, detail);
    } else if (how == NEGOTIATOR_TRANSPORT_RESET || n->state == STATE_NEW) {
        negotiator_break_off(n, NEGOTIATOR_TRANSPORT_FAILED, detail);
    } else {
        negotiator_break_off(n, NEGOTIATOR_TRUNCATED,
                             n->state == STATE_READY ? "no closing tag came (RFC 6120 4.4)" : detail);
    }
}
