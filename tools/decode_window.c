/* decode_window.c - the recent bytes of a file that may never end, with lines and columns
 *
 * SPDX-License-Identifier: MIT */
#include "decode_window.h"

#include <stdlib.h>
#include <string.h>

#define CONTEXT 512    /* bytes kept before what is asked for; more than a line of a report */
#define SLACK 0x20000u /* bytes let go at a time, so that few are moved */

void window_init(recent_bytes *window)
{
    *window = (recent_bytes){.line = 1, .column = 1};
}

static void count(const uint8_t *bytes, size_t size, uint64_t *line, uint64_t *column)
{
    size_t after = 0;
    uint64_t lines = 0, characters = 0;

    for (size_t i = 0; i < size; i++) {
        lines += bytes[i] == '\n';
    }
    if (lines > 0) {
        for (after = size; bytes[after - 1] != '\n'; after--) {
        }
        *line += lines;
        *column = 1;
    }
    for (size_t i = after; i < size; i++) {
        characters += (bytes[i] & 0xc0) != 0x80;
    }
    *column += characters;
}

bool window_append(recent_bytes *window, const void *bytes, size_t size)
{
    if (size > window->room - window->size) {
        size_t room = window->room < SLACK ? SLACK : window->room;
        uint8_t *larger;

        while (room - window->size < size) {
            if (room > SIZE_MAX / 2) {
                return false;
            }
            room *= 2;
        }
        larger = realloc(window->bytes, room);
        if (larger == NULL) {
            return false;
        }
        window->bytes = larger;
        window->room = room;
    }
    if (size > 0) {
        memcpy(window->bytes + window->size, bytes, size);
        window->size += size;
    }
    return true;
}

void window_keep_from(recent_bytes *window, uint64_t position)
{
    uint64_t least = position > CONTEXT ? position - CONTEXT : 0;
    size_t gone;

    if (least <= window->begin || least - window->begin < SLACK) {
        return;
    }
    gone = least - window->begin < window->size ? (size_t)(least - window->begin) : window->size;
    count(window->bytes, gone, &window->line, &window->column);
    memmove(window->bytes, window->bytes + gone, window->size - gone);
    window->size -= gone;
    window->begin += gone;
}

bool window_place(const recent_bytes *window, uint64_t position, uint64_t *line, uint64_t *column)
{
    if (position < window->begin || position - window->begin > window->size) {
        return false;
    }
    *line = window->line;
    *column = window->column;
    count(window->bytes, (size_t)(position - window->begin), line, column);
    return true;
}

void window_free(recent_bytes *window)
{
    free(window->bytes);
    *window = (recent_bytes){0};
}
