/* test_peer.c - the embedded peer against bytes that no good client sends, and as a server among servers
 *
 * SPDX-License-Identifier: MIT */
#include "../support/cmocka.h"
#include "support/world.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEADER "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
#define GOOD HEADER "to='capulet.example' version='1.0'>"
#define STARTTLS "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
#define ANSWER_MAX 16384

/* ---- Bytes in clear ---------------------------------------------------------------------------------------------- */

/* Says `text`, all at once, and hears what the peer says until it ends TCP, or says no more. true: it ended. */
static bool converse(world *w, const char *text, size_t size, char answer[ANSWER_MAX])
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(peer_port(w->peer)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    size_t used = 0;
    ssize_t count = 1;
    struct pollfd ready = {.fd = fd, .events = POLLIN};

    assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(send(fd, text, size, MSG_NOSIGNAL), size);
    for (int quiet = 0; count > 0 && quiet < 5;) {
        peer_run(w->peer, world_now(w));
        if (poll(&ready, 1, 5) > 0) {
            count = recv(fd, answer + used, ANSWER_MAX - 1 - used, 0);
            used += count > 0 ? (size_t)count : 0;
            quiet = 0;
        } else {
            quiet++;
        }
    }
    answer[used] = '\0';
    close(fd);
    world_finish(w);
    return count <= 0;
}

typedef struct refusal {
    const char *said;
    const char *condition; /* of the stream error */
} refusal;

static const refusal REFUSALS[] = {
    {"GET / HTTP/1.1\r\nHost: capulet.example\r\n\r\n", "not-well-formed"},
    {"<a>", "invalid-namespace"},
    {HEADER "to='capulet.example' version='1.0'", NULL},
    {"<stream:stream xmlns='jabber:client' xmlns:stream='https://etherx.jabber.org/streams' to='capulet.example' "
     "version='1.0'>",
     "invalid-namespace"},
    {"<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' to='capulet.example' "
     "version='1.0'>",
     "invalid-namespace"},
    {HEADER "to='capulet.example' version='2.0'>", "unsupported-version"},
    {HEADER "to='elsewhere.example' version='1.0'>", "host-unknown"},
    {"<!DOCTYPE a>", "restricted-xml"},
    {GOOD "<message to='a@capulet.example'><body>x</body></message>", "not-authorized"},
    {GOOD "<iq type='get' id='1'><query xmlns='jabber:iq:auth'/></iq>", "not-authorized"},
    {GOOD "<!-- -->", "restricted-xml"},
    {GOOD GOOD, "bad-format"},
    {GOOD "text", "bad-format"},
    {GOOD "<a></b>", "not-authorized"},
    {GOOD "<a b='1' b='2'/>", "not-well-formed"},
    {GOOD "<a b='\xff'/>", "unsupported-encoding"},
};

static void test_refusals(void **state)
{
    world *w = *state;
    char answer[ANSWER_MAX];

    world_serve(w);
    for (size_t i = 0; i < sizeof REFUSALS / sizeof *REFUSALS; i++) {
        const refusal *r = &REFUSALS[i];
        bool ended = converse(w, r->said, strlen(r->said), answer);

        if (r->condition == NULL) {
            assert_string_equal(answer, "");
            continue;
        }
        if (strstr(answer, r->condition) == NULL) {
            print_message("to %s\nsaid %s\n", r->said, answer);
        }
        assert_non_null(strstr(answer, r->condition));
        /* The header first, then the error, then the closing tag, then nothing (4.9.1.2). */
        assert_non_null(strstr(answer, "<stream:stream "));
        assert_true(strstr(answer, "<stream:stream ") < strstr(answer, "stream:error"));
        assert_string_equal(answer + strlen(answer) - 16, "</stream:stream>");
        assert_true(ended);
        assert_null(strstr(answer, "<proceed"));
    }
}

/* What comes in clear after <starttls/> is nobody's: white space alone is let pass, as real clients send it. */
static void test_bytes_after_starttls(void **state)
{
    static const char *const injected[] = {"<", "a", "<message/>", GOOD, "</stream:stream>", "\n<"};
    world *w = *state;
    char answer[ANSWER_MAX], said[1024];

    world_serve(w);
    for (size_t i = 0; i < sizeof injected / sizeof *injected; i++) {
        snprintf(said, sizeof said, "%s%s%s", GOOD, STARTTLS, injected[i]);
        assert_true(converse(w, said, strlen(said), answer));
        assert_int_equal(w->server.authenticated, 0);
    }
    snprintf(said, sizeof said, "%s%s\n \t", GOOD, STARTTLS);
    assert_false(converse(w, said, strlen(said), answer));
    assert_non_null(strstr(answer, "<proceed"));
}

/* A tag without end is refused at the limit for who is not authenticated, and nothing of it is kept. */
static void test_flood(void **state)
{
    world *w = *state;
    size_t size = 400000;
    char *text = malloc(size), answer[ANSWER_MAX];

    assert_non_null(text);
    world_serve(w);
    memset(text, 'a', size);
    memcpy(text, GOOD "<", sizeof(GOOD "<") - 1);
    converse(w, text, 60000, answer);
    assert_non_null(strstr(answer, "policy-violation"));
    free(text);
}

/* ---- Servers ----------------------------------------------------------------------------------------------------- */

typedef struct house {
    tls_identity *identity;
    char pem[WORLD_PEM];
    peer_settings receiving;
    connector_settings initiating; /* to the other house */
    peer *peer;
    char target[32];
    unsigned stanzas, certified, wrong_way;
    char stanza[1024];
    stanza_text text;
} house;

static void on_house(void *context, peer *p, unsigned number, const negotiator_event *event)
{
    house *h = context;

    (void)p;
    (void)number;
    h->certified += event->type == NEGOTIATOR_AUTHENTICATED ? 1 : 0;
    if (event->type == NEGOTIATOR_STANZA && stanza_text_add(&h->text, event->xml)) {
        weir_slice whole = stanza_text_whole(&h->text);

        h->stanzas++;
        snprintf(h->stanza, sizeof h->stanza, "%.*s", (int)whole.size, (const char *)whole.data);
    }
}

static void found_house(house *h, const char *domain)
{
    const char *why;

    *h = (house){.stanzas = 0};
    h->identity = tls_identity_made(domain, &why);
    assert_non_null(h->identity);
    assert_true(tls_identity_pem(h->identity, h->pem, sizeof h->pem) > 0);
    stanza_text_init(&h->text);
}

static void join(house *h, const char *domain, house *other, const char *other_domain, bool silent)
{
    const peer_handler handler = {.event = on_house, .context = h};
    const char *why;

    peer_settings_default(&h->receiving);
    h->receiving.domain = domain;
    h->receiving.server = true;
    h->receiving.silent = silent;
    h->receiving.mechanisms = SASL_ALLOWED(SASL_EXTERNAL);
    h->receiving.identity = h->identity;
    h->receiving.ca_pem = other->pem;
    h->receiving.back = &h->initiating;
    h->peer = peer_new(&h->receiving, &handler, 0, &why);
    assert_non_null(h->peer);
    connector_settings_default(&h->initiating);
    h->initiating.domain = other_domain;
    h->initiating.address = domain;
    h->initiating.server = true;
    h->initiating.policy.allowed = SASL_ALLOWED(SASL_EXTERNAL);
    h->initiating.identity = h->identity;
    h->initiating.ca_pem = other->pem;
}

static void leave(house *h)
{
    peer_free(h->peer);
    tls_identity_free(h->identity);
    stanza_text_free(&h->text);
}

static negotiator_outcome outward;
static unsigned outward_stanzas;

static void on_outward(void *context, connector *c, const connector_event *event)
{
    (void)context;
    (void)c;
    if (event->type == CONNECTOR_STREAM && event->stream->type == NEGOTIATOR_ENDED) {
        outward = event->stream->outcome;
    }
    outward_stanzas += event->type == CONNECTOR_STREAM && event->stream->type == NEGOTIATOR_STANZA ? 1 : 0;
}

/* One connection a direction: what montague says on its own comes back on a connection that capulet opens (4.5). */
static void test_two_servers(void **state)
{
    static const char said[] = "<message from='romeo@montague.example' to='juliet@capulet.example'>"
                               "<body>With love's light wings</body></message>";
    world *w = *state;
    house capulet, montague;
    const connector_handler handler = {.event = on_outward};
    const char *why;
    connector *out;

    found_house(&capulet, "capulet.example");
    found_house(&montague, "montague.example");
    join(&capulet, "capulet.example", &montague, "montague.example", false);
    join(&montague, "montague.example", &capulet, "capulet.example", true);
    snprintf(capulet.target, sizeof capulet.target, "127.0.0.1:%u", peer_port(montague.peer));
    snprintf(montague.target, sizeof montague.target, "127.0.0.1:%u", peer_port(capulet.peer));
    capulet.initiating.connect = capulet.target;
    montague.initiating.connect = montague.target;
    out = connector_new(&montague.initiating, &handler, world_now(w), &why);
    assert_non_null(out);
    outward = NEGOTIATOR_INTERNAL;
    outward_stanzas = 0;
    for (unsigned turns = 0;
         !connector_ended(out) || peer_open_count(capulet.peer) + peer_open_count(montague.peer) > 0; turns++) {
        uint64_t now = world_now(w);
        struct pollfd fds[256];
        size_t count;

        assert_true(turns < 5000);
        connector_run(out, now);
        peer_run(capulet.peer, now);
        peer_run(montague.peer, now);
        if (connector_ready(out) && capulet.stanzas == 0) {
            connector_send(out, said, strlen(said), NULL, now);
        }
        if (montague.stanzas > 0) {
            connector_close(out, now);
        }
        count = connector_poll(out, fds, CONNECTOR_POLL_MAX);
        count += peer_poll(capulet.peer, fds + count, 256 - count);
        count += peer_poll(montague.peer, fds + count, 256 - count);
        poll(fds, count, 100);
    }
    assert_int_equal(outward, NEGOTIATOR_CLOSED);
    assert_int_equal(outward_stanzas, 0);
    assert_int_equal(capulet.certified, 1);
    assert_int_equal(montague.certified, 1);
    assert_non_null(strstr(capulet.stanza, "from='romeo@montague.example' to='juliet@capulet.example'"));
    assert_non_null(strstr(montague.stanza, "from='juliet@capulet.example' to='romeo@montague.example'"));
    connector_free(out);
    leave(&capulet);
    leave(&montague);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_refusals, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_bytes_after_starttls, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_flood, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_two_servers, world_setup, world_teardown),
    };

    return cmocka_run_group_tests_name("the embedded peer", tests, NULL, NULL);
}
