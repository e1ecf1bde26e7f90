/* jid.h - an address on the command line, in its three parts (RFC 7622)
 *
 * The parts are separated and bounded, and what could never be one is refused; they are not prepared (PRECIS): the
 * server does that, and says by the bound JID what it made of them.
 *
 * SPDX-License-Identifier: MIT */
#ifndef CONNECT_JID_H
#define CONNECT_JID_H

#include <stdbool.h>

#define JID_PART_MAX 1023 /* RFC 7622 3.1: octets of each part */

typedef struct jid {
    char local[JID_PART_MAX + 1]; /* empty: none */
    char domain[JID_PART_MAX + 1];
    char resource[JID_PART_MAX + 1]; /* empty: none */
    char bare[2 * JID_PART_MAX + 2];
} jid;

/* false: `*why` says why it is none. */
bool jid_read(jid *address, const char *text, const char **why);

#endif
