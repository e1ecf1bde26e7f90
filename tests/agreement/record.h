/* record.h - what a decoder said about one input, as bytes that compare at once
 *
 * The event log of tools/log.h says the same in text, for readers; millions of inputs want something faster. Two
 * records are equal if and only if the logs are, and they hold more: fields that must be empty, the text of an
 * attribute's prefix twice.
 *
 * SPDX-License-Identifier: MIT */
#ifndef AGREEMENT_RECORD_H
#define AGREEMENT_RECORD_H

#include "../../parser/weir.h"

/* Where the events of one input go. */
typedef struct sink {
    void (*event)(void *context, const weir_event *event);
    void (*restart)(void *context, uint64_t offset);
    void (*verdict)(void *context, weir_status code, uint64_t offset);
    void *context;
} sink;

typedef struct record {
    uint8_t *bytes;
    size_t size, room;
    size_t text_at;   /* of the text or white space that the next piece may continue; SIZE_MAX: none */
    weir_status code; /* the verdict */
    uint64_t offset;
} record;

void record_init(record *r);
void record_free(record *r);
void record_clear(record *r);
sink record_sink(record *r);
bool record_equal(const record *a, const record *b);

#endif
