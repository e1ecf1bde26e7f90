/* options.h - the command line of weir-connect
 *
 * SPDX-License-Identifier: MIT */
#ifndef CONNECT_OPTIONS_H
#define CONNECT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../connector/sasl.h"
#include "jid.h"

typedef enum connect_log { CONNECT_LOG_TEXT, CONNECT_LOG_JSON, CONNECT_LOG_NONE } connect_log;

/* What the exit status says. A script may rely on the numbers. */
typedef enum connect_exit {
    EXIT_CLOSED = 0,            /* both closing tags, close_notify both ways; of --probe: nothing is wrong */
    EXIT_UNSATISFIED = 1,       /* closed well, but --ping had no good answer, or --probe found something wrong */
    EXIT_TROUBLE = 2,           /* usage, file, memory, library; closed before the stream was ready; input not sent */
    EXIT_TRUNCATED = 3,         /* the connection ended before the server's closing tag */
    EXIT_NO_CLOSE_NOTIFY = 4,   /* closed well, but TLS was not */
    EXIT_UNREACHABLE = 5,       /* no address, or none that answers */
    EXIT_TLS = 6,               /* no STARTTLS, or no handshake */
    EXIT_CERTIFICATE = 7,       /* the server's certificate is not right for the domain */
    EXIT_NOT_AUTHENTICATED = 8, /* no mechanism that may be used, or refused, or the server failed to prove itself */
    EXIT_NOT_BOUND = 9,
    EXIT_STREAM_ERROR = 10, /* the server sent one */
    EXIT_REFUSED = 11,      /* the server broke the protocol */
    EXIT_INVALID_XML = 12,
    EXIT_TIMED_OUT = 13,
    EXIT_CONNECTION_LOST = 14 /* reset, TLS broken in a ready stream, output not taken */
} connect_exit;

/* What was asked for. Texts point into argv. */
typedef struct connect_options {
    jid address;
    bool help, version;
    bool starttls, direct_tls; /* neither: what the domain's records say; with --connect STARTTLS */
    const char *connect;       /* HOST:PORT; NULL: look the domain up */
    const char *name_server;   /* --dns; NULL: the system's */
    const char *ca_file, *certificate_file, *key_file;
    int tls_min, tls_max; /* 12, 13; 0: no wish */
    sasl_policy policy;
    const char *from; /* --server: our own domain; NULL: client to server */
    int password_fd;  /* -1: prompt or environment */
    bool ping, probe, stay;
    connect_log log;
    uint32_t timeout, keepalive, idle; /* milliseconds */
} connect_options;

#define OPTIONS_MESSAGE_MAX 512

/* false: `message` says what is wrong. */
bool connect_options_read(connect_options *options, int argc, char **argv, char message[OPTIONS_MESSAGE_MAX]);

extern const char connect_help[];

#endif
