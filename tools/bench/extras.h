/* extras.h - what else a server pays for: streams that begin and end, and streams that wait
 *
 * Each prints a table and, where `tsv` is not NULL, tab-separated values. False: a decoder refused what it must accept,
 * or memory ran out.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_EXTRAS_H
#define BENCH_EXTRAS_H

#include "measure.h"

#include <stdio.h>

/* Many short streams, each from the creation of its decoder to the release of it. */
bool extras_small_streams(const plan *p, unsigned streams, FILE *tsv);

/* Bytes held for a stream between two stanzas, and for one in the middle of a stanza. */
bool extras_memory(FILE *tsv);

/* Many streams parked, one workspace: each in turn is unparked, decodes a stanza, and is parked again. */
bool extras_parked(unsigned streams, FILE *tsv);

#endif
