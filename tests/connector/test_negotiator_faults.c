/* test_negotiator_faults.c - the fault matrix: every step of the negotiation, and what can go wrong at each
 *
 * A cell is a place and a fault; it has one outcome, ends within its deadlines, leaves nothing open, and never goes on
 * in clear. Each is played whole and in single bytes, with the same result.
 *
 * SPDX-License-Identifier: MIT */
#include "../support/cmocka.h"
#include "support/stage.h"

#include <stdio.h>
#include <string.h>

typedef void begin_function(stage *w, enum place place);

static void begin_initiating(stage *w, enum place place)
{
    stage_config(w, NEGOTIATOR_INITIATING);
    stage_begin(w);
    go_to(w, place);
}

static void begin_receiving(stage *w, enum place place)
{
    stage_config(w, NEGOTIATOR_RECEIVING);
    stage_begin(w);
    receive_to(w, place);
}

/* To the end, by time alone; no more than what the longest phases add up to. */
static void let_end(stage *w)
{
    uint64_t begin = w->now;
    for (int i = 0; i < 20 && !w->ended; i++) {
        uint64_t deadline = negotiator_deadline(&w->negotiator);
        assert_int_not_equal(deadline, UINT64_MAX);
        said(w);
        pass(w, deadline > w->now ? deadline - w->now : 0);
    }
    assert_true(w->ended);
    assert_in_range(w->now - begin, 0, 200000);
}

/* No credentials without TLS, and nothing at all after the closing tag. */
static void check_said(const stage *w, const char *bytes)
{
    const char *closing = strstr(bytes, CLOSING);
    assert_true(closing == NULL || closing[strlen(CLOSING)] == 0);
    assert_true(w->negotiator.secured || strstr(bytes, "<auth") == NULL);
}

static bool is_tls(enum place place)
{
    return place == AT_STARTTLS || place == AT_TLS;
}

static bool receives_at(enum place place)
{
    return place != AT_STARTTLS && place != AT_SUCCESS && place != AT_BIND_FEATURES;
}

/* ---- Faults in bytes --------------------------------------------------------------------------------------------- */

typedef struct fault {
    const char *name, *bytes;
    negotiator_outcome outcome;
    const char *condition; /* of the stream error that we send */
} fault;

/* At any place where an element of the negotiation is awaited, and at READY where `ready`. */
static const fault elements[] = {
    {"wrong element", "<x xmlns='urn:example'/>", NEGOTIATOR_REFUSED, "unsupported-stanza-type"},
    {"stanza", "<message><body>a</body></message>", NEGOTIATOR_REFUSED, "not-authorized"},
    {"proceed of another namespace", "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", NEGOTIATOR_REFUSED,
     "unsupported-stanza-type"},
    {"success of another namespace", "<success xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", NEGOTIATOR_REFUSED,
     "unsupported-stanza-type"},
    {"features of another namespace", "<features xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", NEGOTIATOR_REFUSED,
     "unsupported-stanza-type"},
    {"second header", "<stream:stream xmlns='jabber:client' version='1.0'>", NEGOTIATOR_INVALID_XML, "bad-format"},
    {"second declaration", DECLARATION, NEGOTIATOR_INVALID_XML, "restricted-xml"},
    {"not well-formed", "<a b=c>", NEGOTIATOR_INVALID_XML, "not-well-formed"},
    {"comment", "<!-- -->", NEGOTIATOR_INVALID_XML, "restricted-xml"},
    {"text", "text", NEGOTIATOR_INVALID_XML, "bad-format"},
    {"malformed UTF-8", "\xff", NEGOTIATOR_INVALID_XML, "unsupported-encoding"},
    {"control character", "<a\x01/>", NEGOTIATOR_INVALID_XML, "not-well-formed"},
    {"wrong content namespace", "<message xmlns='jabber:server'/>", NEGOTIATOR_INVALID_XML, "invalid-namespace"},
    {"prefix on a stanza", "<a:message xmlns:a='jabber:client'/>", NEGOTIATOR_INVALID_XML, "bad-namespace-prefix"},
    {"depth beyond the limit", "<stream:features><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a>", NEGOTIATOR_INVALID_XML,
     "policy-violation"},
};

/* Where a stream header is awaited. */
static const fault headers[] = {
    {"wrong stream namespace", "<stream:stream xmlns:stream='https://etherx.jabber.org/streams' version='1.0'>",
     NEGOTIATOR_INVALID_XML, "invalid-namespace"},
    {"wrong content namespace",
     "<stream:stream id='a' xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>",
     NEGOTIATOR_INVALID_XML, "invalid-namespace"},
    {"other version",
     "<stream:stream id='a' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='2.0'>",
     NEGOTIATOR_INVALID_XML, "unsupported-version"},
    {"no stream", "<html>", NEGOTIATOR_INVALID_XML, "invalid-namespace"},
    {"HTTP", "HTTP/1.1 400 Bad Request\r\n", NEGOTIATOR_INVALID_XML, "not-well-formed"},
    {"DOCTYPE", "<!DOCTYPE a>", NEGOTIATOR_INVALID_XML, "restricted-xml"},
};

static void play_fault(begin_function *begin, enum place place, const fault *f, size_t chunk)
{
    stage w;
    begin(&w, place);
    w.chunk = chunk;
    hear(&w, f->bytes);
    char text[sizeof w.said];
    snprintf(text, sizeof text, "%s", said(&w));
    check_said(&w, text);
    let_end(&w);
    if (w.last.outcome != f->outcome && !is_tls(place)) {
        fail_msg("%s at %s: %s, %s", f->name, place_names[place], negotiator_outcome_name(w.last.outcome),
                 w.last.detail);
    }
    if (is_tls(place)) {
        assert_string_equal(text, ""); /* nothing of XML where TLS begins (5.4.3.1) */
        assert_true(w.last.outcome == NEGOTIATOR_REFUSED || w.last.outcome == NEGOTIATOR_INVALID_XML);
    } else {
        char error[80];
        snprintf(error, sizeof error, "<stream:error><%s xmlns=", f->condition);
        if (strstr(text, error) == NULL) {
            fail_msg("%s at %s: %s instead of %s", f->name, place_names[place], text, error);
        }
        assert_true(w.last.sent_error);
        assert_string_equal(w.last.condition, f->condition);
        /* The header first (4.9.1.2), once. */
        bool header_due =
            begin == begin_receiving && (place == AT_HEADER || place == AT_HEADER_2 || place == AT_HEADER_3);
        assert_int_equal(strstr(text, "<stream:stream ") != NULL, header_due);
        assert_string_equal(text + strlen(text) - strlen(CLOSING), CLOSING);
    }
    expect_end(&w, w.last.outcome);
    stage_end(&w);
}

static void test_wrong_elements(void **state)
{
    (void)state;
    for (enum place place = AT_HEADER; place < AT_READY; place++) {
        bool header = place == AT_HEADER || place == AT_HEADER_2 || place == AT_HEADER_3;
        for (size_t i = 0; i < sizeof elements / sizeof *elements && !header; i++) {
            bool deep = strstr(elements[i].name, "depth") != NULL;
            for (size_t chunk = 0; chunk < 2; chunk++) {
                if (!deep || place == AT_FEATURES || place == AT_SASL_FEATURES) {
                    play_fault(begin_initiating, place, &elements[i], chunk);
                }
                if (receives_at(place) && place != AT_TLS && !deep) {
                    play_fault(begin_receiving, place, &elements[i], chunk);
                }
            }
        }
        for (size_t i = 0; i < sizeof headers / sizeof *headers && header; i++) {
            for (size_t chunk = 0; chunk < 2; chunk++) {
                play_fault(begin_initiating, place, &headers[i], chunk);
                play_fault(begin_receiving, place, &headers[i], chunk);
            }
        }
    }
}

/* Endless elements end at the limit: before authentication at 16 KiB, after it at what the caller allows. */
static void test_limits(void **state)
{
    static const struct {
        enum place place;
        const char *begin;
    } cases[] = {{AT_FEATURES, "<stream:features><a xmlns='b'>"},
                 {AT_STARTTLS, "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'>"},
                 {AT_SASL_FEATURES, "<stream:features><a xmlns='b'>"},
                 {AT_CHALLENGE, "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"},
                 {AT_SUCCESS, "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"},
                 {AT_READY, "<message><body>"}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        static char text[300000];
        stage w;
        begin_initiating(&w, cases[i].place);
        size_t limit = i < 5 ? w.config.before.element : w.config.after.element, size = strlen(cases[i].begin);
        memset(text, 'a', sizeof text);
        memcpy(text, cases[i].begin, size);
        hear_bytes(&w, text, limit);
        assert_false(w.ended);
        assert_string_equal(said(&w), "");
        hear_bytes(&w, "a", 1);
        let_end(&w);
        expect_end(&w, NEGOTIATOR_INVALID_XML);
        assert_int_equal(w.last.error.code, WEIR_E_LIMIT_ELEMENT);
        assert_string_equal(w.last.condition, i == 1 ? "" : "policy-violation");
        stage_end(&w);
    }
}

/* What belongs to another step is as wrong as what belongs to none. */
static void test_out_of_order(void **state)
{
    static const char *const steps[] = {STARTTLS_FEATURES,
                                        PROCEED,
                                        CHALLENGE,
                                        SUCCESS,
                                        "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
                                        "<iq id='other' type='result'/>"};
    static const enum place right[] = {AT_FEATURES, AT_STARTTLS, AT_CHALLENGE, AT_CHALLENGE, AT_CHALLENGE, PLACES};
    (void)state;
    for (enum place place = AT_FEATURES; place <= AT_READY; place++) {
        for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
            bool fits = place == right[i] || (place == AT_SUCCESS && right[i] == AT_CHALLENGE) ||
                        (i == 0 && (place == AT_SASL_FEATURES || place == AT_BIND_FEATURES)) ||
                        (place == AT_READY && i == 5) || place == AT_HEADER_2 || place == AT_HEADER_3;
            stage w;
            if (fits) {
                continue;
            }
            begin_initiating(&w, place);
            hear(&w, steps[i]);
            check_said(&w, said(&w));
            let_end(&w);
            expect_end(&w, NEGOTIATOR_REFUSED);
            stage_end(&w);
        }
    }
}

/* ---- Bytes where TLS begins -------------------------------------------------------------------------------------- */

static void test_injected_after_proceed(void **state)
{
    static const char *const injected[] = {" ", "\n", "<", RESPONSE_HEADER, SUCCESS, "\x16\x03", CLOSING};
    (void)state;
    for (size_t i = 0; i < sizeof injected / sizeof *injected; i++) {
        stage w;
        char text[512];
        begin_initiating(&w, AT_STARTTLS);
        snprintf(text, sizeof text, PROCEED "%s", injected[i]);
        hear(&w, text);
        expect(&w, "ended:refused", "");
        assert_non_null(strstr(w.last.detail, "5.4.3.1"));
        assert_false(negotiator_secured(&w.negotiator, &(negotiator_tls){.verified = true}, w.now));
        expect_end(&w, NEGOTIATOR_REFUSED);
        stage_end(&w);
        begin_initiating(&w, AT_TLS); /* the same, where a driver gives on what is TLS's */
        hear(&w, injected[i]);
        expect_end(&w, NEGOTIATOR_REFUSED);
        stage_end(&w);
    }
}

static void test_early_after_starttls(void **state)
{
    static const char *const early[] = {"<", "\n<", INITIAL_HEADER, AUTH, "\x16\x03\x01", "a", CLOSING};
    (void)state;
    for (size_t i = 0; i < sizeof early / sizeof *early; i++) {
        for (size_t chunk = 0; chunk < 2; chunk++) {
            stage w;
            char text[512];
            begin_receiving(&w, AT_FEATURES);
            snprintf(text, sizeof text, STARTTLS "%s", early[i]);
            w.chunk = chunk;
            hear(&w, text);
            expect(&w, chunk == 0 ? "ended:refused" : "start-tls ended:refused", "");
            expect_end(&w, NEGOTIATOR_REFUSED);
            stage_end(&w);
        }
    }
}

/* Real clients end each element with a line feed. What follows, once <proceed/> is out, is TLS's. */
static void test_space_after_starttls(void **state)
{
    (void)state;
    stage w;
    negotiator_event event;
    begin_receiving(&w, AT_FEATURES);
    hear(&w, STARTTLS "\r\n\t ");
    expect(&w, "start-tls", PROCEED);
    weir_slice input = {(const uint8_t *)"\n\x16\x03\x01", 4};
    assert_int_equal(negotiator_next(&w.negotiator, &input, w.now, &event), NEGOTIATOR_WAIT);
    assert_int_equal(input.size, 3);
    assert_int_equal(input.data[0], 0x16);
    secure(&w, NULL);
    hear(&w, "\n" INITIAL_HEADER);
    assert_string_equal(happened(&w), "header");
    stage_end(&w);
}

/* Nobody answers what was not asked: an answer that lies there before the question was handed to the transport is
 * refused. */
static void test_answers_before_questions(void **state)
{
    static const struct {
        enum place place;
        const char *bytes;
    } cases[] = {{AT_FEATURES, STARTTLS_FEATURES PROCEED},
                 {AT_FEATURES, STARTTLS_FEATURES "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"},
                 {AT_SASL_FEATURES, SASL_FEATURES(MECHANISM("SCRAM-SHA-1")) CHALLENGE},
                 {AT_SASL_FEATURES, SASL_FEATURES(MECHANISM("SCRAM-SHA-1")) SUCCESS},
                 {AT_CHALLENGE, CHALLENGE SUCCESS},
                 {AT_SUCCESS, SUCCESS RESPONSE_HEADER},
                 {AT_BIND_FEATURES, BIND_FEATURES "<iq id='AAEC' type='result'/>"}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        stage w;
        begin_initiating(&w, cases[i].place);
        hear(&w, cases[i].bytes);
        said(&w);
        let_end(&w);
        expect_end(&w, NEGOTIATOR_REFUSED);
        assert_non_null(strstr(w.last.detail, "before"));
        stage_end(&w);
    }
    stage w;
    stage_config(&w, NEGOTIATOR_INITIATING);
    stage_begin(&w);
    w.unsent = true;
    hear(&w, RESPONSE_HEADER);
    let_end(&w);
    expect_end(&w, NEGOTIATOR_REFUSED);
    stage_end(&w);
}

/* ---- Response headers -------------------------------------------------------------------------------------------- */

#define HEADER_WITH(attributes) "<stream:stream" attributes STREAM_NAMES ">"

static void test_response_headers(void **state)
{
    static const struct {
        const char *bytes, *rule;
    } cases[] = {{HEADER_WITH(" version='1.0'"), "4.7.3"},
                 {HEADER_WITH(" id='' version='1.0'"), "4.7.3"},
                 {HEADER_WITH(" id='a'"), "4.7.5"},
                 {HEADER_WITH(" id='a' version='0.9'"), "4.7.5"}};
    static const char *const follows[] = {STARTTLS_FEATURES, SASL_FEATURES(MECHANISM("PLAIN")), CLOSING};
    static const enum place places[] = {AT_HEADER, AT_HEADER_2, AT_HEADER_3};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases * 9; i++) {
        stage w;
        begin_initiating(&w, places[i % 3]);
        hear(&w, cases[i / 9].bytes);
        hear(&w, follows[i / 3 % 3]);
        assert_null(strstr(said(&w), "<starttls"));
        let_end(&w);
        expect_end(&w, NEGOTIATOR_REFUSED);
        assert_non_null(strstr(w.last.detail, cases[i / 9].rule));
        stage_end(&w);
        /* The reason of a server that does not know the domain is heard. */
        begin_initiating(&w, places[i % 3]);
        hear(&w, cases[i / 9].bytes);
        hear(&w, "<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>" CLOSING);
        said(&w);
        transport(&w, NEGOTIATOR_TRANSPORT_CLOSED);
        expect_end(&w, NEGOTIATOR_STREAM_ERROR);
        assert_string_equal(w.last.condition, "host-unknown");
        stage_end(&w);
    }
}

static void test_initial_headers(void **state)
{
    static const struct {
        const char *bytes, *condition;
        bool server;
    } cases[] = {{HEADER_WITH(" version='1.0'"), "host-unknown", false},
                 {HEADER_WITH(" to='example.org' version='1.0'"), "host-unknown", false},
                 {HEADER_WITH(" to='im.example.con' version='1.0'"), "host-unknown", false},
                 {HEADER_WITH(" to='im.example.com'"), "unsupported-version", false},
                 {HEADER_WITH(" to='im.example.com' from='a b' version='1.0'"), "invalid-from", false},
                 {HEADER_WITH(" to='im.example.com' from='&quot;' version='1.0'"), "invalid-from", false},
                 {"<stream:stream to='im.example.com' version='1.0' xmlns='jabber:server' "
                  "xmlns:stream='http://etherx.jabber.org/streams'>",
                  "invalid-from", true}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        stage w;
        stage_config(&w, NEGOTIATOR_RECEIVING);
        w.config.server = cases[i].server;
        w.config.security = NEGOTIATOR_DIRECT_TLS;
        stage_begin(&w);
        secure(&w, NULL);
        happened(&w);
        hear(&w, cases[i].bytes);
        assert_int_equal(strncmp(said(&w), DECLARATION "<stream:stream from='im.example.com' id='", 62), 0);
        assert_string_equal(w.negotiator.condition, cases[i].condition);
        let_end(&w);
        expect_end(&w, NEGOTIATOR_REFUSED);
        stage_end(&w);
    }
    stage w;
    char bytes[4096];
    begin_receiving(&w, AT_HEADER);
    snprintf(bytes, sizeof bytes, "<stream:stream to='im.example.com' from='%03100d' version='1.0'" STREAM_NAMES ">",
             0);
    hear(&w, bytes);
    said(&w);
    let_end(&w);
    assert_string_equal(w.last.condition, "invalid-from");
    stage_end(&w);
}

/* ---- The peer's errors and ends ---------------------------------------------------------------------------------- */

static void test_stream_errors(void **state)
{
    static const char *const texts[] = {
        STREAM_ERROR("system-shutdown"),
        "<stream:error><system-shutdown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><reset "
        "xmlns='urn:ietf:params:xml:ns:"
        "xmpp-streams'/><text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>Bye</text><x "
        "xmlns='urn:x'>a<b/></x></stream:error>"};
    (void)state;
    for (int i = 0; i < PLACES * 8; i++) {
        enum place place = (enum place)(i / 8);
        begin_function *begin = i & 1 ? begin_initiating : begin_receiving;
        bool header = place == AT_HEADER || place == AT_HEADER_2 || place == AT_HEADER_3;
        stage w;
        if (place == AT_TLS || (begin == begin_receiving && !receives_at(place))) {
            continue;
        }
        begin(&w, place);
        if (header) {
            hear(&w, begin == begin_initiating ? RESPONSE_HEADER : INITIAL_HEADER);
        }
        w.chunk = i & 2 ? 1 : 0;
        hear(&w, texts[i / 4 & 1]);
        const char *answer = said(&w);
        assert_string_equal(answer + strlen(answer) - strlen(CLOSING), CLOSING);
        hear(&w, CLOSING);
        transport(&w, NEGOTIATOR_TRANSPORT_CUT);
        expect_end(&w, NEGOTIATOR_STREAM_ERROR);
        assert_string_equal(w.last.condition, "system-shutdown");
        assert_false(w.last.sent_error);
        assert_int_equal(w.last.text.size, i / 4 & 1 ? 3 : 0);
        assert_int_equal(w.last.ready, place == AT_READY);
        stage_end(&w);
    }
}

static void test_unknown_stream_error(void **state)
{
    static const char *const texts[] = {STREAM_ERROR("no-such-condition"), "<stream:error/>",
                                        STREAM_ERROR("undefined-condition")};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        stage w;
        begin_initiating(&w, AT_READY);
        hear(&w, texts[i]);
        said(&w);
        hear(&w, STREAM_ERROR("reset") CLOSING); /* a second one says nothing any more */
        transport(&w, NEGOTIATOR_TRANSPORT_CLOSED);
        expect_end(&w, NEGOTIATOR_STREAM_ERROR);
        assert_string_equal(w.last.condition, "undefined-condition");
        stage_end(&w);
    }
}

static void test_cut(void **state)
{
    static const negotiator_transport_end ends[] = {NEGOTIATOR_TRANSPORT_CLOSED, NEGOTIATOR_TRANSPORT_CUT,
                                                    NEGOTIATOR_TRANSPORT_RESET, NEGOTIATOR_TRANSPORT_TLS};
    (void)state;
    for (int i = 0; i < PLACES * 8; i++) {
        enum place place = (enum place)(i / 8);
        negotiator_transport_end how = ends[i / 2 % 4];
        begin_function *begin = i & 1 ? begin_initiating : begin_receiving;
        negotiator_outcome outcome = how == NEGOTIATOR_TRANSPORT_TLS || place == AT_TLS ? NEGOTIATOR_TLS_FAILED
                                     : how == NEGOTIATOR_TRANSPORT_RESET                ? NEGOTIATOR_TRANSPORT_FAILED
                                                                                        : NEGOTIATOR_TRUNCATED;
        stage w;
        if (begin == begin_receiving && !receives_at(place)) {
            continue;
        }
        begin(&w, place);
        hear(&w, place == AT_TLS ? "" : "<a");
        transport(&w, how);
        transport(&w, NEGOTIATOR_TRANSPORT_RESET);
        expect_end(&w, outcome);
        assert_string_equal(said(&w), "");
        stage_end(&w);
    }
}

/* The peer closes in good order, but too early: not what was wanted, and said so. */
static void test_closed_early(void **state)
{
    (void)state;
    for (int i = 0; i < PLACES * 2; i++) {
        enum place place = (enum place)(i / 2);
        begin_function *begin = i & 1 ? begin_initiating : begin_receiving;
        bool header = place == AT_HEADER || place == AT_HEADER_2 || place == AT_HEADER_3;
        stage w;
        if (is_tls(place) || header || (begin == begin_receiving && !receives_at(place))) {
            continue;
        }
        begin(&w, place);
        hear(&w, CLOSING);
        assert_string_equal(said(&w), CLOSING);
        transport(&w, NEGOTIATOR_TRANSPORT_CLOSED);
        expect_end(&w, place == AT_READY ? NEGOTIATOR_CLOSED : NEGOTIATOR_REFUSED);
        stage_end(&w);
    }
}

/* ---- Time -------------------------------------------------------------------------------------------------------- */

static void test_deadlines(void **state)
{
    (void)state;
    for (int i = 0; i < PLACES * 4; i++) {
        enum place place = (enum place)(i / 4);
        begin_function *begin = i & 1 ? begin_initiating : begin_receiving;
        stage w;
        if (place == AT_READY || (begin == begin_receiving && !receives_at(place))) {
            continue;
        }
        begin(&w, place);
        uint64_t begun = w.now, allowed = place == AT_TLS ? 1000 : 2000;
        assert_int_equal(negotiator_deadline(&w.negotiator), begun + allowed);
        for (int j = 0; j < 10 && place != AT_TLS && (i & 2); j++) { /* what trickles in puts nothing off */
            pass(&w, allowed / 20);
            hear(&w, " ");
        }
        pass(&w, begun + allowed - 1 - w.now);
        assert_string_equal(happened(&w), "");
        pass(&w, 1);
        const char *text = said(&w);
        if (is_tls(place)) {
            assert_string_equal(text, "");
        } else {
            assert_non_null(strstr(text, "<stream:error><connection-timeout xmlns="));
            assert_string_equal(happened(&w), "close-transport:timed-out,connection-timeout");
            pass(&w, 500);
        }
        expect_end(&w, NEGOTIATOR_TIMED_OUT);
        stage_end(&w);
    }
}

/* A clock that goes back stops nothing, and one that jumps ends everything. */
static void test_clock(void **state)
{
    (void)state;
    stage w;
    begin_initiating(&w, AT_FEATURES);
    w.now = 5;
    pass(&w, 0);
    assert_string_equal(happened(&w), "");
    w.now = UINT64_MAX;
    pass(&w, 0);
    expect_end(&w, NEGOTIATOR_TIMED_OUT);
    stage_end(&w);
}

/* ---- What this side lacks ---------------------------------------------------------------------------------------- */

static void test_no_random(void **state)
{
    static const enum place places[] = {AT_HEADER, AT_HEADER_2, AT_HEADER_3, AT_BIND};
    (void)state;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        stage w;
        begin_receiving(&w, places[i]);
        w.no_random = true;
        hear(&w, places[i] == AT_BIND ? BIND_REQUEST("") : INITIAL_HEADER);
        expect(&w, "ended:internal", "");
        expect_end(&w, NEGOTIATOR_INTERNAL);
        stage_end(&w);
    }
    stage w;
    begin_initiating(&w, AT_BIND_FEATURES);
    w.no_random = true;
    hear(&w, BIND_FEATURES);
    expect_end(&w, NEGOTIATOR_INTERNAL);
    stage_end(&w);
    /* Not even a header for an error. */
    begin_receiving(&w, AT_HEADER);
    w.no_random = true;
    hear(&w, "<html>");
    expect(&w, "close-transport:invalid-xml", "");
    let_end(&w);
    assert_false(w.last.sent_error);
    stage_end(&w);
    begin_receiving(&w, AT_HEADER);
    w.no_random = true;
    negotiator_close(&w.negotiator, w.now);
    expect(&w, "", "");
    pass(&w, 0);
    expect_end(&w, NEGOTIATOR_INTERNAL);
    stage_end(&w);
}

static void test_configs(void **state)
{
    static const char *const bad[] = {"a b", "a'b", "a\xff", "a<b"};
    (void)state;
    for (int i = 0; i < 24; i++) {
        stage w;
        char memory[64];
        stage_config(&w, i == 0 ? NEGOTIATOR_RECEIVING : NEGOTIATOR_INITIATING);
        negotiator_config *c = &w.config;
        switch (i) {
        case 0: c->local = NULL; break;
        case 1: c->remote = NULL; break;
        case 2: c->remote = ""; break;
        case 3: c->random = NULL; break;
        case 4: c->sasl.start = NULL; break;
        case 5: c->sasl.step = NULL; break;
        case 6: c->sasl.end = NULL; break;
        case 7: c->sasl.reason = NULL; break;
        case 8: c->sasl.condition = NULL; break;
        case 9: c->sasl.username = NULL; break;
        case 10: c->output = NEGOTIATOR_OUTPUT_MIN - 1; break;
        case 11: c->output = (size_t)WEIR_LIMIT_MAX + 1; break;
        case 12: c->before.depth = 0; break;
        case 13: c->after.depth = 0; break;
        case 14: c->resource = "a\x01"; break;
        case 15: c->lang = "e n"; break;
        default: *(i & 1 ? &c->local : &c->remote) = bad[(i / 2) % 4]; break;
        }
        negotiator n;
        negotiator_event event;
        void *workspace = test_malloc(1u << 20);
        assert_false(negotiator_init(&n, c, workspace, 1u << 20));
        negotiator_open(&n, 0);
        assert_int_equal(negotiator_next(&n, NULL, 0, &event), NEGOTIATOR_ENDED);
        assert_int_equal(event.outcome, NEGOTIATOR_INTERNAL);
        negotiator_wipe(&n);
        stage_config(&w, NEGOTIATOR_INITIATING);
        assert_false(negotiator_init(&n, &w.config, memory, sizeof memory));
        assert_false(negotiator_init(&n, &w.config, NULL, 1u << 20));
        assert_false(negotiator_init(&n, &w.config, (char *)workspace + 1, (1u << 20) - 1));
        test_free(workspace);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrong_elements),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_out_of_order),
        cmocka_unit_test(test_injected_after_proceed),
        cmocka_unit_test(test_early_after_starttls),
        cmocka_unit_test(test_space_after_starttls),
        cmocka_unit_test(test_answers_before_questions),
        cmocka_unit_test(test_response_headers),
        cmocka_unit_test(test_initial_headers),
        cmocka_unit_test(test_stream_errors),
        cmocka_unit_test(test_unknown_stream_error),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_closed_early),
        cmocka_unit_test(test_deadlines),
        cmocka_unit_test(test_clock),
        cmocka_unit_test(test_no_random),
        cmocka_unit_test(test_configs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
