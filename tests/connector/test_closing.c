/* test_closing.c - the end of a stream, by RFC 6120 4.4: who begins, when, and how often
 *
 * SPDX-License-Identifier: MIT */
#include "../support/cmocka.h"
#include "support/world.h"

#include <stdlib.h>
#include <string.h>

#define MESSAGE "<message to='romeo@capulet.example'><body>Art thou not Romeo?</body></message>"
#define CLOSING "</stream:stream>"

static bool both_ready(world *w)
{
    return w->client.ready > 0 && w->server.ready > 0;
}

static void open_session(world *w)
{
    world_serve(w);
    world_connect(w);
    assert_true(world_until(w, both_ready));
}

/* Each said its closing tag once, at the very end, and both saw close_notify. */
static void check_closed(const world *w)
{
    const world_end *ends[] = {&w->client, &w->server};

    for (int i = 0; i < 2; i++) {
        size_t size = strlen(CLOSING);

        assert_int_equal(ends[i]->outcome, NEGOTIATOR_CLOSED);
        assert_int_equal(ends[i]->ended, 1);
        assert_true(ends[i]->close_transport && !ends[i]->after_close);
        assert_true(ends[i]->plain_size > size);
        assert_string_equal(ends[i]->plain + ends[i]->plain_size - size, CLOSING);
        assert_ptr_equal(strstr(ends[i]->plain, CLOSING), ends[i]->plain + ends[i]->plain_size - size);
    }
}

static void test_client_closes(void **state)
{
    world *w = *state;

    open_session(w);
    connector_close(w->connector, world_now(w));
    world_finish(w);
    check_closed(w);
    assert_int_equal(w->jumped, 0);
}

static void test_server_closes(void **state)
{
    world *w = *state;

    open_session(w);
    peer_close(w->peer, world_now(w));
    world_finish(w);
    check_closed(w);
    assert_int_equal(w->jumped, 0);
}

static void test_both_close(void **state)
{
    world *w = *state;

    open_session(w);
    connector_close(w->connector, world_now(w));
    peer_close(w->peer, world_now(w));
    world_finish(w);
    check_closed(w);
    assert_int_equal(w->jumped, 0);
}

/* What was sent before our closing tag is answered after it, and the answer is delivered (4.4, rule 2). */
static void test_answers_after_our_closing_tag(void **state)
{
    world *w = *state;

    open_session(w);
    for (int i = 0; i < 20; i++) {
        world_send(w, MESSAGE);
    }
    connector_close(w->connector, world_now(w));
    assert_int_equal(connector_send(w->connector, MESSAGE, strlen(MESSAGE), NULL, world_now(w)),
                     NEGOTIATOR_SEND_NOT_READY);
    assert_int_equal(w->client.stanzas, 0);
    world_finish(w);
    assert_int_equal(w->client.stanzas, 20);
    check_closed(w);
}

static void test_close_again_and_again(void **state)
{
    world *w = *state;

    open_session(w);
    for (int i = 0; i < 3; i++) {
        connector_close(w->connector, world_now(w));
    }
    while (!connector_ended(w->connector)) {
        world_step(w, 25);
        connector_close(w->connector, world_now(w));
    }
    world_finish(w);
    check_closed(w);
    connector_close(w->connector, world_now(w));
    connector_run(w->connector, world_now(w));
    assert_int_equal(w->client.ended, 1);
}

/* ---- At every event of the negotiation --------------------------------------------------------------------------- */

static unsigned countdown;

static void close_at_zero(world *w, const connector_event *event)
{
    (void)event;
    if (countdown > 0 && --countdown == 0) {
        connector_close(w->connector, world_now(w));
        connector_close(w->connector, world_now(w));
    }
}

static bool ready_or_ended(world *w)
{
    return w->client_ended || w->client.ready > 0;
}

static void test_close_at_every_event(void **state)
{
    world *w = *state;
    unsigned at = 0;

    world_serve(w);
    w->on_client = close_at_zero;
    do {
        countdown = ++at;
        world_connect(w);
        if (at == 1) {
            /* Before anything: nothing was opened. */
            connector_close(w->connector, world_now(w));
        }
        world_until(w, ready_or_ended);
        connector_close(w->connector, world_now(w));
        world_finish(w);
        assert_true(w->client_ended);
        if (w->end != (at <= 2 ? CONNECTOR_END_ABANDONED : CONNECTOR_END_STREAM)) {
            print_message("closed at event %u\n", at);
        }
        assert_int_equal(w->end, at <= 2 ? CONNECTOR_END_ABANDONED : CONNECTOR_END_STREAM);
        if (w->end == CONNECTOR_END_STREAM) {
            assert_true(w->client.outcome == NEGOTIATOR_CLOSED || w->client.outcome == NEGOTIATOR_ABANDONED);
            assert_true(w->server.outcome != NEGOTIATOR_TIMED_OUT);
        }
        assert_true(w->jumped <= 10000);
        assert_true(at < 60);
    } while (countdown == 0);
    assert_true(at > 12);
}

/* ---- Who does not answer ----------------------------------------------------------------------------------------- */

static bool client_ended(world *w)
{
    return w->client_ended;
}

static void test_no_answer_to_our_closing_tag(void **state)
{
    world *w = *state;

    w->settings.times.close = 4000;
    open_session(w);
    peer_freeze(w->peer, 1);
    connector_close(w->connector, world_now(w));
    assert_true(world_until(w, client_ended));
    assert_int_equal(w->client.outcome, NEGOTIATOR_TIMED_OUT);
    assert_true(w->client.was_ready);
    assert_true(w->jumped <= 8000);
}

/* ---- In between -------------------------------------------------------------------------------------------------- */

static bool jumped_far(world *w)
{
    return w->jumped > 3500;
}

/* One space after each second without sending, and nothing else (4.6.1). */
static void test_keepalive(void **state)
{
    world *w = *state;
    size_t before;

    w->settings.times.keepalive = 1000;
    w->peer_settings.times.keepalive = 0;
    open_session(w);
    before = w->client.plain_size;
    world_until(w, jumped_far);
    assert_true(w->client.plain_size >= before + 2 && w->client.plain_size <= before + 5);
    assert_int_equal(strspn(w->client.plain + before, " "), w->client.plain_size - before);
    connector_close(w->connector, world_now(w));
    world_finish(w);
    check_closed(w);
}

static void test_idle(void **state)
{
    world *w = *state;

    w->settings.times.keepalive = w->peer_settings.times.keepalive = 0;
    w->settings.times.idle = 20000;
    open_session(w);
    world_finish(w);
    assert_int_equal(w->client.outcome, NEGOTIATOR_TIMED_OUT);
    assert_true(w->jumped <= 20000 + 10000);
}

/* A server that takes nothing more: without a deadline what is said would wait for ever. */
static void test_output_that_is_not_taken(void **state)
{
    enum { SIZE = 12000, TURNS_MAX = 20000 };
    static char text[SIZE];
    world *w = *state;

    memset(text, 'a', SIZE);
    memcpy(text, "<message><body>", 15);
    memcpy(text + SIZE - 17, "</body></message>", 17);
    w->settings.times.keepalive = w->peer_settings.times.keepalive = 0;
    w->settings.stall = 4000;
    open_session(w);
    peer_freeze(w->peer, 1);
    for (int i = 0; i < TURNS_MAX && !w->client_ended; i++) {
        connector_send(w->connector, text, SIZE, NULL, world_now(w));
        world_step(w, 5);
    }
    assert_true(w->client_ended);
    assert_int_equal(w->client.outcome, NEGOTIATOR_TRANSPORT_FAILED);
    assert_non_null(strstr(w->client.detail, "without the peer taking"));
    assert_true(w->jumped <= 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_client_closes, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_server_closes, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_both_close, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_answers_after_our_closing_tag, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_close_again_and_again, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_close_at_every_event, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_no_answer_to_our_closing_tag, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_keepalive, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_idle, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_output_that_is_not_taken, world_setup, world_teardown),
    };

    return cmocka_run_group_tests_name("closing", tests, NULL, NULL);
}
