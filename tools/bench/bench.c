/* bench.c - Weir beside other parsers: the same bytes, the same run, the same visible work
 *
 * SPDX-License-Identifier: MIT */
#include "extras.h"
#include "measure.h"
#include "report.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRACES_MAX = 8, SHORT_CHUNK = 16 };

#define DEFAULT_ROUNDS 9u
#define DEFAULT_CHUNKS "whole,65536,4096,1460,256,16,1"
#define SMALL_STREAMS 1000000u
#define PARKED_STREAMS 100000u
#define SHORT_TRACE 300000u /* for the shortest chunks: what is measured there is the cost of a chunk */

typedef struct settings {
    plan plan;
    const char *traces;   /* comma-separated; NULL: all */
    const char *recorded; /* folder */
    const char *results;  /* folder for tab-separated values; NULL: none */
    const char *only;     /* comma-separated parts; NULL: all */
    size_t bytes;
    unsigned small_streams;
    bool quiet; /* what is left out was said before */
} settings;

static const char help[] = "usage: bench [OPTION]...\n"
                           "Speed of Weir beside other parsers: medians over interleaved rounds.\n"
                           "  --quick           few rounds, short traces\n"
                           "  --trace=NAME,...  of: chat presence roster disco non-ascii avatar recorded\n"
                           "  --chunk=N,...     chunk sizes; `whole` is one (" DEFAULT_CHUNKS ")\n"
                           "  --decoder=NAME,...\n"
                           "  --rounds=N        1 to 101 (9)\n"
                           "  --only=PART,...   of: speed small parked memory\n"
                           "  --recorded=DIR    recorded streams (corpus/streams)\n"
                           "  --results=DIR     tab-separated values, a file a part\n"
                           "  --help\n";

/* Is `name` one of the comma-separated `names`? */
static bool listed(const char *names, const char *name)
{
    size_t size = strlen(name);
    while (names != NULL) {
        if (strncmp(names, name, size) == 0 && (names[size] == ',' || names[size] == '\0')) {
            return true;
        }
        names = strchr(names, ',');
        names = names != NULL ? names + 1 : NULL;
    }
    return false;
}

static bool set_chunks(plan *p, const char *names)
{
    p->chunk_count = 0;
    for (const char *at = names; at != NULL; at = strchr(at, ',') != NULL ? strchr(at, ',') + 1 : NULL) {
        size_t chunk = strncmp(at, "whole", 5) == 0 ? CHUNK_WHOLE : (size_t)strtoull(at, NULL, 10);
        if (chunk == 0 || p->chunk_count == CHUNKS_MAX) {
            return false;
        }
        p->chunks[p->chunk_count++] = chunk;
    }
    return true;
}

static void choose_contenders(plan *p, const char *names)
{
    size_t kept = 0;
    for (size_t i = 0; i < p->contender_count; i++) {
        const contender *c = &p->contenders[i];
        if (names == NULL ? (c->flags & CONTENDER_ASIDE) == 0 : listed(names, c->name)) {
            p->contenders[kept++] = *c;
        }
    }
    p->contender_count = kept;
}

/* 0 to go on, else the exit status plus 1. */
static int read_options(settings *s, int argc, char **argv)
{
    static const struct option options[] = {
        {"quick", no_argument, NULL, 'q'},          {"trace", required_argument, NULL, 't'},
        {"chunk", required_argument, NULL, 'c'},    {"decoder", required_argument, NULL, 'd'},
        {"rounds", required_argument, NULL, 'r'},   {"only", required_argument, NULL, 'o'},
        {"recorded", required_argument, NULL, 'i'}, {"results", required_argument, NULL, 'w'},
        {"help", no_argument, NULL, 'h'},           {0}};
    bool good = true;
    const char *decoders = NULL;
    for (int option; (option = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        switch (option) {
        case 'q':
            s->plan.rounds = 3;
            s->bytes = TRACE_BYTES / 8;
            s->small_streams = SMALL_STREAMS / 20;
            break;
        case 't': s->traces = optarg; break;
        case 'c': good = good && set_chunks(&s->plan, optarg); break;
        case 'd': decoders = optarg; break;
        case 'r': s->plan.rounds = (unsigned)strtoul(optarg, NULL, 10); break;
        case 'o': s->only = optarg; break;
        case 'i': s->recorded = optarg; break;
        case 'w': s->results = optarg; break;
        case 'h': fputs(help, stdout); return 1;
        default: good = false; break;
        }
    }
    choose_contenders(&s->plan, decoders);
    good = good && optind == argc && s->plan.rounds >= 1 && s->plan.rounds <= ROUNDS_MAX && s->plan.contender_count > 0;
    if (!good) {
        fputs(help, stderr);
    }
    return good ? 0 : 3;
}

static FILE *open_results(const settings *s, const char *name)
{
    char path[4096];
    if (s->results == NULL) {
        return NULL;
    }
    snprintf(path, sizeof path, "%s/%s", s->results, name);
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        perror(path);
        exit(2);
    }
    return file;
}

static bool close_results(FILE *file)
{
    fflush(stdout);
    return file == NULL || fclose(file) == 0;
}

/* ---- Traces ------------------------------------------------------------------------------------------------------ */

static bool accepted_by_all(void *context, const char *name, uint8_t *bytes, size_t size)
{
    const settings *s = context;
    const plan *p = &s->plan;
    if (memchr(bytes, '\r', size) != NULL) {
        return false; /* Weir gives the bytes between stanzas as they are, the others one line feed for CR LF */
    }
    for (size_t i = 0; i < p->contender_count; i++) {
        const contender *c = &p->contenders[i];
        work w = {0};
        if (c->decode != NULL && (c->flags & CONTENDER_WHOLE) == 0 && !c->decode(c, bytes, size, size, &w)) {
            if (!s->quiet) {
                fprintf(stderr, "%s: a stream that %s refuses is left out\n", name, c->name);
            }
            return false;
        }
    }
    return true;
}

static bool load(trace *t, settings *s, const char *name, size_t size)
{
    if (strcmp(name, "recorded") == 0) {
        return trace_load_recorded(t, s->recorded, size, accepted_by_all, s);
    }
    return trace_generate(t, name, size);
}

/* ---- Parts ------------------------------------------------------------------------------------------------------- */

static bool measure_trace(settings *s, sheet *result, const char *name, FILE *tsv)
{
    trace full, brief;
    if (!load(&full, s, name, s->bytes)) {
        fprintf(stderr, "%s: left out: %s\n", name,
                strcmp(name, "recorded") == 0 ? "no recorded streams" : "not the bytes that its hash was taken of");
        return strcmp(name, "recorded") == 0;
    }
    s->quiet = true;
    load(&brief, s, name, SHORT_TRACE);
    s->quiet = false;
    const trace *traces[CHUNKS_MAX];
    for (size_t i = 0; i < s->plan.chunk_count; i++) {
        traces[i] = s->plan.chunks[i] <= SHORT_CHUNK ? &brief : &full;
    }
    bool good = measure(result, &s->plan, traces);
    trace_free(&full);
    trace_free(&brief);
    report_sheet(stdout, &s->plan, result);
    fflush(stdout);
    if (tsv != NULL) {
        report_tsv(tsv, &s->plan, result);
    }
    return good;
}

static bool measure_speed(settings *s)
{
    static sheet sheets[TRACES_MAX];
    size_t count = 0;
    bool good = true;
    FILE *tsv = open_results(s, "speed.tsv");
    report_contenders(stdout, &s->plan);
    if (tsv != NULL) {
        report_tsv_header(tsv);
    }
    for (const char *const *name = trace_names; *name != NULL; name++) {
        if (s->traces == NULL || listed(s->traces, *name)) {
            good = measure_trace(s, &sheets[count], *name, tsv) && good;
            count += sheets[count].name != NULL;
        }
    }
    if (s->traces == NULL || listed(s->traces, "recorded")) {
        good = measure_trace(s, &sheets[count], "recorded", tsv) && good;
        count += sheets[count].name != NULL;
    }
    report_aims(stdout, &s->plan, sheets, count);
    return close_results(tsv) && good;
}

static bool wanted(const settings *s, const char *part)
{
    return s->only == NULL || listed(s->only, part);
}

static bool measure_extras(const settings *s)
{
    bool good = true;
    if (wanted(s, "small")) {
        FILE *tsv = open_results(s, "small.tsv");
        good = extras_small_streams(&s->plan, s->small_streams, tsv) && good;
        good = close_results(tsv) && good;
    }
    if (wanted(s, "parked")) {
        FILE *tsv = open_results(s, "parked.tsv");
        good = extras_parked(PARKED_STREAMS, tsv) && good;
        good = close_results(tsv) && good;
    }
    if (wanted(s, "memory")) { /* last: it changes the allocator of libxml2 */
        FILE *tsv = open_results(s, "memory.tsv");
        good = extras_memory(tsv) && good;
        good = close_results(tsv) && good;
    }
    return good;
}

int main(int argc, char **argv)
{
    settings s = {.recorded = "corpus/streams", .bytes = TRACE_BYTES, .small_streams = SMALL_STREAMS};
    s.plan.rounds = DEFAULT_ROUNDS;
    s.plan.shortest = 0.004;
    s.plan.contender_count = contenders_list(s.plan.contenders);
    set_chunks(&s.plan, DEFAULT_CHUNKS);
    int done = read_options(&s, argc, argv);
    if (done > 0) {
        return done - 1;
    }
    bool good = !wanted(&s, "speed") || measure_speed(&s);
    good = measure_extras(&s) && good;
    if (!good) {
        fputs("bench: not everything could be measured; see above\n", stderr);
    }
    return good ? 0 : 1;
}
