/* test_shared.c - test data that is not part of the repository: recorded streams, the documents of the W3C's suite
 *
 * In ../shared/data, or where WEIR_SHARED_DATA says; skipped where there is none.
 *
 * SPDX-License-Identifier: MIT */
#include "support/cmocka.h"
#include "support/drive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *data_directory(void)
{
    const char *directory = getenv("WEIR_SHARED_DATA");
    return directory != NULL ? directory : "../shared/data";
}

static char *data_path(const char *name)
{
    char *path = NULL;
    if (asprintf(&path, "%s/%s", data_directory(), name) < 0)
        abort();
    return path;
}

/* The one stream that breaks a rule: it sends <c:message xmlns:c='jabber:client'>. */
static const char *expected_verdict(const char *path)
{
    return strstr(path, "rawxml-alice.01.c2s.xml") != NULL ? "rejected CONTENT_PREFIX " : NULL;
}

static void check_recording(const test_case *c)
{
    static const size_t chunk_sizes[] = {1, 7};
    char *whole = drive(c, &(drive_plan){.chunk = 0});
    const char *expected = expected_verdict(c->path), *actual = log_verdict_line(whole);
    if (expected != NULL ? strncmp(actual, expected, strlen(expected)) != 0
                         : strncmp(actual, "complete ", 9) != 0 && strncmp(actual, "cut-short ", 10) != 0)
        fail_msg("%s: %s", c->path, actual);
    for (size_t i = 0; i < 2; i++) {
        drive_plan plan = {.chunk = chunk_sizes[i]};
        char *log = drive(c, &plan);
        bool equal = logs_equal(c->path, drive_describe(&plan), whole, log);
        free(log);
        assert_true(equal);
    }
    free(whole);
}

static void recorded_streams_are_decoded(void **state)
{
    (void)state;
    char *path = data_path("captures");
    const char *const directories[] = {path, NULL};
    size_t count;
    test_case *cases = case_load_all(directories, &count);
    for (size_t i = 0; i < count; i++) {
        check_recording(&cases[i]);
        case_free(&cases[i]);
    }
    free(cases);
    free(path);
    if (count == 0)
        skip();
    print_message("%zu recorded directions\n", count);
}

/* One line of expected.tsv: file, verdict, and more. */
static bool document_is_judged(char *line)
{
    char *file = strtok(line, "\t"), *listed = strtok(NULL, "\t");
    char *path = NULL;
    if (listed == NULL || asprintf(&path, "%s/xmlconf/%s", data_directory(), file) < 0)
        return false;
    test_case c;
    bool good = case_load(&c, path);
    if (good) {
        c.options.config.framing = WEIR_FRAMING_DOCUMENT;
        char *log = drive(&c, &(drive_plan){.chunk = 0}), *bytewise = drive(&c, &(drive_plan){.chunk = 1});
        const char *wanted = strncmp(listed, "accept", 6) == 0 ? "complete " : "rejected ";
        good = logs_equal(path, "byte by byte", log, bytewise) && strncmp(log_verdict_line(log), wanted, 9) == 0;
        if (!good)
            print_error("%s: listed as %s: %s", path, listed, log_verdict_line(log));
        free(log);
        free(bytewise);
        case_free(&c);
    }
    free(path);
    return good;
}

static void conformance_documents_are_judged_as_listed(void **state)
{
    (void)state;
    char *path = data_path("xmlconf/expected.tsv");
    FILE *list = fopen(path, "r");
    free(path);
    if (list == NULL)
        skip();
    char *line = NULL;
    size_t room = 0, documents = 0, wrong = 0;
    while (getline(&line, &room, list) > 0) {
        if (strncmp(line, "file\t", 5) == 0)
            continue;
        documents++;
        wrong += !document_is_judged(line);
    }
    free(line);
    fclose(list);
    print_message("%zu documents\n", documents);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recorded_streams_are_decoded),
        cmocka_unit_test(conformance_documents_are_judged_as_listed),
    };
    return cmocka_run_group_tests_name("shared data", tests, NULL, NULL);
}
