/* stage.c - see stage.h
 *
 * SPDX-License-Identifier: MIT */
#include "stage.h"

#include "../../support/cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- SASL -------------------------------------------------------------------------------------------------------- */

static bool sasl_start(void *context, sasl_mechanism mechanism, sasl_binding_use use, sasl_binding binding)
{
    stage *w = context;
    w->mechanism = mechanism;
    w->use = use;
    w->binding = binding;
    w->played = 0;
    w->exchange = true;
    w->started++;
    return !w->cannot_start;
}

static sasl_result sasl_step(void *context, const char *input, size_t input_size, char *output, size_t room,
                             size_t *size)
{
    stage *w = context;
    assert_true(w->exchange);
    assert_true(w->played < w->plays);
    const sasl_play *play = &w->play[w->played++];
    *size = strlen(play->output);
    assert_true(*size <= room);
    memcpy(output, play->output, *size);
    bool right = play->expected == NULL ? input == NULL
                                        : input != NULL && strlen(play->expected) == input_size &&
                                              memcmp(play->expected, input, input_size) == 0;
    return right ? play->result : SASL_REFUSED;
}

static void sasl_end(void *context)
{
    stage *w = context;
    w->exchange = false;
    w->ended_exchanges++;
}

static const char *sasl_reason(void *context)
{
    (void)context;
    return "the stub refused";
}

static const char *sasl_condition(void *context)
{
    stage *w = context;
    return w->condition;
}

static const char *sasl_username(void *context)
{
    stage *w = context;
    return w->username;
}

static const sasl_play client_play[] = {{NULL, "aW5pdGlhbA==", SASL_CONTINUE},
                                        {"Y2hhbGxlbmdl", "cmVzcG9uc2U=", SASL_CONTINUE},
                                        {"c2lnbmF0dXJl", "", SASL_COMPLETE}};
static const sasl_play server_play[] = {{"aW5pdGlhbA==", "Y2hhbGxlbmdl", SASL_CONTINUE},
                                        {"cmVzcG9uc2U=", "c2lnbmF0dXJl", SASL_COMPLETE}};

/* ---- Random bytes ------------------------------------------------------------------------------------------------ */

static int base64_value(char c)
{
    const char *all = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c != 0 ? strchr(all, c) : NULL;
    return at != NULL ? (int)(at - all) : 0;
}

/* The bytes whose base64 is `text`. */
static void decode_id(const char *text, uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned bits = (unsigned)i * 8, first = bits / 6, shift = bits % 6;
        unsigned two = (unsigned)base64_value(text[first]) << 6 | (unsigned)base64_value(text[first + 1]);
        bytes[i] = (uint8_t)(two >> (4 - shift));
    }
}

static bool random_bytes(void *context, uint8_t *bytes, size_t size)
{
    stage *w = context;
    if (w->ids != NULL && *w->ids != NULL) {
        decode_id(*w->ids++, bytes, size);
        return true;
    }
    for (size_t i = 0; i < size; i++) {
        bytes[i] = w->random++;
    }
    return !w->no_random;
}

/* ---- The stage --------------------------------------------------------------------------------------------------- */

void stage_config(stage *w, negotiator_role role)
{
    bool initiating = role == NEGOTIATOR_INITIATING;
    memset(w, 0, sizeof *w);
    negotiator_config_default(&w->config, role);
    w->config.local = initiating ? "juliet@im.example.com" : "im.example.com";
    w->config.remote = initiating ? "im.example.com" : NULL;
    w->config.sasl = (sasl_functions){sasl_start, sasl_step, sasl_end, sasl_reason, sasl_condition, sasl_username};
    w->config.sasl_context = w;
    w->config.random = random_bytes;
    w->config.random_context = w;
    w->config.times = (negotiator_times){.tls = 1000, .step = 2000, .keepalive = 60000, .idle = 100000, .close = 500};
    w->play = initiating ? client_play : server_play;
    w->plays = initiating ? 3 : 2;
    w->username = "juliet";
    w->condition = "not-authorized";
    w->now = 1000000;
}

static void note(stage *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void note(stage *w, const char *format, ...)
{
    va_list arguments;
    size_t used = strlen(w->happened);
    if (used != 0 && used < sizeof w->happened - 1) {
        w->happened[used++] = ' ';
        w->happened[used] = 0;
    }
    va_start(arguments, format);
    vsnprintf(w->happened + used, sizeof w->happened - used, format, arguments);
    va_end(arguments);
}

static void note_feature(stage *w, const negotiator_event *event)
{
    note(w, "feature:%.*s%s%s%.*s", (int)event->name.local.size, (const char *)event->name.local.data,
         event->required ? "!" : "", event->text.size != 0 ? "=" : "", (int)event->text.size,
         event->text.size != 0 ? (const char *)event->text.data : "");
}

static void note_mechanism(stage *w, const negotiator_event *event)
{
    const char *binding = sasl_binding_name(event->binding);
    const char use[] = {[SASL_BINDING_USED] = 'p', [SASL_BINDING_NOT_OFFERED] = 'y', [SASL_BINDING_UNWANTED] = 'n'};
    note(w, "mechanism:%s,%c%s%s", sasl_mechanism_name(event->mechanism), use[event->use], *binding != 0 ? "," : "",
         binding);
}

static void note_stanza(stage *w, const weir_event *xml)
{
    switch (xml->type) {
    case WEIR_ELEMENT_START: note(w, "<%.*s>", (int)xml->name.local.size, (const char *)xml->name.local.data); break;
    case WEIR_ELEMENT_END: note(w, "</%.*s>", (int)xml->name.local.size, (const char *)xml->name.local.data); break;
    default: note(w, "'%.*s'", (int)xml->text.size, (const char *)xml->text.data); break;
    }
}

static void note_end(stage *w, const char *what, const negotiator_event *event)
{
    w->last = *event;
    note(w, "%s:%s%s%s", what, negotiator_outcome_name(event->outcome), *event->condition != 0 ? "," : "",
         event->condition);
}

static void note_event(stage *w, const negotiator_event *event)
{
    int size = (int)event->text.size;
    const char *text = size != 0 ? (const char *)event->text.data : "";
    switch (event->type) {
    case NEGOTIATOR_HEADER: note(w, "header"); break;
    case NEGOTIATOR_FEATURE: note_feature(w, event); break;
    case NEGOTIATOR_START_TLS: note(w, "start-tls"); break;
    case NEGOTIATOR_MECHANISM: note_mechanism(w, event); break;
    case NEGOTIATOR_AUTHENTICATED: note(w, "authenticated%s%.*s", size != 0 ? "=" : "", size, text); break;
    case NEGOTIATOR_BOUND: note(w, "bound=%.*s", size, text); break;
    case NEGOTIATOR_READY: note(w, "ready"); break;
    case NEGOTIATOR_STANZA: note_stanza(w, event->xml); break;
    case NEGOTIATOR_CLOSE_TRANSPORT: note_end(w, "close-transport", event); break;
    case NEGOTIATOR_ENDED: note_end(w, "ended", event); break;
    case NEGOTIATOR_WAIT: fail();
    }
}

/* Until nothing more happens; what is left of the input then, must have a reason. */
static void go_on(stage *w, weir_slice *input)
{
    negotiator_event event;
    while (!w->ended && negotiator_next(&w->negotiator, input, w->now, &event) != NEGOTIATOR_WAIT) {
        note_event(w, &event);
        w->ended = event.type == NEGOTIATOR_ENDED;
    }
}

static void hand_over(stage *w)
{
    weir_slice output = negotiator_output(&w->negotiator);
    size_t used = strlen(w->said);
    assert_true(used + output.size < sizeof w->said);
    memcpy(w->said + used, output.data, output.size);
    w->said[used + output.size] = 0;
    negotiator_sent(&w->negotiator, output.size, w->now);
}

void hear_bytes(stage *w, const void *bytes, size_t size)
{
    const uint8_t *byte = bytes;
    size_t chunk = w->chunk != 0 ? w->chunk : size;
    if (!w->unsent) {
        hand_over(w);
    }
    for (size_t at = 0; at < size && !w->ended; at += chunk) {
        size_t count = size - at < chunk ? size - at : chunk;
        uint8_t *copy = malloc(count); /* of its exact size, so that a slice that outlives it shows */
        assert_non_null(copy);
        memcpy(copy, byte + at, count);
        weir_slice input = {copy, count};
        go_on(w, &input);
        free(copy);
    }
}

void hear(stage *w, const char *bytes)
{
    hear_bytes(w, bytes, strlen(bytes));
}

void pass(stage *w, uint64_t milliseconds)
{
    w->now += milliseconds;
    go_on(w, NULL);
}

const char *said(stage *w)
{
    static char text[sizeof w->said];
    hand_over(w);
    memcpy(text, w->said, strlen(w->said) + 1);
    w->said[0] = 0;
    return text;
}

const char *happened(stage *w)
{
    static char text[sizeof w->happened];
    memcpy(text, w->happened, strlen(w->happened) + 1);
    w->happened[0] = 0;
    return text;
}

void secure(stage *w, const negotiator_tls *tls)
{
    static const negotiator_tls usual = {.verified = true, .tls13 = true};
    hand_over(w);
    assert_true(negotiator_secured(&w->negotiator, tls != NULL ? tls : &usual, w->now));
    go_on(w, NULL);
}

void transport(stage *w, negotiator_transport_end how)
{
    negotiator_transport(&w->negotiator, how, NULL, w->now);
    go_on(w, NULL);
}

void expect(stage *w, const char *events, const char *bytes)
{
    assert_string_equal(happened(w), events);
    assert_string_equal(said(w), bytes);
}

void expect_end(stage *w, negotiator_outcome outcome)
{
    negotiator_event event;
    if (!w->ended) {
        fail_msg("not ended: %s", w->happened);
    }
    if (w->last.outcome != outcome) {
        fail_msg("%s, not %s: %s", negotiator_outcome_name(w->last.outcome), negotiator_outcome_name(outcome),
                 w->last.detail);
    }
    assert_int_equal(negotiator_output(&w->negotiator).size, 0);
    assert_int_equal(negotiator_deadline(&w->negotiator), UINT64_MAX);
    assert_false(w->exchange);
    weir_slice input = {(const uint8_t *)"<a/>", 4};
    assert_int_equal(negotiator_next(&w->negotiator, &input, w->now, &event), NEGOTIATOR_ENDED);
    assert_int_equal(event.outcome, outcome);
}

void stage_begin(stage *w)
{
    size_t size = negotiator_workspace_size(&w->config);
    assert_true(size != 0);
    w->memory = malloc(size);
    assert_non_null(w->memory);
    assert_true(negotiator_init(&w->negotiator, &w->config, w->memory, size));
    negotiator_open(&w->negotiator, w->now);
    go_on(w, NULL);
}

void stage_end(stage *w)
{
    negotiator_wipe(&w->negotiator);
    assert_false(w->exchange);
    free(w->memory);
}

/* ---- Places ------------------------------------------------------------------------------------------------------ */

const char *const place_names[PLACES] = {"header",    "features", "starttls", "tls",        "header 2", "features 2",
                                         "challenge", "success",  "header 3", "features 3", "bind",     "ready"};

/* What the peer says to leave each place. */
static const char *const to_initiator[PLACES] = {RESPONSE_HEADER,
                                                 STARTTLS_FEATURES,
                                                 PROCEED,
                                                 NULL,
                                                 RESPONSE_HEADER,
                                                 SASL_FEATURES(MECHANISM("SCRAM-SHA-1") MECHANISM("SCRAM-SHA-256")),
                                                 CHALLENGE,
                                                 SUCCESS,
                                                 RESPONSE_HEADER,
                                                 BIND_FEATURES,
                                                 NULL,
                                                 ""};
static const char *const to_receiver[PLACES] = {
    INITIAL_HEADER, STARTTLS, "", NULL, INITIAL_HEADER, AUTH, RESPONSE, "", INITIAL_HEADER, "", BIND_REQUEST(""), ""};

static void answer_binding(stage *w)
{
    char answer[512];
    hand_over(w);
    snprintf(answer, sizeof answer,
             "<iq id='%s' type='result'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
             "<jid>juliet@im.example.com/balcony</jid></bind></iq>",
             w->negotiator.id);
    hear(w, answer);
}

static void move_to(stage *w, const char *const *moves, enum place place)
{
    for (int i = AT_HEADER; i < (int)place; i++) {
        if (i == AT_TLS) {
            secure(w, NULL);
        } else if (moves[i] == NULL) {
            answer_binding(w);
        } else {
            hear(w, moves[i]);
        }
    }
    if (w->ended) {
        fail_msg("ended on the way to %s: %s", place_names[place], w->happened);
    }
    said(w);
    happened(w);
}

void go_to(stage *w, enum place place)
{
    move_to(w, to_initiator, place);
}

void receive_to(stage *w, enum place place)
{
    move_to(w, to_receiver, place);
}
