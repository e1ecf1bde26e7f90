/* transcript.c - see transcript.h
 *
 * SPDX-License-Identifier: MIT */
#include "transcript.h"
#include "../decode_report.h"

#include <inttypes.h>
#include <string.h>

#include <jansson.h>

static const char *const PHASES[PHASE_COUNT] = {"look-up", "connection", "TLS",  "authentication",
                                                "binding", "session",    "close"};

void transcript_init(transcript *t, FILE *out, connect_log form, uint64_t now)
{
    *t = (transcript){.out = out, .form = form, .who = "", .began = now};
}

/* ---- JSON: an object an event ------------------------------------------------------------------------------------ */

static json_t *object(const transcript *t, const char *event, uint64_t now)
{
    json_t *o = json_pack("{s:s, s:I}", "event", event, "ms", (json_int_t)(now - t->began));

    if (o != NULL && t->who[0] != '\0') {
        json_object_set_new(o, "who", json_string(t->who));
    }
    return o;
}

static void set(json_t *o, const char *name, const char *value)
{
    json_object_set_new(o, name, json_string(value));
}

static void set_slice(json_t *o, const char *name, weir_slice value)
{
    json_object_set_new(o, name, json_stringn(value.size > 0 ? (const char *)value.data : "", value.size));
}

static void emit(transcript *t, json_t *o)
{
    if (o != NULL && json_dumpf(o, t->out, JSON_COMPACT | JSON_ENSURE_ASCII) == 0) {
        fputc('\n', t->out);
        fflush(t->out);
    }
    json_decref(o);
}

/* ---- Text: a line an event --------------------------------------------------------------------------------------- */

static void begin(transcript *t, uint64_t now)
{
    fprintf(t->out, "%s%6" PRIu64 " ms  ", t->who, now - t->began);
}

static void put(transcript *t, const char *text)
{
    put_visible(t->out, text, strlen(text));
}

static void put_slice(transcript *t, weir_slice text)
{
    if (text.size > 0) {
        put_visible(t->out, (const char *)text.data, text.size);
    }
}

/* Nothing when there is nothing to say. */
static void put_part(transcript *t, const char *before, const char *text)
{
    if (text[0] != '\0') {
        fputs(before, t->out);
        put(t, text);
    }
}

static void line(transcript *t, uint64_t now, const char *text, const char *more)
{
    begin(t, now);
    put(t, text);
    put(t, more);
    fputc('\n', t->out);
}

/* ---- Before the stream ------------------------------------------------------------------------------------------- */

static void target(transcript *t, const char *event, const connector_event *e, uint64_t now)
{
    const resolver_target *to = e->target;

    if (t->form == CONNECT_LOG_JSON) {
        json_t *o = object(t, event, now);

        set(o, "host", to->host);
        json_object_set_new(o, "port", json_integer(to->port));
        json_object_set_new(o, "direct_tls", json_boolean(to->direct_tls));
        set(o, "text", e->text);
        emit(t, o);
        return;
    }
    begin(t, now);
    fprintf(t->out, "%s ", event);
    put(t, to->host);
    fprintf(t->out, " port %u, %s", to->port, to->direct_tls ? "direct TLS" : "STARTTLS");
    put_part(t, ": ", e->text);
    fputc('\n', t->out);
}

static void found(transcript *t, const connector_event *e, uint64_t now)
{
    if (t->form == CONNECT_LOG_JSON) {
        json_t *o = object(t, "found", now);

        set(o, "text", e->text);
        emit(t, o);
    } else {
        line(t, now, "found: ", e->text);
    }
}

static void end_of_connector(transcript *t, const connector_event *e, uint64_t now)
{
    static const char *const names[] = {"stream", "not-found", "unreachable", "timed-out", "abandoned", "internal"};

    if (e->end == CONNECTOR_END_STREAM) {
        return; /* it was said by the stream */
    }
    if (t->form == CONNECT_LOG_JSON) {
        json_t *o = object(t, "ended", now);

        set(o, "outcome", names[e->end]);
        set(o, "detail", e->text);
        emit(t, o);
    } else {
        begin(t, now);
        fprintf(t->out, "ended: %s", names[e->end]);
        put_part(t, ": ", e->text);
        fputc('\n', t->out);
    }
}

void transcript_connector(transcript *t, const connector_event *e, uint64_t now)
{
    switch (e->type) {
    case CONNECTOR_FOUND: t->phases[PHASE_LOOK_UP] = now; break;
    case CONNECTOR_CONNECTED: t->phases[PHASE_CONNECTION] = now; break;
    case CONNECTOR_SECURED: transcript_secured(t, e->facts, now); return;
    case CONNECTOR_STREAM: transcript_stream(t, e->stream, now); return;
    default: break;
    }
    if (t->form == CONNECT_LOG_NONE) {
        return;
    }
    switch (e->type) {
    case CONNECTOR_FOUND: found(t, e, now); break;
    case CONNECTOR_TRYING: target(t, "trying", e, now); break;
    case CONNECTOR_MISSED: target(t, "missed", e, now); break;
    case CONNECTOR_CONNECTED: target(t, "connected", e, now); break;
    case CONNECTOR_ENDED: end_of_connector(t, e, now); break;
    default: break;
    }
}

/* ---- TLS --------------------------------------------------------------------------------------------------------- */

void transcript_secured(transcript *t, const tls_facts *facts, uint64_t now)
{
    t->phases[PHASE_TLS] = now;
    if (t->form == CONNECT_LOG_JSON) {
        json_t *o = object(t, "tls", now);

        set(o, "version", facts->version);
        set(o, "cipher", facts->cipher);
        set(o, "alpn", facts->alpn);
        set(o, "names", facts->names);
        set(o, "issuer", facts->issuer);
        set(o, "expiry", facts->expiry);
        json_object_set_new(o, "verified", json_boolean(facts->verified));
        emit(t, o);
    } else if (t->form == CONNECT_LOG_TEXT) {
        begin(t, now);
        put_part(t, "", facts->version);
        put_part(t, " ", facts->cipher);
        put_part(t, ", ALPN ", facts->alpn);
        fputc('\n', t->out);
        if (facts->names[0] != '\0' || facts->issuer[0] != '\0') {
            begin(t, now);
            fprintf(t->out, "certificate %s", facts->verified ? "verified" : "REFUSED");
            put_part(t, ": for ", facts->names);
            put_part(t, ", by ", facts->issuer);
            put_part(t, ", until ", facts->expiry);
            fputc('\n', t->out);
        }
    }
}

/* ---- The stream -------------------------------------------------------------------------------------------------- */

static const char *const USES[] = {"used", "not-offered", "unwanted"};

static void stream_ended_json(json_t *o, const negotiator_event *e)
{
    set(o, "outcome", negotiator_outcome_name(e->outcome));
    set(o, "condition", e->condition);
    set(o, "detail", e->detail);
    set_slice(o, "text",
              e->type == NEGOTIATOR_ENDED && e->outcome == NEGOTIATOR_STREAM_ERROR ? e->text : (weir_slice){0});
    json_object_set_new(o, "sent_error", json_boolean(e->sent_error));
    json_object_set_new(o, "after_close", json_boolean(e->after_close));
    if (e->error.code != 0) {
        set(o, "error", weir_error_name(e->error.code));
        json_object_set_new(o, "offset", json_integer((json_int_t)e->error.offset));
    }
}

static void header_json(json_t *o, const weir_header *header)
{
    set_slice(o, "from", header->from);
    set_slice(o, "to", header->to);
    set_slice(o, "id", header->id);
    set_slice(o, "lang", header->lang);
    json_object_set_new(o, "version", json_sprintf("%u.%u", header->version_major, header->version_minor));
}

static void stream_json(transcript *t, const char *name, const negotiator_event *e, uint64_t now)
{
    json_t *o = object(t, name, now);

    switch (e->type) {
    case NEGOTIATOR_HEADER: header_json(o, &e->xml->header); break;
    case NEGOTIATOR_FEATURE:
        set_slice(o, "name", e->name.local);
        set_slice(o, "namespace", e->name.namespace_name);
        set_slice(o, "text", e->text);
        json_object_set_new(o, "required", json_boolean(e->required));
        break;
    case NEGOTIATOR_MECHANISM:
        set(o, "mechanism", sasl_mechanism_name(e->mechanism));
        set(o, "use", USES[e->use]);
        set(o, "binding", e->use == SASL_BINDING_USED ? sasl_binding_name(e->binding) : "");
        break;
    case NEGOTIATOR_AUTHENTICATED: set_slice(o, "user", e->text); break;
    case NEGOTIATOR_BOUND: set_slice(o, "jid", e->text); break;
    case NEGOTIATOR_ENDED:
    case NEGOTIATOR_CLOSE_TRANSPORT: stream_ended_json(o, e); break;
    default: break;
    }
    emit(t, o);
}

static void header_text(transcript *t, const weir_header *header)
{
    fputs("stream header", t->out);
    if (header->from.size > 0) {
        fputs(" from ", t->out);
        put_slice(t, header->from);
    }
    if (header->to.size > 0) {
        fputs(" to ", t->out);
        put_slice(t, header->to);
    }
    fprintf(t->out, ", version %u.%u", header->version_major, header->version_minor);
    if (header->id.size > 0) {
        fputs(", id ", t->out);
        put_slice(t, header->id);
    }
}

static void feature_text(transcript *t, const negotiator_event *e)
{
    bool part = e->text.size > 0;

    fputs(part ? "  offered: " : "feature ", t->out);
    put_slice(t, e->name.local);
    fputs(part ? " " : " {", t->out);
    put_slice(t, part ? e->text : e->name.namespace_name);
    fputs(part ? "" : e->required ? "} required" : "}", t->out);
}

static void mechanism_text(transcript *t, const negotiator_event *e)
{
    fprintf(t->out, "mechanism %s", sasl_mechanism_name(e->mechanism));
    if (e->use == SASL_BINDING_USED) {
        fprintf(t->out, ", bound to TLS by %s", sasl_binding_name(e->binding));
    } else if (e->mechanism == SASL_SCRAM_SHA_256 || e->mechanism == SASL_SCRAM_SHA_1) {
        fputs(e->use == SASL_BINDING_NOT_OFFERED ? ", no channel binding: the server offers none"
                                                 : ", no channel binding: not wanted, or impossible here",
              t->out);
    }
}

const char *transcript_outcome(negotiator_outcome outcome)
{
    return outcome == NEGOTIATOR_CLOSED_BARE ? "closed, without close_notify of the server"
                                             : negotiator_outcome_name(outcome);
}

static void ended_text(transcript *t, const negotiator_event *e)
{
    fprintf(t->out, "%s: %s", e->type == NEGOTIATOR_ENDED ? "ended" : "closing the connection",
            transcript_outcome(e->outcome));
    put_part(t, e->sent_error ? ", sent stream error " : ", ", e->condition);
    put_part(t, ": ", e->detail);
    if (e->outcome == NEGOTIATOR_STREAM_ERROR && e->text.size > 0) {
        fputs(": ", t->out);
        put_slice(t, e->text);
    }
    if (e->error.code != 0) {
        fprintf(t->out, " (%s at byte %" PRIu64 ": %s, %s)", weir_error_name(e->error.code), e->error.offset,
                weir_error_text(e->error.code), weir_error_rule(e->error.code));
    }
    if (e->after_close) {
        fputs("; bytes came after the closing tag", t->out);
    }
}

static void stream_text(transcript *t, const negotiator_event *e, uint64_t now)
{
    begin(t, now);
    switch (e->type) {
    case NEGOTIATOR_HEADER: header_text(t, &e->xml->header); break;
    case NEGOTIATOR_FEATURE: feature_text(t, e); break;
    case NEGOTIATOR_START_TLS: fputs("TLS begins", t->out); break;
    case NEGOTIATOR_MECHANISM: mechanism_text(t, e); break;
    case NEGOTIATOR_AUTHENTICATED:
        fputs(e->text.size > 0 ? "authenticated as " : "authenticated", t->out);
        put_slice(t, e->text);
        break;
    case NEGOTIATOR_BOUND:
        fputs("bound ", t->out);
        put_slice(t, e->text);
        break;
    case NEGOTIATOR_READY: fputs("ready", t->out); break;
    default: ended_text(t, e); break;
    }
    fputc('\n', t->out);
}

void transcript_stream(transcript *t, const negotiator_event *e, uint64_t now)
{
    static const char *const names[] = {"wait",  "header", "feature", "start-tls",       "mechanism", "authenticated",
                                        "bound", "ready",  "stanza",  "close-transport", "ended"};

    switch (e->type) {
    case NEGOTIATOR_AUTHENTICATED: t->phases[PHASE_AUTHENTICATION] = now; break;
    case NEGOTIATOR_READY: t->phases[PHASE_BINDING] = now; break;
    case NEGOTIATOR_CLOSE_TRANSPORT: t->phases[PHASE_SESSION] += t->phases[PHASE_SESSION] == 0 ? now : 0; break;
    case NEGOTIATOR_ENDED: t->phases[PHASE_CLOSE] = now; break;
    default: break;
    }
    if (e->type == NEGOTIATOR_STANZA || t->form == CONNECT_LOG_NONE) {
        return; /* stanzas are no part of the negotiation, and may be private */
    }
    if (t->form == CONNECT_LOG_JSON) {
        stream_json(t, names[e->type], e, now);
    } else {
        stream_text(t, e, now);
    }
}

/* ---- What weir-connect does -------------------------------------------------------------------------------------- */

void transcript_note(transcript *t, const char *text, uint64_t now)
{
    if (t->form == CONNECT_LOG_JSON) {
        json_t *o = object(t, "note", now);

        set(o, "text", text);
        emit(t, o);
    } else if (t->form == CONNECT_LOG_TEXT) {
        line(t, now, text, "");
    }
}

void transcript_closing(transcript *t, uint64_t now)
{
    if (t->phases[PHASE_SESSION] == 0) {
        t->phases[PHASE_SESSION] = now;
        if (t->form == CONNECT_LOG_JSON) {
            emit(t, object(t, "closing", now));
        } else if (t->form == CONNECT_LOG_TEXT) {
            line(t, now, "closing the stream", "");
        }
    }
}

void transcript_ping(transcript *t, const char *answer, uint64_t took, uint64_t now)
{
    if (t->form == CONNECT_LOG_JSON) {
        json_t *o = object(t, "ping", now);

        set(o, "answer", answer);
        json_object_set_new(o, "took", json_integer((json_int_t)took));
        emit(t, o);
    } else if (t->form == CONNECT_LOG_TEXT) {
        begin(t, now);
        fprintf(t->out, "ping: %s after %" PRIu64 " ms\n", answer, took);
    }
}

void transcript_end(transcript *t, connect_exit status, uint64_t now)
{
    uint64_t before = t->began;
    const char *comma = "";

    if (t->form == CONNECT_LOG_JSON) {
        json_t *o = object(t, "exit", now), *phases = json_object();

        json_object_set_new(o, "status", json_integer(status));
        for (unsigned i = 0; i < PHASE_COUNT; i++) {
            if (t->phases[i] != 0) {
                json_object_set_new(phases, PHASES[i], json_integer((json_int_t)(t->phases[i] - before)));
                before = t->phases[i];
            }
        }
        json_object_set_new(o, "phases", phases);
        emit(t, o);
    } else if (t->form == CONNECT_LOG_TEXT) {
        begin(t, now);
        for (unsigned i = 0; i < PHASE_COUNT; i++) {
            if (t->phases[i] != 0) {
                fprintf(t->out, "%s%s %" PRIu64 " ms", comma, PHASES[i], t->phases[i] - before);
                before = t->phases[i];
                comma = ", ";
            }
        }
        fprintf(t->out, "%sexit status %d\n", comma[0] != '\0' ? "; " : "", (int)status);
        fflush(t->out);
    }
}
