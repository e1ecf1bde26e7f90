/* session.h - one stream of weir-connect: stanzas of standard input out, received ones to standard output
 *
 * SPDX-License-Identifier: MIT */
#ifndef CONNECT_SESSION_H
#define CONNECT_SESSION_H

#include "options.h"
#include "transcript.h"

uint64_t session_now(void); /* milliseconds of a clock that does not go back */

/* SIGINT and SIGTERM close the stream in good order; a second one ends the program. */
void session_catch_signals(void);

/* Settings that the command line asks for. */
void session_settings(connector_settings *settings, const connect_options *options);

/* The exit status for how a connector ended. */
connect_exit session_exit(const connector *c, connector_end end, negotiator_outcome outcome);

/* Waits for the connector (NULL: none), a signal, or `deadline`; for input and for room in the output where they are
 * wanted. A sum of what is there. */
enum { SESSION_INPUT = 1, SESSION_OUTPUT = 2 };
unsigned session_wait(connector *c, unsigned wanted, uint64_t deadline);
bool session_interrupted(void); /* true once for each signal */

/* From look-up to the end; `password` may be NULL, and is wiped as soon as the connector has its own copy. */
connect_exit session_run(const connect_options *options, const connector_settings *settings, char *password);

#endif
