/* afl_mutator.c - the mutator of the targets for AFL++ (AFL_CUSTOM_MUTATOR_LIBRARY)
 *
 * SPDX-License-Identifier: MIT */
#include "input.h"

#include <stdlib.h>
#include <string.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size, uint8_t *out,
                                 size_t max_out_size, unsigned int seed);
void *afl_custom_init(void *afl, unsigned int seed);
size_t afl_custom_fuzz(void *state, uint8_t *data, size_t size, uint8_t **out, uint8_t *other, size_t other_size,
                       size_t max_size);
void afl_custom_deinit(void *state);

typedef struct afl_mutator {
    uint64_t random;
    uint8_t out[FUZZ_SIZE_MAX];
} afl_mutator;

static uint64_t next_random(uint64_t *random)
{
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return *random >> 16;
}

/* In place of libFuzzer's own: AFL++ makes such changes better by itself, so one is enough. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size)
{
    static uint64_t random = 88172645463325252u;
    uint8_t byte = (uint8_t)next_random(&random);
    if (size == 0 && max_size > 0)
        data[size++] = byte;
    else if (size > 0)
        data[next_random(&random) % size] = byte;
    return size;
}

void *afl_custom_init(void *afl, unsigned int seed)
{
    afl_mutator *m = malloc(sizeof *m);
    (void)afl;
    if (m != NULL)
        m->random = seed ^ 0x9e3779b97f4a7c15u;
    return m;
}

size_t afl_custom_fuzz(void *state, uint8_t *data, size_t size, uint8_t **out, uint8_t *other, size_t other_size,
                       size_t max_size)
{
    afl_mutator *m = state;
    unsigned seed = (unsigned)next_random(&m->random);
    size_t made = 0;
    max_size = max_size < FUZZ_SIZE_MAX ? max_size : FUZZ_SIZE_MAX;
    size = size < max_size ? size : max_size;
    if (other != NULL && seed % 4 == 0)
        made = LLVMFuzzerCustomCrossOver(data, size, other, other_size, m->out, max_size, seed);
    if (made == 0) {
        memcpy(m->out, data, size);
        made = LLVMFuzzerCustomMutator(m->out, size, max_size, seed);
    }
    *out = m->out;
    return made;
}

void afl_custom_deinit(void *state)
{
    free(state);
}
