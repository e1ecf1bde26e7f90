/* poll_loop.c - a client decodes what a server sends it over a socket
 *
 *     cc -std=c11 -O2 poll_loop.c weir.c
 *
 * The socket is standard input, as inetd, systemd and socat hand it over. Exit status: 0 the stream was closed, 1 it was
 * refused, 2 trouble, 3 it was cut short.
 *
 * SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "weir.h"

#define IDLE_MS 600000 /* a peer that is silent for longer is given up */

static bool is(weir_slice slice, const char *text)
{
    return slice.size == strlen(text) && memcmp(slice.data, text, slice.size) == 0;
}

/* One event. False: the stream must not go on. `left` are the bytes that the decoder did not take. */
static bool on_event(weir_decoder *decoder, const weir_event *event, size_t left)
{
    if (event->type == WEIR_ELEMENT_START)
        printf("%*s%.*s\n", (int)event->depth * 2, "", (int)event->name.local.size,
               (const char *)event->name.local.data);
    if (event->type != WEIR_ELEMENT_END || event->depth != 2)
        return true;
    if (is(event->name.namespace_name, "urn:ietf:params:xml:ns:xmpp-tls") && is(event->name.local, "proceed")) {
        if (left != 0)
            return false; /* what came in clear must not be taken for what TLS brings */
        /* The TLS handshake goes here: the decoder has not taken a byte of it. */
        return weir_restart(decoder, NULL) == WEIR_OK;
    }
    if (is(event->name.namespace_name, "urn:ietf:params:xml:ns:xmpp-sasl") && is(event->name.local, "success"))
        return weir_restart(decoder, NULL) == WEIR_OK; /* a server would give larger limits here */
    return true;
}

/* Our own header was sent when the stream began; so the error and the closing tag are all that is missing. */
static int refuse(int fd, const weir_error *error)
{
    char text[256];
    int size = snprintf(text, sizeof text, "%s</stream:stream>", weir_stream_error(error->code));
    fprintf(stderr, "byte %llu: %s\n", (unsigned long long)error->offset, weir_error_text(error->code));
    if (error->code != WEIR_E_AFTER_CLOSE && send(fd, text, (size_t)size, MSG_NOSIGNAL) != size)
        perror("send");
    return 1;
}

static int decode_socket(int fd, weir_decoder *decoder)
{
    uint8_t bytes[4096];
    struct pollfd wanted = {.fd = fd, .events = POLLIN};
    for (;;) {
        int ready = poll(&wanted, 1, IDLE_MS);
        if (ready == 0)
            return 3;
        ssize_t count = ready < 0 ? -1 : recv(fd, bytes, sizeof bytes, 0);
        if (count < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK))
            continue;
        if (count < 0)
            return 2;
        if (count == 0)
            return weir_finish(decoder) == WEIR_COMPLETE ? 0 : 3;
        weir_slice input = {bytes, (size_t)count};
        weir_event event;
        weir_status status;
        while ((status = weir_next(decoder, &input, &event)) > 0)
            if (!on_event(decoder, &event, input.size))
                return 1;
            else if (status == WEIR_STREAM_CLOSED) /* RFC 6120 4.4: ours answers it, and nothing follows ours */
                (void)send(fd, "</stream:stream>", 16, MSG_NOSIGNAL);
        if (status < 0)
            return refuse(fd, weir_last_error(decoder));
    }
}

int main(void)
{
    weir_config config = {.framing = WEIR_FRAMING_STREAM, .content = WEIR_CONTENT_ANY};
    weir_limits_default(&config.limits);
    size_t size = weir_workspace_size(&config.limits);
    void *workspace = malloc(size);
    weir_decoder decoder;
    if (workspace == NULL || weir_init(&decoder, &config, workspace, size) != WEIR_OK ||
        fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK) != 0)
        return 2;
    int status = decode_socket(STDIN_FILENO, &decoder);
    weir_wipe(&decoder); /* passwords went through it */
    free(workspace);
    return status;
}
