/* decode.h - one small input, given to either decoder
 *
 * SPDX-License-Identifier: MIT */
#ifndef AGREEMENT_DECODE_H
#define AGREEMENT_DECODE_H

#include "record.h"

/* Bytes, and what is not bytes: the ends of websocket messages, and the places where the caller asks for a restart. */
typedef struct input {
    const uint8_t *bytes;
    size_t size;
    const size_t *message_ends; /* ascending; websocket framing alone */
    size_t message_count;
    const size_t *restarts; /* ascending */
    size_t restart_count;
} input;

/* How the decoder is given the bytes. Ends of messages and restarts end a chunk in any case. */
typedef struct plan {
    weir_kernel kernel;
    size_t chunk;     /* bytes of a chunk; 0: no more ends than those below */
    size_t splits[2]; /* not 0: a chunk ends there */
} plan;

/* A decoder with its workspace, for many inputs under one configuration. */
typedef struct trial {
    weir_config config;
    void *workspace;
    size_t workspace_size;
    weir_decoder decoder;
    bool opened; /* the header of the stream at hand was seen */
    uint8_t *chunk;
    size_t chunk_room;
} trial;

void trial_begin(trial *t, const weir_config *config);
void trial_end(trial *t);

/* The caller restarts wherever the input says so and the decoder lets it. */
void trial_decode(trial *t, const input *in, const plan *how, const sink *out);

/* The reference decoder, the same. */
void reference_run(const weir_config *config, const input *in, const sink *out);

#endif
