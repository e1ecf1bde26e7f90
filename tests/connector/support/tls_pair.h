/* tls_pair.h - two ends of a TLS connection and the network between them, in memory
 *
 * An end is the connector's (tls.h) or bare OpenSSL's, where a test wants a peer that does what tls.h never does.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TESTS_TLS_PAIR_H
#define TESTS_TLS_PAIR_H

#include "../../../tools/connector/tls.h"
#include "certificate.h"

typedef struct end {
    tls *own; /* one of the two */
    SSL *bare;
    SSL_CTX *context;
    BIO *network;
    tls_status status; /* of the last handshake or read */
    char read[256];    /* what was read last, with a NUL */
    size_t read_size, read_total;
    uint64_t read_sum; /* of all bytes, so that a test need not keep them */
} end;

/* NULL certificate: none. */
end end_bare(bool receiving, const certificate *c, int version);
end end_own(const tls_settings *settings); /* fails the test when it cannot */
void end_free(end *e);

/* One turn of the network, at most `chunk` bytes (0: all); how many bytes moved. `to` may be NULL: they are lost. */
size_t end_carry(end *from, end *to, size_t chunk);
void end_handshake(end *a, end *b, size_t chunk); /* until nothing moves */
void end_read(end *e);                            /* until nothing comes; adds to read, read_total, read_sum */
size_t end_write(end *e, const char *bytes, size_t size);
bool end_is_done(const end *e);

const char *end_failure(const end *e,
                        tls_failure_kind kind); /* of the connector's; fails the test when it is another */

/* ---- Two of the connector's -------------------------------------------------------------------------------------- */

#define PAIR_DOMAIN "im.example.com"

extern tls_identity *pair_identity; /* for PAIR_DOMAIN, made by pair_make */
extern char pair_pem[4096];

int pair_make(void **state); /* group fixtures */
int pair_unmake(void **state);
tls_settings pair_initiating(void); /* trusts pair_identity */
tls_settings pair_receiving(void);
void pair_connect(end *a, end *b, const tls_settings *first, const tls_settings *second); /* and shakes their hands */
void pair_send(end *from, end *to);                                                       /* all that waits */
void pair_free(end *a, end *b);

#endif
