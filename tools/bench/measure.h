/* measure.h - contenders timed on the same bytes in interleaved rounds
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include "contender.h"
#include "trace.h"

enum { ROUNDS_MAX = 101, CHUNKS_MAX = 8 };

#define CHUNK_WHOLE SIZE_MAX

typedef struct plan {
    contender contenders[CONTENDERS_MAX]; /* the yardstick first */
    size_t contender_count;
    size_t chunks[CHUNKS_MAX]; /* CHUNK_WHOLE first, if at all: the others are compared with it */
    size_t chunk_count;
    unsigned rounds;
    double shortest; /* seconds: a fast contender repeats its pass for so long */
} plan;

/* What one trace gave. seconds[chunk][contender][round] are those of one pass; 0: not measured. */
typedef struct sheet {
    const char *name;
    work counts;              /* of the whole trace */
    size_t bytes[CHUNKS_MAX]; /* short chunks get a shorter trace */
    size_t streams;
    unsigned rounds;
    double seconds[CHUNKS_MAX][CONTENDERS_MAX][ROUNDS_MAX];
} sheet;

typedef struct spread {
    double low, median, high; /* quartiles */
} spread;

/* Of processor time, so that what else runs on the machine counts little. */
double seconds_now(void);
spread spread_of(const double *values, size_t count);

/* Megabytes a second; all 0 where it was not measured. */
spread sheet_speed(const sheet *s, size_t chunk, size_t who);

/* How many times as fast as another, round by round. */
spread sheet_ratio(const sheet *s, size_t chunk, size_t who, size_t other_chunk, size_t other);

/* `traces[i]` is what chunks[i] are measured on. A contender that refuses the trace, or counts otherwise than the
 * yardstick, is left out and named on standard error; false: this happened to one that takes chunks. */
bool measure(sheet *s, const plan *p, const trace *const traces[CHUNKS_MAX]);

/* One pass over all streams. `copy` has the room of the trace, for those that overwrite it, or is NULL for others. */
bool decode_trace(const contender *c, const trace *t, uint8_t *copy, size_t chunk, work *w);

#endif
