/* instructions.c - the program that instructions.sh runs under callgrind
 *
 * After each trace, chunk size and kernel it asks callgrind for a dump, and names the dump: kernel, trace, chunk,
 * bytes, events. What is counted is weir_next and what it calls.
 *
 * SPDX-License-Identifier: MIT */
#include "decode_weir.h"
#include "report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/callgrind.h>

#define BYTES 300000u
#define TOKEN_SMALL 65536u
#define TOKEN_LARGE 1048576u

static const size_t chunks[] = {CHUNK_WHOLE, 65536, 4096, 1460, 256, 16, 1};
enum { CHUNKS = sizeof chunks / sizeof chunks[0] };

static const char header[] = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";

/* One message whose body, or whose one attribute, is `size` bytes: what a token costs must not grow with it. */
static void make_token(trace *t, const char *name, size_t size)
{
    bool in_tag = strncmp(name, "attribute", 9) == 0;
    const char *before = in_tag ? "<message id='" : "<message><body>";
    const char *after = in_tag ? "'/></stream:stream>" : "</body></message></stream:stream>";
    buffer b = {0};
    buffer_add(&b, header, sizeof header - 1);
    buffer_add(&b, before, strlen(before));
    for (size_t i = 0; i < size; i++) {
        buffer_add(&b, &"abcdefghijklmnop"[i % 16], 1);
    }
    buffer_add(&b, after, strlen(after));
    *t = (trace){.name = name};
    trace_add_stream(t, b.bytes, b.size);
    free(b.bytes);
}

static bool count(const trace *t, weir_kernel kernel, size_t chunk)
{
    weir_limits limits;
    weir_limits_default(&limits);
    limits.tag = limits.element = 2 * TOKEN_LARGE;
    weir_config config = {.framing = WEIR_FRAMING_STREAM, .limits = limits, .kernel = kernel};
    work w = {0};
    bool accepted = true;
    CALLGRIND_ZERO_STATS;
    for (size_t i = 0; accepted && i < t->stream_count; i++) {
        accepted = decode_weir(&config, t->bytes + t->streams[i].begin, t->streams[i].size, chunk, &w);
    }
    char number[24], label[160];
    snprintf(label, sizeof label, "%s %s %s %zu %" PRIu64, weir_kernel_name(kernel), t->name, chunk_name(chunk, number),
             t->total, w.events);
    CALLGRIND_DUMP_STATS_AT(label);
    if (!accepted) {
        fprintf(stderr, "instructions: %s refused\n", t->name);
    }
    return accepted;
}

static bool count_all(const trace *t)
{
    bool good = true;
    for (int kernel = WEIR_KERNEL_AUTO + 1; kernel < WEIR_KERNEL_COUNT; kernel++) {
        for (size_t i = 0; weir_kernel_available((weir_kernel)kernel) && i < CHUNKS; i++) {
            good = count(t, (weir_kernel)kernel, chunks[i]) && good;
        }
    }
    return good;
}

static bool count_tokens(const char *name, size_t size)
{
    trace t;
    make_token(&t, name, size);
    bool good = count_all(&t);
    trace_free(&t);
    return good;
}

static bool accept_all(void *context, const char *name, uint8_t *bytes, size_t size)
{
    weir_config config = {.framing = WEIR_FRAMING_STREAM};
    work w = {0};
    (void)context;
    (void)name;
    weir_limits_default(&config.limits);
    return decode_weir(&config, bytes, size, size, &w);
}

int main(int argc, char **argv)
{
    bool good = true;
    trace t;
    for (const char *const *name = trace_names; *name != NULL; name++) {
        good = trace_generate(&t, *name, BYTES) && count_all(&t) && good;
        trace_free(&t);
    }
    if (argc > 1 && trace_load_recorded(&t, argv[1], BYTES, accept_all, NULL)) {
        good = count_all(&t) && good;
        trace_free(&t);
    }
    good = count_tokens("attribute-64k", TOKEN_SMALL) && good;
    good = count_tokens("attribute-1m", TOKEN_LARGE) && good;
    good = count_tokens("text-64k", TOKEN_SMALL) && good;
    good = count_tokens("text-1m", TOKEN_LARGE) && good;
    return good ? 0 : 1;
}
