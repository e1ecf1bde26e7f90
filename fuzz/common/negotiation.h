/* negotiation.h - plays a fuzz input against a negotiator, and watches it
 *
 * The header of an input (input.h) means here:
 *
 *     0      bits 0-1 nothing; 2 receiving; 3 server; 4 probe; 5 direct TLS; 6 the certificate is wrong; 7 by hand:
 *            output goes out and TLS begins only where the script says so, else after each `>`
 *     1      bits 0-3 mechanisms allowed (mechanisms_of); 4 no channel binding; 5 no resource; 6 keepalive and idle; 7
 *            no address
 *     2      bits 0-1 channel binding; 2 TLS 1.3; 3 the script's end is not followed by a close
 *     3, 4, 12-15 splits, as ever; 5-11 limits before authentication, 0: the negotiator's default
 *
 * The bytes after it are the peer's. In them a byte 0xfe and the one after it are something that happens: its lower
 * four bits say what (enum happening), its upper four are an argument.
 *
 * What is watched:
 *     - a canary password, which SASL gives out as PLAIN would, is nowhere in the output in any encoding before TLS is
 *       verified, and never in an event
 *     - events and requests come in order, none after the end, no answer before its question; what is sent is what a
 *       strict peer accepts, in an order that it accepts
 *     - it always ends, within its deadlines, with nothing left open
 *     - the same result however the bytes are split
 *
 * SPDX-License-Identifier: MIT */
#ifndef FUZZ_NEGOTIATION_H
#define FUZZ_NEGOTIATION_H

#include "../../tools/connector/negotiator.h"
#include "input.h"

#define NEGOTIATION_RECORD 65536

typedef struct negotiation {
    negotiator negotiator;
    negotiator_config config;
    negotiator_tls tls;
    const uint8_t *input;
    size_t size;
    bool by_hand, stays_open;
    const sasl_functions *sasl; /* NULL: the stub */
    /* while it is played */
    uint64_t now;
    uint8_t random;
    bool no_random, start_tls, secured, header, authenticated, bound, ready, closing, ended, text;
    uint8_t carry[FUZZ_SIZE_MAX];
    size_t carried;
    uint64_t handed;      /* bytes of output handed over */
    uint64_t watched;     /* bytes of output that were looked at */
    uint64_t question[2]; /* where the last two messages end */
    weir_decoder peer;
    bool peer_header, said_closing;
    uint32_t auths;
    negotiator_event end;
    /* of the stub */
    bool exchange, complete, proved;
    uint32_t steps, forced;
    sasl_mechanism mechanism;
    /* what happened, to be compared: events, then what was handed over */
    size_t recorded, said;
    uint8_t record[NEGOTIATION_RECORD], output[NEGOTIATION_RECORD];
} negotiation;

/* False: not an input. */
bool negotiation_read(negotiation *n, fuzz_input *in, const uint8_t *data, size_t size);

/* Plays it, in chunks of the input's split, or in segments as they are; ends the program where an oracle fails. */
void negotiation_play(negotiation *n, const fuzz_input *in, bool split);

/* fuzz/common/negotiation_watch.c */
void watch_event(negotiation *n, const negotiator_event *event);
void watch_output(negotiation *n);
void watch_begin(negotiation *n);
void watch_secrets(const negotiation *n); /* of all that was handed over so far */
void watch_fail(const negotiation *n, const char *what) __attribute__((noreturn));
extern const sasl_functions negotiation_stub;

#endif
