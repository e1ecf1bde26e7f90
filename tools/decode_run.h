/* decode_run.h - bytes in, event log out: both decoders behind one rule of restarts
 *
 * What weir-decode does with a file, for the tests to do with a buffer:
 *
 *     decode_options options;   char message[DECODE_MESSAGE_MAX];
 *     decode_options_init(&options);
 *     if (!decode_options_line(&options, "--framing=document --limits=depth=2", message)) ... message ...
 *     log_init(&log, LOG_TEXT, write, context);
 *     decode_result result = decode_run(&options, bytes, size, &log);
 *     if (result.trouble != DECODE_FINE) ... decode_trouble_text(...) ...
 *     log_free(&log);
 *
 * The log does not depend on options.chunk, on how decoding_feed was given the bytes, or on options.reference.
 * In websocket framing the bytes are those of a WebSocket file: decimal length, line feed, that many bytes, repeated.
 *
 * SPDX-License-Identifier: MIT */
#ifndef WEIR_DECODE_RUN_H
#define WEIR_DECODE_RUN_H

#include "decode_options.h"
#include "log.h"

/* What is nobody's verdict: the log then ends without a verdict line. */
typedef enum decode_trouble {
    DECODE_FINE,
    DECODE_NO_MEMORY,
    DECODE_NO_KERNEL,    /* --kernel names one that this machine or build has not */
    DECODE_BAD_LIMITS,   /* no workspace of that size can be had */
    DECODE_BAD_MESSAGES, /* this is no WebSocket file */
    DECODE_CUT_MESSAGES, /* the WebSocket file ends inside a message or a length */
    DECODE_BAD_RESTART,  /* --restart names a place that is not between first-level elements */
    DECODE_BROKEN        /* a decoder did what weir.h excludes: a bug */
} decode_trouble;

typedef struct decode_result {
    decode_trouble trouble;
    uint64_t trouble_position; /* a byte of the file; BAD_RESTART: the offset that was named */
    weir_status code;          /* WEIR_COMPLETE, WEIR_NEED_MORE (cut short), or an error */
    uint64_t offset;           /* of the verdict line */
    uint64_t position; /* the same place as a byte of the file: in a WebSocket file the lengths are counted too */
    uint64_t bytes;    /* decoded */
    uint64_t events;   /* lines of events in the log, restarts and verdict left out */
    uint64_t stanzas;  /* first-level elements that ended */
} decode_result;

/* Decodes a whole buffer; the verdict line included. */
decode_result decode_run(const decode_options *options, const void *bytes, size_t size, event_log *log);

/* The exit status of weir-decode: 0 complete, 1 rejected, 2 trouble, 3 cut short. */
int decode_exit(const decode_result *result);

/* One sentence without a full stop; may be longer than one line of a terminal. */
void decode_trouble_text(const decode_result *result, char message[DECODE_MESSAGE_MAX]);

/* ---- The same, as the bytes arrive ---- */

typedef struct decoding decoding;

/* `observe` may be NULL; it sees every event before the log does. `options` and `log` stay the caller's and must live
 * on. NULL: out of memory; any other trouble is in the result. */
decoding *decoding_new(const decode_options *options, event_log *log, void (*observe)(void *, const weir_event *),
                       void *context);

/* False: the verdict is known or there is trouble, and nothing more is taken. */
bool decoding_feed(decoding *run, const void *bytes, size_t size);

/* A byte of the file such that no error of what was fed is before it. */
uint64_t decoding_settled(const decoding *run);

/* The input ended, or decoding_feed returned false: the verdict line is written, everything is freed. */
decode_result decoding_end(decoding *run);

#endif
