/* slice.c - a router that forwards the bytes of stanzas as they came, without writing XML anew
 *
 *     cc -std=c11 -O2 slice.c weir.c
 *
 * Reads a stream from standard input; writes the bytes of each self-contained first-level element to standard output, and
 * the place of every other one, whose meaning hangs on its stream's header, to standard error: such a one must be written
 * anew with its namespaces. Exit status: 0 complete, 1 refused, 2 trouble, 3 cut short.
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "weir.h"

#define CHUNK 1000u

typedef struct router {
    weir_decoder decoder;
    uint8_t *bytes;    /* those that may still be of a stanza that goes on */
    uint64_t begin;    /* offset of bytes[0] in the stream */
    uint64_t unneeded; /* bytes before this offset are of no stanza that goes on */
    bool open, stanza; /* the header was seen; inside a first-level element */
} router;

static bool is(weir_slice slice, const char *text)
{
    return slice.size == strlen(text) && memcmp(slice.data, text, slice.size) == 0;
}

static void on_stanza(router *r, const weir_event *e)
{
    size_t size = (size_t)(e->end - e->start);
    if (e->self_contained)
        (void)fwrite(r->bytes + (e->start - r->begin), 1, size, stdout);
    else
        fprintf(stderr, "not self-contained: %.*s at %llu, %zu bytes\n", (int)e->name.local.size,
                (const char *)e->name.local.data, (unsigned long long)e->start, size);
    /* RFC 6120 5.4.3.3, 6.4.6: a new stream, so its header is still to come */
    if ((is(e->name.namespace_name, "urn:ietf:params:xml:ns:xmpp-tls") && is(e->name.local, "proceed")) ||
        (is(e->name.namespace_name, "urn:ietf:params:xml:ns:xmpp-sasl") && is(e->name.local, "success"))) {
        r->open = false;
        (void)weir_restart(&r->decoder, NULL); /* between stanzas it is never refused */
    }
}

/* Decodes the chunk behind the `kept` bytes; then `*kept` is how many must be kept: never more than the limits. */
static weir_status decode(router *r, size_t *kept, size_t count)
{
    weir_slice input = {r->bytes + *kept, count};
    weir_event event;
    weir_status status;
    while ((status = weir_next(&r->decoder, &input, &event)) > 0) {
        if (status == WEIR_STREAM_OPENED || status == WEIR_STREAM_CLOSED)
            r->open = status == WEIR_STREAM_OPENED;
        if (event.depth == 2 && status == WEIR_ELEMENT_START) {
            r->stanza = true;
            r->unneeded = event.begin;
        } else if (event.depth == 2 && status == WEIR_ELEMENT_END) {
            r->stanza = false;
            on_stanza(r, &event);
        }
        if (!r->stanza)
            r->unneeded = event.end;
    }
    if (!r->open) /* white space before a header or after the close has no end; neither is forwarded */
        r->unneeded = weir_offset(&r->decoder);
    *kept = (size_t)(weir_offset(&r->decoder) - r->unneeded);
    memmove(r->bytes, r->bytes + (r->unneeded - r->begin), *kept);
    r->begin = r->unneeded;
    return status;
}

int main(void)
{
    weir_config config = {.framing = WEIR_FRAMING_STREAM};
    weir_limits_default(&config.limits);
    size_t size = weir_workspace_size(&config.limits);
    void *workspace = malloc(size);
    size_t longest = config.limits.element > config.limits.tag ? config.limits.element : config.limits.tag;
    router r = {.bytes = (uint8_t *)malloc(longest + CHUNK)};
    if (workspace == NULL || r.bytes == NULL || weir_init(&r.decoder, &config, workspace, size) != WEIR_OK)
        return 2;
    size_t kept = 0, count;
    weir_status status = WEIR_NEED_MORE;
    while (status == WEIR_NEED_MORE && (count = fread(r.bytes + kept, 1, CHUNK, stdin)) != 0)
        status = decode(&r, &kept, count);
    if (status == WEIR_NEED_MORE)
        status = weir_finish(&r.decoder);
    free(r.bytes);
    free(workspace);
    return status == WEIR_COMPLETE ? 0 : status < 0 ? 1 : 3;
}
