/* workers.h - the parts of a long run, shared out among processes, with one line that says how far they are
 *
 * SPDX-License-Identifier: MIT */
#ifndef AGREEMENT_WORKERS_H
#define AGREEMENT_WORKERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Does `work` for each part from 0 on, in `jobs` processes, or in this one if that is 1. Each process has a tally of
 * its own, zero at first; `add` puts each in turn into `total`. `quiet`: without the line. False: a process died. */
bool workers_run(unsigned jobs, size_t parts, bool quiet, void (*work)(size_t part, void *tally),
                 void (*add)(void *total, const void *tally), void *total, size_t tally_size);

/* To be called now and then from `work`, with what came since the last call. */
void workers_tell(uint64_t inputs, uint64_t differences);

#endif
