/* decode_window.h - the recent bytes of a file that may never end, with lines and columns
 *
 * SPDX-License-Identifier: MIT */
#ifndef WEIR_DECODE_WINDOW_H
#define WEIR_DECODE_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct recent_bytes {
    uint8_t *bytes;
    size_t size, room;
    uint64_t begin;        /* position in the file of the first byte held */
    uint64_t line, column; /* of that byte, from 1; a column is a character: a byte that does not continue one */
} recent_bytes;

void window_init(recent_bytes *window);

/* False: out of memory; the window is as it was. */
bool window_append(recent_bytes *window, const void *bytes, size_t size);

/* Lets go of what lies further before `position` than a report shows. */
void window_keep_from(recent_bytes *window, uint64_t position);

/* False: the position is not held any more. */
bool window_place(const recent_bytes *window, uint64_t position, uint64_t *line, uint64_t *column);

void window_free(recent_bytes *window);

#endif
