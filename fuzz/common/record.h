/* record.h - events as bytes that compare at the speed of memcmp
 *
 * Text that lies in adjacent pieces is one entry, as in the log. Every byte of every slice is read on the way.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FUZZ_RECORD_H
#define FUZZ_RECORD_H

#include "../../parser/weir.h"

typedef struct fuzz_record {
    uint8_t *bytes;
    size_t size, room;
    bool no_offsets;        /* leave them out (invariant 10) */
    uint64_t base;          /* is taken off every offset */
    size_t held;            /* where the entry of text begins that is not over */
    weir_status kind;       /* of that text; 0: none */
    size_t name, name_size; /* of the last tag: its name as recorded */
} fuzz_record;

#define FUZZ_RECORD_VERDICT 56 /* bytes of the last entry, the verdict */

void fuzz_record_clear(fuzz_record *r);
void fuzz_record_event(fuzz_record *r, const weir_event *event);
void fuzz_record_restart(fuzz_record *r, uint64_t offset);
void fuzz_record_verdict(fuzz_record *r, weir_status code, uint64_t offset);
bool fuzz_record_equal(const fuzz_record *a, const fuzz_record *b);

#endif
