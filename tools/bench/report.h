/* report.h - what was measured, as a table for people and as tab-separated values for programs
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include "measure.h"

#include <stdio.h>

void report_contenders(FILE *out, const plan *p);
void report_sheet(FILE *out, const plan *p, const sheet *s);

/* The figures that the project has set itself, of the best kernel. */
void report_aims(FILE *out, const plan *p, const sheet *sheets, size_t count);

void report_tsv_header(FILE *out);
void report_tsv(FILE *out, const plan *p, const sheet *s);

/* "4096", "whole" */
const char *chunk_name(size_t chunk, char name[24]);

/* The place of a contender of that name that was measured, or contender_count. */
size_t plan_find(const plan *p, const char *name);

#endif
