/* test_negotiator_close.c - closing to the letter of RFC 6120 4.4, keepalive, and stanzas to send
 *
 * SPDX-License-Identifier: MIT */
#include "../support/cmocka.h"
#include "support/stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void begin(stage *w, bool initiating, enum place place)
{
    stage_config(w, initiating ? NEGOTIATOR_INITIATING : NEGOTIATOR_RECEIVING);
    stage_begin(w);
    if (initiating) {
        go_to(w, place);
    } else {
        receive_to(w, place);
    }
}

static void close_now(stage *w)
{
    negotiator_close(&w->negotiator, w->now);
}

/* ---- We close first ---------------------------------------------------------------------------------------------- */

static void test_close(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        stage w;
        begin(&w, i, AT_READY);
        close_now(&w);
        close_now(&w);
        expect(&w, "", CLOSING);
        assert_false(negotiator_ready(&w.negotiator));
        assert_int_equal(negotiator_send(&w.negotiator, "<presence/>", 11, NULL, w.now), NEGOTIATOR_SEND_NOT_READY);
        hear(&w, "<message><body>late</body></message> <r xmlns='urn:xmpp:sm:3'/><presence/>");
        close_now(&w);
        expect(&w, "<message> <body> 'late' </body> </message> <r> </r> <presence> </presence>", "");
        hear(&w, CLOSING);
        close_now(&w);
        expect(&w, "close-transport:closed", "");
        transport(&w, NEGOTIATOR_TRANSPORT_CLOSED);
        close_now(&w);
        transport(&w, NEGOTIATOR_TRANSPORT_RESET);
        expect_end(&w, NEGOTIATOR_CLOSED);
        assert_true(w.last.ready);
        assert_false(w.last.after_close);
        stage_end(&w);
    }
}

/* The four outcomes of 4.4, and what the transport does to each. */
static void test_outcomes(void **state)
{
    static const negotiator_transport_end ends[] = {NEGOTIATOR_TRANSPORT_CLOSED, NEGOTIATOR_TRANSPORT_CUT,
                                                    NEGOTIATOR_TRANSPORT_RESET, NEGOTIATOR_TRANSPORT_TLS};
    static const negotiator_outcome closed[] = {NEGOTIATOR_CLOSED, NEGOTIATOR_CLOSED_BARE, NEGOTIATOR_CLOSED_BARE,
                                                NEGOTIATOR_CLOSED_BARE};
    static const negotiator_outcome cut[] = {NEGOTIATOR_TRUNCATED, NEGOTIATOR_TRUNCATED, NEGOTIATOR_TRANSPORT_FAILED,
                                             NEGOTIATOR_TLS_FAILED};
    (void)state;
    for (int i = 0; i < 8; i++) {
        for (int peer_first = 0; peer_first < 2; peer_first++) {
            stage w;
            begin(&w, i & 1, AT_READY);
            if (!peer_first) {
                close_now(&w);
            }
            hear(&w, CLOSING);
            assert_string_equal(said(&w), CLOSING);
            transport(&w, ends[i / 2]);
            expect_end(&w, closed[i / 2]);
            stage_end(&w);
        }
        stage w;
        begin(&w, i & 1, AT_READY);
        close_now(&w);
        transport(&w, ends[i / 2]);
        expect_end(&w, cut[i / 2]);
        stage_end(&w);
    }
}

static void test_never_answered(void **state)
{
    (void)state;
    stage w;
    begin(&w, true, AT_READY);
    close_now(&w);
    said(&w);
    pass(&w, 499);
    hear(&w, "<presence/> "); /* puts nothing off */
    assert_string_equal(happened(&w), "<presence> </presence>");
    pass(&w, 1);
    assert_string_equal(happened(&w), "close-transport:timed-out");
    hear(&w, CLOSING "too late");
    pass(&w, 499);
    assert_string_equal(happened(&w), "");
    pass(&w, 1);
    assert_string_equal(happened(&w), "ended:timed-out");
    expect_end(&w, NEGOTIATOR_TIMED_OUT);
    assert_non_null(strstr(w.last.detail, "closing tag"));
    stage_end(&w);
    /* Both tags, and then nothing. */
    begin(&w, true, AT_READY);
    close_now(&w);
    hear(&w, CLOSING);
    pass(&w, 499);
    assert_false(w.ended);
    pass(&w, 1);
    expect_end(&w, NEGOTIATOR_CLOSED_BARE);
    stage_end(&w);
}

/* ---- The peer closes first --------------------------------------------------------------------------------------- */

/* What was taken to be sent still goes out before the closing tag. */
static void test_peer_closes(void **state)
{
    (void)state;
    stage w;
    begin(&w, true, AT_READY);
    w.unsent = true;
    assert_int_equal(negotiator_send(&w.negotiator, "<presence/>", 11, NULL, w.now), NEGOTIATOR_SEND_TAKEN);
    hear(&w, "<iq type='get' id='1'/>" CLOSING);
    expect(&w, "<iq> </iq> close-transport:closed", "<presence/>" CLOSING);
    close_now(&w);
    expect(&w, "", "");
    transport(&w, NEGOTIATOR_TRANSPORT_CLOSED);
    expect_end(&w, NEGOTIATOR_CLOSED);
    stage_end(&w);
}

/* Real peers send more after their closing tag. It is not looked at, and noted. */
static void test_after_close(void **state)
{
    static const struct {
        const char *bytes;
        bool noted;
    } cases[] = {{"", false}, {"\r\n \t", false}, {"<presence/>", true}, {" \xff", true}, {CLOSING, true}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases * 4; i++) {
        char text[200];
        stage w;
        begin(&w, i & 1, AT_READY);
        w.chunk = i / 2 & 1;
        snprintf(text, sizeof text, CLOSING "%s", cases[i / 4].bytes);
        hear(&w, text);
        transport(&w, NEGOTIATOR_TRANSPORT_CLOSED);
        expect_end(&w, NEGOTIATOR_CLOSED);
        assert_int_equal(w.last.after_close, cases[i / 4].noted);
        stage_end(&w);
    }
}

/* ---- Any time, any number of times ------------------------------------------------------------------------------- */

static void test_close_before_open(void **state)
{
    (void)state;
    stage w;
    size_t size;
    stage_config(&w, NEGOTIATOR_INITIATING);
    size = negotiator_workspace_size(&w.config);
    w.memory = malloc(size);
    assert_true(negotiator_init(&w.negotiator, &w.config, w.memory, size));
    assert_int_equal(negotiator_deadline(&w.negotiator), UINT64_MAX);
    hear(&w, "<a/>"); /* not looked at */
    assert_string_equal(happened(&w), "");
    close_now(&w);
    close_now(&w);
    negotiator_open(&w.negotiator, w.now);
    pass(&w, 0);
    expect(&w, "ended:abandoned", "");
    expect_end(&w, NEGOTIATOR_ABANDONED);
    stage_end(&w);
    stage_config(&w, NEGOTIATOR_INITIATING);
    w.memory = malloc(size);
    assert_true(negotiator_init(&w.negotiator, &w.config, w.memory, size));
    transport(&w, NEGOTIATOR_TRANSPORT_RESET);
    expect_end(&w, NEGOTIATOR_TRANSPORT_FAILED);
    stage_end(&w);
}

/* The begin of an element that would mean something at this place, and its rest. */
static const char *begun(bool initiating, enum place place)
{
    switch (place) {
    case AT_READY: return "<message><bo";
    case AT_FEATURES:
    case AT_SASL_FEATURES:
    case AT_BIND_FEATURES: return initiating ? "<stream:features><a xmlns='b'/>" : "";
    case AT_STARTTLS: return "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'>";
    case AT_CHALLENGE:
        return initiating ? "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>YQ"
                          : "<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>YQ";
    case AT_SUCCESS: return "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>YQ";
    default: return "";
    }
}

static const char *rest(bool initiating, enum place place)
{
    switch (place) {
    case AT_READY: return "dy/></message>";
    case AT_FEATURES:
    case AT_SASL_FEATURES:
    case AT_BIND_FEATURES: return initiating ? "</stream:features>" : "";
    case AT_CHALLENGE: return initiating ? "==</challenge>" : "==</response>";
    case AT_SUCCESS: return "==</success>";
    default: return "";
    }
}

static void test_close_anywhere(void **state)
{
    (void)state;
    for (int i = 0; i < PLACES * 8; i++) {
        enum place place = (enum place)(i / 8);
        bool initiating = i & 1, inside = i & 2, answered = i & 4, secured = place > AT_TLS;
        bool header = place == AT_HEADER || place == AT_HEADER_2 || place == AT_HEADER_3;
        stage w;
        if (!initiating && (place == AT_STARTTLS || place == AT_SUCCESS || place == AT_BIND_FEATURES)) {
            continue;
        }
        begin(&w, initiating, place);
        if (inside && !header) {
            hear(&w, begun(initiating, place));
        }
        happened(&w);
        close_now(&w);
        close_now(&w);
        pass(&w, 0);
        const char *text = said(&w);
        if (place == AT_TLS || (place == AT_STARTTLS)) {
            assert_string_equal(text, "");
            expect_end(&w, NEGOTIATOR_ABANDONED);
        } else {
            assert_int_equal(strstr(text, "<stream:stream ") != NULL, !initiating && header); /* 4.4: an opened one */
            assert_string_equal(text + strlen(text) - strlen(CLOSING), CLOSING);
            if (answered) {
                if (header) {
                    hear(&w, initiating ? RESPONSE_HEADER SASL_FEATURES("") : INITIAL_HEADER STARTTLS);
                } else if (inside) {
                    hear(&w, rest(initiating, place));
                }
                assert_string_equal(said(&w), "");
                hear(&w, CLOSING);
            }
            transport(&w, NEGOTIATOR_TRANSPORT_CUT);
            expect_end(&w, !answered ? NEGOTIATOR_TRUNCATED : secured ? NEGOTIATOR_CLOSED_BARE : NEGOTIATOR_CLOSED);
        }
        close_now(&w);
        stage_end(&w);
    }
}

/* ---- Errors of the application ----------------------------------------------------------------------------------- */

static void test_refuse(void **state)
{
    (void)state;
    for (int i = 0; i < PLACES * 2; i++) {
        enum place place = (enum place)(i / 2);
        bool header = place == AT_HEADER || place == AT_HEADER_2 || place == AT_HEADER_3;
        stage w;
        if (!(i & 1) && (place == AT_STARTTLS || place == AT_SUCCESS || place == AT_BIND_FEATURES)) {
            continue;
        }
        begin(&w, i & 1, place);
        negotiator_refuse(&w.negotiator, "policy-violation", "the <test> says so", w.now);
        negotiator_refuse(&w.negotiator, "policy-violation", "again", w.now);
        const char *text = said(&w);
        if (place == AT_TLS || place == AT_STARTTLS) {
            assert_string_equal(text, "");
        } else if (header) {
            assert_null(strstr(text, "<stream:error>"));
            assert_string_equal(text + strlen(text) - strlen(CLOSING), CLOSING);
        } else {
            assert_string_equal(
                text, "<stream:error><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
                      "<text xmlns='urn:ietf:params:xml:ns:xmpp-streams' xml:lang='en'>the &lt;test&gt; says so</text>"
                      "</stream:error>" CLOSING);
            transport(&w, NEGOTIATOR_TRANSPORT_CUT);
            expect_end(&w, NEGOTIATOR_REFUSED);
            assert_string_equal(w.last.detail, "the <test> says so");
        }
        stage_end(&w);
    }
    static char detail[5000];
    stage w;
    begin(&w, true, AT_READY);
    memset(detail, 'a', sizeof detail - 1);
    w.config.output = 0;
    char stanza[NEGOTIATOR_OUTPUT_DEFAULT - NEGOTIATOR_RESERVE];
    memset(stanza, 'a', sizeof stanza);
    memcpy(stanza, "<a xmlns='b'>", 13);
    memcpy(stanza + sizeof stanza - 4, "</a>", 4);
    assert_int_equal(negotiator_send(&w.negotiator, stanza, sizeof stanza, NULL, w.now), NEGOTIATOR_SEND_TAKEN);
    negotiator_refuse(&w.negotiator, "reset", detail, w.now); /* the text does not fit: the condition does */
    weir_slice output = negotiator_output(&w.negotiator);
    assert_int_equal(
        memcmp(output.data + sizeof stanza, STREAM_ERROR("reset") CLOSING, strlen(STREAM_ERROR("reset") CLOSING)), 0);
    assert_int_equal(output.size, sizeof stanza + strlen(STREAM_ERROR("reset") CLOSING));
    stage_end(&w);
}

/* ---- Keepalive and idle ------------------------------------------------------------------------------------------ */

static void test_keepalive(void **state)
{
    (void)state;
    stage w;
    begin(&w, true, AT_READY);
    assert_int_equal(negotiator_deadline(&w.negotiator), w.now + 60000);
    pass(&w, 59999);
    expect(&w, "", "");
    pass(&w, 1);
    weir_slice output = negotiator_output(&w.negotiator);
    assert_int_equal(output.size, 1);
    pass(&w, 30000); /* not sent yet: no second one */
    assert_string_equal(said(&w), " ");
    w.unsent = true;
    hear(&w, "<presence/>");
    assert_int_equal(negotiator_send(&w.negotiator, "<message/>", 10, NULL, w.now), NEGOTIATOR_SEND_TAKEN);
    negotiator_sent(&w.negotiator, 4, w.now);
    pass(&w, 70000); /* a stanza that is half sent is not broken */
    assert_string_equal(said(&w), "sage/>");
    pass(&w, 29999); /* what was sent counts from when it was sent; idle since 99999 */
    expect(&w, "<presence> </presence>", "");
    pass(&w, 1);
    assert_non_null(strstr(said(&w), "<connection-timeout"));
    assert_string_equal(happened(&w), "close-transport:timed-out,connection-timeout");
    stage_end(&w);
    begin(&w, true, AT_READY);
    w.negotiator.config.times.keepalive = 0;
    w.negotiator.config.times.idle = 0;
    assert_int_equal(negotiator_deadline(&w.negotiator), UINT64_MAX);
    stage_end(&w);
}

static void test_no_keepalive_before(void **state)
{
    (void)state;
    for (int i = 0; i < AT_READY; i++) {
        stage w;
        stage_config(&w, NEGOTIATOR_INITIATING);
        w.config.times.keepalive = 10;
        stage_begin(&w);
        go_to(&w, (enum place)i);
        pass(&w, 500);
        expect(&w, "", "");
        stage_end(&w);
    }
    stage w;
    begin(&w, true, AT_READY);
    w.negotiator.config.times.close = 100000;
    close_now(&w);
    said(&w);
    pass(&w, 70000); /* nothing after the closing tag */
    expect(&w, "", "");
    stage_end(&w);
}

/* ---- Stanzas to send --------------------------------------------------------------------------------------------- */

static void test_send(void **state)
{
    static const struct {
        const char *bytes;
        weir_status code; /* WEIR_OK: taken */
        uint64_t offset;
    } cases[] = {
        {"<message to='a@b'><body>&lt;</body></message>", WEIR_OK, 0},
        {"<iq id='1' type='get'><query xmlns='jabber:iq:roster'/></iq>", WEIR_OK, 0},
        {"<r xmlns='urn:xmpp:sm:3'/>", WEIR_OK, 0},
        {"", WEIR_E_END, 0},
        {" ", WEIR_E_TEXT_OUTSIDE, 1},
        {" <presence/>", WEIR_E_TEXT_OUTSIDE, 1},
        {"<presence/> ", WEIR_E_MESSAGE, 11},
        {"<presence/><presence/>", WEIR_E_MESSAGE, 11},
        {"<presence>", WEIR_E_END, 10},
        {"<presence", WEIR_E_END, 9},
        {"<presence></message>", WEIR_E_TAG_MISMATCH, 12},
        {"</stream:stream>", WEIR_E_TEXT_OUTSIDE, 16},
        {"<presence/></stream:stream>", WEIR_E_MESSAGE, 11},
        {"<presence></presence></stream:stream><presence>", WEIR_E_MESSAGE, 21},
        {"<stream:error/>", WEIR_E_STREAM_NAMESPACE, 15},
        {"<stream:features/>", WEIR_E_STREAM_NAMESPACE, 18},
        {STARTTLS, WEIR_E_STREAM_NAMESPACE, 51},
        {"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", WEIR_E_STREAM_NAMESPACE, 48},
        {"<stream:stream xmlns='jabber:client' version='1.0'>", WEIR_E_NESTED_STREAM, 1},
        {"<message xmlns='jabber:server'/>", WEIR_E_CONTENT_NAMESPACE, 1},
        {"<x:message xmlns:x='jabber:client'/>", WEIR_E_CONTENT_PREFIX, 1},
        {"<message><x:y/></message>", WEIR_E_UNBOUND_PREFIX, 10},
        {"<message>\xff</message>", WEIR_E_UTF8, 9},
        {"<message><!--a--></message>", WEIR_E_COMMENT, 11},
        {"<?xml version='1.0'?><message/>", WEIR_E_PROCESSING_INSTRUCTION, 1},
        {"text", WEIR_E_TEXT_OUTSIDE, 0},
    };
    (void)state;
    for (int i = 0; i < 2; i++) {
        stage w;
        begin(&w, i, AT_READY);
        for (size_t j = 0; j < sizeof cases / sizeof *cases; j++) {
            weir_error error;
            size_t size = strlen(cases[j].bytes);
            negotiator_send_result result = negotiator_send(&w.negotiator, cases[j].bytes, size, &error, w.now);
            if (result != (cases[j].code == WEIR_OK ? NEGOTIATOR_SEND_TAKEN : NEGOTIATOR_SEND_INVALID) ||
                error.code != cases[j].code || error.offset != cases[j].offset) {
                fail_msg("%s: %d, %s at %d", cases[j].bytes, (int)result, weir_error_name(error.code),
                         (int)error.offset);
            }
            assert_string_equal(said(&w), cases[j].code == WEIR_OK ? cases[j].bytes : "");
        }
        assert_int_equal(negotiator_send(&w.negotiator, "<", 1, NULL, w.now), NEGOTIATOR_SEND_INVALID);
        stage_end(&w);
    }
}

/* Limits so small that not even a header of ours keeps them: nothing is sent that was not looked at. */
static void test_small_limits(void **state)
{
    (void)state;
    weir_error error;
    stage w;
    stage_config(&w, NEGOTIATOR_INITIATING);
    w.config.server = true;
    w.config.local = "im.example.com";
    w.config.after.tag = 80;
    stage_begin(&w);
#define BARE "<stream xmlns='http://etherx.jabber.org/streams' id='a' version='1.0'>"
    hear(&w, BARE "<features/>");
    hear(&w, PROCEED);
    secure(&w, NULL);
    hear(&w, BARE "<features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-1</mechanism>"
                  "</mechanisms></features>");
    hear(&w, CHALLENGE);
    hear(&w, SUCCESS);
    hear(&w, BARE "<features/>");
    assert_true(negotiator_ready(&w.negotiator));
    said(&w);
    assert_int_equal(negotiator_send(&w.negotiator, "<presence/>", 11, &error, w.now), NEGOTIATOR_SEND_INVALID);
    assert_int_equal(error.code, WEIR_E_LIMIT_TAG);
    assert_string_equal(said(&w), "");
    stage_end(&w);
}

/* A driver hears of its own deeds at once: what is due has no time. */
static void test_due(void **state)
{
    (void)state;
    stage w;
    begin(&w, true, AT_READY);
    hear(&w, "<presence>");
    negotiator_refuse(&w.negotiator, "conflict", NULL, w.now);
    assert_int_equal(negotiator_deadline(&w.negotiator), w.now);
    negotiator_transport(&w.negotiator, NEGOTIATOR_TRANSPORT_TLS, "alert", w.now);
    assert_int_equal(negotiator_deadline(&w.negotiator), UINT64_MAX);
    pass(&w, 0);
    expect_end(&w, NEGOTIATOR_REFUSED);
    assert_string_equal(w.last.condition, "conflict");
    assert_string_equal(w.last.detail, "");
    stage_end(&w);
    static const char *const details[] = {NULL, "", "alert 42"};
    for (int i = 0; i < 3; i++) {
        begin(&w, i & 1, AT_TLS);
        negotiator_transport(&w.negotiator, NEGOTIATOR_TRANSPORT_TLS, details[i], w.now);
        pass(&w, 0);
        expect_end(&w, NEGOTIATOR_TLS_FAILED);
        assert_string_equal(w.last.detail, i == 2 ? "alert 42" : "the transport ended before the TLS handshake");
        stage_end(&w);
    }
}

static void test_back_pressure(void **state)
{
    static char stanza[NEGOTIATOR_OUTPUT_MIN];
    (void)state;
    stage w;
    stage_config(&w, NEGOTIATOR_INITIATING);
    w.config.output = NEGOTIATOR_OUTPUT_MIN;
    stage_begin(&w);
    go_to(&w, AT_READY);
    size_t room = NEGOTIATOR_OUTPUT_MIN - NEGOTIATOR_RESERVE;
    memset(stanza, 'a', sizeof stanza);
    memcpy(stanza, "<message>", 9);
    memcpy(stanza + room - 10, "</message>", 10);
    assert_int_equal(negotiator_send(&w.negotiator, stanza, room + 1, NULL, w.now), NEGOTIATOR_SEND_TOO_LARGE);
    assert_int_equal(negotiator_send(&w.negotiator, stanza, room, NULL, w.now), NEGOTIATOR_SEND_TAKEN);
    assert_int_equal(negotiator_send(&w.negotiator, "<presence/>", 11, NULL, w.now), NEGOTIATOR_SEND_FULL);
    negotiator_sent(&w.negotiator, 10, w.now);
    assert_int_equal(negotiator_send(&w.negotiator, "<presence/>", 11, NULL, w.now), NEGOTIATOR_SEND_FULL);
    negotiator_sent(&w.negotiator, 1, w.now);
    assert_int_equal(negotiator_send(&w.negotiator, "<presence/>", 11, NULL, w.now), NEGOTIATOR_SEND_TAKEN);
    assert_int_equal(negotiator_output(&w.negotiator).size, room);
    close_now(&w); /* the reserve is for this */
    assert_int_equal(negotiator_output(&w.negotiator).size, room + strlen(CLOSING));
    negotiator_sent(&w.negotiator, SIZE_MAX, w.now);
    assert_int_equal(negotiator_output(&w.negotiator).size, 0);
    stage_end(&w);
}

/* A peer that asks without listening is not read on until its answers went out. */
static void test_peer_does_not_listen(void **state)
{
    static char data[SASL_MESSAGE_MAX + 1], text[4096];
    static sasl_play long_winded[8];
    (void)state;
    stage w;
    memset(data, 'A', SASL_MESSAGE_MAX);
    for (int i = 0; i < 8; i++) {
        long_winded[i] = (sasl_play){i == 0 ? "aW5pdGlhbA==" : "cmVzcG9uc2U=", data, SASL_CONTINUE};
    }
    stage_config(&w, NEGOTIATOR_RECEIVING);
    w.config.output = NEGOTIATOR_OUTPUT_MIN;
    w.play = long_winded;
    w.plays = 8;
    stage_begin(&w);
    receive_to(&w, AT_HEADER_2);
    snprintf(text, sizeof text,
             INITIAL_HEADER AUTH RESPONSE RESPONSE "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
    weir_slice input = {(const uint8_t *)text, strlen(text)};
    negotiator_event event;
    for (int i = 0; i < 10; i++) {
        while (negotiator_next(&w.negotiator, &input, w.now, &event) != NEGOTIATOR_WAIT) {
            assert_int_not_equal(event.type, NEGOTIATOR_ENDED);
        }
        assert_int_equal(input.size != 0, i < 3); /* a part of the output is not enough */
        negotiator_sent(&w.negotiator, i == 0 ? 10 : i == 1 ? 500 : SIZE_MAX, w.now);
    }
    stage_end(&w);
}

static void test_bind_wipe(void **state)
{
    (void)state;
    stage w;
    begin(&w, true, AT_CHALLENGE);
    assert_true(w.exchange);
    negotiator_wipe(&w.negotiator);
    assert_false(w.exchange);
    for (size_t i = 0; i < negotiator_workspace_size(&w.config); i++) {
        assert_int_equal(((uint8_t *)w.memory)[i], 0);
    }
    stage_end(&w);
    assert_string_equal(negotiator_outcome_name(NEGOTIATOR_ABANDONED), "abandoned");
    assert_string_equal(negotiator_outcome_name((negotiator_outcome)99), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_close),
        cmocka_unit_test(test_outcomes),
        cmocka_unit_test(test_never_answered),
        cmocka_unit_test(test_peer_closes),
        cmocka_unit_test(test_after_close),
        cmocka_unit_test(test_close_before_open),
        cmocka_unit_test(test_close_anywhere),
        cmocka_unit_test(test_refuse),
        cmocka_unit_test(test_keepalive),
        cmocka_unit_test(test_no_keepalive_before),
        cmocka_unit_test(test_send),
        cmocka_unit_test(test_small_limits),
        cmocka_unit_test(test_due),
        cmocka_unit_test(test_back_pressure),
        cmocka_unit_test(test_peer_does_not_listen),
        cmocka_unit_test(test_bind_wipe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
