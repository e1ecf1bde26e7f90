/* sasl.h - one SASL exchange, as the negotiator sees it
 *
 * Data goes in and out in the base64 of RFC 6120 6.4.2, as on the wire ("=" is empty data there and here), so that the one strict base64
 * decoder is the library's, behind these functions, and a fuzzer's stub needs none. sasl_gnu.h implements them with GNU SASL.
 *
 * SPDX-License-Identifier: MIT */
#ifndef SASL_H
#define SASL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum sasl_binding { SASL_BINDING_NONE, SASL_BINDING_TLS_UNIQUE, SASL_BINDING_TLS_EXPORTER } sasl_binding;

/* What the first byte of the GS2 header says (RFC 5802 6): p, y or n. */
typedef enum sasl_binding_use {
    SASL_BINDING_USED,        /* p: a -PLUS mechanism */
    SASL_BINDING_NOT_OFFERED, /* y: we could, the server offered no -PLUS */
    SASL_BINDING_UNWANTED     /* n: the caller asked for none; also EXTERNAL, ANONYMOUS, PLAIN, which have no GS2 header */
} sasl_binding_use;

typedef enum sasl_mechanism { /* strongest first */
    SASL_SCRAM_SHA_256_PLUS, SASL_SCRAM_SHA_1_PLUS, SASL_SCRAM_SHA_256, SASL_SCRAM_SHA_1, SASL_EXTERNAL, SASL_PLAIN,
    SASL_ANONYMOUS, SASL_MECHANISM_COUNT
} sasl_mechanism;

typedef struct sasl_policy {
    uint32_t allowed;        /* set of 1u << sasl_mechanism; the default leaves PLAIN, EXTERNAL and ANONYMOUS out */
    bool no_channel_binding; /* the caller's wish, reported */
} sasl_policy;

typedef enum sasl_result {
    SASL_CONTINUE, /* output goes to the peer (initiating: <auth/> or <response/>; receiving: <challenge/>), more is expected */
    SASL_COMPLETE, /* complete from here; initiating: the server's signature, where the mechanism has one, was verified. Output, if any, is still
                    * to be sent (receiving: within <success/>) */
    SASL_REFUSED,  /* receiving: wrong credentials; initiating: the server's signature or nonce was wrong, iterations out of bounds, bad base64 */
    SASL_BROKEN    /* out of memory, library failure */
} sasl_result;

typedef struct sasl_functions {
    /* Begins an exchange. false: cannot (reason by `reason`). */
    bool (*start)(void *context, sasl_mechanism mechanism, sasl_binding_use use, sasl_binding binding);
    /* One step. `input` NULL: nothing came yet (no initial response; the first step of the initiating entity). Writes at most `room` bytes of base64
     * to `output`; *size is what it wrote; "has no output" is *size = 0, "empty data" is "=". */
    sasl_result (*step)(void *context, const char *input, size_t input_size, char *output, size_t room, size_t *size);
    /* Ends the exchange, at any time, any number of times; secrets are wiped. */
    void (*end)(void *context);
    /* Why the last call refused: an English text without secrets. Receiving: also the SASL condition of RFC 6120 6.5. */
    const char *(*reason)(void *context);
    const char *(*condition)(void *context);
    /* Receiving: the authenticated local part, after SASL_COMPLETE. */
    const char *(*username)(void *context);
} sasl_functions;

const char *sasl_mechanism_name(sasl_mechanism mechanism);

#endif
