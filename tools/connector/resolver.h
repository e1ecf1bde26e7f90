/* resolver.h - where a domain is served: SRV records and addresses, by c-ares and libidn2
 *
 *     resolver *r = resolver_new(&request, &why);
 *     while ((status = resolver_run(r)) == RESOLVER_WAIT)
 *         poll(fds, resolver_poll(r, fds, RESOLVER_POLL_MAX), at most resolver_timeout(r) milliseconds)
 *     RESOLVER_DONE: resolver_targets, to be tried in their order
 *
 * RFC 6120 3.2.1, RFC 2782 and XEP-0368: xmpps- and xmpp- records are asked for together and merged by priority and
 * weight; xmpps- is always direct TLS, xmpp- never. Any SRV answer, also one that the request does not allow, forbids
 * the fallback to the domain's own addresses (3.2.2, XEP-0368 5); one of "." says that the service is not there.
 * Without any the fallback is the domain at port 5222 (5269) and STARTTLS; direct TLS has none. An address in place of
 * the domain has no records: it is as if it were given by hand.
 *
 * Neither blocks nor sleeps; the deadline of the phase is the driver's, and resolver_free may come at any time. Memory
 * is bounded by the numbers below. DNS is not trusted: whatever it says, the certificate must be the domain's (tls.h).
 *
 * SPDX-License-Identifier: MIT */
#ifndef RESOLVER_H
#define RESOLVER_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define RESOLVER_RECORDS_MAX 32  /* SRV records that are followed, the first by priority and weight */
#define RESOLVER_ADDRESSES_MAX 8 /* of each */
#define RESOLVER_TARGETS_MAX 64  /* more are left out */
#define RESOLVER_POLL_MAX 16

typedef struct resolver_target {
    struct sockaddr_storage address; /* IPv6 or IPv4, port included */
    socklen_t address_size;
    bool direct_tls;
    char host[256]; /* for the transcript: the SRV target, or what was given */
    uint16_t port;
} resolver_target;

typedef struct resolver_request {
    const char *domain; /* U-labels and A-labels alike (IDNA 2008), or an address */
    /* HOST:PORT, ADDRESS:PORT, [IPV6]:PORT, or these without port, given by hand: no SRV (RFC 6120 3.2.3); NULL */
    const char *connect;
    bool server; /* s2s: xmpp-server, xmpps-server, port 5269 */
    /* What may be used; both: both. With `connect`, direct alone means direct TLS, all else STARTTLS */
    bool starttls, direct;
    const char *nameservers; /* "127.0.0.1:5353,…" instead of the system's; NULL */
    uint32_t timeout;        /* milliseconds until a name server is asked again; 0: 2000 */
    /* A number up to `most`, each as likely, for the weights of RFC 2782; NULL: from OpenSSL */
    uint32_t (*random)(void *context, uint32_t most);
    void *random_context;
} resolver_request;

typedef struct resolver resolver;

typedef enum resolver_status {
    RESOLVER_WAIT,
    RESOLVER_DONE,       /* at least one target */
    RESOLVER_NO_SERVICE, /* the domain says by "." that it does not have it, or has none that the request allows */
    RESOLVER_FAILED      /* no such domain, no addresses, no answer: resolver_text */
} resolver_status;

/* NULL: *why says what is wrong (no domain name, no memory, …). The request is copied. */
resolver *resolver_new(const resolver_request *request, const char **why);
void resolver_free(resolver *r);           /* NULL is legal */
resolver_status resolver_run(resolver *r); /* does what can be done now */

/* What to wait for: how many of `fds` were filled in. They are not looked at again. */
size_t resolver_poll(resolver *r, struct pollfd *fds, size_t room);
int resolver_timeout(resolver *r); /* milliseconds until resolver_run has to be called again; -1: none */

const resolver_target *resolver_targets(const resolver *r, size_t *count); /* until resolver_free */
const char *resolver_text(const resolver *r);                              /* what was found, or why nothing */

#endif
