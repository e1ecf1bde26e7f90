/* test_limits.c - every limit at its value and one past it; counters, and the workspace that limits need
 *
 * SPDX-License-Identifier: MIT */
#include "support/cmocka.h"
#include "support/drive.h"
#include "support/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* before, n times unit, after; each `%` of the unit becomes the count. To be freed. */
static char *repeated(const char *before, const char *unit, size_t n, const char *after)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    fputs(before, out);
    for (size_t i = 0; i < n; i++) {
        for (const char *p = unit; *p != '\0'; p++) {
            if (*p == '%')
                fprintf(out, "%zu", i);
            else
                fputc(*p, out);
        }
    }
    fputs(after, out);
    fclose(out);
    return text;
}

static size_t position(const char *text, const char *part)
{
    const char *found = strstr(text, part);
    assert_non_null(found);
    return (size_t)(found - text);
}

static void expect_with(const char *options, const char *text, const char *expected)
{
    static const drive_plan plans[] = {{.chunk = 0},
                                       {.chunk = 1},
                                       {.chunk = 7},
                                       {.chunk = 1, .kernel = WEIR_KERNEL_PORTABLE},
                                       {.chunk = 331, .park = true}};
    test_case c;
    char message[DECODE_MESSAGE_MAX];
    case_make(&c, options, text, strlen(text));
    if (!decode_options_line(&c.options, options, message))
        fail_msg("%s: %s", options, message);
    for (size_t i = 0; i < sizeof plans / sizeof plans[0]; i++) {
        drive_plan plan = plans[i];
        if (plan.park && c.size < 300)
            plan.chunk = 1;
        char *log = drive(&c, &plan);
        const char *verdict = log_verdict_line(log);
        if (strncmp(verdict, expected, strlen(expected)) != 0 || verdict[strlen(expected)] != '\n')
            fail_msg("%s (%s) of %.60s...: %s instead of %s", options, drive_describe(&plan), text, verdict, expected);
        free(log);
    }
    case_free(&c);
}

/* The document passes where the limit is `value`, and is rejected at `offset` where it is one less. */
static void expect_limit(const char *limit, size_t value, const char *text, const char *code, size_t offset)
{
    char options[320], roomy[256], verdict[128];
    size_t room = strlen(text); /* more than it is ever needed, but a small workspace for a small text */
    snprintf(
        roomy, sizeof roomy,
        "--framing=document --limits=depth=%zu,attributes=%zu,bindings=%zu,scope=%zu,tag=%zu,element=%zu,elements=%zu",
        room, room, room, room, room, room, room);
    snprintf(options, sizeof options, "%s,%s=%zu", roomy, limit, value);
    snprintf(verdict, sizeof verdict, "complete %zu", strlen(text));
    expect_with(options, text, verdict);
    if (value == 1)
        return;
    snprintf(options, sizeof options, "%s,%s=%zu", roomy, limit, value - 1);
    snprintf(verdict, sizeof verdict, "rejected %s policy-violation %zu", code, offset);
    expect_with(options, text, verdict);
}

static const size_t counts[] = {1, 2, 3, 4, 15, 16, 17, 31, 32, 33, 64, 65, 127, 128, 129, 1000};
#define COUNTS (sizeof counts / sizeof counts[0])

static void depth_is_exact(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNTS; i++) {
        size_t n = counts[i];
        char *open = repeated("", "<a>", n, ""), *text = repeated(open, "</a>", n, "");
        expect_limit("depth", n, text, "LIMIT_DEPTH", 3 * (n - 1) + 1);
        free(text);
        char *empty = repeated("", "<a>", n - 1, "<b/>"), *nested = repeated(empty, "</a>", n - 1, "");
        expect_limit("depth", n, nested, "LIMIT_DEPTH", 3 * (n - 1) + 1);
        free(nested);
        free(empty);
        free(open);
    }
}

static void attributes_are_exact(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNTS; i++) {
        size_t n = counts[i];
        char *text = repeated("<a", " b%=''", n - 1, " last=''/>");
        expect_limit("attributes", n, text, "LIMIT_ATTRIBUTES", position(text, "last"));
        free(text);
        char *declared = repeated("<a", " xmlns:b%='c'", n - 1, " last=''/>");
        expect_limit("attributes", n, declared, "LIMIT_ATTRIBUTES", position(declared, "last"));
        free(declared);
    }
    /* The name is too many, whatever follows it. */
    expect_with("--framing=document --limits=attributes=1", "<a b='' c",
                "rejected LIMIT_ATTRIBUTES policy-violation 8");
    expect_with("--framing=document --limits=attributes=1", "<a b='' =", "rejected SYNTAX not-well-formed 8");
}

static void bindings_are_exact(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNTS; i++) {
        size_t n = counts[i];
        char *flat = repeated("<a", " xmlns:b%='c'", n - 1, " xmlns:last='c'/>");
        expect_limit("bindings", n, flat, "LIMIT_BINDINGS", position(flat, "xmlns:last"));
        free(flat);
        char *open = repeated("", "<a xmlns='c'>", n - 1, "<a xmlns:last='c'>"),
             *nested = repeated(open, "</a>", n, "");
        expect_limit("bindings", n, nested, "LIMIT_BINDINGS", position(nested, "xmlns:last"));
        free(nested);
        free(open);
        char *siblings = repeated("<a>", "<b xmlns='c'/>", n, "</a>");
        expect_limit("bindings", 1, siblings, "", 0);
        free(siblings);
    }
}

static void scope_is_exact(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNTS; i++) {
        size_t n = counts[i];
        char *name = repeated("<", "n", n, "/>");
        expect_limit("scope", n, name, "LIMIT_SCOPE", 1);
        free(name);
        char *namespace_name = repeated("<a xmlns='", "n", n, "'/>");
        expect_limit("scope", n + 1, namespace_name, "LIMIT_SCOPE", 3);
        free(namespace_name);
        char *prefix = repeated("<a xmlns:", "n", n, "='c'/>");
        expect_limit("scope", n + 2, prefix, "LIMIT_SCOPE", 3);
        free(prefix);
        char *open = repeated("", "<abc>", n, ""), *nested = repeated(open, "</abc>", n, "");
        expect_limit("scope", 3 * n, nested, "LIMIT_SCOPE", 5 * (n - 1) + 1);
        free(nested);
        free(open);
    }
    /* Bytes of the value as resolved count. */
    expect_limit("scope", 3, "<a xmlns='&#x61;&amp;'/>", "LIMIT_SCOPE", 3);
}

static void tag_is_exact(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNTS; i++) {
        size_t n = counts[i];
        char *name = repeated("<", "n", n, "/>");
        expect_limit("tag", n + 3, name, "LIMIT_TAG", n + 2);
        free(name);
        char *value = repeated("<a b='", "v", n, "'>x</a>");
        expect_limit("tag", n + 8, value, "LIMIT_TAG", n + 7);
        free(value);
        char *end = repeated("<a></a", " ", n, ">");
        expect_limit("tag", n + 4, end, "LIMIT_TAG", n + 6);
        free(end);
        char *declaration = repeated("<?xml", " ", n, "version='1.0'?><a/>");
        expect_limit("tag", n + 20, declaration, "LIMIT_TAG", n + 19);
        free(declaration);
        char *references = repeated("<a b='", "&amp;", n, "'/>");
        expect_limit("tag", 5 * n + 9, references, "LIMIT_TAG", 5 * n + 8);
        free(references);
    }
}

static void element_is_exact(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNTS; i++) {
        size_t n = counts[i];
        char *text = repeated("<a>", "x", n, "</a>");
        expect_limit("element", n + 7, text, "LIMIT_ELEMENT", n + 6);
        free(text);
        char *references = repeated("<a>", "&#65;", n, "</a>");
        expect_limit("element", 5 * n + 7, references, "LIMIT_ELEMENT", 5 * n + 6);
        free(references);
    }
    for (size_t cut = 1; cut < 40; cut++) { /* wherever it falls, it is the byte after */
        char options[64], verdict[64];
        snprintf(options, sizeof options, "--framing=document --limits=element=%zu", cut);
        snprintf(verdict, sizeof verdict, "rejected LIMIT_ELEMENT policy-violation %zu", cut);
        expect_with(options, "<a b='&lt;'>\r\n<![CDATA[x]]>&#x10FFFF;\xc3\xa9</a>", verdict);
    }
}

static void elements_are_exact(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNTS; i++) {
        size_t n = counts[i];
        char *text = repeated("<a>", "<b/>", n - 1, "</a>");
        expect_limit("elements", n, text, "LIMIT_ELEMENTS", 3 + 4 * (n > 1 ? n - 2 : 0) + 1);
        free(text);
    }
}

/* In a stream: header apart, each first-level element begins anew. */
static void counters_begin_anew_with_each_stanza(void **state)
{
    (void)state;
    session s;
    weir_config config = {.framing = WEIR_FRAMING_STREAM};
    weir_limits_default(&config.limits);
    config.limits.element = 15;
    config.limits.elements = 2;
    config.limits.depth = 3;
    session_begin_with(&s, &config, 0);
    assert_string_equal(give(&s, STREAM_HEADER), "O");
    for (int i = 0; i < 1000; i++)
        assert_string_equal(give(&s, "<a><b>x</b></a> \n"), "<<t>>_");
    uint64_t at = weir_offset(&s.decoder);
    char expected[64];
    snprintf(expected, sizeof expected, "<<t>!LIMIT_ELEMENT@%llu", (unsigned long long)at + 15);
    assert_string_equal(give(&s, "<a><b>xy</b></a>"), expected);
    session_end(&s);
}

static void white_space_between_stanzas_has_no_limit(void **state)
{
    (void)state;
    session s;
    weir_config config = {.framing = WEIR_FRAMING_STREAM};
    weir_limits_default(&config.limits);
    config.limits.element = 100;
    session_begin_with(&s, &config, 0);
    assert_string_equal(give(&s, STREAM_HEADER), "O");
    for (int i = 0; i < 1000; i++)
        assert_string_equal(give(&s, " \t\r\n "), "_");
    assert_string_equal(give(&s, "<a/></stream:stream>"), "<>C");
    session_end(&s);
}

static void limits_are_one_to_the_maximum(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(weir_limits) / sizeof(uint32_t); i++) {
        static const uint32_t good[] = {1, 2, 65536, WEIR_LIMIT_MAX}, bad[] = {0, WEIR_LIMIT_MAX + 1u, UINT32_MAX};
        weir_limits limits;
        uint32_t *field = (uint32_t *)(void *)&limits + i;
        for (size_t k = 0; k < 4; k++) {
            weir_limits_default(&limits);
            *field = good[k];
            assert_true(weir_workspace_size(&limits) > 0 || sizeof(size_t) < 8);
        }
        for (size_t k = 0; k < 3; k++) {
            weir_limits_default(&limits);
            *field = bad[k];
            assert_int_equal(weir_workspace_size(&limits), 0);
        }
    }
    weir_limits most = {WEIR_LIMIT_MAX, WEIR_LIMIT_MAX, WEIR_LIMIT_MAX, WEIR_LIMIT_MAX,
                        WEIR_LIMIT_MAX, WEIR_LIMIT_MAX, WEIR_LIMIT_MAX};
    assert_true(weir_workspace_size(&most) > WEIR_LIMIT_MAX || sizeof(size_t) < 8);
    assert_int_equal(weir_workspace_size(NULL), 0);
}

static void more_of_a_limit_never_needs_less(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(weir_limits) / sizeof(uint32_t); i++) {
        weir_limits limits;
        weir_limits_default(&limits);
        uint32_t *field = (uint32_t *)(void *)&limits + i;
        size_t last = 0;
        for (uint32_t value = 1; value < WEIR_LIMIT_MAX / 3; value *= 3) {
            *field = value;
            size_t size = weir_workspace_size(&limits);
            assert_true(size >= last || size == 0);
            last = size;
        }
    }
}

static void smallest_limits_work(void **state)
{
    (void)state;
    expect_with("--framing=document --limits=depth=1,attributes=1,bindings=1,scope=1,tag=1,element=1,elements=1",
                "<a/>", "rejected LIMIT_ELEMENT policy-violation 1");
    expect_with("--framing=document --limits=depth=1,attributes=1,bindings=1,scope=1,tag=4,element=4,elements=1",
                "<a/>", "complete 4");
    expect_with("--limits=tag=1", "<a/>", "rejected LIMIT_TAG policy-violation 1");
}

static void published_sizes_hold(void **state)
{
    (void)state;
    weir_limits limits;
    weir_limits_default(&limits);
    assert_in_range(weir_workspace_size(&limits), 1, 112 * 1024 - 1);
    assert_true(limits.element >= 10000); /* RFC 6120 13.12 */
    print_message("workspace at the defaults: %zu bytes; decoder: %zu bytes\n", weir_workspace_size(&limits),
                  sizeof(weir_decoder));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(depth_is_exact),
        cmocka_unit_test(attributes_are_exact),
        cmocka_unit_test(bindings_are_exact),
        cmocka_unit_test(scope_is_exact),
        cmocka_unit_test(tag_is_exact),
        cmocka_unit_test(element_is_exact),
        cmocka_unit_test(elements_are_exact),
        cmocka_unit_test(counters_begin_anew_with_each_stanza),
        cmocka_unit_test(white_space_between_stanzas_has_no_limit),
        cmocka_unit_test(limits_are_one_to_the_maximum),
        cmocka_unit_test(more_of_a_limit_never_needs_less),
        cmocka_unit_test(smallest_limits_work),
        cmocka_unit_test(published_sizes_hold),
    };
    return cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}
