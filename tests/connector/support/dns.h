/* dns.h - a name server for tests, on loopback, that answers what it was told
 *
 * SPDX-License-Identifier: MIT */
#ifndef TESTS_DNS_H
#define TESTS_DNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One record. `data`: of A and AAAA an address, of CNAME a name, of SRV "PRIORITY WEIGHT PORT TARGET". */
typedef struct dns_record {
    const char *name; /* without the final dot */
    uint16_t type;    /* ns_t_srv, … */
    const char *data;
} dns_record;

typedef enum dns_fault { DNS_RIGHT, DNS_SILENT, DNS_FAILS, DNS_REFUSES, DNS_GARBAGE, DNS_CUT } dns_fault;

typedef struct dns {
    int udp, tcp, peer; /* sockets; -1: none */
    char address[32];   /* "127.0.0.1:PORT" */
    const dns_record *records;
    size_t count;
    dns_fault fault;
    uint16_t fault_type; /* of questions of this type alone; 0: of all */
    unsigned questions, by_tcp;
} dns;

void dns_begin(dns *d, const dns_record *records, size_t count);
void dns_end(dns *d);
void dns_serve(dns *d); /* answers what waits; never blocks */

#endif
