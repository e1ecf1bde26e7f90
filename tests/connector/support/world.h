/* world.h - a connector and an embedded peer in one loop, over loopback, with a clock that jumps
 *
 * Both ends run in turns until nothing moves any more; then, instead of waiting, the clock is put forward to the next
 * deadline of either end. So a test of a deadline takes no longer than it takes to see that nothing moves.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TESTS_WORLD_H
#define TESTS_WORLD_H

#include "../../../tools/connector/peer.h"
#include "../../../tools/connector/stanza_text.h"

#define WORLD_PEM 8192
#define WORLD_WIRE 262144

/* What one end said and saw; of the peer, of all its connections. */
typedef struct world_end {
    unsigned headers, secured, mechanisms, authenticated, bound, ready, ended, stanzas;
    sasl_mechanism mechanism;
    sasl_binding_use use;
    sasl_binding binding;
    bool verified;
    char version[16], jid[256], detail[256], condition[64];
    negotiator_outcome outcome;
    weir_status error;
    bool close_transport, was_ready, after_close;
    char stanza[4096];   /* the last one */
    char *clear, *plain; /* what it sent, in clear and under TLS: WORLD_WIRE bytes at most, the rest is dropped */
    size_t clear_size, plain_size;
} world_end;

typedef struct world world;

struct world {
    tls_identity *identity; /* of the peer */
    char pem[WORLD_PEM];
    sasl_account account;
    peer_settings peer_settings;
    connector_settings settings;
    peer *peer;
    connector *connector;
    char target[64];
    uint64_t offset; /* of the clock, from the real one */
    uint64_t jumped; /* how far it was put forward since the connector began */
    world_end client, server;
    connector_end end;
    tls_failure_kind tls_failure;
    bool client_ended;
    stanza_text client_text, server_text;
    /* Called before what the world itself does with an event; NULL: nothing. */
    void (*on_client)(world *w, const connector_event *event);
    void (*on_server)(world *w, unsigned number, const negotiator_event *event);
    void (*on_wire)(world *w, bool of_client, bool sent, bool under_tls, weir_slice bytes);
    bool stuck;          /* in the last turn nothing moved, and no deadline was there to jump to */
    bool client_frozen;  /* the connector does nothing any more, and keeps its socket */
    bool client_dropped; /* it is freed at the next turn, whatever it is at */
    void *context;
};

/* Account juliet of capulet.example, password made-up; SCRAM offered and allowed; certificate made on the spot and
 * trusted. */
void world_init(world *w);
void world_free(world *w);

int world_setup(void **state); /* of a cmocka test: its state is a world */
int world_teardown(void **state);

void world_serve(world *w);   /* begins to listen, with w->peer_settings */
void world_connect(world *w); /* a new connector to there, with w->settings; the one before is freed */

uint64_t world_now(const world *w);
void world_step(world *w, int milliseconds);           /* one turn, waiting at most so long for something to move */
bool world_until(world *w, bool (*reached)(world *w)); /* false: everything ended before */
void world_finish(world *w);                           /* until the connector and all connections of the peer ended */

bool world_client_ready(world *w);
bool world_client_ended(world *w);
void world_send(world *w, const char *stanza); /* of the client; must be taken */

size_t world_descriptors(void); /* open ones of this process */

#endif
