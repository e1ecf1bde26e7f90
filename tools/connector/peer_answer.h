/* peer_answer.h - what the embedded peer answers to a stanza
 *
 * SPDX-License-Identifier: MIT */
#ifndef PEER_ANSWER_H
#define PEER_ANSWER_H

#include "stanza_text.h"

#define PEER_ADDRESS_MAX 3072 /* RFC 7622 3.1, with its NUL */

typedef struct peer_answer {
    stanza_text text;
    /* private */
    char kind[9]; /* message, presence, iq; empty: no answer */
    char id[256], from[PEER_ADDRESS_MAX], to[PEER_ADDRESS_MAX];
    bool server, request, ping;
} peer_answer;

void peer_answer_init(peer_answer *answer, bool server);
void peer_answer_free(peer_answer *answer);

/* One event of what came; `sender` is the address that the connection proved, `domain` the peer's own. true: an answer
 * is whole, in peer_answer_text, until the next call. */
bool peer_answer_add(peer_answer *answer, const weir_event *event, const char *sender, const char *domain);
weir_slice peer_answer_text(const peer_answer *answer);

/* An error instead of the answer, where that cannot be sent. */
void peer_answer_refuse(peer_answer *answer);

#endif
