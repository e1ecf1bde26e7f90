/* test_ends.c - where streams, documents and messages end and begin anew: weir_finish, weir_restart, websocket framing
 *
 * SPDX-License-Identifier: MIT */
#include "support/case.h"
#include "support/cmocka.h"
#include "support/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STREAM_END "</stream:stream>"

/* ---- weir_finish ---- */

static void a_stream_may_be_cut_short_and_go_on(void **state)
{
    (void)state;
    static const char text[] =
        "<?xml version='1.0'?>" STREAM_HEADER "<a b='c'>\xc3\xa9&amp;<![CDATA[]]></a> " STREAM_END;
    session s;
    session_begin(&s, WEIR_FRAMING_STREAM);
    for (size_t i = 0; i < strlen(text); i++) {
        assert_int_equal(weir_finish(&s.decoder), WEIR_NEED_MORE);
        give_bytes(&s, text + i, 1);
    }
    assert_int_equal(weir_last_error(&s.decoder)->code, WEIR_OK);
    assert_int_equal(weir_finish(&s.decoder), WEIR_COMPLETE);
    assert_string_equal(give(&s, " \r\n"), "");
    assert_int_equal(weir_finish(&s.decoder), WEIR_COMPLETE);
    assert_string_equal(give(&s, "\t<"), "!AFTER_CLOSE@180");
    assert_int_equal(weir_finish(&s.decoder), WEIR_E_AFTER_CLOSE);
    session_end(&s);
}

static void a_document_must_end(void **state)
{
    (void)state;
    static const char text[] = "<?xml version='1.0'?> <a b='c'>\xc3\xa9&amp;<![CDATA[]]></a>";
    for (size_t cut = 0; cut <= strlen(text); cut++) {
        session s;
        session_begin(&s, WEIR_FRAMING_DOCUMENT);
        give_bytes(&s, text, cut);
        if (cut == strlen(text)) {
            assert_int_equal(weir_finish(&s.decoder), WEIR_COMPLETE);
            assert_string_equal(give(&s, "\n"), "");
            assert_int_equal(weir_finish(&s.decoder), WEIR_COMPLETE);
        } else {
            assert_int_equal(weir_finish(&s.decoder), WEIR_E_END);
            assert_int_equal(weir_last_error(&s.decoder)->code, WEIR_E_END);
            assert_int_equal(weir_last_error(&s.decoder)->offset, cut);
            assert_int_equal(weir_finish(&s.decoder), WEIR_E_END);
        }
        session_end(&s);
    }
}

static void finish_waits_for_the_event_that_is_due(void **state)
{
    (void)state;
    session s;
    session_begin(&s, WEIR_FRAMING_DOCUMENT);
    weir_slice input = slice_of("<a/>");
    weir_event event;
    expect_event(&s, &input, &event, WEIR_ELEMENT_START);
    assert_int_equal(weir_finish(&s.decoder), WEIR_E_MISUSE);
    assert_int_equal(weir_last_error(&s.decoder)->code, WEIR_OK);
    expect_event(&s, &input, &event, WEIR_ELEMENT_END);
    assert_int_equal(weir_finish(&s.decoder), WEIR_COMPLETE);
    session_end(&s);

    session_begin(&s, WEIR_FRAMING_STREAM);
    input = slice_of("<stream xmlns='http://etherx.jabber.org/streams'/>");
    expect_event(&s, &input, &event, WEIR_STREAM_OPENED);
    assert_int_equal(weir_finish(&s.decoder), WEIR_E_MISUSE);
    assert_int_equal(weir_restart(&s.decoder, NULL), WEIR_E_MISUSE);
    expect_event(&s, &input, &event, WEIR_STREAM_CLOSED);
    assert_int_equal(weir_finish(&s.decoder), WEIR_COMPLETE);
    session_end(&s);
}

/* ---- weir_restart ---- */

static void a_stream_restarts_and_offsets_go_on(void **state)
{
    (void)state;
    session s;
    session_begin(&s, WEIR_FRAMING_STREAM);
    assert_string_equal(give(&s, STREAM_HEADER "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"), "O<>");
    uint64_t at = weir_offset(&s.decoder);
    assert_int_equal(weir_restart(&s.decoder, NULL), WEIR_OK);
    assert_int_equal(weir_offset(&s.decoder), at);
    /* White space that the old stream left (RFC 6120 11.7), and a declaration, and another content namespace. */
    assert_string_equal(give(&s, " \r\n\t"), "");
    weir_slice input = slice_of("<?xml version='1.0'?><x:stream xmlns='jabber:server' "
                                "xmlns:x='http://etherx.jabber.org/streams'>");
    weir_event event;
    assert_int_equal(weir_next(&s.decoder, &input, &event), WEIR_E_STREAM_PREFIX);
    assert_true(weir_last_error(&s.decoder)->offset == at + 4 + 22);
    session_end(&s);
}

static void a_restart_forgets_bindings_and_content(void **state)
{
    (void)state;
    session s;
    session_begin(&s, WEIR_FRAMING_STREAM);
    assert_string_equal(give(&s, STREAM_HEADER "<a/>"), "O<>");
    assert_int_equal(weir_restart(&s.decoder, NULL), WEIR_OK);
    assert_string_equal(give(&s, "<stream xmlns='http://etherx.jabber.org/streams'>"
                                 "<iq xmlns='jabber:server'/>"),
                        "O<>");
    uint64_t at = weir_offset(&s.decoder);
    char expected[64];
    snprintf(expected, sizeof expected, "!UNBOUND_PREFIX@%llu", (unsigned long long)at + 1);
    assert_string_equal(give(&s, "<stream:error/>"), expected);
    session_end(&s);
}

static void many_restarts_leave_nothing_behind(void **state)
{
    (void)state;
    session s;
    session_begin(&s, WEIR_FRAMING_STREAM);
    for (int i = 0; i < 1000; i++) {
        assert_string_equal(give(&s, STREAM_HEADER "<a xmlns='b'><c/></a>"), "O<<>>");
        assert_int_equal(weir_restart(&s.decoder, NULL), WEIR_OK);
    }
    session_end(&s);
}

static void a_restart_changes_limits_within_the_workspace(void **state)
{
    (void)state;
    weir_config config = {.framing = WEIR_FRAMING_STREAM};
    weir_limits_default(&config.limits);
    weir_limits large = config.limits;
    config.limits.element = 40;
    config.limits.depth = 3;
    session s;
    session_begin_with(&s, &config, weir_workspace_size(&large));
    assert_string_equal(give(&s, STREAM_HEADER "<success/>"), "O<>");
    weir_limits larger = large, none = large;
    larger.tag += 100;
    larger.scope += 100;
    none.depth = 0;
    assert_int_equal(weir_restart(&s.decoder, &larger), WEIR_E_MISUSE);
    assert_int_equal(weir_restart(&s.decoder, &none), WEIR_E_MISUSE);
    assert_int_equal(weir_restart(&s.decoder, &large), WEIR_OK);
    assert_string_equal(give(&s, STREAM_HEADER "<a><b><c>more than forty bytes in one stanza</c></b></a>"), "O<<<t>>>");
    assert_int_equal(weir_restart(&s.decoder, &config.limits), WEIR_OK);
    assert_string_equal(give(&s, STREAM_HEADER), "O");
    char expected[64];
    snprintf(expected, sizeof expected, "<<!LIMIT_DEPTH@%llu", (unsigned long long)weir_offset(&s.decoder) + 7);
    assert_string_equal(give(&s, "<a><b><c>"), expected);
    session_end(&s);
}

static void a_restart_waits_for_the_end_of_a_character(void **state)
{
    (void)state;
    session s;
    session_begin(&s, WEIR_FRAMING_STREAM);
    assert_int_equal(weir_restart(&s.decoder, NULL), WEIR_OK); /* nothing has come yet */
    assert_int_equal(weir_restart(&s.decoder, NULL), WEIR_OK);
    assert_string_equal(give(&s, STREAM_HEADER "<a/>\xe2\x82"), "O<>");
    assert_int_equal(weir_restart(&s.decoder, NULL), WEIR_E_MISUSE);
    char expected[64];
    snprintf(expected, sizeof expected, "!TEXT_OUTSIDE@%llu", (unsigned long long)weir_offset(&s.decoder) - 2);
    assert_string_equal(give(&s, "\xac"), expected);
    session_end(&s);
}

/* Refused, and nothing is changed: the text goes on to its end. */
static void a_restart_is_refused_where_it_cannot_be(void **state)
{
    (void)state;
    static const char text[] =
        "<?xml version='1.0'?>" STREAM_HEADER "<a b='c'>\xc3\xa9&amp;<![CDATA[]]></a> <d></d>" STREAM_END;
    static const char *const allowed[] = {STREAM_HEADER, "<a b", " <d>", "<d>", STREAM_END};
    for (size_t cut = 1; cut <= strlen(text); cut++) {
        bool may = false;
        for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++)
            may = may || strncmp(text + cut, allowed[i], strlen(allowed[i])) == 0;
        session s;
        session_begin(&s, WEIR_FRAMING_STREAM);
        give_bytes(&s, text, cut);
        weir_status status = weir_restart(&s.decoder, NULL);
        if (may) {
            assert_int_equal(status, WEIR_OK);
            assert_string_equal(give(&s, STREAM_HEADER STREAM_END), "OC");
        } else {
            assert_int_equal(status, WEIR_E_MISUSE);
            assert_int_equal(weir_last_error(&s.decoder)->code, WEIR_OK);
            give(&s, text + cut);
            assert_int_equal(weir_finish(&s.decoder), WEIR_COMPLETE);
        }
        session_end(&s);
    }
    session s;
    session_begin(&s, WEIR_FRAMING_DOCUMENT);
    assert_int_equal(weir_restart(&s.decoder, NULL), WEIR_E_MISUSE);
    assert_string_equal(give(&s, "<a/>"), "<>");
    assert_int_equal(weir_restart(&s.decoder, NULL), WEIR_E_MISUSE);
    assert_int_equal(weir_finish(&s.decoder), WEIR_COMPLETE);
    session_end(&s);
}

/* Invariant 6, in every framing. */
static void an_error_is_final(void **state)
{
    (void)state;
    for (unsigned framing = 0; framing < 3; framing++) {
        session s;
        session_begin(&s, (weir_framing)framing);
        assert_string_equal(give(&s, "<a =''>"), "!SYNTAX@3");
        for (int i = 0; i < 3; i++) {
            assert_string_equal(give(&s, ""), "!SYNTAX@3");
            assert_string_equal(give(&s, "<a/>"), "!SYNTAX@3");
            assert_int_equal(weir_finish(&s.decoder), WEIR_E_SYNTAX);
            assert_int_equal(weir_restart(&s.decoder, NULL), WEIR_E_SYNTAX);
        }
        session_end(&s);
    }
}

/* ---- Websocket framing ---- */

static const char *message(session *s, const char *text)
{
    static char said[1200];
    const char *events = give(s, text);
    if (strchr(events, '!') != NULL)
        return events;
    weir_status status = weir_finish(&s->decoder);
    if (status < 0)
        snprintf(said, sizeof said, "%s!%s@%llu", events, weir_error_name(status),
                 (unsigned long long)weir_last_error(&s->decoder)->offset);
    else
        snprintf(said, sizeof said, "%s%s", events, status == WEIR_COMPLETE ? "." : "?");
    return said;
}

static void messages_are_elements(void **state)
{
    (void)state;
    session s;
    session_begin(&s, WEIR_FRAMING_WEBSOCKET);
    assert_string_equal(message(&s, WEBSOCKET_HEADER), "O.");
    assert_string_equal(message(&s, "<message xmlns='jabber:client'><body>x</body></message>"), "<<t>>.");
    assert_string_equal(message(&s, "<?xml version='1.0'?><presence xmlns='jabber:client'></presence>\n"), "<>.");
    assert_string_equal(message(&s, "<closed xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>"), "<>.");
    assert_string_equal(message(&s, "<other xmlns='urn:ietf:params:xml:ns:xmpp-framing'>x</other>"), "<t>.");
    assert_string_equal(message(&s, WEBSOCKET_CLOSE), "C.");
    session_end(&s);
}

static void messages_of_another_shape_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *expected;
    } messages[] = {
        {"", "!END@0"},          {"<a>", "<!END@3"},        {"<a/><b/>", "<>!MESSAGE@5"},     {" <a/>", "!MESSAGE@0"},
        {"x<a/>", "!MESSAGE@0"}, {"<a/>x", "<>!MESSAGE@4"}, {WEBSOCKET_HEADER, "!MESSAGE@1"},
    };
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
        session s;
        session_begin(&s, WEIR_FRAMING_WEBSOCKET);
        assert_string_equal(message(&s, WEBSOCKET_HEADER), "O.");
        char expected[64];
        int sign = (int)strcspn(messages[i].expected, "@");
        unsigned long offset = strtoul(messages[i].expected + sign + 1, NULL, 10);
        snprintf(expected, sizeof expected, "%.*s@%lu", sign, messages[i].expected,
                 offset + (unsigned long)strlen(WEBSOCKET_HEADER));
        assert_string_equal(message(&s, messages[i].text), expected);
        session_end(&s);
    }
}

static void a_websocket_stream_restarts_between_messages(void **state)
{
    (void)state;
    session s;
    session_begin(&s, WEIR_FRAMING_WEBSOCKET);
    assert_string_equal(give(&s, WEBSOCKET_HEADER), "O");
    assert_int_equal(weir_restart(&s.decoder, NULL), WEIR_E_MISUSE); /* the message has not ended */
    assert_int_equal(weir_finish(&s.decoder), WEIR_COMPLETE);
    assert_int_equal(weir_restart(&s.decoder, NULL), WEIR_OK);
    assert_string_equal(message(&s, WEBSOCKET_HEADER), "O.");
    assert_string_equal(message(&s, "<a/>"), "<>.");
    assert_string_equal(message(&s, WEBSOCKET_CLOSE), "C.");
    assert_int_equal(weir_restart(&s.decoder, NULL), WEIR_E_MISUSE);
    assert_string_equal(give(&s, "<a/>"), "!AFTER_CLOSE@200");
    session_end(&s);
}

static void close_of_websocket_names_another_server(void **state)
{
    (void)state;
    session s;
    session_begin(&s, WEIR_FRAMING_WEBSOCKET);
    assert_string_equal(message(&s, WEBSOCKET_HEADER), "O.");
    weir_slice input = slice_of("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing' see-other-uri='wss://b.example'/>");
    weir_event event;
    expect_event(&s, &input, &event, WEIR_STREAM_CLOSED);
    assert_int_equal(event.depth, 1);
    assert_int_equal(event.attribute_count, 1);
    assert_true(slice_is(event.attributes[0].name.local, "see-other-uri"));
    assert_true(slice_is(event.attributes[0].value, "wss://b.example"));
    session_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_may_be_cut_short_and_go_on),
        cmocka_unit_test(a_document_must_end),
        cmocka_unit_test(finish_waits_for_the_event_that_is_due),
        cmocka_unit_test(a_stream_restarts_and_offsets_go_on),
        cmocka_unit_test(a_restart_forgets_bindings_and_content),
        cmocka_unit_test(many_restarts_leave_nothing_behind),
        cmocka_unit_test(a_restart_changes_limits_within_the_workspace),
        cmocka_unit_test(a_restart_is_refused_where_it_cannot_be),
        cmocka_unit_test(a_restart_waits_for_the_end_of_a_character),
        cmocka_unit_test(an_error_is_final),
        cmocka_unit_test(messages_are_elements),
        cmocka_unit_test(messages_of_another_shape_are_refused),
        cmocka_unit_test(a_websocket_stream_restarts_between_messages),
        cmocka_unit_test(close_of_websocket_names_another_server),
    };
    return cmocka_run_group_tests_name("ends", tests, NULL, NULL);
}
