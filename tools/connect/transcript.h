/* transcript.h - what was negotiated, one line an event, for people or as JSON Lines
 *
 * Of the peer's bytes nothing reaches a terminal but printable characters; of secrets nothing is here that could be
 * printed.
 *
 * SPDX-License-Identifier: MIT */
#ifndef CONNECT_TRANSCRIPT_H
#define CONNECT_TRANSCRIPT_H

#include <stdio.h>

#include "../connector/connector.h"
#include "options.h"

/* When each phase ended. */
typedef enum transcript_phase {
    PHASE_LOOK_UP,
    PHASE_CONNECTION,
    PHASE_TLS,
    PHASE_AUTHENTICATION,
    PHASE_BINDING,
    PHASE_SESSION, /* ends with our closing tag, or the peer's */
    PHASE_CLOSE,
    PHASE_COUNT
} transcript_phase;

typedef struct transcript {
    FILE *out;
    connect_log form;
    const char *who;                     /* before each line, where several ends are shown; "" */
    uint64_t began, phases[PHASE_COUNT]; /* 0: not reached */
    bool colour;
} transcript;

void transcript_init(transcript *t, FILE *out, connect_log form, uint64_t now);

void transcript_connector(transcript *t, const connector_event *event, uint64_t now);
void transcript_secured(transcript *t, const tls_facts *facts, uint64_t now);
void transcript_stream(transcript *t, const negotiator_event *event, uint64_t now);
void transcript_closing(transcript *t, uint64_t now); /* we close */
void transcript_ping(transcript *t, const char *answer, uint64_t took, uint64_t now);
void transcript_note(transcript *t, const char *text, uint64_t now);

/* In words for people; JSON has negotiator_outcome_name. */
const char *transcript_outcome(negotiator_outcome outcome);

/* What each phase took. Then the exit status in JSON. */
void transcript_end(transcript *t, connect_exit status, uint64_t now);

#endif
