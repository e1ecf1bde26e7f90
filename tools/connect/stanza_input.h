/* stanza_input.h - cuts what is typed or piped in into first-level elements
 *
 * A decoder reads along, in a stream of the same content namespace as the one that they are sent in: what is no stanza
 * is refused here, with its position, and never sent. White space between them is left out.
 *
 * SPDX-License-Identifier: MIT */
#ifndef CONNECT_STANZA_INPUT_H
#define CONNECT_STANZA_INPUT_H

#include "../../parser/weir.h"

typedef struct stanza_input stanza_input;

typedef enum stanza_status {
    STANZA_WHOLE, /* *stanza is one, as written; valid until the next call */
    STANZA_MORE,  /* nothing whole is left: stanza_input_add, or the end of input */
    STANZA_END,   /* the closing tag of the stream stands there */
    STANZA_ERROR  /* error and offset; final */
} stanza_status;

stanza_input *stanza_input_new(bool server); /* NULL: no memory */
void stanza_input_free(stanza_input *input); /* NULL is legal */

/* false: no memory. Only after STANZA_MORE. */
bool stanza_input_add(stanza_input *input, const uint8_t *bytes, size_t size);
stanza_status stanza_input_next(stanza_input *input, weir_slice *stanza);

bool stanza_input_between(const stanza_input *input); /* nothing is begun: the input may end here */
size_t stanza_input_left(const stanza_input *input); /* bytes that no stanza was made of; without white space before */
/* What is wrong, and at which byte of what was added. */
weir_error stanza_input_error(const stanza_input *input);

#endif
