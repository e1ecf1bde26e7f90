/* test_negotiator.c - negotiations that go well
 *
 * SPDX-License-Identifier: MIT */
#include "../support/cmocka.h"
#include "support/stage.h"

#include <string.h>

/* RFC 6120 9.1, as it goes over the wire: without the line breaks and the indentation that the document adds. Two
 * things differ, and the RFC asks for both elsewhere: the XML declaration before each header (4.2, 11.5), and that the
 * initiating entity keeps its address to itself until there is TLS (4.7.1), so that the answer has no `to`. */
#define C_HEADER_1                                                                                                     \
    "<?xml version='1.0'?><stream:stream to='im.example.com' version='1.0' xml:lang='en' xmlns='jabber:client' "       \
    "xmlns:stream='http://etherx.jabber.org/streams'>"
#define C_HEADER_RFC                                                                                                   \
    "<?xml version='1.0'?><stream:stream from='juliet@im.example.com' to='im.example.com' version='1.0' "              \
    "xml:lang='en' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
#define S_HEADER(id)                                                                                                   \
    "<?xml version='1.0'?><stream:stream from='im.example.com' id='" id "' to='juliet@im.example.com' version='1.0' "  \
    "xml:lang='en' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
#define S_MECHANISMS                                                                                                   \
    "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"                                           \
    "<mechanism>SCRAM-SHA-1-PLUS</mechanism><mechanism>SCRAM-SHA-1</mechanism><mechanism>PLAIN</mechanism>"            \
    "</mechanisms></stream:features>"
#define INITIAL_DATA "biwsbj1qdWxpZXQscj1vTXNUQUF3QUFBQU1BQUFBTlAwVEFBQUFBQUJQVTBBQQ=="
#define CHALLENGE_DATA                                                                                                 \
    "cj1vTXNUQUF3QUFBQU1BQUFBTlAwVEFBQUFBQUJQVTBBQWUxMjQ2OTViLTY5YTktNGRlNi05YzMwLWI1MWIzODA4YzU5ZSxzPU5qaGtZVE0wTURn" \
    "dE5HWTBaaTAwTmpkbUxUa3hNbVV0TkRsbU5UTm1ORE5rTURNeixpPTQwOTY="
#define RESPONSE_DATA                                                                                                  \
    "Yz1iaXdzLHI9b01zVEFBd0FBQUFNQUFBQU5QMFRBQUFBQUFCUFUwQUFlMTI0Njk1Yi02OWE5LTRkZTYtOWMzMC1iNTFiMzgwOGM1OWUscD1VQTU3" \
    "dE0vU3ZwQVRCa0gyRlhzMFdEWHZKWXc9"
#define SUCCESS_DATA "dj1wTk5ERlZFUXh1WHhDb1NFaVc4R0VaKzFSU289"
#define C_AUTH "<auth xmlns=\"urn:ietf:params:xml:ns:xmpp-sasl\" mechanism=\"SCRAM-SHA-1\">" INITIAL_DATA "</auth>"
#define S_CHALLENGE "<challenge xmlns=\"urn:ietf:params:xml:ns:xmpp-sasl\">" CHALLENGE_DATA "</challenge>"
#define C_RESPONSE "<response xmlns=\"urn:ietf:params:xml:ns:xmpp-sasl\">" RESPONSE_DATA "</response>"
#define S_SUCCESS "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>" SUCCESS_DATA "</success>"
#define C_BIND                                                                                                         \
    "<iq id='yhc13a95' type='set'><bind "                                                                              \
    "xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>balcony</resource></bind></iq>"
#define S_BIND                                                                                                         \
    "<iq id='yhc13a95' type='result'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"                                  \
    "<jid>juliet@im.example.com/balcony</jid></bind></iq>"
#define C_MESSAGE                                                                                                      \
    "<message from='juliet@im.example.com/balcony' id='ju2ba41c' to='romeo@example.net' type='chat' xml:lang='en'>"    \
    "<body>Art thou not Romeo, and a Montague?</body></message>"
#define E_MESSAGE                                                                                                      \
    "<message from='romeo@example.net/orchard' id='ju2ba41c' to='juliet@im.example.com/balcony' type='chat' "          \
    "xml:lang='en'><body>Neither, fair saint, if either thee dislike.</body></message>"

#define ID_1 "t7AMCin9zjMNwQKDnplntZPIDEI="
#define ID_2 "vgKi/bkYME8OAj4rlXMkpucAqe4="
#define ID_3 "gPybzaOzBmaADgxKXu9UClbprp0="

static const sasl_play rfc_client[] = {{NULL, INITIAL_DATA, SASL_CONTINUE},
                                       {CHALLENGE_DATA, RESPONSE_DATA, SASL_CONTINUE},
                                       {SUCCESS_DATA, "", SASL_COMPLETE}};
static const sasl_play rfc_server[] = {{INITIAL_DATA, CHALLENGE_DATA, SASL_CONTINUE},
                                       {RESPONSE_DATA, SUCCESS_DATA, SASL_COMPLETE}};

static const size_t chunks[] = {0, 1, 2, 3, 7, 64};
#define CHUNKS (sizeof chunks / sizeof *chunks)

static void initiate_9_1(size_t chunk)
{
    static const char *const ids[] = {"yhc13a95", NULL};
    /* Its SCRAM-SHA-1 says `n` where -PLUS is offered: no channel binding wanted. */
    stage w;
    stage_config(&w, NEGOTIATOR_INITIATING);
    w.config.lang = "en";
    w.config.resource = "balcony";
    w.config.policy.no_channel_binding = true;
    w.play = rfc_client;
    w.ids = ids;
    w.chunk = chunk;
    stage_begin(&w);
    expect(&w, "", C_HEADER_1);
    hear(&w, S_HEADER(ID_1));
    hear(&w, STARTTLS_FEATURES);
    expect(&w, "header feature:starttls!", STARTTLS);
    hear(&w, PROCEED);
    expect(&w, "start-tls", "");
    secure(&w, NULL);
    expect(&w, "", C_HEADER_RFC);
    hear(&w, S_HEADER(ID_2));
    hear(&w, S_MECHANISMS);
    expect(&w,
           "header feature:mechanism=SCRAM-SHA-1-PLUS feature:mechanism=SCRAM-SHA-1 feature:mechanism=PLAIN "
           "feature:mechanisms mechanism:SCRAM-SHA-1,n",
           C_AUTH);
    hear(&w, S_CHALLENGE);
    expect(&w, "", C_RESPONSE);
    hear(&w, S_SUCCESS);
    expect(&w, "authenticated", C_HEADER_RFC);
    hear(&w, S_HEADER(ID_3));
    hear(&w, BIND_FEATURES);
    expect(&w, "header feature:bind", C_BIND);
    hear(&w, S_BIND);
    expect(&w, "bound=juliet@im.example.com/balcony ready", "");
    assert_string_equal(negotiator_jid(&w.negotiator), "juliet@im.example.com/balcony");
    assert_int_equal(negotiator_send(&w.negotiator, C_MESSAGE, strlen(C_MESSAGE), NULL, w.now), NEGOTIATOR_SEND_TAKEN);
    expect(&w, "", C_MESSAGE);
    w.chunk = 0;
    hear(&w, E_MESSAGE);
    expect(&w, "<message> <body> 'Neither, fair saint, if either thee dislike.' </body> </message>", "");
    negotiator_close(&w.negotiator, w.now);
    expect(&w, "", "</stream:stream>");
    hear(&w, "</stream:stream>");
    expect(&w, "close-transport:closed", "");
    transport(&w, NEGOTIATOR_TRANSPORT_CLOSED);
    expect(&w, "ended:closed", "");
    expect_end(&w, NEGOTIATOR_CLOSED);
    stage_end(&w);
}

static void test_initiating_9_1(void **state)
{
    (void)state;
    for (size_t i = 0; i < CHUNKS; i++) {
        initiate_9_1(chunks[i]);
    }
}

static void receive_9_1(size_t chunk)
{
    static const char *const ids[] = {ID_1, ID_2, ID_3, NULL};
    static const negotiator_tls tls = {.verified = true, .tls13 = true, .binding = SASL_BINDING_TLS_EXPORTER};
    stage w;
    stage_config(&w, NEGOTIATOR_RECEIVING);
    w.config.lang = "en";
    w.config.policy.allowed =
        SASL_ALLOWED(SASL_SCRAM_SHA_1_PLUS) | SASL_ALLOWED(SASL_SCRAM_SHA_1) | SASL_ALLOWED(SASL_PLAIN);
    w.play = rfc_server;
    w.ids = ids;
    w.chunk = chunk;
    stage_begin(&w);
    hear(&w, C_HEADER_RFC); /* in clear, as 9.1 has it */
    expect(&w, "header", S_HEADER(ID_1) STARTTLS_FEATURES);
    hear(&w, STARTTLS);
    expect(&w, "start-tls", PROCEED);
    secure(&w, &tls);
    hear(&w, C_HEADER_RFC);
    expect(&w, "header", S_HEADER(ID_2) S_MECHANISMS);
    hear(&w, C_AUTH);
    expect(&w, "mechanism:SCRAM-SHA-1,n", S_CHALLENGE);
    hear(&w, C_RESPONSE);
    expect(&w, "authenticated=juliet", S_SUCCESS);
    hear(&w, C_HEADER_RFC);
    expect(&w, "header", S_HEADER(ID_3) BIND_FEATURES);
    hear(&w, C_BIND);
    expect(&w, "bound=juliet@im.example.com/balcony ready", S_BIND);
    w.chunk = 0;
    hear(&w, C_MESSAGE);
    expect(&w, "<message> <body> 'Art thou not Romeo, and a Montague?' </body> </message>", "");
    assert_int_equal(negotiator_send(&w.negotiator, E_MESSAGE, strlen(E_MESSAGE), NULL, w.now), NEGOTIATOR_SEND_TAKEN);
    expect(&w, "", E_MESSAGE);
    hear(&w, "</stream:stream>");
    expect(&w, "close-transport:closed", "</stream:stream>");
    transport(&w, NEGOTIATOR_TRANSPORT_CLOSED);
    expect(&w, "ended:closed", "");
    stage_end(&w);
}

static void test_receiving_9_1(void **state)
{
    (void)state;
    for (size_t i = 0; i < CHUNKS; i++) {
        receive_9_1(chunks[i]);
    }
}

/* RFC 6120 9.2: servers, EXTERNAL, and the answering server's headers without prefix (4.8.2). */
#define S2_HEADER(id)                                                                                                  \
    "<stream from='example.net' id='" id "' to='im.example.com' version='1.0' "                                        \
    "xmlns='http://etherx.jabber.org/streams'>"
#define S1_NAMES " xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams'>"

static void test_servers_9_2(void **state)
{
    static const sasl_play external[] = {{NULL, "aW0uZXhhbXBsZS5jb20", SASL_COMPLETE}};
    (void)state;
    stage w;
    stage_config(&w, NEGOTIATOR_INITIATING);
    w.config.server = true;
    w.config.local = "im.example.com";
    w.config.remote = "example.net";
    w.config.policy.allowed = SASL_ALLOWED(SASL_EXTERNAL);
    w.play = external;
    w.plays = 1;
    stage_begin(&w);
    expect(&w, "", DECLARATION "<stream:stream to='example.net' version='1.0'" S1_NAMES);
    hear(&w, S2_HEADER("hTiXkW+ih9k2SqdGkk/AZi0OJ/Q="));
    hear(&w, "<features xmlns='http://etherx.jabber.org/streams'><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'>"
             "<required/></starttls></features>");
    expect(&w, "header feature:starttls!", STARTTLS);
    hear(&w, PROCEED);
    secure(&w, NULL);
    expect(&w, "start-tls", DECLARATION "<stream:stream from='im.example.com' to='example.net' version='1.0'" S1_NAMES);
    hear(&w, S2_HEADER("RChdjlgj/TIBcbT9Keu31zDihH4="));
    hear(&w, "<features xmlns='http://etherx.jabber.org/streams'><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"
             "<mechanism>EXTERNAL</mechanism></mechanisms></features>");
    expect(&w, "header feature:mechanism=EXTERNAL feature:mechanisms mechanism:EXTERNAL,n",
           "<auth xmlns=\"urn:ietf:params:xml:ns:xmpp-sasl\" mechanism=\"EXTERNAL\">aW0uZXhhbXBsZS5jb20</auth>");
    hear(&w, "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
    hear(&w, S2_HEADER("MbbV2FeojySpUIP6J91qaa+TWHM="));
    hear(&w, "<features xmlns='http://etherx.jabber.org/streams'/>");
    assert_string_equal(happened(&w), "authenticated header ready");
    assert_string_equal(negotiator_jid(&w.negotiator), "");
    assert_true(negotiator_ready(&w.negotiator));
    assert_int_equal(negotiator_send(&w.negotiator, "<presence/>", 11, NULL, w.now), NEGOTIATOR_SEND_TAKEN);
    stage_end(&w);
}

static void test_servers_receiving(void **state)
{
    static const sasl_play external[] = {{"aW0uZXhhbXBsZS5jb20", "", SASL_COMPLETE}};
    (void)state;
    stage w;
    stage_config(&w, NEGOTIATOR_RECEIVING);
    w.config.server = true;
    w.config.local = "example.net";
    w.config.policy.allowed |= SASL_ALLOWED(SASL_EXTERNAL);
    w.play = external;
    w.plays = 1;
    w.username = "im.example.com";
    stage_begin(&w);
    hear(&w, DECLARATION "<stream:stream from='im.example.com' to='example.net' version='1.0'" S1_NAMES STARTTLS);
    said(&w);
    secure(&w, NULL);
    hear(&w, DECLARATION "<stream:stream from='im.example.com' to='EXAMPLE.net' version='1.0'" S1_NAMES);
    assert_non_null(strstr(said(&w), "<mechanism>EXTERNAL</mechanism><mechanism>SCRAM-SHA-256</mechanism>"
                                     "<mechanism>SCRAM-SHA-1</mechanism></mechanisms></stream:features>"));
    happened(&w);
    hear(&w, "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>aW0uZXhhbXBsZS5jb20</auth>");
    expect(&w, "mechanism:EXTERNAL,n authenticated=im.example.com",
           "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
    hear(&w, DECLARATION "<stream:stream from='im.example.com' to='example.net' version='1.0'" S1_NAMES);
    assert_non_null(strstr(said(&w), "<stream:features></stream:features>"));
    assert_string_equal(happened(&w), "header ready");
    stage_end(&w);
}

static void test_direct_tls(void **state)
{
    (void)state;
    stage w;
    stage_config(&w, NEGOTIATOR_INITIATING);
    w.config.security = NEGOTIATOR_DIRECT_TLS;
    stage_begin(&w);
    expect(&w, "start-tls", "");
    secure(&w, NULL);
    assert_non_null(strstr(said(&w), "from='juliet@im.example.com'"));
    hear(&w, RESPONSE_HEADER SASL_FEATURES(MECHANISM("SCRAM-SHA-1")));
    assert_non_null(strstr(happened(&w), "mechanism:SCRAM-SHA-1,y"));
    stage_end(&w);
    stage_config(&w, NEGOTIATOR_RECEIVING);
    w.config.security = NEGOTIATOR_DIRECT_TLS;
    stage_begin(&w);
    hear(&w, "\x16\x03\x01"); /* TLS's own */
    expect(&w, "start-tls", "");
    secure(&w, NULL);
    hear(&w, INITIAL_HEADER);
    assert_non_null(strstr(said(&w), "<mechanism>SCRAM-SHA-1</mechanism>"));
    stage_end(&w);
}

/* STARTTLS is asked for where it is not offered (RFC 7590 3.1). */
static void test_starttls_not_offered(void **state)
{
    (void)state;
    stage w;
    stage_config(&w, NEGOTIATOR_INITIATING);
    stage_begin(&w);
    hear(&w, RESPONSE_HEADER);
    said(&w);
    hear(&w, SASL_FEATURES(MECHANISM("PLAIN")));
    expect(&w, "header feature:mechanism=PLAIN feature:mechanisms", STARTTLS);
    stage_end(&w);
}

#define PROBE_HEADER DECLARATION "<stream:stream to='im.example.com' version='1.0'" STREAM_NAMES ">"
/* Domains are compared without the case of ASCII letters, whoever writes them. */
static void test_domain_case(void **state)
{
    (void)state;
    stage w;
    stage_config(&w, NEGOTIATOR_RECEIVING);
    w.config.local = "Im.Example.COM";
    stage_begin(&w);
    hear(&w, INITIAL_HEADER);
    assert_string_equal(happened(&w), "header");
    stage_end(&w);
}

/* 0 is no time to answer in: the defaults. */
static void test_default_times(void **state)
{
    (void)state;
    stage w;
    stage_config(&w, NEGOTIATOR_INITIATING);
    memset(&w.config.times, 0, sizeof w.config.times);
    stage_begin(&w);
    assert_int_equal(negotiator_deadline(&w.negotiator), w.now + NEGOTIATOR_DEFAULT_STEP);
    go_to(&w, AT_READY);
    assert_int_equal(negotiator_deadline(&w.negotiator), UINT64_MAX);
    negotiator_close(&w.negotiator, w.now);
    assert_int_equal(negotiator_deadline(&w.negotiator), w.now + NEGOTIATOR_DEFAULT_CLOSE);
    stage_end(&w);
}

static void test_probe(void **state)
{
    (void)state;
    static const negotiator_tls wrong = {.verified = false, .tls13 = true};
    stage w;
    stage_config(&w, NEGOTIATOR_INITIATING);
    w.config.probe = true;
    w.config.local = NULL;
    stage_begin(&w);
    hear(&w, RESPONSE_HEADER STARTTLS_FEATURES);
    hear(&w, PROCEED);
    secure(&w, &wrong);
    hear(&w, RESPONSE_HEADER SASL_FEATURES(MECHANISM("SCRAM-SHA-1") MECHANISM("X-OTHER")));
    assert_string_equal(said(&w), PROBE_HEADER STARTTLS PROBE_HEADER CLOSING);
    assert_int_equal(w.started, 0);
    hear(&w, CLOSING);
    transport(&w, NEGOTIATOR_TRANSPORT_CLOSED);
    expect_end(&w, NEGOTIATOR_CLOSED);
    stage_end(&w);
}

/* What is not ours among the features is shown, and passed over. */
static void test_features(void **state)
{
    (void)state;
    stage w;
    stage_config(&w, NEGOTIATOR_INITIATING);
    stage_begin(&w);
    go_to(&w, AT_SASL_FEATURES);
    hear(&w,
         "<stream:features> <a xmlns='urn:example'><mechanism>PLAIN</mechanism>text<b><c>d</c></b></a>\n"
         "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-<![CDATA[1]]></mechanism>"
         "<hostname xmlns='urn:xmpp:domain-based-name:1'>x</hostname><mechanism xmlns='urn:example'>PLAIN</mechanism>"
         "</mechanisms><sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'><channel-binding type='tls-exporter'/>"
         "<channel-binding/><other/></sasl-channel-binding></stream:features>");
    assert_string_equal(happened(&w), "feature:a feature:mechanism=SCRAM-SHA-1 feature:mechanisms "
                                      "feature:channel-binding=tls-exporter feature:channel-binding "
                                      "feature:sasl-channel-binding mechanism:SCRAM-SHA-1,y");
    stage_end(&w);
}

static void test_bind_without_resource(void **state)
{
    (void)state;
    stage w;
    stage_config(&w, NEGOTIATOR_INITIATING);
    stage_begin(&w);
    go_to(&w, AT_BIND_FEATURES);
    hear(&w, BIND_FEATURES);
    assert_non_null(strstr(said(&w), " type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"));
    stage_end(&w);
    stage_config(&w, NEGOTIATOR_RECEIVING);
    stage_begin(&w);
    receive_to(&w, AT_BIND);
    hear(&w, "<iq id='&apos;1&quot;' type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
    assert_int_equal(strncmp(said(&w), "<iq id='&apos;1&quot;' type='result'>", 37), 0);
    char *bound = strstr(happened(&w), "bound=juliet@im.example.com/");
    assert_non_null(bound);
    assert_true(strlen(bound) > 36);
    stage_end(&w);
}

/* Fresh for every stream, and at least 128 bits (4.7.3, 4.3.3). */
static void test_ids(void **state)
{
    (void)state;
    char seen[3][64];
    stage w;
    stage_config(&w, NEGOTIATOR_RECEIVING);
    stage_begin(&w);
    for (int i = 0; i < 3; i++) {
        receive_to(&w, AT_HEADER);
        hear(&w, INITIAL_HEADER);
        const char *id = strstr(said(&w), "id='") + 4;
        size_t size = strcspn(id, "'");
        assert_in_range(size, 22, 40);
        memcpy(seen[i], id, size);
        seen[i][size] = 0;
        if (i == 0) {
            hear(&w, STARTTLS);
            secure(&w, NULL);
        } else if (i == 1) {
            hear(&w, AUTH);
            hear(&w, RESPONSE);
            said(&w);
        }
    }
    assert_string_not_equal(seen[0], seen[1]);
    assert_string_not_equal(seen[1], seen[2]);
    assert_string_not_equal(seen[0], seen[2]);
    stage_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_initiating_9_1),
        cmocka_unit_test(test_receiving_9_1),
        cmocka_unit_test(test_servers_9_2),
        cmocka_unit_test(test_servers_receiving),
        cmocka_unit_test(test_direct_tls),
        cmocka_unit_test(test_starttls_not_offered),
        cmocka_unit_test(test_domain_case),
        cmocka_unit_test(test_default_times),
        cmocka_unit_test(test_probe),
        cmocka_unit_test(test_features),
        cmocka_unit_test(test_bind_without_resource),
        cmocka_unit_test(test_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
