/* world.c - see world.h
 *
 * SPDX-License-Identifier: MIT */
#include "world.h"
#include "../../support/cmocka.h"

#include <dirent.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Milliseconds without anything moving after which nothing will: both ends are in this process, and loopback is at
 * once. */
#define QUIET 25

uint64_t world_now(const world *w)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000 + w->offset;
}

static void keep(char *text, size_t room, const char *value, size_t size)
{
    size = size < room ? size : room - 1;
    if (size > 0) {
        memcpy(text, value, size);
    }
    text[size] = '\0';
}

static void keep_wire(world_end *end, bool under_tls, weir_slice bytes)
{
    char *text = under_tls ? end->plain : end->clear;
    size_t *size = under_tls ? &end->plain_size : &end->clear_size;
    size_t count = bytes.size < WORLD_WIRE - 1 - *size ? bytes.size : WORLD_WIRE - 1 - *size;

    memcpy(text + *size, bytes.data, count);
    *size += count;
    text[*size] = '\0';
}

static void take(world_end *end, stanza_text *text, const negotiator_event *e)
{
    switch (e->type) {
    case NEGOTIATOR_HEADER: end->headers++; break;
    case NEGOTIATOR_MECHANISM:
        end->mechanisms++;
        end->mechanism = e->mechanism;
        end->use = e->use;
        end->binding = e->binding;
        break;
    case NEGOTIATOR_AUTHENTICATED: end->authenticated++; break;
    case NEGOTIATOR_BOUND:
        end->bound++;
        keep(end->jid, sizeof end->jid, (const char *)e->text.data, e->text.size);
        break;
    case NEGOTIATOR_READY: end->ready++; break;
    case NEGOTIATOR_STANZA:
        if (stanza_text_add(text, e->xml)) {
            weir_slice whole = stanza_text_whole(text);

            end->stanzas++;
            keep(end->stanza, sizeof end->stanza, (const char *)whole.data, whole.size);
        }
        break;
    case NEGOTIATOR_CLOSE_TRANSPORT: end->close_transport = true; break;
    case NEGOTIATOR_ENDED:
        end->ended++;
        end->outcome = e->outcome;
        end->error = e->error.code;
        end->was_ready = e->ready;
        end->after_close = e->after_close;
        keep(end->detail, sizeof end->detail, e->detail, strlen(e->detail));
        keep(end->condition, sizeof end->condition, e->condition, strlen(e->condition));
        break;
    default: break;
    }
}

static void take_facts(world_end *end, const tls_facts *facts)
{
    end->secured += facts->verified || facts->names[0] == '\0' ? 1 : 0;
    end->verified = facts->verified;
    keep(end->version, sizeof end->version, facts->version, strlen(facts->version));
}

/* ---- Handlers ---------------------------------------------------------------------------------------------------- */

static void on_client(void *context, connector *c, const connector_event *event)
{
    world *w = context;

    if (w->on_client != NULL) {
        w->on_client(w, event);
    }
    switch (event->type) {
    case CONNECTOR_SECURED: take_facts(&w->client, event->facts); break;
    case CONNECTOR_STREAM: take(&w->client, &w->client_text, event->stream); break;
    case CONNECTOR_ENDED: {
        const char *text;

        w->end = event->end;
        w->client_ended = true;
        w->tls_failure = connector_tls_failure(c, &text);
        break;
    }
    default: break;
    }
}

static void on_client_wire(void *context, connector *c, bool sent, bool under_tls, weir_slice bytes)
{
    world *w = context;

    (void)c;
    if (w->on_wire != NULL) {
        w->on_wire(w, true, sent, under_tls, bytes);
    }
    if (sent) {
        keep_wire(&w->client, under_tls, bytes);
    }
}

static void on_server_secured(void *context, peer *p, unsigned number, const tls_facts *facts)
{
    world *w = context;

    (void)p;
    (void)number;
    take_facts(&w->server, facts);
}

static void on_server(void *context, peer *p, unsigned number, const negotiator_event *event)
{
    world *w = context;

    (void)p;
    if (w->on_server != NULL) {
        w->on_server(w, number, event);
    }
    take(&w->server, &w->server_text, event);
}

static void on_server_wire(void *context, peer *p, unsigned number, bool sent, bool under_tls, weir_slice bytes)
{
    world *w = context;

    (void)p;
    (void)number;
    if (w->on_wire != NULL) {
        w->on_wire(w, false, sent, under_tls, bytes);
    }
    if (sent) {
        keep_wire(&w->server, under_tls, bytes);
    }
}

/* ---- The world --------------------------------------------------------------------------------------------------- */

void world_init(world *w)
{
    const char *why = "";

    *w = (world){.account = {.username = "juliet", .password = "made-up", .hostname = "capulet.example"}};
    w->identity = tls_identity_made("capulet.example", &why);
    assert_non_null(w->identity);
    assert_true(tls_identity_pem(w->identity, w->pem, sizeof w->pem) > 0);
    peer_settings_default(&w->peer_settings);
    w->peer_settings.domain = "capulet.example";
    w->peer_settings.accounts = &w->account;
    w->peer_settings.account_count = 1;
    w->peer_settings.identity = w->identity;
    connector_settings_default(&w->settings);
    w->settings.domain = "capulet.example";
    w->settings.address = "juliet@capulet.example";
    w->settings.username = "juliet";
    w->settings.password = "made-up";
    w->settings.ca_pem = w->pem;
    stanza_text_init(&w->client_text);
    stanza_text_init(&w->server_text);
    for (int i = 0; i < 2; i++) {
        world_end *end = i == 0 ? &w->client : &w->server;

        end->clear = calloc(1, WORLD_WIRE);
        end->plain = calloc(1, WORLD_WIRE);
        assert_true(end->clear != NULL && end->plain != NULL);
    }
}

void world_free(world *w)
{
    connector_free(w->connector);
    peer_free(w->peer);
    tls_identity_free(w->identity);
    stanza_text_free(&w->client_text);
    stanza_text_free(&w->server_text);
    free(w->client.clear);
    free(w->client.plain);
    free(w->server.clear);
    free(w->server.plain);
}

int world_setup(void **state)
{
    world *w = malloc(sizeof *w);

    assert_non_null(w);
    world_init(w);
    *state = w;
    return 0;
}

int world_teardown(void **state)
{
    world_free(*state);
    free(*state);
    return 0;
}

void world_serve(world *w)
{
    const peer_handler handler = {
        .secured = on_server_secured, .event = on_server, .wire = on_server_wire, .context = w};
    const char *why = "";

    w->peer = peer_new(&w->peer_settings, &handler, world_now(w), &why);
    assert_non_null(w->peer);
    snprintf(w->target, sizeof w->target, "127.0.0.1:%u", peer_port(w->peer));
    w->settings.connect = w->target;
}

static void forget(world_end *end)
{
    char *clear = end->clear, *plain = end->plain;

    *end = (world_end){.clear = clear, .plain = plain};
    clear[0] = plain[0] = '\0';
}

void world_connect(world *w)
{
    const connector_handler handler = {.event = on_client, .wire = on_client_wire, .context = w};
    const char *why = "";

    connector_free(w->connector);
    forget(&w->client);
    forget(&w->server);
    w->client_ended = w->client_frozen = w->client_dropped = false;
    w->jumped = 0;
    w->tls_failure = TLS_FAILURE_NONE;
    w->connector = connector_new(&w->settings, &handler, world_now(w), &why);
    assert_non_null(w->connector);
}

/* The next deadline of either end. */
static uint64_t deadline(world *w)
{
    uint64_t now = world_now(w), client = UINT64_MAX, server = UINT64_MAX;

    if (w->connector != NULL && !w->client_frozen) {
        client = connector_deadline(w->connector, now);
    }
    if (w->peer != NULL) {
        server = peer_deadline(w->peer, now);
    }
    return client < server ? client : server;
}

static int wait_for(world *w, int milliseconds)
{
    size_t room = CONNECTOR_POLL_MAX + (w->peer != NULL ? peer_poll_size(w->peer) : 0), count = 0;
    struct pollfd *fds = calloc(room, sizeof *fds);
    int ready;

    assert_non_null(fds);
    if (w->connector != NULL && !w->client_frozen) {
        count += connector_poll(w->connector, fds, CONNECTOR_POLL_MAX);
    }
    if (w->peer != NULL) {
        count += peer_poll(w->peer, fds + count, room - count);
    }
    ready = poll(fds, count, milliseconds);
    free(fds);
    return ready;
}

static void run(world *w)
{
    uint64_t now = world_now(w);

    if (w->connector != NULL && !w->client_frozen) {
        connector_run(w->connector, now);
    }
    if (w->client_dropped) {
        connector_free(w->connector);
        w->connector = NULL;
        w->client_dropped = false;
    }
    if (w->peer != NULL) {
        peer_run(w->peer, now);
    }
}

/* For something that moves; where nothing does, until the next deadline, at once. */
static void pass_time(world *w, int milliseconds)
{
    uint64_t now = world_now(w), next = deadline(w);

    w->stuck = false;
    if (next <= now || wait_for(w, milliseconds) > 0) {
        return;
    }
    if (next == UINT64_MAX) {
        w->stuck = true;
        return;
    }
    now = world_now(w);
    w->offset += next > now ? next - now : 0;
    w->jumped += next > now ? next - now : 0;
}

void world_step(world *w, int milliseconds)
{
    run(w);
    pass_time(w, milliseconds);
}

static bool over(const world *w)
{
    return (w->connector == NULL || w->client_frozen || connector_ended(w->connector)) &&
           (w->peer == NULL || peer_open_count(w->peer) == 0);
}

bool world_until(world *w, bool (*reached)(world *w))
{
    unsigned stuck = 0;

    for (run(w); !reached(w); run(w)) {
        if (over(w)) {
            return false;
        }
        pass_time(w, QUIET);
        /* No deadline and nothing that moves: it would never end. */
        stuck = w->stuck ? stuck + 1 : 0;
        assert_true(stuck < 100);
    }
    return true;
}

static bool never(world *w)
{
    (void)w;
    return false;
}

void world_finish(world *w)
{
    world_until(w, never);
}

bool world_client_ready(world *w)
{
    return w->client.ready > 0;
}

bool world_client_ended(world *w)
{
    return w->client_ended;
}

void world_send(world *w, const char *stanza)
{
    assert_int_equal(connector_send(w->connector, stanza, strlen(stanza), NULL, world_now(w)), NEGOTIATOR_SEND_TAKEN);
}

size_t world_descriptors(void)
{
    DIR *directory = opendir("/proc/self/fd");
    size_t count = 0;

    assert_non_null(directory);
    while (readdir(directory) != NULL) {
        count++;
    }
    closedir(directory);
    return count;
}
