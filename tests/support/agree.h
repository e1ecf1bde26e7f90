/* agree.h - the decoder beside the reference decoder
 *
 * SPDX-License-Identifier: MIT */
#ifndef TESTS_AGREE_H
#define TESTS_AGREE_H

#include "drive.h"

/* To be freed. */
char *reference_log(const test_case *c);

/* Fails the test, with the input, unless the decoder's log by each plan is that of the reference decoder (invariant 8). */
void agree(const test_case *c, const drive_plan *plans, size_t count);

#endif
