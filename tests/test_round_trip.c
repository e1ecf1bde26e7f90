/* test_round_trip.c - what is decoded, written as XML, and decoded again gives the same log, offsets left out
 *
 * Invariant 10, on the corpus and on recorded streams (../shared/data, or where WEIR_SHARED_DATA says).
 *
 * SPDX-License-Identifier: MIT */
#include "support/cmocka.h"
#include "support/drive.h"
#include "support/xml_writer.h"

#include "../tools/decode_run.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is written is longer than what was read, so the limits are far away. */
static const weir_limits large = {.depth = 8192,
                                  .attributes = 8192,
                                  .bindings = 8192,
                                  .scope = 1 << 20,
                                  .tag = 1 << 22,
                                  .element = 1 << 28,
                                  .elements = 1 << 22};

static void write_log(void *context, const char *bytes, size_t size)
{
    fwrite(bytes, 1, size, context);
}

/* The log of the case; its events go to the writer too. To be freed. */
static char *decode(const test_case *c, xml_writer *writer)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    event_log log;
    log_init(&log, LOG_TEXT, write_log, out);
    decoding *run = decoding_new(&c->options, &log, xml_writer_event, writer);
    assert_non_null(run);
    decoding_feed(run, c->file, c->file_size);
    decode_result result = decoding_end(run);
    assert_int_equal(result.trouble, DECODE_FINE);
    log_free(&log);
    fclose(out);
    return text;
}

static char *decode_written(const test_case *c, const xml_writer *writer)
{
    test_case again;
    case_make(&again, c->path, writer->bytes, writer->size);
    again.options.config = c->options.config;
    again.options.config.limits = large;
    again.options.restart = DECODE_RESTART_AT;
    assert_true(writer->restart_count <= DECODE_RESTARTS_MAX);
    memcpy(again.options.restarts, writer->restarts, writer->restart_count * sizeof *writer->restarts);
    again.options.restart_count = writer->restart_count;
    free(again.message_ends);
    again.message_count = writer->message_count;
    again.message_ends = must_allocate(writer->message_count * sizeof *again.message_ends);
    memcpy(again.message_ends, writer->message_ends, writer->message_count * sizeof *again.message_ends);
    char *log = drive(&again, &(drive_plan){.chunk = 0});
    case_free(&again);
    return log;
}

/* The line without its offsets: without the first two numbers, and without the one after `start=`. */
static void print_line_without_offsets(FILE *out, const char *line, size_t length)
{
    size_t at = 0;
    for (int number = 0; number < 2; number++) {
        while (at < length && isdigit((unsigned char)line[at]))
            at++;
        at += at < length;
    }
    const char *start = memmem(line, length, "} start=", 8);
    /* A string may hold the same; in an end or close that is not the last thing in the line. */
    for (const char *more = start; more != NULL;
         more = memmem(more + 1, length - (size_t)(more + 1 - line), "} start=", 8))
        start = more;
    size_t end = start != NULL ? (size_t)(start - line) + 8 : length;
    fwrite(line + at, 1, end - at, out);
    while (end < length && isdigit((unsigned char)line[end]))
        end++;
    fwrite(line + end, 1, length - end, out);
    putc('\n', out);
}

static bool ends_with(const char *line, size_t length, const char *end)
{
    size_t size = strlen(end);
    return length >= size && memcmp(line + length - size, end, size) == 0;
}

/* Verdicts are kept where the stream was complete. What begins with a restart and has no header yet is no event. */
static char *without_offsets(const char *log, bool complete)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    const char *verdict = log_verdict_line(log);
    for (const char *line = log; line < verdict;) {
        size_t length = strcspn(line, "\n");
        bool last = line + length + 1 >= verdict;
        if (!(last && ends_with(line, length, " 0 restart")))
            print_line_without_offsets(out, line, length);
        line += length + 1;
    }
    if (complete)
        fprintf(out, "%.*s\n", (int)strcspn(verdict, " "), verdict);
    fclose(out);
    return text;
}

static void round_trip_gives_the_same(void **state)
{
    const test_case *c = *state;
    static xml_writer writer;
    xml_writer_begin(&writer, c->options.config.framing);
    char *first = decode(c, &writer);
    xml_writer_end(&writer);
    char *second = decode_written(c, &writer);
    bool complete = strncmp(log_verdict_line(first), "complete ", 9) == 0;
    char *expected = without_offsets(first, complete), *actual = without_offsets(second, complete);
    bool equal = logs_equal(c->path, "written and read again", expected, actual);
    if (!equal && writer.size < 4096)
        fprintf(stderr, "  written: %s\n", writer.bytes);
    free(first);
    free(second);
    free(expected);
    free(actual);
    free(writer.bytes);
    assert_true(equal);
}

int main(void)
{
    const char *shared = getenv("WEIR_SHARED_DATA");
    const char *const directories[] = {"corpus/cases", "corpus/streams", "corpus/regress",
                                       shared != NULL ? shared : "../shared/data", NULL};
    size_t count;
    test_case *cases = case_load_all(directories, &count);
    if (count == 0) {
        fprintf(stderr, "no cases: to be run where corpus/ is\n");
        return 1;
    }
    struct CMUnitTest *tests = must_allocate(count * sizeof *tests);
    for (size_t i = 0; i < count; i++) {
        if (strstr(cases[i].path, "/xmlconf/") != NULL)
            cases[i].options.config.framing = WEIR_FRAMING_DOCUMENT;
        struct CMUnitTest test = {cases[i].path, round_trip_gives_the_same, NULL, NULL, &cases[i]};
        memcpy(&tests[i], &test, sizeof test);
    }
    return _cmocka_run_group_tests("round trip", tests, count, NULL, NULL);
}
