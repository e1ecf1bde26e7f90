/* resolver.h - where a domain is served: SRV records and addresses, by c-ares and libidn2
 *
 * Contract, to be completed by its owner: xmpps- and xmpp- records merged by priority and weight (RFC 2782, XEP-0368); any SRV answer, "." included,
 * forbids the fallback to the domain's own address; xmpps- is always direct TLS, xmpp- never; IDNA by libidn2; IPv6 and IPv4; a literal address or HOST:PORT given
 * by hand needs no DNS. Non-blocking: the driver polls its descriptors and deadline. `resolver_servers` (for tests) points it at a DNS server on loopback.
 *
 * SPDX-License-Identifier: MIT */
#ifndef RESOLVER_H
#define RESOLVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

typedef struct resolver_target {
    struct sockaddr_storage address;
    socklen_t address_size;
    bool direct_tls;
    char host[256]; /* for the transcript */
    uint16_t port;
} resolver_target;

#endif
