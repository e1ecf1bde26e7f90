/* judge.h - Weir beside expat and libxml2: soundness and completeness, invariants 9 and 13
 *
 * The input is cut into the documents that Weir saw: streams at restarts, websocket messages.
 * - What Weir accepts, both accept with the same events; the beginning of a stream is compared as a beginning.
 * - What Weir refuses as grammar, character, encoding form or namespace error, one of the two refuses. So that
 *   "refuses" is not said of what merely ends too early, endings are tried after it: no ending may make it
 *   acceptable to both. The only differences that count as none are those of excused.c.
 *
 * SPDX-License-Identifier: MIT */
#ifndef AGREEMENT_JUDGE_H
#define AGREEMENT_JUDGE_H

#include "decode.h"
#include "oracle.h"

typedef enum difference {
    EXPAT_REFUSES, /* what Weir accepts */
    EXPAT_DIFFERS, /* in events */
    LIBXML2_REFUSES,
    LIBXML2_DIFFERS,
    BOTH_ACCEPT, /* what Weir refuses */
} difference;

/* One document, what Weir says of it, and what the others said of it (of it with an ending, where that was tried). */
typedef struct document {
    const uint8_t *bytes;
    size_t size; /* a beginning ends with a whole character */
    bool whole;
    weir_status code; /* 0, or that with which Weir refuses it */
    size_t offset;    /* then: in the document */
    plain events;     /* Weir's */
    opinion expat, libxml2;
} document;

typedef struct excuse {
    const char *name;
    difference what;
    bool (*applies)(const document *d); /* of a difference that is there */
    const char *sample;                 /* document framing; one that shows it, and nothing else */
    size_t sample_size;
} excuse;

extern const excuse excuses[];
extern const size_t excuse_count;
#define EXCUSES_MAX 16

typedef struct judge {
    trial trial;
    void *expat, *libxml2;
    document document;
    uint8_t *longer; /* the document with an ending */
    size_t longer_room;
    uint64_t documents, refusals; /* compared: accepted by Weir, refused by Weir */
    uint64_t excused[EXCUSES_MAX];
    uint64_t differences;
    bool no_excuse; /* to see the difference itself */
    difference last;
    /* Of the input at hand */
    const input *input;
    const char *what;
    size_t begin; /* of the document at hand */
    size_t message;
    bool frame_open; /* an `open` or `close`, whose end is no event: it was written with its start */
} judge;

void judge_begin(judge *j, const weir_config *config);
void judge_end(judge *j);
bool judge_input(judge *j, const input *in, const char *what);

/* Adds counts to those of another. */
void judge_add(judge *to, const judge *from);
void judge_print_counts(const judge *j);

#endif
