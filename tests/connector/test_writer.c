/* test_writer.c - what the writer escapes, and what it refuses
 *
 * SPDX-License-Identifier: MIT */
#include "../../tools/connector/writer.h"
#include "../../parser/weir.h"
#include "../support/cmocka.h"
#include "../support/session.h"

#include <stdio.h>
#include <string.h>

static char buffer[256];

static const char *text_of(const char *text, size_t size)
{
    writer w;
    size_t written;
    writer_begin(&w, buffer, sizeof buffer - 1);
    writer_text(&w, text, size);
    bool whole = writer_end(&w, &written);
    buffer[written] = 0;
    return whole ? buffer : NULL;
}

static void test_text(void **state)
{
    (void)state;
    assert_string_equal(text_of("a<b>&\"c'\r\t\n", 11), "a&lt;b&gt;&amp;&quot;c&apos;&#xD;\t\n");
    assert_string_equal(text_of("\xc3\xa9\xe2\x82\xac\xf0\x9f\x8c\xb9", 9), "\xc3\xa9\xe2\x82\xac\xf0\x9f\x8c\xb9");
}

static void test_value(void **state)
{
    (void)state;
    writer w;
    size_t size;
    writer_begin(&w, buffer, sizeof buffer - 1);
    writer_literal(&w, "<a");
    writer_attribute(&w, "b", "'/><c d='\t\n", 11);
    writer_literal(&w, "/>");
    assert_true(writer_end(&w, &size));
    buffer[size] = 0;
    assert_string_equal(buffer, "<a b='&apos;/&gt;&lt;c d=&apos;&#x9;&#xA;'/>");
}

static void test_refused(void **state)
{
    static const char *const bad[] = {"\x80",
                                      "\xc0\xaf",
                                      "\xc3",
                                      "\xe0\x80\xaf",
                                      "\xed\xa0\x80",
                                      "\xf4\x90\x80\x80",
                                      "\xf0\x80\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xe2\x82",
                                      "\x01",
                                      "\x1f",
                                      "\xef\xbf\xbe",
                                      "\xef\xbf\xbf",
                                      "a\xffz"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        memset(buffer, 'x', sizeof buffer);
        assert_null(text_of(bad[i], strlen(bad[i])));
        for (size_t j = 0; j < sizeof buffer - 1; j++) {
            assert_int_equal(buffer[j], 0); /* nothing of a message that failed stays */
        }
    }
    assert_null(text_of("a\0b", 3));
}

static void test_room(void **state)
{
    (void)state;
    for (size_t room = 0; room < 12; room++) {
        writer w;
        size_t size;
        memset(buffer, 'x', sizeof buffer);
        writer_begin(&w, buffer, room);
        writer_literal(&w, "<a>");
        writer_text(&w, "&", 1);
        writer_literal(&w, "</a>");
        assert_int_equal(writer_end(&w, &size), room >= 12);
        assert_int_equal(size, 0);
        assert_int_equal(buffer[room], 'x');
    }
}

/* Whatever a value is, what is written decodes to that value and to nothing else. */
static void test_cannot_inject(void **state)
{
    (void)state;
    for (unsigned a = 0; a < 256; a++) {
        for (unsigned b = 0; b < 256; b++) {
            char value[3] = {(char)a, (char)b, '>'};
            session s;
            weir_event event;
            writer w;
            size_t size;
            writer_begin(&w, buffer, sizeof buffer);
            writer_literal(&w, "<a");
            writer_attribute(&w, "b", value, 3);
            writer_literal(&w, "/>");
            if (!writer_end(&w, &size)) {
                continue;
            }
            session_begin(&s, WEIR_FRAMING_DOCUMENT);
            weir_slice input = {(const uint8_t *)buffer, size};
            expect_event(&s, &input, &event, WEIR_ELEMENT_START);
            assert_int_equal(event.attribute_count, 1);
            assert_int_equal(event.attributes[0].value.size, 3);
            assert_memory_equal(event.attributes[0].value.data, value, 3);
            assert_int_equal(input.size, 0);
            session_end(&s);
        }
    }
}

static void test_clear(void **state)
{
    (void)state;
    memset(buffer, 'x', sizeof buffer);
    writer_clear(buffer, 10);
    assert_int_equal(buffer[9], 0);
    assert_int_equal(buffer[10], 'x');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text), cmocka_unit_test(test_value),         cmocka_unit_test(test_refused),
        cmocka_unit_test(test_room), cmocka_unit_test(test_cannot_inject), cmocka_unit_test(test_clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
