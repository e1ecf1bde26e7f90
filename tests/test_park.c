/* test_park.c - parking: many decoders, one workspace. That every byte of the corpus is a place to park is tested there.
 *
 * SPDX-License-Identifier: MIT */
#include "support/case.h"
#include "support/cmocka.h"
#include "support/session.h"

#include <stdlib.h>
#include <string.h>

#define IDLE                                                                                                           \
    "<?xml version='1.0'?><stream:stream from='im.example' to='juliet@im.example' id='t7AMCin9zjMNwQKDnplntZPIDEI=' "  \
    "version='1.0' xml:lang='en' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "               \
    "xmlns:db='jabber:server:dialback'><message><body>hello</body></message>\n"

static void an_idle_stream_takes_less_than_a_kilobyte(void **state)
{
    (void)state;
    session s;
    session_begin(&s, WEIR_FRAMING_STREAM);
    assert_string_equal(give(&s, IDLE), "O<<t>>_");
    assert_in_range(weir_parked_size(&s.decoder), 1, 1023);
    print_message("an idle stream, parked: %zu bytes\n", weir_parked_size(&s.decoder));
    session_end(&s);
}

/* One parked form is enough for two decoders, in one workspace in turn. */
static void two_decoders_share_a_workspace(void **state)
{
    (void)state;
    session s;
    session_begin(&s, WEIR_FRAMING_STREAM);
    weir_decoder other;
    give(&s, IDLE "<a b='unfinished");
    size_t size = weir_parked_size(&s.decoder);
    void *parked = must_allocate(size);
    assert_int_equal(weir_park(&s.decoder, parked, size), WEIR_OK);
    assert_string_equal(give(&s, "1'><c>"), "<<");
    uint64_t offset = weir_offset(&s.decoder);
    size_t second_size = weir_parked_size(&s.decoder);
    void *second = must_allocate(second_size);
    assert_int_equal(weir_park(&s.decoder, second, second_size), WEIR_OK);

    memset(s.workspace, 0xa5, s.workspace_size);
    assert_int_equal(weir_unpark(&other, parked, size, s.workspace, s.workspace_size), WEIR_OK);
    weir_slice input = slice_of(" 2'/>");
    weir_event event;
    assert_int_equal(weir_next(&other, &input, &event), WEIR_ELEMENT_START);
    assert_true(slice_is(event.attributes[0].value, "unfinished 2"));
    assert_int_equal(weir_next(&other, &input, &event), WEIR_ELEMENT_END);

    memset(s.workspace, 0x5a, s.workspace_size);
    assert_int_equal(weir_unpark(&s.decoder, second, second_size, s.workspace, s.workspace_size), WEIR_OK);
    assert_int_equal(weir_offset(&s.decoder), offset);
    assert_string_equal(give(&s, "</c></a></stream:stream>"), ">>C");
    assert_int_equal(weir_finish(&s.decoder), WEIR_COMPLETE);
    free(parked);
    free(second);
    session_end(&s);
}

static void an_error_stays_parked(void **state)
{
    (void)state;
    session s;
    session_begin(&s, WEIR_FRAMING_STREAM);
    give(&s, IDLE);
    uint64_t at = weir_offset(&s.decoder);
    weir_slice input = slice_of("x");
    weir_event event;
    assert_int_equal(weir_next(&s.decoder, &input, &event), WEIR_E_TEXT_OUTSIDE);
    size_t size = weir_parked_size(&s.decoder);
    void *parked = must_allocate(size);
    assert_int_equal(weir_park(&s.decoder, parked, size), WEIR_OK);
    memset(&s.decoder, 0, sizeof s.decoder);
    assert_int_equal(weir_unpark(&s.decoder, parked, size, s.workspace, s.workspace_size), WEIR_OK);
    assert_int_equal(weir_next(&s.decoder, &input, &event), WEIR_E_TEXT_OUTSIDE);
    assert_true(weir_last_error(&s.decoder)->offset == at);
    free(parked);
    session_end(&s);
}

static void parking_refuses_what_does_not_fit(void **state)
{
    (void)state;
    session s;
    session_begin(&s, WEIR_FRAMING_STREAM);
    give(&s, IDLE "<a b='");
    size_t size = weir_parked_size(&s.decoder);
    uint8_t *parked = must_allocate(size + 1);
    assert_int_equal(weir_park(NULL, parked, size), WEIR_E_MISUSE);
    assert_int_equal(weir_park(&s.decoder, NULL, size), WEIR_E_MISUSE);
    assert_int_equal(weir_park(&s.decoder, parked, size - 1), WEIR_E_MISUSE);
    assert_int_equal(weir_park(&s.decoder, parked, size + 1), WEIR_E_MISUSE);
    assert_int_equal(weir_last_error(&s.decoder)->code, WEIR_OK);
    assert_int_equal(weir_park(&s.decoder, parked, size), WEIR_OK);

    uint8_t *workspace = must_allocate(s.workspace_size + 1);
    weir_decoder d;
    struct {
        const void *parked;
        size_t size;
        void *workspace;
        size_t workspace_size;
    } bad[] = {
        {NULL, size, workspace, s.workspace_size},
        {parked, size, NULL, s.workspace_size},
        {parked, size - 1, workspace, s.workspace_size},
        {parked, size + 1, workspace, s.workspace_size},
        {parked, 0, workspace, s.workspace_size},
        {parked, size, workspace, s.workspace_size - 1},
        {parked, size, workspace, 0},
        {parked, size, workspace + 1, s.workspace_size},
    };
    assert_int_equal(weir_unpark(NULL, parked, size, workspace, s.workspace_size), WEIR_E_MISUSE);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        memset(&d, 0xa5, sizeof d);
        assert_int_equal(weir_unpark(&d, bad[i].parked, bad[i].size, bad[i].workspace, bad[i].workspace_size),
                         WEIR_E_MISUSE);
        weir_slice input = slice_of("<a/>");
        weir_event event;
        assert_int_equal(weir_next(&d, &input, &event), WEIR_E_MISUSE);
        assert_int_equal(weir_finish(&d), WEIR_E_MISUSE);
        assert_int_equal(weir_parked_size(&d), 0);
    }
    /* Aligned for bytes is enough for the parked form. */
    memmove(parked + 1, parked, size);
    assert_int_equal(weir_unpark(&d, parked + 1, size, workspace, s.workspace_size), WEIR_OK);
    free(parked);
    free(workspace);
    session_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_idle_stream_takes_less_than_a_kilobyte),
        cmocka_unit_test(two_decoders_share_a_workspace),
        cmocka_unit_test(an_error_stays_parked),
        cmocka_unit_test(parking_refuses_what_does_not_fit),
    };
    return cmocka_run_group_tests_name("park", tests, NULL, NULL);
}
