/* test_api.c - the calls of weir.h, used rightly and wrongly
 *
 * SPDX-License-Identifier: MIT */
#include "support/case.h"
#include "support/cmocka.h"
#include "support/session.h"

#include <stdlib.h>
#include <string.h>

/* ---- weir_init ---- */

static void expect_refused(weir_decoder *d, const weir_config *config, void *workspace, size_t size)
{
    weir_slice input = slice_of("<a/>");
    weir_event event;
    weir_decoder *fresh = malloc(sizeof *fresh); /* what init did not set, MSan watches */
    assert_non_null(fresh);
    assert_int_equal(weir_init(fresh, config, workspace, size), WEIR_E_MISUSE);
    assert_int_equal(weir_next(fresh, &input, &event), WEIR_E_MISUSE);
    free(fresh);
    memset(d, 0xa5, sizeof *d);
    assert_int_equal(weir_init(d, config, workspace, size), WEIR_E_MISUSE);
    assert_int_equal(weir_next(d, &input, &event), WEIR_E_MISUSE);
    assert_int_equal(input.size, 4);
    assert_int_equal(weir_finish(d), WEIR_E_MISUSE);
    assert_int_equal(weir_restart(d, NULL), WEIR_E_MISUSE);
    assert_int_equal(weir_parked_size(d), 0);
    assert_int_equal(weir_park(d, workspace, 0), WEIR_E_MISUSE);
}

static void init_refuses_what_it_cannot_use(void **state)
{
    (void)state;
    weir_config good = {.framing = WEIR_FRAMING_STREAM}, bad;
    weir_limits_default(&good.limits);
    size_t size = weir_workspace_size(&good.limits);
    uint8_t *workspace = must_allocate(size + 1);
    weir_decoder d;
    assert_int_equal(weir_init(NULL, &good, workspace, size), WEIR_E_MISUSE);
    expect_refused(&d, NULL, workspace, size);
    expect_refused(&d, &good, NULL, size);
    expect_refused(&d, &good, workspace, size - 1);
    expect_refused(&d, &good, workspace, 0);
    expect_refused(&d, &good, workspace + 1, size);
    bad = good;
    bad.framing = (weir_framing)3;
    expect_refused(&d, &bad, workspace, size);
    bad = good;
    bad.content = WEIR_CONTENT_ANY + 1;
    expect_refused(&d, &bad, workspace, size);
    bad = good;
    bad.kernel = WEIR_KERNEL_COUNT;
    expect_refused(&d, &bad, workspace, size);
    bad = good;
    bad.limits.tag = 0;
    expect_refused(&d, &bad, workspace, size);
    bad = good;
    bad.limits.depth++;
    bad.limits.tag++;
    expect_refused(&d, &bad, workspace, size);
    assert_int_equal(weir_init(&d, &good, workspace, size), WEIR_OK);
    weir_limits_default(NULL);
    free(workspace);
}

static void init_begins_anew_after_an_error(void **state)
{
    (void)state;
    session s;
    session_begin(&s, WEIR_FRAMING_STREAM);
    assert_string_equal(give(&s, "<a/>"), "!STREAM_NAMESPACE@1");
    assert_int_equal(weir_last_error(&s.decoder)->code, WEIR_E_STREAM_NAMESPACE);
    assert_int_equal(weir_init(&s.decoder, &s.config, s.workspace, s.workspace_size), WEIR_OK);
    assert_int_equal(weir_last_error(&s.decoder)->code, WEIR_OK);
    assert_int_equal(weir_offset(&s.decoder), 0);
    assert_string_equal(give(&s, STREAM_HEADER "<a/></stream:stream>"), "O<>C");
    session_end(&s);
}

static void kernels_are_named(void **state)
{
    (void)state;
    assert_string_equal(weir_kernel_name(WEIR_KERNEL_AUTO), "auto");
    assert_string_equal(weir_kernel_name(WEIR_KERNEL_PORTABLE), "portable");
    assert_string_equal(weir_kernel_name(WEIR_KERNEL_SSE2), "sse2");
    assert_string_equal(weir_kernel_name(WEIR_KERNEL_AVX2), "avx2");
    assert_string_equal(weir_kernel_name(WEIR_KERNEL_NEON), "neon");
    assert_string_equal(weir_kernel_name(WEIR_KERNEL_COUNT), "");
    assert_true(weir_kernel_available(WEIR_KERNEL_AUTO));
    assert_true(weir_kernel_available(WEIR_KERNEL_PORTABLE));
    assert_false(weir_kernel_available(WEIR_KERNEL_COUNT));
    assert_string_equal(weir_version(), WEIR_VERSION);
    for (weir_kernel kernel = WEIR_KERNEL_AUTO; kernel < WEIR_KERNEL_COUNT; kernel++) {
        weir_config config = {.framing = WEIR_FRAMING_DOCUMENT, .kernel = kernel};
        weir_limits_default(&config.limits);
        size_t size = weir_workspace_size(&config.limits);
        void *workspace = must_allocate(size);
        weir_decoder d;
        assert_int_equal(weir_init(&d, &config, workspace, size),
                         weir_kernel_available(kernel) ? WEIR_OK : WEIR_E_MISUSE);
        free(workspace);
    }
}

/* ---- weir_next ---- */

static void due_end_needs_no_input(void **state)
{
    (void)state;
    session s;
    session_begin(&s, WEIR_FRAMING_DOCUMENT);
    weir_slice input = slice_of("<a><b/>"), empty = {NULL, 0};
    weir_event event;
    assert_int_equal(weir_next(&s.decoder, &input, &event), WEIR_ELEMENT_START);
    assert_int_equal(weir_next(&s.decoder, &input, &event), WEIR_ELEMENT_START);
    assert_int_equal(weir_next(&s.decoder, &empty, &event), WEIR_ELEMENT_END);
    assert_null(empty.data);
    assert_int_equal(weir_next(&s.decoder, &empty, &event), WEIR_NEED_MORE);
    session_end(&s);
}

static void null_pointers_change_nothing(void **state)
{
    (void)state;
    session s;
    session_begin(&s, WEIR_FRAMING_DOCUMENT);
    weir_slice input = slice_of("<a>x</a>"), none = {NULL, 1}, empty = {NULL, 0};
    weir_event event;
    assert_int_equal(weir_next(NULL, &input, &event), WEIR_E_MISUSE);
    assert_int_equal(weir_next(&s.decoder, NULL, &event), WEIR_E_MISUSE);
    assert_int_equal(weir_next(&s.decoder, &input, NULL), WEIR_E_MISUSE);
    assert_int_equal(weir_next(&s.decoder, &none, &event), WEIR_E_MISUSE);
    assert_int_equal(weir_next(&s.decoder, &empty, &event), WEIR_NEED_MORE);
    assert_int_equal(input.size, 8);
    assert_int_equal(weir_offset(&s.decoder), 0);
    assert_int_equal(weir_last_error(&s.decoder)->code, WEIR_OK);
    assert_int_equal(weir_finish(NULL), WEIR_E_MISUSE);
    assert_int_equal(weir_restart(NULL, NULL), WEIR_E_MISUSE);
    assert_int_equal(weir_parked_size(NULL), 0);
    assert_non_null(weir_last_error(NULL));
    assert_int_equal(weir_offset(NULL), 0);
    weir_wipe(NULL);
    assert_string_equal(give(&s, "<a>x</a>"), "<t>");
    assert_int_equal(weir_finish(&s.decoder), WEIR_COMPLETE);
    session_end(&s);
}

/* Invariant 7: what follows the tag is still the caller's, as TLS needs after <proceed/>. */
static void nothing_beyond_the_event_is_taken(void **state)
{
    (void)state;
    static const char text[] = STREAM_HEADER "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>\x16\x03\x01";
    session s;
    session_begin(&s, WEIR_FRAMING_STREAM);
    weir_slice input = slice_of(text);
    weir_event event;
    expect_event(&s, &input, &event, WEIR_STREAM_OPENED);
    assert_int_equal(weir_offset(&s.decoder), strlen(STREAM_HEADER));
    expect_event(&s, &input, &event, WEIR_ELEMENT_START);
    expect_event(&s, &input, &event, WEIR_ELEMENT_END);
    assert_int_equal(input.size, 3);
    assert_memory_equal(input.data, "\x16\x03\x01", 3);
    assert_int_equal(event.end, weir_offset(&s.decoder));
    assert_int_equal(weir_restart(&s.decoder, NULL), WEIR_OK);
    session_end(&s);
}

static void header_is_parsed_out(void **state)
{
    (void)state;
    static const char text[] = "<?xml version='1.0'?>\n<stream:stream to='im.example' from='a@im.example' id='x&amp;y' "
                               "version='001.12' xml:lang='de' xmlns='jabber:client' other='o' "
                               "xmlns:stream='http://etherx.jabber.org/streams'>";
    session s;
    session_begin(&s, WEIR_FRAMING_STREAM);
    weir_slice input = slice_of(text);
    weir_event event;
    expect_event(&s, &input, &event, WEIR_STREAM_OPENED);
    assert_int_equal(event.depth, 1);
    assert_int_equal(event.begin, 22);
    assert_int_equal(event.end, strlen(text));
    assert_int_equal(event.header.present,
                     WEIR_HAS_TO | WEIR_HAS_FROM | WEIR_HAS_ID | WEIR_HAS_VERSION | WEIR_HAS_LANG | WEIR_HAS_CONTENT);
    assert_int_equal(event.header.version_major, 1);
    assert_int_equal(event.header.version_minor, 12);
    assert_true(slice_is(event.header.to, "im.example"));
    assert_true(slice_is(event.header.from, "a@im.example"));
    assert_true(slice_is(event.header.id, "x&y"));
    assert_true(slice_is(event.header.lang, "de"));
    assert_true(slice_is(event.header.content, "jabber:client"));
    assert_true(slice_is(event.name.namespace_name, "http://etherx.jabber.org/streams"));
    assert_true(slice_is(event.name.prefix, "stream"));
    assert_true(slice_is(event.name.local, "stream"));
    assert_int_equal(event.attribute_count, 6);
    assert_true(slice_is(event.attributes[4].name.prefix, "xml"));
    assert_true(slice_is(event.attributes[4].name.namespace_name, "http://www.w3.org/XML/1998/namespace"));
    assert_true(slice_is(event.attributes[5].name.local, "other"));
    assert_true(slice_is(event.attributes[5].name.namespace_name, ""));
    assert_int_equal(event.declaration_count, 2);
    assert_true(slice_is(event.declarations[0].prefix, ""));
    assert_true(slice_is(event.declarations[1].prefix, "stream"));
    session_end(&s);
}

static void absent_header_fields_are_empty(void **state)
{
    (void)state;
    session s;
    session_begin(&s, WEIR_FRAMING_STREAM);
    weir_slice input = slice_of("<stream xmlns='http://etherx.jabber.org/streams'>");
    weir_event event;
    expect_event(&s, &input, &event, WEIR_STREAM_OPENED);
    assert_int_equal(event.header.present, 0);
    assert_int_equal(event.header.version_major, 0);
    assert_int_equal(event.header.version_minor, 9);
    assert_int_equal(event.header.to.size + event.header.from.size + event.header.id.size + event.header.lang.size +
                         event.header.content.size,
                     0);
    assert_int_equal(event.name.prefix.size, 0);
    assert_int_equal(event.attribute_count, 0);
    session_end(&s);
}

static void text_comes_in_whole_code_points(void **state)
{
    (void)state;
    static const char text[] = "<a>x\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80y</a>";
    session s;
    session_begin(&s, WEIR_FRAMING_DOCUMENT);
    size_t characters = 0;
    for (size_t i = 0; i < strlen(text); i++) {
        weir_slice input = {(const uint8_t *)text + i, 1};
        weir_event event;
        while (weir_next(&s.decoder, &input, &event) > 0) {
            if (event.type != WEIR_TEXT)
                continue;
            assert_true((event.text.data[0] & 0xc0) != 0x80);
            assert_int_equal(event.text.size, event.end - event.begin);
            characters++;
        }
    }
    assert_int_equal(characters, 5);
    session_end(&s);
}

/* The raw bytes of a first-level element that is self-contained mean the same alone. */
static void raw_bytes_can_be_sliced(void **state)
{
    (void)state;
    static const char text[] = STREAM_HEADER
        "<message xmlns='jabber:client'><body>x</body></message> <message><body/></message><x:y xmlns:x='z'/><a><x:y "
        "xmlns:x='z'/></a><a xmlns='b' xml:lang='c'/>";
    static const char *const raw[] = {"<message xmlns='jabber:client'><body>x</body></message>",
                                      "<message><body/></message>", "<x:y xmlns:x='z'/>", "<a><x:y xmlns:x='z'/></a>",
                                      "<a xmlns='b' xml:lang='c'/>"};
    static const bool self_contained[] = {true, false, true, false, true};
    session s;
    session_begin(&s, WEIR_FRAMING_STREAM);
    weir_slice input = slice_of(text);
    weir_event event;
    size_t count = 0;
    while (weir_next(&s.decoder, &input, &event) > 0) {
        if (event.type != WEIR_ELEMENT_END || event.depth != 2)
            continue;
        assert_int_equal(event.end - event.start, strlen(raw[count]));
        assert_memory_equal(text + event.start, raw[count], strlen(raw[count]));
        assert_int_equal(event.self_contained, self_contained[count]);
        count++;
    }
    assert_int_equal(count, 5);
    session_end(&s);
}

static void content_namespaces_can_be_narrowed(void **state)
{
    (void)state;
    static const char server[] =
        "<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams'>";
    weir_config config = {.framing = WEIR_FRAMING_STREAM, .content = WEIR_CONTENT_CLIENT};
    weir_limits_default(&config.limits);
    session s;
    session_begin_with(&s, &config, 0);
    assert_string_equal(give(&s, server), "!CONTENT_NAMESPACE@15");
    session_end(&s);
    session_begin_with(&s, &config, 0);
    assert_string_equal(give(&s, STREAM_HEADER), "O");
    session_end(&s);
    config.content = WEIR_CONTENT_CLIENT | WEIR_CONTENT_SERVER;
    session_begin_with(&s, &config, 0);
    assert_string_equal(give(&s, server), "O");
    session_end(&s);
}

static void the_struct_may_be_moved(void **state)
{
    (void)state;
    static const char text[] = STREAM_HEADER "<a b='c&amp;d'>x<e/>\r\n<![CDATA[f]]></a></stream:stream>";
    session s;
    session_begin(&s, WEIR_FRAMING_STREAM);
    weir_decoder *d = must_allocate(sizeof *d);
    memcpy(d, &s.decoder, sizeof *d);
    size_t events = 0;
    for (size_t i = 0; i < strlen(text); i++) {
        weir_slice input = {(const uint8_t *)text + i, 1};
        weir_event event;
        weir_status status;
        do {
            weir_decoder *moved = must_allocate(sizeof *moved);
            memcpy(moved, d, sizeof *d);
            free(d);
            d = moved;
            status = weir_next(d, &input, &event);
            assert_true(status >= 0);
            events += status > 0;
        } while (status > 0);
    }
    assert_true(events >= 8);
    assert_int_equal(weir_finish(d), WEIR_COMPLETE);
    free(d);
    session_end(&s);
}

/* ---- Counters of 64 bits ---- */

static void offsets_pass_four_gigabytes(void **state)
{
    (void)state;
    for (uint64_t before = 1; before < 70; before++) {
        session s;
        session_begin(&s, WEIR_FRAMING_STREAM);
        uint64_t begin = ((uint64_t)1 << 32) - before;
        s.decoder.offset = s.decoder.stream_begin = begin;
        weir_slice input = slice_of(STREAM_HEADER "<abc d='e'>text</abc>\xff");
        weir_event event;
        expect_event(&s, &input, &event, WEIR_STREAM_OPENED);
        uint64_t at = begin + strlen(STREAM_HEADER);
        assert_true(event.begin == begin && event.end == at);
        expect_event(&s, &input, &event, WEIR_ELEMENT_START);
        assert_true(event.begin == at && event.end == at + 11);
        expect_event(&s, &input, &event, WEIR_TEXT);
        assert_true(event.begin == at + 11 && event.end == at + 15);
        expect_event(&s, &input, &event, WEIR_ELEMENT_END);
        assert_true(event.begin == at + 15 && event.end == at + 21 && event.start == at);
        assert_int_equal(weir_next(&s.decoder, &input, &event), WEIR_E_UTF8);
        assert_true(weir_last_error(&s.decoder)->offset == at + 21);
        session_end(&s);
    }
}

static void limits_hold_past_four_gigabytes(void **state)
{
    (void)state;
    for (uint64_t before = 0; before < 40; before++) {
        weir_config config = {.framing = WEIR_FRAMING_DOCUMENT};
        weir_limits_default(&config.limits);
        config.limits.element = 20;
        session s;
        session_begin_with(&s, &config, 0);
        uint64_t begin = ((uint64_t)1 << 32) - before;
        s.decoder.offset = s.decoder.stream_begin = begin;
        weir_slice input = slice_of("<a>some more text than fits</a>");
        weir_event event;
        expect_event(&s, &input, &event, WEIR_ELEMENT_START);
        expect_event(&s, &input, &event, WEIR_TEXT);
        assert_true(event.end == begin + 20);
        assert_int_equal(weir_next(&s.decoder, &input, &event), WEIR_E_LIMIT_ELEMENT);
        assert_true(weir_last_error(&s.decoder)->offset == begin + 20);
        session_end(&s);
    }
}

/* ---- weir_wipe ---- */

static bool contains(const void *memory, size_t size, const char *text)
{
    return memmem(memory, size, text, strlen(text)) != NULL;
}

static void wipe_leaves_nothing(void **state)
{
    (void)state;
    session s;
    session_begin(&s, WEIR_FRAMING_STREAM);
    memset(s.workspace, 0xa5, s.workspace_size);
    assert_int_equal(weir_init(&s.decoder, &s.config, s.workspace, s.workspace_size), WEIR_OK);
    assert_string_equal(give(&s, STREAM_HEADER "<auth password='hunter2 is"), "O");
    assert_true(contains(s.workspace, s.workspace_size, "hunter2"));
    weir_wipe(&s.decoder);
    const uint8_t *bytes = s.workspace;
    for (size_t i = 0; i < s.workspace_size; i++)
        assert_int_equal(bytes[i], 0);
    assert_false(contains(&s.decoder, sizeof s.decoder, "unter"));
    weir_slice input = slice_of(" it'/>");
    weir_event event;
    assert_int_equal(weir_next(&s.decoder, &input, &event), WEIR_E_MISUSE);
    assert_int_equal(weir_finish(&s.decoder), WEIR_E_MISUSE);
    assert_int_equal(weir_restart(&s.decoder, NULL), WEIR_E_MISUSE);
    assert_int_equal(weir_parked_size(&s.decoder), 0);
    weir_wipe(&s.decoder);
    session_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(init_refuses_what_it_cannot_use),
        cmocka_unit_test(init_begins_anew_after_an_error),
        cmocka_unit_test(kernels_are_named),
        cmocka_unit_test(due_end_needs_no_input),
        cmocka_unit_test(null_pointers_change_nothing),
        cmocka_unit_test(nothing_beyond_the_event_is_taken),
        cmocka_unit_test(header_is_parsed_out),
        cmocka_unit_test(absent_header_fields_are_empty),
        cmocka_unit_test(text_comes_in_whole_code_points),
        cmocka_unit_test(raw_bytes_can_be_sliced),
        cmocka_unit_test(content_namespaces_can_be_narrowed),
        cmocka_unit_test(the_struct_may_be_moved),
        cmocka_unit_test(offsets_pass_four_gigabytes),
        cmocka_unit_test(limits_hold_past_four_gigabytes),
        cmocka_unit_test(wipe_leaves_nothing),
    };
    return cmocka_run_group_tests_name("api", tests, NULL, NULL);
}
