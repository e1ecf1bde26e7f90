/* test_balance.c - a thousand connections, half of them aborted at random steps: descriptors and memory come back
 *
 * SPDX-License-Identifier: MIT */
#include "../support/cmocka.h"
#include "support/world.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#ifdef WEIR_SAMPLE
#define CONNECTIONS 200 /* the sanitizers make each several times slower; they look for leaks at the end themselves */
#else
#define CONNECTIONS 1000
#endif
#define WARM (CONNECTIONS / 5) /* what libraries, and caches of the allocator, keep for good, they have by then */
#define EVENTS_MAX 13          /* that either end has at least, in a whole session */
#define MESSAGE "<message to='romeo@capulet.example'><body>Art thou not Romeo?</body></message>"

/* The same numbers in every run: a failure can be repeated. */
static uint64_t next_number(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* Who does what at which of its events. */
typedef struct fate {
    enum { FATE_NONE, FATE_CLIENT_GOES, FATE_SERVER_RESETS, FATE_SERVER_ENDS, FATE_COUNT } what;
    unsigned events;
    bool struck;
} fate;

static void on_client(world *w, const connector_event *event)
{
    fate *f = w->context;

    if (event->type == CONNECTOR_STREAM && event->stream->type == NEGOTIATOR_READY) {
        world_send(w, MESSAGE);
    }
    if (event->type == CONNECTOR_STREAM && event->stream->type == NEGOTIATOR_STANZA && event->stream->xml->depth == 2 &&
        event->stream->xml->type == WEIR_ELEMENT_END) {
        connector_close(w->connector, world_now(w));
    }
    if (f->what == FATE_CLIENT_GOES && f->events-- == 0) {
        f->struck = true;
        w->client_dropped = true;
    }
}

static void on_server(world *w, unsigned number, const negotiator_event *event)
{
    fate *f = w->context;

    (void)event;
    if ((f->what == FATE_SERVER_RESETS || f->what == FATE_SERVER_ENDS) && f->events-- == 0) {
        f->struck = true;
        peer_abort(w->peer, number, f->what == FATE_SERVER_RESETS ? PEER_CUT_RESET : PEER_CUT_END);
    }
}

static void test_balance(void **state)
{
    world w;
    uint64_t seed = 0x9e3779b97f4a7c15u;
    size_t descriptors = 0, memory = 0, wholes = 0, aborted = 0;
    fate f;

    (void)state;
    world_init(&w);
    w.on_client = on_client;
    w.on_server = on_server;
    w.context = &f;
    /* A password that costs little to check: what is tested is not SCRAM. Each tenth uses it all the same. */
    w.peer_settings.mechanisms = SASL_ALLOWED_DEFAULT | SASL_ALLOWED(SASL_PLAIN);
    world_serve(&w);
    for (unsigned i = 0; i < CONNECTIONS; i++) {
        uint64_t number = next_number(&seed);

        f = (fate){.what = i % 2 == 0 ? FATE_NONE : 1 + number % (FATE_COUNT - 1),
                   .events = (unsigned)(number >> 32) % EVENTS_MAX};
        w.settings.policy.allowed = number % 10 == 0 ? SASL_ALLOWED_DEFAULT : SASL_ALLOWED(SASL_PLAIN);
        world_connect(&w);
        world_finish(&w);
        assert_int_equal(peer_open_count(w.peer), 0);
        wholes += w.client.outcome == NEGOTIATOR_CLOSED && w.client.stanzas == 1 ? 1 : 0;
        aborted += f.struck ? 1 : 0;
        connector_free(w.connector);
        w.connector = NULL;
        if (i == WARM - 1) {
            descriptors = world_descriptors();
            memory = mallinfo2().uordblks;
        }
    }
    assert_int_equal(world_descriptors(), descriptors);
    /* Less than the smallest block a connection; the allocator of a sanitizer counts nothing here. */
    assert_true(mallinfo2().uordblks <= memory + 16 * CONNECTIONS);
    print_message("%zu sessions were whole, %zu aborted; memory in use %+ld bytes, descriptors %zu\n", wholes, aborted,
                  (long)mallinfo2().uordblks - (long)memory, descriptors);
    assert_int_equal(aborted, CONNECTIONS / 2);
    assert_true(wholes >= CONNECTIONS / 2); /* who goes with his last word has had a whole session */
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_balance)};

    return cmocka_run_group_tests_name("balance", tests, NULL, NULL);
}
