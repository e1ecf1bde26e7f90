/* decode_options.h - what weir-decode is asked to do, from a command line or the `# options:` line of a corpus case
 *
 * SPDX-License-Identifier: MIT */
#ifndef WEIR_DECODE_OPTIONS_H
#define WEIR_DECODE_OPTIONS_H

#include "log.h"

#define DECODE_RESTARTS_MAX 64 /* --restart=OFF,...: a recorded direction holds three streams at most, as a rule */
#define DECODE_OPTIONS_LINE_MAX 4095 /* bytes of one `# options:` line */
#define DECODE_MESSAGE_MAX 512

typedef enum decode_restart { DECODE_RESTART_AUTO, DECODE_RESTART_NONE, DECODE_RESTART_AT } decode_restart;

typedef struct decode_options {
    weir_config config;
    bool reference; /* the reference decoder instead of the decoder */
    size_t chunk;   /* the decoder is given at most so many bytes in one call; 0: as they come */
    decode_restart restart;
    uint64_t restarts[DECODE_RESTARTS_MAX]; /* ascending */
    size_t restart_count;
    /* of the tool alone */
    log_format format;
    bool stats, help, version;
} decode_options;

/* Stream framing, default limits, any content, --restart=auto. */
void decode_options_init(decode_options *options);

/* Adds the options of a command line to what is there; permutes argv so that the operands come last, the first of them
 * argv[*operands]. False: trouble, and `message` says which; it may hold any byte of the command line. */
bool decode_options_parse(decode_options *options, int argc, char **argv, int *operands,
                          char message[DECODE_MESSAGE_MAX]);

/* The same for options in one line, separated by white space, without operands: `--framing=document --limits=depth=2`.
 * A `# options:` before them is skipped; the line ends at a line feed or NUL. */
bool decode_options_line(decode_options *options, const char *line, char message[DECODE_MESSAGE_MAX]);

#endif
