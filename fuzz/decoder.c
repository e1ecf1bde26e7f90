/* decoder.c - fuzz target: the decoder alone
 *
 * What needs no second opinion: the input as its header says, watched (invariants 6, 7, 11 and the promises of weir.h,
 * see common/run.c), then whole or in another split with another kernel: invariants 1 and 2.
 *
 * SPDX-License-Identifier: MIT */
#include "common/run.h"
#include "common/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static fuzz_record first, second;
    fuzz_input in, other;
    if (!fuzz_input_read(&in, data, size))
        return 0;
    (void)fuzz_decode(&in, &(fuzz_sink){.record = &first});
    other = in;
    other.park = other.empty_chunks = false;
    other.config.kernel = in.config.kernel == WEIR_KERNEL_PORTABLE ? WEIR_KERNEL_AUTO : WEIR_KERNEL_PORTABLE;
    other.split = in.split == FUZZ_SPLIT_NOT ? FUZZ_SPLIT_ONCE : FUZZ_SPLIT_NOT;
    (void)fuzz_decode(&other, &(fuzz_sink){.record = &second});
    if (!fuzz_record_equal(&first, &second))
        fuzz_broken("1 (split invariance) or 2 (kernel invariance)", "two ways to decode it differ", &in, &other);
    return 0;
}
