/* memory.c - see memory.h
 *
 * SPDX-License-Identifier: MIT */
#include "memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool within(const uint8_t *data, size_t size, const void *area, size_t area_size)
{
    uintptr_t begin = (uintptr_t)area, from = (uintptr_t)data;
    return from >= begin && from - begin <= area_size && size <= area_size - (from - begin);
}

bool lies_in(const uint8_t *data, size_t size, const void *a, size_t a_size, const void *b, size_t b_size)
{
    return within(data, size, a, a_size) || within(data, size, b, b_size);
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define EXACT_ALLOCATIONS
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) && !defined(EXACT_ALLOCATIONS)
#define EXACT_ALLOCATIONS
#endif

#ifdef EXACT_ALLOCATIONS

uint8_t *chunk_place(const uint8_t *bytes, size_t size)
{
    if (size == 0)
        return NULL;
    uint8_t *chunk = malloc(size);
    if (chunk == NULL)
        abort();
    memcpy(chunk, bytes, size);
    return chunk;
}

void chunk_remove(uint8_t *chunk, size_t size)
{
    (void)size;
    free(chunk);
}

#else

#include <sys/mman.h>
#include <unistd.h>

/* One area, grown when a chunk needs more; its last page cannot be read. */
static uint8_t *area;
static size_t area_size;

static void grow(size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    if (area != NULL)
        munmap(area, area_size + page);
    area_size = (size + page - 1) / page * page;
    void *mapped = mmap(NULL, area_size + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED || mprotect((uint8_t *)mapped + area_size, page, PROT_NONE) != 0) {
        perror("mmap");
        abort();
    }
    area = mapped;
}

uint8_t *chunk_place(const uint8_t *bytes, size_t size)
{
    if (size == 0)
        return NULL;
    if (size > area_size)
        grow(size);
    memcpy(area + area_size - size, bytes, size);
    return area + area_size - size;
}

void chunk_remove(uint8_t *chunk, size_t size)
{
    if (size > 0)
        memset(chunk, 0xa5, size);
}

#endif
