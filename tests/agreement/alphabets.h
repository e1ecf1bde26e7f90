/* alphabets.h - small pieces of input, chosen to provoke, and the places where they are put
 *
 * In pieces, prefixes and suffixes, MESSAGE_END stands for the end of a websocket message and RESTART for a restart
 * by the caller: both are bytes that no input of this kind needs.
 *
 * SPDX-License-Identifier: MIT */
#ifndef AGREEMENT_ALPHABETS_H
#define AGREEMENT_ALPHABETS_H

#include "../../parser/weir.h"

#define MESSAGE_END "\x1e"
#define RESTART "\x1d"

typedef struct piece {
    const char *bytes;
    size_t size;
} piece;

/* A place: what stands before and after the pieces, and under which configuration. */
typedef struct place {
    weir_framing framing;
    piece before;
    piece after;        /* compared with and without, unless empty */
    weir_limits limits; /* 0: the default */
    uint32_t content;
} place;

/* Every sequence of up to `all` pieces is an input. Longer ones, up to `most`, are inputs unless the sequence
 * without its last `behind` + 1 pieces is refused already: nothing is looked at after an error. The first of each pair
 * of lengths is of the short run. */
typedef struct alphabet {
    const char *name;
    const piece *pieces; /* NULL: the 256 bytes, none of them with another meaning */
    size_t piece_count;
    const place *places;
    size_t place_count;
    unsigned all[2], most[2], behind;
} alphabet;

extern const alphabet alphabets[];
extern const size_t alphabet_count;

#endif
