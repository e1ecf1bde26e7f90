/* decode_restart.h - the sign by which weir-decode sees that a recorded stream was restarted
 *
 * SPDX-License-Identifier: MIT */
#ifndef WEIR_DECODE_RESTART_H
#define WEIR_DECODE_RESTART_H

#include "../parser/weir.h"

#define RESTART_MARK_MAX 24 /* `<stream:stream` and to spare; a longer name of a header gives no sign */

/* What the tag of a stream header begins with: `<` and the qualified name. */
typedef struct restart_mark {
    uint8_t bytes[RESTART_MARK_MAX];
    size_t size; /* 0: no header, no sign */
} restart_mark;

typedef enum restart_sign { RESTART_NO, RESTART_YES, RESTART_MAYBE } restart_sign;

void restart_mark_set(restart_mark *mark, weir_slice prefix, weir_slice local);

/* Whether `bytes`, where a first-level element may begin, begin a stream instead: with the mark and S, `/` or `>`, or,
 * where `declaration` allows it, with `<?xml` and S. MAYBE: more bytes are needed; never with more than
 * RESTART_MARK_MAX of them there. */
restart_sign restart_sign_of(const restart_mark *mark, bool declaration, const uint8_t *bytes, size_t size);

#endif
