/* sasl.h - one SASL exchange, as the negotiator sees it
 *
 * Data goes in and out in the base64 of RFC 6120 6.4.2, as on the wire, so that the one strict base64 decoder is behind
 * these functions, and a fuzzer's stub needs none. sasl_gnu.h implements them with GNU SASL.
 *
 *     initiating: start; step(NULL) gives the initial response, for <auth/>
 *         CONTINUE: each <challenge/> is a step whose output is the <response/>; a <success/> with data is one, too,
 *                   and must be COMPLETE without output; a <success/> without data is refused by the caller: what the
 *                   mechanism has to verify has not come
 *         COMPLETE: the output, if any, is sent (of an answer to a <challenge/>: a <response/>, even an empty one).
 *                   From then on only <success/> without data is right
 *     receiving: start; step(the initial response, or NULL where <auth/> had none)
 *         CONTINUE: the output is the <challenge/>; the <response/> is the next step
 *         COMPLETE: <success/>, with the output as its data, where there is any
 *         REFUSED, BROKEN: <failure/> with `condition`
 *     end, always
 *
 * SPDX-License-Identifier: MIT */
#ifndef SASL_H
#define SASL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Channel bindings: RFC 5929 3 (on TLS 1.2 with the extended master secret), RFC 9266 (on TLS 1.3). */
typedef enum sasl_binding { SASL_BINDING_NONE, SASL_BINDING_TLS_UNIQUE, SASL_BINDING_TLS_EXPORTER } sasl_binding;

/* What the first byte of the GS2 header says (RFC 5802 6): p, y or n. */
typedef enum sasl_binding_use {
    SASL_BINDING_USED,        /* p: a -PLUS mechanism */
    SASL_BINDING_NOT_OFFERED, /* y: we could, the server offered no -PLUS */
    SASL_BINDING_UNWANTED /* n: the caller asked for none; also EXTERNAL, ANONYMOUS, PLAIN, which have no GS2 header */
} sasl_binding_use;

typedef enum sasl_mechanism { /* strongest first */
                              SASL_SCRAM_SHA_256_PLUS,
                              SASL_SCRAM_SHA_1_PLUS,
                              SASL_SCRAM_SHA_256,
                              SASL_SCRAM_SHA_1,
                              SASL_EXTERNAL,
                              SASL_PLAIN,
                              SASL_ANONYMOUS,
                              SASL_MECHANISM_COUNT
} sasl_mechanism;

#define SASL_ALLOWED(mechanism) (1u << (mechanism))
#define SASL_ALLOWED_PLUS (SASL_ALLOWED(SASL_SCRAM_SHA_256_PLUS) | SASL_ALLOWED(SASL_SCRAM_SHA_1_PLUS))
#define SASL_ALLOWED_DEFAULT (SASL_ALLOWED_PLUS | SASL_ALLOWED(SASL_SCRAM_SHA_256) | SASL_ALLOWED(SASL_SCRAM_SHA_1))

typedef struct sasl_policy {
    uint32_t allowed;        /* sum of SASL_ALLOWED; SASL_ALLOWED_DEFAULT leaves PLAIN, EXTERNAL and ANONYMOUS out */
    bool no_channel_binding; /* the caller's wish, reported */
} sasl_policy;

typedef enum sasl_result {
    /* More is expected from the peer. */
    SASL_CONTINUE,
    /* No more is expected; initiating: what the mechanism verifies of the server (SCRAM: its signature) was verified.
     * Of PLAIN, EXTERNAL and ANONYMOUS the first step is COMPLETE. */
    SASL_COMPLETE,
    /* Receiving: wrong credentials or message; initiating: the server's signature, nonce or message was wrong,
     * iterations out of bounds, bad base64. */
    SASL_REFUSED,
    /* Out of memory, no room for the output, library failure, a call out of order. */
    SASL_BROKEN
} sasl_result;

/* The longest message that is taken or made, as base64; longer ones are refused. */
#define SASL_MESSAGE_MAX 4096

typedef struct sasl_functions {
    /* Begins an exchange; one that was not ended is ended first. false: cannot (why by `reason`).
     * Initiating: `binding` is what `use` USED binds with; NONE is right otherwise. -PLUS goes with USED alone.
     * Receiving: `use` is ignored, `binding` is what the -PLUS mechanisms offered on this connection bind with, also
     * when the peer chose one without (so that a `y` is found out, RFC 5802 6); NONE: no -PLUS was offered. */
    bool (*start)(void *context, sasl_mechanism mechanism, sasl_binding_use use, sasl_binding binding);
    /* One step. `input` NULL: the first step of the initiating entity; of the receiving, where <auth/> had no initial
     * response. An empty one is empty data; so is "=", in an initial response and in <success/> (RFC 6120 6.4.2,
     * 6.4.6). Writes at most `room` bytes (SASL_MESSAGE_MAX are enough) of base64, no NUL, to `output`; *size is how
     * many it wrote. "=" is empty data where RFC 6120 writes it so, in the initial response; 0 is none: for
     * <challenge/> and <response/> an empty element. */
    sasl_result (*step)(void *context, const char *input, size_t input_size, char *output, size_t room, size_t *size);
    /* Ends the exchange, at any time, any number of times; secrets of the exchange are wiped. What the functions
     * below said stays until the next start. */
    void (*end)(void *context);
    /* Why the last call refused: an English text without secrets and without bytes of the peer; never NULL. */
    const char *(*reason)(void *context);
    /* Receiving: the SASL condition of RFC 6120 6.5 that goes with it, such as "not-authorized"; never NULL. */
    const char *(*condition)(void *context);
    /* Receiving: the authenticated local part (for EXTERNAL the authenticated address), after COMPLETE; "" before. */
    const char *(*username)(void *context);
} sasl_functions;

/* Static strings: "SCRAM-SHA-256-PLUS"; "tls-exporter", "" for NONE. */
const char *sasl_mechanism_name(sasl_mechanism mechanism);
const char *sasl_binding_name(sasl_binding binding);

/* The mechanism of a name as offered (not terminated by NUL); SASL_MECHANISM_COUNT: none that we speak. */
sasl_mechanism sasl_mechanism_of(const char *name, size_t size);

static inline bool sasl_mechanism_is_plus(sasl_mechanism mechanism)
{
    return mechanism == SASL_SCRAM_SHA_256_PLUS || mechanism == SASL_SCRAM_SHA_1_PLUS;
}

#endif
