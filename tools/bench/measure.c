/* measure.c - see measure.h
 *
 * SPDX-License-Identifier: MIT */
#include "measure.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int compare_numbers(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile(const double *sorted, size_t count, double which)
{
    double place = which * (double)(count - 1);
    size_t below = (size_t)place;
    size_t above = below + 1 < count ? below + 1 : below;
    return sorted[below] + (place - (double)below) * (sorted[above] - sorted[below]);
}

spread spread_of(const double *values, size_t count)
{
    double sorted[ROUNDS_MAX];
    if (count == 0) {
        return (spread){0};
    }
    memcpy(sorted, values, count * sizeof *values);
    qsort(sorted, count, sizeof *sorted, compare_numbers);
    return (spread){quantile(sorted, count, 0.25), quantile(sorted, count, 0.5), quantile(sorted, count, 0.75)};
}

spread sheet_speed(const sheet *s, size_t chunk, size_t who)
{
    double speed[ROUNDS_MAX];
    const double *seconds = s->seconds[chunk][who];
    for (unsigned round = 0; round < s->rounds; round++) {
        if (!(seconds[round] > 0)) {
            return (spread){0};
        }
        speed[round] = (double)s->bytes[chunk] / seconds[round] / 1e6;
    }
    return spread_of(speed, s->rounds);
}

spread sheet_ratio(const sheet *s, size_t chunk, size_t who, size_t other_chunk, size_t other)
{
    double ratio[ROUNDS_MAX];
    for (unsigned round = 0; round < s->rounds; round++) {
        double seconds = s->seconds[chunk][who][round];
        double other_seconds = s->seconds[other_chunk][other][round];
        if (!(seconds > 0) || !(other_seconds > 0)) {
            return (spread){0};
        }
        double bytes = (double)s->bytes[chunk] / (double)s->bytes[other_chunk];
        ratio[round] = bytes * other_seconds / seconds;
    }
    return spread_of(ratio, s->rounds);
}

bool decode_trace(const contender *c, const trace *t, uint8_t *copy, size_t chunk, work *w)
{
    uint8_t *bytes = (c->flags & CONTENDER_IN_PLACE) != 0 ? copy : t->bytes;
    bool accepted = true;
    for (size_t i = 0; accepted && i < t->stream_count; i++) {
        accepted = c->decode(c, bytes + t->streams[i].begin, t->streams[i].size, chunk, w);
    }
    return accepted;
}

static void refresh(const contender *c, const trace *t, uint8_t *copy)
{
    if ((c->flags & CONTENDER_IN_PLACE) != 0) {
        memcpy(copy, t->bytes, t->size + 1);
    }
}

/* So that no compiler can leave out the work. */
static volatile uint64_t sink;

static double time_pass(const contender *c, const trace *t, uint8_t *copy, size_t chunk, double shortest)
{
    double elapsed = 0;
    unsigned passes = 0;
    do {
        work w = {0};
        refresh(c, t, copy);
        double begin = seconds_now();
        decode_trace(c, t, copy, chunk, &w);
        elapsed += seconds_now() - begin;
        sink += w.sum;
        passes++;
    } while (elapsed < shortest);
    return elapsed / passes;
}

static bool counts_agree(const contender *c, const work *w, const work *expected)
{
    if ((c->flags & CONTENDER_NO_WORK) != 0) {
        return true;
    }
    return w->elements == expected->elements && w->attributes == expected->attributes &&
           ((c->flags & CONTENDER_AS_WRITTEN) != 0 ||
            (w->value_bytes == expected->value_bytes && w->text_bytes == expected->text_bytes));
}

static void print_counts(const char *name, const work *w)
{
    fprintf(stderr,
            "  %s: %" PRIu64 " elements, %" PRIu64 " attributes, %" PRIu64 " bytes of values, %" PRIu64
            " bytes of text\n",
            name, w->elements, w->attributes, w->value_bytes, w->text_bytes);
}

static bool takes(const contender *c, size_t chunk)
{
    return c->decode != NULL && (chunk == CHUNK_WHOLE || (c->flags & CONTENDER_WHOLE) == 0);
}

/* The first pass: warms up, and shows whether all see the same in the trace. */
static bool check(const plan *p, const trace *t, size_t chunk, uint8_t *copy, bool sound[CONTENDERS_MAX], work *counts)
{
    bool good = true;
    bool known = false;
    for (size_t i = 0; i < p->contender_count; i++) {
        const contender *c = &p->contenders[i];
        work w = {0};
        sound[i] = takes(c, chunk);
        if (!sound[i]) {
            continue;
        }
        refresh(c, t, copy);
        sound[i] = decode_trace(c, t, copy, chunk, &w);
        if (!sound[i]) {
            fprintf(stderr, "%s: %s refuses it and is left out\n", t->name, c->name);
        } else if (!known && (c->flags & CONTENDER_NO_WORK) == 0) {
            known = true;
            *counts = w;
        } else if (!counts_agree(c, &w, counts)) {
            sound[i] = false;
            fprintf(stderr, "%s: %s counts otherwise and is left out\n", t->name, c->name);
            print_counts("expected", counts);
            print_counts(c->name, &w);
        }
        good = good && (sound[i] || (c->flags & CONTENDER_WHOLE) != 0);
    }
    return good;
}

static void progress(const sheet *s, unsigned round)
{
    if (isatty(STDERR_FILENO)) {
        fprintf(stderr, "\r%-12s round %2u of %u%s", s->name, round, s->rounds, round == s->rounds ? "\r\033[K" : "");
    } else if (round == 0) {
        fprintf(stderr, "measuring %s\n", s->name);
    }
}

static size_t largest(const plan *p, const trace *const traces[CHUNKS_MAX])
{
    size_t size = 0;
    for (size_t i = 0; i < p->chunk_count; i++) {
        size = traces[i]->size > size ? traces[i]->size : size;
    }
    return size;
}

bool measure(sheet *s, const plan *p, const trace *const traces[CHUNKS_MAX])
{
    bool sound[CHUNKS_MAX][CONTENDERS_MAX] = {{false}};
    bool good = true;
    uint8_t *copy = malloc(largest(p, traces) + 1);
    if (copy == NULL) {
        return false;
    }
    *s = (sheet){.name = traces[0]->name, .rounds = p->rounds, .streams = traces[0]->stream_count};
    for (size_t i = 0; i < p->chunk_count; i++) {
        work counts = {0};
        good = check(p, traces[i], p->chunks[i], copy, sound[i], &counts) && good;
        s->bytes[i] = traces[i]->total;
        s->counts = i == 0 ? counts : s->counts;
    }
    for (unsigned round = 0; round < p->rounds; round++) {
        progress(s, round);
        for (size_t i = 0; i < p->chunk_count; i++) {
            for (size_t j = 0; j < p->contender_count; j++) {
                size_t turn = (j + round) % p->contender_count;
                if (sound[i][turn]) {
                    const contender *c = &p->contenders[turn];
                    s->seconds[i][turn][round] = time_pass(c, traces[i], copy, p->chunks[i], p->shortest);
                }
            }
        }
    }
    progress(s, p->rounds);
    free(copy);
    return good;
}
