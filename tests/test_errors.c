/* test_errors.c - each error as text: names, conditions, citations, and the stream error that is sent
 *
 * SPDX-License-Identifier: MIT */
#include "support/cmocka.h"
#include "support/session.h"

#include <stdio.h>
#include <string.h>

/* Section 5 of the design, and RFC 6120 4.9.3. */
static const struct {
    weir_status first, last;
    const char *condition;
} conditions[] = {
    {WEIR_E_SYNTAX, WEIR_E_DUPLICATE_EXPANDED, "not-well-formed"},
    {WEIR_E_COMMENT, WEIR_E_STANDALONE, "restricted-xml"},
    {WEIR_E_UTF8, WEIR_E_ENCODING, "unsupported-encoding"},
    {WEIR_E_XML_VERSION, WEIR_E_MESSAGE, "bad-format"},
    {WEIR_E_STREAM_NAMESPACE, WEIR_E_HEADER_DECLARATION, "invalid-namespace"},
    {WEIR_E_STREAM_PREFIX, WEIR_E_CONTENT_PREFIX, "bad-namespace-prefix"},
    {WEIR_E_STREAM_VERSION, WEIR_E_STREAM_VERSION, "unsupported-version"},
    {WEIR_E_LIMIT_DEPTH, WEIR_E_LIMIT_ELEMENTS, "policy-violation"},
    {WEIR_E_MISUSE, WEIR_E_MISUSE, ""},
};

static void each_code_has_its_condition(void **state)
{
    (void)state;
    int expected = -1;
    for (size_t i = 0; i < sizeof conditions / sizeof conditions[0]; i++) {
        assert_int_equal(conditions[i].first, expected);
        for (int code = conditions[i].first; code >= (int)conditions[i].last; code--)
            assert_string_equal(weir_error_condition((weir_status)code), conditions[i].condition);
        expected = conditions[i].last - 1;
    }
    assert_int_equal(expected, -WEIR_ERROR_COUNT - 1);
}

static void each_code_has_a_name_a_rule_and_a_text(void **state)
{
    (void)state;
    for (int code = -1; code >= -WEIR_ERROR_COUNT; code--) {
        const char *name = weir_error_name((weir_status)code);
        assert_true(strlen(name) > 0);
        assert_int_equal(strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789"), strlen(name));
        assert_true(strlen(weir_error_text((weir_status)code)) > 0);
        if (code != WEIR_E_MISUSE)
            assert_true(strncmp(weir_error_rule((weir_status)code), "XML ", 4) == 0 ||
                        strncmp(weir_error_rule((weir_status)code), "NS ", 3) == 0 ||
                        strncmp(weir_error_rule((weir_status)code), "RFC ", 4) == 0);
        for (int other = -1; other > code; other--)
            assert_string_not_equal(weir_error_name((weir_status)other), name);
    }
    assert_string_equal(weir_error_name(WEIR_E_UTF8), "UTF8");
    assert_string_equal(weir_error_name(WEIR_E_LIMIT_ELEMENT), "LIMIT_ELEMENT");
    assert_string_equal(weir_error_name(WEIR_E_PROCESSING_INSTRUCTION), "PROCESSING_INSTRUCTION");
}

static void what_is_no_error_has_no_text(void **state)
{
    (void)state;
    static const int others[] = {0, 1, 7, 8, 1000, -WEIR_ERROR_COUNT - 1, -1000};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        weir_status code = (weir_status)others[i];
        assert_string_equal(weir_error_name(code), "");
        assert_string_equal(weir_error_condition(code), "");
        assert_string_equal(weir_error_rule(code), "");
        assert_string_equal(weir_error_text(code), "");
        assert_string_equal(weir_stream_error(code), "");
    }
    assert_string_equal(weir_stream_error(WEIR_E_MISUSE), "");
}

/* RFC 6120 4.9.1: it is a stanza of a stream that Weir itself accepts, in any framing, and names the condition. */
static void stream_errors_can_be_sent(void **state)
{
    (void)state;
    for (int code = -1; code > WEIR_E_MISUSE; code--) {
        const char *error = weir_stream_error((weir_status)code);
        session s;
        weir_event event;
        session_begin(&s, WEIR_FRAMING_STREAM);
        assert_string_equal(give(&s, STREAM_HEADER), "O");
        weir_slice input = slice_of(error);
        expect_event(&s, &input, &event, WEIR_ELEMENT_START);
        assert_true(slice_is(event.name.namespace_name, "http://etherx.jabber.org/streams"));
        assert_true(slice_is(event.name.local, "error"));
        expect_event(&s, &input, &event, WEIR_ELEMENT_START);
        assert_true(slice_is(event.name.namespace_name, "urn:ietf:params:xml:ns:xmpp-streams"));
        assert_true(slice_is(event.name.local, weir_error_condition((weir_status)code)));
        assert_string_equal(give_bytes(&s, input.data, input.size), ">>");
        assert_string_equal(give(&s, "</stream:stream>"), "C");
        session_end(&s);
        session_begin(&s, WEIR_FRAMING_WEBSOCKET);
        assert_string_equal(give(&s, WEBSOCKET_HEADER), "O");
        assert_int_equal(weir_finish(&s.decoder), WEIR_COMPLETE);
        assert_string_equal(give(&s, error), "<<>>");
        assert_int_equal(weir_finish(&s.decoder), WEIR_COMPLETE);
        session_end(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_code_has_its_condition),
        cmocka_unit_test(each_code_has_a_name_a_rule_and_a_text),
        cmocka_unit_test(what_is_no_error_has_no_text),
        cmocka_unit_test(stream_errors_can_be_sent),
    };
    return cmocka_run_group_tests_name("errors", tests, NULL, NULL);
}
