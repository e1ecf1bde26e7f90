/* drive.h - decodes a case chunk by chunk in the ways that users do, and watches what the header promises
 *
 * SPDX-License-Identifier: MIT */
#ifndef TESTS_DRIVE_H
#define TESTS_DRIVE_H

#include "case.h"

typedef struct drive_plan {
    weir_kernel kernel;
    size_t chunk; /* bytes of a chunk; 0: one chunk, the whole message */
    size_t split; /* not 0: a chunk ends here, too */
    bool park;    /* before each chunk the decoder is parked, its workspace scribbled over, and unparked elsewhere */
} drive_plan;

/* The log of the decoder for the case: to be freed. Where a promise of weir.h is broken on the way, the log ends with a line
 * "broken: ...", which no expected log has. */
char *drive(const test_case *c, const drive_plan *plan);

/* "kernel sse2, chunks of 3, split at 17, parked": for messages; a static buffer. */
const char *drive_describe(const drive_plan *plan);

/* Prints both lines where two logs first differ. True when they do not. */
bool logs_equal(const char *path, const char *how, const char *expected, const char *actual);

/* The last line of a log, its line feed included. */
const char *log_verdict_line(const char *log);

#endif
