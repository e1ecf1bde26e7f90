/* test_faults.c - either end cut, reset or silent at every step, on real sockets: the other ends in time, and says
 * rightly how
 *
 * SPDX-License-Identifier: MIT */
#include "../support/cmocka.h"
#include "support/world.h"

#include <stdlib.h>
#include <string.h>

#define MESSAGE "<message to='romeo@capulet.example'><body>Art thou not Romeo?</body></message>"

typedef enum fault { FAULT_RESET, FAULT_END, FAULT_SILENCE, FAULT_COUNT } fault;

/* Where in the session: the n-th event of a type, at the end that fails. */
typedef struct place {
    negotiator_event_type type;
    unsigned count;
} place;

static const place PLACES[] = {
    {NEGOTIATOR_HEADER, 1},        {NEGOTIATOR_START_TLS, 1},       {NEGOTIATOR_HEADER, 2}, {NEGOTIATOR_MECHANISM, 1},
    {NEGOTIATOR_AUTHENTICATED, 1}, {NEGOTIATOR_HEADER, 3},          {NEGOTIATOR_BOUND, 1},  {NEGOTIATOR_READY, 1},
    {NEGOTIATOR_STANZA, 1},        {NEGOTIATOR_CLOSE_TRANSPORT, 1},
};
#define PLACE_COUNT (sizeof PLACES / sizeof *PLACES)

typedef struct plan {
    place place;
    fault fault;
    bool of_client;
    unsigned seen;
    bool struck;
} plan;

static int setup(void **state)
{
    world *w = malloc(sizeof *w);

    assert_non_null(w);
    world_init(w);
    w->settings.times.idle = w->peer_settings.times.idle = 30000;
    w->settings.times.keepalive = w->peer_settings.times.keepalive = 0;
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    world_free(*state);
    free(*state);
    return 0;
}

static bool due(plan *p, negotiator_event_type type)
{
    p->seen += type == p->place.type ? 1 : 0;
    if (p->struck || p->seen != p->place.count) {
        return false;
    }
    p->struck = true;
    return true;
}

/* Says one thing and closes when it came back: so each place is reached. */
static void play(world *w, const negotiator_event *event)
{
    if (event->type == NEGOTIATOR_READY) {
        world_send(w, MESSAGE);
    }
    if (event->type == NEGOTIATOR_STANZA && event->xml->type == WEIR_ELEMENT_END && event->xml->depth == 2) {
        connector_close(w->connector, world_now(w));
    }
}

static void on_client(world *w, const connector_event *event)
{
    plan *p = w->context;

    if (event->type != CONNECTOR_STREAM) {
        return;
    }
    play(w, event->stream);
    if (p->of_client && due(p, event->stream->type)) {
        w->client_frozen = p->fault == FAULT_SILENCE;
        w->client_dropped = p->fault != FAULT_SILENCE;
    }
}

static void on_server(world *w, unsigned number, const negotiator_event *event)
{
    plan *p = w->context;

    if (p->of_client || !due(p, event->type)) {
        return;
    }
    if (p->fault == FAULT_SILENCE) {
        peer_freeze(w->peer, number);
    } else {
        peer_abort(w->peer, number, p->fault == FAULT_RESET ? PEER_CUT_RESET : PEER_CUT_END);
    }
}

static void say_where(const plan *p, const world_end *end)
{
    print_message("event %d, number %u, fault %d: %s, %s, %s\n", (int)p->place.type, p->place.count, (int)p->fault,
                  negotiator_outcome_name(end->outcome), end->condition, end->detail);
}

static void strike(world *w, plan *p)
{
    w->context = p;
    w->on_client = on_client;
    w->on_server = on_server;
    world_serve(w);
    world_connect(w);
}

static void clear_away(world *w)
{
    connector_free(w->connector);
    w->connector = NULL;
    peer_free(w->peer);
    w->peer = NULL;
}

/* What the initiating entity says of a server that fails. */
static void test_server_fails(void **state)
{
    static const negotiator_outcome outcomes[FAULT_COUNT] = {NEGOTIATOR_TRANSPORT_FAILED, NEGOTIATOR_TRUNCATED,
                                                             NEGOTIATOR_TIMED_OUT};
    world *w = *state;

    for (int direct = 0; direct < 2; direct++) {
        for (size_t i = 0; i < PLACE_COUNT; i++) {
            for (int f = 0; f < FAULT_COUNT; f++) {
                plan p = {.place = PLACES[i], .fault = (fault)f};
                negotiator_outcome expected = outcomes[f];

                if (direct && (PLACES[i].type == NEGOTIATOR_START_TLS ||
                               (PLACES[i].type == NEGOTIATOR_HEADER && PLACES[i].count == 3))) {
                    continue; /* no such place */
                }
                w->peer_settings.direct_tls = w->settings.direct = direct != 0;
                strike(w, &p);
                world_until(w, world_client_ended);
                if (w->client.outcome != expected || !p.struck) {
                    say_where(&p, &w->client);
                }
                assert_true(p.struck);
                assert_int_equal(w->end, CONNECTOR_END_STREAM);
                assert_int_equal(w->client.outcome, expected);
                assert_int_equal(w->client.ended, 1);
                /* No phase is longer than its own deadline; idle is the longest here. */
                assert_true(w->jumped <= 30000 + 2 * 5000);
                assert_null(strstr(w->client.clear, "<auth"));
                clear_away(w);
            }
        }
    }
}

/* What the receiving entity makes of a client that fails: it ends, in time, and the next one is served. */
static void test_client_fails(void **state)
{
    world *w = *state;

    for (int direct = 0; direct < 2; direct++) {
        for (size_t i = 0; i < PLACE_COUNT; i++) {
            for (int f = FAULT_END; f < FAULT_COUNT; f++) {
                plan p = {.place = PLACES[i], .fault = (fault)f, .of_client = true};
                /* At the last two places all that has to be said goes out in the same turn. */
                bool closed = PLACES[i].type == NEGOTIATOR_CLOSE_TRANSPORT || PLACES[i].type == NEGOTIATOR_STANZA, good;

                if (direct && PLACES[i].type == NEGOTIATOR_HEADER && PLACES[i].count == 3) {
                    continue;
                }
                w->peer_settings.direct_tls = w->settings.direct = direct != 0;
                strike(w, &p);
                world_finish(w);
                good = f == FAULT_SILENCE
                           ? w->server.outcome == NEGOTIATOR_TIMED_OUT ||
                                 (closed && w->server.outcome <= NEGOTIATOR_CLOSED_BARE)
                           : w->server.outcome == NEGOTIATOR_TRUNCATED || w->server.outcome == NEGOTIATOR_TLS_FAILED ||
                                 w->server.outcome == NEGOTIATOR_TRANSPORT_FAILED ||
                                 (closed && w->server.outcome <= NEGOTIATOR_CLOSED_BARE);
                if (!good) {
                    say_where(&p, &w->server);
                }
                assert_true(p.struck && good);
                assert_int_equal(w->server.ended, 1);
                assert_true(w->jumped <= 30000 + 2 * 5000);
                clear_away(w);
            }
        }
    }
}

/* A server that takes the connection and never says anything, in each phase of its own. */
static void test_deadline_of_each_phase(void **state)
{
    world *w = *state;
    static const struct {
        place place;
        uint64_t phase;
    } cases[] = {{{NEGOTIATOR_HEADER, 1}, 7000},         {{NEGOTIATOR_START_TLS, 1}, 7000},
                 {{NEGOTIATOR_HEADER, 2}, 7000},         {{NEGOTIATOR_MECHANISM, 1}, 7000},
                 {{NEGOTIATOR_HEADER, 3}, 7000},         {{NEGOTIATOR_STANZA, 1}, 30000},
                 {{NEGOTIATOR_CLOSE_TRANSPORT, 1}, 3000}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        plan p = {.place = cases[i].place, .fault = FAULT_SILENCE};

        w->settings.times.step = 7000;
        w->settings.times.close = 3000;
        strike(w, &p);
        world_until(w, world_client_ended);
        assert_int_equal(w->client.outcome, NEGOTIATOR_TIMED_OUT);
        if (w->jumped + 2000 < cases[i].phase) {
            say_where(&p, &w->client);
        }
        /* The error is said, and the end of the connection waited for as long as for any close. */
        assert_true(w->jumped <= cases[i].phase + 2 * 3000);
        assert_true(w->jumped + 2000 >= cases[i].phase); /* less what really passed */
        assert_true(w->client.detail[0] != '\0');
        clear_away(w);
    }
}

/* Who comes back when the server has given him up hears why, also when his next bytes are answered by a reset. */
static void test_late_client(void **state)
{
    world *w = *state;

    for (int speaks = 0; speaks < 2; speaks++) {
        plan p = {.place = {NEGOTIATOR_READY, 1}, .fault = FAULT_SILENCE, .of_client = true};

        w->settings.times.idle = 0;
        strike(w, &p);
        world_finish(w);
        assert_int_equal(w->server.outcome, NEGOTIATOR_TIMED_OUT);
        assert_int_equal(w->client.ended, 0);
        w->client_frozen = false;
        if (speaks) {
            world_send(w, MESSAGE);
            connector_close(w->connector, world_now(w));
        }
        world_until(w, world_client_ended);
        if (w->client.outcome != NEGOTIATOR_STREAM_ERROR) {
            say_where(&p, &w->client);
        }
        assert_int_equal(w->client.outcome, NEGOTIATOR_STREAM_ERROR);
        assert_string_equal(w->client.condition, "connection-timeout");
        clear_away(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_server_fails, setup, teardown),
        cmocka_unit_test_setup_teardown(test_client_fails, setup, teardown),
        cmocka_unit_test_setup_teardown(test_deadline_of_each_phase, setup, teardown),
        cmocka_unit_test_setup_teardown(test_late_client, setup, teardown),
    };

    return cmocka_run_group_tests_name("faults on sockets", tests, NULL, NULL);
}
