/* sasl_gnu.h - the functions of sasl.h by GNU SASL
 *
 * Contract, to be completed by its owner. Iterations below 4096 or above 1000000 abort before the work; base64 is strict (canonical, no white
 * space); tls-exporter on TLS 1.3 and tls-unique on TLS 1.2 as given by sasl_gnu_bind; a password never leaves this file but to GNU SASL, and is wiped.
 *
 * SPDX-License-Identifier: MIT */
#ifndef SASL_GNU_H
#define SASL_GNU_H

#include "sasl.h"

typedef struct sasl_gnu sasl_gnu;

typedef struct sasl_account { /* receiving: what the peer must prove; initiating: what we prove */
    const char *username; /* authentication identity: the local part */
    const char *password; /* NULL: none (EXTERNAL, ANONYMOUS) */
    const char *authzid;  /* EXTERNAL; NULL: none */
    const char *service, *hostname; /* "xmpp", the domain */
} sasl_account;

sasl_gnu *sasl_gnu_new(bool receiving, const sasl_account *accounts, size_t count); /* copies; NULL: no memory */
void sasl_gnu_free(sasl_gnu *sasl);                                                 /* wipes */
bool sasl_gnu_bind(sasl_gnu *sasl, sasl_binding binding, const uint8_t *data, size_t size);
extern const sasl_functions sasl_gnu_functions; /* context: a sasl_gnu */

#endif
