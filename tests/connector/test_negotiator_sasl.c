/* test_negotiator_sasl.c - which mechanism is tried, and SASL that goes wrong, at both ends
 *
 * SPDX-License-Identifier: MIT */
#include "../../tools/connector/negotiator_private.h"
#include "../support/cmocka.h"
#include "support/stage.h"

#include <stdio.h>
#include <string.h>

#define BIT(name) SASL_ALLOWED(SASL_##name)
#define BOTH (BIT(SCRAM_SHA_1) | BIT(SCRAM_SHA_1_PLUS))
#define ALL ((1u << SASL_MECHANISM_COUNT) - 1)
#define LISTED (1u << SASL_BINDING_NONE)

static const negotiator_tls tls12 = {.verified = true, .binding = SASL_BINDING_TLS_UNIQUE};
static const negotiator_tls tls12_bare = {.verified = true};
static const negotiator_tls tls13 = {.verified = true, .tls13 = true, .binding = SASL_BINDING_TLS_EXPORTER};
static const negotiator_tls tls13_bare = {.verified = true, .tls13 = true};
static const negotiator_tls unverified = {.tls13 = true};

typedef struct choice_case {
    uint32_t offered, bindings, allowed;
    bool no_channel_binding;
    const negotiator_tls *tls;
    sasl_mechanism mechanism; /* SASL_MECHANISM_COUNT: none */
    sasl_binding_use use;
    const char *why; /* in the text, where there is none */
} choice_case;

#define NONE SASL_MECHANISM_COUNT
#define P SASL_BINDING_USED
#define Y SASL_BINDING_NOT_OFFERED
#define N SASL_BINDING_UNWANTED
#define DEFAULT SASL_ALLOWED_DEFAULT

static const choice_case choices[] = {
    /* -PLUS offered: -PLUS, with what TLS gives */
    {BOTH, 0, DEFAULT, false, &tls13, SASL_SCRAM_SHA_1_PLUS, P, NULL},
    {BOTH, 0, DEFAULT, false, &tls12, SASL_SCRAM_SHA_1_PLUS, P, NULL},
    {ALL, 0, DEFAULT, false, &tls13, SASL_SCRAM_SHA_256_PLUS, P, NULL},
    {ALL & ~BIT(SCRAM_SHA_256_PLUS), 0, DEFAULT, false, &tls13, SASL_SCRAM_SHA_1_PLUS, P, NULL},
    {ALL, 0, BIT(SCRAM_SHA_1_PLUS), false, &tls13, SASL_SCRAM_SHA_1_PLUS, P, NULL},
    /* and nothing else */
    {BOTH, 0, DEFAULT, false, &tls12_bare, NONE, P, "--no-channel-binding"},
    {BOTH, 0, DEFAULT, false, &tls13_bare, NONE, P, "--no-channel-binding"},
    {BOTH, 0, BIT(SCRAM_SHA_1), false, &tls13, NONE, P, "--no-channel-binding"},
    {BIT(SCRAM_SHA_1_PLUS) | BIT(SCRAM_SHA_256), 0, BIT(SCRAM_SHA_256), false, &tls13, NONE, P, "--no-channel-binding"},
    {BOTH | BIT(PLAIN), 0, DEFAULT | BIT(PLAIN), false, &tls12_bare, NONE, P, "--no-channel-binding"},
    /* what the server lists (XEP-0440) */
    {BOTH, LISTED | 1u << SASL_BINDING_TLS_EXPORTER, DEFAULT, false, &tls13, SASL_SCRAM_SHA_1_PLUS, P, NULL},
    {BOTH, LISTED | 1u << SASL_BINDING_TLS_UNIQUE, DEFAULT, false, &tls13, NONE, P, "--tls-max=1.2"},
    {BOTH, LISTED | 1u << SASL_BINDING_TLS_UNIQUE, DEFAULT, false, &tls12, SASL_SCRAM_SHA_1_PLUS, P, NULL},
    {BOTH, LISTED, DEFAULT, false, &tls12, NONE, P, "--no-channel-binding"},
    /* none offered: y, whatever TLS gives */
    {BIT(SCRAM_SHA_1), 0, DEFAULT, false, &tls13, SASL_SCRAM_SHA_1, Y, NULL},
    {BIT(SCRAM_SHA_1), 0, DEFAULT, false, &tls12_bare, SASL_SCRAM_SHA_1, Y, NULL},
    {BIT(SCRAM_SHA_1) | BIT(SCRAM_SHA_256), 0, DEFAULT, false, &tls13, SASL_SCRAM_SHA_256, Y, NULL},
    {BIT(SCRAM_SHA_1) | BIT(PLAIN), 0, DEFAULT | BIT(PLAIN), false, &tls13, SASL_SCRAM_SHA_1, Y, NULL},
    /* not wanted: n */
    {BOTH, 0, DEFAULT, true, &tls13, SASL_SCRAM_SHA_1, N, NULL},
    {BIT(SCRAM_SHA_1), 0, DEFAULT, true, &tls13, SASL_SCRAM_SHA_1, N, NULL},
    {BIT(SCRAM_SHA_1_PLUS), 0, DEFAULT, true, &tls13, NONE, N, "no mechanism"},
    /* those that have to be allowed */
    {BIT(PLAIN), 0, DEFAULT, false, &tls13, NONE, N, "no mechanism"},
    {BIT(PLAIN), 0, DEFAULT | BIT(PLAIN), false, &tls13, SASL_PLAIN, N, NULL},
    {BIT(PLAIN), 0, DEFAULT | BIT(PLAIN), false, &unverified, NONE, N, "no mechanism"},
    {ALL, 0, BIT(PLAIN), false, &tls13, SASL_PLAIN, N, NULL},
    {ALL, 0, BIT(EXTERNAL), false, &tls13, SASL_EXTERNAL, N, NULL},
    {ALL, 0, ALL, false, &tls13, SASL_EXTERNAL, N, NULL},
    {ALL, 0, BIT(ANONYMOUS), false, &tls13, SASL_ANONYMOUS, N, NULL},
    {BIT(ANONYMOUS) | BIT(EXTERNAL), 0, DEFAULT, false, &tls13, NONE, N, "no mechanism"},
    {0, 0, ALL, false, &tls13, NONE, N, "no mechanism"},
};

static void test_choice(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
        const choice_case *c = &choices[i];
        const sasl_policy policy = {c->allowed, c->no_channel_binding};
        mechanism_choice choice;
        const char *why = "";
        bool chosen = negotiator_choose(c->offered, c->bindings, &policy, c->tls, &choice, &why);
        if (chosen != (c->mechanism != NONE) ||
            (chosen && (choice.mechanism != c->mechanism || choice.use != c->use))) {
            fail_msg("choice %zu: %d, %s, %d", i, chosen, sasl_mechanism_name(choice.mechanism), (int)choice.use);
        }
        assert_int_equal(chosen ? choice.binding : 0, chosen && c->use == P ? c->tls->binding : SASL_BINDING_NONE);
        assert_true(chosen || strstr(why, c->why) != NULL);
    }
}

/* Whatever is offered, allowed and available: never a way around channel binding that the caller did not ask for. */
static void test_no_downgrade(void **state)
{
    static const negotiator_tls *const all[] = {&tls12, &tls12_bare, &tls13, &tls13_bare, &unverified};
    (void)state;
    for (uint32_t i = 0; i < ALL * ALL * 5; i++) {
        const sasl_policy policy = {i / ALL % ALL, false};
        uint32_t offered = i % ALL;
        mechanism_choice choice;
        const char *why = "";
        if (!negotiator_choose(offered, 0, &policy, all[i / ALL / ALL], &choice, &why)) {
            continue;
        }
        uint32_t chosen = SASL_ALLOWED(choice.mechanism);
        bool scram = (chosen & DEFAULT) != 0, plus = (chosen & SASL_ALLOWED_PLUS) != 0;
        assert_int_equal(chosen & ~(offered & policy.allowed), 0);
        assert_int_equal(choice.use, plus ? P : scram ? Y : N);
        assert_true(plus || !scram || (offered & SASL_ALLOWED_PLUS) == 0);
        assert_true(!plus || choice.binding != SASL_BINDING_NONE);
    }
}

/* ---- Initiating -------------------------------------------------------------------------------------------------- */

#define SASL(name, data) "<" name " xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>" data "</" name ">"

static void begin_exchange(stage *w, const char *offer, const negotiator_tls *tls, const char *mechanism)
{
    stage_begin(w);
    go_to(w, AT_TLS);
    secure(w, tls);
    hear(w, RESPONSE_HEADER);
    said(w);
    happened(w);
    hear(w, offer);
    if (strstr(w->happened, mechanism) == NULL) {
        fail_msg("%s not in %s", mechanism, w->happened);
    }
}

static void test_use_is_passed(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        stage w;
        stage_config(&w, NEGOTIATOR_INITIATING);
        w.config.policy.no_channel_binding = i == 3;
        const char *offer = i == 2 ? SASL_FEATURES(MECHANISM("SCRAM-SHA-256"))
                                   : SASL_FEATURES(MECHANISM("SCRAM-SHA-256") MECHANISM("SCRAM-SHA-256-PLUS"));
        const char *expected = i == 0   ? "mechanism:SCRAM-SHA-256-PLUS,p,tls-exporter"
                               : i == 1 ? "mechanism:SCRAM-SHA-256-PLUS,p,tls-unique"
                               : i == 2 ? "mechanism:SCRAM-SHA-256,y"
                                        : "mechanism:SCRAM-SHA-256,n";
        begin_exchange(&w, offer, i == 1 ? &tls12 : &tls13, expected);
        assert_int_equal(w.use, i < 2 ? P : i == 2 ? Y : N);
        assert_int_equal(w.binding, i == 0   ? SASL_BINDING_TLS_EXPORTER
                                    : i == 1 ? SASL_BINDING_TLS_UNIQUE
                                             : SASL_BINDING_NONE);
        stage_end(&w);
    }
}

static void ends_not_authenticated(stage *w, const char *detail)
{
    const char *text = said(w);
    assert_string_equal(text + strlen(text) - strlen(CLOSING), CLOSING);
    assert_int_equal(w->started, w->started != 0); /* no second try */
    hear(w, CLOSING);
    transport(w, NEGOTIATOR_TRANSPORT_CLOSED);
    expect_end(w, NEGOTIATOR_NOT_AUTHENTICATED);
    if (strstr(w->last.detail, detail) == NULL) {
        fail_msg("%s not in %s", detail, w->last.detail);
    }
    stage_end(w);
}

static void test_no_mechanism(void **state)
{
    static const struct {
        const char *offer;
        const negotiator_tls *tls;
        const char *detail;
    } cases[] = {
        {SASL_FEATURES(MECHANISM("PLAIN") MECHANISM("X-OAUTH2")), &tls13, "no mechanism"},
        {SASL_FEATURES(""), &tls13, "no mechanism"},
        {BIND_FEATURES, &tls13, "no authentication"},
        {"<stream:features/>", &tls13, "no authentication"},
        {SASL_FEATURES(MECHANISM("SCRAM-SHA-1-PLUS")), &tls12_bare, "--no-channel-binding"},
        {"<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-1-PLUS</mechanism>"
         "</mechanisms><sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'><channel-binding type='tls-unique'/>"
         "</sasl-channel-binding></stream:features>",
         &tls13, "--tls-max=1.2"}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        stage w;
        stage_config(&w, NEGOTIATOR_INITIATING);
        begin_exchange(&w, cases[i].offer, cases[i].tls, i == 3 ? "" : "feature");
        assert_int_equal(w.started, 0);
        ends_not_authenticated(&w, cases[i].detail);
    }
}

/* <failure/> ends it: no second, weaker try. What could be done about channel binding is said. */
static void test_failure(void **state)
{
    static const struct {
        const char *offer;
        const negotiator_tls *tls;
        const char *failure, *condition, *text, *detail;
    } cases[] = {{SASL_FEATURES(MECHANISM("SCRAM-SHA-1")), &tls13, SASL("failure", "<not-authorized/>"),
                  "not-authorized", "", "6.4.5"},
                 {SASL_FEATURES(MECHANISM("SCRAM-SHA-1")), &tls13,
                  SASL("failure", "<text xml:lang='en'>No &lt;b></text><account-disabled/><text>b</text>"),
                  "account-disabled", "No <b>b", "6.4.5"},
                 {SASL_FEATURES(MECHANISM("SCRAM-SHA-1")), &tls13, SASL("failure", "<of-another-kind/>"),
                  "not-authorized", "", "6.4.5"},
                 {SASL_FEATURES(MECHANISM("SCRAM-SHA-1")), &tls13, SASL("failure", "<aborted xmlns='x'/>"),
                  "not-authorized", "", "6.4.5"},
                 {SASL_FEATURES(MECHANISM("SCRAM-SHA-1-PLUS")), &tls13, SASL("failure", ""), "not-authorized", "",
                  "--tls-max=1.2"},
                 {SASL_FEATURES(MECHANISM("SCRAM-SHA-1-PLUS")), &tls12, SASL("failure", ""), "not-authorized", "",
                  "--no-channel-binding"}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases * 2; i++) {
        stage w;
        stage_config(&w, NEGOTIATOR_INITIATING);
        w.chunk = i & 1;
        begin_exchange(&w, cases[i / 2].offer, cases[i / 2].tls, "mechanism:SCRAM-SHA-1");
        hear(&w, cases[i / 2].failure);
        assert_string_equal(strstr(said(&w), CLOSING), CLOSING);
        assert_int_equal(w.started, 1);          /* no second try */
        hear(&w, STREAM_ERROR("reset") CLOSING); /* what a server adds changes nothing */
        transport(&w, NEGOTIATOR_TRANSPORT_CLOSED);
        expect_end(&w, NEGOTIATOR_NOT_AUTHENTICATED);
        assert_string_equal(w.last.condition, cases[i / 2].condition);
        assert_int_equal(w.last.text.size, strlen(cases[i / 2].text));
        assert_memory_equal(w.last.text.data, cases[i / 2].text, strlen(cases[i / 2].text));
        assert_non_null(strstr(w.last.detail, cases[i / 2].detail));
        stage_end(&w);
    }
}

/* Success is believed only when the mechanism has seen all that it verifies. */
static void test_success(void **state)
{
    static const sasl_play plain[] = {{NULL, "AGp1bGlldABy", SASL_COMPLETE}};
    static const sasl_play early[] = {{NULL, "aQ==", SASL_CONTINUE}, {"cw==", "", SASL_COMPLETE}};
    static const sasl_play not_yet[] = {{NULL, "aQ==", SASL_CONTINUE}, {"cw==", "", SASL_CONTINUE}};
    static const sasl_play late[] = {{NULL, "aQ==", SASL_CONTINUE}, {"cw==", "bW9yZQ==", SASL_COMPLETE}};
    static const struct {
        const sasl_play *play;
        size_t plays;
        const char *bytes[2];
        bool right;
    } cases[] = {
        {plain, 1, {SASL("success", ""), NULL}, true},
        {plain, 1, {SASL("success", "="), NULL}, true},
        {plain, 1, {SASL("success", "YQ=="), NULL}, false},
        {plain, 1, {SASL("challenge", ""), NULL}, false},
        {early, 2, {SASL("success", ""), NULL}, false},
        {early, 2, {SASL("success", "cw=="), NULL}, true},
        {early, 2, {SASL("success", "d3Jvbmc="), NULL}, false},
        {early, 2, {SASL("success", " cw=="), NULL}, false},
        {early, 2, {SASL("challenge", "cw=="), SASL("success", "")}, true}, /* the signature as a challenge */
        {early, 2, {SASL("challenge", "cw=="), SASL("success", "cw==")}, false},
        {early, 2, {SASL("challenge", "cw=="), SASL("challenge", "cw==")}, false},
        {early, 2, {SASL("challenge", "d3Jvbmc="), NULL}, false},
        {not_yet, 2, {SASL("success", "cw=="), NULL}, false},
        {late, 2, {SASL("success", "cw=="), NULL}, false},
        {late, 2, {SASL("challenge", "cw=="), SASL("success", "")}, true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases * 2; i++) {
        stage w;
        stage_config(&w, NEGOTIATOR_INITIATING);
        w.chunk = i & 1;
        w.play = cases[i / 2].play;
        w.plays = cases[i / 2].plays;
        begin_exchange(&w, SASL_FEATURES(MECHANISM("SCRAM-SHA-1")), &tls13, "mechanism:SCRAM-SHA-1,y");
        happened(&w);
        for (int j = 0; j < 2 && cases[i / 2].bytes[j] != NULL; j++) {
            hear(&w, cases[i / 2].bytes[j]);
        }
        if (cases[i / 2].right) {
            assert_string_equal(happened(&w), "authenticated");
            assert_non_null(strstr(said(&w), "<stream:stream"));
            stage_end(&w);
        } else {
            assert_string_equal(happened(&w), "");
            ends_not_authenticated(&w, "");
        }
    }
}

static void test_empty_response(void **state)
{
    static const sasl_play play[] = {{NULL, "", SASL_CONTINUE}, {"", "", SASL_CONTINUE}, {"YQ==", "", SASL_COMPLETE}};
    (void)state;
    stage w;
    stage_config(&w, NEGOTIATOR_INITIATING);
    w.play = play;
    begin_exchange(&w, SASL_FEATURES(MECHANISM("SCRAM-SHA-1")), &tls13, "mechanism:");
    assert_string_equal(said(&w), "<auth xmlns=\"urn:ietf:params:xml:ns:xmpp-sasl\" mechanism=\"SCRAM-SHA-1\"/>");
    hear(&w, SASL("challenge", ""));
    assert_string_equal(said(&w), "<response xmlns=\"urn:ietf:params:xml:ns:xmpp-sasl\"/>");
    stage_end(&w);
}

/* Endless exchanges and endless messages. */
static void test_bounds(void **state)
{
    static const sasl_play endless[] = {{NULL, "aQ==", SASL_CONTINUE},   {"YQ==", "YQ==", SASL_CONTINUE},
                                        {"YQ==", "YQ==", SASL_CONTINUE}, {"YQ==", "YQ==", SASL_CONTINUE},
                                        {"YQ==", "YQ==", SASL_CONTINUE}, {"YQ==", "YQ==", SASL_CONTINUE},
                                        {"YQ==", "YQ==", SASL_CONTINUE}, {"YQ==", "YQ==", SASL_CONTINUE},
                                        {"YQ==", "YQ==", SASL_CONTINUE}, {"YQ==", "YQ==", SASL_CONTINUE}};
    static char text[SASL_MESSAGE_MAX + 128];
    (void)state;
    stage w;
    stage_config(&w, NEGOTIATOR_INITIATING);
    w.play = endless;
    w.plays = 10;
    begin_exchange(&w, SASL_FEATURES(MECHANISM("SCRAM-SHA-1")), &tls13, "mechanism:");
    for (int i = 0; i < 9; i++) {
        hear(&w, SASL("challenge", "YQ=="));
    }
    ends_not_authenticated(&w, "too many");
    for (int i = 0; i < 2; i++) {
        snprintf(text, sizeof text, i ? SASL("success", "%0*d") : SASL("challenge", "%0*d"), SASL_MESSAGE_MAX + 1, 0);
        stage_config(&w, NEGOTIATOR_INITIATING);
        begin_exchange(&w, SASL_FEATURES(MECHANISM("SCRAM-SHA-1")), &tls13, "mechanism:");
        hear(&w, text);
        ends_not_authenticated(&w, "");
    }
}

static void test_elements_in_data(void **state)
{
    static const char *const bytes[] = {SASL("challenge", "<a/>"), SASL("success", "<a/>")};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        stage w;
        stage_config(&w, NEGOTIATOR_INITIATING);
        begin_exchange(&w, SASL_FEATURES(MECHANISM("SCRAM-SHA-1")), &tls13, "mechanism:");
        hear(&w, bytes[i]);
        assert_non_null(strstr(said(&w), "<bad-format"));
        transport(&w, NEGOTIATOR_TRANSPORT_CLOSED);
        expect_end(&w, NEGOTIATOR_REFUSED);
        stage_end(&w);
    }
}

static void test_library(void **state)
{
    static const sasl_play broken[] = {{NULL, "", SASL_BROKEN}};
    static const sasl_play refused[] = {{NULL, "", SASL_REFUSED}};
    static const sasl_play no_text[] = {{NULL, "\x01", SASL_CONTINUE}};
    static const sasl_play *const plays[] = {broken, refused, no_text, NULL};
    static const negotiator_outcome outcomes[] = {NEGOTIATOR_INTERNAL, NEGOTIATOR_NOT_AUTHENTICATED,
                                                  NEGOTIATOR_INTERNAL, NEGOTIATOR_NOT_AUTHENTICATED};
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        stage w;
        stage_config(&w, NEGOTIATOR_INITIATING);
        w.play = plays[i];
        w.plays = 1;
        w.cannot_start = i == 3;
        begin_exchange(&w, SASL_FEATURES(MECHANISM("SCRAM-SHA-1")), &tls13, "feature");
        assert_null(strstr(w.said, "<auth"));
        transport(&w, NEGOTIATOR_TRANSPORT_CLOSED);
        expect_end(&w, outcomes[i]);
        stage_end(&w);
    }
}

static void test_unverified(void **state)
{
    (void)state;
    stage w;
    stage_config(&w, NEGOTIATOR_INITIATING);
    stage_begin(&w);
    go_to(&w, AT_TLS);
    secure(&w, &unverified);
    expect(&w, "ended:tls-failed", "");
    expect_end(&w, NEGOTIATOR_TLS_FAILED);
    assert_int_equal(w.started, 0);
    stage_end(&w);
}

static void test_starttls_failure(void **state)
{
    (void)state;
    stage w;
    stage_config(&w, NEGOTIATOR_INITIATING);
    stage_begin(&w);
    go_to(&w, AT_STARTTLS);
    hear(&w, "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'><a>b</a></failure>");
    expect(&w, "", CLOSING);
    hear(&w, CLOSING);
    transport(&w, NEGOTIATOR_TRANSPORT_CUT);
    expect_end(&w, NEGOTIATOR_TLS_FAILED);
    stage_end(&w);
    stage_config(&w, NEGOTIATOR_INITIATING);
    stage_begin(&w);
    go_to(&w, AT_STARTTLS);
    hear(&w, "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'>a</proceed>");
    expect_end(&w, NEGOTIATOR_REFUSED);
    stage_end(&w);
}

/* ---- Receiving --------------------------------------------------------------------------------------------------- */

static void begin_receiving(stage *w, const negotiator_tls *tls)
{
    stage_begin(w);
    receive_to(w, AT_TLS);
    secure(w, tls);
    hear(w, INITIAL_HEADER);
    happened(w);
}

static void test_offers(void **state)
{
    static const struct {
        const negotiator_tls *tls;
        uint32_t allowed;
        const char *offer;
    } cases[] = {
        {&tls13, ALL, "EXTERNAL SCRAM-SHA-256-PLUS SCRAM-SHA-1-PLUS SCRAM-SHA-256 SCRAM-SHA-1 PLAIN ANONYMOUS"},
        {&tls13_bare, DEFAULT, "SCRAM-SHA-256 SCRAM-SHA-1"},
        {&unverified, ALL, "SCRAM-SHA-256 SCRAM-SHA-1 PLAIN ANONYMOUS"}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char expected[1024] = "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>", names[256], *rest = names, *name;
        stage w;
        snprintf(names, sizeof names, "%s", cases[i].offer);
        while ((name = strtok_r(rest, " ", &rest)) != NULL) {
            size_t used = strlen(expected);
            snprintf(expected + used, sizeof expected - used, "<mechanism>%s</mechanism>", name);
        }
        stage_config(&w, NEGOTIATOR_RECEIVING);
        w.config.policy.allowed = cases[i].allowed;
        begin_receiving(&w, cases[i].tls);
        assert_non_null(strstr(said(&w), strcat(expected, "</mechanisms></stream:features>")));
        stage_end(&w);
    }
}

static void test_receiving_failures(void **state)
{
    static const sasl_play wrong[] = {{"eA==", "", SASL_REFUSED}};
    static const struct {
        const char *request, *condition;
    } cases[] = {
        {"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'>eA==</auth>", "not-authorized"},
        {"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>eA==</auth>", "invalid-mechanism"},
        {"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1-PLUS'>eA==</auth>",
         "invalid-mechanism"},
        {"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism=''>eA==</auth>", "invalid-mechanism"},
        {"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", "invalid-mechanism"}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char failure[200];
        stage w;
        stage_config(&w, NEGOTIATOR_RECEIVING);
        w.play = wrong;
        w.plays = 1;
        begin_receiving(&w, &tls13_bare);
        said(&w);
        snprintf(failure, sizeof failure, SASL("failure", "<%s/>"), cases[i].condition);
        for (int j = 0; j < 3; j++) {
            hear(&w, cases[i].request);
            assert_int_equal(strncmp(said(&w), failure, strlen(failure)), 0);
        }
        assert_non_null(strstr(w.happened, "close-transport:not-authenticated,policy-violation"));
        transport(&w, NEGOTIATOR_TRANSPORT_CLOSED);
        expect_end(&w, NEGOTIATOR_NOT_AUTHENTICATED);
        stage_end(&w);
    }
}

static void test_encryption_required(void **state)
{
    (void)state;
    stage w;
    stage_config(&w, NEGOTIATOR_RECEIVING);
    stage_begin(&w);
    hear(&w, INITIAL_HEADER AUTH);
    assert_non_null(strstr(said(&w), SASL("failure", "<encryption-required/>")));
    assert_int_equal(w.started, 0);
    hear(&w, STARTTLS);
    assert_string_equal(said(&w), PROCEED);
    stage_end(&w);
}

static void test_receiving_plus(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        stage w;
        stage_config(&w, NEGOTIATOR_RECEIVING);
        begin_receiving(&w, i ? &tls12 : &tls13);
        said(&w);
        hear(&w, "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1-PLUS'>aW5pdGlhbA==</auth>");
        assert_string_equal(happened(&w), i ? "mechanism:SCRAM-SHA-1-PLUS,p,tls-unique"
                                            : "mechanism:SCRAM-SHA-1-PLUS,p,tls-exporter");
        assert_int_equal(w.binding, i ? SASL_BINDING_TLS_UNIQUE : SASL_BINDING_TLS_EXPORTER);
        hear(&w, AUTH); /* without: what was offered is still told, so that a `y` is found out */
        assert_string_equal(happened(&w), "mechanism:SCRAM-SHA-1,n");
        assert_int_equal(w.binding, i ? SASL_BINDING_TLS_UNIQUE : SASL_BINDING_TLS_EXPORTER);
        stage_end(&w);
    }
}

/* 6.4.2: another <auth/> replaces the exchange; 6.4.4: <abort/>. */
static void test_again(void **state)
{
    (void)state;
    stage w;
    stage_config(&w, NEGOTIATOR_RECEIVING);
    stage_begin(&w);
    receive_to(&w, AT_CHALLENGE);
    hear(&w, AUTH);
    expect(&w, "mechanism:SCRAM-SHA-1,y",
           "<challenge xmlns=\"urn:ietf:params:xml:ns:xmpp-sasl\">Y2hhbGxlbmdl</challenge>");
    assert_int_equal(w.ended_exchanges, 1);
    receive_to(&w, AT_HEADER);
    hear(&w, "<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
    expect(&w, "", SASL("failure", "<aborted/>"));
    hear(&w, AUTH RESPONSE);
    assert_string_equal(happened(&w), "mechanism:SCRAM-SHA-1,y authenticated=juliet");
    stage_end(&w);
    stage_config(&w, NEGOTIATOR_RECEIVING);
    stage_begin(&w);
    receive_to(&w, AT_CHALLENGE);
    hear(&w, "<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>a</abort>");
    assert_non_null(strstr(said(&w), "<bad-format"));
    stage_end(&w);
}

static void test_receiving_bounds(void **state)
{
    static char text[SASL_MESSAGE_MAX + 256];
    static sasl_play endless[20];
    (void)state;
    stage w;
    for (int i = 0; i < 20; i++) {
        endless[i] = (sasl_play){"YQ==", "", SASL_CONTINUE};
    }
    stage_config(&w, NEGOTIATOR_RECEIVING);
    w.play = endless;
    w.plays = 20;
    begin_receiving(&w, &tls13_bare);
    hear(&w, "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'>YQ==</auth>");
    said(&w);
    for (int i = 0; i < 7; i++) {
        hear(&w, SASL("response", "YQ=="));
        assert_string_equal(said(&w), "<challenge xmlns=\"urn:ietf:params:xml:ns:xmpp-sasl\"/>");
    }
    hear(&w, SASL("response", "YQ=="));
    assert_string_equal(said(&w), SASL("failure", "<malformed-request/>"));
    snprintf(text, sizeof text, "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'>%0*d</auth>",
             SASL_MESSAGE_MAX + 1, 0);
    hear(&w, text);
    assert_string_equal(said(&w), SASL("failure", "<malformed-request/>"));
    stage_end(&w);
    stage_config(&w, NEGOTIATOR_RECEIVING);
    w.cannot_start = true;
    begin_receiving(&w, &tls13_bare);
    said(&w);
    hear(&w, AUTH);
    assert_string_equal(said(&w), SASL("failure", "<temporary-auth-failure/>"));
    stage_end(&w);
}

/* 6.4.6: who was proved must be who the header under TLS said. */
static void test_correlation(void **state)
{
    static const struct {
        const char *from, *username;
        bool right;
    } cases[] = {{"juliet@im.example.com", "juliet", true},
                 {"JULIET@im.example.COM", "juliet", true},
                 {"romeo@im.example.com", "juliet", false},
                 {"juliet@example.org", "juliet", false},
                 {"juliet", "juliet", false},
                 {"juliet@im.example.com/balcony", "juliet", false},
                 {"juliet@im.example.com", "juliet@im.example.com", true}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char header[512];
        stage w;
        stage_config(&w, NEGOTIATOR_RECEIVING);
        w.username = cases[i].username;
        stage_begin(&w);
        receive_to(&w, AT_HEADER_2);
        snprintf(header, sizeof header, "<stream:stream from='%s' to='im.example.com' version='1.0'" STREAM_NAMES ">",
                 cases[i].from);
        hear(&w, header);
        hear(&w, AUTH RESPONSE);
        assert_int_equal(strstr(w.happened, "authenticated=") != NULL, cases[i].right);
        assert_int_equal(strstr(said(&w), "<invalid-authzid/>") != NULL, !cases[i].right);
        if (cases[i].right) {
            hear(&w, INITIAL_HEADER BIND_REQUEST("<resource>balcony</resource>"));
            assert_non_null(strstr(w.happened, "bound=juliet@im.example.com/balcony ready"));
        }
        stage_end(&w);
    }
}

/* ---- Binding ----------------------------------------------------------------------------------------------------- */

static void test_not_bound(void **state)
{
    static const struct {
        const char *type, *inside, *condition;
    } cases[] = {
        {"error", "<error type='cancel'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>", "conflict"},
        {"error", "<error type='cancel'><x xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>",
         "undefined-condition"},
        {"error", "", "undefined-condition"},
        {"result", "", ""},
        {"result", "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>", ""},
        {"result", "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid/></bind>", ""},
        {"result", "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>a@b</jid></bind>", ""},
        {"result", "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>/c</jid></bind>", ""},
        {"result", "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>a@b/</jid></bind>", ""},
        {"result", "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid> a@b/c</jid></bind>", ""},
        {"result", "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>a@b/c\n</jid></bind>", ""},
        {"result", "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>a@b/\x7f</jid></bind>", ""},
        {"result", "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><x>a@b/c</x>a@b/c<jid xmlns='d'>a@b/c</jid></bind>",
         ""},
        {"result", "<bond xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>a@b/c</jid></bond>", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases * 2; i++) {
        char answer[512];
        stage w;
        stage_config(&w, NEGOTIATOR_INITIATING);
        stage_begin(&w);
        go_to(&w, AT_BIND);
        w.chunk = i & 1;
        snprintf(answer, sizeof answer, "<iq id='%s' type='%s'>%s</iq>", w.negotiator.id, cases[i / 2].type,
                 cases[i / 2].inside);
        hear(&w, answer);
        expect(&w, "", CLOSING);
        hear(&w, CLOSING);
        transport(&w, NEGOTIATOR_TRANSPORT_CLOSED);
        expect_end(&w, NEGOTIATOR_NOT_BOUND);
        assert_string_equal(w.last.condition, cases[i / 2].condition);
        assert_string_equal(negotiator_jid(&w.negotiator), "");
        stage_end(&w);
    }
    stage w;
    stage_config(&w, NEGOTIATOR_INITIATING);
    stage_begin(&w);
    go_to(&w, AT_BIND_FEATURES);
    hear(&w, "<stream:features/>");
    expect(&w, "", CLOSING);
    stage_end(&w);
}

static void test_long_jid(void **state)
{
    static char answer[16384];
    (void)state;
    for (int extra = 0; extra < 3; extra++) {
        int size = extra == 2 ? 5000 : (int)NEGOTIATOR_JID_MAX - 4 + extra;
        stage w;
        stage_config(&w, NEGOTIATOR_INITIATING);
        stage_begin(&w);
        go_to(&w, AT_BIND);
        snprintf(
            answer, sizeof answer,
            "<iq id='%s' type='result'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>a@b/%0*d</jid></bind></iq>",
            w.negotiator.id, size, 0);
        hear(&w, answer);
        assert_int_equal(negotiator_ready(&w.negotiator), extra == 0);
        stage_end(&w);
    }
}

static void test_bind_requests(void **state)
{
    static char text[8192];
    (void)state;
    for (int i = 0; i < 3; i++) {
        stage w;
        stage_config(&w, NEGOTIATOR_RECEIVING);
        stage_begin(&w);
        receive_to(&w, AT_BIND);
        if (i == 0) {
            snprintf(text, sizeof text, BIND_REQUEST("<resource>%01024d</resource>"), 0);
        } else if (i == 1) {
            snprintf(text, sizeof text, BIND_REQUEST("<resource>a\nb</resource>"));
        } else {
            snprintf(text, sizeof text, BIND_REQUEST("<resource>%05000d</resource>"), 0);
        }
        hear(&w, text);
        assert_string_equal(said(&w), "<iq id='b1' type='error'><error type='modify'><bad-request "
                                      "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
        hear(&w, text);
        hear(&w, text);
        assert_string_equal(happened(&w), "close-transport:not-bound,policy-violation");
        stage_end(&w);
    }
    stage w;
    stage_config(&w, NEGOTIATOR_RECEIVING);
    stage_begin(&w);
    receive_to(&w, AT_BIND);
    hear(&w, "<iq id='1' type='set'><query xmlns='jabber:iq:roster'>a</query></iq>");
    assert_non_null(strstr(said(&w), "<not-authorized"));
    stage_end(&w);
    stage_config(&w, NEGOTIATOR_RECEIVING);
    w.username = memset(text, 'a', 3060);
    text[3060] = 0;
    stage_begin(&w);
    receive_to(&w, AT_BIND);
    hear(&w, BIND_REQUEST("<resource>balcony</resource>"));
    expect_end(&w, NEGOTIATOR_INTERNAL);
    stage_end(&w);
}

static void test_bind_ids(void **state)
{
    static const char *const requests[] = {"<iq type='set'>", "<iq id='' type='set'>",       "<iq id='a' type='get'>",
                                           "<iq id='a'>",     "<message id='a' type='set'>", NULL};
    (void)state;
    for (int i = 0; i < 6; i++) {
        char text[1024];
        stage w;
        stage_config(&w, NEGOTIATOR_RECEIVING);
        stage_begin(&w);
        receive_to(&w, AT_BIND);
        snprintf(text, sizeof text, "<iq id='%0300d' type='set'>", 0);
        hear(&w, requests[i] != NULL ? requests[i] : text);
        assert_non_null(strstr(said(&w), "<not-authorized"));
        stage_end(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_choice),
        cmocka_unit_test(test_no_downgrade),
        cmocka_unit_test(test_use_is_passed),
        cmocka_unit_test(test_no_mechanism),
        cmocka_unit_test(test_failure),
        cmocka_unit_test(test_success),
        cmocka_unit_test(test_empty_response),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_elements_in_data),
        cmocka_unit_test(test_library),
        cmocka_unit_test(test_unverified),
        cmocka_unit_test(test_starttls_failure),
        cmocka_unit_test(test_offers),
        cmocka_unit_test(test_receiving_failures),
        cmocka_unit_test(test_encryption_required),
        cmocka_unit_test(test_again),
        cmocka_unit_test(test_receiving_plus),
        cmocka_unit_test(test_receiving_bounds),
        cmocka_unit_test(test_correlation),
        cmocka_unit_test(test_not_bound),
        cmocka_unit_test(test_long_jid),
        cmocka_unit_test(test_bind_requests),
        cmocka_unit_test(test_bind_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
