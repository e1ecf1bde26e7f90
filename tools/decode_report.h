/* decode_report.h - a rejected or cut short input, shown to the reader in the style of a compiler
 *
 *     FILE:3:12: error: malformed UTF-8 [UTF8]
 *         <body>h\xc3</body>
 *                    ^
 *       byte 86: unsupported-encoding, RFC 6120 11.6, RFC 3629 4
 *       hint: ...
 *
 * Nothing of the input reaches the terminal but printable characters.
 *
 * SPDX-License-Identifier: MIT */
#ifndef WEIR_DECODE_REPORT_H
#define WEIR_DECODE_REPORT_H

#include "decode_run.h"
#include "decode_window.h"

#include <stdio.h>

/* The elements that are open, for hints: the outermost of them, and as much of their names as a line holds. */
#define OPEN_ELEMENTS_MAX 64
#define OPEN_NAME_MAX 64

typedef struct open_elements {
    uint32_t depth;
    bool header, closed;
    uint64_t settled; /* end of the last event */
    struct {
        uint64_t begin;
        size_t size;
        uint8_t name[OPEN_NAME_MAX];
    } open[OPEN_ELEMENTS_MAX]; /* of depth 1, 2, ... */
} open_elements;

void open_elements_take(open_elements *elements, const weir_event *event);

typedef struct verdict_report {
    const char *name; /* of the file */
    bool colour;
    const decode_options *options;
    const decode_result *result;
    const recent_bytes *window;
    const open_elements *elements;
} verdict_report;

/* For a result without trouble that is not complete. */
void report_verdict(FILE *stream, const verdict_report *report);

/* What is probably meant, or an empty string; may hold any byte of the input. */
#define HINT_MAX 1024
void report_hint(const verdict_report *report, char hint[HINT_MAX]);

/* Writes what is printable as it is, else in escapes. */
void put_visible(FILE *stream, const char *bytes, size_t size);

#endif
