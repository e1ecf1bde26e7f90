/* agree.c - see agree.h
 *
 * SPDX-License-Identifier: MIT */
#include "agree.h"

#include "../../tools/decode_run.h"
#include "cmocka.h"

#include <stdio.h>
#include <stdlib.h>

#define PRINTED 2048 /* larger inputs are not shown */

static void write_log(void *context, const char *bytes, size_t size)
{
    fwrite(bytes, 1, size, context);
}

/* The bytes of a WebSocket file; of other framings the input itself. To be freed. */
static char *file_of(const test_case *c, size_t *size)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, size);
    size_t begin = 0;
    for (size_t i = 0; i < c->message_count; i++) {
        if (c->options.config.framing == WEIR_FRAMING_WEBSOCKET)
            fprintf(out, "%zu\n", c->message_ends[i] - begin);
        fwrite(c->bytes + begin, 1, c->message_ends[i] - begin, out);
        begin = c->message_ends[i];
    }
    fclose(out);
    return text;
}

char *reference_log(const test_case *c)
{
    decode_options options = c->options;
    options.reference = true;
    size_t file_size, size;
    char *file = file_of(c, &file_size), *text = NULL;
    FILE *out = open_memstream(&text, &size);
    event_log log;
    log_init(&log, LOG_TEXT, write_log, out);
    decode_result result = decode_run(&options, file, file_size, &log);
    log_free(&log);
    if (result.trouble != DECODE_FINE)
        fprintf(out, "trouble %d\n", result.trouble);
    fclose(out);
    free(file);
    return text;
}

/* In words, for a case that can be put into the corpus. */
static void print_input(const test_case *c)
{
    fprintf(stderr, "  framing %d, input: ", (int)c->options.config.framing);
    for (size_t i = 0; i < c->size; i++)
        fprintf(stderr, c->bytes[i] >= 0x20 && c->bytes[i] < 0x7f && c->bytes[i] != '\\' ? "%c" : "\\x%02x",
                c->bytes[i]);
    fputc('\n', stderr);
}

void agree(const test_case *c, const drive_plan *plans, size_t count)
{
    char *reference = reference_log(c);
    bool equal = true;
    for (size_t i = 0; equal && i < count; i++) {
        char *log = drive(c, &plans[i]);
        equal = logs_equal(c->path, drive_describe(&plans[i]), reference, log);
        free(log);
    }
    free(reference);
    if (!equal) {
        if (c->size <= PRINTED)
            print_input(c);
        fail_msg("%s: the reference decoder (expected) and the decoder (actual) disagree", c->path);
    }
}
