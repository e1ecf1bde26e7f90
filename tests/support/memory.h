/* memory.h - chunks that end where memory ends
 *
 * In an optimised build each chunk ends at a page that cannot be read; under a sanitizer it is an allocation of its exact size.
 * A chunk that was removed is scribbled over or freed, so that a slice that outlives it shows.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TESTS_MEMORY_H
#define TESTS_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

uint8_t *chunk_place(const uint8_t *bytes, size_t size);
void chunk_remove(uint8_t *chunk, size_t size);

/* Does [data, data + size) lie in one of the two? */
bool lies_in(const uint8_t *data, size_t size, const void *a, size_t a_size, const void *b, size_t b_size);

#endif
