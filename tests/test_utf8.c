/* test_utf8.c - malformed UTF-8 and its neighbours, by the numbers of Markus Kuhn's "UTF-8 decoder capability and
 * stress test"
 *
 * Each test of that file is one input here, as text of an element, for both decoders. What its bytes are the file
 * says in words or in hexadecimal; so they are written down here, and where the file is at hand (../shared/data, or
 * where WEIR_SHARED_DATA says) each of its lines is cut out and judged by its number as well. There are copies in
 * which some editor has put U+FFFD for what is malformed: such a line is no test of anything, and is counted.
 *
 * SPDX-License-Identifier: MIT */
#include "support/case.h"
#include "support/cmocka.h"

#include "../tools/decode_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* `bad`: the offset in the bytes of what is at fault; of an accepted test nothing. */
typedef struct stress {
    const char *number, *bytes;
    size_t size;
    weir_status code;
    size_t bad;
} stress;

#define GOOD(number, bytes) {number, bytes, sizeof(bytes) - 1, WEIR_COMPLETE, 0}
#define NO_CHAR(number, bytes) {number, bytes, sizeof(bytes) - 1, WEIR_E_CHAR, 0}
#define MALFORMED(number, bytes, bad) {number, bytes, sizeof(bytes) - 1, WEIR_E_UTF8, bad}

static const stress tests_by_number[] = {
    GOOD("1", "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5"),
    NO_CHAR("2.1.1", "\0"), /* not at the beginning of a stream, where it would be ENCODING */
    GOOD("2.1.2", "\xc2\x80"),
    GOOD("2.1.3", "\xe0\xa0\x80"),
    GOOD("2.1.4", "\xf0\x90\x80\x80"),
    MALFORMED("2.1.5", "\xf8\x88\x80\x80\x80", 0),
    MALFORMED("2.1.6", "\xfc\x84\x80\x80\x80\x80", 0),
    GOOD("2.2.1", "\x7f"),
    GOOD("2.2.2", "\xdf\xbf"),
    NO_CHAR("2.2.3", "\xef\xbf\xbf"), /* U+FFFF */
    MALFORMED("2.2.4", "\xf7\xbf\xbf\xbf", 0),
    MALFORMED("2.2.5", "\xfb\xbf\xbf\xbf\xbf", 0),
    MALFORMED("2.2.6", "\xfd\xbf\xbf\xbf\xbf\xbf", 0),
    GOOD("2.3.1", "\xed\x9f\xbf"),
    GOOD("2.3.2", "\xee\x80\x80"),
    GOOD("2.3.3", "\xef\xbf\xbd"),
    GOOD("2.3.4", "\xf4\x8f\xbf\xbf"),
    MALFORMED("2.3.5", "\xf4\x90\x80\x80", 1),
    MALFORMED("3.1.1", "\x80", 0),
    MALFORMED("3.1.2", "\xbf", 0),
    MALFORMED("3.1.3", "\x80\xbf", 0),
    MALFORMED("3.1.4", "\x80\xbf\x80", 0),
    MALFORMED("3.1.5", "\x80\xbf\x80\xbf", 0),
    MALFORMED("3.1.6", "\x80\xbf\x80\xbf\x80", 0),
    MALFORMED("3.1.7", "\x80\xbf\x80\xbf\x80\xbf", 0),
    MALFORMED("3.1.8", "\x80\xbf\x80\xbf\x80\xbf\x80", 0),
    MALFORMED("3.3.1", "\xc0", 0),
    MALFORMED("3.3.2", "\xe0\x80", 1),
    MALFORMED("3.3.3", "\xf0\x80\x80", 1),
    MALFORMED("3.3.4", "\xf8\x80\x80\x80", 0),
    MALFORMED("3.3.5", "\xfc\x80\x80\x80\x80", 0),
    MALFORMED("3.3.6", "\xdf", 1), /* the next byte cannot go on */
    MALFORMED("3.3.7", "\xef\xbf", 2),
    MALFORMED("3.3.8", "\xf7\xbf\xbf", 0),
    MALFORMED("3.3.9", "\xfb\xbf\xbf\xbf", 0),
    MALFORMED("3.3.10", "\xfd\xbf\xbf\xbf\xbf", 0),
    MALFORMED("3.5.1", "\xfe", 0),
    MALFORMED("3.5.2", "\xff", 0),
    MALFORMED("3.5.3", "\xfe\xfe\xff\xff", 0),
    MALFORMED("4.1.1", "\xc0\xaf", 0),
    MALFORMED("4.1.2", "\xe0\x80\xaf", 1),
    MALFORMED("4.1.3", "\xf0\x80\x80\xaf", 1),
    MALFORMED("4.1.4", "\xf8\x80\x80\x80\xaf", 0),
    MALFORMED("4.1.5", "\xfc\x80\x80\x80\x80\xaf", 0),
    MALFORMED("4.2.1", "\xc1\xbf", 0),
    MALFORMED("4.2.2", "\xe0\x9f\xbf", 1),
    MALFORMED("4.2.3", "\xf0\x8f\xbf\xbf", 1),
    MALFORMED("4.2.4", "\xf8\x87\xbf\xbf\xbf", 0),
    MALFORMED("4.2.5", "\xfc\x83\xbf\xbf\xbf\xbf", 0),
    MALFORMED("4.3.1", "\xc0\x80", 0),
    MALFORMED("4.3.2", "\xe0\x80\x80", 1),
    MALFORMED("4.3.3", "\xf0\x80\x80\x80", 1),
    MALFORMED("4.3.4", "\xf8\x80\x80\x80\x80", 0),
    MALFORMED("4.3.5", "\xfc\x80\x80\x80\x80\x80", 0),
    MALFORMED("5.1.1", "\xed\xa0\x80", 1),
    MALFORMED("5.1.2", "\xed\xad\xbf", 1),
    MALFORMED("5.1.3", "\xed\xae\x80", 1),
    MALFORMED("5.1.4", "\xed\xaf\xbf", 1),
    MALFORMED("5.1.5", "\xed\xb0\x80", 1),
    MALFORMED("5.1.6", "\xed\xbe\x80", 1),
    MALFORMED("5.1.7", "\xed\xbf\xbf", 1),
    MALFORMED("5.2.1", "\xed\xa0\x80\xed\xb0\x80", 1),
    MALFORMED("5.2.2", "\xed\xa0\x80\xed\xbf\xbf", 1),
    MALFORMED("5.2.3", "\xed\xad\xbf\xed\xb0\x80", 1),
    MALFORMED("5.2.4", "\xed\xad\xbf\xed\xbf\xbf", 1),
    MALFORMED("5.2.5", "\xed\xae\x80\xed\xb0\x80", 1),
    MALFORMED("5.2.6", "\xed\xae\x80\xed\xbf\xbf", 1),
    MALFORMED("5.2.7", "\xed\xaf\xbf\xed\xb0\x80", 1),
    MALFORMED("5.2.8", "\xed\xaf\xbf\xed\xbf\xbf", 1),
    NO_CHAR("5.3.1", "\xef\xbf\xbe"), /* noncharacters are well-formed; these two are no Char (XML 2.2) */
    NO_CHAR("5.3.2", "\xef\xbf\xbf"),
};

/* Those of whole ranges, each character an input. */
typedef struct stress_range {
    const char *number;
    uint8_t first[4], last[4]; /* counted up in the last byte */
    size_t size;
    const char *then;
    weir_status code;
    size_t bad;
} stress_range;

static const stress_range ranges[] = {
    {"3.1.9", {0x80}, {0xbf}, 1, "", WEIR_E_UTF8, 0},
    {"3.2.1", {0xc0}, {0xc1}, 1, " ", WEIR_E_UTF8, 0}, /* can begin nothing */
    {"3.2.1", {0xc2}, {0xdf}, 1, " ", WEIR_E_UTF8, 1},
    {"3.2.2", {0xe0}, {0xef}, 1, " ", WEIR_E_UTF8, 1},
    {"3.2.3", {0xf0}, {0xf4}, 1, " ", WEIR_E_UTF8, 1},
    {"3.2.3", {0xf5}, {0xf7}, 1, " ", WEIR_E_UTF8, 0},
    {"3.2.4", {0xf8}, {0xfb}, 1, " ", WEIR_E_UTF8, 0},
    {"3.2.5", {0xfc}, {0xfd}, 1, " ", WEIR_E_UTF8, 0},
    {"5.3.3", {0xef, 0xb7, 0x90}, {0xef, 0xb7, 0xaf}, 3, "", WEIR_COMPLETE, 0}, /* U+FDD0 to U+FDEF are Char */
    {"5.3.4",
     {0xf0, 0x9f, 0xbf, 0xbe},
     {0xf0, 0x9f, 0xbf, 0xbf},
     4,
     "",
     WEIR_COMPLETE,
     0}, /* so are U+1FFFE, U+1FFFF */
    {"5.3.4", {0xf4, 0x8f, 0xbf, 0xbe}, {0xf4, 0x8f, 0xbf, 0xbf}, 4, "", WEIR_COMPLETE, 0},
};

/* ---- Both decoders ---- */

#define TEXT_AT 3 /* after `<a>` */

static bool decodes_to(const uint8_t *document, size_t size, bool reference, size_t chunk, weir_status code,
                       size_t offset)
{
    decode_options options;
    event_log log;
    decode_options_init(&options);
    options.config.framing = WEIR_FRAMING_DOCUMENT;
    options.reference = reference;
    options.chunk = chunk;
    log_init(&log, LOG_NONE, NULL, NULL);
    decode_result result = decode_run(&options, document, size, &log);
    log_free(&log);
    return result.trouble == DECODE_FINE && result.code == code && result.offset == offset;
}

static bool judge(const char *number, const uint8_t *bytes, size_t size, weir_status code, size_t bad)
{
    uint8_t *document = must_allocate(TEXT_AT + size + 4);
    memcpy(document, "<a>", TEXT_AT);
    memcpy(document + TEXT_AT, bytes, size);
    memcpy(document + TEXT_AT + size, "</a>", 4);
    size_t all = TEXT_AT + size + 4, offset = code == WEIR_COMPLETE ? all : TEXT_AT + bad;
    bool good = decodes_to(document, all, false, 0, code, offset) &&
                decodes_to(document, all, false, 1, code, offset) && decodes_to(document, all, true, 0, code, offset);
    free(document);
    if (!good)
        print_error("%s: expected %s at %zu\n", number, code < 0 ? weir_error_name(code) : "complete", offset);
    return good;
}

static void each_test_is_judged(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof tests_by_number / sizeof tests_by_number[0]; i++) {
        const stress *t = &tests_by_number[i];
        wrong += !judge(t->number, (const uint8_t *)t->bytes, t->size, t->code, t->bad);
    }
    assert_int_equal(wrong, 0);
}

static void each_of_a_range_is_judged(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        const stress_range *r = &ranges[i];
        uint8_t bytes[8];
        size_t more = strlen(r->then);
        memcpy(bytes, r->first, r->size);
        memcpy(bytes + r->size, r->then, more);
        for (unsigned last = r->first[r->size - 1]; last <= r->last[r->size - 1]; last++) {
            bytes[r->size - 1] = (uint8_t)last;
            wrong += !judge(r->number, bytes, r->size + more, r->code, r->bad);
        }
    }
    assert_int_equal(wrong, 0);
}

/* ---- The file ---- */

static const stress *test_of(const char *line)
{
    size_t length = strspn(line, "0123456789.");
    for (size_t i = 0; i < sizeof tests_by_number / sizeof tests_by_number[0]; i++) {
        const stress *t = &tests_by_number[i];
        if (length > 1 && strlen(t->number) == length && memcmp(t->number, line, length) == 0)
            return t;
    }
    return NULL;
}

static bool was_mended(const stress *t, const uint8_t *bytes, size_t size)
{
    return t->code == WEIR_E_UTF8 && memmem(bytes, size, "\xef\xbf\xbd", 3) != NULL;
}

static void each_line_of_the_file_is_judged(void **state)
{
    (void)state;
    const char *directory = getenv("WEIR_SHARED_DATA");
    char path[4096], *line = NULL;
    snprintf(path, sizeof path, "%s/UTF-8-test.txt", directory != NULL ? directory : "../shared/data");
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        skip();
    size_t room = 0, judged = 0, mended = 0, wrong = 0;
    for (ssize_t size; (size = getline(&line, &room, file)) > 0;) {
        const stress *t = test_of(line);
        uint8_t *begin = t == NULL ? NULL : memchr(line, '"', (size_t)size);
        uint8_t *end = begin == NULL ? NULL : memrchr(line, '"', (size_t)size);
        if (begin == NULL || end <= begin)
            continue;
        begin++;
        if (was_mended(t, begin, (size_t)(end - begin)))
            mended++;
        else
            wrong += !judge(t->number, begin, (size_t)(end - begin), t->code, t->bad);
        judged++;
    }
    free(line);
    fclose(file);
    print_message("%zu lines; %zu of them hold U+FFFD where they should be malformed, and were not judged\n", judged,
                  mended);
    assert_int_equal(wrong, 0);
    /* All but the first, which has no number on its line. */
    assert_int_equal(judged, sizeof tests_by_number / sizeof tests_by_number[0] - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_test_is_judged),
        cmocka_unit_test(each_of_a_range_is_judged),
        cmocka_unit_test(each_line_of_the_file_is_judged),
    };
    return cmocka_run_group_tests_name("UTF-8", tests, NULL, NULL);
}
