/* reference.h - the reference decoder: the language of weir.h, written a second time for the reader
 *
 * The whole input lies in one buffer; allocation and bounded recursion are allowed; speed is not a concern. It
 * follows the specifications production by production, shares no code or table with parser/decoder, and must give
 * the same events, verdict, code and offset for every input.
 *
 * SPDX-License-Identifier: MIT */
#ifndef WEIR_REFERENCE_H
#define WEIR_REFERENCE_H

#include "../weir.h"

typedef struct reference_input {
    const uint8_t *bytes; /* stream, document: the input; websocket: the messages one after the other */
    size_t size;
    const size_t *message_ends; /* websocket: the offset after each message, ascending; the last is `size` */
    size_t message_count;
} reference_input;

typedef struct reference_callbacks {
    void *context; /* given to each */

    /* Every event in order; slices die when it returns. Text may come in pieces of whole code points, white space
     * comes one character at a time. Not NULL. */
    void (*event)(void *context, const weir_event *event);

    /* NULL, or asked at each place between first-level elements, and between the messages of websocket framing,
     * where at least one more byte follows at `offset` (in stream framing: before every byte there, white space
     * included, in order; in websocket framing: before every message that is not empty). Not asked before the
     * header, after the close, and in document framing. `header` is the qualified name of the stream's header.
     * True: the caller restarts the stream there, with `*limits` (which it may change, to such as weir_limits
     * allows; else the verdict is MISUSE); the reference decoder then goes on as after weir_restart. */
    bool (*restart)(void *context, size_t offset, weir_slice header, weir_limits *limits);
} reference_callbacks;

typedef struct reference_verdict {
    /* WEIR_COMPLETE, WEIR_NEED_MORE (cut short), or an error; WEIR_E_MISUSE: the configuration (its kernel is not
     * looked at) or message_ends are not acceptable */
    weir_status code;
    uint64_t offset; /* of the error; else `size` */
} reference_verdict;

/* In websocket framing each message is finished at its end; complete is when each was whole (choice 26). Want of
 * memory ends the program: there is no verdict for it. */
reference_verdict reference_decode(const weir_config *config, const reference_input *input,
                                   const reference_callbacks *callbacks);

#endif
