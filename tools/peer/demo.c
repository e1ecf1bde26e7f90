/* demo.c - a whole session of a connector and the embedded peer, as it goes over the wire
 *
 * SPDX-License-Identifier: MIT */
#include "../connect/standard.h"
#include "../connector/peer.h"
#include "../decode_report.h"

#include <locale.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PEM_SIZE 8192
#define MESSAGE "<message to='romeo@capulet.example'><body>Art thou not Romeo, and a Montague?</body></message>"

typedef struct demo {
    connector *connector;
    uint64_t now;
    bool said, failed;
} demo;

static uint64_t clock_now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

/* The bytes as the stream carries them; the account and its password are made up for this run. */
static void on_wire(void *context, connector *c, bool sent, bool under_tls, weir_slice bytes)
{
    (void)context;
    (void)c;
    printf("%s %s  ", under_tls ? "TLS  " : "clear", sent ? "I:" : "  R:");
    put_visible(stdout, (const char *)bytes.data, bytes.size);
    putchar('\n');
}

static void remark(const char *text)
{
    printf("           -- %s\n", text);
}

static void on_stream(demo *d, const negotiator_event *e)
{
    switch (e->type) {
    case NEGOTIATOR_START_TLS: remark("the TLS handshake"); break;
    case NEGOTIATOR_MECHANISM:
        printf("           -- %s, bound to this TLS connection by %s\n", sasl_mechanism_name(e->mechanism),
               sasl_binding_name(e->binding));
        break;
    case NEGOTIATOR_AUTHENTICATED: remark("both have proved that they know the password; a new stream begins"); break;
    case NEGOTIATOR_READY:
        remark("ready: a stanza, which the peer returns");
        d->said = connector_send(d->connector, MESSAGE, strlen(MESSAGE), NULL, d->now) == NEGOTIATOR_SEND_TAKEN;
        break;
    case NEGOTIATOR_STANZA:
        if (e->xml->type == WEIR_ELEMENT_END && e->xml->depth == 2) {
            connector_close(d->connector, d->now);
        }
        break;
    case NEGOTIATOR_CLOSE_TRANSPORT: remark("both closing tags were seen: close_notify, and that of the other"); break;
    case NEGOTIATOR_ENDED:
        printf("           -- ended: %s\n", negotiator_outcome_name(e->outcome));
        d->failed = e->outcome != NEGOTIATOR_CLOSED;
        break;
    default: break;
    }
}

static void on_event(void *context, connector *c, const connector_event *event)
{
    demo *d = context;

    (void)c;
    switch (event->type) {
    case CONNECTOR_CONNECTED:
        printf("           -- connected to %s, port %u\n", event->target->host, event->target->port);
        break;
    case CONNECTOR_SECURED:
        printf("           -- %s, %s; the certificate is %s\n", event->facts->version, event->facts->cipher,
               event->facts->verified ? "right for the domain" : "refused");
        break;
    case CONNECTOR_STREAM: on_stream(d, event->stream); break;
    default: break;
    }
}

static void play(demo *d, peer *p)
{
    size_t room = peer_poll_size(p) + CONNECTOR_POLL_MAX;
    struct pollfd *fds = calloc(room, sizeof *fds);

    while (fds != NULL && (!connector_ended(d->connector) || peer_open_count(p) > 0)) {
        uint64_t deadline, other;
        size_t count;

        d->now = clock_now();
        connector_run(d->connector, d->now);
        peer_run(p, d->now);
        count = connector_poll(d->connector, fds, CONNECTOR_POLL_MAX);
        count += peer_poll(p, fds + count, room - count);
        deadline = connector_deadline(d->connector, d->now);
        other = peer_deadline(p, d->now);
        deadline = other < deadline ? other : deadline;
        poll(fds, count, deadline <= d->now ? 0 : deadline - d->now > 1000 ? 1000 : (int)(deadline - d->now));
    }
    d->failed = d->failed || fds == NULL;
    free(fds);
}

/* 0: nothing went wrong. */
static int run(const tls_identity *identity, const char *pem)
{
    demo d = {.now = clock_now(), .failed = true};
    const sasl_account account = {.username = "juliet", .password = "r0m30myr0m30", .hostname = "capulet.example"};
    const connector_handler handler = {.event = on_event, .wire = on_wire, .context = &d};
    const peer_handler none = {.context = NULL};
    peer_settings receiving;
    connector_settings initiating;
    const char *why = "";
    char target[32];
    peer *p;

    peer_settings_default(&receiving);
    receiving.domain = "capulet.example";
    receiving.accounts = &account;
    receiving.account_count = 1;
    receiving.identity = identity;
    p = peer_new(&receiving, &none, d.now, &why);
    snprintf(target, sizeof target, "127.0.0.1:%u", p != NULL ? peer_port(p) : 0);
    connector_settings_default(&initiating);
    initiating.domain = "capulet.example";
    initiating.address = "juliet@capulet.example";
    initiating.username = "juliet";
    initiating.password = account.password;
    initiating.connect = target;
    initiating.ca_pem = pem;
    d.connector = p != NULL ? connector_new(&initiating, &handler, d.now, &why) : NULL;
    if (d.connector != NULL) {
        play(&d, p);
    } else {
        fprintf(stderr, "weir-demo: %s\n", why);
    }
    connector_free(d.connector);
    peer_free(p);
    return d.failed || !d.said;
}

int main(void)
{
    const char *why = "";
    char pem[PEM_SIZE];
    tls_identity *identity;
    int status = 2;

    if (!standard_open()) {
        return 2;
    }
    identity = tls_identity_made("capulet.example", &why);
    setlocale(LC_CTYPE, "");
    puts("A session of the connector (I, the initiating entity) with the embedded peer (R, the receiving entity),\n"
         "both in this process, over loopback:\n");
    if (identity == NULL || tls_identity_pem(identity, pem, sizeof pem) == 0) {
        fprintf(stderr, "weir-demo: %s\n", why);
    } else {
        status = run(identity, pem);
    }
    tls_identity_free(identity);
    return status;
}
