/* differential.c - fuzz target: the decoder, as the input's header says, against the reference decoder (invariants 1,
 * 2, 3, 8)
 *
 * SPDX-License-Identifier: MIT */
#include "common/run.h"
#include "common/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static fuzz_record decoder, reference;
    fuzz_input in;
    if (!fuzz_input_read(&in, data, size))
        return 0;
    (void)fuzz_decode(&in, &(fuzz_sink){.record = &decoder});
    (void)fuzz_decode_reference(&in, &(fuzz_sink){.record = &reference});
    if (!fuzz_record_equal(&decoder, &reference))
        fuzz_broken("8 (agreement)", "decoder and reference decoder differ", &in, NULL);
    return 0;
}
