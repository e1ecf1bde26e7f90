/* stanza_text.h - first-level elements, written again from the decoder's events
 *
 * What comes out means the same as what came in and stands for itself: every namespace is declared where it begins, no
 * prefix but of attributes is kept, and it is one line of printable characters: line feeds, tabs, other controls are
 * character references, so that it can go to a terminal.
 *
 * SPDX-License-Identifier: MIT */
#ifndef STANZA_TEXT_H
#define STANZA_TEXT_H

#include "../../parser/weir.h"

typedef struct stanza_text {
    bool failed; /* out of memory: the text is not whole */
    /* In place of these attributes of the first-level element; NULL: as they are. Only looked at during START of depth
     * 2. */
    const char *from, *to;
    /* private */
    char *text;
    size_t size, room;
    char *open; /* namespace names of the open elements, NULs between */
    size_t open_size, open_room;
    bool tag; /* a start tag waits for its `>` */
} stanza_text;

void stanza_text_init(stanza_text *text);
void stanza_text_free(stanza_text *text);

/* START, TEXT and END of depth 2 and more; others are passed over. true: with this END an element is whole. The START
 * of the next begins anew. */
bool stanza_text_add(stanza_text *text, const weir_event *event);

weir_slice stanza_text_whole(const stanza_text *text);

/* For texts made by hand: as they stand, and escaped for a value or for content. */
void stanza_text_begin(stanza_text *text);
void stanza_text_put(stanza_text *text, const char *markup);
void stanza_text_escape(stanza_text *text, weir_slice value);

#endif
