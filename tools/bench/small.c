/* small.c - many short streams
 *
 * SPDX-License-Identifier: MIT */
#include "extras.h"

#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 10 };

static bool time_streams(const contender *c, const trace *t, uint8_t *copy, unsigned streams, double *seconds)
{
    work w = {0};
    bool accepted = true;
    double begin = seconds_now();
    for (unsigned i = 0; accepted && i < streams; i++) {
        memcpy(copy, t->bytes, t->size + 1); /* for all, because some overwrite it */
        accepted = c->decode(c, copy, t->size, CHUNK_WHOLE, &w);
    }
    *seconds = seconds_now() - begin;
    return accepted && (w.elements > 0 || (c->flags & CONTENDER_NO_WORK) != 0);
}

static void print(FILE *out, FILE *tsv, const plan *p, unsigned streams, double seconds[][ROUNDS])
{
    for (size_t j = 0; j < p->contender_count; j++) {
        double nanoseconds[ROUNDS], ratio[ROUNDS], sum = 0;
        for (unsigned round = 0; round < ROUNDS; round++) {
            nanoseconds[round] = 1e9 * seconds[j][round] / streams;
            ratio[round] = seconds[j][round] > 0 ? seconds[0][round] / seconds[j][round] : 0;
            sum += seconds[j][round];
        }
        spread ns = spread_of(nanoseconds, ROUNDS);
        spread times = spread_of(ratio, ROUNDS);
        if (!(ns.median > 0)) {
            continue;
        }
        fprintf(out, "  %-14s %8.2f s %8.0f ns a stream %8.2f times %s (%.2f-%.2f)\n", p->contenders[j].name, sum,
                ns.median, times.median, p->contenders[0].name, times.low, times.high);
        if (tsv != NULL) {
            fprintf(tsv, "%s\t%.1f\t%.1f\t%.1f\t%.4f\t%.4f\t%.4f\n", p->contenders[j].name, ns.low, ns.median, ns.high,
                    times.low, times.median, times.high);
        }
    }
}

bool extras_small_streams(const plan *p, unsigned streams, FILE *tsv)
{
    static double seconds[CONTENDERS_MAX][ROUNDS];
    trace t;
    bool good = trace_generate(&t, "chat", 500);
    uint8_t *copy = malloc(t.size + 1);
    unsigned share = streams / ROUNDS;
    for (unsigned round = 0; copy != NULL && round < ROUNDS; round++) {
        for (size_t j = 0; j < p->contender_count; j++) {
            const contender *c = &p->contenders[j];
            if (c->decode != NULL) {
                good = time_streams(c, &t, copy, share, &seconds[j][round]) && good;
            }
        }
    }
    printf("\n%u streams of %zu bytes (a header, a stanza, the closing tag), each from creation to release\n",
           share * ROUNDS, t.size);
    if (tsv != NULL) {
        fputs("decoder\tns_q1\tns\tns_q3\tratio_q1\tratio\tratio_q3\n", tsv);
    }
    print(stdout, tsv, p, share, seconds);
    good = good && copy != NULL;
    free(copy);
    trace_free(&t);
    return good;
}
