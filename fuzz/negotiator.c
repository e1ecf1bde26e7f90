/* negotiator.c - fuzz target: the negotiation of a stream, either end, SASL by a stub
 *
 * Each input that is split is played twice: in the chunks that its header says, and in segments as they are. Both must
 * give the same events, the same output, the same end. What else is watched stands in common/negotiation.h.
 *
 * SPDX-License-Identifier: MIT */
#include "common/negotiation.h"
#include "common/target.h"

#include <string.h>

static negotiation whole, split;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in;
    if (!negotiation_read(&whole, &in, data, size) || !negotiation_read(&split, &in, data, size))
        return 0;
    negotiation_play(&split, &in, true);
    if (in.split == FUZZ_SPLIT_NOT)
        return 0; /* the same again */
    negotiation_play(&whole, &in, false);
    if (whole.recorded != split.recorded || memcmp(whole.record, split.record, whole.recorded) != 0)
        watch_fail(&split, "other events when the bytes are split otherwise");
    if (whole.said != split.said || memcmp(whole.output, split.output, whole.said) != 0)
        watch_fail(&split, "other output when the bytes are split otherwise");
    return 0;
}
