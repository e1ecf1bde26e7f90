/* run.h - a fuzz input through either decoder, watched
 *
 * SPDX-License-Identifier: MIT */
#ifndef FUZZ_RUN_H
#define FUZZ_RUN_H

#include "../../tools/log.h"
#include "input.h"
#include "record.h"

/* Where the events go: each may be NULL. */
typedef struct fuzz_sink {
    fuzz_record *record;
    event_log *log;
    void (*event)(void *context, const weir_event *event);
    void *context;
} fuzz_sink;

typedef struct fuzz_verdict {
    weir_status code;
    uint64_t offset;
} fuzz_verdict;

/* The decoder, as the input says. Breaks of what weir.h promises about a single run end the program (fuzz_broken). */
fuzz_verdict fuzz_decode(const fuzz_input *in, const fuzz_sink *sink);

fuzz_verdict fuzz_decode_reference(const fuzz_input *in, const fuzz_sink *sink);

/* Ends the program: an invariant of the design, by its number, does not hold for the input. Prints both decoders' logs;
 * `other` is a second way to decode it, or NULL. */
_Noreturn void fuzz_broken(const char *invariant, const char *what, const fuzz_input *in, const fuzz_input *other);

#endif
