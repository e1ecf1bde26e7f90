/* mutator.c - the mutator of all targets: the header by its fields, the rest as XML, some of it by the engine's own
 * changes
 *
 * SPDX-License-Identifier: MIT */
#include "mutator.h"

#include "input.h"
#include "target.h"

#include <string.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size, uint8_t *out,
                                 size_t max_out_size, unsigned int seed);

uint32_t fuzz_random(fuzz_text *t, uint32_t below)
{
    t->random ^= t->random << 13;
    t->random ^= t->random >> 7;
    t->random ^= t->random << 17;
    return below == 0 ? 0 : (uint32_t)((t->random >> 20) % below);
}

bool fuzz_replace(fuzz_text *t, size_t at, size_t cut, const void *bytes, size_t size)
{
    if (t->size - cut + size > t->max)
        return false;
    memmove(t->bytes + at + size, t->bytes + at + cut, t->size - at - cut);
    memmove(t->bytes + at, bytes, size);
    t->size = t->size - cut + size;
    return true;
}

/* ---- The header ------------------------------------------------------------------------------ */

/* A limit that this very input meets, just passes or just keeps: what fails is an off by one. */
static void set_limit(fuzz_text *t, uint8_t *header)
{
    uint32_t measures[7];
    uint32_t which = fuzz_random(t, 7);
    if (fuzz_random(t, 4) == 0) {
        memset(header + 5, 0, 7);
        return;
    }
    fuzz_measure(t, measures);
    uint32_t limit = measures[which] + fuzz_random(t, 3);
    limit = limit > 0 ? limit - 1 : 0;
    if (fuzz_random(t, 8) == 0)
        limit = 1 + fuzz_random(t, 40);
    header[5 + which] = (uint8_t)(limit <= 200 ? limit : 201 + fuzz_random(t, 55));
}

static void set_split(fuzz_text *t, uint8_t *header)
{
    header[3] = (uint8_t)(fuzz_random(t, 4) != 0 ? fuzz_random(t, 8) : FUZZ_SPLIT_NOT); /* what is usual lies whole */
    header[4] = (uint8_t)fuzz_random(t, fuzz_random(t, 2) != 0 && t->size < 256 ? (uint32_t)t->size + 1 : 24);
    for (size_t i = 12; i < FUZZ_HEADER; i++)
        header[i] = (uint8_t)fuzz_random(t, fuzz_random(t, 2) != 0 ? 8 : 64);
}

static void mutate_header(fuzz_text *t, uint8_t *header)
{
    switch (fuzz_random(t, 12)) {
    case 0: header[0] = (uint8_t)((header[0] & ~3u) | fuzz_random(t, 3)); break;
    case 1: header[0] = (uint8_t)((header[0] & 3u) | fuzz_random(t, 64) << 2); break;
    case 2: header[1] = (uint8_t)fuzz_random(t, 256); break;
    case 3: header[2] = (uint8_t)fuzz_random(t, 128); break;
    case 4: header[2] = (uint8_t)fuzz_random(t, 4); break;
    case 5: /* fall through */
    case 6: /* fall through */
    case 7: set_limit(t, header); break;
    default: set_split(t, header); break;
    }
}

/* Of targets that do not define it. */
__attribute__((weak)) uint8_t fuzz_costly = 0;

/* ---- The entries that libFuzzer knows -------------------------------------------------------- */

static fuzz_text text_of(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    fuzz_text t = {data + FUZZ_HEADER, size - FUZZ_HEADER, max_size - FUZZ_HEADER, 0};
    t.random = ((uint64_t)seed << 32 | seed) ^ 0x9e3779b97f4a7c15u;
    (void)fuzz_random(&t, 1);
    (void)fuzz_random(&t, 1);
    return t;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
    if (max_size < FUZZ_HEADER)
        return LLVMFuzzerMutate(data, size, max_size);
    if (size < FUZZ_HEADER) {
        memset(data + size, 0, FUZZ_HEADER - size);
        size = FUZZ_HEADER;
    }
    fuzz_text t = text_of(data, size, max_size, seed);
    if ((data[1] & fuzz_costly) != 0 && fuzz_random(&t, 16) != 0)
        data[1] &= (uint8_t)~fuzz_costly; /* or most of the time would go there */
    uint32_t changes = 1 + fuzz_random(&t, 3);
    while (changes-- > 0) {
        uint32_t kind = fuzz_random(&t, 16);
        if (kind < 3)
            mutate_header(&t, data);
        else if (kind < 6 && t.max > 0)
            t.size = LLVMFuzzerMutate(t.bytes, t.size, t.max);
        else
            fuzz_mutate_xml(&t);
    }
    if (fuzz_random(&t, 3) == 0)
        fuzz_repair(&t, data[0] & 3u);
    return FUZZ_HEADER + t.size;
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size, uint8_t *out,
                                 size_t max_out_size, unsigned int seed)
{
    size_t begin, end;
    if (a_size < FUZZ_HEADER || b_size < FUZZ_HEADER || max_out_size < a_size)
        return 0;
    memcpy(out, a, a_size);
    fuzz_text t = text_of(out, a_size, max_out_size, seed);
    if (fuzz_random(&t, 4) == 0)
        memcpy(out + 3, b + 3, FUZZ_HEADER - 3);
    if (!fuzz_pick_element(&t, b + FUZZ_HEADER, b_size - FUZZ_HEADER, &begin, &end))
        return 0;
    size_t at = fuzz_pick_place(&t);
    if (!fuzz_replace(&t, at, 0, b + FUZZ_HEADER + begin, end - begin))
        return 0;
    return FUZZ_HEADER + t.size;
}
