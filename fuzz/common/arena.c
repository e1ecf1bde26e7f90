/* arena.c - see arena.h
 *
 * SPDX-License-Identifier: MIT */
#include "arena.h"

#define FUZZ_ARENA_ITSELF
#include "input.h"
#include "reference_memory.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#define FUZZ_FORBID(at, size) __asan_poison_memory_region(at, size)
#define FUZZ_ALLOW(at, size) __asan_unpoison_memory_region(at, size)
#elif __has_feature(memory_sanitizer)
#include <sanitizer/msan_interface.h>
#define FUZZ_FORBID(at, size) __msan_poison(at, size)
#define FUZZ_ALLOW(at, size) ((void)0)
#define FUZZ_UNINITIALISED(at, size) __msan_poison(at, size)
#define FUZZ_INITIALISED(at, size) __msan_unpoison(at, size)
#endif
#endif
#ifndef FUZZ_FORBID
#define FUZZ_FORBID(at, size) ((void)0)
#define FUZZ_ALLOW(at, size) ((void)0)
#endif
#ifndef FUZZ_UNINITIALISED
#define FUZZ_UNINITIALISED(at, size) ((void)0)
#define FUZZ_INITIALISED(at, size) ((void)0)
#endif

#define GUARD 64 /* bytes around what may be touched; wider than any kernel reads at once */
#define SCRIBBLED 16384

/* Two places in turn, so that a stale pointer does not meet the next chunk. */
static alignas(16) uint8_t places[2][GUARD + FUZZ_SIZE_MAX + GUARD];
static unsigned place;
static size_t chunk_size;

uint8_t *fuzz_chunk(const uint8_t *bytes, size_t size)
{
    static bool ready;
    if (!ready) {
        FUZZ_FORBID(places, sizeof places);
        ready = true;
    }
    if (size == 0)
        return NULL;
    place = 1 - place;
    chunk_size = size;
    uint8_t *chunk = places[place] + GUARD;
    FUZZ_ALLOW(chunk, size);
    memcpy(chunk, bytes, size);
    return chunk;
}

void fuzz_chunk_gone(void)
{
    uint8_t *chunk = places[place] + GUARD;
    if (chunk_size == 0)
        return;
    memset(chunk, 0xa5, chunk_size);
    FUZZ_FORBID(chunk, chunk_size);
    chunk_size = 0;
}

typedef struct workspace {
    uint8_t *bytes;
    size_t room, size;
} workspace;

static workspace workspaces[FUZZ_WORKSPACES];

void *fuzz_workspace(unsigned number, size_t size)
{
    workspace *w = &workspaces[number];
    if (size > w->room) {
        if (w->room != 0)
            FUZZ_ALLOW(w->bytes, GUARD + w->room + GUARD);
        free(w->bytes);
        w->room = size + size / 2 + 65536;
        w->bytes = malloc(GUARD + w->room + GUARD);
        if (w->bytes == NULL)
            abort();
        FUZZ_FORBID(w->bytes, GUARD + w->room + GUARD);
    }
    w->size = size;
    FUZZ_ALLOW(w->bytes + GUARD, size);
    if (size <= SCRIBBLED) /* what an earlier input left must not look like a result */
        memset(w->bytes + GUARD, 0xa5, size);
    FUZZ_UNINITIALISED(w->bytes + GUARD, size);
    return w->bytes + GUARD;
}

void fuzz_workspace_gone(unsigned number)
{
    workspace *w = &workspaces[number];
    FUZZ_FORBID(w->bytes + GUARD, w->size);
    w->size = 0;
}

/* ---- The reference decoder's ----------------------------------------------------------------- */

#define REFERENCE_ROOM ((size_t)64 << 20) /* only what is used is ever touched */
#define REFERENCE_HEAD 32                 /* before each piece: its size, then a guard */

static alignas(16) uint8_t reference_bytes[REFERENCE_ROOM];
static size_t reference_used;

void *fuzz_reference_allocate(size_t size)
{
    size_t room = REFERENCE_HEAD + ((size + 15) & ~(size_t)15) + 16;
    if (size > REFERENCE_ROOM || room > REFERENCE_ROOM - reference_used)
        abort();
    uint8_t *head = reference_bytes + reference_used;
    reference_used += room;
    memcpy(head, &size, sizeof size);
    FUZZ_FORBID(head, room);
    FUZZ_ALLOW(head + REFERENCE_HEAD, size);
    FUZZ_UNINITIALISED(head + REFERENCE_HEAD, size);
    return head + REFERENCE_HEAD;
}

void *fuzz_reference_resize(void *piece, size_t size)
{
    void *to = fuzz_reference_allocate(size);
    if (piece == NULL)
        return to;
    uint8_t *head = (uint8_t *)piece - REFERENCE_HEAD;
    size_t before;
    FUZZ_ALLOW(head, 8);
    FUZZ_INITIALISED(head, sizeof before);
    memcpy(&before, head, sizeof before);
    memcpy(to, piece, before < size ? before : size);
    FUZZ_FORBID(head, REFERENCE_HEAD + before);
    return to;
}

void fuzz_reference_free(void *piece)
{
    (void)piece;
}

void fuzz_reference_free_all(void)
{
    FUZZ_ALLOW(reference_bytes, reference_used);
    reference_used = 0;
}
