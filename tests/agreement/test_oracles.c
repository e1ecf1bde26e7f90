/* test_oracles.c - Weir beside expat and libxml2 on the corpus, and the differences that are excused
 *
 * Invariants 9 and 13. Recorded streams of ../shared/data (or where WEIR_SHARED_DATA says) are compared too.
 *
 * SPDX-License-Identifier: MIT */
#include "../support/cmocka.h"

#include "../../tools/decode_run.h"
#include "../support/case.h"
#include "judge.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void judge_document_begin(judge *j)
{
    weir_config config = {.framing = WEIR_FRAMING_DOCUMENT};
    weir_limits_default(&config.limits);
    judge_begin(j, &config);
}

/* So that no excuse hides more than it says, and none outlives the need for it. Other versions of the parsers may not
 * need it. */
static void sample_shows_its_difference(void **state)
{
    const excuse *e = *state;
    input in = {.bytes = (const uint8_t *)e->sample, .size = e->sample_size};
    judge j;

    judge_document_begin(&j);
    j.no_excuse = true;
    judge_input(&j, &in, e->name);
    uint64_t differences = j.differences;
    difference last = j.last;
    judge_end(&j);
    if (differences == 0 && !(oracle_expat.known && oracle_libxml2.known)) {
        print_message("not so in %s and %s: %s\n", oracle_expat.name, oracle_libxml2.name, e->name);
        skip();
    }
    assert_int_equal(differences, 1);
    assert_int_equal(last, e->what);

    judge_document_begin(&j);
    assert_true(judge_input(&j, &in, e->name));
    for (size_t i = 0; i < excuse_count; i++)
        assert_int_equal(j.excused[i], &excuses[i] == e);
    judge_end(&j);
}

/* Were nothing compared, nothing would differ. */
static void events_of_all_are_compared(void **state)
{
    (void)state;
    static const char good[] = "<a xmlns:p='u' p:b='1'>t<c/></a>", bad[] = "<a b='1' b='2'/>";
    input accepted = {.bytes = (const uint8_t *)good, .size = sizeof good - 1};
    input refused = {.bytes = (const uint8_t *)bad, .size = sizeof bad - 1};
    judge j;
    judge_document_begin(&j);
    assert_true(judge_input(&j, &accepted, "accepted"));
    assert_int_equal(j.documents, 1);
    assert_true(j.document.events.size > 30);
    assert_true(plain_equal(&j.document.events, &j.document.expat.events));
    assert_true(plain_equal(&j.document.events, &j.document.libxml2.events));
    assert_true(judge_input(&j, &refused, "refused"));
    assert_int_equal(j.refusals, 1);
    assert_true(j.document.expat.refused);
    judge_end(&j);
}

/* ---- The corpus ---- */

static void write_log(void *context, const char *bytes, size_t size)
{
    fwrite(bytes, 1, size, context);
}

/* Where weir-decode restarts the streams of a recording, by its log. To be freed. */
static size_t *restarts_of(const test_case *c, size_t *count)
{
    char *text = NULL;
    size_t size = 0, *restarts = must_allocate((c->size + 1) * sizeof *restarts);
    FILE *out = open_memstream(&text, &size);
    event_log log;
    log_init(&log, LOG_TEXT, write_log, out);
    decode_result result = decode_run(&c->options, c->file, c->file_size, &log);
    assert_int_equal(result.trouble, DECODE_FINE);
    log_free(&log);
    fclose(out);
    *count = 0;
    for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1) {
        char *end;
        unsigned long long offset = strtoull(line, &end, 10);
        unsigned long long same = strtoull(end, &end, 10);
        if (same == offset && strncmp(end, " 0 restart\n", 11) == 0)
            restarts[(*count)++] = (size_t)offset;
    }
    free(text);
    return restarts;
}

static judge total;

static void case_is_judged(void **state)
{
    const test_case *c = *state;
    input in = {.bytes = c->bytes, .size = c->size, .message_ends = c->message_ends, .message_count = c->message_count};
    size_t *restarts = restarts_of(c, &in.restart_count);
    judge j;
    in.restarts = restarts;
    if (c->options.config.framing != WEIR_FRAMING_WEBSOCKET)
        in.message_count = 0;
    judge_begin(&j, &c->options.config);
    bool good = judge_input(&j, &in, c->path);
    judge_add(&total, &j);
    judge_end(&j);
    free(restarts);
    assert_true(good);
}

static int print_counts(void **state)
{
    (void)state;
    judge_print_counts(&total);
    return 0;
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
    struct CMUnitTest *tests = must_allocate((count + excuse_count + 1) * sizeof *tests);
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (strstr(cases[i].path, "/xmlconf/") != NULL)
            cases[i].options.config.framing = WEIR_FRAMING_DOCUMENT;
        struct CMUnitTest test = {cases[i].path, case_is_judged, NULL, NULL, &cases[i]};
        memcpy(&tests[n++], &test, sizeof test);
    }
    for (size_t i = 0; i < excuse_count; i++) {
        struct CMUnitTest test = {excuses[i].name, sample_shows_its_difference, NULL, NULL,
                                  (void *)(uintptr_t)&excuses[i]};
        memcpy(&tests[n++], &test, sizeof test);
    }
    struct CMUnitTest events = cmocka_unit_test(events_of_all_are_compared);
    memcpy(&tests[n++], &events, sizeof events);
    return _cmocka_run_group_tests("expat and libxml2", tests, n, NULL, print_counts);
}
