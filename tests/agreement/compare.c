/* compare.c - see compare.h
 *
 * SPDX-License-Identifier: MIT */
#include "compare.h"

#include "../../tools/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define PRINTED 8 /* differences of one comparison; the rest is only counted */

void comparison_begin(comparison *c, const weir_config *config)
{
    *c = (comparison){.inputs = 0};
    trial_begin(&c->trial, config);
    record_init(&c->reference);
    record_init(&c->decoded);
}

void comparison_end(comparison *c)
{
    trial_end(&c->trial);
    record_free(&c->reference);
    record_free(&c->decoded);
}

/* ---- Words for a reader ---- */

static void print_bytes(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        fprintf(stderr, bytes[i] >= 0x20 && bytes[i] < 0x7f && bytes[i] != '\\' ? "%c" : "\\x%02x", bytes[i]);
}

void print_input(const weir_config *config, const input *in)
{
    static const char *const framings[] = {"stream", "websocket", "document"};
    const weir_limits *l = &config->limits;
    fprintf(stderr, "  --framing=%s --limits=depth=%u,attributes=%u,bindings=%u,scope=%u,tag=%u,element=%u,elements=%u",
            framings[config->framing], l->depth, l->attributes, l->bindings, l->scope, l->tag, l->element, l->elements);
    fprintf(stderr, " content=%u", config->content);
    for (size_t i = 0; i < in->restart_count; i++)
        fprintf(stderr, " restart=%zu", in->restarts[i]);
    fputs("\n  ", stderr);
    size_t begin = 0;
    for (size_t i = 0; i < in->message_count; i++) {
        print_bytes(in->bytes + begin, in->message_ends[i] - begin);
        fputs(" | ", stderr);
        begin = in->message_ends[i];
    }
    print_bytes(in->bytes + begin, in->size - begin);
    fputc('\n', stderr);
}

static void write_log(void *context, const char *bytes, size_t size)
{
    (void)context;
    fwrite(bytes, 1, size, stderr);
}

static void event_to_log(void *context, const weir_event *event)
{
    log_event(context, event);
}

static void restart_to_log(void *context, uint64_t offset)
{
    log_restart(context, offset);
}

static void verdict_to_log(void *context, weir_status code, uint64_t offset)
{
    log_verdict(context, code, offset);
}

void print_log(const weir_config *config, const input *in, const plan *how)
{
    event_log log;
    sink out = {event_to_log, restart_to_log, verdict_to_log, &log};
    log_init(&log, LOG_TEXT, write_log, NULL);
    if (how == NULL) {
        fputs("  reference:\n", stderr);
        reference_run(config, in, &out);
    } else {
        trial t;
        fprintf(stderr, "  decoder, kernel %s, chunks of %zu (0: whole), split at %zu and %zu:\n",
                weir_kernel_name(how->kernel), how->chunk, how->splits[0], how->splits[1]);
        trial_begin(&t, config);
        trial_decode(&t, in, how, &out);
        trial_end(&t);
    }
    log_free(&log);
}

/* ---- Comparing ---- */

static bool agrees(comparison *c, const input *in, const plan *how, const char *what)
{
    sink out = record_sink(&c->decoded);
    record_clear(&c->decoded);
    trial_decode(&c->trial, in, how, &out);
    if (record_equal(&c->reference, &c->decoded))
        return true;
    c->differences++;
    if (c->differences <= PRINTED) {
        fprintf(stderr, "\n%s: the decoders disagree\n", what);
        print_input(&c->trial.config, in);
        print_log(&c->trial.config, in, NULL);
        print_log(&c->trial.config, in, how);
    }
    return false;
}

static void run_reference(comparison *c, const input *in)
{
    sink out = record_sink(&c->reference);
    record_clear(&c->reference);
    reference_run(&c->trial.config, in, &out);
    c->inputs++;
}

/* Of the bytes, so that an input is split at the same places in every run. */
static uint32_t hash(const input *in)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < in->size; i++)
        h = (h ^ in->bytes[i]) * 16777619u;
    return h ^ h >> 15;
}

static bool agrees_with_kernels(comparison *c, const input *in, const char *what)
{
    for (weir_kernel kernel = WEIR_KERNEL_PORTABLE; kernel < WEIR_KERNEL_COUNT; kernel++) {
        if (weir_kernel_available(kernel) && !agrees(c, in, &(plan){.kernel = kernel}, what))
            return false;
    }
    return true;
}

bool compare(comparison *c, const input *in, const char *what)
{
    uint32_t h = hash(in);
    size_t size = in->size + 1;
    plan pieces = {.kernel = h & 1 ? WEIR_KERNEL_PORTABLE : WEIR_KERNEL_AUTO, .splits = {h / 2 % size, h / 3 % size}};
    run_reference(c, in);
    return agrees_with_kernels(c, in, what) && agrees(c, in, &(plan){.chunk = 1}, what) && agrees(c, in, &pieces, what);
}

bool compare_shortly(comparison *c, const input *in, const char *what)
{
    run_reference(c, in);
    return agrees(c, in, &(plan){.chunk = 0}, what) && agrees(c, in, &(plan){.chunk = 1}, what);
}
