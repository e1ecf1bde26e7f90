/* differential.c - fuzz target: the decoder, as the input's header says, against the reference decoder (invariants 1,
 * 2, 3, 8); or, where `spare` says so, with each of the 256 bytes in one place
 *
 * SPDX-License-Identifier: MIT */
#include "common/run.h"
#include "common/target.h"

#include <string.h>

#define EACH 15u      /* `spare`: the byte at the place that the second gap says becomes each of the 256 */
#define EACH_MOST 100 /* bytes of an input: longer ones take too long */

uint8_t fuzz_costly = 0x80;

static void compare(const fuzz_input *in)
{
    static fuzz_record decoder, reference;
    (void)fuzz_decode(in, &(fuzz_sink){.record = &decoder});
    (void)fuzz_decode_reference(in, &(fuzz_sink){.record = &reference});
    if (!fuzz_record_equal(&decoder, &reference))
        fuzz_broken("8 (agreement)", "decoder and reference decoder differ", in, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t bytes[EACH_MOST];
    fuzz_input in;
    if (!fuzz_input_read(&in, data, size))
        return 0;
    if (in.spare != EACH || in.size == 0 || in.size > EACH_MOST) {
        compare(&in);
        return 0;
    }
    memcpy(bytes, in.bytes, in.size);
    uint8_t *place = bytes + in.gaps[1] % in.size;
    in.bytes = bytes;
    for (unsigned byte = 0; byte < 256; byte++) {
        *place = (uint8_t)byte;
        compare(&in);
    }
    return 0;
}
