/* parked.c - many connections, and one workspace for all of them: decoders are parked between reads
 *
 *     cc -std=c11 -O2 parked.c weir.c && ./a.out FILE...
 *
 * Each FILE (a pipe, a recording) is a connection, read when it is ready. Prints how each ended, and what waiting took.
 *
 * SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "weir.h"

typedef struct connection {
    void *parked; /* the decoder while nothing comes; NULL: nothing came yet */
    size_t size;
    unsigned long stanzas;
} connection;

static void forget(connection *c)
{
    for (size_t i = 0; c->parked != NULL && i < c->size; i++)
        ((volatile uint8_t *)c->parked)[i] = 0; /* volatile: passwords pass through decoders */
    free(c->parked);
    *c = (connection){.stanzas = c->stanzas};
}

#define IS(slice, text) ((slice).size == sizeof(text) - 1 && memcmp((slice).data, (text), sizeof(text) - 1) == 0)

static weir_status decode(connection *c, weir_decoder *decoder, const uint8_t *bytes, size_t size)
{
    weir_slice input = {bytes, size};
    weir_event event;
    weir_status status;
    while ((status = weir_next(decoder, &input, &event)) > 0) {
        if (status != WEIR_ELEMENT_END || event.depth != 2)
            continue;
        c->stanzas++;
        if (IS(event.name.namespace_name, "urn:ietf:params:xml:ns:xmpp-sasl") && IS(event.name.local, "success"))
            (void)weir_restart(decoder, NULL); /* RFC 6120 6.4.6 */
    }
    return size != 0 ? status : weir_finish(decoder);
}

/* Wakes the decoder for what came; parks it again while the stream goes on. */
static weir_status serve(connection *c, int fd, const weir_config *config, void *workspace, size_t room)
{
    weir_decoder decoder;
    uint8_t bytes[100];
    ssize_t count = read(fd, bytes, sizeof bytes);
    if (count < 0)
        return WEIR_E_MISUSE;
    weir_status status = c->parked == NULL ? weir_init(&decoder, config, workspace, room)
                                           : weir_unpark(&decoder, c->parked, c->size, workspace, room);
    forget(c);
    if (status == WEIR_OK)
        status = decode(c, &decoder, bytes, (size_t)count);
    if (status != WEIR_NEED_MORE || count == 0) /* in stream framing, finish says that it was cut short by NEED_MORE */
        return status != WEIR_NEED_MORE ? status : WEIR_E_END;
    c->size = weir_parked_size(&decoder);
    c->parked = malloc(c->size);
    return c->parked == NULL ? WEIR_E_MISUSE : weir_park(&decoder, c->parked, c->size);
}

int main(int argc, char **argv)
{
    weir_config config = {.framing = WEIR_FRAMING_STREAM};
    weir_limits_default(&config.limits);
    size_t room = weir_workspace_size(&config.limits), most = 0;
    void *workspace = malloc(room);
    static connection connections[10000];
    static struct pollfd wanted[10000];
    if (workspace == NULL || argc > 10000)
        return 2;
    for (int i = 1; i < argc; i++)
        if ((wanted[i] = (struct pollfd){.fd = open(argv[i], O_RDONLY), .events = POLLIN}).fd < 0)
            return 2;
    for (int left = argc - 1; left > 0 && poll(wanted + 1, (nfds_t)argc - 1, -1) > 0;) {
        for (int i = 1; i < argc; i++) {
            connection *c = connections + i;
            bool ready = wanted[i].revents != 0;
            weir_status status = ready ? serve(c, wanted[i].fd, &config, workspace, room) : WEIR_NEED_MORE;
            most = c->size > most ? c->size : most;
            if (status == WEIR_NEED_MORE)
                continue;
            printf("%s: %lu stanzas, %s\n", argv[i], c->stanzas,
                   status == WEIR_COMPLETE ? "complete" : weir_error_text(status));
            (void)close(wanted[i].fd);
            wanted[i].fd = -1; /* poll leaves it out, and clears its revents */
            left--;
        }
    }
    printf("one workspace of %zu bytes; parked, a connection took at most %zu\n", room, most);
    free(workspace);
    return 0;
}
