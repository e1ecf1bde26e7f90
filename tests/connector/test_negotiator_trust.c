/* test_negotiator_trust.c - what a peer could gain by what it offers, says of itself, or answers too early
 *
 * SPDX-License-Identifier: MIT */
#include "../../tools/connector/negotiator_private.h"
#include "../support/cmocka.h"
#include "support/stage.h"

#include <stdio.h>
#include <string.h>

#define BIT(name) SASL_ALLOWED(SASL_##name)
#define SASL(name, data) "<" name " xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>" data "</" name ">"
#define SERVER_HEADER(from)                                                                                            \
    DECLARATION "<stream:stream from='" from "' to='example.net' version='1.0' xmlns='jabber:server' "                 \
                "xmlns:stream='http://etherx.jabber.org/streams'>"

static const negotiator_tls tls12 = {.verified = true, .binding = SASL_BINDING_TLS_UNIQUE};
static const negotiator_tls tls13 = {.verified = true, .tls13 = true, .binding = SASL_BINDING_TLS_EXPORTER};

static void hear_offer(stage *w, const char *offer, const negotiator_tls *tls)
{
    stage_begin(w);
    go_to(w, AT_TLS);
    secure(w, tls);
    hear(w, RESPONSE_HEADER);
    said(w);
    happened(w);
    hear(w, offer);
}

static void ends(stage *w, negotiator_outcome outcome, const char *detail)
{
    said(w);
    hear(w, CLOSING);
    transport(w, NEGOTIATOR_TRANSPORT_CLOSED);
    expect_end(w, outcome);
    if (strstr(w->last.detail, detail) == NULL || w->last.detail[0] == 0) {
        fail_msg("%s not in %s", detail, w->last.detail);
    }
    stage_end(w);
}

/* ---- What is offered --------------------------------------------------------------------------------------------- */

#define DEFAULT SASL_ALLOWED_DEFAULT
#define AND_PLAIN (SASL_ALLOWED_DEFAULT | BIT(PLAIN))

/* Mechanisms that are not spoken here say something all the same: that the server has SCRAM, or channel binding. */
static void test_unspoken(void **state)
{
    static const struct {
        const char *offer;
        uint32_t allowed;
        bool no_channel_binding;
        const char *happens; /* begins with mechanism: what is tried; else in the detail */
    } cases[] = {
        {MECHANISM("SCRAM-SHA-512") MECHANISM("PLAIN"), AND_PLAIN, false, "of a hash that is not spoken"},
        {MECHANISM("SCRAM-SHA-512") MECHANISM("PLAIN"), AND_PLAIN, true, "of a hash that is not spoken"},
        {MECHANISM("SCRAM-SHA-512-PLUS") MECHANISM("PLAIN"), AND_PLAIN, true, "of a hash that is not spoken"},
        {MECHANISM("SCRAM-SHA-512-PLUS") MECHANISM("PLAIN"), AND_PLAIN, false, "not spoken here"},
        {MECHANISM("SCRAM-SHA-512") MECHANISM("PLAIN"), BIT(PLAIN), false, "mechanism:PLAIN,n"}, /* asked for */
        {MECHANISM("SCRAM-SHA-512-PLUS") MECHANISM("PLAIN"), BIT(PLAIN), false, "mechanism:PLAIN,n"},
        {MECHANISM("SCRAM-SHA-512") MECHANISM("SCRAM-SHA-256"), DEFAULT, false, "mechanism:SCRAM-SHA-256,y"},
        {MECHANISM("SCRAM-SHA-512") MECHANISM("SCRAM-SHA-1") MECHANISM("PLAIN"), AND_PLAIN, false,
         "mechanism:SCRAM-SHA-1,y"},
        /* neither y, which would be untrue, nor n, which nobody asked for */
        {MECHANISM("SCRAM-SHA-512-PLUS") MECHANISM("SCRAM-SHA-256"), DEFAULT, false, "--no-channel-binding"},
        {MECHANISM("GS2-KRB5-PLUS") MECHANISM("SCRAM-SHA-256"), DEFAULT, false, "--no-channel-binding"},
        {MECHANISM("SCRAM-SHA-512-PLUS") MECHANISM("SCRAM-SHA-256"), DEFAULT, true, "mechanism:SCRAM-SHA-256,n"},
        {MECHANISM("SCRAM-SHA-512-PLUS") MECHANISM("SCRAM-SHA-1-PLUS"), DEFAULT, false,
         "mechanism:SCRAM-SHA-1-PLUS,p,tls-exporter"},
        /* no SCRAM, no -PLUS */
        {MECHANISM("SCRAM-") MECHANISM("-PLUS") MECHANISM("X-SCRAM-SHA-1") MECHANISM("XSCRAM-PLUS-X")
             MECHANISM("PLAIN"),
         AND_PLAIN, false, "mechanism:PLAIN,n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char offer[1024];
        stage w;
        stage_config(&w, NEGOTIATOR_INITIATING);
        w.config.policy = (sasl_policy){cases[i].allowed, cases[i].no_channel_binding};
        snprintf(offer, sizeof offer, SASL_FEATURES("%s"), cases[i].offer);
        hear_offer(&w, offer, &tls13);
        if (strncmp(cases[i].happens, "mechanism:", 10) == 0) {
            if (strstr(w.happened, cases[i].happens) == NULL) {
                fail_msg("case %zu: %s", i, w.happened);
            }
            stage_end(&w);
        } else {
            assert_int_equal(w.started, 0);
            ends(&w, NEGOTIATOR_NOT_AUTHENTICATED, cases[i].happens);
        }
    }
}

/* RFC 4422 3.1 */
static void test_no_names(void **state)
{
    static const char *const names[] = {
        "",          " SCRAM-SHA-1",    "SCRAM-SHA-1 ", "SCRAM-SHA-1\n", "scram-sha-256-plus",       "SCRAM SHA-1",
        "SCRAM/1",   "SCRAM:1",         "SCRAM@1",      "SCRAM[",        "SCRAM-SHA-1-PLUS\xc2\xa0", "PLAIN&#x9;",
        "<a/>PLAIN", "SCRAM<a/>-SHA-1", "PLAIN<a>b</a>"};
    static char long_name[8192];
    (void)state;
    snprintf(long_name, sizeof long_name, "%0*d", (int)NEGOTIATOR_TEXT_MAX + 1, 0);
    const size_t count = sizeof names / sizeof *names;
    for (size_t i = 0; i <= count; i++) {
        static char offer[9000];
        stage w;
        stage_config(&w, NEGOTIATOR_INITIATING);
        w.config.policy.allowed = AND_PLAIN;
        w.chunk = i & 1;
        snprintf(offer, sizeof offer, SASL_FEATURES(MECHANISM("%s") MECHANISM("SCRAM-SHA-1")),
                 i < count ? names[i] : long_name);
        hear_offer(&w, offer, &tls13);
        assert_int_equal(w.started, 0);
        assert_non_null(strstr(said(&w), "<bad-format"));
        ends(&w, NEGOTIATOR_REFUSED, "RFC 4422 3.1");
    }
}

/* ---- What is answered -------------------------------------------------------------------------------------------- */

/* To do without channel binding is advised only where it may be at fault, and never as the one thing that may be. */
static void test_advice(void **state)
{
    static const struct {
        const char *mechanism;
        const negotiator_tls *tls;
        const char *condition;
        bool advice;
    } cases[] = {{"SCRAM-SHA-1-PLUS", &tls13, "not-authorized", true},
                 {"SCRAM-SHA-1-PLUS", &tls12, "not-authorized", true},
                 {"SCRAM-SHA-1-PLUS", &tls13, "account-disabled", false},
                 {"SCRAM-SHA-1-PLUS", &tls13, "temporary-auth-failure", false},
                 {"SCRAM-SHA-1", &tls13, "not-authorized", false}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512];
        stage w;
        stage_config(&w, NEGOTIATOR_INITIATING);
        snprintf(text, sizeof text, SASL_FEATURES(MECHANISM("%s")), cases[i].mechanism);
        hear_offer(&w, text, cases[i].tls);
        snprintf(text, sizeof text, SASL("failure", "<%s/>"), cases[i].condition);
        hear(&w, text);
        const char *detail = w.negotiator.detail;
        assert_int_equal(strstr(detail, "--no-channel-binding") != NULL, cases[i].advice);
        assert_int_equal(strstr(detail, "a wrong password, somebody in between") != NULL, cases[i].advice);
        assert_int_equal(strstr(detail, "--tls-max=1.2") != NULL, cases[i].advice && cases[i].tls == &tls13);
        assert_true(strlen(detail) < NEGOTIATOR_DETAIL_MAX - 1); /* whole */
        ends(&w, NEGOTIATOR_NOT_AUTHENTICATED, cases[i].mechanism);
    }
}

/* A message of the exchange that is not its last, in <success/>. */
static void test_early_success(void **state)
{
    static const sasl_play not_yet[] = {{NULL, "aQ==", SASL_CONTINUE}, {"cw==", "YQ==", SASL_CONTINUE}};
    static const sasl_play late[] = {{NULL, "aQ==", SASL_CONTINUE}, {"cw==", "bW9yZQ==", SASL_COMPLETE}};
    (void)state;
    for (int i = 0; i < 2; i++) {
        stage w;
        stage_config(&w, NEGOTIATOR_INITIATING);
        w.play = i ? late : not_yet;
        w.plays = 2;
        hear_offer(&w, SASL_FEATURES(MECHANISM("SCRAM-SHA-1")), &tls13);
        hear(&w, SASL("success", "cw=="));
        ends(&w, NEGOTIATOR_NOT_AUTHENTICATED, "before the exchange was complete");
    }
}

#define ADDRESSES(inside) "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>" inside "</bind>"

/* Which of two is ours? */
static void test_two_addresses(void **state)
{
    static const char *const inside[] = {
        ADDRESSES("<jid>a@b/c</jid><jid>d</jid>"), ADDRESSES("<jid/><jid>a@b/c</jid>"),
        ADDRESSES("<jid>a@b/c</jid><jid/>"),
        ADDRESSES("<jid>a@b/</jid></bind><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>c</jid>")};
    (void)state;
    for (size_t i = 0; i < sizeof inside / sizeof *inside; i++) {
        char answer[512];
        stage w;
        stage_config(&w, NEGOTIATOR_INITIATING);
        stage_begin(&w);
        go_to(&w, AT_BIND);
        snprintf(answer, sizeof answer, "<iq id='%s' type='result'>%s</iq>", w.negotiator.id, inside[i]);
        hear(&w, answer);
        assert_false(negotiator_ready(&w.negotiator));
        ends(&w, NEGOTIATOR_NOT_BOUND, "7.6.1");
    }
    stage w;
    stage_config(&w, NEGOTIATOR_RECEIVING);
    stage_begin(&w);
    receive_to(&w, AT_BIND);
    hear(&w, BIND_REQUEST("<resource>a</resource><resource>b</resource>"));
    assert_non_null(strstr(said(&w), "<bad-request"));
    hear(&w, BIND_REQUEST("<resource>b</resource>")); /* another request is another matter */
    assert_non_null(strstr(said(&w), "<jid>juliet@im.example.com/b</jid>"));
    stage_end(&w);
}

/* What our own work takes, the derivation of a key for instance, is not taken from the time of the peer. */
static void test_own_work(void **state)
{
    (void)state;
    stage w;
    stage_config(&w, NEGOTIATOR_INITIATING);
    hear_offer(&w, SASL_FEATURES(MECHANISM("SCRAM-SHA-1")), &tls13);
    w.now += 1900;
    negotiator_sent(&w.negotiator, 10, w.now); /* a part of it is no question yet */
    assert_int_equal(negotiator_deadline(&w.negotiator), w.now + 100);
    assert_non_null(strstr(said(&w), "</auth>"));
    assert_int_equal(negotiator_deadline(&w.negotiator), w.now + 2000);
    pass(&w, 1999);
    assert_string_equal(said(&w), "");
    hear(&w, CHALLENGE);
    assert_non_null(strstr(said(&w), "<response"));
    stage_end(&w);
}

/* ---- Who the peer says it is ------------------------------------------------------------------------------------- */

static void authenticate_server(stage *w)
{
    static const sasl_play external[] = {{"aW0uZXhhbXBsZS5jb20", "", SASL_COMPLETE}};
    stage_config(w, NEGOTIATOR_RECEIVING);
    w->config.server = true;
    w->config.security = NEGOTIATOR_DIRECT_TLS;
    w->config.local = "example.net";
    w->config.policy.allowed = BIT(EXTERNAL);
    w->play = external;
    w->plays = 1;
    w->username = "im.example.com";
    stage_begin(w);
    secure(w, NULL);
    hear(w, SERVER_HEADER("im.example.com"));
    hear(w, "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>aW0uZXhhbXBsZS5jb20</auth>");
    assert_non_null(strstr(happened(w), "authenticated=im.example.com"));
    said(w);
}

/* RFC 6120 4.9.3.9: of the stream after authentication, too. */
static void test_header_after_authentication(void **state)
{
    (void)state;
    stage w;
    authenticate_server(&w);
    hear(&w, SERVER_HEADER("example.org"));
    assert_non_null(strstr(said(&w), "<stream:error><invalid-from "));
    assert_false(negotiator_ready(&w.negotiator));
    ends(&w, NEGOTIATOR_REFUSED, "4.9.3.9");
    authenticate_server(&w);
    hear(&w, SERVER_HEADER("IM.example.com"));
    assert_string_equal(happened(&w), "header ready");
    stage_end(&w);
    for (int right = 0; right < 2; right++) { /* and of clients, where they say who they are */
        stage_config(&w, NEGOTIATOR_RECEIVING);
        stage_begin(&w);
        receive_to(&w, AT_HEADER_3);
        hear(&w, right
                     ? "<stream:stream from='juliet@im.example.com' to='im.example.com' version='1.0'" STREAM_NAMES ">"
                     : "<stream:stream from='romeo@im.example.com' to='im.example.com' version='1.0'" STREAM_NAMES ">");
        assert_int_equal(strstr(said(&w), "<invalid-from ") == NULL, right);
        stage_end(&w);
    }
}

/* RFC 6120 8.1.2.2 */
static void test_from_of_stanzas(void **state)
{
    static const struct {
        const char *bytes, *condition; /* NULL: it is delivered */
    } cases[] = {
        {"<message from='romeo@im.example.com/orchard@a' to='a@example.net'/>", NULL},
        {"<presence from='IM.example.com'/>", NULL},
        {"<iq from='im.example.com/a' id='1' type='get'/>", NULL},
        {"<x xmlns='urn:example:no-stanza'/>", NULL},
        {"<message from='romeo@example.org' to='a@example.net'/>", "invalid-from"},
        {"<message from='example.org/im.example.com'/>", "invalid-from"},
        {"<message from='example.org/@im.example.com'/>", "invalid-from"},
        {"<message from='im.example.com@example.org'/>", "invalid-from"},
        {"<message from='a.im.example.com'/>", "invalid-from"},
        {"<message from=''/>", "invalid-from"},
        {"<presence/>", "improper-addressing"},
        {"<presence a:from='im.example.com' xmlns:a='b'/>", "improper-addressing"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        stage w;
        authenticate_server(&w);
        hear(&w, SERVER_HEADER("im.example.com"));
        happened(&w);
        said(&w);
        hear(&w, cases[i].bytes);
        if (cases[i].condition == NULL) {
            assert_int_equal(w.happened[0], '<');
            assert_string_equal(said(&w), "");
            stage_end(&w);
        } else {
            assert_null(strchr(w.happened, '<')); /* nobody sees it */
            assert_non_null(strstr(said(&w), cases[i].condition));
            assert_string_equal(w.last.condition, cases[i].condition);
            ends(&w, NEGOTIATOR_REFUSED, "8.1.2.2");
        }
    }
    stage w; /* after our closing tag nothing is said any more */
    authenticate_server(&w);
    hear(&w, SERVER_HEADER("im.example.com"));
    negotiator_close(&w.negotiator, w.now);
    hear(&w, "<presence from='example.org'/>" CLOSING);
    assert_null(strchr(happened(&w), '<'));
    assert_null(strstr(said(&w), "<stream:error"));
    transport(&w, NEGOTIATOR_TRANSPORT_CLOSED);
    expect_end(&w, NEGOTIATOR_CLOSED);
    stage_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unspoken),
        cmocka_unit_test(test_no_names),
        cmocka_unit_test(test_advice),
        cmocka_unit_test(test_early_success),
        cmocka_unit_test(test_two_addresses),
        cmocka_unit_test(test_own_work),
        cmocka_unit_test(test_header_after_authentication),
        cmocka_unit_test(test_from_of_stanzas),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
