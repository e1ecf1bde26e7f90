/* compare.h - the decoder in several ways and the reference decoder, on one input: invariants 1, 2 and 8
 *
 * SPDX-License-Identifier: MIT */
#ifndef AGREEMENT_COMPARE_H
#define AGREEMENT_COMPARE_H

#include "decode.h"

typedef struct comparison {
    trial trial;
    record reference; /* of the last input; its verdict too */
    record decoded;
    uint64_t inputs, differences;
} comparison;

void comparison_begin(comparison *c, const weir_config *config);
void comparison_end(comparison *c);

/* The decoder whole, byte by byte, by the portable kernel, and in a few pseudo-random pieces against the reference
 * decoder. A difference is counted, and printed with both logs while there are few; `what` says where the input
 * comes from. */
bool compare(comparison *c, const input *in, const char *what);

/* The same, whole and byte by byte only. */
bool compare_shortly(comparison *c, const input *in, const char *what);

/* The input and its options, in words that make a corpus case. */
void print_input(const weir_config *config, const input *in);

void print_log(const weir_config *config, const input *in, const plan *how);

#endif
