/* usual.h - the usual event, when all of it lies in the input
 *
 * Most events are of a few kinds: a start tag that makes at most one declaration; its end; text. Such a one is read in
 * one go, straight into the event. Whatever else there is, faults above all, is left to the state machine, which alone
 * judges: nothing is refused here, and before the event was found usual as a whole nothing changes but what no tag has
 * a claim on yet: the event's attributes, and the room for the bytes of a tag and for text that waits.
 *
 * SPDX-License-Identifier: MIT */
#ifndef WEIR_USUAL_H
#define WEIR_USUAL_H

#include "internal.h"

#define WEIR_SHORT 16u /* bytes of a chunk that are looked at one by one */

/* Of the bytes at input->data, which are 4 or more, the first is a `<`, the second may begin a name. */
weir_status weir_usual_start_tag(weir_decoder *d, weir_slice *input, weir_event *e);

/* There is a byte, and it is no `<`; no character and no text waits. */
weir_status weir_usual_text(weir_decoder *d, weir_slice *input, weir_event *e);

/* The bytes of input, as far as the element limit leaves them. */
WEIR_INLINE uint32_t weir_whole(const weir_decoder *d, const weir_slice *input)
{
    uint64_t stop = d->element_stop - d->offset;
    uint32_t end = input->size < WEIR_WINDOW_MAX ? (uint32_t)input->size : WEIR_WINDOW_MAX;
    return stop < end ? (uint32_t)stop : end;
}

WEIR_INLINE weir_status weir_advance(weir_decoder *d, weir_slice *input, uint32_t size, weir_status type)
{
    d->offset += size;
    input->data += size;
    input->size -= size;
    return type;
}

#endif
