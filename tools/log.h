/* log.h - the event log of corpus/README.md, as text or as JSON Lines
 *
 * Events of either decoder go in, lines come out. Adjacent text, and adjacent white space, become one line: such a line
 * is held until the next event of another kind. log_flush gives out what is held, for a reader who wants to see it now.
 *
 * SPDX-License-Identifier: MIT */
#ifndef WEIR_LOG_H
#define WEIR_LOG_H

#include "../parser/weir.h"

typedef enum log_format { LOG_TEXT, LOG_JSON, LOG_NONE } log_format;

typedef struct event_log {
    log_format format;
    void (*write)(void *context, const char *bytes, size_t size); /* gets whole lines or parts of lines */
    void *context;
    /* private */
    bool failed;      /* out of memory: the log is not whole */
    bool document;    /* an element of depth 1 began: document framing, whose first-level element is its root */
    weir_status held; /* WEIR_TEXT, WEIR_SPACE or 0 */
    uint32_t held_depth;
    uint64_t held_begin, held_end;
    uint8_t *text;
    size_t text_size, text_room;
} event_log;

void log_init(event_log *log, log_format format, void (*write)(void *, const char *, size_t), void *context);
/* Names the input of the lines that follow, for several inputs in one output: a line that begins with `#` (JSON: an
 * object with "event":"file"). */
void log_file(event_log *log, const char *name);
void log_event(event_log *log, const weir_event *event);
void log_restart(event_log *log, uint64_t offset);
void log_flush(event_log *log);
/* code: WEIR_COMPLETE, WEIR_NEED_MORE (cut short), or an error. Flushes first. */
void log_verdict(event_log *log, weir_status code, uint64_t offset);
void log_free(event_log *log);

#endif
