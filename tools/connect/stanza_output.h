/* stanza_output.h - received stanzas on their way to standard output, which may take its time
 *
 * Nothing is written that would block, as far as the kernel says so beforehand: deadlines and signals must not wait for
 * a reader. A terminal that was stopped may still hold a write, until a signal interrupts it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef CONNECT_STANZA_OUTPUT_H
#define CONNECT_STANZA_OUTPUT_H

#include <stdbool.h>

#include "../../parser/weir.h"

typedef struct stanza_output {
    uint8_t *bytes; /* those from `begin` to `end` wait */
    size_t begin, end, room;
    bool failed; /* it cannot be written to, or memory ran out: all that waits, and comes, is dropped */
} stanza_output;

/* Adds a line and writes what can be. false: failed, by this. */
bool stanza_output_add(stanza_output *output, weir_slice line);
bool stanza_output_write(stanza_output *output);
size_t stanza_output_drop(stanza_output *output); /* as if it failed; how many bytes were not written */
void stanza_output_free(stanza_output *output);

static inline size_t stanza_output_left(const stanza_output *output)
{
    return output->end - output->begin;
}

#endif
