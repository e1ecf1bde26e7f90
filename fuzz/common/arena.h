/* arena.h - exact memory without the price of malloc
 *
 * A chunk lies alone: what is before it and behind it cannot be read under AddressSanitizer, and it itself cannot once
 * it is gone. Without a sanitizer its bytes are at least changed then, so that who still reads them is seen to.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FUZZ_ARENA_H
#define FUZZ_ARENA_H

#include <stddef.h>
#include <stdint.h>

uint8_t *fuzz_chunk(const uint8_t *bytes, size_t size); /* one at a time; NULL for no bytes */
void fuzz_chunk_gone(void);

enum { FUZZ_WORKSPACES = 3 }; /* for decoders that live at the same time, or one after the other's parking */
void *fuzz_workspace(unsigned number, size_t size);
void fuzz_workspace_gone(unsigned number);

#endif
