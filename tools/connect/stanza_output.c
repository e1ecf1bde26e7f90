/* stanza_output.c - see stanza_output.h
 *
 * SPDX-License-Identifier: MIT */
#include "stanza_output.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

size_t stanza_output_drop(stanza_output *output)
{
    size_t left = stanza_output_left(output);

    output->failed = true;
    output->begin = output->end = 0;
    return left;
}

static bool make_room(stanza_output *output, size_t size)
{
    uint8_t *more;

    if (output->begin > 0) {
        memmove(output->bytes, output->bytes + output->begin, stanza_output_left(output));
        output->end -= output->begin;
        output->begin = 0;
    }
    if (size <= output->room - output->end) {
        return true;
    }
    more = realloc(output->bytes, output->end + size);
    if (more == NULL) {
        return false;
    }
    output->bytes = more;
    output->room = output->end + size;
    return true;
}

bool stanza_output_add(stanza_output *output, weir_slice line)
{
    if (output->failed) {
        return true;
    }
    if (!make_room(output, line.size + 1)) {
        stanza_output_drop(output);
        return false;
    }
    if (line.size > 0) {
        memcpy(output->bytes + output->end, line.data, line.size);
    }
    output->bytes[output->end + line.size] = '\n';
    output->end += line.size + 1;
    return stanza_output_write(output);
}

/* A pipe that poll calls writable takes PIPE_BUF bytes without blocking. */
bool stanza_output_write(stanza_output *output)
{
    struct pollfd writable = {.fd = STDOUT_FILENO, .events = POLLOUT};

    while (stanza_output_left(output) > 0 && poll(&writable, 1, 0) > 0) {
        size_t size = stanza_output_left(output) < PIPE_BUF ? stanza_output_left(output) : PIPE_BUF;
        ssize_t count = write(STDOUT_FILENO, output->bytes + output->begin, size);

        if (count < 0 && (errno == EINTR || errno == EAGAIN)) {
            break;
        }
        if (count < 0) {
            stanza_output_drop(output);
            return false;
        }
        output->begin += (size_t)count;
    }
    return true;
}

void stanza_output_free(stanza_output *output)
{
    free(output->bytes);
}
