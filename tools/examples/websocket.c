/* websocket.c - XMPP over WebSocket (RFC 7395): the frames of RFC 6455 are taken apart, each message is decoded as it comes
 *
 *     cc -std=c11 -O2 websocket.c weir.c
 *
 * `websocket server|client` reads the frames that the other side sent after the HTTP handshake from standard input. Exit
 * status: 0 every message was whole, 1 refused, 2 trouble, 3 cut short. Pings are for the caller to answer.
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "weir.h"

#define SASL "urn:ietf:params:xml:ns:xmpp-sasl"
#define IS(slice, text) ((slice).size == sizeof(text) - 1 && memcmp((slice).data, (text), sizeof(text) - 1) == 0)

typedef struct frame {
    bool final, data, masked;
    uint64_t left; /* bytes of the payload */
    uint8_t mask[4];
} frame;

/* 0: the input ended. Negative: inside the head, or no such frame may come now (RFC 6455 5.2, 5.5, RFC 7395 3.1). */
static int read_frame(FILE *in, frame *f, bool server, bool inside)
{
    uint8_t head[2], size[8];
    size_t got = fread(head, 1, 2, in);
    if (got != 2)
        return got == 0 ? 0 : -1;
    uint32_t opcode = head[0] & 15u, count = head[1] & 127u, extra = count == 127 ? 8 : count == 126 ? 2 : 0;
    *f = (frame){.final = head[0] >= 128, .data = opcode < 8, .masked = head[1] >= 128, .left = extra == 0 ? count : 0};
    if ((head[0] & 0x70) != 0 || f->masked != server || fread(size, 1, extra, in) != extra)
        return -1;
    for (uint32_t i = 0; i < extra; i++)
        f->left = f->left << 8 | size[i];
    if (f->masked && fread(f->mask, 1, 4, in) != 4)
        return -1;
    bool shortest = extra == 0 || f->left > (extra == 2 ? 125 : 0xffff);
    bool legal = f->data ? opcode == (inside ? 0u : 1u) : opcode <= 10 && f->final && extra == 0;
    return shortest && legal && f->left <= INT64_MAX ? 1 : -1;
}

/* Decodes bytes of a message. `*success`: SASL ended in it, and so the next message begins a new stream. */
static weir_status decode(weir_decoder *decoder, const uint8_t *bytes, size_t size, bool *success)
{
    weir_slice input = {bytes, size};
    weir_event event;
    weir_status status;
    while ((status = weir_next(decoder, &input, &event)) > 0) {
        if (status == WEIR_ELEMENT_START)
            printf("%.*s\n", (int)event.name.local.size, (const char *)event.name.local.data);
        if (status == WEIR_ELEMENT_END && event.depth == 2)
            *success = IS(event.name.local, "success") && IS(event.name.namespace_name, SASL);
    }
    return status;
}

static int decode_frames(weir_decoder *decoder, FILE *in, bool server)
{
    frame f;
    bool inside = false, success = false;
    uint8_t bytes[4096];
    int status;
    while ((status = read_frame(in, &f, server, inside)) > 0) {
        for (uint64_t at = 0; f.left != 0;) {
            size_t size = f.left < sizeof bytes ? (size_t)f.left : sizeof bytes;
            if (fread(bytes, 1, size, in) != size)
                return 3;
            f.left -= size;
            for (size_t i = 0; f.masked && i < size; i++)
                bytes[i] ^= f.mask[at++ & 3];
            if (f.data && decode(decoder, bytes, size, &success) < 0)
                return 1;
        }
        inside = f.data ? !f.final : inside;
        if (!f.data || inside)
            continue;
        if (weir_finish(decoder) != WEIR_COMPLETE || (success && weir_restart(decoder, NULL) != WEIR_OK))
            return 1; /* a message must be one whole element */
        success = false;
    }
    return feof(in) ? (inside || status != 0 ? 3 : 0) : 1;
}

int main(int argc, char **argv)
{
    weir_config config = {.framing = WEIR_FRAMING_WEBSOCKET};
    weir_limits_default(&config.limits);
    size_t size = weir_workspace_size(&config.limits);
    void *workspace = malloc(size);
    weir_decoder decoder;
    if (argc != 2 || workspace == NULL || weir_init(&decoder, &config, workspace, size) != WEIR_OK)
        return 2;
    int status = decode_frames(&decoder, stdin, strcmp(argv[1], "server") == 0);
    if (status == 1) /* the message to send; but where the frames are at fault, a close frame with code 1002 */
        fprintf(stderr, "refused: %s\n", weir_stream_error(weir_last_error(&decoder)->code));
    free(workspace);
    return status;
}
