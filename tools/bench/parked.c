/* parked.c - many waiting streams, one workspace
 *
 * SPDX-License-Identifier: MIT */
#include "extras.h"
#include "../../parser/weir.h"

#include <stdlib.h>

enum { STANZAS = 64, ROUNDS = 5 };

/* Comes by every stream once, in an order that no prefetcher knows: a prime, larger than any number of streams here. */
#define STEP 7368787u

typedef struct parked {
    void *bytes;
    size_t size;
} parked;

typedef struct server {
    weir_decoder decoder; /* the one that is awake */
    void *workspace;
    size_t workspace_size;
    trace trace;
    weir_slice header;
    weir_slice stanzas[STANZAS];
    parked *streams;
    unsigned count;
} server;

static bool decode(weir_decoder *decoder, weir_slice input)
{
    weir_event event;
    weir_status status;
    while ((status = weir_next(decoder, &input, &event)) > 0) {
    }
    return status == WEIR_NEED_MORE;
}

static bool begin(server *s)
{
    weir_config config = {.framing = WEIR_FRAMING_STREAM};
    weir_limits_default(&config.limits);
    s->workspace_size = weir_workspace_size(&config.limits);
    s->workspace = s->workspace != NULL ? s->workspace : malloc(s->workspace_size);
    return s->workspace != NULL && weir_init(&s->decoder, &config, s->workspace, s->workspace_size) == WEIR_OK;
}

/* Cuts the trace into its header and its first stanzas. */
static bool cut(server *s)
{
    weir_slice input = {s->trace.bytes, s->trace.size};
    weir_event event;
    size_t from = 0;
    bool good = begin(s);
    for (unsigned seen = 0; good && seen < STANZAS;) {
        good = weir_next(&s->decoder, &input, &event) > 0;
        weir_slice passed = {s->trace.bytes + from, (size_t)event.end - from};
        if (good && event.type == WEIR_STREAM_OPENED) {
            s->header = passed;
            from = (size_t)event.end;
        } else if (good && event.type == WEIR_ELEMENT_END && event.depth == 2) {
            s->stanzas[seen++] = passed;
            from = (size_t)event.end;
        }
    }
    return good;
}

static bool park(server *s, parked *p)
{
    size_t size = weir_parked_size(&s->decoder);
    if (size != p->size) {
        void *bytes = realloc(p->bytes, size);
        if (bytes == NULL) {
            return false;
        }
        *p = (parked){bytes, size};
    }
    return weir_park(&s->decoder, p->bytes, p->size) == WEIR_OK;
}

static bool open_all(server *s)
{
    bool good = true;
    for (unsigned i = 0; good && i < s->count; i++) {
        good = begin(s) && decode(&s->decoder, s->header) && park(s, &s->streams[i]);
    }
    return good;
}

static bool serve_all(server *s)
{
    bool good = true;
    for (unsigned i = 0; good && i < s->count; i++) {
        parked *p = &s->streams[(uint64_t)i * STEP % s->count];
        good = weir_unpark(&s->decoder, p->bytes, p->size, s->workspace, s->workspace_size) == WEIR_OK &&
               decode(&s->decoder, s->stanzas[i % STANZAS]) && park(s, p);
    }
    return good;
}

/* The same stanzas in one stream that stays awake. */
static bool serve_one(server *s)
{
    bool good = begin(s) && decode(&s->decoder, s->header);
    for (unsigned i = 0; good && i < s->count; i++) {
        good = decode(&s->decoder, s->stanzas[i % STANZAS]);
    }
    return good;
}

static bool time_both(server *s, double parked_seconds[ROUNDS], double awake_seconds[ROUNDS])
{
    bool good = open_all(s) && serve_all(s);
    for (unsigned round = 0; good && round < ROUNDS; round++) {
        double start = seconds_now();
        good = serve_all(s);
        double middle = seconds_now();
        good = good && serve_one(s);
        parked_seconds[round] = middle - start;
        awake_seconds[round] = seconds_now() - middle;
    }
    return good;
}

static void print(const server *s, const double parked_seconds[ROUNDS], const double awake_seconds[ROUNDS], FILE *tsv)
{
    size_t bytes = 0;
    for (unsigned i = 0; i < s->count; i++) {
        bytes += s->streams[i].size;
    }
    double each = 1e9 / s->count;
    double asleep = each * spread_of(parked_seconds, ROUNDS).median;
    double awake = each * spread_of(awake_seconds, ROUNDS).median;
    printf("\n%u parked streams, one workspace of %zu bytes: %.1f MB, %zu bytes a stream\n"
           "  unpark, decode a stanza, park: %.0f ns; the same stanzas in one stream that stays awake: %.0f ns\n",
           s->count, s->workspace_size, (double)bytes / 1e6, bytes / s->count, asleep, awake);
    if (tsv != NULL) {
        fprintf(tsv, "streams\tworkspace\tbytes_a_stream\tns_parked\tns_awake\n%u\t%zu\t%zu\t%.1f\t%.1f\n", s->count,
                s->workspace_size, bytes / s->count, asleep, awake);
    }
}

bool extras_parked(unsigned streams, FILE *tsv)
{
    double parked_seconds[ROUNDS], awake_seconds[ROUNDS];
    server s = {.streams = calloc(streams, sizeof(parked)), .count = streams};
    bool good = streams > 0 && s.streams != NULL && trace_generate(&s.trace, "chat", 100000) && cut(&s) &&
                time_both(&s, parked_seconds, awake_seconds);
    if (good) {
        print(&s, parked_seconds, awake_seconds, tsv);
    }
    for (unsigned i = 0; s.streams != NULL && i < streams; i++) {
        free(s.streams[i].bytes);
    }
    free(s.streams);
    free(s.workspace);
    trace_free(&s.trace);
    return good;
}
