/* session.c - see session.h
 *
 * SPDX-License-Identifier: MIT */
#include "session.h"

#include "case.h"
#include "cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void session_begin(session *s, weir_framing framing)
{
    weir_config config = {.framing = framing};
    weir_limits_default(&config.limits);
    session_begin_with(s, &config, 0);
}

void session_begin_with(session *s, const weir_config *config, size_t workspace_size)
{
    s->config = *config;
    s->workspace_size = workspace_size != 0 ? workspace_size : weir_workspace_size(&config->limits);
    s->workspace = must_allocate(s->workspace_size);
    assert_int_equal(weir_init(&s->decoder, config, s->workspace, s->workspace_size), WEIR_OK);
}

void session_end(session *s)
{
    free(s->workspace);
    s->workspace = NULL;
}

const char *give_bytes(session *s, const void *bytes, size_t size)
{
    static const char signs[] = {0, 'O', '<', '>', 't', '_', 'C'};
    static char said[1024];
    size_t count = 0;
    weir_slice input = {bytes, size};
    weir_event event;
    weir_status status;
    while ((status = weir_next(&s->decoder, &input, &event)) > 0) {
        char sign = signs[status];
        if ((sign == 't' || sign == '_') && count > 0 && said[count - 1] == sign)
            continue;
        said[count++] = sign;
        assert_true(count < sizeof said - 100);
    }
    said[count] = '\0';
    if (status < 0)
        snprintf(said + count, sizeof said - count, "!%s@%llu", weir_error_name(status),
                 (unsigned long long)weir_last_error(&s->decoder)->offset);
    return said;
}

const char *give(session *s, const char *text)
{
    return give_bytes(s, text, strlen(text));
}

void expect_event(session *s, weir_slice *input, weir_event *event, weir_status type)
{
    memset(event, 0xa5, sizeof *event);
    assert_int_equal(weir_next(&s->decoder, input, event), type);
    assert_int_equal(event->type, type);
}

bool slice_is(weir_slice slice, const char *text)
{
    return slice.size == strlen(text) && (slice.size == 0 || memcmp(slice.data, text, slice.size) == 0);
}

weir_slice slice_of(const char *text)
{
    return (weir_slice){(const uint8_t *)text, strlen(text)};
}
