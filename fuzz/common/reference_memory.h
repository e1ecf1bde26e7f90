/* reference_memory.h - what the reference decoder's malloc, realloc and free are while it is fuzzed: included first
 *
 * A piece lies between guards, as with malloc, and is gone when the decoding is over.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FUZZ_REFERENCE_MEMORY_H
#define FUZZ_REFERENCE_MEMORY_H

#include <stdlib.h>

void *fuzz_reference_allocate(size_t size);
void *fuzz_reference_resize(void *piece, size_t size);
void fuzz_reference_free(void *piece);
void fuzz_reference_free_all(void);

#ifndef FUZZ_ARENA_ITSELF
#define malloc fuzz_reference_allocate
#define realloc fuzz_reference_resize
#define free fuzz_reference_free
#endif

#endif
