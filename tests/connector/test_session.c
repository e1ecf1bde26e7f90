/* test_session.c - whole sessions of the connector with the embedded peer, over loopback: what they negotiate, say and
 * leave unsaid
 *
 * SPDX-License-Identifier: MIT */
#include "../support/cmocka.h"
#include "support/world.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MESSAGE "<message to='romeo@capulet.example' id='m1'><body>Art thou not Romeo?</body></message>"

static bool has_stanza(world *w)
{
    return w->client.stanzas > 0;
}

/* The first byte of the GS2 header (RFC 5802 6), of the initial response as it was sent. */
static char binding_flag(const world *w)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *auth = strstr(w->client.plain, "<auth ");
    const char *data = auth != NULL ? strchr(auth, '>') : NULL;
    const char *first, *second;

    assert_non_null(data);
    first = strchr(alphabet, data[1]);
    second = strchr(alphabet, data[2]);
    assert_true(first != NULL && second != NULL);
    return (char)((first - alphabet) << 2 | (second - alphabet) >> 4);
}

/* Never on in clear: what went before TLS is a header, <starttls/>, and nothing else. */
static void check_clear(const world *w)
{
    assert_null(strstr(w->client.clear, "<auth"));
    assert_null(strstr(w->client.clear, "juliet"));
    assert_null(strstr(w->client.clear, "made-up"));
    assert_null(strstr(w->server.clear, "<mechanism"));
    assert_null(strstr(w->client.plain, "made-up"));
}

/* Opens, says one thing, hears it, closes. */
static void whole_session(world *w)
{
    world_connect(w);
    if (!world_until(w, world_client_ready)) {
        fail_msg("%s: %s %s", negotiator_outcome_name(w->client.outcome), w->client.condition, w->client.detail);
    }
    world_send(w, MESSAGE);
    assert_true(world_until(w, has_stanza));
    assert_non_null(strstr(w->client.stanza, "from='romeo@capulet.example'"));
    assert_non_null(strstr(w->client.stanza, "Art thou not Romeo?"));
    connector_close(w->connector, world_now(w));
    world_finish(w);
    assert_int_equal(w->end, CONNECTOR_END_STREAM);
    assert_int_equal(w->client.outcome, NEGOTIATOR_CLOSED);
    assert_int_equal(w->server.outcome, NEGOTIATOR_CLOSED);
    assert_true(w->client.verified);
    assert_int_equal(w->client.mechanisms, 1);
    assert_int_equal(w->client.headers, w->settings.direct ? 2 : 3);
    assert_string_equal(w->client.jid, w->server.jid);
    check_clear(w);
}

/* ---- What is negotiated ------------------------------------------------------------------------------------------ */

typedef struct choice {
    int tls;
    bool direct, unwanted;
    uint32_t offered, allowed;
    sasl_mechanism mechanism;
    sasl_binding_use use;
    sasl_binding binding;
    char flag; /* on the wire; 0: the mechanism has none */
} choice;

#define PLUS_256 SASL_ALLOWED(SASL_SCRAM_SHA_256_PLUS)
#define PLUS_1 SASL_ALLOWED(SASL_SCRAM_SHA_1_PLUS)
#define ONLY_256 SASL_ALLOWED(SASL_SCRAM_SHA_256)
#define ONLY_1 SASL_ALLOWED(SASL_SCRAM_SHA_1)
#define PLAIN SASL_ALLOWED(SASL_PLAIN)
#define ANONYMOUS SASL_ALLOWED(SASL_ANONYMOUS)
#define USUAL SASL_ALLOWED_DEFAULT

static const choice CHOICES[] = {
    {13, false, false, USUAL, USUAL, SASL_SCRAM_SHA_256_PLUS, SASL_BINDING_USED, SASL_BINDING_TLS_EXPORTER, 'p'},
    {12, false, false, USUAL, USUAL, SASL_SCRAM_SHA_256_PLUS, SASL_BINDING_USED, SASL_BINDING_TLS_UNIQUE, 'p'},
    {13, true, false, USUAL, USUAL, SASL_SCRAM_SHA_256_PLUS, SASL_BINDING_USED, SASL_BINDING_TLS_EXPORTER, 'p'},
    {12, true, false, USUAL, USUAL, SASL_SCRAM_SHA_256_PLUS, SASL_BINDING_USED, SASL_BINDING_TLS_UNIQUE, 'p'},
    {13, false, false, PLUS_1 | ONLY_1, USUAL, SASL_SCRAM_SHA_1_PLUS, SASL_BINDING_USED, SASL_BINDING_TLS_EXPORTER,
     'p'},
    {12, true, false, PLUS_1 | ONLY_1, USUAL, SASL_SCRAM_SHA_1_PLUS, SASL_BINDING_USED, SASL_BINDING_TLS_UNIQUE, 'p'},
    {13, false, false, ONLY_256 | ONLY_1, USUAL, SASL_SCRAM_SHA_256, SASL_BINDING_NOT_OFFERED, SASL_BINDING_NONE, 'y'},
    {12, false, false, ONLY_256 | ONLY_1, USUAL, SASL_SCRAM_SHA_256, SASL_BINDING_NOT_OFFERED, SASL_BINDING_NONE, 'y'},
    {13, true, false, ONLY_1, USUAL, SASL_SCRAM_SHA_1, SASL_BINDING_NOT_OFFERED, SASL_BINDING_NONE, 'y'},
    {13, false, true, USUAL, USUAL, SASL_SCRAM_SHA_256, SASL_BINDING_UNWANTED, SASL_BINDING_NONE, 'n'},
    {12, true, true, USUAL, ONLY_1, SASL_SCRAM_SHA_1, SASL_BINDING_UNWANTED, SASL_BINDING_NONE, 'n'},
    {13, false, false, PLAIN, USUAL | PLAIN, SASL_PLAIN, SASL_BINDING_UNWANTED, SASL_BINDING_NONE, 0},
    {12, true, false, PLAIN | ANONYMOUS, PLAIN, SASL_PLAIN, SASL_BINDING_UNWANTED, SASL_BINDING_NONE, 0},
    {13, false, false, PLAIN | USUAL, USUAL | PLAIN, SASL_SCRAM_SHA_256_PLUS, SASL_BINDING_USED,
     SASL_BINDING_TLS_EXPORTER, 'p'},
    {13, false, false, ANONYMOUS, ANONYMOUS, SASL_ANONYMOUS, SASL_BINDING_UNWANTED, SASL_BINDING_NONE, 0},
};

static void test_what_is_negotiated(void **state)
{
    world *w = *state;

    for (size_t i = 0; i < sizeof CHOICES / sizeof *CHOICES; i++) {
        const choice *c = &CHOICES[i];

        w->peer_settings.direct_tls = c->direct;
        w->peer_settings.mechanisms = c->offered;
        w->settings.direct = c->direct;
        w->settings.tls_min = w->settings.tls_max = c->tls;
        w->settings.policy = (sasl_policy){.allowed = c->allowed, .no_channel_binding = c->unwanted};
        w->settings.address = c->allowed == ANONYMOUS ? NULL : "juliet@capulet.example";
        w->settings.username = c->allowed == ANONYMOUS ? NULL : "juliet";
        world_serve(w);
        whole_session(w);
        assert_int_equal(w->client.mechanism, c->mechanism);
        assert_int_equal(w->client.use, c->use);
        assert_int_equal(w->client.binding, c->use == SASL_BINDING_USED ? c->binding : SASL_BINDING_NONE);
        assert_string_equal(w->client.version, c->tls == 13 ? "TLSv1.3" : "TLSv1.2");
        if (c->flag != 0) {
            assert_int_equal(binding_flag(w), c->flag);
        }
        peer_free(w->peer);
        w->peer = NULL;
    }
}

/* Nothing weaker is tried, and nothing that was not allowed. */
static void test_what_is_not_negotiated(void **state)
{
    static const struct {
        uint32_t offered, allowed;
        const char *username;
        const char *password;
    } cases[] = {{USUAL, ONLY_256, "juliet", "made-up"}, /* -PLUS is offered, and not allowed: no downgrade */
                 {PLUS_1 | ONLY_256, ONLY_256, "juliet", "made-up"},
                 {PLAIN | ANONYMOUS, USUAL, "juliet", "made-up"},
                 {ANONYMOUS, USUAL | PLAIN, "juliet", "made-up"},
                 {USUAL, USUAL, "juliet", "wrong"},
                 {USUAL, USUAL, "nurse", "made-up"},
                 {PLAIN, PLAIN, "juliet", "wrong"}};
    world *w = *state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        w->peer_settings.mechanisms = cases[i].offered;
        w->settings.policy.allowed = cases[i].allowed;
        w->settings.username = cases[i].username;
        w->settings.password = cases[i].password;
        world_serve(w);
        world_connect(w);
        world_finish(w);
        assert_int_equal(w->client.outcome, NEGOTIATOR_NOT_AUTHENTICATED);
        assert_int_equal(w->client.authenticated + w->server.authenticated, 0);
        assert_true(w->client.mechanisms <= 1);
        assert_null(strstr(w->client.clear, "<auth"));
        peer_free(w->peer);
        w->peer = NULL;
    }
}

static void test_resource_is_asked_for(void **state)
{
    world *w = *state;

    w->settings.resource = "balcony & 'garden'";
    world_serve(w);
    whole_session(w);
    assert_string_equal(w->client.jid, "juliet@capulet.example/balcony & 'garden'");
}

/* A fresh id for every stream, restarts included, and none twice (RFC 6120 4.7.3). */
static void test_ids_are_fresh(void **state)
{
    world *w = *state;
    char ids[6][64];
    size_t count = 0;

    world_serve(w);
    for (int session = 0; session < 2; session++) {
        const char *texts[2];

        whole_session(w);
        texts[0] = w->server.clear;
        texts[1] = w->server.plain;
        for (int i = 0; i < 2; i++) {
            for (const char *at = texts[i]; (at = strstr(at, "<stream:stream ")) != NULL; at++) {
                const char *id = strstr(at, " id='");

                assert_true(id != NULL && count < 6);
                snprintf(ids[count], sizeof ids[count], "%.*s", (int)strcspn(id + 5, "'"), id + 5);
                assert_true(strlen(ids[count]) >= 22); /* 128 bits in base64 */
                for (size_t j = 0; j < count; j++) {
                    assert_string_not_equal(ids[j], ids[count]);
                }
                count++;
            }
        }
    }
    assert_int_equal(count, 6);
}

/* ---- TLS --------------------------------------------------------------------------------------------------------- */

static void test_tls_failures(void **state)
{
    static const struct {
        bool direct;
        int client_min, server_max;
        const char *domain;
        bool trusted;
        tls_failure_kind kind;
    } cases[] = {{false, 0, 0, "elsewhere.example", true, TLS_FAILURE_CERTIFICATE},
                 {true, 0, 0, "elsewhere.example", true, TLS_FAILURE_CERTIFICATE},
                 {false, 0, 0, "capulet.example", false, TLS_FAILURE_CERTIFICATE},
                 {true, 0, 0, "capulet.example", false, TLS_FAILURE_CERTIFICATE},
                 {false, 13, 12, "capulet.example", true, TLS_FAILURE_ALERT},
                 {true, 13, 12, "capulet.example", true, TLS_FAILURE_ALERT}};
    world *w = *state;
    char other_pem[WORLD_PEM];
    const char *why;
    tls_identity *other = tls_identity_made("capulet.example", &why);

    assert_non_null(other);
    assert_true(tls_identity_pem(other, other_pem, sizeof other_pem) > 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        w->peer_settings.direct_tls = w->settings.direct = cases[i].direct;
        w->peer_settings.tls_max = cases[i].server_max;
        w->settings.tls_min = cases[i].client_min;
        w->settings.domain = w->peer_settings.domain = cases[i].domain;
        w->settings.ca_pem = cases[i].trusted ? w->pem : other_pem;
        world_serve(w);
        world_connect(w);
        world_finish(w);
        assert_int_equal(w->client.outcome, NEGOTIATOR_TLS_FAILED);
        assert_int_equal(w->tls_failure, cases[i].kind);
        assert_int_equal(w->server.outcome, NEGOTIATOR_TLS_FAILED);
        assert_int_equal(w->client.plain_size, 0);            /* not one byte under TLS that is not trusted */
        assert_null(strstr(w->server.clear, "stream:error")); /* none after a failure of TLS (5.4.3.2) */
        peer_free(w->peer);
        w->peer = NULL;
    }
    tls_identity_free(other);
}

/* ---- Stanzas ----------------------------------------------------------------------------------------------------- */

static unsigned wanted;

static bool has_wanted(world *w)
{
    return w->client.stanzas >= wanted;
}

/* More than every buffer between holds, without reading in between: whoever is full says so, and nothing is lost. */
static void test_back_pressure(void **state)
{
    enum { COUNT = 400, SIZE = 8000 };
    world *w = *state;
    char *text = malloc(SIZE + 64);
    unsigned sent = 0, full = 0;

    assert_non_null(text);
    world_serve(w);
    world_connect(w);
    assert_true(world_until(w, world_client_ready));
    while (sent < COUNT) {
        int head = snprintf(text, 64, "<message to='romeo@capulet.example' id='%u'><body>", sent);
        negotiator_send_result result;

        memset(text + head, 'a', SIZE - 100);
        memcpy(text + head + SIZE - 100, "</body></message>", 18);
        result = connector_send(w->connector, text, strlen(text), NULL, world_now(w));
        if (result == NEGOTIATOR_SEND_TAKEN) {
            sent++;
        } else {
            assert_int_equal(result, NEGOTIATOR_SEND_FULL);
            full++;
            world_step(w, 1);
        }
    }
    free(text);
    wanted = COUNT;
    assert_true(world_until(w, has_wanted));
    assert_true(full > 0);
    assert_non_null(strstr(w->client.stanza, "id='399'"));
    connector_close(w->connector, world_now(w));
    world_finish(w);
    assert_int_equal(w->client.stanzas, COUNT);
    assert_int_equal(w->client.outcome, NEGOTIATOR_CLOSED);
}

/* A client that says much and hears nothing: the peer cannot get rid of its answers, and stops reading; so the client
 * cannot say more. Nothing is lost, nothing grows, and all comes when it listens again. */
static void test_who_does_not_listen(void **state)
{
    enum { COUNT = 3000, SIZE = 12000, PATIENT = 30 };
    world *w = *state;
    char *text = malloc(SIZE);
    unsigned sent = 0, refused = 0;
    bool stood = false;

    assert_non_null(text);
    memset(text, 'a', SIZE);
    memcpy(text, "<message><body>", 15);
    memcpy(text + SIZE - 17, "</body></message>", 17);
    w->settings.times.keepalive = w->peer_settings.times.keepalive = 0;
    w->settings.stall = w->peer_settings.stall = 0;
    world_serve(w);
    world_connect(w);
    assert_true(world_until(w, world_client_ready));
    connector_pause(w->connector, true);
    while (sent < COUNT) {
        if (connector_send(w->connector, text, SIZE, NULL, world_now(w)) == NEGOTIATOR_SEND_TAKEN) {
            sent++;
            refused = 0;
            continue;
        }
        world_step(w, 5);
        if (++refused == PATIENT) {
            assert_int_equal(w->client.stanzas, 0);
            assert_true(w->server.stanzas < sent);
            stood = true;
            connector_pause(w->connector, false);
        }
    }
    free(text);
    assert_true(stood);
    wanted = COUNT;
    assert_true(world_until(w, has_wanted));
    connector_close(w->connector, world_now(w));
    world_finish(w);
    assert_int_equal(w->client.stanzas, COUNT);
    assert_int_equal(w->client.outcome, NEGOTIATOR_CLOSED);
}

/* Written again, a stanza can be longer than it was, and then than what may be sent: its sender is told. */
static void test_answer_that_does_not_fit(void **state)
{
    enum { SIZE = 40000 };
    world *w = *state;
    char *text = malloc(SIZE);

    assert_non_null(text);
    memset(text, '>', SIZE);
    memcpy(text, "<message id='long'><body>", 25);
    memcpy(text + SIZE - 17, "</body></message>", 17);
    world_serve(w);
    world_connect(w);
    assert_true(world_until(w, world_client_ready));
    assert_int_equal(connector_send(w->connector, text, SIZE, NULL, world_now(w)), NEGOTIATOR_SEND_TAKEN);
    free(text);
    assert_true(world_until(w, has_stanza));
    assert_non_null(strstr(w->client.stanza, "type='error' id='long'"));
    assert_non_null(strstr(w->client.stanza, "policy-violation"));
    connector_close(w->connector, world_now(w));
    world_finish(w);
    assert_int_equal(w->client.outcome, NEGOTIATOR_CLOSED);
}

static void test_answers_of_the_peer(void **state)
{
    static const char *const pairs[][2] = {
        {"<iq type='get' id='p1'><ping xmlns='urn:xmpp:ping'/></iq>", "type='result' id='p1'"},
        {"<iq type='get' id='p&amp;2'><query xmlns='jabber:iq:roster'/></iq>", "service-unavailable"},
        {"<presence/>", "<presence xmlns='jabber:client' from='capulet.example'"},
        {"<message to='a@b'><x xmlns='urn:x' a:b='1&#10;2' xmlns:a='urn:a'><y xmlns=''/></x></message>",
         "><x xmlns='urn:x' xmlns:a='urn:a' a:b='1&#10;2'><y xmlns=''/></x></message>"},
    };
    world *w = *state;

    world_serve(w);
    world_connect(w);
    assert_true(world_until(w, world_client_ready));
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        wanted = (unsigned)i + 1;
        world_send(w, pairs[i][0]);
        assert_true(world_until(w, has_wanted));
        assert_non_null(strstr(w->client.stanza, pairs[i][1]));
    }
    /* What would be two stanzas, or none, or the end of the stream, is not sent. */
    assert_int_equal(connector_send(w->connector, "<a/><b/>", 8, NULL, world_now(w)), NEGOTIATOR_SEND_INVALID);
    assert_int_equal(connector_send(w->connector, "</stream:stream>", 16, NULL, world_now(w)), NEGOTIATOR_SEND_INVALID);
    assert_int_equal(connector_send(w->connector, "<a>", 3, NULL, world_now(w)), NEGOTIATOR_SEND_INVALID);
    connector_close(w->connector, world_now(w));
    world_finish(w);
    assert_int_equal(w->client.outcome, NEGOTIATOR_CLOSED);
}

static void work_at_challenge(world *w, bool of_client, bool sent, bool under_tls, weir_slice bytes)
{
    static const char challenge[] = "<challenge";

    (void)under_tls;
    if (of_client && !sent && bytes.size > sizeof challenge &&
        memcmp(bytes.data, challenge, sizeof challenge - 1) == 0) {
        w->offset += 11000;
        (*(unsigned *)w->context)++;
    }
}

/* The iterations that the server asks for take us longer than the server may take for an answer. */
static void test_own_work_is_on_no_deadline(void **state)
{
    world *w = *state;
    unsigned worked = 0;

    w->settings.times.step = 10000;
    w->peer_settings.times.step = 60000;
    w->on_wire = work_at_challenge;
    w->context = &worked;
    world_serve(w);
    whole_session(w);
    assert_int_equal(worked, 1);
}

/* A program whose standard descriptors are closed: no socket becomes one of them. */
static void test_standard_descriptors_are_no_sockets(void **state)
{
    world *w = *state;
    int kept[3], opened[3];
    unsigned ready;

    fflush(stdout);
    for (int fd = 0; fd < 3; fd++) {
        kept[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 100);
        close(fd);
    }
    world_serve(w);
    world_connect(w);
    world_until(w, world_client_ready);
    ready = w->client.ready;
    for (int fd = 0; fd < 3; fd++) {
        opened[fd] = fcntl(fd, F_GETFD);
        dup2(kept[fd], fd);
        close(kept[fd]);
    }
    assert_int_equal(ready, 1);
    for (int fd = 0; fd < 3; fd++) {
        assert_int_equal(opened[fd], -1);
    }
    connector_close(w->connector, world_now(w));
    world_finish(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_is_negotiated, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_what_is_not_negotiated, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_resource_is_asked_for, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_ids_are_fresh, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_tls_failures, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_back_pressure, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_who_does_not_listen, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_answer_that_does_not_fit, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_answers_of_the_peer, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_own_work_is_on_no_deadline, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_standard_descriptors_are_no_sockets, world_setup, world_teardown),
    };

    return cmocka_run_group_tests_name("sessions", tests, NULL, NULL);
}
