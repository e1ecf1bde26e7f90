/* plain.h - the events that every XML parser has, without offsets: start, end, text
 *
 * Written as bytes so that the events of a beginning of a document are a beginning of the events of the document,
 * and two parsers that agree write the same. 0xff, which no UTF-8 has, ends every string.
 *
 * SPDX-License-Identifier: MIT */
#ifndef AGREEMENT_PLAIN_H
#define AGREEMENT_PLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct plain {
    uint8_t *bytes;
    size_t size, room;
    size_t text_at; /* where the text begins that the next piece continues; SIZE_MAX: none */
    unsigned open;  /* elements */
} plain;

typedef struct plain_string {
    const void *bytes;
    size_t size;
} plain_string;

void plain_init(plain *p);
void plain_free(plain *p);
void plain_clear(plain *p);

/* Declarations that were kept apart. */
void plain_add(plain *p, const plain *declarations);

/* A start tag is these in this order: its name, each declaration, each attribute. */
void plain_start(plain *p, plain_string namespace_name, plain_string prefix, plain_string local);
void plain_declaration(plain *p, plain_string prefix, plain_string namespace_name);
void plain_attribute(plain *p, plain_string namespace_name, plain_string prefix, plain_string local,
                     plain_string value);
void plain_end(plain *p, plain_string namespace_name, plain_string prefix, plain_string local);
void plain_text(plain *p, plain_string text);

bool plain_equal(const plain *a, const plain *b);

/* All but a text at the end, of which one may have seen more than the other. */
bool plain_equal_but_last_text(const plain *a, const plain *b);

/* All that `beginning` has stands at the beginning of `whole`. */
bool plain_begins(const plain *whole, const plain *beginning);

/* For a reader, on standard error. */
void plain_print(const plain *p);

#endif
