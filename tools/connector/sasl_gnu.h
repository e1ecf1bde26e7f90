/* sasl_gnu.h - the functions of sasl.h by GNU SASL
 *
 *     sasl_account account = {.username = "juliet", .password = "…", .hostname = "im.example.com"};
 *     sasl_gnu *sasl = sasl_gnu_new(false, &account, 1);
 *     once TLS is there:  size = tls_binding(…, data, …); sasl_gnu_bind(sasl, binding, data, size)
 *     negotiator_config:  .sasl = sasl_gnu_functions, .sasl_context = sasl
 *     sasl_gnu_free(sasl)
 *
 * One for each connection. What GNU SASL leaves to its caller, or takes more loosely than RFC 5802, is checked first:
 *   - base64 is canonical, outside and inside of SCRAM: no white space, no other alphabet, padded, unused bits zero
 *     (RFC 4648 3.2, 3.5);
 *   - SCRAM messages have no NUL, attributes in the order of RFC 5802 7, no mandatory extension (5.1, `m`);
 *   - iterations below 4096 (RFC 7677 4) or above a million end the exchange before the work is done;
 *   - the GS2 header that goes out says what was asked for: p and the name of the binding, y, or n (RFC 5802 6);
 *   - receiving: p only with -PLUS and with the binding in force, y only where no -PLUS was offered; an authorization
 *     identity only where it is the account's own bare JID.
 * The server's signature is compared before the exchange is complete: by GNU SASL, or where y is said by sasl_scram.h.
 *
 * Passwords are kept in memory of this file, handed to GNU SASL when it asks, and wiped in both places, that of the
 * initiating entity as soon as its exchange is complete or refused: it has one exchange with a password, no more. What
 * GNU SASL copies while it prepares a password (SASLprep) is out of reach. Nothing here is written to any log.
 *
 * SPDX-License-Identifier: MIT */
#ifndef SASL_GNU_H
#define SASL_GNU_H

#include "sasl.h"

/* Iterations of SCRAM: what is taken from a server, and what the receiving entity asks for. */
#define SASL_GNU_ITERATIONS_MIN 4096u
#define SASL_GNU_ITERATIONS_MAX 1000000u
#define SASL_GNU_ITERATIONS 10000u

typedef struct sasl_gnu sasl_gnu;

typedef struct sasl_account { /* receiving: what a peer may prove to be; initiating: what we prove to be */
    const char *username;     /* authentication identity, the local part; NULL for ANONYMOUS and EXTERNAL alone */
    const char *password;     /* NULL: none (EXTERNAL, ANONYMOUS) */
    const char *authzid;      /* initiating: authorization identity that is asked for; NULL: none */
    const char *hostname;     /* the domain */
} sasl_account;

/* Copies what the accounts say. Initiating: one. Receiving: any number, of one domain. NULL: no memory, or no
 * account. */
sasl_gnu *sasl_gnu_new(bool receiving, const sasl_account *accounts, size_t count);
void sasl_gnu_free(sasl_gnu *sasl); /* ends, wipes; NULL is legal */

/* The channel binding of the TLS connection (tls_binding), before the exchange that uses it. false: no data, too much,
 * or an exchange is going on. */
bool sasl_gnu_bind(sasl_gnu *sasl, sasl_binding binding, const uint8_t *data, size_t size);

/* Receiving: who the peer's certificate, verified, is for (s2s: the domain); EXTERNAL is refused before. false: no
 * memory. */
bool sasl_gnu_certified(sasl_gnu *sasl, const char *identity);

/* Receiving: iterations to ask for, also such as an initiating entity must refuse (tests). */
void sasl_gnu_iterations(sasl_gnu *sasl, uint32_t iterations);

extern const sasl_functions sasl_gnu_functions; /* context: a sasl_gnu */

#endif
