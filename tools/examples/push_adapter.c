/* push_adapter.c - callbacks in the way of expat, on top of weir_next
 *
 *     cc -std=c11 -O2 push_adapter.c weir.c
 *
 * The program prints what its handlers get for the stream on standard input. Exit status: 0 complete, 1 refused, 2
 * trouble, 3 cut short.
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "weir.h"

/* Names and values are slices: not terminated by NUL, and gone when the handler returns. */
typedef struct push_handlers {
    void (*start)(void *user, const weir_name *name, const weir_attribute *attributes, uint32_t count);
    void (*end)(void *user, const weir_name *name);
    void (*characters)(void *user, const char *text, size_t size);
} push_handlers;

typedef struct push_parser {
    weir_decoder decoder; /* a handler may call weir_restart on it, which expat's handlers may not */
    push_handlers handlers;
    void *user;
} push_parser;

/* As XML_Parse. WEIR_NEED_MORE: go on; WEIR_COMPLETE: `final`, and nothing is missing; negative: an error, which
 * weir_last_error(&parser->decoder) places, but WEIR_E_END where a stream was cut short. */
static weir_status push_parse(push_parser *parser, const void *bytes, size_t size, bool final)
{
    const push_handlers *handlers = &parser->handlers;
    weir_slice input = {(const uint8_t *)bytes, size};
    weir_event event;
    weir_status status;
    while ((status = weir_next(&parser->decoder, &input, &event)) > 0) {
        switch (status) {
        case WEIR_STREAM_OPENED:
        case WEIR_ELEMENT_START:
            handlers->start(parser->user, &event.name, event.attributes, event.attribute_count);
            break;
        case WEIR_ELEMENT_END:
        case WEIR_STREAM_CLOSED: handlers->end(parser->user, &event.name); break;
        default: /* text, white space between stanzas */
            handlers->characters(parser->user, (const char *)event.text.data, event.text.size);
        }
    }
    if (status != WEIR_NEED_MORE || !final)
        return status;
    status = weir_finish(&parser->decoder);
    return status == WEIR_NEED_MORE ? WEIR_E_END : status;
}

/* ---- A program that uses it -------------------------------------------------------------------------------------- */

static void on_start(void *user, const weir_name *name, const weir_attribute *attributes, uint32_t count)
{
    (void)user;
    printf("start %.*s\n", (int)name->local.size, (const char *)name->local.data);
    for (uint32_t i = 0; i < count; i++) {
        printf("attribute %.*s=", (int)attributes[i].name.local.size, (const char *)attributes[i].name.local.data);
        (void)fwrite(attributes[i].value.data, 1, attributes[i].value.size, stdout);
        (void)putchar('\n');
    }
}

#define IS(slice, text) ((slice).size == sizeof(text) - 1 && memcmp((slice).data, (text), sizeof(text) - 1) == 0)

static void on_end(void *user, const weir_name *name)
{
    printf("end %.*s\n", (int)name->local.size, (const char *)name->local.data);
    if ((IS(name->namespace_name, "urn:ietf:params:xml:ns:xmpp-tls") && IS(name->local, "proceed")) ||
        (IS(name->namespace_name, "urn:ietf:params:xml:ns:xmpp-sasl") && IS(name->local, "success")))
        (void)weir_restart(&((push_parser *)user)->decoder, NULL); /* as XML_ParserReset; refused inside a stanza */
}

static void on_characters(void *user, const char *text, size_t size)
{
    (void)user;
    (void)fwrite(text, 1, size, stdout);
}

int main(void)
{
    weir_config config = {.framing = WEIR_FRAMING_STREAM};
    weir_limits_default(&config.limits);
    size_t room = weir_workspace_size(&config.limits);
    void *workspace = malloc(room);
    push_parser parser = {.handlers = {on_start, on_end, on_characters}, .user = &parser};
    if (workspace == NULL || weir_init(&parser.decoder, &config, workspace, room) != WEIR_OK)
        return 2;
    char bytes[1000];
    weir_status status = WEIR_NEED_MORE;
    while (status == WEIR_NEED_MORE) {
        size_t size = fread(bytes, 1, sizeof bytes, stdin);
        status = push_parse(&parser, bytes, size, size == 0);
    }
    free(workspace);
    return status == WEIR_COMPLETE ? 0 : weir_last_error(&parser.decoder)->code != WEIR_OK ? 1 : 3;
}
