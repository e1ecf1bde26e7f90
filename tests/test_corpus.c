/* test_corpus.c - every case of the corpus, split in every way, with every kernel, gives its log to the byte
 *
 * Invariants 1, 2, 7 and 11; 6 for those that are rejected. WEIR_SAMPLE: fewer splits, for the sanitizers.
 *
 * SPDX-License-Identifier: MIT */
#include "support/cmocka.h"
#include "support/drive.h"

#include "../tools/decode_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef WEIR_SAMPLE
static const size_t chunk_sizes[] = {0, 1, 3, 7, 16, 1460};
#define SPLIT_STEP 23
#define PARK_EACH_BYTE 600
#else
static const size_t chunk_sizes[] = {0, 1, 2, 3, 5, 7, 16, 64, 1460};
#define SPLIT_STEP 1
#define PARK_EACH_BYTE 32768
#endif
#define CHUNK_SIZES (sizeof chunk_sizes / sizeof chunk_sizes[0])
#define SPLIT_EVERYWHERE 4096 /* inputs up to this size are split at every byte */

static void check(const test_case *c, const drive_plan *plan)
{
    char *log = drive(c, plan);
    bool equal = logs_equal(c->path, drive_describe(plan), c->expected, log);
    free(log);
    if (!equal)
        fail_msg("%s", c->path);
}

static void check_kernel(const test_case *c, weir_kernel kernel)
{
    for (size_t i = 0; i < CHUNK_SIZES; i++)
        check(c, &(drive_plan){.kernel = kernel, .chunk = chunk_sizes[i]});
    if (c->size > SPLIT_EVERYWHERE)
        return;
    for (size_t split = 1 + c->size % SPLIT_STEP; split < c->size; split += SPLIT_STEP)
        check(c, &(drive_plan){.kernel = kernel, .split = split});
}

static void case_is_decoded(void **state)
{
    const test_case *c = *state;
    if (c->expected == NULL)
        fail_msg("%s: there is no log beside it (make logs)", c->path);
    for (weir_kernel kernel = WEIR_KERNEL_PORTABLE; kernel < WEIR_KERNEL_COUNT; kernel++) {
        if (weir_kernel_available(kernel))
            check_kernel(c, kernel);
    }
    check(c, &(drive_plan){.chunk = c->size <= PARK_EACH_BYTE ? 1 : 61, .park = true});
}

static void write_log(void *context, const char *bytes, size_t size)
{
    fwrite(bytes, 1, size, context);
}

/* The tool's own way of reading: restarts found while the bytes arrive. */
static void case_is_decoded_by_the_tool(void **state)
{
    const test_case *c = *state;
    decode_options options = c->options;
    for (size_t i = 0; i < CHUNK_SIZES; i++) {
        char *text = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&text, &size);
        event_log log;
        options.chunk = chunk_sizes[i];
        log_init(&log, LOG_TEXT, write_log, out);
        decode_result result = decode_run(&options, c->file, c->file_size, &log);
        log_free(&log);
        fclose(out);
        bool equal = result.trouble == DECODE_FINE && c->expected != NULL &&
                     logs_equal(c->path, "decode_run", c->expected, text);
        free(text);
        if (!equal)
            fail_msg("%s: decode_run in chunks of %zu: trouble %d", c->path, options.chunk, result.trouble);
    }
}

int main(void)
{
    static const char *const directories[] = {"corpus/cases", "corpus/streams", "corpus/regress", NULL};
    size_t count;
    test_case *cases = case_load_all(directories, &count);
    if (count == 0) {
        fprintf(stderr, "no cases: to be run where corpus/ is\n");
        return 1;
    }
    struct CMUnitTest *tests = must_allocate(2 * count * sizeof *tests);
    for (size_t i = 0; i < count; i++) {
        struct CMUnitTest split = {cases[i].path, case_is_decoded, NULL, NULL, &cases[i]};
        struct CMUnitTest tool = {cases[i].path, case_is_decoded_by_the_tool, NULL, NULL, &cases[i]};
        memcpy(&tests[i], &split, sizeof split);
        memcpy(&tests[count + i], &tool, sizeof tool);
    }
    return _cmocka_run_group_tests("corpus", tests, 2 * count, NULL, NULL);
}
